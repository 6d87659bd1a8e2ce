/* What changes something at the hub; each is signed with the owner's key. docs/protocol.md, Requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/base64url.h"
#include "cli/fault.h"
#include "cli/owner.h"
#include "cli/show.h"

/* "21.5" as 21500. False: no number, or more than three places. */
static bool read_thousandths(const char *text, int64_t *out)
{
	bool negative = *text == '-';
	const char *c = text + negative;
	int64_t v = 0;
	int places = -1;
	if (*c < '0' || *c > '9')
		return false;
	for (; *c != '\0'; c++) {
		if (*c == '.' && places < 0) {
			places = 0;
			continue;
		}
		if (*c < '0' || *c > '9' || places == 3 || v > INT64_MAX / 100000)
			return false;
		v = v * 10 + (*c - '0');
		places += places >= 0;
	}
	for (int i = places < 0 ? 0 : places; i < 3; i++)
		v *= 10;
	*out = negative ? -v : v;
	return places != 0;
}

static enum keel_err read_field(struct keel_owner_run *run, const char *arg,
	struct keel_field_item *out, struct keel_fault *fault)
{
	char what[sizeof(fault->what)];
	const char *equals = strchr(arg, '=');
	if (equals == NULL || equals == arg || !read_thousandths(equals + 1, &out->value)) {
		(void)snprintf(what, sizeof(what), "%.100s is not a field and a number", arg);
		return keel_owner_misread(
			run, fault, what, "write it like celsius=21.5, with at most three places");
	}
	out->name = (struct keel_bytes){ (const uint8_t *)arg, (size_t)(equals - arg) };
	return KEEL_OK;
}

static enum keel_err change_and_show(struct keel_owner_run *run, enum keel_op_number op,
	const void *args, void *result, struct keel_fault *fault)
{
	enum keel_err e = keel_talk_change(&run->talk, op, args, result, fault);
	if (e == KEEL_OK)
		keel_show(stdout, keel_op_of(op)->result, result, run->json);
	return e;
}

static enum keel_err command(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	uint8_t buf[2048];
	struct keel_command_result r;
	struct keel_list_maker fields = keel_list_maker_of(buf, sizeof(buf));
	for (int i = 2; i < argc; i++) {
		struct keel_field_item f = { 0 };
		enum keel_err e = read_field(run, argv[i], &f, fault);
		if (e != KEEL_OK)
			return e;
		if (!keel_list_put(&fields, &keel_field_item_schema, &f))
			return keel_owner_misread(run, fault, "these are too many fields",
				"name those that the declaration has");
	}
	struct keel_command_args args = { .message = keel_text(argv[1]),
		.fields = keel_list_made(&fields) };
	return change_and_show(run, KEEL_OP_COMMAND, &args, &r, fault);
}

/* What the invited person needs, as text. */
struct invited {
	uint32_t has;
	struct keel_bytes invitation;
	uint64_t valid_s;
};
/* clang-format off */
static const struct keel_row invited_rows[] = {
	{ .label = 1, .name = "invitation", .kind = KEEL_TEXT, KEEL_AT(struct invited, invitation) },
	{ .label = 2, .name = "valid s",    .kind = KEEL_UINT, KEEL_AT(struct invited, valid_s) },
};
/* clang-format on */
static const struct keel_schema invited_schema =
	KEEL_SCHEMA("invited", KEEL_AS_MAP, invited_rows, struct invited);

static enum keel_err show_invitation(
	const struct keel_owner_run *run, const struct keel_invite_result *r)
{
	uint8_t buf[512];
	struct invited shown = { .valid_s = r->valid_s };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_base64url_write(r->invitation, &w);
	enum keel_err e = keel_wr_end(&w, &shown.invitation);
	if (e == KEEL_OK)
		keel_show(stdout, &invited_schema, &shown, run->json);
	return e;
}

/* Role, name and time as they were given; false where one is not understood. */
static bool read_invite(int argc, char **argv, struct keel_invite_args *out)
{
	int64_t hours = 0;
	bool guest = strcmp(argv[1], "guest") == 0;
	if (!guest && (strcmp(argv[1], "owner") != 0 || argc > 3))
		return false;
	if (argc > 3 && !keel_owner_number(argv[3], 24L * 366 * 100, &hours))
		return false;
	*out = (struct keel_invite_args){
		.role = guest ? KEEL_ROLE_GUEST : KEEL_ROLE_OWNER,
		.name = keel_text(argv[2]),
		.until = hours > 0 ? time(NULL) + hours * 3600 : 0,
	};
	/* A guest's time is always said: 0 is always. */
	return (!guest || argc > 3) && out->name.n > 0 && out->name.n <= KEEL_PERSON_NAME_MAX;
}

/* invite owner NAME, invite guest NAME HOURS [MESSAGE…] */
static enum keel_err invite(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	uint8_t buf[2048];
	struct keel_invite_args args;
	struct keel_invite_result r;
	struct keel_list_maker messages = keel_list_maker_of(buf, sizeof(buf));
	if (!read_invite(argc, argv, &args))
		return keel_owner_misread(run, fault, "this is not an invitation to write",
			"invite owner NAME, or invite guest NAME HOURS [MESSAGE…] with 0 hours for "
			"always; a name has 1 to 40 bytes");
	for (int i = 4; i < argc; i++)
		if (!keel_list_put_text(&messages, keel_text(argv[i])))
			return keel_owner_misread(
				run, fault, "these are too many messages", "name fewer");
	args.messages = keel_list_made(&messages);
	enum keel_err e = keel_talk_change(&run->talk, KEEL_OP_INVITE, &args, &r, fault);
	return e == KEEL_OK ? show_invitation(run, &r) : e;
}

static bool read_hex(const char *text, uint8_t *out, size_t n)
{
	if (strlen(text) != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char byte[3] = { text[2 * i], text[2 * i + 1], '\0' };
		char *end;
		unsigned long v = strtoul(byte, &end, 16);
		if (*end != '\0' || byte[0] == '-' || byte[0] == '+' || byte[0] == ' ')
			return false;
		out[i] = (uint8_t)v;
	}
	return true;
}

static enum keel_err remove_person(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc;
	uint8_t owner[KEEL_THUMBPRINT_LEN];
	struct keel_nothing r;
	struct keel_remove_args args = { .owner = KEEL_VIEW(owner) };
	if (!read_hex(argv[1], owner, sizeof(owner)))
		return keel_owner_misread(run, fault, "this is not a person's thumbprint",
			"take it from keel owner people: 64 hexadecimal characters");
	return change_and_show(run, KEEL_OP_REMOVE, &args, &r, fault);
}

static enum keel_err vouch(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc;
	uint8_t owner[KEEL_THUMBPRINT_LEN];
	struct keel_vouch_result r;
	bool nobody = strcmp(argv[1], "nobody") == 0;
	struct keel_vouch_args args = { .has = nobody ? 0 : 1u << KEEL_VOUCH_OWNER,
		.owner = KEEL_VIEW(owner) };
	if (!nobody && !read_hex(argv[1], owner, sizeof(owner)))
		return keel_owner_misread(run, fault, "this is not a person's thumbprint",
			"take it from keel owner people: 64 hexadecimal characters; or nobody");
	return change_and_show(run, KEEL_OP_VOUCH, &args, &r, fault);
}

/* A receipt is shown only when the hub's signature on it is right. */
static enum keel_err show_receipt(const struct keel_owner_run *run,
	struct keel_bytes signed_receipt, struct keel_fault *fault)
{
	struct keel_receipt receipt;
	enum keel_err e = keel_member_verify(&run->talk.member, KEEL_FOR_RECEIPT,
		&keel_receipt_schema, signed_receipt, &receipt);
	if (e == KEEL_OK && !keel_bytes_equal(receipt.by, KEEL_VIEW(run->talk.member.thumbprint)))
		e = KEEL_EAUTH;
	if (e != KEEL_OK)
		return keel_fault_fill(fault, e, "the receipt is not your hub's for this deletion",
			"ask again with keel owner kept what is there");
	keel_show(stdout, &keel_receipt_schema, &receipt, run->json);
	return KEEL_OK;
}

static enum keel_err delete_data(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc;
	struct keel_receipt_result r;
	bool all = strcmp(argv[1], "all") == 0;
	struct keel_delete_args args = { .what = all ? KEEL_DELETE_MINE_AND_HOMES
						     : KEEL_DELETE_MINE };
	if (!all && strcmp(argv[1], "mine") != 0)
		return keel_owner_misread(run, fault, "there is mine and all",
			"delete mine: what is kept about you; delete all: the home's data too");
	enum keel_err e = keel_talk_change(&run->talk, KEEL_OP_DELETE, &args, &r, fault);
	return e == KEEL_OK ? show_receipt(run, r.receipt, fault) : e;
}

static enum keel_err rename_me(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc;
	struct keel_nothing r;
	struct keel_rename_args args = { .name = keel_text(argv[1]) };
	return change_and_show(run, KEEL_OP_RENAME, &args, &r, fault);
}

static enum keel_err consent(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc;
	struct keel_nothing r;
	struct keel_consent_args args = { .datum = keel_text(argv[1]),
		.given = strcmp(argv[2], "yes") == 0 };
	if (!args.given && strcmp(argv[2], "no") != 0)
		return keel_owner_misread(
			run, fault, "consent is yes or no", "consent DATUM yes|no");
	return change_and_show(run, KEEL_OP_CONSENT, &args, &r, fault);
}

/* A plain refusal is nobody's proof, so the keys stay: only the hub's signed statement is one. */
static void say_left_before(struct keel_fault *fault)
{
	(void)snprintf(fault->next, sizeof(fault->next),
		"if you asked to leave before and had no answer: where keel interrogate says state "
		"factory, the hub was left; then keel owner forget removes the keys here");
}

static enum keel_err leave(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv;
	struct keel_receipt_result r;
	enum keel_err e = keel_talk_change(&run->talk, KEEL_OP_LEAVE, NULL, &r, fault);
	if (e == KEEL_OK)
		e = show_receipt(run, r.receipt, fault);
	if (e == KEEL_OK)
		keel_keys_drop(&run->talk.keys);
	if (e == KEEL_EAUTH)
		say_left_before(fault);
	return e;
}

const struct keel_owner_command keel_owner_changing[] = {
	{ "command", "MESSAGE [FIELD=NUMBER…]", "ask the product for something", false, 1, 17,
		command },
	{ "invite", "owner NAME|guest NAME HOURS [MESSAGE…]", "let somebody in", false, 2, 19,
		invite },
	{ "vouch", "THUMBPRINT|nobody", "who lost their phone may return, for 15 minutes", false, 1,
		1, vouch },
	{ "remove", "THUMBPRINT", "let somebody in no more", false, 1, 1, remove_person },
	{ "delete", "mine|all", "what is kept about you, or the home's data too", false, 1, 1,
		delete_data },
	{ "rename", "NAME", "how the others see you", false, 1, 1, rename_me },
	{ "consent", "DATUM yes|no", "whether a datum may be kept", false, 2, 2, consent },
	{ "leave", "", "all owners and all data go; the hub is as new", false, 0, 0, leave },
};
const size_t keel_owner_changing_count = KEEL_COUNT(keel_owner_changing);
