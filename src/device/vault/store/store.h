/*
 * The sealed store: records and compartments in one SQLite file, every byte of content under a key
 * that a root wraps, and a root that can be destroyed. EN 303 645 5.4-1, 5.11-1, 5.9-2.
 *
 * Invariants (tests name them):
 *  1 What a commit acknowledged survives a cut of the power at any later write.
 *  2 A cut during a commit leaves the state before it or after it, whole.
 *  3 After a renewing commit nothing that it deleted can be read again: the old root is gone
 *    (TPM) or overwritten (file), and the keys of what was deleted existed under it only.
 *  4 A store older than its root's generation is refused (KEEL_ESTALE), never opened in part.
 *
 * What is in the clear: the names of records, compartments and data, how many items there are and
 * in which order they came. An item's time is sealed with it. What is not promised: within one
 * generation, an older copy of the folder is not told from the newer (docs/decisions has why).
 */
#ifndef KEEL_DEVICE_VAULT_STORE_H
#define KEEL_DEVICE_VAULT_STORE_H

#include "crypto/crypto.h"

/** Where the root key and the store's generation live: a TPM's NV memory, or a sealed file. */
struct keel_root {
	/** KEEL_ENONE: none was written yet. KEEL_EIO. */
	enum keel_err (*read)(void *self, struct keel_key *root, uint64_t *generation);
	/** Replaces both at once, durably: after KEEL_OK the former root is not in this place. */
	enum keel_err (*write)(void *self, const struct keel_key *root, uint64_t generation);
	bool destroys; /* TPM: no copy made before can bring the former root back */
	void *self;
};

struct keel_store;

/**
 * Opens or makes the store in `dir` (0700, one process at a time). `vfs` names the SQLite VFS, NULL
 * for the system's: the seam at which tests cut the power.
 * KEEL_ESTALE: the folder is older than the root. KEEL_EAUTH: it belongs to another root. KEEL_EIO.
 */
KEEL_CHECKED enum keel_err keel_store_open(const char *dir, const char *vfs, struct keel_root root,
	struct keel_store **out, struct keel_fault *fault);
void keel_store_close(struct keel_store *s);
uint64_t keel_store_generation(const struct keel_store *s);
bool keel_store_destroys(const struct keel_store *s);

/*
 * All changes happen between begin and commit. After an error within, only rollback is allowed;
 * a commit that fails has rolled back already. A walk's function may read, but not start the same
 * walk again, and changes nothing.
 * commit: one durable SQLite commit. commit_renew: the same, and the root is renewed, so that what
 * was deleted is gone for good (invariant 3); the generation goes up by one.
 */
KEEL_CHECKED enum keel_err keel_store_begin(struct keel_store *s);
KEEL_CHECKED enum keel_err keel_store_commit(struct keel_store *s);
KEEL_CHECKED enum keel_err keel_store_commit_renew(struct keel_store *s);
void keel_store_rollback(struct keel_store *s);

/** A name: 1 to this many bytes. Another is KEEL_ERANGE. */
#define KEEL_STORE_NAME_MAX 96

/* Records: the vault's own small state, by name ("unit", "owner/…"), sealed under the record key. */
#define KEEL_RECORD_MAX 8192
KEEL_CHECKED enum keel_err keel_record_put(
	struct keel_store *s, const char *name, struct keel_bytes value);
/** Copies into buf; KEEL_ENONE: no such record. KEEL_EFULL. */
KEEL_CHECKED enum keel_err keel_record_get(
	struct keel_store *s, const char *name, uint8_t *buf, size_t cap, struct keel_bytes *out);
KEEL_CHECKED enum keel_err keel_record_delete(struct keel_store *s, const char *name);
/** Every record whose name begins with prefix, in the order of names; stops at the first error. */
KEEL_CHECKED enum keel_err keel_record_each(struct keel_store *s, const char *prefix,
	enum keel_err (*each)(void *self, const char *name, struct keel_bytes value), void *self);

/*
 * Compartments: personal data, each compartment under a key of its own; each datum is bound to its
 * compartment, name and time (AAD). Names are declared ones. A compartment comes to be at first use.
 */
#define KEEL_DATUM_MAX 4096
/** Adds one item of a datum at a time (Unix s, or the device's own count while no time is known). */
KEEL_CHECKED enum keel_err keel_datum_add(struct keel_store *s, const char *compartment,
	const char *datum, int64_t time, struct keel_bytes value);
/** Replaces all items of the datum by this one. */
KEEL_CHECKED enum keel_err keel_datum_set(struct keel_store *s, const char *compartment,
	const char *datum, int64_t time, struct keel_bytes value);
/** Items in the order they came, times from..to (inclusive), after row `after`; stops when `each` gives an error. */
KEEL_CHECKED enum keel_err keel_datum_each(struct keel_store *s, const char *compartment,
	const char *datum, int64_t from, int64_t to, uint64_t after,
	enum keel_err (*each)(
		void *self, uint64_t row, const char *datum, int64_t time, struct keel_bytes value),
	void *self); /* datum NULL: all of the compartment's */
KEEL_CHECKED enum keel_err keel_datum_count(struct keel_store *s, const char *compartment,
	const char *datum, uint64_t *count, int64_t *oldest);
/** Forgets items of a datum older than `before` (the declared time to keep). */
KEEL_CHECKED enum keel_err keel_datum_prune(
	struct keel_store *s, const char *compartment, const char *datum, int64_t before);
/** Destroys the compartment's key and its rows; whole only with keel_store_commit_renew. */
KEEL_CHECKED enum keel_err keel_compartment_delete(struct keel_store *s, const char *compartment);
/**
 * Puts what is left in a compartment under a new key, so that what was pruned from it dies with the
 * former one; whole only with keel_store_commit_renew. Costs with what is left. KEEL_ENONE.
 */
KEEL_CHECKED enum keel_err keel_compartment_renew(struct keel_store *s, const char *compartment);
/** All compartments' names. */
KEEL_CHECKED enum keel_err keel_compartment_each(struct keel_store *s,
	enum keel_err (*each)(void *self, const char *compartment), void *self);

#endif
