/*
 * EN 303 645 5.9-2 and the store's invariants 1 to 3, with the power cut at every step of a life:
 * what was acknowledged is there, what was not is there whole or not at all, what was deleted is
 * gone. The state is written out as text after every transaction of a run without a cut; a run that
 * was cut in transaction i must come back as the text before it or after it.
 */
#include <limits.h>
#include <stdlib.h>

#include "check.h"
#include "device/vault/cut_disk.h"
#include "device/vault/store/store.h"

#define TEXT_MAX 2048

struct life {
	struct cut_disk disk;
	struct keel_key root; /* the TPM's NV memory: survives, written by one command */
	uint64_t generation;
	bool there;
	struct keel_store *store;
};

static enum keel_err nv_read(void *self, struct keel_key *root, uint64_t *generation)
{
	struct life *l = self;
	if (l->disk.dead)
		return KEEL_EIO;
	if (!l->there)
		return KEEL_ENONE;
	*root = l->root;
	*generation = l->generation;
	return KEEL_OK;
}

/* Two steps: dies before it is written, or written and nobody was told. */
static enum keel_err nv_write(void *self, const struct keel_key *root, uint64_t generation)
{
	struct life *l = self;
	if (!cut_disk_step(&l->disk))
		return KEEL_EIO;
	l->root = *root;
	l->generation = generation;
	l->there = true;
	return cut_disk_step(&l->disk) ? KEEL_OK : KEEL_EIO;
}

static enum keel_err life_open(struct life *l)
{
	struct keel_fault fault;
	l->store = NULL;
	return keel_store_open(
		"d", "cut", (struct keel_root){ nv_read, nv_write, true, l }, &l->store, &fault);
}

/* --- the transactions of a life --- */

static enum keel_err put_unit(struct keel_store *s)
{
	return keel_record_put(s, "unit", keel_text("one"));
}

static enum keel_err add_data(struct keel_store *s)
{
	enum keel_err e = keel_datum_add(s, "home", "target", 10, keel_text("21"));
	if (e == KEEL_OK)
		e = keel_datum_add(s, "home", "target", 20, keel_text("22"));
	if (e == KEEL_OK)
		e = keel_datum_add(s, "person", "presence", 20, keel_text("at home"));
	return e == KEEL_OK ? keel_record_put(s, "unit", keel_text("two")) : e;
}

static enum keel_err set_datum(struct keel_store *s)
{
	return keel_datum_set(s, "person", "name", 0, keel_text("Ada"));
}

static enum keel_err set_again(struct keel_store *s)
{
	return keel_datum_set(s, "person", "name", 0, keel_text("Ida"));
}

static enum keel_err prune(struct keel_store *s)
{
	return keel_datum_prune(s, "home", "target", 15);
}

static enum keel_err more_records(struct keel_store *s)
{
	enum keel_err e = keel_record_put(s, "owner/1", keel_text("counter 7"));
	return e == KEEL_OK ? keel_record_put(s, "owner/2", keel_text("counter 9")) : e;
}

static enum keel_err replace_records(struct keel_store *s)
{
	enum keel_err e = keel_record_put(s, "owner/1", keel_text("counter 10, and a longer one"));
	return e == KEEL_OK ? keel_record_put(s, "owner/2", keel_text("short")) : e;
}

/* Every way in which one transaction may come to a record twice. */
static enum keel_err touch_records_twice(struct keel_store *s)
{
	static const struct {
		const char *name, *value; /* NULL: delete it */
	} touches[] = {
		{ "unit", "three" }, { "unit", "four" },          /* replaced twice */
		{ "owner/2", "counter 10" }, { "owner/2", NULL }, /* replaced and deleted */
		{ "owner/1", NULL }, { "owner/1", "back" },       /* deleted and there again */
		{ "owner/3", "new" }, { "owner/3", "newer" },     /* added and replaced */
		{ "owner/4", "in vain" }, { "owner/4", NULL },    /* added and deleted */
	};
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; i < KEEL_COUNT(touches) && e == KEEL_OK; i++)
		e = touches[i].value != NULL
			    ? keel_record_put(s, touches[i].name, keel_text(touches[i].value))
			    : keel_record_delete(s, touches[i].name);
	return e;
}

/* A deletion as the vault does it: data, owners and the counter in one. */
static enum keel_err delete_person(struct keel_store *s)
{
	enum keel_err e = keel_compartment_delete(s, "person");
	if (e == KEEL_OK)
		e = touch_records_twice(s);
	if (e == KEEL_OK)
		e = keel_record_put(s, "owner/1", keel_text("counter 8"));
	if (e == KEEL_OK)
		e = keel_datum_prune(s, "home", "target", 25);
	return e == KEEL_OK ? keel_datum_add(s, "home", "target", 30, keel_text("18")) : e;
}

static enum keel_err person_again(struct keel_store *s)
{
	return keel_datum_add(s, "person", "presence", 40, keel_text("back"));
}

static enum keel_err replace_person(struct keel_store *s)
{
	enum keel_err e = keel_compartment_delete(s, "person");
	return e == KEEL_OK ? keel_datum_add(s, "person", "presence", 50, keel_text("new")) : e;
}

static enum keel_err delete_plainly(struct keel_store *s)
{
	return keel_compartment_delete(s, "home");
}

static enum keel_err nothing(struct keel_store *s)
{
	(void)s;
	return KEEL_OK;
}

static const struct step {
	enum keel_err (*change)(struct keel_store *s); /* NULL: close and open again */
	bool renews;
} steps[] = {
	{ put_unit, false },
	{ add_data, false },
	{ set_datum, false },
	{ set_again, false },
	{ prune, false },
	{ more_records, false },
	{ replace_records, false },
	{ delete_person, true },
	{ person_again, false },
	{ NULL, false },
	{ replace_person, true },
	{ delete_plainly, false },
	{ more_records, false },
	{ touch_records_twice, false },
	{ nothing, true },
};
#define STEPS KEEL_COUNT(steps)

static enum keel_err step_do(struct life *l, const struct step *step)
{
	if (step->change == NULL) {
		keel_store_close(l->store);
		return life_open(l);
	}
	enum keel_err e = keel_store_begin(l->store);
	if (e != KEEL_OK)
		return e;
	e = step->change(l->store);
	if (e != KEEL_OK) {
		keel_store_rollback(l->store);
		return e;
	}
	return step->renews ? keel_store_commit_renew(l->store) : keel_store_commit(l->store);
}

/* Gives how many steps were acknowledged; -1: not even the opening. */
static int life_run(struct life *l)
{
	if (life_open(l) != KEEL_OK)
		return -1;
	for (int i = 0; i < (int)STEPS; i++)
		if (step_do(l, &steps[i]) != KEEL_OK)
			return i;
	return (int)STEPS;
}

/* --- the state as text --- */

struct text {
	char b[TEXT_MAX];
	size_t n;
	struct keel_store *store;
};

static void text_add(struct text *t, const char *name, int64_t time, struct keel_bytes value)
{
	int n = snprintf(t->b + t->n, sizeof(t->b) - t->n, "%s@%lld=%.*s;", name, (long long)time,
		(int)value.n, (const char *)value.p);
	KEEL_MUST(n > 0 && (size_t)n < sizeof(t->b) - t->n);
	t->n += (size_t)n;
}

static enum keel_err add_record(void *self, const char *name, struct keel_bytes value)
{
	text_add(self, name, -1, value);
	return KEEL_OK;
}

static enum keel_err add_datum(
	void *self, uint64_t row, const char *datum, int64_t time, struct keel_bytes value)
{
	(void)row;
	text_add(self, datum, time, value);
	return KEEL_OK;
}

static enum keel_err text_of(struct keel_store *s, struct text *t)
{
	static const char *const names[] = { "home", "person" };
	*t = (struct text){ .store = s };
	enum keel_err e = keel_record_each(s, "", add_record, t);
	for (size_t i = 0; i < KEEL_COUNT(names) && e == KEEL_OK; i++) {
		text_add(t, names[i], -2, keel_text("compartment"));
		e = keel_datum_each(s, names[i], NULL, INT64_MIN, INT64_MAX, 0, add_datum, t);
	}
	return e;
}

static struct text expected[STEPS + 1]; /* after so many steps */

static unsigned run_without_cut(struct life *l)
{
	*l = (struct life){ .disk.lives = UINT_MAX };
	cut_disk_register(&l->disk);
	CHECK(life_open(l) == KEEL_OK && text_of(l->store, &expected[0]) == KEEL_OK);
	for (size_t i = 0; i < STEPS; i++) {
		CHECK(step_do(l, &steps[i]) == KEEL_OK);
		CHECK(text_of(l->store, &expected[i + 1]) == KEEL_OK);
	}
	keel_store_close(l->store);
	unsigned count = l->disk.steps;
	cut_disk_clear(&l->disk);
	return count;
}

static bool is_state(const struct text *t, int steps_done)
{
	if (steps_done < 0)
		steps_done = 0;
	return strcmp(t->b, expected[steps_done].b) == 0 ||
	       (steps_done < (int)STEPS && strcmp(t->b, expected[steps_done + 1].b) == 0);
}

static void cut_and_check(enum cut_loss loss, unsigned cut)
{
	struct text t;
	char where[64];
	struct life l = { .disk.lives = cut, .disk.loss = loss };
	cut_disk_register(&l.disk);
	(void)snprintf(where, sizeof(where), "loss %d, cut at %u", (int)loss, cut);
	int done = life_run(&l);
	keel_store_close(l.store);
	cut_disk_boot(&l.disk);
	CHECK_ROW(life_open(&l) == KEEL_OK, where);
	if (l.store != NULL) {
		CHECK_ROW(text_of(l.store, &t) == KEEL_OK && is_state(&t, done), where);
		CHECK_ROW(step_do(&l, &steps[0]) == KEEL_OK, where); /* it goes on */
	}
	keel_store_close(l.store);
	cut_disk_clear(&l.disk);
}

static void cut_everywhere(enum cut_loss loss)
{
	struct life l;
	unsigned count = run_without_cut(&l);
	CHECK(count > 100);
	unsigned every = cut_disk_every();
	/* Each loss begins at another step. */
	for (unsigned cut = loss % every; cut < count && check_failures < 5; cut += every)
		cut_and_check(loss, cut);
}

static void prov_5_9_2_power_cut_at_every_step_unsynced_is_lost(void)
{
	cut_everywhere(CUT_LOSES_ALL);
}

static void prov_5_9_2_power_cut_at_every_step_unsynced_is_kept_and_torn(void)
{
	cut_everywhere(CUT_KEEPS_ALL);
}

static void prov_5_9_2_power_cut_at_every_step_half_is_kept_out_of_order(void)
{
	cut_everywhere(CUT_KEEPS_EVERY_OTHER);
}

/* The second cut falls into the recovery from the first (every third, for time). */
static void prov_5_9_2_power_cut_again_while_coming_back(void)
{
	struct life l;
	struct text t;
	unsigned count = run_without_cut(&l), every = 3 * cut_disk_every();
	for (unsigned cut = 0; cut < count && check_failures < 5; cut += every) {
		for (unsigned second = 0;; second++) {
			l = (struct life){ .disk.lives = cut, .disk.loss = second % CUT_LOSSES };
			cut_disk_register(&l.disk);
			int done = life_run(&l);
			keel_store_close(l.store);
			cut_disk_boot(&l.disk);
			l.disk.lives = l.disk.steps + second;
			bool died = life_open(&l) != KEEL_OK;
			keel_store_close(l.store);
			died |= l.disk.dead;
			cut_disk_boot(&l.disk);
			CHECK(life_open(&l) == KEEL_OK);
			CHECK(l.store != NULL && text_of(l.store, &t) == KEEL_OK &&
				is_state(&t, done));
			keel_store_close(l.store);
			cut_disk_clear(&l.disk);
			if (!died)
				break;
		}
	}
}

TEST_MAIN(TEST(prov_5_9_2_power_cut_at_every_step_unsynced_is_lost),
	TEST(prov_5_9_2_power_cut_at_every_step_unsynced_is_kept_and_torn),
	TEST(prov_5_9_2_power_cut_at_every_step_half_is_kept_out_of_order),
	TEST(prov_5_9_2_power_cut_again_while_coming_back))
