#include "cli/owner.h"

#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fault.h"
#include "cli/option.h"
#include "cli/show.h"
#include "core/cbor_head.h"

enum { DONE = 0, REFUSED = 1, NOT_UNDERSTOOD = 2 };

static const struct {
	const char *title;
	const struct keel_owner_command *commands;
	const size_t *count;
} groups[] = {
	{ "To enter a home", keel_owner_entering, &keel_owner_entering_count },
	{ "To look", keel_owner_reading, &keel_owner_reading_count },
	{ "To say who may enter (signed)", keel_owner_letting_in, &keel_owner_letting_in_count },
	{ "To change something (signed)", keel_owner_changing, &keel_owner_changing_count },
};

/* What takes more room than its column has stands above what it means. */
static void help_of(FILE *out, const struct keel_owner_command *c)
{
	enum { NAME_WIDTH = 9, ARGS_WIDTH = 26 };
	size_t width = 0;
	for (const char *a = c->args; *a != '\0'; a++)
		width += ((unsigned char)*a & 0xc0) != 0x80; /* characters, not bytes */
	bool wide = width > ARGS_WIDTH;
	(void)fprintf(out, "  %-*s %s%s%*s %s\n", NAME_WIDTH, c->name, c->args, wide ? "\n" : "",
		wide ? NAME_WIDTH + ARGS_WIDTH + 3 : ARGS_WIDTH - (int)width, "", c->help);
}

static void help(FILE *out)
{
	(void)fputs("usage: keel owner [OPTION…] COMMAND [ARG…]\n\n"
		    "All that the owner's app does. Your keys stay in a folder that only you can "
		    "read.\n\n"
		    "  --keys DIR    the folder (default ~/.local/share/keel/home)\n"
		    "  --hub URL     the hub's door, for example https://hub.home.arpa:8443 (kept "
		    "at the claim)\n"
		    "  --ca FILE     the CA that made the door's certificate; without it TLS is "
		    "not checked,\n"
		    "                and what protects you is the device's own key from the label\n"
		    "  --service URL the maker's service, for when the hub cannot be reached: it "
		    "carries\n"
		    "                what is said sealed (kept; '' forgets it)\n"
		    "  --service-ca FILE\n"
		    "                the CA that made its certificate; without it the system's\n"
		    "  --label FILE  the label's text (KEEL1:…), for claim, return and recover; - "
		    "is standard input\n"
		    "  --name NAME   how the others in the home see you\n"
		    "  --yes         do not ask on a terminal before what cannot be undone\n"
		    "  --json        for scripts\n",
		out);
	for (size_t g = 0; g < KEEL_COUNT(groups); g++) {
		(void)fprintf(out, "\n%s:\n", groups[g].title);
		for (size_t i = 0; i < *groups[g].count; i++)
			help_of(out, &groups[g].commands[i]);
	}
	(void)fputs("\n  keel owner --hub https://hub.home.arpa:8443 --label label.txt --name Ann "
		    "claim\n"
		    "  keel owner command 'set temperature' celsius=21.5\n"
		    "  keel owner invite guest Gil 8 'set temperature'\n"
		    "  keel owner history 'temperature history' $(date -d yesterday +%s)\n",
		out);
	(void)fputs("\nExit: 0 done, 1 refused or failed, 2 not understood.\n", out);
}

static const struct keel_owner_command *find(const char *name)
{
	for (size_t g = 0; g < KEEL_COUNT(groups); g++)
		for (size_t i = 0; i < *groups[g].count; i++)
			if (strcmp(groups[g].commands[i].name, name) == 0)
				return &groups[g].commands[i];
	return NULL;
}

enum keel_err keel_owner_misread(
	struct keel_owner_run *run, struct keel_fault *fault, const char *what, const char *next)
{
	run->misread = true;
	return keel_fault_fill(fault, KEEL_EFORM, what, next);
}

enum keel_err keel_owner_check_name(struct keel_owner_run *run, const char *name, size_t max,
	const char *what, struct keel_fault *fault)
{
	char told[sizeof(fault->what)];
	char next[sizeof(fault->next)];
	struct keel_bytes b = keel_text(name);
	if (b.n > 0 && b.n <= max && keel_utf8_check(b, true) == KEEL_OK)
		return KEEL_OK;
	(void)snprintf(told, sizeof(told), "%s is no name", b.n == 0 ? "an empty word" : "this");
	(void)snprintf(next, sizeof(next), "%s has 1 to %zu bytes of text", what, max);
	return keel_owner_misread(run, fault, told, next);
}

void keel_owner_say(const struct keel_owner_run *run, enum keel_op_number op, const void *result,
	const char *sentence, ...)
{
	va_list args;
	if (run->json) {
		keel_show(stdout, keel_op_of(op)->result, result, true);
		return;
	}
	va_start(args, sentence);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vprintf(sentence, args);
	va_end(args);
}

bool keel_owner_number(const char *text, int64_t max, int64_t *out)
{
	int64_t v = 0;
	for (const char *c = text; *c != '\0'; c++) {
		if (*c < '0' || *c > '9' || v > (INT64_MAX - 9) / 10)
			return false;
		v = v * 10 + (*c - '0');
	}
	if (*text == '\0' || v > max)
		return false;
	*out = v;
	return true;
}

static const char lists[] = "keel owner --help lists options and commands";

/* What the options name; NULL: what is kept. */
struct given {
	const char *dir, *hub, *ca, *service, *service_ca;
};

/* Reads the options. The rest is the command. */
static enum keel_err read_options(int argc, char **argv, struct keel_owner_run *run,
	struct given *given, struct keel_fault *fault)
{
	static const struct option options[] = {
		{ "keys", required_argument, NULL, 'k' },
		{ "hub", required_argument, NULL, 'u' },
		{ "ca", required_argument, NULL, 'c' },
		{ "service", required_argument, NULL, 's' },
		{ "service-ca", required_argument, NULL, 'S' },
		{ "label", required_argument, NULL, 'l' },
		{ "name", required_argument, NULL, 'n' },
		{ "yes", no_argument, NULL, 'y' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	optind = 1;
	opterr = 0;
	/* '+': what follows the command is the command's. */
	for (int o; (o = getopt_long(argc, argv, "+:h", options, NULL)) != -1;) {
		switch (o) {
		case 'k':
			given->dir = optarg;
			break;
		case 'u':
			given->hub = optarg;
			break;
		case 'c':
			given->ca = optarg;
			break;
		case 's':
			given->service = optarg;
			break;
		case 'S':
			given->service_ca = optarg;
			break;
		case 'l':
			run->label = optarg;
			break;
		case 'n':
			run->name = optarg;
			break;
		case 'y':
			run->yes = true;
			break;
		case 'j':
			run->json = true;
			run->talk.way.json = true;
			break;
		case 'h':
			help(stdout);
			exit(DONE);
		default:
			run->misread = true;
			return keel_option_wrong(fault, o, argv, lists);
		}
	}
	return optind < argc ? KEEL_OK
			     : keel_owner_misread(run, fault, "no command was named", lists);
}

/* A file's path from everywhere; NULL leaves what is kept. */
static enum keel_err keep_path(
	const char *path, char out[KEEL_KEYS_PATH_MAX], struct keel_fault *fault)
{
	char whole[PATH_MAX] = "";
	if (path == NULL)
		return KEEL_OK;
	if (realpath(path, whole) == NULL || strlen(whole) >= KEEL_KEYS_PATH_MAX)
		return keel_fault_fill(fault, KEEL_EFULL, "the path of the CA's file is too long",
			"put the file where its path is shorter");
	(void)snprintf(out, KEEL_KEYS_PATH_MAX, "%s", whole);
	return KEEL_OK;
}

/* What the options name goes before what was kept at the claim. */
static enum keel_err choose_hub(
	struct keel_keys *keys, const struct given *given, struct keel_fault *fault)
{
	struct keel_door_at door = keel_keys_door(keys);
	door.url = given->hub != NULL ? given->hub : door.url;
	door.ca = given->ca != NULL ? given->ca : door.ca;
	enum keel_err e = keel_door_check(&door, fault);
	if (e == KEEL_OK)
		e = keep_path(given->ca, keys->ca, fault);
	if (e == KEEL_OK && given->hub != NULL)
		(void)snprintf(keys->url, sizeof(keys->url), "%s", given->hub);
	return e;
}

/* Likewise, and kept from then on: the home may be older than its service. */
static enum keel_err choose_service(
	struct keel_keys *keys, const struct given *given, struct keel_fault *fault)
{
	struct keel_door_at service = keel_keys_service(keys);
	service.url = given->service != NULL ? given->service : service.url;
	service.ca = given->service_ca != NULL ? given->service_ca : service.ca;
	enum keel_err e = service.url[0] == '\0' ? KEEL_OK : keel_door_check(&service, fault);
	if (e == KEEL_OK)
		e = keep_path(given->service_ca, keys->service_ca, fault);
	if (e == KEEL_OK && given->service != NULL)
		(void)snprintf(keys->service, sizeof(keys->service), "%s", given->service);
	return e;
}

static enum keel_err choose_ways(struct keel_owner_run *run, const struct keel_owner_command *c,
	const struct given *given, struct keel_fault *fault)
{
	struct keel_keys *keys = &run->talk.keys;
	bool named = given->service != NULL || given->service_ca != NULL;
	enum keel_err e = choose_service(keys, given, fault);
	run->misread = e != KEEL_OK;
	/* Before another hub is named, for this once. */
	if (e == KEEL_OK && named && c->needs == KEEL_NEEDS_HOME)
		e = keel_keys_save_hub(keys, fault);
	if (e != KEEL_OK)
		return e;
	e = choose_hub(keys, given, fault);
	run->misread = e != KEEL_OK;
	return e;
}

static enum keel_err run_command(struct keel_owner_run *run, const struct keel_owner_command *c,
	const struct given *given, int argc, char **argv, struct keel_fault *fault)
{
	enum keel_err e = keel_keys_open(given->dir, &run->talk.keys, fault);
	if (e == KEEL_OK && c->needs == KEEL_NEEDS_HOME)
		e = keel_keys_load(&run->talk.keys, &run->talk.member, fault);
	if (e == KEEL_OK && c->needs != KEEL_NEEDS_NOTHING)
		e = choose_ways(run, c, given, fault);
	return e == KEEL_OK ? c->run(run, argc, argv, fault) : e;
}

/* The command and whether it has as many arguments as it takes; NULL tells. */
static const struct keel_owner_command *choose(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	char what[sizeof(fault->what)];
	char next[sizeof(fault->next)];
	const struct keel_owner_command *c = find(argv[0]);
	int args = argc - 1;
	if (c != NULL && args >= c->min && args <= c->max)
		return c;
	(void)snprintf(next, sizeof(next), "%s", lists);
	if (c == NULL) {
		(void)snprintf(what, sizeof(what), "there is no command %.60s", argv[0]);
	} else {
		(void)snprintf(what, sizeof(what), "%s %s", c->name,
			args < c->min ? "needs more words after it"
				      : "has more words after it than it takes");
		(void)snprintf(next, sizeof(next), "write it as: keel owner %s%s%s", c->name,
			c->args[0] == '\0' ? "" : " ", c->args);
	}
	(void)keel_owner_misread(run, fault, what, next);
	return NULL;
}

int keel_cli_owner(int argc, char **argv)
{
	static struct keel_owner_run run; /* large, and one a program */
	struct given given = { 0 };
	struct keel_fault fault = { 0 };
	enum keel_err e = read_options(argc, argv, &run, &given, &fault);
	if (e == KEEL_OK) {
		const struct keel_owner_command *c =
			choose(&run, argc - optind, argv + optind, &fault);
		e = c == NULL ? KEEL_EFORM
			      : run_command(&run, c, &given, argc - optind, argv + optind, &fault);
	}
	int status = e == KEEL_OK ? DONE : run.misread ? NOT_UNDERSTOOD : REFUSED;
	if (e != KEEL_OK)
		keel_fault_tell(&fault, e, run.json);
	keel_talk_close(&run.talk);
	return status;
}
