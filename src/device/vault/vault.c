#include "device/vault/vault.h"

#include <stdlib.h>
#include <string.h>

#include "core/cbor.h"
#include "device/vault/engine.h"
#include "device/vault/records.h"
#include "owner/endorsement.h"

void vault_tell_state(struct keel_vault *v)
{
	v->s.outbox.state(v->s.outbox.self, keel_vault_state(v));
}

/* One more start of the device, unless it is the vault alone that started anew. */
static enum keel_err count_boot(struct keel_vault *v)
{
	uint8_t buf[64];
	struct keel_bytes value;
	struct boots_record r = { 0 };
	enum keel_err e = keel_record_get(v->s.store, "boots", buf, sizeof(buf), &value);
	if (e == KEEL_OK)
		e = keel_schema_read(&vault_boots_schema, value, &r, NULL);
	if (e != KEEL_OK && e != KEEL_ENONE)
		return e;
	v->boots = r.count;
	if (r.count > 0 && r.started_ms == v->s.started_ms)
		return KEEL_OK;
	r = (struct boots_record){ .count = r.count + 1, .started_ms = v->s.started_ms };
	v->boots = r.count;
	e = keel_store_begin(v->s.store);
	if (e == KEEL_OK)
		e = vault_put(v, "boots", &vault_boots_schema, &r);
	if (e == KEEL_OK)
		return keel_store_commit(v->s.store);
	keel_store_rollback(v->s.store);
	return e;
}

enum keel_err keel_vault_open(const struct keel_vault_seams *seams, struct keel_vault **out)
{
	struct keel_vault *v = calloc(1, sizeof(*v));
	if (v == NULL)
		return KEEL_EIO;
	v->s = *seams;
	v->noted_ms = vault_now_ms(v);
	v->claim_until_ms = v->s.started_ms + CLAIM_WINDOW_MS;
	for (size_t i = 0; i < v->s.rules->telemetries; i++)
		v->telemetry[i].due_ms = v->noted_ms + v->s.rules->telemetry[i].every_s * 1000;
	keel_random(v->boot_key, sizeof(v->boot_key));
	enum keel_err e = keel_unit_load(v->s.store, &v->unit);
	if (e == KEEL_OK)
		e = vault_load(v);
	if (e == KEEL_OK && v->s.rules->service.declared)
		e = count_boot(v);
	if (e != KEEL_OK) {
		keel_vault_close(v);
		return e;
	}
	*out = v;
	return KEEL_OK;
}

void keel_vault_close(struct keel_vault *v)
{
	if (v == NULL)
		return;
	keel_p256_close(&v->ready);
	keel_wipe(v, sizeof(*v));
	free(v);
}

enum keel_device_state keel_vault_state(const struct keel_vault *v)
{
	return (enum keel_device_state)v->home.state;
}

/* --- the door -------------------------------------------------------------------------------- */

static enum vault_no interrogate(struct keel_vault *v, struct keel_bytes body, struct keel_wr *w)
{
	struct keel_statement_args a;
	struct keel_statement_result r = { 0 };
	if (keel_schema_read(&keel_statement_args_schema, body, &a, NULL) != KEEL_OK)
		return NO_FORM;
	enum vault_no no = vault_statement(v, TO_ANYBODY, &a, NULL, &r);
	if (no == NO_NOT)
		keel_schema_write(&keel_statement_result_schema, &r, w);
	return no;
}

static enum vault_no hello(struct keel_vault *v, struct keel_bytes body, struct keel_wr *w)
{
	struct keel_nothing nothing;
	if (keel_schema_read(&keel_nothing_schema, body, &nothing, NULL) != KEEL_OK &&
		!keel_broken("schema-skipped"))
		return NO_FORM;
	return vault_hello(v, w);
}

/* The plain answer of a refusal: a word for programs, a sentence for people. */
static void refuse(const struct keel_vault *v, enum vault_no no, uint64_t wait_s, struct keel_wr *w)
{
	const struct vault_refusal *why = vault_refusal_of(no);
	bool stranger = no == NO_FORM || no == NO_STRANGER;
	const char *said =
		stranger && keel_broken("stranger-told") ? v->owners[0].name : why->sentence;
	const struct keel_refusal body = {
		.has = wait_s > 0 ? 1U << KEEL_REFUSAL_WAIT : 0,
		.word = keel_text(keel_err_word(why->err)),
		.sentence = keel_text(said),
		.wait_s = wait_s,
	};
	keel_schema_write(&keel_refusal_schema, &body, w);
}

void keel_vault_serve(struct keel_vault *v, enum keel_path path, struct keel_bytes from,
	struct keel_bytes body, uint8_t *buf, struct keel_bytes *answer, unsigned *status)
{
	struct keel_wr w = keel_wr_of(buf, KEEL_ANSWER_MAX);
	uint64_t wait_s = 0;
	enum vault_no no = NO_FORM;
	switch (path) {
	case PATH_HELLO:
		no = hello(v, body, &w);
		break;
	case PATH_CLAIM:
		no = vault_claim(v, from, body, &w, &wait_s);
		break;
	case PATH_REQUEST:
		no = vault_request(v, body, &w);
		if (keel_broken("service-told") && keel_bytes_is(from, "service")) {
			keel_wr_text(&w, v->owners[0].name); /* keel owner cuts it off again */
			keel_wr_u16be(&w, (uint16_t)strlen(v->owners[0].name));
		}
		break;
	case PATH_INTERROGATE:
		no = interrogate(v, body, &w);
		break;
	case PATH_COUNT:
		break;
	}
	if (no == NO_NOT && w.err != KEEL_OK)
		no = NO_STORE;
	if (no != NO_NOT) {
		w = keel_wr_of(buf, KEEL_ANSWER_MAX);
		refuse(v, no, wait_s, &w);
	}
	KEEL_MUST(keel_wr_end(&w, answer) == KEEL_OK);
	*status = vault_refusal_of(no)->status;
}

/* --- the button and the clock ---------------------------------------------------------------- */

/* Held: the factory state again, by whoever has the device in their hands. */
static enum keel_err reset(struct keel_vault *v)
{
	struct vault_home next;
	enum keel_err e = vault_begin(v);
	if (e != KEEL_OK)
		return e;
	e = vault_empty_home(v, &next);
	if (e == KEEL_OK)
		e = vault_event_put(v, "reset", keel_text(""), true);
	if (e == KEEL_OK)
		e = keel_store_commit_renew(v->s.store);
	if (e != KEEL_OK)
		keel_store_rollback(v->s.store);
	enum keel_err loaded = vault_reload(v);
	if (e == KEEL_OK)
		e = loaded;
	if (e != KEEL_OK)
		return e;
	v->farewell.n = 0;
	v->claim_until_ms = vault_now_ms(v) + CLAIM_WINDOW_MS;
	vault_tell_forget(v);
	vault_tell_state(v);
	return KEEL_OK;
}

enum keel_err keel_vault_button(struct keel_vault *v, enum keel_button how)
{
	if (how == BUTTON_HELD)
		return reset(v);
	v->claim_until_ms = vault_now_ms(v) + CLAIM_WINDOW_MS;
	v->recover_until_ms = vault_now_ms(v) + RECOVER_WINDOW_MS;
	return KEEL_OK;
}

static enum keel_err end_invites(struct keel_vault *v, uint64_t now)
{
	for (size_t i = 0; i < INVITES_MAX; i++) {
		const struct vault_invite *in = &v->invites[i];
		if (!in->used || now < in->ends_ms)
			continue;
		enum keel_err e = vault_drop_invite(v, in->id);
		if (e != KEEL_OK)
			return e;
	}
	return KEEL_OK;
}

static enum keel_err keep_time(struct keel_vault *v, struct vault_home *home)
{
	*home = v->home;
	if (vault_wall(v) == 0 && home->last_wall_s == 0)
		return KEEL_OK;
	home->last_wall_s = vault_latest(v);
	return vault_put_home(v, home);
}

enum keel_err keel_vault_tick(struct keel_vault *v)
{
	struct vault_home home;
	const uint64_t now = vault_now_ms(v); /* one: what ends in the store ends here */
	if (v->ticked && now - v->ticked_ms < TICK_MS)
		return KEEL_OK;
	enum keel_err e = vault_begin(v);
	if (e != KEEL_OK)
		return e;
	e = vault_write_histories(v);
	if (e == KEEL_OK)
		e = vault_write_done(v);
	if (e == KEEL_OK)
		e = vault_report_telemetry(v);
	if (e == KEEL_OK)
		e = vault_prune(v);
	if (e == KEEL_OK)
		e = end_invites(v, now);
	if (e == KEEL_OK)
		e = keep_time(v, &home);
	if (e == KEEL_OK)
		e = keel_store_commit(v->s.store);
	if (e != KEEL_OK) {
		keel_store_rollback(v->s.store);
		enum keel_err again = vault_reload(v); /* reports stand in memory already */
		return again == KEEL_OK ? e : again;
	}
	v->home = home;
	vault_telemetry_reported(v);
	if (home.last_wall_s > 0) /* whole seconds, so that none is lost */
		v->noted_ms += (vault_now_ms(v) - v->noted_ms) / 1000 * 1000;
	for (size_t i = 0; i < INVITES_MAX; i++)
		if (now >= v->invites[i].ends_ms)
			keel_wipe(&v->invites[i], sizeof(v->invites[i]));
	vault_histories_written(v);
	vault_done_written(v);
	v->ticked = true;
	v->ticked_ms = now;
	return KEEL_OK;
}

/* --- facts ----------------------------------------------------------------------------------- */

static bool copy_list(const struct keel_list *in, uint8_t *to, size_t cap, struct keel_list *out)
{
	if (in->cbor.n > cap)
		return false;
	if (in->cbor.n > 0)
		memcpy(to, in->cbor.p, in->cbor.n);
	*out = (struct keel_list){ { to, in->cbor.n }, in->count };
	return true;
}

bool keel_vault_endorsed_by(const struct keel_vault *v, const struct keel_p256_pub *maker)
{
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement e;
	const struct keel_bytes in = { v->unit.endorsement, v->unit.endorsement_n };
	return keel_endorsement_verify(in, maker, id, &e) == KEEL_OK;
}

void keel_vault_files(struct keel_vault *v, bool listed, uint64_t wrong)
{
	v->facts.listed = listed;
	v->facts.wrong = wrong;
}

enum keel_err keel_vault_facts(struct keel_vault *v, const struct keel_vault_facts *facts)
{
	struct vault_facts *f = &v->facts;
	bool fits =
		copy_list(&facts->measured, f->measured, sizeof(f->measured), &f->lists.measured) &&
		copy_list(&facts->extended, f->extended, sizeof(f->extended), &f->lists.extended) &&
		copy_list(&facts->missing, f->missing, sizeof(f->missing), &f->lists.missing) &&
		copy_list(&facts->open, f->open, sizeof(f->open), &f->lists.open);
	if (fits)
		return KEEL_OK;
	memset(&f->lists, 0, sizeof(f->lists));
	return KEEL_EFULL;
}

enum keel_err keel_vault_interfaces(struct keel_vault *v, const struct keel_list *open)
{
	struct vault_facts *f = &v->facts;
	if (copy_list(open, f->open, sizeof(f->open), &f->lists.open))
		return KEEL_OK;
	f->lists.open = (struct keel_list){ 0 };
	return KEEL_EFULL;
}
