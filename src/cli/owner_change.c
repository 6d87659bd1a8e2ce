/* What changes something at the hub; each is signed with the owner's key. docs/protocol.md, Requests. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/declared.h"
#include "cli/fault.h"
#include "cli/owner.h"
#include "cli/show.h"
#include "core/cbor_head.h"

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
	size_t n = strcspn(arg, "=");
	out->name = (struct keel_bytes){ (const uint8_t *)arg, n };
	if (n > 0 && n <= KEEL_NAME_MAX && keel_utf8_check(out->name, true) == KEEL_OK &&
		arg[n] == '=' && read_thousandths(arg + n + 1, &out->value))
		return KEEL_OK;
	(void)snprintf(what, sizeof(what), "%.100s is not a field and a number", arg);
	return keel_owner_misread(
		run, fault, what, "write it like celsius=21.5, with at most three places");
}

static enum keel_err command(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	uint8_t buf[2048];
	struct keel_command_result r;
	struct keel_list_maker fields = keel_list_maker_of(buf, sizeof(buf));
	enum keel_err e =
		keel_owner_check_name(run, argv[1], KEEL_NAME_MAX, "a message's name", fault);
	for (int i = 2; e == KEEL_OK && i < argc; i++) {
		struct keel_field_item f = { 0 };
		e = read_field(run, argv[i], &f, fault);
		if (e == KEEL_OK) /* there is room: as many as args, each with a name */
			KEEL_MUST(keel_list_put(&fields, &keel_field_item_schema, &f));
	}
	if (e != KEEL_OK)
		return e;
	struct keel_command_args args = { .message = keel_text(argv[1]),
		.fields = keel_list_made(&fields) };
	e = keel_talk_change(&run->talk, KEEL_OP_COMMAND, &args, &r, fault);
	if (e == KEEL_OK)
		keel_owner_say(run, KEEL_OP_COMMAND, &r,
			"The hub accepted it, as command %" PRIu64
			"; keel owner state shows what comes of it.\n",
			r.number);
	else if (e == KEEL_ENONE || e == KEEL_ERANGE)
		keel_declared_command(&run->talk, &args, fault);
	return e;
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

/*
 * Asked once, where somebody is there to answer: a script has no terminal at both ends, and is taken at
 * its word.
 */
static enum keel_err agreed(
	const struct keel_owner_run *run, const char *goes, struct keel_fault *fault)
{
	char answer[8] = "";
	if (run->yes || isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1)
		return KEEL_OK;
	(void)fprintf(stderr, "%s\nThis cannot be undone. Go on? [y/N] ", goes);
	if (fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
		return KEEL_OK;
	enum keel_err e = keel_fault_fill(fault, KEEL_ESTATE, "nothing was done",
		"answer y, or say --yes before the command");
	fault->means = "You were asked, and did not say yes";
	return e;
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
	enum keel_err e = agreed(run,
		all ? "What is kept about you and about the home goes, and what was last asked "
		      "for. You stay, and so do the others and what is kept about them."
		    : "What is kept about you goes. You stay in the home; what is kept about the "
		      "home and the others stays.",
		fault);
	if (e == KEEL_OK)
		e = keel_talk_change(&run->talk, KEEL_OP_DELETE, &args, &r, fault);
	return e == KEEL_OK ? show_receipt(run, r.receipt, fault) : e;
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
	enum keel_err e =
		keel_owner_check_name(run, argv[1], KEEL_NAME_MAX, "a datum's name", fault);
	if (e == KEEL_OK)
		e = keel_talk_change(&run->talk, KEEL_OP_CONSENT, &args, &r, fault);
	if (e == KEEL_OK)
		keel_owner_say(run, KEEL_OP_CONSENT, &r, "%s %s.\n", argv[1],
			args.given ? "may be kept from now on"
				   : "is not kept any more; what was kept of it is deleted");
	return e;
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
	enum keel_err e = agreed(run,
		"All owners and guests go, you too, and all that is kept about you, them and the "
		"home. The hub stays what it is, and belongs to whoever claims it next.",
		fault);
	if (e == KEEL_OK)
		e = keel_talk_change(&run->talk, KEEL_OP_LEAVE, NULL, &r, fault);
	if (e == KEEL_OK)
		e = show_receipt(run, r.receipt, fault);
	if (e == KEEL_OK)
		keel_keys_drop(&run->talk.keys);
	if (e == KEEL_EAUTH)
		say_left_before(fault);
	return e;
}

const struct keel_owner_command keel_owner_changing[] = {
	{ "command", "MESSAGE [FIELD=NUMBER…]", "ask the product for something", KEEL_NEEDS_HOME, 1,
		1 + KEEL_COMMAND_FIELDS_MAX, command },
	{ "delete", "mine|all", "what is kept about you, or the home's data too", KEEL_NEEDS_HOME,
		1, 1, delete_data },
	{ "consent", "DATUM yes|no", "whether a datum may be kept", KEEL_NEEDS_HOME, 2, 2,
		consent },
	{ "leave", "", "all owners and all data go; the hub is as new", KEEL_NEEDS_HOME, 0, 0,
		leave },
};
const size_t keel_owner_changing_count = KEEL_COUNT(keel_owner_changing);
