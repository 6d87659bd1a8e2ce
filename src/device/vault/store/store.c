#include "device/vault/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/break.h"
#include "device/vault/store/db.h"

#define PATH_LEN 4096

bool store_name_good(const char *name)
{
	size_t n = strnlen(name, KEEL_STORE_NAME_MAX + 1);
	for (size_t i = 0; i < n; i++)
		if (name[i] < 0x20 || name[i] > 0x7e)
			return false;
	return n > 0 && n <= KEEL_STORE_NAME_MAX;
}

enum keel_err store_may_change(const struct keel_store *s)
{
	return s->begun && !s->failed && !s->broken ? KEEL_OK : KEEL_ESTATE;
}

enum keel_err store_changed(struct keel_store *s, enum keel_err e)
{
	if (e != KEEL_OK)
		s->failed = true;
	return e;
}

/* --- opening --- */

/* Brings leftovers of a cut to the generation that the root says; ?1 is it. */
static const char *const settle_sql =
	"BEGIN IMMEDIATE;"
	"DELETE FROM keys WHERE born > ?1 OR (gone != 0 AND gone <= ?1);"
	"UPDATE keys SET gone = 0 WHERE gone != 0;"
	"DELETE FROM records WHERE born > ?1 OR (gone != 0 AND gone <= ?1);"
	"UPDATE records SET gone = 0 WHERE gone != 0;"
	"DELETE FROM data WHERE born > ?1 OR (gone != 0 AND gone <= ?1);"
	"UPDATE data SET gone = 0 WHERE gone != 0;"
	"DELETE FROM data WHERE key NOT IN (SELECT id FROM keys);"
	"COMMIT;"
	"PRAGMA wal_checkpoint(TRUNCATE);";

static enum keel_err settle(struct keel_store *s)
{
	enum keel_err e = store_exec(s, settle_sql, s->generation, 0);
	if (e != KEEL_OK && sqlite3_get_autocommit(s->db) == 0)
		s->broken |= store_run(store_stmt(s, STMT_ROLLBACK)) != KEEL_OK;
	return e;
}

/* Every renewal leaves its mark on the record key, so two rows of it say that one was cut. */
static enum keel_err settle_if_cut(struct keel_store *s)
{
	int64_t traces = 0;
	enum keel_err e = store_number(s, "SELECT count(*) - 1 FROM keys WHERE id = 0", &traces);
	return e == KEEL_OK && traces != 0 ? settle(s) : e;
}

static enum keel_err fill(struct keel_store *s)
{
	enum keel_err e = store_exec(s,
		"BEGIN IMMEDIATE; DELETE FROM keys; DELETE FROM records; DELETE FROM data;", 0, 0);
	if (e != KEEL_OK)
		return e;
	keel_random(s->record_key.b, sizeof(s->record_key.b));
	e = store_key_add(s, &s->root, 1, 0, "", &s->record_key);
	if (e == KEEL_OK)
		e = store_run(store_stmt(s, STMT_COMMIT));
	if (e == KEEL_OK)
		e = s->place.write(s->place.self, &s->root, 1);
	if (e == KEEL_OK)
		s->generation = 1;
	return e;
}

/*
 * The first opening. Generation 0 in the root says "begun, not finished": a cut before the last
 * step finds it and begins again, and only an empty folder may begin.
 */
static enum keel_err make(struct keel_store *s, bool root_is_there)
{
	if (!root_is_there) {
		int64_t keys = 0;
		enum keel_err e = store_number(s, "SELECT count(*) FROM keys", &keys);
		if (e != KEEL_OK)
			return e;
		if (keys != 0 && !keel_broken("foreign-store-taken"))
			return KEEL_EAUTH;
		keel_random(s->root.b, sizeof(s->root.b));
		e = s->place.write(s->place.self, &s->root, 0);
		if (e != KEEL_OK)
			return e;
	}
	return fill(s);
}

static enum keel_err bring_back(struct keel_store *s)
{
	enum keel_err e = s->place.read(s->place.self, &s->root, &s->generation);
	if (e == KEEL_ENONE || (e == KEEL_OK && s->generation == 0))
		return make(s, e == KEEL_OK);
	if (e == KEEL_OK)
		e = store_keys_probe(s);
	if (e == KEEL_ENONE && keel_broken("generation-unchecked"))
		e = KEEL_OK;
	if (e == KEEL_OK)
		e = settle_if_cut(s);
	if (e == KEEL_OK)
		e = store_keys_load(s);
	return e == KEEL_ENONE ? KEEL_ESTALE : e;
}

static enum keel_err count_rows(struct keel_store *s)
{
	int64_t last = 0;
	enum keel_err e = store_number(s,
		"SELECT max((SELECT ifnull(max(row), 0) FROM keys), (SELECT ifnull(max(row), 0)"
		" FROM records), (SELECT ifnull(max(row), 0) FROM data))",
		&last);
	if (e == KEEL_OK)
		s->next_row = last + 1;
	return e;
}

/* What a person is told when the store does not open. */
static const struct {
	const char *what, *next;
} refusals[KEEL_ERR_COUNT] = {
	[KEEL_ESTALE] = { "does not fit the root's generation: an older copy was put back, or it "
			  "was "
			  "removed",
		"put back the folder that was there last, or reset the device to the factory "
		"state" },
	[KEEL_EAUTH] = { "belongs to another root",
		"put back the root (TPM, or file) that it was made with, or reset the device" },
	[KEEL_EFORM] = { "is damaged", "reset the device to the factory state" },
	[KEEL_EFULL] = { "has no room to open", "free space on its file system" },
	[KEEL_ESTATE] = { "is in use by another process", "end the other process" },
	[KEEL_EIO] = { "cannot be read or written, or its root cannot",
		"look at the file system and at the TPM" },
};

static void say(const char *dir, enum keel_err e, uint64_t generation, int os, struct keel_fault *f)
{
	const char *what = refusals[e].what != NULL ? refusals[e].what : keel_err_text(e);
	const char *next = refusals[e].next != NULL ? refusals[e].next : "";
	f->err = e;
	f->os = os;
	(void)snprintf(f->what, sizeof(f->what), "store %.60s %s (generation %llu)", dir, what,
		(unsigned long long)generation);
	(void)snprintf(f->next, sizeof(f->next), "%s", next);
}

/* SQLite would make it readable for the group. Another VFS than the system's has no such file. */
static enum keel_err path_of(const char *dir, const char *vfs, char path[PATH_LEN])
{
	int n = snprintf(path, PATH_LEN, "%s/store.db", dir);
	if (n < 0 || n >= PATH_LEN)
		return KEEL_ERANGE;
	if (vfs != NULL)
		return KEEL_OK;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return KEEL_EIO;
	(void)close(fd);
	return KEEL_OK;
}

enum keel_err keel_store_open(const char *dir, const char *vfs, struct keel_root root,
	struct keel_store **out, struct keel_fault *fault)
{
	char path[PATH_LEN];
	struct keel_store *s = calloc(1, sizeof(*s));
	if (s == NULL) {
		say(dir, KEEL_EFULL, 0, ENOMEM, fault);
		return KEEL_EFULL;
	}
	s->place = root;
	errno = 0;
	enum keel_err e = path_of(dir, vfs, path);
	if (e == KEEL_OK)
		e = store_db_open(s, path, vfs);
	if (e == KEEL_OK)
		e = count_rows(s);
	if (e == KEEL_OK)
		e = bring_back(s);
	if (e != KEEL_OK) {
		say(dir, e, s->generation, e == KEEL_EIO ? errno : 0, fault);
		keel_store_close(s);
		return e;
	}
	*out = s;
	return KEEL_OK;
}

void keel_store_close(struct keel_store *s)
{
	if (s == NULL)
		return;
	store_formers_forget(s);
	store_db_close(s);
	keel_wipe(s, sizeof(*s));
	free(s);
}

uint64_t keel_store_generation(const struct keel_store *s)
{
	return s->generation;
}

bool keel_store_destroys(const struct keel_store *s)
{
	return s->place.destroys;
}

/* --- transactions --- */

static enum keel_err purge(struct keel_store *s, bool orphans)
{
	enum keel_err e = store_run(store_stmt(s, STMT_PURGE_RECORDS));
	if (e == KEEL_OK)
		e = store_run(store_stmt(s, STMT_PURGE_DATA));
	if (e == KEEL_OK && orphans)
		e = store_run(store_stmt(s, STMT_PURGE_KEYS));
	if (e == KEEL_OK && orphans)
		e = store_run(store_stmt(s, STMT_PURGE_ORPHANS));
	return e;
}

enum keel_err keel_store_begin(struct keel_store *s)
{
	if (s->broken)
		return KEEL_EIO;
	if (s->begun)
		return KEEL_ESTATE;
	if (s->leftover) { /* what the last renewal could not remove goes first */
		enum keel_err e = settle(s);
		if (e != KEEL_OK)
			return e;
		s->leftover = false;
	}
	enum keel_err e = store_run(store_stmt(s, STMT_BEGIN));
	if (e != KEEL_OK)
		return e;
	s->begun = true;
	s->failed = s->marked = s->rekeyed = false;
	s->first_row = s->next_row;
	return KEEL_OK;
}

static void end(struct keel_store *s)
{
	s->begun = false;
	store_formers_forget(s);
}

void keel_store_rollback(struct keel_store *s)
{
	if (!s->begun)
		return;
	end(s);
	if (sqlite3_get_autocommit(s->db) == 0)
		s->broken |= store_run(store_stmt(s, STMT_ROLLBACK)) != KEEL_OK;
	if (s->rekeyed)
		s->broken |= store_keys_load(s) != KEEL_OK;
}

static enum keel_err may_commit(struct keel_store *s)
{
	enum keel_err e = store_may_change(s);
	if (e != KEEL_OK)
		keel_store_rollback(s);
	return e;
}

enum keel_err keel_store_commit(struct keel_store *s)
{
	enum keel_err e = may_commit(s);
	if (e != KEEL_OK)
		return e;
	if (s->marked)
		e = purge(s, s->rekeyed);
	if (e == KEEL_OK)
		e = store_run(store_stmt(s, STMT_COMMIT));
	if (e != KEEL_OK)
		keel_store_rollback(s);
	else
		end(s);
	return e;
}

/* Puts the next generation beside this one, whole and durable. */
static enum keel_err put_beside(
	struct keel_store *s, const struct keel_key *root, const struct keel_key *record_key)
{
	const uint64_t next = s->generation + 1;
	enum keel_err e = store_exec(s,
		"UPDATE keys SET born = ?1 WHERE row >= ?2;"
		"UPDATE records SET born = ?1 WHERE row >= ?2;"
		"UPDATE data SET born = ?1 WHERE row >= ?2;",
		next, s->first_row);
	if (e == KEEL_OK)
		e = store_keys_rewrap(s, root, record_key, next);
	if (e == KEEL_OK)
		e = store_records_rewrap(s, record_key, next);
	return e == KEEL_OK ? store_run(store_stmt(s, STMT_COMMIT)) : e;
}

/* The commit itself. An error may hide a write that was done: then the place itself says which. */
static enum keel_err replace_root(struct keel_store *s, const struct keel_key *root)
{
	keel_auto(keel_key_wipe) struct keel_key found = { 0 };
	uint64_t generation = 0;
	enum keel_err e = s->place.write(s->place.self, root, s->generation + 1);
	if (e == KEEL_OK)
		return e;
	if (s->place.read(s->place.self, &found, &generation) != KEEL_OK) {
		s->broken = true; /* only opening it again can tell */
		return KEEL_EIO;
	}
	return generation == s->generation + 1 ? KEEL_OK : e;
}

enum keel_err keel_store_commit_renew(struct keel_store *s)
{
	keel_auto(keel_key_wipe) struct keel_key root = { 0 };
	keel_auto(keel_key_wipe) struct keel_key record_key = { 0 };
	enum keel_err e = may_commit(s);
	if (e != KEEL_OK)
		return e;
	keel_random(root.b, sizeof(root.b));
	if (keel_broken("key-kept-after-deletion"))
		root = s->root;
	keel_random(record_key.b, sizeof(record_key.b));
	e = put_beside(s, &root, &record_key);
	if (e != KEEL_OK) {
		s->rekeyed = true;
		keel_store_rollback(s);
		return e;
	}
	end(s);
	e = replace_root(s, &root);
	if (e == KEEL_OK) {
		s->root = root;
		s->record_key = record_key;
		s->generation++;
		s->leftover = settle(s) != KEEL_OK;
	} else if (!s->broken) {
		s->broken = settle(s) != KEEL_OK || store_keys_load(s) != KEEL_OK;
	}
	return e;
}
