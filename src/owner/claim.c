#include "owner/claim.h"

#define PUB_LEN sizeof(((struct keel_p256_pub *)0)->xy)

const char *keel_state_word(uint64_t state)
{
	static const char *const words[KEEL_STATE_COUNT] = {
		[KEEL_STATE_FACTORY] = "factory",
		[KEEL_STATE_SETUP] = "setup",
		[KEEL_STATE_OPERATION] = "operation",
		[KEEL_STATE_ISOLATED] = "isolated",
	};
	return state < KEEL_STATE_COUNT ? words[state] : "unknown";
}

enum keel_purpose keel_claim_answer(enum keel_purpose asked)
{
	return asked == KEEL_FOR_JOIN      ? KEEL_FOR_JOINED
	       : asked == KEEL_FOR_RECOVER ? KEEL_FOR_RECOVERED
	       : asked == KEEL_FOR_RETURN  ? KEEL_FOR_RETURNED
					   : KEEL_FOR_CLAIMED;
}

/* A byte string of exactly, or at least and at most, so many bytes. */
#define EXACTLY(len)  .kind = KEEL_BYTES, .min = (len), .max = (len)
#define BETWEEN(a, b) .kind = KEEL_BYTES, .min = (a), .max = (b)
#define TEXT(a, b)    .kind = KEEL_TEXT, .min = (a), .max = (b)

/* clang-format off */
static const struct keel_row hello_rows[] = {
	{ .label = 1, .name = "id",          EXACTLY(KEEL_DEVICE_ID_LEN),             KEEL_AT(struct keel_hello, id) },
	{ .label = 2, .name = "sign",        EXACTLY(PUB_LEN),                        KEEL_AT(struct keel_hello, sign) },
	{ .label = 3, .name = "agree",       EXACTLY(PUB_LEN),                        KEEL_AT(struct keel_hello, agree) },
	{ .label = 4, .name = "endorsement", .kind = KEEL_ANY,                        KEEL_AT(struct keel_hello, endorsement) },
	{ .label = 5, .name = "nonce",       EXACTLY(KEEL_NONCE_LEN),                 KEEL_AT(struct keel_hello, nonce) },
	{ .label = 7, .name = "claim open",  .kind = KEEL_BOOL,                       KEEL_AT(struct keel_hello, claim_open) },
	{ .label = 8, .name = "homes",       .kind = KEEL_UINT, .optional = true,     KEEL_AT(struct keel_hello, homes) },
};
const struct keel_schema keel_hello_schema = KEEL_SCHEMA("hello", KEEL_AS_MAP, hello_rows, struct keel_hello);

static const struct keel_row endorsement_rows[] = {
	{ .label = 1, .name = "sign",   EXACTLY(PUB_LEN),       KEEL_AT(struct keel_endorsement, sign) },
	{ .label = 2, .name = "agree",  EXACTLY(PUB_LEN),       KEEL_AT(struct keel_endorsement, agree) },
	{ .label = 3, .name = "model",  TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_endorsement, model) },
	{ .label = 4, .name = "serial", TEXT(1, KEEL_NAME_MAX), KEEL_AT(struct keel_endorsement, serial) },
	{ .label = 5, .name = "attest", EXACTLY(PUB_LEN), .optional = true, KEEL_AT(struct keel_endorsement, attest) },
};
const struct keel_schema keel_endorsement_schema = KEEL_SCHEMA("endorsement", KEEL_AS_MAP, endorsement_rows, struct keel_endorsement);

static const struct keel_row claim_rows[] = {
	{ .label = 1, .name = "thumbprint",   EXACTLY(KEEL_THUMBPRINT_LEN),    KEEL_AT(struct keel_claim, thumbprint) },
	{ .label = 2, .name = "sign",         EXACTLY(PUB_LEN),                KEEL_AT(struct keel_claim, sign) },
	{ .label = 3, .name = "agree",        EXACTLY(PUB_LEN),                KEEL_AT(struct keel_claim, agree) },
	{ .label = 4, .name = "device nonce", EXACTLY(KEEL_NONCE_LEN),         KEEL_AT(struct keel_claim, device_nonce) },
	{ .label = 5, .name = "app nonce",    EXACTLY(KEEL_NONCE_LEN),         KEEL_AT(struct keel_claim, app_nonce) },
	{ .label = 7, .name = "invitation",   EXACTLY(KEEL_INVITATION_LEN), .optional = true,  KEEL_AT(struct keel_claim, invitation) },
};
const struct keel_schema keel_claim_schema = KEEL_SCHEMA("claim", KEEL_AS_MAP, claim_rows, struct keel_claim);

static const struct keel_row welcome_rows[] = {
	{ .label = 1, .name = "claimed", .kind = KEEL_ANY, KEEL_AT(struct keel_welcome, claimed) },
	{ .label = 2, .name = "welcome", .kind = KEEL_ANY, KEEL_AT(struct keel_welcome, welcome) },
};
const struct keel_schema keel_welcome_schema = KEEL_SCHEMA("welcome", KEEL_AS_MAP, welcome_rows, struct keel_welcome);

static const struct keel_row claimed_rows[] = {
	{ .label = 1, .name = "thumbprint",   EXACTLY(KEEL_THUMBPRINT_LEN), KEEL_AT(struct keel_claimed, thumbprint) },
	{ .label = 2, .name = "owner",        EXACTLY(KEEL_THUMBPRINT_LEN), KEEL_AT(struct keel_claimed, owner) },
	{ .label = 3, .name = "device nonce", EXACTLY(KEEL_NONCE_LEN),      KEEL_AT(struct keel_claimed, device_nonce) },
	{ .label = 4, .name = "app nonce",    EXACTLY(KEEL_NONCE_LEN),      KEEL_AT(struct keel_claimed, app_nonce) },
};
const struct keel_schema keel_claimed_schema = KEEL_SCHEMA("claimed", KEEL_AS_MAP, claimed_rows, struct keel_claimed);

static const struct keel_row welcomed_rows[] = {
	{ .label = 1, .name = "owner",     EXACTLY(KEEL_THUMBPRINT_LEN), KEEL_AT(struct keel_welcomed, owner) },
	{ .label = 2, .name = "app nonce", EXACTLY(KEEL_NONCE_LEN),      KEEL_AT(struct keel_welcomed, app_nonce) },
	{ .label = 3, .name = "role",      .kind = KEEL_UINT, .max = KEEL_ROLE_COUNT - 1, KEEL_AT(struct keel_welcomed, role) },
};
const struct keel_schema keel_welcomed_schema = KEEL_SCHEMA("welcomed", KEEL_AS_MAP, welcomed_rows, struct keel_welcomed);

static const struct keel_row invitation_rows[] = {
	{ .label = 1, .name = "id",         EXACTLY(KEEL_DEVICE_ID_LEN),  KEEL_AT(struct keel_invitation, id) },
	{ .label = 2, .name = "thumbprint", EXACTLY(KEEL_THUMBPRINT_LEN), KEEL_AT(struct keel_invitation, thumbprint) },
	{ .label = 3, .name = "home",       EXACTLY(KEEL_HOME_ID_LEN),    KEEL_AT(struct keel_invitation, home) },
	{ .label = 4, .name = "invitation", EXACTLY(KEEL_INVITATION_LEN), KEEL_AT(struct keel_invitation, invitation) },
	{ .label = 5, .name = "secret",     EXACTLY(KEEL_SECRET_LEN),     KEEL_AT(struct keel_invitation, secret) },
};
const struct keel_schema keel_invitation_schema = KEEL_SCHEMA("invitation", KEEL_AS_MAP, invitation_rows, struct keel_invitation);

static const struct keel_row refusal_rows[] = {
	{ .label = 1, .name = "word",     TEXT(1, 32),                           KEEL_AT(struct keel_refusal, word) },
	{ .label = 2, .name = "sentence", TEXT(1, 300),                          KEEL_AT(struct keel_refusal, sentence) },
	{ .label = 3, .name = "wait",     .kind = KEEL_UINT, .optional = true,   KEEL_AT(struct keel_refusal, wait_s) },
};
const struct keel_schema keel_refusal_schema = KEEL_SCHEMA("refusal", KEEL_AS_MAP, refusal_rows, struct keel_refusal);
/* clang-format on */
