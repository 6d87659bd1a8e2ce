#include "bare.h"

#include <openssl/ec.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const uint8_t value[64] = "what a room reports once a minute";

static sqlite3_stmt *prepared(const struct keel_bare *b, const char *sql)
{
	sqlite3_stmt *q = NULL;
	KEEL_MUST(sqlite3_prepare_v2(b->db, sql, -1, &q, NULL) == SQLITE_OK);
	return q;
}

static void open_db(struct keel_bare *b, const char *dir)
{
	(void)snprintf(b->path, sizeof(b->path), "%s/bare.db", dir);
	KEEL_MUST(sqlite3_open(b->path, &b->db) == SQLITE_OK);
	KEEL_MUST(sqlite3_exec(b->db,
			  "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
			  "PRAGMA synchronous = FULL;"
			  "CREATE TABLE data(row INTEGER PRIMARY KEY, value BLOB)",
			  NULL, NULL, NULL) == SQLITE_OK);
	b->begin = prepared(b, "BEGIN IMMEDIATE");
	b->insert = prepared(b, "INSERT INTO data(value) VALUES(?1)");
	b->commit = prepared(b, "COMMIT");
	KEEL_MUST(
		sqlite3_bind_blob(b->insert, 1, value, sizeof(value), SQLITE_STATIC) == SQLITE_OK);
}

void keel_bare_open(struct keel_bare *b, const char *dir)
{
	*b = (struct keel_bare){ .key = EVP_EC_gen("P-256"), .peer = EVP_EC_gen("P-256") };
	b->sign = EVP_PKEY_CTX_new(b->key, NULL);
	b->verify = EVP_PKEY_CTX_new(b->key, NULL);
	b->derive = EVP_PKEY_CTX_new(b->key, NULL);
	KEEL_MUST(EVP_PKEY_sign_init(b->sign) == 1 && EVP_PKEY_verify_init(b->verify) == 1);
	KEEL_MUST(EVP_PKEY_derive_init(b->derive) == 1);
	KEEL_MUST(EVP_PKEY_derive_set_peer(b->derive, b->peer) == 1);
	keel_bare_sign(b);
	open_db(b, dir);
}

void keel_bare_close(struct keel_bare *b)
{
	(void)sqlite3_finalize(b->begin);
	(void)sqlite3_finalize(b->insert);
	(void)sqlite3_finalize(b->commit);
	(void)sqlite3_close(b->db);
	(void)unlink(b->path);
	EVP_PKEY_CTX_free(b->sign);
	EVP_PKEY_CTX_free(b->verify);
	EVP_PKEY_CTX_free(b->derive);
	EVP_PKEY_free(b->key);
	EVP_PKEY_free(b->peer);
}

void keel_bare_sign(struct keel_bare *b)
{
	b->signature_n = sizeof(b->signature);
	KEEL_MUST(EVP_PKEY_sign(b->sign, b->signature, &b->signature_n, b->digest,
			  sizeof(b->digest)) == 1);
}

void keel_bare_verify(struct keel_bare *b)
{
	KEEL_MUST(EVP_PKEY_verify(b->verify, b->signature, b->signature_n, b->digest,
			  sizeof(b->digest)) == 1);
}

void keel_bare_agree(struct keel_bare *b)
{
	uint8_t out[32];
	size_t n = sizeof(out);
	KEEL_MUST(EVP_PKEY_derive(b->derive, out, &n) == 1);
}

static void step(sqlite3_stmt *q)
{
	KEEL_MUST(sqlite3_step(q) == SQLITE_DONE && sqlite3_reset(q) == SQLITE_OK);
}

void keel_bare_commit(struct keel_bare *b)
{
	step(b->begin);
	step(b->insert);
	step(b->commit);
}

double keel_now_us(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double keel_bare_us(struct keel_bare *b, void (*run)(struct keel_bare *b), unsigned n)
{
	double from = keel_now_us();
	for (unsigned i = 0; i < n; i++)
		run(b);
	return (keel_now_us() - from) / n;
}

void keel_best(double *best, double us)
{
	if (*best == 0 || us < *best)
		*best = us;
}

void keel_bare_turn(struct keel_bare *b, struct keel_bare_times *best)
{
	keel_best(&best->sign, keel_bare_us(b, keel_bare_sign, 25));
	keel_best(&best->verify, keel_bare_us(b, keel_bare_verify, 25));
	keel_best(&best->agree, keel_bare_us(b, keel_bare_agree, 25));
	keel_best(&best->commit, keel_bare_us(b, keel_bare_commit, 25));
}

double keel_bare_slower(const struct keel_bare_times *t)
{
	return t->verify > t->agree ? t->verify : t->agree;
}

void keel_bare_say(const struct keel_bare_times *t)
{
	(void)printf(
		"bare: ECDSA sign %.1f us, verify %.1f us, ECDH %.1f us, SQLite commit %.1f us\n",
		t->sign, t->verify, t->agree, t->commit);
}
