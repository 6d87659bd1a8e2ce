#include <limits.h>
#include <string.h>

#include "device/vault/store/db.h"

#define TIME_LEN  8
#define PLAIN_MAX (TIME_LEN + KEEL_DATUM_MAX)

/*
 * A datum's time is sealed with its value, not a column beside it: when somebody was at home is as
 * personal as that somebody was. The price is that a walk by time opens every item of the datum.
 */
struct item {
	uint64_t row;
	const char *datum;
	int64_t time;
	struct keel_bytes value;
};

static struct store_place datum_place(
	const struct store_compartment *c, int64_t row, const char *datum)
{
	return (struct store_place){
		.kind = STORE_DATUM,
		.key = c->id,
		.row = row,
		.name = c->name,
		.datum = datum,
	};
}

static enum keel_err add(struct keel_store *s, const struct store_compartment *c, const char *datum,
	int64_t time, struct keel_bytes value)
{
	uint8_t plain[PLAIN_MAX];
	uint8_t buf[PLAIN_MAX + STORE_SEAL_OVERHEAD];
	struct keel_bytes content;
	struct keel_bytes sealed;
	struct store_place at = datum_place(c, s->next_row++, datum);
	struct keel_wr w = keel_wr_of(plain, sizeof(plain));
	keel_wr_u64be(&w, (uint64_t)time);
	keel_wr_bytes(&w, value);
	enum keel_err e = keel_wr_end(&w, &content);
	if (e == KEEL_OK)
		e = store_seal(&c->key, &at, content, buf, &sealed);
	keel_wipe(plain, TIME_LEN + value.n);
	if (e != KEEL_OK)
		return e;
	sqlite3_stmt *q = store_stmt(s, STMT_DATUM_ADD);
	(void)sqlite3_bind_int64(q, 1, at.row);
	(void)sqlite3_bind_int64(q, 2, c->id);
	store_bind_text(q, 3, datum);
	store_bind_bytes(q, 4, sealed);
	(void)sqlite3_bind_int64(q, 5, (sqlite3_int64)s->generation);
	return store_run(q);
}

static enum keel_err mark_all(
	struct keel_store *s, const struct store_compartment *c, const char *datum)
{
	sqlite3_stmt *q = store_stmt(s, STMT_DATUM_MARK_ALL);
	(void)sqlite3_bind_int64(q, 1, (sqlite3_int64)s->generation + 1);
	(void)sqlite3_bind_int64(q, 2, c->id);
	store_bind_text(q, 3, datum);
	s->marked = true;
	return store_run(q);
}

static enum keel_err put(struct keel_store *s, const char *compartment, const char *datum,
	int64_t time, struct keel_bytes value, bool alone)
{
	struct store_compartment *c;
	enum keel_err e = store_may_change(s);
	if (e != KEEL_OK)
		return e;
	if (!store_name_good(compartment) || !store_name_good(datum) || value.n > KEEL_DATUM_MAX)
		return KEEL_ERANGE;
	e = store_compartment_need(s, compartment, &c);
	if (e == KEEL_OK && alone)
		e = mark_all(s, c, datum);
	if (e == KEEL_OK)
		e = add(s, c, datum, time, value);
	return store_changed(s, e);
}

enum keel_err keel_datum_add(struct keel_store *s, const char *compartment, const char *datum,
	int64_t time, struct keel_bytes value)
{
	return put(s, compartment, datum, time, value, false);
}

enum keel_err keel_datum_set(struct keel_store *s, const char *compartment, const char *datum,
	int64_t time, struct keel_bytes value)
{
	return put(s, compartment, datum, time, value, true);
}

static enum keel_err open_row(const struct store_compartment *c, sqlite3_stmt *q,
	uint8_t buf[PLAIN_MAX], struct item *out)
{
	struct keel_bytes plain;
	int64_t row = sqlite3_column_int64(q, 0);
	const char *datum = store_column_text(q, 1);
	struct store_place at = datum_place(c, row, datum);
	enum keel_err e = store_unseal(&c->key, &at, store_column(q, 2), buf, PLAIN_MAX, &plain);
	if (e != KEEL_OK)
		return e;
	struct keel_rd r = keel_rd_of(plain);
	out->row = (uint64_t)row;
	out->datum = datum;
	out->time = (int64_t)keel_rd_u64be(&r);
	out->value = keel_rd_rest(&r);
	return keel_rd_end(&r);
}

typedef enum keel_err item_fn(void *self, const struct item *item);

/* Every item of the datum (NULL: of the compartment) after a row, opened. */
static enum keel_err walk(struct keel_store *s, const struct store_compartment *c,
	const char *datum, uint64_t after, item_fn *each, void *self)
{
	uint8_t buf[PLAIN_MAX];
	struct item item;
	enum keel_err e;
	if (after > INT64_MAX)
		return KEEL_OK;
	sqlite3_stmt *q = store_stmt(s, datum != NULL ? STMT_DATUM_EACH : STMT_DATUM_EACH_ALL);
	(void)sqlite3_bind_int64(q, 1, c->id);
	(void)sqlite3_bind_int64(q, 2, (sqlite3_int64)after);
	if (datum != NULL)
		store_bind_text(q, 3, datum);
	for (;;) {
		e = store_step(q);
		if (e != KEEL_OK)
			break;
		e = open_row(c, q, buf, &item);
		if (e == KEEL_OK)
			e = each(self, &item);
		if (e != KEEL_OK) {
			(void)sqlite3_reset(q);
			keel_wipe(buf, sizeof(buf));
			return e;
		}
	}
	keel_wipe(buf, sizeof(buf));
	return e == KEEL_ENONE ? KEEL_OK : e;
}

static enum keel_err find(struct keel_store *s, const char *compartment, const char *datum,
	const struct store_compartment **out)
{
	if (s->broken)
		return KEEL_EIO;
	if (!store_name_good(compartment) || (datum != NULL && !store_name_good(datum)))
		return KEEL_ERANGE;
	*out = store_compartment_find(s, compartment);
	return *out != NULL ? KEEL_OK : KEEL_ENONE;
}

struct between {
	int64_t from, to;
	enum keel_err (*each)(
		void *self, uint64_t row, const char *datum, int64_t time, struct keel_bytes value);
	void *self;
};

static enum keel_err give_between(void *self, const struct item *item)
{
	const struct between *b = self;
	if (item->time < b->from || item->time > b->to)
		return KEEL_OK;
	return b->each(b->self, item->row, item->datum, item->time, item->value);
}

enum keel_err keel_datum_each(struct keel_store *s, const char *compartment, const char *datum,
	int64_t from, int64_t to, uint64_t after,
	enum keel_err (*each)(
		void *self, uint64_t row, const char *datum, int64_t time, struct keel_bytes value),
	void *self)
{
	const struct store_compartment *c;
	struct between b = { from, to, each, self };
	enum keel_err e = find(s, compartment, datum, &c);
	if (e != KEEL_OK)
		return e == KEEL_ENONE ? KEEL_OK : e;
	return walk(s, c, datum, after, give_between, &b);
}

struct tally {
	uint64_t count;
	int64_t oldest;
};

static enum keel_err tally_item(void *self, const struct item *item)
{
	struct tally *t = self;
	if (t->count == 0 || item->time < t->oldest)
		t->oldest = item->time;
	t->count++;
	return KEEL_OK;
}

enum keel_err keel_datum_count(struct keel_store *s, const char *compartment, const char *datum,
	uint64_t *count, int64_t *oldest)
{
	const struct store_compartment *c;
	struct tally t = { 0 };
	enum keel_err e = find(s, compartment, datum, &c);
	if (e == KEEL_OK)
		e = walk(s, c, datum, 0, tally_item, &t);
	if (e != KEEL_OK && e != KEEL_ENONE)
		return e;
	*count = t.count;
	*oldest = t.oldest;
	return KEEL_OK;
}

struct pruning {
	struct keel_store *store;
	int64_t before;
};

static enum keel_err prune_item(void *self, const struct item *item)
{
	struct pruning *p = self;
	if (item->time >= p->before)
		return KEEL_OK;
	sqlite3_stmt *q = store_stmt(p->store, STMT_DATUM_MARK);
	(void)sqlite3_bind_int64(q, 1, (sqlite3_int64)p->store->generation + 1);
	(void)sqlite3_bind_int64(q, 2, (sqlite3_int64)item->row);
	p->store->marked = true;
	return store_run(q);
}

enum keel_err keel_datum_prune(
	struct keel_store *s, const char *compartment, const char *datum, int64_t before)
{
	const struct store_compartment *c;
	struct pruning p = { s, before };
	enum keel_err e = store_may_change(s);
	if (e != KEEL_OK)
		return e;
	if (datum == NULL)
		return KEEL_ERANGE;
	e = find(s, compartment, datum, &c);
	if (e != KEEL_OK)
		return e == KEEL_ENONE ? KEEL_OK : e;
	return store_changed(s, walk(s, c, datum, 0, prune_item, &p));
}

/* Takes a compartment's key away, here and in the table; its rows are nobody's then. */
static enum keel_err take_away(
	struct keel_store *s, const char *name, struct store_compartment *out)
{
	enum keel_err e = store_may_change(s);
	if (e != KEEL_OK)
		return e;
	if (!store_name_good(name))
		return KEEL_ERANGE;
	struct store_compartment *c = store_compartment_find(s, name);
	if (c == NULL)
		return KEEL_ENONE;
	sqlite3_stmt *q = store_stmt(s, STMT_KEY_MARK);
	(void)sqlite3_bind_int64(q, 1, (sqlite3_int64)s->generation + 1);
	(void)sqlite3_bind_int64(q, 2, c->id);
	s->marked = true;
	s->rekeyed = true;
	*out = *c;
	*c = s->compartments[--s->count];
	keel_wipe(&s->compartments[s->count], sizeof(*c));
	return store_changed(s, store_run(q));
}

enum keel_err keel_compartment_delete(struct keel_store *s, const char *compartment)
{
	struct store_compartment gone;
	enum keel_err e = take_away(s, compartment, &gone);
	keel_wipe(&gone, sizeof(gone));
	return e;
}

struct moving {
	struct keel_store *store;
	const struct store_compartment *to;
};

static enum keel_err move_item(void *self, const struct item *item)
{
	const struct moving *m = self;
	return add(m->store, m->to, item->datum, item->time, item->value);
}

enum keel_err keel_compartment_renew(struct keel_store *s, const char *compartment)
{
	struct store_compartment former;
	struct store_compartment *next;
	enum keel_err e = take_away(s, compartment, &former);
	if (e != KEEL_OK)
		return e;
	e = store_compartment_need(s, compartment, &next);
	struct moving m = { s, next };
	if (e == KEEL_OK)
		e = walk(s, &former, NULL, 0, move_item, &m);
	keel_wipe(&former, sizeof(former));
	return store_changed(s, e);
}

enum keel_err keel_compartment_each(struct keel_store *s,
	enum keel_err (*each)(void *self, const char *compartment), void *self)
{
	enum keel_err e = s->broken ? KEEL_EIO : KEEL_OK;
	for (size_t i = 0; i < s->count && e == KEEL_OK; i++)
		e = each(self, s->compartments[i].name);
	return e;
}
