/* The store through its header, on the real disk. */
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "device/vault/identity.h"
#include "device/vault/store/store.h"

#define MARK "presence-canary-6f1d"

struct place { /* a root that a test holds */
	struct keel_key root;
	uint64_t generation;
	bool there, refuses;
};

static enum keel_err place_read(void *self, struct keel_key *root, uint64_t *generation)
{
	struct place *p = self;
	if (!p->there)
		return KEEL_ENONE;
	*root = p->root;
	*generation = p->generation;
	return KEEL_OK;
}

static enum keel_err place_write(void *self, const struct keel_key *root, uint64_t generation)
{
	struct place *p = self;
	if (p->refuses)
		return KEEL_EIO;
	*p = (struct place){ *root, generation, true, false };
	return KEEL_OK;
}

static struct keel_root root_of(struct place *p)
{
	return (struct keel_root){ place_read, place_write, true, p };
}

struct home {
	char dir[32], copy[32];
	struct place place;
	struct keel_store *store;
	struct keel_fault fault;
};

__attribute__((format(printf, 1, 2))) static void sh(const char *format, ...)
{
	char line[256];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	CHECK(system(line) == 0);
}

static void home_open(struct home *h)
{
	h->store = NULL;
	CHECK(keel_store_open(h->dir, NULL, root_of(&h->place), &h->store, &h->fault) == KEEL_OK);
}

static void home_new(struct home *h)
{
	*h = (struct home){ .dir = "/tmp/keel-store-XXXXXX", .copy = "/tmp/keel-copy-XXXXXX" };
	CHECK(mkdtemp(h->dir) != NULL && mkdtemp(h->copy) != NULL);
	home_open(h);
}

static void home_end(struct home *h)
{
	keel_store_close(h->store);
	sh("rm -rf %s %s", h->dir, h->copy);
}

static void home_again(struct home *h)
{
	keel_store_close(h->store);
	home_open(h);
}

static void copy_made(struct home *h)
{
	sh("rm -rf %2$s && cp -a %1$s %2$s", h->dir, h->copy);
}

static void copy_back(struct home *h)
{
	sh("rm -rf %1$s && cp -a %2$s %1$s", h->dir, h->copy);
}

static enum keel_err open_again(struct home *h)
{
	keel_store_close(h->store);
	h->store = NULL;
	return keel_store_open(h->dir, NULL, root_of(&h->place), &h->store, &h->fault);
}

static bool record_is(struct home *h, const char *name, const char *want)
{
	uint8_t buf[KEEL_RECORD_MAX];
	struct keel_bytes got;
	enum keel_err e = keel_record_get(h->store, name, buf, sizeof(buf), &got);
	return want == NULL ? e == KEEL_ENONE : e == KEEL_OK && keel_bytes_is(got, want);
}

static void put(struct home *h, const char *name, const char *value)
{
	CHECK(keel_store_begin(h->store) == KEEL_OK);
	CHECK(keel_record_put(h->store, name, keel_text(value)) == KEEL_OK);
	CHECK(keel_store_commit(h->store) == KEEL_OK);
}

static void add(struct home *h, const char *compartment, int64_t time, const char *value)
{
	CHECK(keel_store_begin(h->store) == KEEL_OK);
	CHECK(keel_datum_add(h->store, compartment, "presence", time, keel_text(value)) == KEEL_OK);
	CHECK(keel_store_commit(h->store) == KEEL_OK);
}

struct seen {
	char text[512];
	unsigned count;
	uint64_t last;
};

static enum keel_err see(
	void *self, uint64_t row, const char *datum, int64_t time, struct keel_bytes value)
{
	struct seen *s = self;
	size_t n = strlen(s->text);
	(void)snprintf(s->text + n, sizeof(s->text) - n, "%s@%lld=%.*s ", datum, (long long)time,
		(int)value.n, (const char *)value.p);
	s->count++;
	s->last = row;
	return KEEL_OK;
}

static struct seen all_of(struct home *h, const char *compartment)
{
	struct seen s = { 0 };
	CHECK(keel_datum_each(h->store, compartment, NULL, INT64_MIN, INT64_MAX, 0, see, &s) ==
		KEEL_OK);
	return s;
}

static enum keel_err erase(struct home *h, const char *compartment)
{
	CHECK(keel_store_begin(h->store) == KEEL_OK);
	CHECK(keel_compartment_delete(h->store, compartment) == KEEL_OK);
	return keel_store_commit_renew(h->store);
}

static void records_come_back(void)
{
	struct home h;
	home_new(&h);
	put(&h, "unit", "one");
	put(&h, "unit", "two");
	home_again(&h);
	CHECK(record_is(&h, "unit", "two") && record_is(&h, "other", NULL));
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_record_delete(h.store, "unit") == KEEL_OK);
	CHECK(keel_record_delete(h.store, "unit") == KEEL_ENONE);
	keel_store_rollback(h.store);
	CHECK(record_is(&h, "unit", "two"));
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_record_put(h.store, "unit", keel_text("three")) == KEEL_OK);
	CHECK(record_is(&h, "unit", "three"));
	keel_store_rollback(h.store);
	CHECK(record_is(&h, "unit", "two"));
	home_end(&h);
}

static enum keel_err join(void *self, const char *name, struct keel_bytes value)
{
	char *text = self;
	size_t n = strlen(text);
	(void)snprintf(text + n, 100 - n, "%s=%.*s ", name, (int)value.n, (const char *)value.p);
	return KEEL_OK;
}

static void records_are_walked_by_prefix_in_order(void)
{
	char text[100] = "";
	struct home h;
	home_new(&h);
	put(&h, "owner/b", "2");
	put(&h, "owner/a", "1");
	put(&h, "owner", "0");
	put(&h, "owner0", "9");
	CHECK(keel_record_each(h.store, "owner/", join, text) == KEEL_OK);
	CHECK(strcmp(text, "owner/a=1 owner/b=2 ") == 0);
	text[0] = '\0';
	CHECK(keel_record_each(h.store, "", join, text) == KEEL_OK);
	CHECK(strcmp(text, "owner=0 owner/a=1 owner/b=2 owner0=9 ") == 0);
	home_end(&h);
}

static void data_are_walked_by_time_and_row(void)
{
	struct seen s = { 0 };
	uint64_t count = 99;
	int64_t oldest = 99;
	struct home h;
	home_new(&h);
	add(&h, "home", 30, "c");
	add(&h, "home", 10, "a");
	add(&h, "person", 15, "p");
	add(&h, "home", 20, "b");
	CHECK(keel_datum_each(h.store, "home", "presence", 10, 20, 0, see, &s) == KEEL_OK);
	CHECK(strcmp(s.text, "presence@10=a presence@20=b ") == 0);
	uint64_t after = s.last - 1;
	s = (struct seen){ 0 };
	CHECK(keel_datum_each(h.store, "home", NULL, 0, 99, after, see, &s) == KEEL_OK);
	CHECK(strcmp(s.text, "presence@20=b ") == 0);
	CHECK(keel_datum_count(h.store, "home", "presence", &count, &oldest) == KEEL_OK);
	CHECK(count == 3 && oldest == 10);
	CHECK(keel_datum_count(h.store, "nobody", "presence", &count, &oldest) == KEEL_OK);
	CHECK(count == 0 && oldest == 0);
	home_end(&h);
}

static void a_set_replaces_and_a_prune_forgets(void)
{
	struct home h;
	home_new(&h);
	add(&h, "home", 10, "a");
	add(&h, "home", 20, "b");
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_datum_prune(h.store, "home", "presence", 20) == KEEL_OK);
	CHECK(keel_store_commit(h.store) == KEEL_OK);
	CHECK(strcmp(all_of(&h, "home").text, "presence@20=b ") == 0);
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_datum_set(h.store, "home", "presence", 40, keel_text("z")) == KEEL_OK);
	CHECK(keel_store_commit(h.store) == KEEL_OK);
	home_again(&h);
	CHECK(strcmp(all_of(&h, "home").text, "presence@40=z ") == 0);
	home_end(&h);
}

static void a_failed_change_allows_only_rollback(void)
{
	struct home h;
	home_new(&h);
	CHECK(keel_record_put(h.store, "unit", keel_text("x")) == KEEL_ESTATE);
	CHECK(keel_store_commit(h.store) == KEEL_ESTATE);
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_store_begin(h.store) == KEEL_ESTATE);
	CHECK(keel_record_put(h.store, "", keel_text("x")) == KEEL_ERANGE);
	for (int i = 0; i < 64; i++) {
		char name[16];
		(void)snprintf(name, sizeof(name), "c%d", i);
		CHECK(keel_datum_add(h.store, name, "d", 1, keel_text("v")) == KEEL_OK);
	}
	CHECK(keel_datum_add(h.store, "one more", "d", 1, keel_text("v")) == KEEL_EFULL);
	CHECK(keel_datum_add(h.store, "c1", "d", 1, keel_text("v")) == KEEL_ESTATE);
	CHECK(keel_store_commit(h.store) == KEEL_ESTATE);
	CHECK(all_of(&h, "c1").count == 0); /* rolled back, the compartments too */
	add(&h, "c2", 1, "v");
	CHECK(all_of(&h, "c2").count == 1);
	home_end(&h);
}

static void invariant_1_and_2_a_renewal_keeps_what_was_not_deleted(void)
{
	struct home h;
	home_new(&h);
	CHECK(keel_store_generation(h.store) == 1);
	put(&h, "unit", "one");
	add(&h, "home", 10, "a");
	add(&h, "person", 11, MARK);
	CHECK(erase(&h, "person") == KEEL_OK);
	for (int pass = 0; pass < 2; pass++) {
		CHECK(keel_store_generation(h.store) == 2);
		CHECK(record_is(&h, "unit", "one"));
		CHECK(all_of(&h, "home").count == 1 && all_of(&h, "person").count == 0);
		home_again(&h);
	}
	add(&h, "person", 12, "new"); /* under a new key */
	CHECK(all_of(&h, "person").count == 1);
	home_end(&h);
}

/* Everything in one transaction that is renewed: made, changed, deleted, made again. */
static void a_renewal_takes_its_own_changes_along(void)
{
	struct home h;
	home_new(&h);
	add(&h, "home", 1, "old");
	put(&h, "unit", "one");
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_compartment_delete(h.store, "home") == KEEL_OK);
	CHECK(keel_datum_add(h.store, "home", "presence", 2, keel_text("new")) == KEEL_OK);
	CHECK(keel_record_put(h.store, "unit", keel_text("two")) == KEEL_OK);
	CHECK(keel_record_put(h.store, "unit", keel_text("three")) == KEEL_OK);
	CHECK(keel_record_put(h.store, "more", keel_text("m")) == KEEL_OK);
	CHECK(keel_store_commit_renew(h.store) == KEEL_OK);
	for (int pass = 0; pass < 2; pass++) {
		CHECK(strcmp(all_of(&h, "home").text, "presence@2=new ") == 0);
		CHECK(record_is(&h, "unit", "three") && record_is(&h, "more", "m"));
		home_again(&h);
	}
	home_end(&h);
}

static void a_root_that_refuses_leaves_the_state_before(void)
{
	struct home h;
	home_new(&h);
	add(&h, "person", 1, "kept");
	put(&h, "unit", "one");
	h.place.refuses = true;
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_compartment_delete(h.store, "person") == KEEL_OK);
	CHECK(keel_record_put(h.store, "unit", keel_text("two")) == KEEL_OK);
	CHECK(keel_store_commit_renew(h.store) == KEEL_EIO);
	h.place.refuses = false;
	for (int pass = 0; pass < 2; pass++) {
		CHECK(keel_store_generation(h.store) == 1);
		CHECK(record_is(&h, "unit", "one"));
		CHECK(strcmp(all_of(&h, "person").text, "presence@1=kept ") == 0);
		add(&h, "home", 5, "goes on");
		home_again(&h);
	}
	CHECK(erase(&h, "person") == KEEL_OK && all_of(&h, "person").count == 0);
	home_end(&h);
}

/* EN 303 645 5.11-1, and invariants 3 and 4: the folder is copied, not the root. */
static void prov_5_11_1_a_copy_made_before_the_deletion_is_worthless(void)
{
	struct home h;
	home_new(&h);
	add(&h, "person", 11, MARK);
	copy_made(&h);
	CHECK(erase(&h, "person") == KEEL_OK);
	keel_store_close(h.store);
	h.store = NULL;
	copy_back(&h);
	CHECK(open_again(&h) == KEEL_ESTALE && h.fault.err == KEEL_ESTALE);
	CHECK(strstr(h.fault.what, "older copy") != NULL && h.fault.next[0] != '\0');
	h.place.generation = 1; /* even if the place lied about the generation */
	CHECK(open_again(&h) == KEEL_EAUTH);
	home_end(&h);
}

static int64_t count_in(const char *dir, const char *text)
{
	char path[64];
	int64_t count = -1;
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	CHECK(sqlite3_open(path, &db) == SQLITE_OK);
	CHECK(sqlite3_prepare_v2(db, text, -1, &q, NULL) == SQLITE_OK);
	if (sqlite3_step(q) == SQLITE_ROW)
		count = sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return count;
}

/* While the store is still open: the former generation's rows are gone, and so is the log. */
static void invariant_3_a_renewal_leaves_no_row_of_what_was(void)
{
	struct home h;
	struct stat st;
	char path[64];
	home_new(&h);
	put(&h, "unit", "one");
	add(&h, "person", 11, MARK);
	add(&h, "home", 11, "stays");
	CHECK(erase(&h, "person") == KEEL_OK);
	(void)snprintf(path, sizeof(path), "%s/store.db-wal", h.dir);
	CHECK(stat(path, &st) != 0 || st.st_size == 0);
	copy_made(&h);
	CHECK(count_in(h.copy, "SELECT count(*) FROM keys") == 2);
	CHECK(count_in(h.copy, "SELECT count(*) FROM records") == 1);
	CHECK(count_in(h.copy, "SELECT count(*) FROM data") == 1);
	home_end(&h);
}

static void a_store_that_was_removed_is_refused(void)
{
	struct home h;
	home_new(&h);
	put(&h, "unit", "one");
	keel_store_close(h.store);
	h.store = NULL;
	sh("rm %s/store.db*", h.dir);
	CHECK(open_again(&h) == KEEL_ESTALE);
	home_end(&h);
}

static void a_wrong_or_missing_root_is_refused_and_changes_nothing(void)
{
	struct home h;
	home_new(&h);
	put(&h, "unit", "one");
	struct place good = h.place;
	h.place.root.b[7] ^= 1;
	CHECK(open_again(&h) == KEEL_EAUTH);
	h.place = (struct place){ 0 };
	CHECK(open_again(&h) == KEEL_EAUTH && !h.place.there);
	h.place = good;
	h.place.generation = 7; /* newer than anything in the store */
	CHECK(open_again(&h) == KEEL_ESTALE);
	h.place = good;
	CHECK(open_again(&h) == KEEL_OK && record_is(&h, "unit", "one"));
	home_end(&h);
}

static bool file_has(const char *dir, const char *what)
{
	char line[128];
	(void)snprintf(line, sizeof(line), "grep -rqaF -- '%s' %s", what, dir);
	return system(line) == 0;
}

/* EN 303 645 5.4-1. */
static void prov_5_4_1_nothing_readable_on_the_disk(void)
{
	struct stat st;
	char path[64];
	struct home h;
	home_new(&h);
	put(&h, "unit", MARK "-record");
	add(&h, "person", 1764000000, MARK "-datum");
	CHECK(file_has(h.dir, "presence")); /* grep finds what is there: a declared name */
	CHECK(!file_has(h.dir, MARK));
	keel_store_close(h.store);
	h.store = NULL;
	CHECK(file_has(h.dir, "presence") && !file_has(h.dir, MARK));
	(void)snprintf(path, sizeof(path), "%s/store.db", h.dir);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 077) == 0);
	home_end(&h);
}

static void sql(struct home *h, const char *text, int64_t number)
{
	char path[64];
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	keel_store_close(h->store);
	h->store = NULL;
	(void)snprintf(path, sizeof(path), "%s/store.db", h->dir);
	CHECK(sqlite3_open(path, &db) == SQLITE_OK);
	CHECK(sqlite3_prepare_v2(db, text, -1, &q, NULL) == SQLITE_OK);
	if (sqlite3_bind_parameter_count(q) > 0)
		(void)sqlite3_bind_int64(q, 1, number);
	CHECK(sqlite3_step(q) == SQLITE_DONE);
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
}

static enum keel_err try_all(struct home *h)
{
	uint8_t buf[KEEL_RECORD_MAX];
	struct keel_bytes got;
	struct seen s = { 0 };
	enum keel_err e = open_again(h);
	if (e == KEEL_OK)
		e = keel_record_get(h->store, "unit", buf, sizeof(buf), &got);
	if (e == KEEL_OK)
		e = keel_datum_each(h->store, "home", NULL, 0, 99, 0, see, &s);
	return e;
}

#define FLIP(table, where)                                                                         \
	"UPDATE " table " SET sealed = CAST(substr(sealed, 1, ?1) AS BLOB) || "                    \
	"CAST(CASE hex(substr(sealed, ?1 + 1, 1)) WHEN '5A' THEN x'A5' ELSE x'5A' END AS BLOB) "   \
	"|| CAST(substr(sealed, ?1 + 2) AS BLOB) WHERE " where

/* One byte changed, every byte in turn, in a row of each table. */
static void a_changed_byte_of_a_sealed_value_is_refused(void)
{
	static const struct {
		const char *flip;
		int64_t length;
	} rows[] = {
		{ FLIP("keys", "id = 0"), 60 },
		{ FLIP("keys", "id != 0"), 60 },
		{ FLIP("records", "name = 'unit'"), 31 },
		{ FLIP("data", "1"), 39 },
	};
	struct home h;
	home_new(&h);
	put(&h, "unit", "one");
	add(&h, "home", 10, "abc");
	CHECK(try_all(&h) == KEEL_OK);
	keel_store_close(h.store);
	h.store = NULL;
	copy_made(&h);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		for (int64_t at = 0; at < rows[i].length && check_failures == 0; at++) {
			copy_back(&h);
			sql(&h, rows[i].flip, at);
			CHECK_ROW(try_all(&h) == KEEL_EAUTH, rows[i].flip);
			keel_store_close(h.store);
			h.store = NULL;
		}
	}
	home_end(&h);
}

static const char *const revive =
	"INSERT INTO data SELECT row, key, datum, sealed, (SELECT born FROM keys WHERE id = 0), 0"
	" FROM lost";
static const char *const revive_under_todays_key =
	"INSERT INTO data SELECT row, (SELECT id FROM keys WHERE name = 'home'), datum, sealed,"
	" (SELECT born FROM keys WHERE id = 0), 0 FROM lost";

/* Who kept the row and puts it back into the store of today, under the key that it had or has now. */
static void prov_6_3a_a_pruned_item_dies_with_its_compartments_former_key(void)
{
	struct home h;
	struct seen s = { 0 };
	home_new(&h);
	add(&h, "home", 10, "gone");
	add(&h, "home", 20, "stays");
	sql(&h, "CREATE TABLE lost AS SELECT * FROM data ORDER BY row LIMIT 1", 0);
	home_open(&h);
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_datum_prune(h.store, "home", "presence", 15) == KEEL_OK);
	CHECK(keel_compartment_renew(h.store, "home") == KEEL_OK);
	CHECK(keel_compartment_renew(h.store, "nobody") == KEEL_ENONE);
	CHECK(keel_store_commit_renew(h.store) == KEEL_OK);
	sql(&h, revive, 0);
	CHECK(open_again(&h) == KEEL_OK);
	CHECK(keel_datum_each(h.store, "home", NULL, 0, 99, 0, see, &s) == KEEL_OK);
	CHECK(s.count == 1 && strstr(s.text, "stays") != NULL);
	sql(&h, "DELETE FROM data WHERE row = (SELECT row FROM lost)", 0);
	sql(&h, revive_under_todays_key, 0);
	CHECK(open_again(&h) == KEEL_OK);
	CHECK(keel_datum_each(h.store, "home", NULL, 0, 99, 0, see, &s) == KEEL_EAUTH);
	home_end(&h);
}

/* Every sealed value knows its place: in another one it does not open. */
static void a_moved_value_is_refused(void)
{
	static const char *const moves[] = {
		"UPDATE records SET sealed = (SELECT sealed FROM records WHERE name = 'b')"
		" WHERE name = 'unit'",
		"UPDATE records SET row = row + 100",
		"UPDATE records SET name = CASE name WHEN 'b' THEN 'c' ELSE 'unit' END,"
		" sealed = (SELECT sealed FROM records WHERE name = 'b')",
		"UPDATE data SET sealed = (SELECT sealed FROM data WHERE datum = 'other')"
		" WHERE datum = 'presence'",
		"UPDATE data SET datum = 'presence' WHERE datum = 'other'",
		"UPDATE data SET key = (SELECT id FROM keys WHERE name = 'home')"
		" WHERE key = (SELECT id FROM keys WHERE name = 'person')",
		"UPDATE data SET row = row + 100",
		"UPDATE keys SET name = 'home2' WHERE name = 'home'",
		"UPDATE keys SET sealed = (SELECT sealed FROM keys WHERE name = 'person')"
		" WHERE name = 'home'",
		"UPDATE keys SET row = row + 100",
	};
	struct home h;
	home_new(&h);
	put(&h, "unit", "one");
	add(&h, "person", 3, "other person's");
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_record_put(h.store, "b", keel_text("two")) == KEEL_OK);
	CHECK(keel_datum_add(h.store, "home", "other", 1, keel_text("abc")) == KEEL_OK);
	CHECK(keel_datum_add(h.store, "home", "presence", 1, keel_text("abc")) == KEEL_OK);
	CHECK(keel_store_commit(h.store) == KEEL_OK);
	CHECK(try_all(&h) == KEEL_OK);
	keel_store_close(h.store);
	h.store = NULL;
	copy_made(&h);
	for (size_t i = 0; i < KEEL_COUNT(moves); i++) {
		copy_back(&h);
		sql(&h, moves[i], 0);
		CHECK_ROW(try_all(&h) == KEEL_EAUTH, moves[i]);
	}
	home_end(&h);
}

static void write_file(const char *dir, const uint8_t *p, size_t n)
{
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/store.db-wal", dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	FILE *f = fopen(path, "wb");
	CHECK(f != NULL && fwrite(p, 1, n, f) == n && fclose(f) == 0);
}

static size_t read_file(const char *dir, uint8_t *p, size_t cap)
{
	char path[64];
	(void)snprintf(path, sizeof(path), "%s/store.db", dir);
	FILE *f = fopen(path, "rb");
	size_t n = f != NULL ? fread(p, 1, cap, f) : 0;
	CHECK(n > 0 && n < cap && fclose(f) == 0);
	return n;
}

/* Whatever is wrong with the file: an error, or nothing there, or the value that was put. */
static bool reads_nothing_wrong(struct home *h)
{
	uint8_t buf[KEEL_RECORD_MAX];
	struct keel_bytes got;
	struct seen s = { 0 };
	if (open_again(h) != KEEL_OK)
		return true;
	enum keel_err e = keel_record_get(h->store, "unit", buf, sizeof(buf), &got);
	if (e == KEEL_OK && !keel_bytes_is(got, "one"))
		return false;
	e = keel_datum_each(h->store, "home", NULL, 0, 99, 0, see, &s);
	return e != KEEL_OK || s.count == 0 || strcmp(s.text, "presence@10=abc ") == 0;
}

static void a_damaged_file_never_gives_a_wrong_value(void)
{
	static uint8_t good[1 << 17];
	static uint8_t bad[1 << 17];
	unsigned opened = 0;
	struct home h;
	home_new(&h);
	put(&h, "unit", "one");
	add(&h, "home", 10, "abc");
	keel_store_close(h.store);
	h.store = NULL;
	size_t n = read_file(h.dir, good, sizeof(good));
	struct place place = h.place;
	for (size_t at = 0; at < n && check_failures == 0; at++) {
		if (at % (good[at] == 0 ? 101 : 3) != 0) /* for time; most of a page is empty */
			continue;
		memcpy(bad, good, n);
		bad[at] ^= (uint8_t)(1U << at % 8);
		write_file(h.dir, bad, n);
		h.place = place;
		CHECK(reads_nothing_wrong(&h));
		opened += h.store != NULL;
		keel_store_close(h.store);
		h.store = NULL;
	}
	CHECK(opened > 100); /* some bytes do not matter, so the loop did look */
	write_file(h.dir, good, n);
	h.place = place;
	CHECK(try_all(&h) == KEEL_OK);
	home_end(&h);
}

static void a_file_of_somebody_else_is_refused(void)
{
	static const char *const others[] = {
		"DROP TABLE data",
		"ALTER TABLE records RENAME COLUMN sealed TO open",
		"CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM records; END",
	};
	static const enum keel_err expected[] = { KEEL_OK, KEEL_EFORM, KEEL_OK };
	struct home h;
	home_new(&h);
	put(&h, "unit", "one");
	keel_store_close(h.store);
	h.store = NULL;
	copy_made(&h);
	for (size_t i = 0; i < KEEL_COUNT(others); i++) {
		copy_back(&h);
		sql(&h, others[i], 0);
		CHECK_ROW(open_again(&h) == expected[i], others[i]);
		if (h.store == NULL)
			continue;
		put(&h, "other", "x"); /* no trigger runs */
		CHECK_ROW(record_is(&h, "unit", "one") && record_is(&h, "other", "x"), others[i]);
	}
	home_end(&h);
}

static void two_processes_do_not_share_it(void)
{
	struct keel_store *second = NULL;
	struct keel_fault fault = { 0 };
	struct home h;
	home_new(&h);
	put(&h, "unit", "one");
	CHECK(keel_store_open(h.dir, NULL, root_of(&h.place), &second, &fault) == KEEL_ESTATE);
	CHECK(strstr(fault.what, "in use") != NULL);
	home_end(&h);
}

static enum keel_err open_with_file(struct home *h, struct keel_keeper **k)
{
	h->store = NULL;
	CHECK(keel_keeper_file(h->dir, k, &h->fault) == KEEL_OK);
	return keel_store_open(h->dir, NULL, keel_keeper_root(*k), &h->store, &h->fault);
}

static void close_with_file(struct home *h, struct keel_keeper *k)
{
	keel_store_close(h->store);
	h->store = NULL;
	keel_keeper_close(k);
}

/* EN 303 645 5.11-1, without a TPM: what a copy of folder and root can still read, and is told. */
static void prov_5_11_1_with_a_file_root_a_copy_of_everything_still_reads(void)
{
	struct home h = { .dir = "/tmp/keel-store-XXXXXX", .copy = "/tmp/keel-copy-XXXXXX" };
	struct keel_keeper *k = NULL;
	CHECK(mkdtemp(h.dir) != NULL && mkdtemp(h.copy) != NULL);
	CHECK(open_with_file(&h, &k) == KEEL_OK);
	CHECK(!keel_store_destroys(h.store)); /* what receipts and statements say */
	add(&h, "person", 11, MARK);
	copy_made(&h);
	CHECK(erase(&h, "person") == KEEL_OK);
	close_with_file(&h, k);
	CHECK(open_with_file(&h, &k) == KEEL_OK && all_of(&h, "person").count == 0);
	close_with_file(&h, k);

	sh("cp %1$s/root %1$s.root", h.dir); /* the folder put back beside today's root: refused */
	copy_back(&h);
	sh("cp %1$s.root %1$s/root && rm %1$s.root", h.dir);
	CHECK(open_with_file(&h, &k) == KEEL_ESTALE);
	close_with_file(&h, k);

	copy_back(&h); /* the root's copy as well: it reads, as destroys = false says */
	CHECK(open_with_file(&h, &k) == KEEL_OK);
	CHECK(strstr(all_of(&h, "person").text, MARK) != NULL);
	close_with_file(&h, k);
	home_end(&h);
}

TEST_MAIN(TEST(records_come_back), TEST(records_are_walked_by_prefix_in_order),
	TEST(data_are_walked_by_time_and_row), TEST(a_set_replaces_and_a_prune_forgets),
	TEST(a_failed_change_allows_only_rollback),
	TEST(invariant_1_and_2_a_renewal_keeps_what_was_not_deleted),
	TEST(a_renewal_takes_its_own_changes_along),
	TEST(a_root_that_refuses_leaves_the_state_before),
	TEST(prov_5_11_1_a_copy_made_before_the_deletion_is_worthless),
	TEST(invariant_3_a_renewal_leaves_no_row_of_what_was),
	TEST(a_store_that_was_removed_is_refused),
	TEST(a_wrong_or_missing_root_is_refused_and_changes_nothing),
	TEST(prov_5_4_1_nothing_readable_on_the_disk),
	TEST(a_changed_byte_of_a_sealed_value_is_refused), TEST(a_moved_value_is_refused),
	TEST(prov_6_3a_a_pruned_item_dies_with_its_compartments_former_key),
	TEST(a_damaged_file_never_gives_a_wrong_value), TEST(a_file_of_somebody_else_is_refused),
	TEST(two_processes_do_not_share_it),
	TEST(prov_5_11_1_with_a_file_root_a_copy_of_everything_still_reads))
