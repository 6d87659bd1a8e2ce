/*
 * The maker's list of the files that make a device: path, size and SHA-256 of each, signed. Sign1 by
 * the key that the declaration names, kid SHA-256 of its point, envelope 18 of no single device, over
 *
 *	{1: SHA-256 of product.cbor, 2: [[path, size, SHA-256]…]}
 *
 * so that a list belongs to one declaration, and whoever changes a file cannot change the list with
 * it. The size says how much there is to read: a file made huge is told without reading it. `keel measure` writes it, the monitor holds the device against it. EN 303 645 5.7-1.
 */
#ifndef KEEL_PROFILE_MEASURES_H
#define KEEL_PROFILE_MEASURES_H

#include "core/schema.h"
#include "crypto/crypto.h"

#define KEEL_MEASURES_MAX      16384 /* signed, whole */
#define KEEL_MEASURES_FILES    128
#define KEEL_MEASURES_FOLDERS  48  /* that the files lie in: the monitor's wall names each */
#define KEEL_MEASURED_PATH_MAX 150 /* an event names it in one line */

struct keel_measured_file { /* a tuple [path, size, digest] */
	uint32_t has;
	struct keel_bytes path; /* absolute, as on the device, and below some folder */
	uint64_t size;
	struct keel_bytes sha256;
};
extern const struct keel_row keel_measured_file_row;

struct keel_measures {
	uint32_t has;
	struct keel_bytes product; /* SHA-256 of product.cbor */
	struct keel_list files;    /* of keel_measured_file_row */
};

/** The folder of an absolute path, without the slash at its end: a view, empty for the whole disk. */
struct keel_bytes keel_measured_folder(struct keel_bytes path);
/** In how many folders the files lie. */
size_t keel_measures_folders(const struct keel_list *files);

/**
 * Written by the maker. KEEL_ERANGE: a path that is not absolute or in no folder, a list of no files,
 * of too many or in too many folders. KEEL_EFULL.
 */
KEEL_CHECKED enum keel_err keel_measures_write(
	const struct keel_p256_key *maker, const struct keel_measures *list, struct keel_wr *w);
/**
 * Verified under the maker's key, for this declaration; views live as long as `in`.
 * KEEL_EAUTH: another maker's or another declaration's, or changed.
 */
KEEL_CHECKED enum keel_err keel_measures_verify(struct keel_bytes in,
	const struct keel_p256_pub *maker, const struct keel_digest *product,
	struct keel_measures *out);

#endif
