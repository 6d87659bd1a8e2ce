#include "desk/sealed.h"

#include <string.h>

#include "core/mem.h"

#define BODY_MAX (KEEL_CASE_PIECE_MAX + KEEL_CASE_SEALED_EXTRA)

struct secret { /* of an opening, and of a copy */
	uint32_t has;
	struct keel_bytes key;
};

#define TEXT_OF(l, n, type, member, most)                                                          \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_BYTES, .max = (most),                      \
		KEEL_AT(type, member)                                                              \
	}

/* clang-format off */
static const struct keel_row secret_rows[] = {
	{ .label = 1, .name = "key", .kind = KEEL_BYTES, .min = 32, .max = 32, KEEL_AT(struct secret, key) },
};
static const struct keel_schema secret_schema = KEEL_SCHEMA("sealed key", KEEL_AS_MAP, secret_rows, struct secret);

static const struct keel_row message_rows[] = {
	{ .label = 1, .name = "who",  .kind = KEEL_UINT, .max = KEEL_CASE_WHO_COUNT - 1, KEEL_AT(struct keel_case_message, who) },
	{ .label = 2, .name = "time", .kind = KEEL_INT, .max = INT64_MAX, KEEL_AT(struct keel_case_message, time_s) },
	TEXT_OF(3, "text", struct keel_case_message, text, KEEL_CASE_TEXT_MAX),
	TEXT_OF(4, "product", struct keel_case_message, product, KEEL_CASE_PRODUCT_MAX),
	TEXT_OF(5, "contact", struct keel_case_message, contact, KEEL_CASE_CONTACT_MAX),
};
static const struct keel_schema message_schema = KEEL_SCHEMA("message", KEEL_AS_MAP, message_rows, struct keel_case_message);

static const struct keel_row piece_rows[] = {
	{ .label = 1, .name = "file",  .kind = KEEL_UINT, .max = 999, KEEL_AT(struct keel_case_piece, file) },
	{ .label = 2, .name = "piece", .kind = KEEL_UINT, .max = 999, KEEL_AT(struct keel_case_piece, piece) },
	{ .label = 3, .name = "of",    .kind = KEEL_UINT, .min = 1, .max = 1000, KEEL_AT(struct keel_case_piece, of) },
	TEXT_OF(4, "name", struct keel_case_piece, name, KEEL_CASE_FILE_MAX),
	TEXT_OF(5, "bytes", struct keel_case_piece, bytes, KEEL_CASE_PIECE_MAX),
};
static const struct keel_schema piece_schema = KEEL_SCHEMA("piece", KEEL_AS_MAP, piece_rows, struct keel_case_piece);

static const struct keel_row note_rows[] = {
	{ .label = 1, .name = "time", .kind = KEEL_INT, .max = INT64_MAX, KEEL_AT(struct keel_case_note, time_s) },
	TEXT_OF(2, "text", struct keel_case_note, text, KEEL_CASE_TEXT_MAX),
};
static const struct keel_schema note_schema = KEEL_SCHEMA("note", KEEL_AS_MAP, note_rows, struct keel_case_note);
/* clang-format on */

void keel_case_derive(const uint8_t secret[KEEL_CASE_SECRET_LEN],
	uint8_t token[KEEL_CASE_TOKEN_LEN], struct keel_key *key)
{
	const struct keel_bytes in = { secret, KEEL_CASE_SECRET_LEN };
	const struct keel_bytes no_salt = { 0 };
	keel_hkdf(in, no_salt, keel_text("keel case token"), token, KEEL_CASE_TOKEN_LEN);
	keel_hkdf(in, no_salt, keel_text("keel case key"), key->b, sizeof(key->b));
}

void keel_desk_kid(const struct keel_p256_pub *pub, struct keel_digest *out)
{
	const struct keel_bytes xy = KEEL_VIEW(pub->xy);
	keel_sha256(&xy, 1, out);
}

static const uint8_t no_device[KEEL_DEVICE_ID_LEN];

static struct keel_names names_of(const struct keel_digest *recipient)
{
	struct keel_names n = { .device = KEEL_VIEW(no_device) };
	if (recipient != NULL)
		n.recipient = KEEL_VIEW(recipient->b);
	return n;
}

/* As keel_payload_write, which is for what a device can hold. */
static enum keel_err write_payload(enum keel_purpose purpose, const struct keel_names *names,
	const struct keel_schema *schema, const void *body, struct keel_wr *w)
{
	uint8_t buf[BODY_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes encoded, payload;
	keel_schema_write(schema, body, &inner);
	enum keel_err e = keel_wr_end(&inner, &encoded);
	if (e == KEEL_OK) {
		keel_envelope_write(
			purpose, names->device, names->home, names->recipient, encoded, w);
		e = keel_wr_end(w, &payload);
	}
	keel_wipe(buf, inner.n);
	return e;
}

/* --- to a public key --- */

#define TO_KEY_MAX (KEEL_CASE_TEXT_MAX + KEEL_CASE_SEALED_EXTRA)

static enum keel_err write_to(const struct keel_p256_pub *to, enum keel_purpose purpose,
	const struct keel_schema *schema, const void *body, struct keel_wr *w)
{
	uint8_t buf[TO_KEY_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_digest kid;
	struct keel_bytes payload = { 0 };
	keel_desk_kid(to, &kid);
	const struct keel_names names = names_of(&kid);
	enum keel_err e = write_payload(purpose, &names, schema, body, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	/* Whom it is for stands inside, where nobody can change it. */
	if (e == KEEL_OK)
		e = keel_cose_seal_to(to, (struct keel_bytes){ 0 }, payload, w);
	keel_wipe(buf, inner.n);
	return e;
}

static enum keel_err read_from(const struct keel_p256_key *own, enum keel_purpose purpose,
	const struct keel_schema *schema, struct keel_bytes in, uint8_t *plain, void *out)
{
	const struct keel_agreer agreer = keel_agreer_of(own);
	struct keel_digest kid;
	struct keel_bytes payload;
	keel_desk_kid(&own->pub, &kid);
	const struct keel_names names = names_of(&kid);
	enum keel_err e = keel_cose_open_from(&agreer, in, plain, &payload);
	return e == KEEL_OK ? keel_payload_read(purpose, &names, schema, payload, out) : e;
}

static enum keel_err write_secret(const struct keel_p256_pub *to, enum keel_purpose purpose,
	struct keel_bytes key, struct keel_wr *w)
{
	const struct secret s = { .key = key };
	return write_to(to, purpose, &secret_schema, &s, w);
}

static enum keel_err read_secret(const struct keel_p256_key *own, enum keel_purpose purpose,
	struct keel_bytes in, uint8_t out[32])
{
	uint8_t plain[KEEL_CASE_OPENING_MAX];
	struct secret s;
	if (in.n > sizeof(plain))
		return KEEL_ERANGE;
	enum keel_err e = read_from(own, purpose, &secret_schema, in, plain, &s);
	if (e == KEEL_OK)
		e = keel_bytes_copy(s.key, out, 32);
	keel_wipe(plain, sizeof(plain));
	return e;
}

enum keel_err keel_case_opening_write(
	const struct keel_p256_pub *desk, const struct keel_key *key, struct keel_wr *w)
{
	return write_secret(desk, KEEL_FOR_CASE, KEEL_VIEW(key->b), w);
}

enum keel_err keel_case_opening_read(
	const struct keel_p256_key *desk, struct keel_bytes in, struct keel_key *key)
{
	return read_secret(desk, KEEL_FOR_CASE, in, key->b);
}

enum keel_err keel_desk_copy_write(
	const struct keel_p256_pub *reader, const struct keel_p256_key *desk, struct keel_wr *w)
{
	return write_secret(reader, KEEL_FOR_DESK_KEY, KEEL_VIEW(desk->d), w);
}

enum keel_err keel_desk_copy_read(
	const struct keel_p256_key *reader, struct keel_bytes in, struct keel_p256_key *desk)
{
	uint8_t d[32];
	enum keel_err e = read_secret(reader, KEEL_FOR_DESK_KEY, in, d);
	if (e == KEEL_OK)
		e = keel_p256_from_private(d, desk);
	keel_wipe(d, sizeof(d));
	return e;
}

enum keel_err keel_case_note_write(
	const struct keel_p256_pub *desk, const struct keel_case_note *n, struct keel_wr *w)
{
	return write_to(desk, KEEL_FOR_CASE_NOTE, &note_schema, n, w);
}

enum keel_err keel_case_note_read(const struct keel_p256_key *desk, struct keel_bytes in,
	uint8_t *plain, struct keel_case_note *out)
{
	return read_from(desk, KEEL_FOR_CASE_NOTE, &note_schema, in, plain, out);
}

/* --- under the case's key --- */

static enum keel_err write_under(const struct keel_key *key, enum keel_purpose purpose,
	const struct keel_schema *schema, const void *body, struct keel_wr *w)
{
	uint8_t buf[BODY_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes payload = { 0 };
	const struct keel_names names = names_of(NULL);
	enum keel_err e = write_payload(purpose, &names, schema, body, &inner);
	if (e == KEEL_OK)
		e = keel_wr_end(&inner, &payload);
	if (e == KEEL_OK)
		e = keel_cose_encrypt0(key, (struct keel_bytes){ 0 }, payload, w);
	keel_wipe(buf, inner.n);
	return e;
}

static enum keel_err read_under(const struct keel_key *key, enum keel_purpose purpose,
	const struct keel_schema *schema, struct keel_bytes in, uint8_t *plain, void *out)
{
	const struct keel_names names = names_of(NULL);
	struct keel_bytes payload;
	enum keel_err e = keel_cose_decrypt0(key, in, (struct keel_bytes){ 0 }, plain, &payload);
	return e == KEEL_OK ? keel_payload_read(purpose, &names, schema, payload, out) : e;
}

enum keel_err keel_case_message_write(
	const struct keel_key *key, const struct keel_case_message *m, struct keel_wr *w)
{
	return write_under(key, KEEL_FOR_CASE_MESSAGE, &message_schema, m, w);
}

enum keel_err keel_case_message_read(const struct keel_key *key, struct keel_bytes in,
	uint8_t *plain, struct keel_case_message *out)
{
	return read_under(key, KEEL_FOR_CASE_MESSAGE, &message_schema, in, plain, out);
}

enum keel_err keel_case_piece_write(
	const struct keel_key *key, const struct keel_case_piece *p, struct keel_wr *w)
{
	return p->piece < p->of ? write_under(key, KEEL_FOR_CASE_PIECE, &piece_schema, p, w)
				: KEEL_ERANGE;
}

enum keel_err keel_case_piece_read(const struct keel_key *key, struct keel_bytes in, uint8_t *plain,
	struct keel_case_piece *out)
{
	struct keel_case_piece p;
	enum keel_err e = read_under(key, KEEL_FOR_CASE_PIECE, &piece_schema, in, plain, &p);
	if (e == KEEL_OK && p.piece >= p.of)
		e = KEEL_ERANGE;
	if (e == KEEL_OK)
		*out = p;
	return e;
}

enum keel_err keel_reader_wrap(
	const struct keel_key *key, const struct keel_p256_key *reader, struct keel_wr *w)
{
	const struct secret s = { .key = KEEL_VIEW(reader->d) };
	return write_under(key, KEEL_FOR_READER_KEY, &secret_schema, &s, w);
}

enum keel_err keel_reader_unwrap(
	const struct keel_key *key, struct keel_bytes in, struct keel_p256_key *reader)
{
	uint8_t plain[KEEL_CASE_OPENING_MAX];
	struct secret s;
	if (in.n > sizeof(plain))
		return KEEL_ERANGE;
	enum keel_err e = read_under(key, KEEL_FOR_READER_KEY, &secret_schema, in, plain, &s);
	if (e == KEEL_OK)
		e = keel_p256_from_private(s.key.p, reader);
	keel_wipe(plain, sizeof(plain));
	return e;
}
