/*
 * The table of purposes. Everything that Keel signs, MACs or seals is deterministic CBOR that
 * begins alike, so that nothing can pass for another thing:
 *
 *	[purpose, 1, device id, home id, recipient, body]
 *
 * device id  16 bytes; home id 16 bytes, or empty where there is no home yet
 * recipient  the thumbprint (32 bytes) of whom it is sealed for, or empty where it is not sealed
 * body       a map that the purpose's own schema checks
 */
#ifndef KEEL_CRYPTO_PURPOSE_H
#define KEEL_CRYPTO_PURPOSE_H

#include "core/schema.h"
#include "crypto/cose.h"

#define KEEL_DEVICE_ID_LEN  16
#define KEEL_HOME_ID_LEN    16
#define KEEL_THUMBPRINT_LEN 32

/* Values travel: a number is never given to another purpose. */
enum keel_purpose {
	KEEL_FOR_ENDORSEMENT = 1, /* maker signs: this unit's identity */
	KEEL_FOR_CLAIM = 2,       /* new owner MACs under the label's code */
	KEEL_FOR_CLAIMED = 3,     /* device MACs its answer under the label's code */
	KEEL_FOR_WELCOME = 4,     /* device signs its answer to a claim */
	KEEL_FOR_JOIN = 5,        /* invited person MACs under the invitation's secret */
	KEEL_FOR_JOINED = 6,      /* device MACs its answer under the invitation's secret */
	KEEL_FOR_REQUEST = 7,     /* owner seals to device */
	KEEL_FOR_ANSWER = 8,      /* device seals to owner */
	KEEL_FOR_CHANGE = 9,      /* owner signs what changes anything, inside a request */
	KEEL_FOR_RECEIPT = 10,    /* device signs what it deleted */
	KEEL_FOR_OWNERS = 11,     /* device signs the list of its owners */
	KEEL_FOR_STATEMENT = 12,  /* device signs what it is, for interrogate */
	KEEL_FOR_RECOVER = 13,    /* as CLAIM, to recover a home: button and code */
	KEEL_FOR_RECOVERED = 14,
	KEEL_FOR_STORE = 15,  /* vault's own records */
	KEEL_FOR_RETURN = 16, /* as RECOVER, into the place of somebody whom an owner vouched for */
	KEEL_FOR_RETURNED = 17,
	KEEL_FOR_MEASURES = 18, /* maker signs: the files that make a device */
	KEEL_FOR_VOUCHER = 19,  /* the service's root signs: the keys that the service works with */
	KEEL_FOR_CALL = 20,     /* device MACs what it says in a session with the service */
	KEEL_FOR_ASK = 21,      /* owner signs: relay this sealed request to my device */
	KEEL_FOR_TIME = 22,     /* service signs the time, over a device's nonce */
	KEEL_FOR_CASE = 23,     /* reporter seals to the desk: the key of what both say */
	KEEL_FOR_CASE_MESSAGE = 24, /* reporter and desk say it, under that key */
	KEEL_FOR_CASE_PIECE = 25,   /* reporter adds a part of a file, likewise */
	KEEL_FOR_CASE_NOTE = 26,    /* operator seals to the desk */
	KEEL_FOR_DESK_KEY = 27,     /* operator seals the desk's private key to another */
	KEEL_FOR_READER_KEY = 28,   /* operator keeps the own private key, under passkey or code */
	KEEL_FOR_NOTICE = 29,       /* service MACs what the maker tells owners, in a session */
	KEEL_PURPOSE_END
};

struct keel_envelope {
	uint32_t has;
	uint64_t purpose;
	uint64_t version;
	struct keel_bytes device;
	struct keel_bytes home;
	struct keel_bytes recipient;
	struct keel_bytes body; /* encoded map */
};

extern const struct keel_schema keel_envelope_schema;

/** Writes the array of six. The body is an encoded map already. KEEL_ERANGE in w: it is not. */
void keel_envelope_write(enum keel_purpose purpose, struct keel_bytes device,
	struct keel_bytes home, struct keel_bytes recipient, struct keel_bytes body,
	struct keel_wr *w);

/**
 * Reads one and demands the purpose. Device, home and recipient are the caller's to compare.
 * KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE: not an envelope; out untouched.
 * KEEL_EAUTH: an envelope of another purpose or version; out untouched.
 */
KEEL_CHECKED enum keel_err keel_envelope_read(
	enum keel_purpose purpose, struct keel_bytes in, struct keel_envelope *out);

/**
 * The thumbprint of an identity: SHA-256 over the deterministic CBOR of
 * [sign.x ‖ sign.y, agree.x ‖ agree.y] (two byte strings of 64).
 */
void keel_thumbprint(const struct keel_p256_pub *sign, const struct keel_p256_pub *agree,
	uint8_t out[KEEL_THUMBPRINT_LEN]);

#endif
