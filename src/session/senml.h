/*
 * Measurements between device and service: a SenML pack in CBOR (RFC 8428), of numbers alone. A
 * record has bn, bt, n, u, v and t, in deterministic CBOR; whatever else is in it is refused. No heap.
 *
 * Numbers are thousandths, as everywhere: an integer where it is whole, else the shortest float from which
 * just this thousandth is read back; each number has one spelling. Times are milliseconds since 1970.
 * A name of the declaration may have spaces, which SenML knows none of (§4.5.1): on the wire each is _.
 */
#ifndef KEEL_SESSION_SENML_H
#define KEEL_SESSION_SENML_H

#include "core/bytes.h"

#define KEEL_SENML_RECORDS_MAX 64
#define KEEL_SENML_NAME_MAX    64
#define KEEL_SENML_UNIT_MAX    16
#define KEEL_SENML_RECORD_MAX  106 /* bytes, as it is written */
/** Beyond it two thousandths would share a double. */
#define KEEL_SENML_NUMBER_MAX INT64_C(1000000000000000)
/** Times below this are relative to now (§4.5.3), which in a queue is nobody's time: refused. */
#define KEEL_SENML_TIME_MIN (INT64_C(268435456) * 1000)

struct keel_senml_record {
	struct keel_bytes name; /* as declared: with spaces, and its pack's bn before it */
	struct keel_bytes unit; /* may be empty */
	int64_t value;          /* thousandths */
	int64_t time_ms;        /* 0: none is given */
};

/** Begins a pack of 1 to 64 records, that keel_senml_put then writes one by one. */
void keel_senml_begin(struct keel_wr *w, size_t records);
/**
 * Writes one record, without bn and bt. In w stick KEEL_EFORM: no such name or unit; KEEL_ERANGE: a number
 * or a time that a pack cannot hold.
 */
void keel_senml_put(struct keel_wr *w, const struct keel_senml_record *r);

/** A pack that was checked whole; private but for its size. */
struct keel_senml {
	struct keel_rd rest;
	size_t left;
	uint8_t name[KEEL_SENML_NAME_MAX];
	size_t base_n; /* of name: bn, which stays until another comes */
	int64_t base_ms;
};

/**
 * Checks a whole pack. KEEL_ESHORT, KEEL_EFORM: it is none, or has more in it than is known here.
 * KEEL_ERANGE: a number finer than a thousandth or too large, a relative time, more than 64 records.
 */
KEEL_CHECKED enum keel_err keel_senml_open(struct keel_bytes pack, struct keel_senml *out);
/** The next record; false at the end. Its views are valid until the next call. */
bool keel_senml_next(struct keel_senml *s, struct keel_senml_record *out);

#endif
