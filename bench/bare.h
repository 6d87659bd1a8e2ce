/*
 * What every measure stands beside: the bare operation, on keys made ready beforehand, and SQLite's
 * own durable commit in the same folder. One operation a call.
 */
#ifndef KEEL_BENCH_BARE_H
#define KEEL_BENCH_BARE_H

#include <openssl/evp.h>
#include <sqlite3.h>

#include "core/bytes.h"

struct keel_bare {
	EVP_PKEY *key, *peer;
	EVP_PKEY_CTX *sign, *verify, *derive;
	uint8_t digest[32], signature[80];
	size_t signature_n;
	char path[600];
	sqlite3 *db;
	sqlite3_stmt *begin, *insert, *commit;
};

/** Its database stands in dir, with the store's journal and durability. Ends the program where it fails. */
void keel_bare_open(struct keel_bare *b, const char *dir);
/** Removes its database again. */
void keel_bare_close(struct keel_bare *b);

void keel_bare_sign(struct keel_bare *b);
void keel_bare_verify(struct keel_bare *b);
void keel_bare_agree(struct keel_bare *b);
/** One row of 64 bytes, durable. */
void keel_bare_commit(struct keel_bare *b);

/** Microseconds of one operation, over n of them. */
double keel_bare_us(struct keel_bare *b, void (*run)(struct keel_bare *b), unsigned n);
double keel_now_us(void);

/** What one operation takes, each by its best turn. */
struct keel_bare_times {
	double sign, verify, agree, commit;
};
/** One turn more; all are 0 at first. */
void keel_bare_turn(struct keel_bare *b, struct keel_bare_times *best);
/** `us` where it is better than what was best, 0 being none yet. */
void keel_best(double *best, double us);
void keel_bare_say(const struct keel_bare_times *t);
/** The slower of the two operations on a curve that a public key needs: verify and agree. */
double keel_bare_slower(const struct keel_bare_times *t);

#endif
