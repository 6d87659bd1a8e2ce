#include "fleet/judge/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "profile/declaration.h"

#define POLICY_CBOR_MAX 64

static const char *const action_words[KEEL_ACTION_COUNT + 1] = { "accept", "flag", "quarantine" };

/* clang-format off */
#define ROW(w) .label = (w) + 1, .kind = KEEL_CHOICE, .choices = action_words, .optional = true, KEEL_AT(struct keel_policy, on[w])
static const struct keel_row rows[] = {
	[KEEL_WHY_MEASUREMENT]   = { .name = "measurement",   ROW(KEEL_WHY_MEASUREMENT),
		.hint = "a program runs that is none of the maker's list (measures.cbor) of that version" },
	[KEEL_WHY_UNMEASURED]    = { .name = "unmeasured",    ROW(KEEL_WHY_UNMEASURED),
		.hint = "no list of that version was given to this service: keel-fleet product add" },
	[KEEL_WHY_FILES]         = { .name = "files",         ROW(KEEL_WHY_FILES),
		.hint = "the device itself found files that are not as its maker's list has them, or no list" },
	[KEEL_WHY_DEBUG]         = { .name = "debug",         ROW(KEEL_WHY_DEBUG),
		.hint = "a debug interface is enabled" },
	[KEEL_WHY_INTERFACE]     = { .name = "interface",     ROW(KEEL_WHY_INTERFACE),
		.hint = "an interface is open that the declaration does not open in that state" },
	[KEEL_WHY_WALLS]         = { .name = "walls",         ROW(KEEL_WHY_WALLS),
		.hint = "its system could not build one of the walls between rooms" },
	[KEEL_WHY_ROLLBACK]      = { .name = "rollback",      ROW(KEEL_WHY_ROLLBACK),
		.hint = "an older version than this unit had before" },
	[KEEL_WHY_SELF_REPORTED] = { .name = "self_reported", ROW(KEEL_WHY_SELF_REPORTED),
		.hint = "no TPM vouches for the evidence: the device's own word" },
	[KEEL_WHY_UNQUOTED]      = { .name = "unquoted",      ROW(KEEL_WHY_UNQUOTED),
		.hint = "its maker endorsed a TPM that can vouch for the evidence, and it did not" },
	[KEEL_WHY_QUOTE]         = { .name = "quote",         ROW(KEEL_WHY_QUOTE),
		.hint = "it claims that a TPM vouches for the evidence, and the quote does not prove it" },
	[KEEL_WHY_RAN_BEFORE]    = { .name = "ran_before",    ROW(KEEL_WHY_RAN_BEFORE),
		.hint = "since it was switched on, something ran there that is none of the maker's list" },
};
static const enum keel_action preset[KEEL_WHY_COUNT] = {
	[KEEL_WHY_MEASUREMENT]   = KEEL_QUARANTINE,
	[KEEL_WHY_UNMEASURED]    = KEEL_FLAG,
	[KEEL_WHY_FILES]         = KEEL_QUARANTINE,
	[KEEL_WHY_DEBUG]         = KEEL_QUARANTINE,
	[KEEL_WHY_INTERFACE]     = KEEL_FLAG,
	[KEEL_WHY_WALLS]         = KEEL_FLAG,
	[KEEL_WHY_ROLLBACK]      = KEEL_QUARANTINE,
	[KEEL_WHY_SELF_REPORTED] = KEEL_ACCEPT,
	[KEEL_WHY_UNQUOTED]      = KEEL_FLAG,
	[KEEL_WHY_QUOTE]         = KEEL_QUARANTINE,
	[KEEL_WHY_RAN_BEFORE]    = KEEL_FLAG,
};
/* clang-format on */
_Static_assert(KEEL_COUNT(rows) == KEEL_WHY_COUNT, "a row for each");
const struct keel_schema keel_policy_schema =
	KEEL_SCHEMA("policy", KEEL_AS_MAP, rows, struct keel_policy);

const char *keel_action_word(uint64_t action)
{
	return action < KEEL_ACTION_COUNT ? action_words[action] : "unknown";
}

const char *keel_why_word(enum keel_why why)
{
	return rows[why].name;
}

struct keel_policy keel_policy_default(void)
{
	struct keel_policy p = { .has = (1U << KEEL_WHY_COUNT) - 1 };
	for (size_t i = 0; i < KEEL_WHY_COUNT; i++)
		p.on[i] = preset[i];
	return p;
}

static void drop(struct keel_yaml **y)
{
	keel_yaml_free(*y);
}

enum keel_err keel_policy_read(
	struct keel_bytes file, struct keel_policy *out, struct keel_yaml_fault *fault)
{
	static const struct keel_row whole = { .name = "a policy",
		.kind = KEEL_MAP,
		.hint = "a line for each reason, like debug: quarantine",
		.of = &keel_policy_schema };
	uint8_t buf[POLICY_CBOR_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes compiled;
	struct keel_policy read;
	keel_auto(drop) struct keel_yaml *yaml = NULL;
	enum keel_err e = keel_yaml_read(file, &yaml, fault);
	if (e == KEEL_OK)
		e = keel_yaml_compile(yaml, &whole, &w, fault);
	if (e != KEEL_OK)
		return e;
	KEEL_MUST(keel_wr_end(&w, &compiled) == KEEL_OK);
	KEEL_MUST(keel_schema_read(&keel_policy_schema, compiled, &read, NULL) == KEEL_OK);
	*out = keel_policy_default();
	for (size_t i = 0; i < KEEL_WHY_COUNT; i++)
		if (keel_has(&read, i))
			out->on[i] = read.on[i];
	return KEEL_OK;
}

void keel_policy_sample(struct keel_wr *w)
{
	keel_wr_text(w,
		"# What a device's attestation leads to, for each thing that speaks against "
		"it:\n# accept, flag (accepted, and shown) or quarantine (nothing but "
		"updates).\n");
	for (size_t i = 0; i < KEEL_WHY_COUNT; i++) {
		keel_wr_text(w, "\n# ");
		keel_wr_text(w, rows[i].hint);
		keel_wr_text(w, "\n");
		keel_wr_text(w, rows[i].name);
		keel_wr_text(w, ": ");
		keel_wr_text(w, action_words[preset[i]]);
		keel_wr_text(w, "\n");
	}
}

/* Takes back a character that was cut in two. */
static void end_whole(char *s, size_t n)
{
	size_t start = n;
	while (start > 0 && ((uint8_t)s[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0 || ((uint8_t)s[start - 1] & 0x80) == 0)
		return;
	uint8_t lead = (uint8_t)s[start - 1];
	size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	if (n - (start - 1) < length)
		s[start - 1] = '\0';
}

void keel_judgement_add(struct keel_judgement *d, const struct keel_policy *p, enum keel_why why,
	const char *detail, ...)
{
	for (size_t i = 0; i < d->reasons; i++)
		if (d->reason[i].why == why)
			return;
	struct keel_reason *r = &d->reason[d->reasons++];
	va_list args;
	r->why = why;
	r->action = (enum keel_action)p->on[why];
	va_start(args, detail);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(r->detail, sizeof(r->detail), detail, args);
	va_end(args);
	end_whole(r->detail, strlen(r->detail));
	if (r->action > d->action)
		d->action = r->action;
}

void keel_judgement_say(const struct keel_judgement *d, char *out, size_t cap)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < d->reasons && n < cap; i++) {
		const struct keel_reason *r = &d->reason[i];
		if (r->action == KEEL_ACCEPT)
			continue;
		n += (size_t)snprintf(out + n, cap - n, "%s%s: %s", n > 0 ? "; " : "",
			keel_why_word(r->why), r->detail);
	}
	end_whole(out, strlen(out));
}
