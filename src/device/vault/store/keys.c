#include <string.h>

#include "core/break.h"
#include "device/vault/store/db.h"

#define SEALED_KEY_LEN (sizeof(struct keel_key) + STORE_SEAL_OVERHEAD)

static struct store_place key_place(uint64_t generation, int64_t row, int64_t id, const char *name)
{
	return (struct store_place){
		.kind = id == 0 ? STORE_RECORD_KEY : STORE_COMPARTMENT_KEY,
		.generation = generation,
		.key = id,
		.row = row,
		.name = name,
	};
}

void store_keys_forget(struct keel_store *s)
{
	keel_key_wipe(&s->record_key);
	keel_wipe(s->compartments, sizeof(s->compartments));
	s->count = 0;
}

static enum keel_err unwrap(const struct keel_store *s, sqlite3_stmt *q, struct keel_key *out)
{
	struct keel_bytes plain;
	struct store_place at = key_place((uint64_t)sqlite3_column_int64(q, 4),
		sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1), store_column_text(q, 2));
	keel_auto(keel_key_wipe) struct keel_key key = { 0 };
	enum keel_err e =
		store_unseal(&s->root, &at, store_column(q, 3), key.b, sizeof(key.b), &plain);
	if (e != KEEL_OK || plain.n != sizeof(key.b))
		return KEEL_EAUTH;
	*out = key;
	return KEEL_OK;
}

enum keel_err store_keys_probe(struct keel_store *s)
{
	keel_auto(keel_key_wipe) struct keel_key key = { 0 };
	sqlite3_stmt *q = store_stmt(s, STMT_KEYS_PROBE);
	(void)sqlite3_bind_int64(q, 1, (sqlite3_int64)s->generation);
	enum keel_err e = store_step(q);
	if (e == KEEL_OK)
		e = unwrap(s, q, &key);
	(void)sqlite3_reset(q);
	return e;
}

/* One row of the table into memory. */
static enum keel_err key_load(struct keel_store *s, sqlite3_stmt *q, bool *have_record_key)
{
	const char *name = store_column_text(q, 2);
	int64_t id = sqlite3_column_int64(q, 1);
	if ((uint64_t)sqlite3_column_int64(q, 4) != s->generation &&
		!keel_broken("generation-unchecked"))
		return KEEL_EFORM;
	if (id == 0) {
		*have_record_key = true;
		return unwrap(s, q, &s->record_key);
	}
	if (s->count == STORE_COMPARTMENTS_MAX || !store_name_good(name))
		return KEEL_EFORM;
	struct store_compartment *c = &s->compartments[s->count];
	enum keel_err e = unwrap(s, q, &c->key);
	if (e != KEEL_OK)
		return e;
	c->id = id;
	(void)memcpy(c->name, name, strlen(name) + 1);
	s->count++;
	return KEEL_OK;
}

enum keel_err store_keys_load(struct keel_store *s)
{
	sqlite3_stmt *q = store_stmt(s, STMT_KEYS_LIVE);
	bool have_record_key = false;
	enum keel_err e;
	store_keys_forget(s);
	while ((e = store_step(q)) == KEEL_OK) {
		e = key_load(s, q, &have_record_key);
		if (e != KEEL_OK) {
			(void)sqlite3_reset(q);
			return e;
		}
	}
	if (e != KEEL_ENONE)
		return e;
	return have_record_key ? KEEL_OK : KEEL_EFORM;
}

enum keel_err store_key_add(struct keel_store *s, const struct keel_key *root, uint64_t generation,
	int64_t id, const char *name, const struct keel_key *key)
{
	uint8_t buf[SEALED_KEY_LEN];
	struct keel_bytes sealed;
	int64_t row = s->next_row++;
	struct store_place at = key_place(generation, row, id, name);
	enum keel_err e = store_seal(root, &at, KEEL_VIEW(key->b), buf, &sealed);
	if (e != KEEL_OK)
		return e;
	sqlite3_stmt *q = store_stmt(s, STMT_KEY_ADD);
	(void)sqlite3_bind_int64(q, 1, row);
	(void)sqlite3_bind_int64(q, 2, id);
	store_bind_text(q, 3, name);
	store_bind_bytes(q, 4, sealed);
	(void)sqlite3_bind_int64(q, 5, (sqlite3_int64)generation);
	return store_run(q);
}

struct store_compartment *store_compartment_find(struct keel_store *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->compartments[i].name, name) == 0)
			return &s->compartments[i];
	return NULL;
}

enum keel_err store_compartment_need(
	struct keel_store *s, const char *name, struct store_compartment **out)
{
	struct store_compartment *c = store_compartment_find(s, name);
	if (c == NULL) {
		if (s->count == STORE_COMPARTMENTS_MAX)
			return KEEL_EFULL;
		s->rekeyed = true;
		c = &s->compartments[s->count];
		keel_random(c->key.b, sizeof(c->key.b));
		c->id = s->next_row++;
		(void)memcpy(c->name, name, strlen(name) + 1);
		enum keel_err e = store_key_add(s, &s->root, s->generation, c->id, name, &c->key);
		if (e != KEEL_OK)
			return e;
		s->count++;
	}
	*out = c;
	return KEEL_OK;
}

enum keel_err store_keys_rewrap(struct keel_store *s, const struct keel_key *root,
	const struct keel_key *record_key, uint64_t generation)
{
	enum keel_err e = store_exec(s, "UPDATE keys SET gone = ?1 WHERE gone = 0", generation, 0);
	if (e == KEEL_OK)
		e = store_key_add(s, root, generation, 0, "", record_key);
	for (size_t i = 0; i < s->count && e == KEEL_OK; i++) {
		const struct store_compartment *c = &s->compartments[i];
		e = store_key_add(s, root, generation, c->id, c->name, &c->key);
	}
	return e;
}
