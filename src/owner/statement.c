#include "owner/statement.h"

#include <string.h>

#define EXACTLY(len)  .kind = KEEL_BYTES, .min = (len), .max = (len)
#define BETWEEN(a, b) .kind = KEEL_BYTES, .min = (a), .max = (b)
#define TEXT(a, b)    .kind = KEEL_TEXT, .min = (a), .max = (b)
#define TEXTS(n)      .kind = KEEL_LIST, .max = (n), .item = &keel_statement_text_row

const struct keel_row keel_statement_text_row = { .name = "text", TEXT(1, 200) };

/* clang-format off */
static const struct keel_row version_rows[] = {
	{ .name = "text", TEXT(1, 64), KEEL_AT(struct keel_version, text) },
};
static const struct keel_schema version_schema = KEEL_SCHEMA("version", KEEL_AS_TUPLE, version_rows, struct keel_version);

static const struct keel_row files_rows[] = {
	{ .name = "listed", .kind = KEEL_BOOL, KEEL_AT(struct keel_files_found, listed) },
	{ .name = "wrong",  .kind = KEEL_UINT, KEEL_AT(struct keel_files_found, wrong) },
};
static const struct keel_schema files_schema = KEEL_SCHEMA("files", KEEL_AS_TUPLE, files_rows, struct keel_files_found);

static const struct keel_row statement_rows[] = {
	[KEEL_STATEMENT_AUD]         = { .label = 3,      .name = "aud",      TEXT(1, 128),             KEEL_AT(struct keel_statement, aud) },
	[KEEL_STATEMENT_TIME]        = { .label = 6,      .name = "iat",      .kind = KEEL_INT, .min = 0, .max = INT64_MAX, .optional = true, KEEL_AT(struct keel_statement, time) },
	[KEEL_STATEMENT_CNF]         = { .label = 8,      .name = "cnf",      .kind = KEEL_MAP, .of = &keel_cnf_schema, .optional = true, KEEL_AT(struct keel_statement, cnf) },
	[KEEL_STATEMENT_NONCE]       = { .label = 10,     .name = "nonce",    BETWEEN(16, 64),          KEEL_AT(struct keel_statement, nonce) },
	[KEEL_STATEMENT_UEID]        = { .label = 256,    .name = "ueid",     EXACTLY(KEEL_UEID_LEN),   KEEL_AT(struct keel_statement, ueid) },
	[KEEL_STATEMENT_OEMID]       = { .label = 258,    .name = "oemid",    EXACTLY(KEEL_OEMID_LEN), .optional = true, KEEL_AT(struct keel_statement, oemid) },
	[KEEL_STATEMENT_MODEL]       = { .label = 259,    .name = "hwmodel",  BETWEEN(1, KEEL_NAME_MAX), KEEL_AT(struct keel_statement, model) },
	[KEEL_STATEMENT_UPTIME]      = { .label = 261,    .name = "uptime",   .kind = KEEL_UINT, .optional = true, KEEL_AT(struct keel_statement, uptime_s) },
	[KEEL_STATEMENT_DEBUG]       = { .label = 263,    .name = "dbgstat",  .kind = KEEL_UINT, .max = KEEL_DEBUG_DISABLED, .optional = true, KEEL_AT(struct keel_statement, debug) },
	[KEEL_STATEMENT_PROFILE_ROW] = { .label = 265,    .name = "profile",  TEXT(1, 64),              KEEL_AT(struct keel_statement, profile) },
	[KEEL_STATEMENT_BOOTS]       = { .label = 267,    .name = "boots",    .kind = KEEL_UINT, .optional = true, KEEL_AT(struct keel_statement, boots) },
	[KEEL_STATEMENT_VERSION]     = { .label = 271,    .name = "version",  .kind = KEEL_MAP, .of = &version_schema, .optional = true, KEEL_AT(struct keel_statement, version) },
	[KEEL_STATEMENT_MAKER]       = { .label = -70001, .name = "maker",    TEXT(1, 200),             KEEL_AT(struct keel_statement, maker) },
	[KEEL_STATEMENT_NAME]        = { .label = -70002, .name = "name",     TEXT(1, 200),             KEEL_AT(struct keel_statement, name) },
	[KEEL_STATEMENT_SUPPORT]     = { .label = -70003, .name = "support",  TEXT(10, 10),             KEEL_AT(struct keel_statement, support_until) },
	[KEEL_STATEMENT_STATE]       = { .label = -70004, .name = "state",    .kind = KEEL_UINT, .max = 3, .optional = true, KEEL_AT(struct keel_statement, state) },
	[KEEL_STATEMENT_SERIAL]      = { .label = -70005, .name = "serial",   TEXT(1, KEEL_NAME_MAX), .optional = true, KEEL_AT(struct keel_statement, serial) },
	[KEEL_STATEMENT_OPEN]        = { .label = -70006, .name = "open",     TEXTS(64), .optional = true, KEEL_AT(struct keel_statement, open) },
	[KEEL_STATEMENT_MISSING]     = { .label = -70007, .name = "missing",  TEXTS(64), .optional = true, KEEL_AT(struct keel_statement, missing) },
	[KEEL_STATEMENT_GRADE]       = { .label = -70008, .name = "grade",    TEXT(1, 32), .optional = true, KEEL_AT(struct keel_statement, grade) },
	[KEEL_STATEMENT_TO_DO]       = { .label = -70009, .name = "to do",    TEXTS(16), .optional = true, KEEL_AT(struct keel_statement, to_do) },
	[KEEL_STATEMENT_MEASURED]    = { .label = -70010, .name = "measured", .kind = KEEL_LIST, .max = 64, .item = &keel_measured_item_row, .optional = true, KEEL_AT(struct keel_statement, measured) },
	[KEEL_STATEMENT_KEYS_IN]     = { .label = -70011, .name = "keys in",  TEXT(1, 16), .optional = true, KEEL_AT(struct keel_statement, keys_in) },
	[KEEL_STATEMENT_DECLARATION] = { .label = -70012, .name = "declaration", EXACTLY(KEEL_SHA256_LEN), .optional = true, KEEL_AT(struct keel_statement, declaration) },
	[KEEL_STATEMENT_HOME]        = { .label = -70013, .name = "home",     BETWEEN(0, KEEL_HOME_ID_LEN), .optional = true, KEEL_AT(struct keel_statement, home) },
	[KEEL_STATEMENT_FILES]       = { .label = -70014, .name = "files",    .kind = KEEL_MAP, .of = &files_schema, .optional = true, KEEL_AT(struct keel_statement, files) },
	[KEEL_STATEMENT_QUOTE]       = { .label = -70015, .name = "quote",    .kind = KEEL_MAP, .of = &keel_quote_schema, .optional = true, KEEL_AT(struct keel_statement, quote) },
};
/* clang-format on */
_Static_assert(KEEL_COUNT(statement_rows) == KEEL_STATEMENT_ROWS, "a row for each");
const struct keel_schema keel_statement_schema =
	KEEL_SCHEMA("statement", KEEL_AS_MAP, statement_rows, struct keel_statement);

const char *keel_grade_word(bool quoted)
{
	return quoted ? KEEL_GRADE_QUOTED : KEEL_GRADE_SELF;
}

void keel_oemid(const struct keel_p256_pub *maker, uint8_t out[KEEL_OEMID_LEN])
{
	struct keel_digest digest;
	const struct keel_bytes point = KEEL_VIEW(maker->xy);
	keel_sha256(&point, 1, &digest);
	memcpy(out, digest.b, KEEL_OEMID_LEN);
}

/* What a row cannot say. */
static bool whole(const struct keel_statement *s)
{
	return (s->has & KEEL_STATEMENT_FOR_SESSION) == KEEL_STATEMENT_FOR_SESSION &&
	       (s->home.n == 0 || s->home.n == KEEL_HOME_ID_LEN);
}

enum keel_err keel_statement_check(const struct keel_statement *s, const char *profile,
	struct keel_bytes nonce, struct keel_bytes aud)
{
	if (!keel_bytes_is(s->profile, profile) || !keel_bytes_equal(s->nonce, nonce) ||
		!keel_bytes_equal(s->aud, aud))
		return KEEL_EAUTH;
	return keel_bytes_is(s->profile, KEEL_STATEMENT_PROFILE_SESSION) && !whole(s) ? KEEL_EFORM
										      : KEEL_OK;
}

enum keel_err keel_statement_read(struct keel_bytes payload, const char *profile,
	struct keel_bytes nonce, struct keel_bytes aud, struct keel_statement *out)
{
	struct keel_statement s;
	enum keel_err e = keel_schema_read(&keel_statement_schema, payload, &s, NULL);
	if (e == KEEL_OK)
		e = keel_statement_check(&s, profile, nonce, aud);
	if (e == KEEL_OK)
		*out = s;
	return e;
}
