/* keel-fleet: the maker's service. The table of its commands, and the words that all of them share. */
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/option.h"
#include "fleet/command.h"
#include "fleet/config.h"
#include "fleet/signer.h"

enum { DONE = 0, FAILED = 1, NOT_UNDERSTOOD = 2 };
enum { ORIGIN = 1, WHY = 2, MEASURES = 4, JSON = 8 };

/* clang-format off */
static const struct command {
	const char *name;
	enum keel_err (*run)(const struct keel_fleet_ask *ask, struct keel_fault *fault);
	int least, most; /* words behind the folder */
	unsigned options; /* that it takes; --origin and --why it needs as well */
	const char *form;
	const char *help;
	const char *more;
} commands[] = {
	{ "init", keel_fleet_do_init, 0, 0, ORIGIN | JSON, "DIR --origin URL", "make a service's folder: keys, database, settings",
		"Prints what the declarations name: service: {url, trust, key}. Nothing else has to be decided; what can\n"
		"be stands in config.yaml and policy.yaml, each line with its comment.\n\n"
		"  keel-fleet init /srv/fleet --origin https://fleet.example\n" },
	{ "serve", keel_fleet_do_serve, 0, 0, 0, "DIR", "serve devices and owners, until it is told to end",
		"In the foreground: a service manager starts it again when it ends. It keeps nothing that a restart loses\n"
		"but owners' requests on their way, which their app asks again. SIGTERM ends it.\n" },
	{ "mail", keel_fleet_do_mail, 0, 0, 0, "DIR", "tell the desk by mail that a vulnerability was reported",
		"In the foreground beside serve, where config.yaml names a mail server. A mail has the case's number and\n"
		"where to read it, never what was reported. What does not go is tried again; SIGTERM ends it.\n" },
	{ "product add", keel_fleet_do_product_add, 1, 1, MEASURES | JSON, "DIR FILE [--measures LIST]",
		"add a compiled declaration",
		"FILE is what keel compile made; LIST what keel measure signed for it. Devices of this product are\n"
		"judged by them, and only what is declared is taken from them. Adding the same again changes nothing.\n\n"
		"  keel-fleet product add /srv/fleet product.cbor --measures measures.cbor\n" },
	{ "products", keel_fleet_do_products, 0, 0, JSON, "DIR", "list the declarations", "" },
	{ "enrol", keel_fleet_do_enrol, 1, 1, JSON, "DIR LIST", "make units known",
		"LIST is what keel provision --enrol wrote: serial,id,endorsement, a line a unit, one or many. Each\n"
		"endorsement is verified under the key that the unit's product names. All are enrolled, or none.\n\n"
		"  keel provision --home unit --maker-key unit.pem --serial H1-000001 --enrol units.csv\n"
		"  keel-fleet enrol /srv/fleet units.csv\n" },
	{ "units", keel_fleet_do_units, 0, 1, JSON, "DIR [SEARCH]", "list units: state, version, when heard",
		"SEARCH: what stands in their serial, model or id.\n\n"
		"States: here (heard in time), away, odd (something of it was refused: keel-fleet odd), flagged or\n"
		"quarantined (by the policy: the last column says why), revoked, never heard.\n" },
	{ "odd", keel_fleet_do_odd, 0, 0, JSON, "DIR", "list what was refused of whom",
		"Reports that were undeclared or out of range, and devices that got no session: unknown ones with\n"
		"the maker's own endorsement, and revoked ones.\n" },
	{ "revoke", keel_fleet_do_revoke, 1, 1, WHY | JSON, "DIR SERIAL --why TEXT", "give a unit no session any more",
		"From its next call on, also in a session that is open.\n\n"
		"  keel-fleet revoke /srv/fleet H1-000017 --why \"stolen from the depot\"\n" },
	{ "reinstate", keel_fleet_do_reinstate, 1, 1, JSON, "DIR SERIAL", "take a revocation back", "" },
	{ "notice", keel_fleet_do_notice, 3, 3, JSON, "DIR TO WHAT ABOUT", "tell owners what concerns their device's security",
		"TO is a unit's serial, or a model: all of its units. WHAT and ABOUT are of a closed list, so that whoever\n"
		"takes the service over has no words of their own: update VERSION (it closes a hole), vulnerability NAME (it\n"
		"is published), support DAY (it ends then; never before the day that was published). It waits until the\n"
		"device takes it; a later one of the same kind takes its place. Owners see it among the device's events.\n\n"
		"  keel-fleet notice /srv/fleet hearth-h1 update 2.4.1\n" },
	{ "operators", keel_fleet_do_operators, 0, 0, JSON, "DIR", "list who operates the service", "" },
	{ "operator add", keel_fleet_do_operator_add, 1, 1, JSON, "DIR NAME", "make a link by which an operator comes in",
		"The link is good once, for a day. Behind it the operator makes a passkey; there is no password. While\n"
		"there is no operator at all, serve prints a link at each start.\n\n"
		"  keel-fleet operator add /srv/fleet bob\n" },
	{ "operator remove", keel_fleet_do_operator_remove, 1, 1, JSON, "DIR NAME", "sign an operator out for good",
		"The last one stays: add another before.\n" },
	{ "key roll", keel_fleet_do_key_roll, 0, 0, JSON, "DIR", "make the next key that the service works with",
		"Needs keys/root.pem for as long as it takes. The service works with it from its next start on, and knows\n"
		"what the last one signed. A key lasts 400 days: roll it once a year.\n" },
	{ "audit", keel_fleet_do_audit, 0, 0, JSON, "DIR", "show who did what",
		"Each row's hash covers the one before it; audit verify checks that.\n" },
	{ "audit verify", keel_fleet_do_audit_verify, 0, 0, JSON, "DIR", "check that the log was not changed",
		"Prints the last hash: kept elsewhere, it also shows a log that was written anew.\n" },
	{ "backup", keel_fleet_do_backup, 1, 1, JSON, "DIR FILE", "copy the database, while it serves",
		"The keys in DIR/keys are not in it: keep a copy of them where nobody else comes.\n" },
	{ "restore", keel_fleet_do_restore, 1, 1, JSON, "DIR FILE", "bring a copy back",
		"To a folder without a database. The copy's audit log is checked first.\n" },
};

static const struct {
	unsigned bit;
	const char *line;
} option_lines[] = {
	{ ORIGIN,   "  --origin URL     where devices and owners reach the service: https://fleet.example\n" },
	{ WHY,      "  --why TEXT       the reason, for the next operator\n" },
	{ MEASURES, "  --measures LIST  the files of such a device, as the maker signed them\n" },
	{ JSON,     "  --json           for a script: an object a line; a refusal as {\"error\", \"sentence\", \"next\"}\n" },
};
/* clang-format on */

static void help(FILE *out)
{
	(void)fputs(
		"usage: keel-fleet COMMAND DIR [ARG…]\n\n"
		"The maker's service: opens sessions to devices that prove what they are, takes "
		"their reports,\n"
		"carries what owners seal to them. DIR is its folder.\n\n",
		out);
	for (size_t i = 0; i < KEEL_COUNT(commands); i++)
		(void)fprintf(out, "  %-15s %s\n", commands[i].name, commands[i].help);
	(void)fputs("\nkeel-fleet COMMAND --help tells more; so does man keel-fleet.\n"
		    "Exit: 0 done, 1 failed, 2 not understood.\n",
		out);
}

static void help_of(const struct command *c)
{
	(void)printf("usage: keel-fleet %s %s\n\n", c->name, c->form);
	(void)printf("To %s.\n%s", c->help, c->more[0] != '\0' ? "\n" : "");
	(void)fputs(c->more, stdout);
	(void)fputc('\n', stdout);
	for (size_t i = 0; i < KEEL_COUNT(option_lines); i++)
		if ((c->options & option_lines[i].bit) != 0)
			(void)fputs(option_lines[i].line, stdout);
	(void)fputs("\nExit: 0 done, 1 failed, 2 not understood.\n", stdout);
}

/* The command with the most words that fits: "audit verify" before "audit". */
static const struct command *find(int argc, char **argv, int *used)
{
	const struct command *found = NULL;
	for (size_t i = 0; i < KEEL_COUNT(commands); i++) {
		const char *name = commands[i].name;
		const char *blank = strchr(name, ' ');
		size_t n = blank != NULL ? (size_t)(blank - name) : strlen(name);
		if (strlen(argv[1]) != n || strncmp(argv[1], name, n) != 0)
			continue;
		if (blank == NULL && found == NULL) {
			found = &commands[i];
			*used = 1;
		} else if (blank != NULL && argc > 2 && strcmp(argv[2], blank + 1) == 0) {
			found = &commands[i];
			*used = 2;
		}
	}
	return found;
}

/* --- words and options --- */

static const char form[] = "keel-fleet COMMAND --help shows the form";

static enum keel_err read_options(const struct command *c, int argc, char **argv,
	struct keel_fleet_ask *ask, bool *wants_help, struct keel_fault *fault)
{
	static const struct option options[] = {
		{ "origin", required_argument, NULL, ORIGIN },
		{ "why", required_argument, NULL, WHY },
		{ "measures", required_argument, NULL, MEASURES },
		{ "json", no_argument, NULL, JSON },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	optind = 1;
	opterr = 0;
	int at = 0;
	for (int got; (got = getopt_long(argc, argv, ":", options, &at)) != -1;) {
		if (got == 'h') {
			*wants_help = true;
			return KEEL_OK;
		}
		if (got == ':' || got == '?')
			return keel_option_wrong(fault, got, argv, form);
		if ((c->options & (unsigned)got) == 0)
			return keel_fault_format(fault, KEEL_EFORM, form,
				"keel-fleet %s takes no --%s", c->name, options[at].name);
		const char **to = got == ORIGIN     ? &ask->origin
				  : got == WHY      ? &ask->why
				  : got == MEASURES ? &ask->measures
						    : NULL;
		if (to != NULL)
			*to = optarg;
		else
			ask->json = true;
	}
	return KEEL_OK;
}

/* What it needs is there, and has its form. */
static enum keel_err check_options(
	const struct command *c, const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	if ((c->options & ORIGIN) != 0 &&
		(ask->origin == NULL || !keel_fleet_is_origin(ask->origin)))
		return keel_fault_format(fault, KEEL_EFORM,
			"add --origin https://fleet.example (and :PORT where it is not 443), in "
			"small letters",
			"%s needs to know where devices will reach the service", c->name);
	if ((c->options & WHY) != 0 && (ask->why == NULL || ask->why[0] == '\0' ||
					       strlen(ask->why) > KEEL_FLEET_DETAIL_MAX))
		return keel_fault_format(fault, KEEL_EFORM,
			"say it to the next operator: --why \"stolen from the depot\"",
			"to %s is done for a reason, of at most %d bytes", c->name,
			KEEL_FLEET_DETAIL_MAX);
	return KEEL_OK;
}

static enum keel_err read_words(const struct command *c, int argc, char **argv,
	struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	int words = argc - optind;
	if (words < 1 + c->least)
		return keel_fault_format(fault, KEEL_EFORM, form,
			"something is missing: keel-fleet %s %s", c->name, c->form);
	if (words > 1 + c->most)
		return keel_option_no_place(fault, argv[optind + 1 + c->most], form);
	ask->dir = argv[optind];
	for (int i = 1; i < words; i++)
		ask->words[i - 1] = argv[optind + i];
	return KEEL_OK;
}

/* Who sits there; behind sudo, who called it. */
static void name_operator(char *out, size_t size)
{
	const struct passwd *p = getpwuid(getuid());
	const char *name = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	if (name == NULL)
		name = p != NULL ? p->pw_name : "unknown";
	(void)snprintf(out, size, "cli:%s", name);
}

static int tell(struct keel_fault *fault, enum keel_err e, bool json, int status)
{
	keel_fault_tell(fault, e, json);
	return status;
}

static int run(const struct command *c, int argc, char **argv)
{
	char who[KEEL_FLEET_WORD_MAX];
	struct keel_fault fault = { 0 };
	bool wants_help = false;
	struct keel_fleet_ask ask = { .now_s = (int64_t)time(NULL), .who = who };
	name_operator(who, sizeof(who));
	enum keel_err e = read_options(c, argc, argv, &ask, &wants_help, &fault);
	if (wants_help) {
		help_of(c);
		return DONE;
	}
	if (e == KEEL_OK)
		e = read_words(c, argc, argv, &ask, &fault);
	if (e == KEEL_OK)
		e = check_options(c, &ask, &fault);
	if (e != KEEL_OK)
		return tell(&fault, e, ask.json, NOT_UNDERSTOOD);
	e = c->run(&ask, &fault);
	if (e == KEEL_OK)
		return DONE;
	return tell(&fault, e, ask.json, FAILED);
}

int main(int argc, char **argv)
{
	int used = 0;
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help(argc < 2 ? stderr : stdout);
		return argc < 2 ? NOT_UNDERSTOOD : DONE;
	}
	if (strcmp(argv[1], KEEL_FLEET_SIGNER_ROLE) == 0)
		return keel_fleet_signer_main(argc - 1, argv + 1);
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("keel-fleet " KEEL_VERSION);
		return DONE;
	}
	const struct command *c = find(argc, argv, &used);
	if (c != NULL)
		return run(c, argc - used, argv + used);
	struct keel_fault fault = { 0 };
	enum keel_err e =
		keel_fault_format(&fault, KEEL_EFORM, "keel-fleet --help lists the commands",
			"there is no %s %.60s", argv[1][0] == '-' ? "option" : "command", argv[1]);
	return tell(&fault, e, false, NOT_UNDERSTOOD);
}
