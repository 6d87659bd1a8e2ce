/*
 * Args and results of every operation (owner/request.h has their table). Lists are walked with
 * keel_list_next and the item row given here, and made with keel_list_maker and the item schema.
 */
#ifndef KEEL_OWNER_OPS_H
#define KEEL_OWNER_OPS_H

#include "owner/names.h"

/** An empty map: no args, or nothing to tell. */
struct keel_nothing {
	uint32_t has;
};
extern const struct keel_schema keel_nothing_schema;

struct keel_challenge_result {
	uint32_t has;
	struct keel_bytes challenge;
	uint64_t valid_s;
	uint64_t last_counter;
};
extern const struct keel_schema keel_challenge_result_schema;

/** A field of a command: its declared name, and its value in thousandths. */
struct keel_field_item {
	uint32_t has;
	struct keel_bytes name;
	int64_t value;
};
extern const struct keel_schema keel_field_item_schema;
extern const struct keel_row keel_field_item_row;
#define KEEL_COMMAND_FIELDS_MAX 16

struct keel_state_result {
	uint32_t has;
	struct keel_list values; /* keel_value_item */
	bool app_alive;
	int64_t time;
	uint64_t role;
	uint64_t events;           /* the number of the last one */
	struct keel_list accepted; /* keel_accepted_item: last accepted of each message */
};
struct keel_value_item {
	uint32_t has;
	struct keel_bytes name;
	int64_t value;
	uint64_t age_s;
};
struct keel_accepted_item {
	uint32_t has;
	struct keel_bytes message;
	struct keel_list fields; /* keel_field_item */
};
extern const struct keel_schema keel_state_result_schema, keel_value_item_schema,
	keel_accepted_item_schema;
extern const struct keel_row keel_value_item_row, keel_accepted_item_row;

struct keel_history_args {
	uint32_t has;
	struct keel_bytes datum;
	int64_t from, to;
};
struct keel_history_result {
	uint32_t has;
	struct keel_list points; /* keel_point_item */
	bool more;               /* ask again from the last time */
};
struct keel_point_item {
	uint32_t has;
	int64_t time, value;
};
extern const struct keel_schema keel_history_args_schema, keel_history_result_schema,
	keel_point_item_schema;
extern const struct keel_row keel_point_item_row;

enum keel_of { KEEL_OF_HOME = 0, KEEL_OF_PERSON = 1 };
enum keel_consent {
	KEEL_CONSENT_NOT_NEEDED = 0,
	KEEL_CONSENT_GIVEN = 1,
	KEEL_CONSENT_NOT_GIVEN = 2
};
struct keel_kept_result {
	uint32_t has;
	struct keel_list data; /* keel_kept_item */
};
struct keel_kept_item {
	uint32_t has;
	struct keel_bytes datum;
	uint64_t items;
	int64_t oldest; /* 0 where there is none */
	uint64_t of;
	uint64_t consent;
};
extern const struct keel_schema keel_kept_result_schema, keel_kept_item_schema;
extern const struct keel_row keel_kept_item_row;

struct keel_export_args {
	uint32_t has;
	uint64_t cursor; /* 0 first */
};
struct keel_export_result {
	uint32_t has;
	struct keel_list data; /* keel_export_item */
	uint64_t next;         /* 0: that was all */
};
struct keel_export_item {
	uint32_t has;
	struct keel_bytes datum;
	int64_t time;
	struct keel_bytes value;
};
extern const struct keel_schema keel_export_args_schema, keel_export_result_schema,
	keel_export_item_schema;
extern const struct keel_row keel_export_item_row;

struct keel_people_result {
	uint32_t has;
	struct keel_list people;  /* keel_person_item */
	struct keel_bytes owners; /* Sign1 by D.sign, envelope 11: keel_owners_list */
};
struct keel_person_item {
	uint32_t has;
	struct keel_bytes owner; /* OT */
	uint64_t role;
	struct keel_bytes name;
	int64_t until, since; /* 0: always, not known */
};
extern const struct keel_schema keel_people_result_schema, keel_person_item_schema;
extern const struct keel_row keel_person_item_row;

/** Body of the signed list of owners. */
struct keel_owners_list {
	uint32_t has;
	struct keel_list owners; /* keel_owner_item */
	uint64_t number;         /* goes up with every change of owners */
};
struct keel_owner_item {
	uint32_t has;
	struct keel_bytes owner;
	uint64_t role;
};
extern const struct keel_schema keel_owners_list_schema, keel_owner_item_schema;
extern const struct keel_row keel_owner_item_row;

struct keel_events_args {
	uint32_t has;
	uint64_t after;
};
struct keel_events_result {
	uint32_t has;
	struct keel_list events; /* keel_event_item */
};
struct keel_event_item {
	uint32_t has;
	uint64_t number;
	int64_t time;
	struct keel_bytes word, detail;
};
#define KEEL_EVENT_WORD_MAX   32
#define KEEL_EVENT_DETAIL_MAX 120
extern const struct keel_schema keel_events_args_schema, keel_events_result_schema,
	keel_event_item_schema;
extern const struct keel_row keel_event_item_row;

/** Args of the op and body of /v1/interrogate; its answer, too, is the op's result. */
struct keel_statement_args {
	uint32_t has;
	struct keel_bytes nonce; /* 16..64 */
	struct keel_bytes aud;
};
struct keel_statement_result {
	uint32_t has;
	struct keel_bytes statement, endorsement;
};
extern const struct keel_schema keel_statement_args_schema, keel_statement_result_schema;

struct keel_product_result {
	uint32_t has;
	struct keel_bytes product;
};
extern const struct keel_schema keel_product_result_schema;

struct keel_command_args {
	uint32_t has;
	struct keel_bytes message;
	struct keel_list fields; /* keel_field_item */
};
struct keel_command_result {
	uint32_t has;
	uint64_t number;
};
extern const struct keel_schema keel_command_args_schema, keel_command_result_schema;

#define KEEL_GUEST_MESSAGES_MAX 16
struct keel_invite_args {
	uint32_t has;
	uint64_t role;
	struct keel_bytes name;
	struct keel_list messages; /* texts: keel_message_name_row; empty for an owner */
	int64_t until;
};
struct keel_invite_result {
	uint32_t has;
	struct keel_bytes invitation; /* an encoded keel_invitation */
	uint64_t valid_s;
};
extern const struct keel_schema keel_invite_args_schema, keel_invite_result_schema;
extern const struct keel_row keel_message_name_row;

struct keel_remove_args {
	uint32_t has;
	struct keel_bytes owner;
};
extern const struct keel_schema keel_remove_args_schema;

enum keel_delete_what { KEEL_DELETE_MINE = 0, KEEL_DELETE_MINE_AND_HOMES = 1 };
struct keel_delete_args {
	uint32_t has;
	uint64_t what;
};
struct keel_receipt_result {
	uint32_t has;
	struct keel_bytes receipt; /* Sign1 by D.sign, envelope 10: keel_receipt */
};
extern const struct keel_schema keel_delete_args_schema, keel_receipt_result_schema;

/** Body of a receipt. */
struct keel_receipt {
	uint32_t has;
	int64_t time;
	struct keel_list gone; /* texts: keel_datum_name_row */
	uint64_t generation;
	uint64_t how; /* 0: key destroyed in a TPM; 1: key overwritten in a file */
	struct keel_bytes by;
};
extern const struct keel_schema keel_receipt_schema;
extern const struct keel_row keel_datum_name_row;

struct keel_rename_args {
	uint32_t has;
	struct keel_bytes name;
};
struct keel_consent_args {
	uint32_t has;
	struct keel_bytes datum;
	bool given;
};
extern const struct keel_schema keel_rename_args_schema, keel_consent_args_schema;

/** Who lost their phone; without it, a vouch is taken back. */
struct keel_vouch_args {
	uint32_t has;
	struct keel_bytes owner;
};
enum { KEEL_VOUCH_OWNER = 0 };
struct keel_vouch_result {
	uint32_t has;
	uint64_t valid_s; /* 0: taken back */
};
extern const struct keel_schema keel_vouch_args_schema, keel_vouch_result_schema;

#endif
