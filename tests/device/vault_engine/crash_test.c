/*
 * EN 303 645 5.9-2 and the engine's invariants 2 and 3: the power is cut at every step of every act.
 * What was acknowledged is there, what was not is there whole or not at all, what was deleted stays
 * gone, and the same bytes again have no second effect. The same where the disk fails for a while and
 * nothing restarts.
 *
 * Each cut is a fork of one prepared home: disk, root and engine are memory, so a child is a copy of
 * all of them. A step within the root's write, with nothing unsynced lost, is a kill -9 between
 * SQLite's commit and the root.
 */
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "device/vault/cut_folder.h"
#include "device/vault_engine/home.h"

struct world {
	struct cut_disk disk;
	/* Where the root is: a TPM's NV memory, or a file. */
	struct keel_key root;
	uint64_t generation;
	bool there;
	struct cut_folder folder;
	struct keel_root_file file;
	struct home home;
	struct keel_member ann, bob, next;
	struct keel_entry entry; /* claim and recover: what was sent for */
	char person[2 * KEEL_THUMBPRINT_LEN + 1];
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	uint8_t result[2 * KEEL_BODY_MAX]; /* what an acknowledged act gave */
	size_t result_n;
	bool noting; /* events are looked at, too */
};
static struct world w;

static enum keel_err nv_read(void *self, struct keel_key *root, uint64_t *generation)
{
	(void)self;
	if (w.disk.dead)
		return KEEL_EIO;
	if (!w.there)
		return KEEL_ENONE;
	*root = w.root;
	*generation = w.generation;
	return KEEL_OK;
}

/* Two steps: dies before it is written, or written and nobody was told. */
static enum keel_err nv_write(void *self, const struct keel_key *root, uint64_t generation)
{
	(void)self;
	if (!cut_disk_step(&w.disk))
		return KEEL_EIO;
	w.root = *root;
	w.generation = generation;
	w.there = true;
	return cut_disk_step(&w.disk) ? KEEL_OK : KEEL_EIO;
}

/* The engine and its store end, and begin again on what is left. */
static bool begin_again(struct home *h)
{
	keel_vault_close(h->vault);
	keel_store_close(h->store);
	h->vault = NULL;
	h->store = NULL;
	h->time.ms = 500;
	h->sents = 0;
	return home_open(h);
}

/* --- the acts: each prepares what is sent, then does it -------------------------------------- */

/* Keeps what came back; whether it was a yes. */
static bool request_done(const struct keel_member *m)
{
	struct keel_request_answer a;
	if (home_send(&w.home, PATH_REQUEST, "a", w.home.request) != 200 ||
		keel_member_answer(m, w.nonce, w.home.answer, w.home.plain, &a) != KEEL_OK ||
		a.error != KEEL_OK)
		return false;
	w.result_n = a.result.n;
	memcpy(w.result, a.result.p, a.result.n);
	return true;
}

static void prepare(uint64_t op, const void *args)
{
	uint8_t challenge[KEEL_CHALLENGE_LEN];
	home_challenge(&w.home, &w.ann, challenge);
	struct keel_wr to = keel_wr_of(w.home.request_buf, sizeof(w.home.request_buf));
	KEEL_MUST(keel_member_change(&w.ann, keel_op_of(op), args, KEEL_VIEW(challenge), w.nonce,
			  &to) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&to, &w.home.request) == KEEL_OK);
}

static bool change(void)
{
	return request_done(&w.ann);
}

static void prepare_command(void)
{
	prepare(KEEL_OP_COMMAND, home_command("set temperature", "celsius", 23000));
}

static void prepare_invite(void)
{
	const struct keel_invite_args a = { .role = KEEL_ROLE_OWNER, .name = keel_text("Cy") };
	prepare(KEEL_OP_INVITE, &a);
}

static void prepare_remove(void)
{
	const struct keel_remove_args a = { .owner = KEEL_VIEW(w.bob.thumbprint) };
	prepare(KEEL_OP_REMOVE, &a);
}

static void prepare_delete(void)
{
	const struct keel_delete_args a = { .what = KEEL_DELETE_MINE_AND_HOMES };
	prepare(KEEL_OP_DELETE, &a);
}

static void prepare_consent(void)
{
	const struct keel_consent_args a = { .datum = keel_text("presence"), .given = true };
	prepare(KEEL_OP_CONSENT, &a);
}

/* Taken back, with something kept by it and the schedule beside it. */
static void prepare_consent_back(void)
{
	struct keel_consent_args a = { .datum = keel_text("presence"), .given = true };
	KEEL_MUST(home_change(&w.home, &w.ann, KEEL_OP_CONSENT, &a, NULL) == KEEL_OK);
	KEEL_MUST(keel_vault_keep(w.home.vault, keel_text("presence"), keel_text(""),
			  keel_text("at home")) == KEEL_OK);
	a.given = false;
	prepare(KEEL_OP_CONSENT, &a);
}

static void prepare_leave(void)
{
	prepare(KEEL_OP_LEAVE, NULL);
}

static void prepare_entry(enum keel_purpose purpose)
{
	static const uint8_t empty_map[] = { 0xa0 };
	struct keel_wr to = keel_wr_of(w.home.request_buf, sizeof(w.home.request_buf));
	KEEL_MUST(home_send(&w.home, PATH_HELLO, "a", KEEL_VIEW(empty_map)) == 200);
	KEEL_MUST(
		keel_entry_claim(&w.home.label, purpose, w.home.answer, &w.entry, &to) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&to, &w.home.request) == KEEL_OK);
}

static void prepare_claim(void)
{
	KEEL_MUST(keel_vault_button(w.home.vault, BUTTON_HELD) == KEEL_OK);
	prepare_entry(KEEL_FOR_CLAIM);
}

static void prepare_recover(void)
{
	KEEL_MUST(keel_vault_button(w.home.vault, BUTTON_PRESSED) == KEEL_OK);
	prepare_entry(KEEL_FOR_RECOVER);
}

static void prepare_return(void)
{
	KEEL_MUST(home_vouch(&w.home, &w.ann, &w.bob) == KEEL_OK);
	KEEL_MUST(keel_vault_button(w.home.vault, BUTTON_PRESSED) == KEEL_OK);
	prepare_entry(KEEL_FOR_RETURN);
}

static bool enter(void)
{
	if (home_send(&w.home, PATH_CLAIM, "a", w.home.request) != 200)
		return false;
	w.result_n = w.home.answer.n;
	memcpy(w.result, w.home.answer.p, w.home.answer.n);
	return keel_entry_welcome(&w.entry, w.home.answer, &w.next) == KEEL_OK;
}

static bool reset(void)
{
	return keel_vault_button(w.home.vault, BUTTON_HELD) == KEEL_OK;
}

static bool keep(void)
{
	return keel_vault_keep(w.home.vault, keel_text("schedule"), keel_text(""),
		       keel_text("evening")) == KEEL_OK;
}

static bool done(void)
{
	return keel_vault_done(w.home.vault, 2) == KEEL_OK;
}

/* By the service's inbox: told, and its number taken. */
static bool note(void)
{
	const struct keel_notice n = { .code = KEEL_NOTICE_VULNERABILITY,
		.about = keel_text("CVE-1") };
	uint64_t taken = 0;
	return keel_vault_notice(w.home.vault, 5, &n, &taken) == KEEL_OK && taken == 5;
}

static const struct act {
	const char *name;
	void (*prepare)(void);
	bool (*act)(void);
	bool sent;    /* by bytes that may be sent again */
	bool renews;  /* what it deletes dies with the root */
	bool forgets; /* after it, whoever sent it is nobody */
} acts[] = {
	{ "claim", prepare_claim, enter, true, true, false },
	{ "invite", prepare_invite, change, true, false, false },
	{ "remove", prepare_remove, change, true, true, false },
	{ "recover", prepare_recover, enter, true, true, false },
	{ "return", prepare_return, enter, true, true, false },
	{ "reset", NULL, reset, false, true, false },
	{ "command", prepare_command, change, true, false, false },
	{ "consent", prepare_consent, change, true, false, false },
	{ "consent back", prepare_consent_back, change, true, true, false },
	{ "keep", NULL, keep, false, false, false },
	{ "done", NULL, done, false, false, false },
	{ "notice", NULL, note, false, false, false },
	{ "delete", prepare_delete, change, true, true, false },
	{ "leave", prepare_leave, change, true, true, true },
};

/* --- what a home looks like, as text --------------------------------------------------------- */

struct text {
	char b[1024];
	size_t n;
};

static void add(struct text *t, const char *what, int64_t value, struct keel_bytes more)
{
	int n = snprintf(t->b + t->n, sizeof(t->b) - t->n, "%s %lld %.*s;", what, (long long)value,
		(int)more.n, (const char *)more.p);
	KEEL_MUST(n > 0 && (size_t)n < sizeof(t->b) - t->n);
	t->n += (size_t)n;
}

static void add_datum(struct text *t, const char *datum, const char *person)
{
	uint8_t buf[KEEL_DATUM_MAX];
	struct keel_bytes value = { 0 };
	enum keel_err e =
		keel_vault_recall(w.home.vault, keel_text(datum), keel_text(person), buf, &value);
	add(t, datum, e, value);
}

static void add_member(struct text *t, const char *name, const struct keel_member *m)
{
	struct keel_people_result r;
	struct keel_person_item p;
	enum keel_err e = home_ask(&w.home, m, KEEL_OP_PEOPLE, NULL, &r);
	add(t, name, e, (struct keel_bytes){ 0 });
	while (e == KEEL_OK && keel_list_next(&keel_person_item_row, &r.people, &p))
		add(t, "person", (int64_t)p.role, p.name);
}

static void add_notices(struct text *t)
{
	const struct keel_events_args a = { 0 };
	struct keel_events_result r;
	struct keel_event_item e;
	if (home_ask(&w.home, &w.ann, KEEL_OP_EVENTS, &a, &r) != KEEL_OK)
		return;
	while (keel_list_next(&keel_event_item_row, &r.events, &e))
		if (keel_bytes_is(e.word, "notice-vulnerability"))
			add(t, "notice", (int64_t)e.number, e.detail);
}

static void look(struct text *t)
{
	uint8_t asked[KEEL_BODY_MAX]; /* asking replaces what is to be sent again */
	struct keel_bytes kept = { asked, w.home.request.n };
	memcpy(asked, w.home.request.p, kept.n);
	*t = (struct text){ 0 };
	add(t, "state", keel_vault_state(w.home.vault), (struct keel_bytes){ 0 });
	w.home.sents = w.home.forgets = 0;
	keel_vault_app_started(w.home.vault, 0); /* a program that was told nothing yet */
	add(t, "forget", w.home.forgets, (struct keel_bytes){ 0 });
	for (size_t i = 0; i < w.home.sents; i++)
		add(t, "command", w.home.sent[i].value, keel_text(w.home.sent[i].message));
	add_datum(t, "schedule", "");
	add_datum(t, "presence", "");
	add_datum(t, "diary", w.person);
	add_member(t, "Ann", &w.ann);
	add_member(t, "Bob", &w.bob);
	if (w.noting)
		add_notices(t);
	memcpy(w.home.request_buf, asked, kept.n);
	w.home.request = (struct keel_bytes){ w.home.request_buf, kept.n };
}

/* --- one cut --------------------------------------------------------------------------------- */

struct shared {
	struct text before, after;
	bool finished; /* no step was left at which to die */
} * shared;

/* Sent again by whoever had no answer: the former answer, or no effect. */
static void check_again(const struct act *a, bool acknowledged, bool happened, const char *where)
{
	static uint8_t first[sizeof(w.result)];
	struct text t;
	size_t n = w.result_n;
	memcpy(first, w.result, n);
	bool yes = a->act();
	CHECK_ROW(yes == (happened && !a->forgets), where);
	if (yes && acknowledged)
		CHECK_ROW(w.result_n == n && memcmp(first, w.result, n) == 0, where);
	look(&t);
	CHECK_ROW(strcmp(t.b, (happened ? &shared->after : &shared->before)->b) == 0, where);
}

static void check_new_owner(const struct act *a, const char *where)
{
	if (a->act == enter)
		CHECK_ROW(home_ask(&w.home, &w.next, KEEL_OP_STATE, NULL, NULL) == KEEL_OK, where);
}

/* Nobody sees an invitation but by its answer: it is given again, and whoever has it may join. */
static void check_invitation(bool acknowledged, const char *where)
{
	static uint8_t first[sizeof(w.result)];
	static const uint8_t empty_map[] = { 0xa0 };
	struct keel_invite_result r;
	size_t n = w.result_n;
	memcpy(first, w.result, n);
	bool yes = change();
	CHECK_ROW(yes || !acknowledged, where);
	if (!yes)
		return;
	CHECK_ROW(!acknowledged || (n == w.result_n && memcmp(first, w.result, n) == 0), where);
	struct keel_wr to = keel_wr_of(w.home.request_buf, sizeof(w.home.request_buf));
	const struct keel_bytes given = { w.result, w.result_n };
	KEEL_MUST(keel_schema_read(&keel_invite_result_schema, given, &r, NULL) == KEEL_OK);
	KEEL_MUST(home_send(&w.home, PATH_HELLO, "a", KEEL_VIEW(empty_map)) == 200);
	KEEL_MUST(keel_entry_join(r.invitation, w.home.answer, &w.entry, &to) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&to, &w.home.request) == KEEL_OK);
	CHECK_ROW(enter() && enter(), where);
	CHECK_ROW(home_ask(&w.home, &w.next, KEEL_OP_STATE, NULL, NULL) == KEEL_OK, where);
}

/* The service gives it again: it is told, and once. */
static void check_notice(const char *where)
{
	struct text t;
	CHECK_ROW(note(), where);
	look(&t);
	CHECK_ROW(strcmp(t.b, shared->after.b) == 0, where);
}

/* In the child. */
static void cut_and_check(const struct act *a, unsigned cut, enum cut_loss loss)
{
	char where[96];
	struct text t;
	uint64_t generation = keel_store_generation(w.home.store);
	(void)snprintf(where, sizeof(where), "%s, %s, loss %d, cut at %u", a->name,
		w.home.root.destroys ? "NV" : "file", (int)loss, cut);
	w.disk.loss = loss;
	w.disk.lives = w.disk.steps + cut;
	bool yes = a->act();
	shared->finished = !w.disk.dead;
	CHECK_ROW(yes || w.disk.dead, where);
	cut_disk_boot(&w.disk);
	cut_folder_boot(&w.folder);
	CHECK_ROW(begin_again(&w.home), where);
	if (check_failures > 0)
		return;
	look(&t);
	bool before = strcmp(t.b, shared->before.b) == 0;
	bool after = strcmp(t.b, shared->after.b) == 0;
	CHECK_ROW(yes ? after : before || after, where);
	if (yes && a->renews)
		CHECK_ROW(keel_store_generation(w.home.store) > generation, where);
	if (a->prepare == prepare_invite) {
		check_invitation(yes, where);
		return;
	}
	if (a->act == note)
		check_notice(where);
	if (a->sent)
		check_again(a, yes, after, where);
	if (after)
		check_new_owner(a, where);
}

/*
 * In the child: the disk fails from this step on, for this act only, and nobody restarts anything. The
 * engine knows what there is, or says that it does not; then another one reads it.
 */
static void fail_and_check(const struct act *a, unsigned cut)
{
	char where[96];
	struct text t;
	(void)snprintf(where, sizeof(where), "%s, fails at %u", a->name, cut);
	w.disk.lives = w.disk.steps + cut;
	bool yes = a->act();
	shared->finished = !w.disk.dead;
	w.disk.dead = false;
	w.disk.lives = UINT_MAX;
	CHECK_ROW(!yes || !w.home.lost, where);
	if (w.home.lost)
		CHECK_ROW(begin_again(&w.home), where);
	if (check_failures > 0)
		return;
	look(&t);
	bool after = strcmp(t.b, shared->after.b) == 0;
	CHECK_ROW(after || (!yes && strcmp(t.b, shared->before.b) == 0), where);
}

/* The same without a cut. */
static void do_and_look(const struct act *a)
{
	CHECK_ROW(a->act() && begin_again(&w.home), a->name);
	look(&shared->after);
	CHECK_ROW(a->prepare == prepare_invite || strcmp(shared->before.b, shared->after.b) != 0,
		a->name); /* else nothing could be told */
}

/* A loss (enum cut_loss), or: */
enum how { WHOLE = CUT_LOSSES, FAILS };

/* A copy of the world in which one thing happens; false where a check failed in it. */
static bool in_a_copy(const struct act *a, unsigned cut, enum how how)
{
	int status = 1;
	(void)fflush(NULL);
	pid_t child = fork();
	KEEL_MUST(child >= 0);
	if (child == 0) {
		if (how == WHOLE)
			do_and_look(a);
		else if (how == FAILS)
			fail_and_check(a, cut);
		else
			cut_and_check(a, cut, (enum cut_loss)how);
		(void)fflush(NULL);
		_exit(check_failures == 0 ? 0 : 1);
	}
	KEEL_MUST(waitpid(child, &status, 0) == child);
	return status == 0;
}

static void make_world(bool tpm)
{
	w = (struct world){ .disk.lives = UINT_MAX };
	cut_disk_register(&w.disk);
	w.home.vfs = "cut";
	w.file = cut_folder_over(&w.folder, &w.disk);
	w.home.root = tpm ? (struct keel_root){ nv_read, nv_write, true, NULL }
			  : keel_root_file_of(&w.file);
	home_make(&w.home);
	home_claim(&w.home, &w.ann);
	home_join(&w.home, &w.ann, NULL, 0, &w.bob);
	for (size_t i = 0; i < KEEL_THUMBPRINT_LEN; i++)
		(void)snprintf(w.person + 2 * i, 3, "%02x", w.bob.thumbprint[i]);
	struct keel_vault *v = w.home.vault;
	CHECK(keel_vault_keep(v, keel_text("diary"), keel_text(w.person), keel_text("mine")) ==
		KEEL_OK);
	CHECK(keel_vault_keep(v, keel_text("schedule"), keel_text(""), keel_text("morning")) ==
		KEEL_OK);
	CHECK(home_heat(&w.home, &w.ann, 20000) == KEEL_OK);
	CHECK(home_change(&w.home, &w.ann, KEEL_OP_COMMAND, home_command("unlock", NULL, 0),
		      NULL) == KEEL_OK);
}

static const enum how hows[] = { (enum how)CUT_LOSES_ALL, (enum how)CUT_KEEPS_ALL,
	(enum how)CUT_KEEPS_EVERY_OTHER, FAILS };

/* Gives how many steps there are to die at, in all ways. */
static unsigned cut_everywhere(const struct act *a, unsigned every)
{
	unsigned steps = 0;
	if (a->prepare != NULL)
		a->prepare();
	look(&shared->before);
	CHECK_ROW(in_a_copy(a, 0, WHOLE), a->name);
	for (size_t i = 0; i < KEEL_COUNT(hows); i++) {
		shared->finished = false;
		unsigned cut = (unsigned)i % every; /* each way begins at another step */
		for (; !shared->finished && check_failures < 5; cut += every)
			CHECK_ROW(in_a_copy(a, cut, hows[i]), a->name);
		steps += cut;
	}
	return steps;
}

/* The root in a TPM's memory, or in a file. */
static void cut_every_act(bool tpm)
{
	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	KEEL_MUST(shared != MAP_FAILED);
	unsigned every = cut_disk_every();
	for (size_t i = 0; i < KEEL_COUNT(acts) && check_failures == 0; i++) {
		make_world(tpm);
		w.noting = acts[i].act == note;
		CHECK_ROW(cut_everywhere(&acts[i], every) > 6, acts[i].name);
		home_end(&w.home);
		cut_disk_clear(&w.disk);
	}
	KEEL_MUST(munmap(shared, sizeof(*shared)) == 0);
}

static void prov_5_9_2_power_cut_at_every_step_of_every_act(void)
{
	cut_every_act(true);
}

static void prov_5_9_2_power_cut_at_every_step_of_every_act_without_a_tpm(void)
{
	cut_every_act(false);
}

TEST_MAIN(TEST(prov_5_9_2_power_cut_at_every_step_of_every_act),
	TEST(prov_5_9_2_power_cut_at_every_step_of_every_act_without_a_tpm))
