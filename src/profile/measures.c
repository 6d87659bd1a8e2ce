#include "profile/measures.h"

#include "crypto/purpose.h"

#define DIGEST .kind = KEEL_BYTES, .min = KEEL_SHA256_LEN, .max = KEEL_SHA256_LEN

/* The device that a list is for: none alone. */
static const uint8_t every_device[KEEL_DEVICE_ID_LEN];

/* clang-format off */
static const struct keel_row file_rows[] = {
	{ .name = "path",   .kind = KEEL_TEXT, .min = 2, .max = KEEL_MEASURED_PATH_MAX, KEEL_AT(struct keel_measured_file, path) },
	{ .name = "size",   .kind = KEEL_UINT, .max = INT64_MAX, KEEL_AT(struct keel_measured_file, size) },
	{ .name = "sha256", DIGEST, KEEL_AT(struct keel_measured_file, sha256) },
};
static const struct keel_schema file_schema = KEEL_SCHEMA("file", KEEL_AS_TUPLE, file_rows, struct keel_measured_file);
const struct keel_row keel_measured_file_row = { .name = "file", .kind = KEEL_MAP, .of = &file_schema };

static const struct keel_row list_rows[] = {
	{ .label = 1, .name = "product", DIGEST, KEEL_AT(struct keel_measures, product) },
	{ .label = 2, .name = "files", .kind = KEEL_LIST, .min = 1, .max = KEEL_MEASURES_FILES,
	  .item = &keel_measured_file_row, KEEL_AT(struct keel_measures, files) },
};
static const struct keel_schema list_schema = KEEL_SCHEMA("measures", KEEL_AS_MAP, list_rows, struct keel_measures);
/* clang-format on */

struct keel_bytes keel_measured_folder(struct keel_bytes path)
{
	size_t n = path.n;
	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return (struct keel_bytes){ path.p, n > 0 ? n - 1 : 0 };
}

static bool among(const struct keel_list *files, size_t first, struct keel_bytes folder)
{
	struct keel_list rest = *files;
	struct keel_measured_file f;
	for (size_t i = 0; i < first && keel_list_next(&keel_measured_file_row, &rest, &f); i++)
		if (keel_bytes_equal(keel_measured_folder(f.path), folder))
			return true;
	return false;
}

size_t keel_measures_folders(const struct keel_list *files)
{
	struct keel_list rest = *files;
	struct keel_measured_file f;
	size_t n = 0;
	for (size_t i = 0; keel_list_next(&keel_measured_file_row, &rest, &f); i++)
		n += !among(files, i, keel_measured_folder(f.path));
	return n;
}

/* What a row cannot say. */
static bool can_be_watched(const struct keel_measures *list)
{
	struct keel_list rest = list->files;
	struct keel_measured_file f;
	while (keel_list_next(&keel_measured_file_row, &rest, &f))
		if (f.path.p[0] != '/' || keel_measured_folder(f.path).n == 0)
			return false;
	return keel_measures_folders(&list->files) <= KEEL_MEASURES_FOLDERS;
}

static struct keel_digest kid_of(const struct keel_p256_pub *maker)
{
	struct keel_digest kid;
	const struct keel_bytes point = KEEL_VIEW(maker->xy);
	keel_sha256(&point, 1, &kid);
	return kid;
}

enum keel_err keel_measures_write(
	const struct keel_p256_key *maker, const struct keel_measures *list, struct keel_wr *w)
{
	uint8_t body[KEEL_MEASURES_MAX], payload[KEEL_MEASURES_MAX];
	struct keel_wr inner = keel_wr_of(body, sizeof(body));
	struct keel_wr outer = keel_wr_of(payload, sizeof(payload));
	struct keel_bytes written;
	const struct keel_bytes none = { 0 };
	const struct keel_signer signer = keel_signer_of(maker);
	const struct keel_digest kid = kid_of(&maker->pub);
	keel_schema_write(&list_schema, list, &inner);
	enum keel_err e = keel_wr_end(&inner, &written);
	if (e == KEEL_OK && !can_be_watched(list))
		e = KEEL_ERANGE;
	if (e != KEEL_OK)
		return e;
	keel_envelope_write(
		KEEL_FOR_MEASURES, KEEL_VIEW(every_device), none, none, written, &outer);
	e = keel_wr_end(&outer, &written);
	return e == KEEL_OK ? keel_cose_sign1(&signer, KEEL_VIEW(kid.b), none, written, w) : e;
}

static enum keel_err read_payload(
	struct keel_bytes payload, const struct keel_digest *product, struct keel_measures *out)
{
	struct keel_envelope env;
	struct keel_measures list;
	enum keel_err e = keel_envelope_read(KEEL_FOR_MEASURES, payload, &env);
	if (e == KEEL_OK && (!keel_bytes_equal(env.device, KEEL_VIEW(every_device)) ||
				    env.home.n + env.recipient.n != 0))
		e = KEEL_EAUTH;
	if (e == KEEL_OK)
		e = keel_schema_read(&list_schema, env.body, &list, NULL);
	if (e == KEEL_OK && !keel_bytes_equal(list.product, KEEL_VIEW(product->b)))
		e = KEEL_EAUTH;
	if (e == KEEL_OK && !can_be_watched(&list))
		e = KEEL_EFORM;
	if (e == KEEL_OK)
		*out = list;
	return e;
}

enum keel_err keel_measures_verify(struct keel_bytes in, const struct keel_p256_pub *maker,
	const struct keel_digest *product, struct keel_measures *out)
{
	struct keel_bytes kid, payload;
	const struct keel_digest named = kid_of(maker);
	enum keel_err e = keel_cose_verify1(maker, in, (struct keel_bytes){ 0 }, &payload);
	if (e == KEEL_OK)
		e = keel_cose_sign1_kid(in, &kid);
	/* Not under the signature, and yet one list has one form only. */
	if (e == KEEL_OK && !keel_bytes_equal(kid, KEEL_VIEW(named.b)))
		e = KEEL_EAUTH;
	return e == KEEL_OK ? read_payload(payload, product, out) : e;
}
