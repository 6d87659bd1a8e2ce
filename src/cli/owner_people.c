/* Who may come into the home, and who no more; signed with the owner's key. docs/protocol.md, Requests. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/declared.h"
#include "cli/fault.h"
#include "cli/owner.h"
#include "cli/show.h"
#include "core/base64url.h"
#include "core/hex.h"

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

/* A guest's end and limits are said to whoever lets them in: what was forgotten is seen here. */
static void tell_invitation(const struct keel_owner_run *run, const struct keel_invite_args *a,
	const struct invited *shown)
{
	(void)printf("%.*s\n\nIt lets %.*s in, once, within %" PRIu64 " minutes, as %s:\n"
		     "  keel owner --hub %s join INVITATION\n",
		(int)shown->invitation.n, (const char *)shown->invitation.p, (int)a->name.n,
		(const char *)a->name.p, shown->valid_s / 60,
		a->role == KEEL_ROLE_GUEST ? "a guest" : "an owner", run->talk.keys.url);
	if (a->role != KEEL_ROLE_GUEST)
		return;
	(void)fputs("Until: ", stdout);
	keel_show_word(stdout, "until", (uint64_t)a->until);
	(void)puts(a->messages.count > 0
			   ? ".\nOf the messages they may send those that you named."
			   : ".\nThey may look and send nothing, for you named no message.");
}

static enum keel_err show_invitation(const struct keel_owner_run *run,
	const struct keel_invite_args *a, const struct keel_invite_result *r)
{
	uint8_t buf[512];
	struct invited shown = { .valid_s = r->valid_s };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_base64url_write(r->invitation, &w);
	enum keel_err e = keel_wr_end(&w, &shown.invitation);
	if (e == KEEL_OK && run->json)
		keel_show(stdout, &invited_schema, &shown, true);
	else if (e == KEEL_OK)
		tell_invitation(run, a, &shown);
	return e;
}

static enum keel_err no_invitation(
	struct keel_owner_run *run, struct keel_fault *fault, const char *word, const char *what)
{
	char told[sizeof(fault->what)];
	(void)snprintf(told, sizeof(told), "%.60s%s", word, what);
	return keel_owner_misread(run, fault, told,
		"write it as: keel owner invite owner NAME, or: keel owner invite guest NAME HOURS "
		"[MESSAGE…], where 0 hours is always");
}

/* Role, name and time as they were given. */
static enum keel_err read_invite(struct keel_owner_run *run, int argc, char **argv,
	struct keel_invite_args *out, struct keel_fault *fault)
{
	int64_t hours = 0;
	bool guest = strcmp(argv[1], "guest") == 0;
	if (!guest && strcmp(argv[1], "owner") != 0)
		return no_invitation(run, fault, argv[1], " is neither owner nor guest");
	if (!guest && argc > 3)
		return no_invitation(run, fault, argv[3],
			": an owner has no hours and no messages, for they may send everything");
	if (guest && argc < 4) /* a guest's time is always said */
		return no_invitation(run, fault, "", "for how many hours is not said");
	if (guest && !keel_owner_number(argv[3], 24L * 366 * 100, &hours))
		return no_invitation(run, fault, argv[3], " is no number of hours");
	*out = (struct keel_invite_args){
		.role = guest ? KEEL_ROLE_GUEST : KEEL_ROLE_OWNER,
		.name = keel_text(argv[2]),
		.until = hours > 0 ? time(NULL) + hours * 3600 : 0,
	};
	return keel_owner_check_name(run, argv[2], KEEL_PERSON_NAME_MAX, "a person's name", fault);
}

/* invite owner NAME, invite guest NAME HOURS [MESSAGE…] */
static enum keel_err invite(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	uint8_t buf[2048];
	struct keel_invite_args args;
	struct keel_invite_result r;
	struct keel_list_maker messages = keel_list_maker_of(buf, sizeof(buf));
	enum keel_err e = read_invite(run, argc, argv, &args, fault);
	for (int i = 4; e == KEEL_OK && i < argc; i++) {
		e = keel_owner_check_name(run, argv[i], KEEL_NAME_MAX, "a message's name", fault);
		if (e == KEEL_OK) /* there is room: as many as args, each a name */
			KEEL_MUST(keel_list_put_text(&messages, keel_text(argv[i])));
	}
	if (e != KEEL_OK)
		return e;
	args.messages = keel_list_made(&messages);
	e = keel_talk_change(&run->talk, KEEL_OP_INVITE, &args, &r, fault);
	if (e == KEEL_OK)
		return show_invitation(run, &args, &r);
	/* A guest has no right to invite, whatever they name. */
	if (run->talk.member.role == KEEL_ROLE_OWNER && (e == KEEL_ENONE || e == KEEL_ERIGHT))
		keel_declared_guest(&run->talk, args.messages, fault);
	return e;
}

static enum keel_err remove_person(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc;
	uint8_t owner[KEEL_THUMBPRINT_LEN];
	struct keel_nothing r;
	struct keel_remove_args args = { .owner = KEEL_VIEW(owner) };
	if (keel_hex_read(keel_text(argv[1]), owner, sizeof(owner)) != KEEL_OK)
		return keel_owner_misread(run, fault, "this is not a person's thumbprint",
			"take it from keel owner people: 64 hexadecimal characters");
	enum keel_err e = keel_talk_change(&run->talk, KEEL_OP_REMOVE, &args, &r, fault);
	if (e == KEEL_OK)
		keel_owner_say(run, KEEL_OP_REMOVE, &r,
			"They are removed: their keys open nothing, and what was kept about them "
			"is "
			"deleted.\n");
	return e;
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
	if (!nobody && keel_hex_read(keel_text(argv[1]), owner, sizeof(owner)) != KEEL_OK)
		return keel_owner_misread(run, fault, "this is not a person's thumbprint",
			"take it from keel owner people: 64 hexadecimal characters; or nobody");
	enum keel_err e = keel_talk_change(&run->talk, KEEL_OP_VOUCH, &args, &r, fault);
	if (e == KEEL_OK && r.valid_s == 0)
		keel_owner_say(run, KEEL_OP_VOUCH, &r, "It is taken back: nobody may return.\n");
	else if (e == KEEL_OK)
		keel_owner_say(run, KEEL_OP_VOUCH, &r,
			"They may return within %" PRIu64 " minutes, once: they press the hub's "
			"button and run\n  keel owner --hub %s --label FILE return\n",
			r.valid_s / 60, run->talk.keys.url);
	return e;
}

static enum keel_err rename_me(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc;
	struct keel_nothing r;
	struct keel_rename_args args = { .name = keel_text(argv[1]) };
	enum keel_err e =
		keel_owner_check_name(run, argv[1], KEEL_PERSON_NAME_MAX, "a person's name", fault);
	if (e == KEEL_OK)
		e = keel_talk_change(&run->talk, KEEL_OP_RENAME, &args, &r, fault);
	if (e == KEEL_OK)
		keel_owner_say(run, KEEL_OP_RENAME, &r, "The others see you as %s.\n", argv[1]);
	return e;
}

const struct keel_owner_command keel_owner_letting_in[] = {
	{ "invite", "owner NAME|guest NAME HOURS [MESSAGE…]", "let somebody in", KEEL_NEEDS_HOME, 2,
		3 + KEEL_GUEST_MESSAGES_MAX, invite },
	{ "vouch", "THUMBPRINT|nobody", "who lost their phone may return, for 15 minutes",
		KEEL_NEEDS_HOME, 1, 1, vouch },
	{ "remove", "THUMBPRINT", "let somebody in no more", KEEL_NEEDS_HOME, 1, 1, remove_person },
	{ "rename", "NAME", "how the others see you", KEEL_NEEDS_HOME, 1, 1, rename_me },
};
const size_t keel_owner_letting_in_count = KEEL_COUNT(keel_owner_letting_in);
