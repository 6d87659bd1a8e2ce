/*
 * What the vault enforces of the declaration: which messages, values, telemetry and personal data
 * there are.
 * What does not stand here is refused. EN 303 645 5.13-1A, 6-2, 6-6.
 */
#ifndef KEEL_DEVICE_VAULT_RULES_H
#define KEEL_DEVICE_VAULT_RULES_H

#include "owner/ops.h"
#include "owner/request.h"

#define KEEL_RULES_MESSAGES  32
#define KEEL_RULES_VALUES    32
#define KEEL_RULES_TELEMETRY 64
#define KEEL_RULES_CONSENTS  16 /* data that need one; as many as setup can ask for */
#define KEEL_RULES_DATA                                                                            \
	(16 + KEEL_RULES_CONSENTS) /* personal data, and telemetry that needs consent */

struct keel_rule_field {
	char name[KEEL_NAME_MAX + 1];
	char unit[17];
	int64_t min, max, step; /* thousandths; step 0: any */
};

struct keel_rule_message {
	char name[KEEL_NAME_MAX + 1];
	bool guests;     /* may be granted to a guest */
	bool remembered; /* the last one accepted is handed over again when the program starts */
	uint64_t may_wait_s; /* how old its challenge may be; 0: as any other */
	size_t count;
	struct keel_rule_field fields[KEEL_COMMAND_FIELDS_MAX];
};

struct keel_rule_value {
	char name[KEEL_NAME_MAX + 1];
	char history[KEEL_NAME_MAX + 1]; /* the personal datum that keeps it; empty: none does */
};

struct keel_rule_datum {
	char name[KEEL_NAME_MAX + 1];
	bool consent;   /* kept only after the owner said yes */
	bool person;    /* in a compartment of its person's own; else the home's */
	uint64_t for_s; /* 0: until it is deleted */
	bool telemetry; /* it is sent, and nothing of it is kept here: only the consent is */
};

struct keel_rule_telemetry {
	char name[KEEL_NAME_MAX + 1];
	char unit[17];
	bool consent;     /* a datum of the same name has it */
	int64_t min, max; /* thousandths */
	uint64_t every_s;
};

/** What the declaration says of the maker's service, and what a device needs to hold it to that. */
struct keel_rule_service {
	bool declared;
	char url[256];             /* its origin: nobody else gets a session's statement */
	struct keel_p256_pub root; /* vouches for the keys that the service works with */
	int64_t drift;             /* of the device's clock: thousandths of a second a day */
	int64_t support_until_s;   /* no time after this is believed */
};

struct keel_rules {
	char maker[201], name[201], model[KEEL_NAME_MAX + 1], version[65];
	char support_until[11]; /* 2033-12-01 */
	bool integrity; /* changed files are told; without the maker's list they cannot be */
	bool isolate;   /* a changed program: the device closes itself */
	unsigned debug; /* states in which an interface for debugging is open: 1 << state each */
	struct keel_p256_pub maker_key;
	struct keel_rule_service service;
	size_t messages, values, telemetries, data;
	struct keel_rule_message message[KEEL_RULES_MESSAGES];
	struct keel_rule_value value[KEEL_RULES_VALUES];
	struct keel_rule_telemetry telemetry[KEEL_RULES_TELEMETRY];
	struct keel_rule_datum datum[KEEL_RULES_DATA];
	struct keel_bytes product; /* the compiled declaration; lives as long as the caller's */
};

/** NULL: not declared. */
const struct keel_rule_message *keel_rule_message_of(
	const struct keel_rules *r, struct keel_bytes name);
const struct keel_rule_value *keel_rule_value_of(
	const struct keel_rules *r, struct keel_bytes name);
const struct keel_rule_telemetry *keel_rule_telemetry_of(
	const struct keel_rules *r, struct keel_bytes name);
const struct keel_rule_datum *keel_rule_datum_of(
	const struct keel_rules *r, struct keel_bytes name);

/**
 * Whether a command's fields are those of its message, each once, in range and on a step. On an
 * error `sentence` says the field, its range and its unit. KEEL_ERANGE.
 */
KEEL_CHECKED enum keel_err keel_rule_check(const struct keel_rule_message *m,
	struct keel_list fields, char sentence[KEEL_SENTENCE_MAX]);

#endif
