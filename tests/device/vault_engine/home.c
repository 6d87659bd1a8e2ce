#include "device/vault_engine/home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "owner/endorsement.h"

static const struct keel_rules declared = {
	.maker = "Example Heating Ltd",
	.name = "Hearth H1",
	.model = "hearth-h1",
	.version = "1.0.0",
	.support_until = "2033-12-01",
	.messages = 2,
	.message = {
		{ .name = "set temperature", .guests = true, .remembered = true, .count = 1,
		  .fields = { { .name = "celsius", .unit = "°C", .min = 5000, .max = 30000, .step = 500 } } },
		{ .name = "unlock", .may_wait_s = 600 },
	},
	.values = 2,
	.value = { { .name = "temperature", .history = "temperatures" }, { .name = "boiler", .history = "presence" } },
	.telemetries = 2,
	.telemetry = {
		{ .name = "starts", .unit = "count", .max = 1000000, .every_s = 3600 },
		{ .name = "boiler", .unit = "%", .max = 100000, .every_s = 60 },
	},
	.data = 4,
	.datum = {
		{ .name = "temperatures", .for_s = 30 * 86400 },
		{ .name = "presence", .consent = true },
		{ .name = "schedule" },
		{ .name = "diary", .person = true, .for_s = 86400 },
	},
};

static void command(void *self, const struct keel_vault_command *c)
{
	struct home *h = self;
	struct home_sent *s = &h->sent[h->sents++ % HOME_SENT_MAX];
	struct keel_list rest = c->fields;
	struct keel_field_item f = { 0 };
	s->number = c->number;
	snprintf(s->message, sizeof(s->message), "%.*s", (int)c->message.n,
		(const char *)c->message.p);
	snprintf(s->person, sizeof(s->person), "%.*s", (int)c->person.n, (const char *)c->person.p);
	s->value = keel_list_next(&keel_field_item_row, &rest, &f) ? f.value : 0;
}

static void forget(void *self, uint64_t deletions)
{
	struct home *h = self;
	h->forgets++;
	h->deletions = deletions;
}

static void state(void *self, enum keel_device_state s)
{
	((struct home *)self)->state = s;
}

static void counted(void *self, enum keel_vault_counted what)
{
	struct home *h = self;
	*(what == KEEL_VAULT_REFUSED ? &h->refused : &h->wrong) += 1;
}

static void lost(void *self)
{
	((struct home *)self)->lost = true;
}

static enum keel_err open_keeper(struct home *h)
{
	struct keel_fault fault;
	return h->tpm != NULL ? keel_keeper_tpm(swtpm_connect(h->tpm), &h->keeper, &fault)
			      : keel_keeper_file(h->dir, &h->keeper, &fault);
}

static bool open_store(struct home *h)
{
	struct keel_fault fault;
	bool own = h->root.write == NULL;
	if (h->keeper == NULL && open_keeper(h) != KEEL_OK)
		return false;
	return keel_store_open(own ? h->dir : "d", h->vfs,
		       own ? keel_keeper_root(h->keeper) : h->root, &h->store, &fault) == KEEL_OK;
}

bool home_open(struct home *h)
{
	struct keel_fault fault;
	if (!open_store(h))
		return false;
	if (keel_identity_load(h->keeper, h->store, &h->identity, &fault) != KEEL_OK)
		return false;
	h->clock = keel_test_clock_of(&h->time);
	const struct keel_vault_seams seams = { h->store, &h->identity, &h->clock, &h->rules,
		{ command, forget, state, counted, lost, h }, keel_keeper_word(h->keeper),
		h->started_ms };
	return keel_vault_open(&seams, &h->vault) == KEEL_OK;
}

void home_close(struct home *h)
{
	keel_vault_close(h->vault);
	if (h->store != NULL)
		keel_store_close(h->store);
	if (h->keeper != NULL)
		keel_keeper_close(h->keeper);
	h->vault = NULL;
	h->store = NULL;
	h->keeper = NULL;
}

/* One label for all homes of a run: see code_key.c. */
static void label_of(struct keel_label *label, struct keel_key *key)
{
	static struct keel_label made;
	if (made.code.c[0] == '\0') {
		keel_random(made.id, sizeof(made.id));
		keel_code_make(&made.code);
	}
	*label = made;
	keel_code_key(&made.code, made.id, key);
}

static void provision(struct home *h)
{
	struct keel_key key;
	uint8_t buf[KEEL_ENDORSEMENT_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes endorsement;
	struct keel_fault fault;
	KEEL_MUST(open_store(h));
	KEEL_MUST(keel_store_begin(h->store) == KEEL_OK);
	KEEL_MUST(keel_identity_make(h->keeper, h->store, &h->identity, &fault) == KEEL_OK);
	KEEL_MUST(keel_store_commit(h->store) == KEEL_OK);
	const bool attests = h->identity.quoter.quote != NULL && !h->unattested;
	const struct keel_endorsement body = { .has = attests ? 1U << KEEL_ENDORSEMENT_ATTEST : 0,
		.attest = KEEL_VIEW(h->identity.quoter.pub.xy),
		.sign = KEEL_VIEW(h->identity.sign.xy),
		.agree = KEEL_VIEW(h->identity.agree.xy),
		.model = keel_text("hearth-h1"),
		.serial = keel_text("S-0001") };
	label_of(&h->label, &key);
	keel_p256_generate(&h->maker);
	KEEL_MUST(keel_endorsement_write(&h->maker, h->label.id, &body, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &endorsement) == KEEL_OK);
	memcpy(h->label.thumbprint, h->identity.thumbprint, sizeof(h->label.thumbprint));
	KEEL_MUST(keel_vault_provision(h->store, &h->identity, h->label.id, keel_text("S-0001"),
			  &key, endorsement) == KEEL_OK);
	home_close(h);
}

void home_make(struct home *h)
{
	const char *vfs = h->vfs;
	struct keel_root root = h->root;
	const struct swtpm *tpm = h->tpm;
	bool unattested = h->unattested;
	memset(h, 0, sizeof(*h));
	h->vfs = vfs;
	h->root = root;
	h->tpm = tpm;
	h->unattested = unattested;
	snprintf(h->dir, sizeof(h->dir), "/tmp/keel-home-XXXXXX");
	KEEL_MUST(mkdtemp(h->dir) != NULL);
	h->rules = declared;
	h->rules.product = keel_text("compiled");
	h->time = (struct keel_test_clock){ .ms = 1000, .wall = 1800000000 };
	h->started_ms = h->time.ms;
	provision(h);
	KEEL_MUST(home_open(h));
}

void home_reboot(struct home *h)
{
	home_close(h);
	h->time.ms = h->started_ms = 500;
	KEEL_MUST(home_open(h));
}

void home_end(struct home *h)
{
	char line[128];
	home_close(h);
	snprintf(line, sizeof(line), "rm -r %s", h->dir);
	KEEL_MUST(system(line) == 0);
}

unsigned home_send(struct home *h, enum keel_path path, const char *from, struct keel_bytes body)
{
	struct keel_refusal no;
	h->sentence[0] = '\0';
	h->wait_s = 0;
	keel_vault_serve(
		h->vault, path, keel_text(from), body, h->answer_buf, &h->answer, &h->status);
	if (h->status != 200) {
		KEEL_MUST(keel_schema_read(&keel_refusal_schema, h->answer, &no, NULL) == KEEL_OK);
		snprintf(h->sentence, sizeof(h->sentence), "%.*s", (int)no.sentence.n,
			(const char *)no.sentence.p);
		h->wait_s = no.wait_s;
	}
	return h->status;
}

unsigned home_enter(struct home *h, enum keel_purpose purpose, struct keel_member *m)
{
	static const uint8_t nothing[] = { 0xa0 };
	struct keel_entry entry;
	struct keel_wr w = keel_wr_of(h->request_buf, sizeof(h->request_buf));
	KEEL_MUST(home_send(h, PATH_HELLO, "a", KEEL_VIEW(nothing)) == 200);
	KEEL_MUST(keel_entry_claim(&h->label, purpose, h->answer, &entry, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &h->request) == KEEL_OK);
	if (home_send(h, PATH_CLAIM, "a", h->request) == 200)
		CHECK(keel_entry_welcome(&entry, h->answer, m) == KEEL_OK);
	return h->status;
}

void home_claim(struct home *h, struct keel_member *m)
{
	CHECK(home_enter(h, KEEL_FOR_CLAIM, m) == 200);
}

void home_join(struct home *h, struct keel_member *by, const char *message, int64_t until,
	struct keel_member *m)
{
	static const uint8_t nothing[] = { 0xa0 };
	uint8_t items[128], invitation[256];
	struct keel_list_maker list = keel_list_maker_of(items, sizeof(items));
	struct keel_invite_result r;
	struct keel_entry entry;
	if (message != NULL)
		KEEL_MUST(keel_list_put_text(&list, keel_text(message)));
	const struct keel_invite_args a = { .role = message != NULL ? KEEL_ROLE_GUEST
								    : KEEL_ROLE_OWNER,
		.name = keel_text("Bob"),
		.messages = keel_list_made(&list),
		.until = until };
	CHECK(home_change(h, by, KEEL_OP_INVITE, &a, &r) == KEEL_OK);
	memcpy(invitation, r.invitation.p, r.invitation.n);
	struct keel_bytes text = { invitation, r.invitation.n };
	KEEL_MUST(home_send(h, PATH_HELLO, "b", KEEL_VIEW(nothing)) == 200);
	struct keel_wr w = keel_wr_of(h->request_buf, sizeof(h->request_buf));
	KEEL_MUST(keel_entry_join(text, h->answer, &entry, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &h->request) == KEEL_OK);
	CHECK(home_send(h, PATH_CLAIM, "b", h->request) == 200);
	CHECK(keel_entry_welcome(&entry, h->answer, m) == KEEL_OK);
}

static enum keel_err exchange(struct home *h, const struct keel_member *m, const uint8_t *nonce,
	uint64_t op, void *result)
{
	struct keel_request_answer a;
	if (home_send(h, PATH_REQUEST, "a", h->request) != 200)
		return KEEL_ERR_COUNT;
	if (keel_member_answer(m, nonce, h->answer, h->plain, &a) != KEEL_OK) {
		check_fail(__FILE__, __LINE__, "the answer is not the device's");
		return KEEL_ERR_COUNT;
	}
	if (keel_has(&a, KEEL_ANSWER_SENTENCE))
		snprintf(h->sentence, sizeof(h->sentence), "%.*s", (int)a.sentence.n,
			(const char *)a.sentence.p);
	if (a.error == KEEL_OK && result != NULL)
		CHECK(keel_schema_read(keel_op_of(op)->result, a.result, result, NULL) == KEEL_OK);
	return (enum keel_err)a.error;
}

enum keel_err home_ask(
	struct home *h, const struct keel_member *m, uint64_t op, const void *args, void *result)
{
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	struct keel_wr w = keel_wr_of(h->request_buf, sizeof(h->request_buf));
	KEEL_MUST(keel_member_ask(m, keel_op_of(op), args, nonce, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &h->request) == KEEL_OK);
	return exchange(h, m, nonce, op, result);
}

void home_challenge(struct home *h, const struct keel_member *m, uint8_t out[KEEL_CHALLENGE_LEN])
{
	struct keel_challenge_result r;
	memset(out, 0, KEEL_CHALLENGE_LEN);
	if (home_ask(h, m, KEEL_OP_CHALLENGE, NULL, &r) == KEEL_OK)
		memcpy(out, r.challenge.p, KEEL_CHALLENGE_LEN);
}

static uint8_t last_nonce[KEEL_REQUEST_NONCE_LEN];

enum keel_err home_change_with(struct home *h, struct keel_member *m, uint64_t op, const void *args,
	const uint8_t *challenge, void *result)
{
	struct keel_wr w = keel_wr_of(h->request_buf, sizeof(h->request_buf));
	struct keel_bytes fresh = { challenge, KEEL_CHALLENGE_LEN };
	KEEL_MUST(keel_member_change(m, keel_op_of(op), args, fresh, last_nonce, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &h->request) == KEEL_OK);
	return exchange(h, m, last_nonce, op, result);
}

enum keel_err home_again(struct home *h, const struct keel_member *m, uint64_t op, void *result)
{
	return exchange(h, m, last_nonce, op, result);
}

enum keel_err home_change(
	struct home *h, struct keel_member *m, uint64_t op, const void *args, void *result)
{
	uint8_t challenge[KEEL_CHALLENGE_LEN];
	home_challenge(h, m, challenge);
	return home_change_with(h, m, op, args, challenge, result);
}

enum keel_err home_rename(struct home *h, struct keel_member *m, const char *name)
{
	const struct keel_rename_args a = { .name = keel_text(name) };
	return home_change(h, m, KEEL_OP_RENAME, &a, NULL);
}

enum keel_err home_vouch(struct home *h, struct keel_member *by, const struct keel_member *lost)
{
	struct keel_vouch_args a = { 0 };
	struct keel_vouch_result r;
	if (lost != NULL)
		a = (struct keel_vouch_args){ .has = 1U << KEEL_VOUCH_OWNER,
			.owner = KEEL_VIEW(lost->thumbprint) };
	enum keel_err e = home_change(h, by, KEEL_OP_VOUCH, &a, &r);
	if (e == KEEL_OK)
		CHECK(r.valid_s == (lost != NULL ? 15 * 60 : 0));
	return e;
}

const struct keel_command_args *home_command(const char *message, const char *field, int64_t value)
{
	static uint8_t items[128];
	static struct keel_command_args a;
	struct keel_list_maker m = keel_list_maker_of(items, sizeof(items));
	const struct keel_field_item f = { .name = keel_text(field != NULL ? field : "x"),
		.value = value };
	if (field != NULL)
		KEEL_MUST(keel_list_put(&m, &keel_field_item_schema, &f));
	a = (struct keel_command_args){ .message = keel_text(message),
		.fields = keel_list_made(&m) };
	return &a;
}

enum keel_err home_heat(struct home *h, struct keel_member *m, int64_t celsius_milli)
{
	struct keel_command_result r;
	return home_change(h, m, KEEL_OP_COMMAND,
		home_command("set temperature", "celsius", celsius_milli), &r);
}

void home_says(const struct home *h, unsigned status, const char *part)
{
	char seen[120];
	size_t n = strlen(h->sentence) < sizeof(seen) ? strlen(h->sentence) : sizeof(seen) - 1;
	memcpy(seen, h->sentence, n);
	seen[n] = '\0';
	CHECK_ROW(h->status == status && strstr(h->sentence, part) != NULL, seen);
}
