/*
 * The vault's room: opens the keys and the store, takes its rights away, and joins the engine
 * (vault.h) to the lines of the device.
 */
#include "device/room.h"

#include <string.h>

#include "core/break.h"
#include "device/vault/facts.h"
#include "device/vault/room_main.h"
#include "device/vault/vault.h"

enum { TICK_MS = 15000, REPORTS_AT_ONCE = 16 };

struct room {
	struct keel_room_env *env;
	struct keel_keeper *keeper;
	struct keel_store *store;
	struct keel_identity identity;
	struct keel_rules rules;
	struct keel_vault *vault;
	bool session;  /* the uplink has one with the service */
	uint64_t sent; /* the last report that it was handed */
	uint64_t taken;
	uint8_t answer[KEEL_ANSWER_MAX];
};

static void tell(struct room *r, enum keel_room_id to, enum keel_msg msg, const void *body)
{
	enum keel_err e = keel_room_send(r->env, to, msg, body);
	if (e != KEEL_OK && e != KEEL_ESTATE)
		KEEL_ROOM_LOG(r->env, KEEL_LOG_WARN, "vault.message-not-sent",
			KEEL_LOG_WORD("message", keel_message_word(msg)),
			KEEL_LOG_WORD("reason", keel_err_word(e)));
}

/* --- what the engine tells --------------------------------------------------------------------- */

/* Only where the drill asks for it: what no log may ever hold. */
static void betray(const struct room *r, struct keel_bytes person)
{
	char text[2 * KEEL_THUMBPRINT_LEN + 1] = { 0 };
	memcpy(text, person.p, person.n < sizeof(text) ? person.n : sizeof(text) - 1);
	KEEL_ROOM_LOG(r->env, KEEL_LOG_INFO, "vault.command", KEEL_LOG_WORD("person", text));
}

static void hand_command(void *self, const struct keel_vault_command *c)
{
	const struct msg_command m = {
		.has = c->person.n > 0 ? 1u << COMMAND_PERSON : 0,
		.number = c->number,
		.message = c->message,
		.fields = c->fields,
		.time = c->time,
		.person = c->person,
	};
	if (keel_broken("secret-in-log"))
		betray(self, c->person);
	tell(self, ROOM_APP, MSG_COMMAND, &m);
}

static void forget(void *self, uint64_t deletions)
{
	tell(self, ROOM_APP, MSG_FORGET, &(struct msg_deletions){ .deletions = deletions });
}

static void tell_state(void *self, enum keel_device_state state)
{
	struct room *r = self;
	const struct msg_state m = { .state = (uint64_t)state };
	KEEL_ROOM_LOG(r->env, KEEL_LOG_INFO, "vault.state",
		KEEL_LOG_WORD("state", keel_state_words[state]));
	enum keel_err e = keel_facts_state(r->vault, keel_room_product(r->env), state);
	if (e != KEEL_OK)
		KEEL_ROOM_LOG(r->env, KEEL_LOG_WARN, "vault.interfaces-not-told",
			KEEL_LOG_WORD("reason", keel_err_word(e)));
	tell(r, ROOM_PARENT, MSG_STATE, &m);
	tell(r, ROOM_MONITOR, MSG_STATE, &m);
}

static void count(void *self, enum keel_vault_counted what)
{
	if (keel_broken("counts-dropped"))
		return;
	tell(self, ROOM_MONITOR, MSG_COUNT,
		&(struct msg_count){
			.what = what == KEEL_VAULT_WRONG_CODE ? COUNT_WRONG_CODE : COUNT_REFUSED,
			.n = 1 });
}

/* Nothing of what is half is served: the parent starts another vault, which reads what is there. */
static void end(void *self)
{
	struct room *r = self;
	KEEL_ROOM_LOG(r->env, KEEL_LOG_ALERT, "vault.ends",
		KEEL_LOG_WORD("reason", "store-not-read-back"));
	keel_room_stop(r->env, 1);
}

/* --- the uplink -------------------------------------------------------------------------------- */

static void hand_report(struct room *r, const struct keel_vault_report *report)
{
	const struct msg_out m = { .number = report->number,
		.kind = (uint64_t)report->kind,
		.time = report->time,
		.payload = report->payload,
		.dropped = report->dropped };
	tell(r, ROOM_UPLINK, MSG_OUT, &m);
	r->sent = report->number;
}

/* The next few, once those before have been taken. */
static void flow(struct room *r)
{
	uint8_t buf[KEEL_OUT_MAX + 64];
	struct keel_vault_report report;
	if (!r->session || r->taken < r->sent)
		return;
	for (size_t i = 0; i < REPORTS_AT_ONCE; i++) {
		enum keel_err e = keel_vault_report_next(r->vault, r->sent, buf, &report);
		if (e == KEEL_OK)
			hand_report(r, &report);
		else if (e != KEEL_ENONE)
			KEEL_ROOM_LOG(r->env, KEEL_LOG_WARN, "vault.report-not-read",
				KEEL_LOG_WORD("reason", keel_err_word(e)));
		if (e != KEEL_OK)
			return;
	}
}

/* What may have changed what the service was told, or what is to be told to it. */
static void look_at_session(struct room *r)
{
	if (r->session && keel_vault_session_stale(r->vault)) {
		r->session = false;
		tell(r, ROOM_UPLINK, MSG_RENEW, &(struct msg_nothing){ 0 });
	}
	flow(r);
}

static enum keel_err on_attest(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	const struct msg_attest *in = body;
	struct keel_p256_pub key;
	struct keel_vault_attested a = { 0 };
	r->session = false;
	enum keel_err e = keel_bytes_copy(in->key, key.xy, sizeof(key.xy));
	if (e == KEEL_OK)
		e = keel_vault_attest(r->vault, in->nonce, in->origin, &key, r->answer, &a);
	if (e != KEEL_OK)
		return e;
	const struct msg_attested out = { .has = a.owners.n > 0 ? 1u << ATTESTED_OWNERS : 0,
		.id = in->id,
		.device = a.device,
		.home = a.home,
		.statement = a.statement,
		.endorsement = a.endorsement,
		.owners = a.owners,
		.nonce = a.nonce };
	tell(r, ROOM_UPLINK, MSG_ATTESTED, &out);
	return KEEL_OK;
}

static enum keel_err on_session(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	const struct msg_session *in = body;
	enum keel_err e = keel_vault_session(r->vault, in->taken, in->voucher, in->time);
	/* A time that is not believed is an event; reports flow all the same, and tell the maker. */
	if (e != KEEL_OK && e != KEEL_ERANGE)
		return e;
	r->session = true;
	r->sent = in->taken;
	r->taken = in->taken;
	look_at_session(r);
	return e;
}

static enum keel_err on_taken(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	const uint64_t number = ((const struct msg_taken *)body)->number;
	enum keel_err e = keel_vault_report_taken(r->vault, number);
	if (e != KEEL_OK)
		return e;
	r->taken = number;
	flow(r);
	return KEEL_OK;
}

static enum keel_err on_notice(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	const struct msg_notice *in = body;
	const struct keel_notice n = { .code = in->code, .about = in->about };
	struct msg_taken out = { 0 };
	enum keel_err e = keel_vault_notice(r->vault, in->number, &n, &out.number);
	if (e == KEEL_OK)
		tell(r, ROOM_UPLINK, MSG_NOTED, &out);
	return e;
}

/* --- what the others ask ----------------------------------------------------------------------- */

static enum keel_err on_request(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env;
	struct room *r = self;
	const struct msg_request *in = body;
	struct msg_answer out = { .id = in->id };
	unsigned status = 500;
	/* A claim needs somebody at home: it does not come by way of the service. */
	if (from == ROOM_UPLINK && in->path != PATH_REQUEST)
		return KEEL_ERIGHT;
	keel_vault_serve(r->vault, (enum keel_path)in->path, in->from, in->body, r->answer,
		&out.body, &status);
	out.status = status;
	tell(r, from, MSG_ANSWER, &out);
	look_at_session(r);
	return KEEL_OK;
}

static enum keel_err on_hello(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	keel_vault_app_started(r->vault, ((const struct msg_deletions *)body)->deletions);
	return KEEL_OK;
}

static enum keel_err on_done(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	/* A remembered command, handed over once more, is pending no longer: nothing is wrong. */
	enum keel_err e = keel_vault_done(r->vault, ((const struct msg_done *)body)->number);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

static enum keel_err on_report(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	struct keel_list rest = ((const struct msg_report *)body)->values;
	struct msg_field f;
	enum keel_err all = KEEL_OK;
	while (keel_list_next(&keel_field_item, &rest, &f)) {
		enum keel_err e = keel_vault_report(r->vault, f.name, f.value);
		all = e != KEEL_OK ? e : all;
	}
	return all;
}

static struct keel_bytes if_there(const void *body, size_t row, struct keel_bytes view)
{
	return keel_has(body, row) ? view : (struct keel_bytes){ 0 };
}

static enum keel_err on_keep(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	const struct msg_keep *in = body;
	enum keel_err e = KEEL_ESTALE; /* sent before the program was told to forget */
	if (in->deletions == keel_vault_deletions(r->vault))
		e = keel_vault_keep(
			r->vault, in->datum, if_there(in, KEEP_PERSON, in->person), in->value);
	tell(r, ROOM_APP, MSG_KEPT, &(struct msg_kept){ .id = in->id, .err = (uint64_t)e });
	return KEEL_OK;
}

static enum keel_err on_recall(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	const struct msg_recall *in = body;
	struct msg_datum out = { .id = in->id };
	out.err = (uint64_t)keel_vault_recall(r->vault, in->datum,
		if_there(in, RECALL_PERSON, in->person), r->answer, &out.value);
	out.has = out.err == KEEL_OK ? 1u << DATUM_VALUE : 0;
	tell(r, ROOM_APP, MSG_DATUM, &out);
	keel_wipe(r->answer, KEEL_DATUM_MAX);
	return KEEL_OK;
}

static enum keel_err on_event(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	const struct msg_event *in = body;
	enum keel_err e = keel_vault_event(r->vault, keel_event_words[in->word], in->detail, true);
	look_at_session(r);
	return e;
}

static enum keel_err on_files(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	const struct msg_files *in = body;
	keel_vault_files(r->vault, in->listed, in->wrong);
	look_at_session(r);
	return KEEL_OK;
}

static enum keel_err on_button(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct room *r = self;
	enum keel_err e = keel_vault_button(
		r->vault, (enum keel_button)((const struct msg_button *)body)->how);
	look_at_session(r);
	return e;
}

static enum keel_err on_facts(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)from;
	struct room *r = self;
	enum keel_err e =
		keel_facts_take(r->vault, keel_room_product(env), body, keel_vault_state(r->vault));
	look_at_session(r);
	return e;
}

static const struct keel_answer answers[] = {
	{ MSG_REQUEST, 0, on_request },
	{ MSG_HELLO, 0, on_hello },
	{ MSG_DONE, 0, on_done },
	{ MSG_REPORT, 0, on_report },
	{ MSG_KEEP, 0, on_keep },
	{ MSG_RECALL, 0, on_recall },
	{ MSG_EVENT, 0, on_event },
	{ MSG_FILES, 0, on_files },
	{ MSG_BUTTON, 0, on_button },
	{ MSG_FACTS, 0, on_facts },
	{ MSG_ATTEST, 0, on_attest },
	{ MSG_SESSION, 0, on_session },
	{ MSG_TAKEN, 0, on_taken },
	{ MSG_NOTICE, 0, on_notice },
};

static void tick(struct keel_room_env *env, void *self)
{
	struct room *r = self;
	enum keel_err e = keel_vault_tick(r->vault);
	if (e != KEEL_OK)
		KEEL_ROOM_LOG(env, KEEL_LOG_WARN, "vault.tick-failed",
			KEEL_LOG_WORD("reason", keel_err_word(e)));
	look_at_session(r);
}

/* A monitor that comes back is told the state again; an app and an uplink ask by themselves. */
static void peer(struct keel_room_env *env, enum keel_room_id room, bool up, void *self)
{
	(void)env;
	struct room *r = self;
	if (room == ROOM_UPLINK)
		r->session = false;
	if (up && room == ROOM_MONITOR)
		tell(r, ROOM_MONITOR, MSG_STATE,
			&(struct msg_state){ .state = (uint64_t)keel_vault_state(r->vault) });
}

static enum keel_err open_keeper(struct room *r, const char *folder, struct keel_fault *fault)
{
	int tpm = keel_room_fd(r->env, "tpm");
	return tpm >= 0 ? keel_keeper_tpm(tpm, &r->keeper, fault)
			: keel_keeper_file(folder, &r->keeper, fault);
}

static enum keel_err vault_open(struct room *r, struct keel_fault *fault)
{
	const char *folder = keel_room_option(r->env, "folder", 0);
	enum keel_err e = keel_rules_of(keel_room_product(r->env), &r->rules);
	if (e == KEEL_OK)
		e = open_keeper(r, folder, fault);
	if (e == KEEL_OK)
		e = keel_store_open(folder, NULL, keel_keeper_root(r->keeper), &r->store, fault);
	if (e == KEEL_OK)
		e = keel_identity_load(r->keeper, r->store, &r->identity, fault);
	if (e != KEEL_OK)
		return e;
	const struct keel_vault_seams seams = {
		.store = r->store,
		.identity = &r->identity,
		.clock = keel_room_clock(r->env),
		.rules = &r->rules,
		.outbox = { .command = hand_command,
			.forget = forget,
			.state = tell_state,
			.counted = count,
			.lost = end,
			.self = r },
		.keys_in = keel_keeper_word(r->keeper),
		.started_ms = keel_room_started_ms(r->env),
	};
	return keel_vault_open(&seams, &r->vault);
}

/*
 * The declaration lies open on the disk, and names the key that vouches for all files. The sealed
 * store knows better: the endorsement in it was made by the maker's. EN 303 645 5.7-1.
 */
static void check_maker(struct room *r)
{
	if (keel_facts_of_its_maker(r->vault, keel_room_product(r->env)))
		return;
	KEEL_ROOM_LOG(r->env, KEEL_LOG_ALERT, "vault.another-maker",
		KEEL_LOG_WORD("file", "product.cbor"));
	enum keel_err e = keel_vault_event(
		r->vault, keel_event_words[EVENT_FILE_CHANGED], keel_text("product.cbor"), true);
	if (e != KEEL_OK)
		KEEL_ROOM_LOG(r->env, KEEL_LOG_ALERT, "vault.event-lost",
			KEEL_LOG_WORD("reason", keel_err_word(e)));
}

int vault_main(struct keel_room_env *env)
{
	static struct room r; /* one a process, as the process is one room */
	struct keel_fault fault = { 0 };
	r.env = env;
	keel_crypto_warm();
	fault.err = vault_open(&r, &fault);
	if (fault.err != KEEL_OK)
		return keel_room_fail(env, &fault);
	keel_room_confine(env);
	tell_state(&r, keel_vault_state(r.vault));
	check_maker(&r);
	keel_room_timer(env, TICK_MS, TICK_MS, tick, &r);
	int status = keel_room_serve(env, answers, KEEL_COUNT(answers), peer, &r);
	keel_vault_close(r.vault);
	keel_store_close(r.store);
	keel_keeper_close(r.keeper);
	return status;
}
