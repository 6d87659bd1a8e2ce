/* The schemas of the engine's records; records.c reads and writes them. */
#ifndef KEEL_DEVICE_VAULT_RECORDS_H
#define KEEL_DEVICE_VAULT_RECORDS_H

#include "core/schema.h"

struct decision_item {
	uint32_t has;
	struct keel_bytes datum;
	bool given;
};
extern const struct keel_schema vault_decision_schema;
extern const struct keel_row vault_decision_row;

struct home_record {
	uint32_t has;
	struct keel_bytes id; /* empty: no home */
	uint64_t state, homes, list_number;
	int64_t last_wall_s;
	struct keel_list decisions;
	uint64_t commands, deletions;
};
extern const struct keel_schema vault_home_schema;

struct owner_record {
	uint32_t has;
	struct keel_bytes sign, agree;
	uint64_t role;
	struct keel_bytes name;
	struct keel_list messages;
	int64_t until, since;
	uint64_t counter;
	struct keel_bytes change, result, claim; /* digests and an encoded result */
	struct keel_list decisions;
	struct keel_bytes person;
};
extern const struct keel_schema vault_owner_schema;

struct invite_record {
	uint32_t has;
	struct keel_bytes id, secret;
	uint64_t role;
	struct keel_bytes name;
	struct keel_list messages;
	int64_t until, made_wall_s;
};
extern const struct keel_schema vault_invite_schema;

struct command_record {
	uint32_t has;
	uint64_t number;
	struct keel_bytes message;
	struct keel_list fields; /* keel_field_item */
	struct keel_bytes by;
	bool pending;
	int64_t time;
};
extern const struct keel_schema vault_command_schema;

struct event_record {
	uint32_t has;
	uint64_t number;
	int64_t time;
	bool security;
	struct keel_bytes word, detail;
	uint64_t times; /* these two only where it was told more than once */
	int64_t first;
};
enum { EVENT_TIMES = 5, EVENT_FIRST }; /* their rows */
extern const struct keel_schema vault_event_schema;

struct boots_record {
	uint32_t has;
	uint64_t count, started_ms;
};
extern const struct keel_schema vault_boots_schema;

struct report_record {
	uint32_t has;
	uint64_t number, kind;
	int64_t time;
	struct keel_bytes payload;
};
extern const struct keel_schema vault_report_schema;

struct reports_record {
	uint32_t has;
	uint64_t last, dropped;
};
extern const struct keel_schema vault_reports_schema;

struct noted_record {
	uint32_t has;
	uint64_t last;
};
extern const struct keel_schema vault_noted_schema;

#endif
