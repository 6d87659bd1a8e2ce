#include <stdlib.h>
#include <string.h>

#include "device/vault/store/db.h"

static struct store_place record_place(int64_t row, const char *name)
{
	return (struct store_place){ .kind = STORE_RECORD, .row = row, .name = name };
}

static enum keel_err add(struct keel_store *s, const struct keel_key *key, uint64_t generation,
	const char *name, struct keel_bytes value)
{
	uint8_t buf[KEEL_RECORD_MAX + STORE_SEAL_OVERHEAD];
	struct keel_bytes sealed;
	struct store_place at = record_place(s->next_row++, name);
	enum keel_err e = store_seal(key, &at, value, buf, &sealed);
	if (e != KEEL_OK)
		return e;
	sqlite3_stmt *q = store_stmt(s, STMT_RECORD_ADD);
	(void)sqlite3_bind_int64(q, 1, at.row);
	store_bind_text(q, 2, name);
	store_bind_bytes(q, 3, sealed);
	(void)sqlite3_bind_int64(q, 4, (sqlite3_int64)generation);
	return store_run(q);
}

static enum keel_err set_sealed(struct keel_store *s, int64_t row, struct keel_bytes sealed)
{
	sqlite3_stmt *q = store_stmt(s, STMT_RECORD_SET);
	store_bind_bytes(q, 1, sealed);
	(void)sqlite3_bind_int64(q, 2, row);
	return store_run(q);
}

/* --- what stood in a row before --- */

/* Not of a row that this transaction added: it counts in no generation before it. */
static enum keel_err keep_former(struct keel_store *s, int64_t row, struct keel_bytes sealed)
{
	if (row >= s->first_row)
		return KEEL_OK;
	struct store_former *f = malloc(sizeof(*f) + sealed.n);
	if (f == NULL)
		return KEEL_EFULL;
	*f = (struct store_former){ .next = s->formers, .row = row, .n = sealed.n };
	if (sealed.n > 0)
		(void)memcpy(f->sealed, sealed.p, sealed.n);
	s->formers = f;
	return KEEL_OK;
}

/* The last kept comes first: of a row that was replaced twice, what stood there at first stays. */
static enum keel_err bring_formers_back(struct keel_store *s)
{
	enum keel_err e = KEEL_OK;
	for (const struct store_former *f = s->formers; f != NULL && e == KEEL_OK; f = f->next)
		e = set_sealed(s, f->row, (struct keel_bytes){ f->sealed, f->n });
	return e;
}

void store_formers_forget(struct keel_store *s)
{
	while (s->formers != NULL) {
		struct store_former *f = s->formers;
		s->formers = f->next;
		free(f);
	}
}

/* --- changes --- */

/* KEEL_ENONE: there is no record of that name. */
static enum keel_err replace(struct keel_store *s, const char *name, struct keel_bytes value)
{
	uint8_t buf[KEEL_RECORD_MAX + STORE_SEAL_OVERHEAD];
	struct keel_bytes sealed;
	sqlite3_stmt *q = store_stmt(s, STMT_RECORD_GET);
	store_bind_text(q, 1, name);
	enum keel_err e = store_step(q);
	if (e != KEEL_OK)
		return e;
	struct store_place at = record_place(sqlite3_column_int64(q, 0), name);
	e = keep_former(s, at.row, store_column(q, 2));
	(void)sqlite3_reset(q);
	if (e == KEEL_OK)
		e = store_seal(&s->record_key, &at, value, buf, &sealed);
	return e == KEEL_OK ? set_sealed(s, at.row, sealed) : e;
}

/* Marks the live record of that name. KEEL_ENONE: there is none. */
static enum keel_err mark(struct keel_store *s, const char *name)
{
	sqlite3_stmt *q = store_stmt(s, STMT_RECORD_MARK);
	(void)sqlite3_bind_int64(q, 1, (sqlite3_int64)s->generation + 1);
	store_bind_text(q, 2, name);
	enum keel_err e = store_run(q);
	if (e != KEEL_OK)
		return e;
	if (sqlite3_changes(s->db) == 0)
		return KEEL_ENONE;
	s->marked = true;
	return KEEL_OK;
}

enum keel_err keel_record_put(struct keel_store *s, const char *name, struct keel_bytes value)
{
	enum keel_err e = store_may_change(s);
	if (e != KEEL_OK)
		return e;
	if (!store_name_good(name) || value.n > KEEL_RECORD_MAX)
		return KEEL_ERANGE;
	e = replace(s, name, value);
	if (e == KEEL_ENONE)
		e = add(s, &s->record_key, s->generation, name, value);
	return store_changed(s, e);
}

enum keel_err keel_record_delete(struct keel_store *s, const char *name)
{
	enum keel_err e = store_may_change(s);
	if (e != KEEL_OK)
		return e;
	if (!store_name_good(name))
		return KEEL_ERANGE;
	e = mark(s, name);
	return e == KEEL_ENONE ? e : store_changed(s, e);
}

static enum keel_err unseal_row(const struct keel_store *s, sqlite3_stmt *q, uint8_t *buf,
	size_t cap, struct keel_bytes *out)
{
	struct store_place at = record_place(sqlite3_column_int64(q, 0), store_column_text(q, 1));
	return store_unseal(&s->record_key, &at, store_column(q, 2), buf, cap, out);
}

enum keel_err keel_record_get(
	struct keel_store *s, const char *name, uint8_t *buf, size_t cap, struct keel_bytes *out)
{
	if (s->broken)
		return KEEL_EIO;
	if (!store_name_good(name))
		return KEEL_ERANGE;
	sqlite3_stmt *q = store_stmt(s, STMT_RECORD_GET);
	store_bind_text(q, 1, name);
	enum keel_err e = store_step(q);
	if (e == KEEL_OK)
		e = unseal_row(s, q, buf, cap, out);
	(void)sqlite3_reset(q);
	return e;
}

/* The first name that does not begin with prefix any more: its last byte, one higher. */
static void name_after(const char *prefix, char out[KEEL_STORE_NAME_MAX + 2])
{
	size_t n = strlen(prefix);
	(void)memcpy(out, prefix, n + 1);
	if (n == 0)
		(void)memcpy(out, "\x7f", 2); /* names are printable ASCII */
	else
		out[n - 1]++;
}

static enum keel_err walk(struct keel_store *s, sqlite3_stmt *q, uint8_t buf[KEEL_RECORD_MAX],
	enum keel_err (*each)(void *self, const char *name, struct keel_bytes value), void *self)
{
	struct keel_bytes value;
	enum keel_err e;
	while ((e = store_step(q)) == KEEL_OK) {
		e = unseal_row(s, q, buf, KEEL_RECORD_MAX, &value);
		if (e == KEEL_OK)
			e = each(self, store_column_text(q, 1), value);
		if (e != KEEL_OK)
			return e;
	}
	return e == KEEL_ENONE ? KEEL_OK : e;
}

enum keel_err keel_record_each(struct keel_store *s, const char *prefix,
	enum keel_err (*each)(void *self, const char *name, struct keel_bytes value), void *self)
{
	uint8_t buf[KEEL_RECORD_MAX];
	char end[KEEL_STORE_NAME_MAX + 2];
	if (s->broken)
		return KEEL_EIO;
	if (prefix[0] != '\0' && !store_name_good(prefix))
		return KEEL_ERANGE;
	name_after(prefix, end);
	sqlite3_stmt *q = store_stmt(s, STMT_RECORD_EACH);
	store_bind_text(q, 1, prefix);
	store_bind_text(q, 2, end);
	enum keel_err e = walk(s, q, buf, each, self);
	(void)sqlite3_reset(q);
	keel_wipe(buf, sizeof(buf));
	return e;
}

static enum keel_err rewrap_row(struct keel_store *s, sqlite3_stmt *q,
	const struct keel_key *record_key, uint64_t generation, int64_t *row)
{
	uint8_t buf[KEEL_RECORD_MAX];
	char name[KEEL_STORE_NAME_MAX + 1];
	struct keel_bytes value;
	enum keel_err e = unseal_row(s, q, buf, sizeof(buf), &value);
	if (e == KEEL_OK) {
		(void)memcpy(name, store_column_text(q, 1), strlen(store_column_text(q, 1)) + 1);
		*row = sqlite3_column_int64(q, 0);
		(void)sqlite3_reset(q);
		e = mark(s, name);
	}
	if (e == KEEL_OK)
		e = add(s, record_key, generation, name, value);
	keel_wipe(buf, sizeof(buf));
	return e;
}

enum keel_err store_records_rewrap(
	struct keel_store *s, const struct keel_key *record_key, uint64_t generation)
{
	const int64_t end = s->next_row;
	int64_t row = 0;
	enum keel_err e = KEEL_OK;
	while (e == KEEL_OK) {
		sqlite3_stmt *q = store_stmt(s, STMT_RECORD_NEXT);
		(void)sqlite3_bind_int64(q, 1, row);
		(void)sqlite3_bind_int64(q, 2, end);
		e = store_step(q);
		if (e == KEEL_ENONE)
			return bring_formers_back(s);
		if (e == KEEL_OK)
			e = rewrap_row(s, q, record_key, generation, &row);
		(void)sqlite3_reset(q);
	}
	return e;
}
