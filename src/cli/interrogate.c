#include "cli/interrogate.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/fault.h"
#include "cli/option.h"
#include "cli/show.h"
#include "cli/talk.h"
#include "cli/vouched.h"
#include "owner/statement.h"

enum { VERIFIED = 0, REFUSED = 1, NOT_UNDERSTOOD = 2, UNVOUCHED = 3 };

static const char help_text[] =
	"usage: keel interrogate URL [--maker PRODUCT.CBOR] [--ca FILE] [--json]\n\n"
	"Asks a device who it is: make, model, end of support, over a fresh nonce and signed with\n"
	"the device's own key; in the factory state also state and version. Owners are told more:\n"
	"keel owner statement PRODUCT.CBOR.\n\n"
	"  --maker FILE  the maker's compiled declaration: its key must have endorsed this device\n"
	"  --ca FILE     the CA that made the door's certificate\n"
	"  --json        for scripts\n\n"
	"  keel interrogate https://hub.home.arpa:8443 --maker product.cbor\n\n"
	"Exit: 0 verified, 1 refused or failed, 2 not understood,\n"
	"      3 the statement fits the key that came with it; whose key that is was not checked\n";

enum keel_err keel_statement_show(const struct keel_p256_pub *device, struct keel_bytes statement,
	struct keel_bytes nonce, struct keel_bytes aud, bool json, struct keel_fault *fault)
{
	struct keel_bytes payload;
	struct keel_statement s;
	enum keel_err e = keel_cose_verify1(device, statement, (struct keel_bytes){ 0 }, &payload);
	if (e == KEEL_OK)
		e = keel_statement_read(payload, KEEL_STATEMENT_PROFILE, nonce, aud, &s);
	if (e != KEEL_OK)
		return keel_fault_fill(fault, e,
			"the statement was not made by this device for this question",
			"do not enter anything of yours into it; check the address");
	keel_show(stdout, &keel_statement_schema, &s, json);
	return KEEL_OK;
}

static enum keel_err ask(const struct keel_door_at *door, const struct keel_statement_args *args,
	struct keel_statement_result *out, struct keel_fault *fault)
{
	static uint8_t buf[KEEL_POST_MAX];
	uint8_t body[256];
	struct keel_wr w = keel_wr_of(body, sizeof(body));
	struct keel_bytes question;
	struct keel_bytes answer;
	keel_schema_write(&keel_statement_args_schema, args, &w);
	enum keel_err e = keel_wr_end(&w, &question);
	if (e == KEEL_OK)
		e = keel_talk_post(door, "/v1/interrogate", question, buf, &answer, NULL, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_schema_read(&keel_statement_result_schema, answer, out, NULL);
	return e == KEEL_OK ? e
			    : keel_fault_fill(fault, e, "the answer is not a hub's",
				      "check that the address is a hub's");
}

static enum keel_err interrogate(const struct keel_door_at *door, const struct keel_maker_of *maker,
	bool json, struct keel_fault *fault)
{
	uint8_t nonce[32];
	struct keel_statement_result r;
	struct keel_p256_pub device;
	keel_random(nonce, sizeof(nonce));
	const struct keel_statement_args args = { .nonce = KEEL_VIEW(nonce),
		.aud = keel_text("keel interrogate") };
	enum keel_err e = ask(door, &args, &r, fault);
	if (e == KEEL_OK)
		e = keel_vouched(&r, &args, maker, &device, fault);
	return e == KEEL_OK ? keel_statement_show(
				      &device, r.statement, args.nonce, args.aud, json, fault)
			    : e;
}

struct options {
	struct keel_door_at door;
	const char *maker; /* a file */
	bool json, help;
};

static const char form[] = "keel interrogate --help shows the form";

static enum keel_err read_options(
	int argc, char **argv, struct options *out, struct keel_fault *fault)
{
	static const struct option options[] = {
		{ "maker", required_argument, NULL, 'm' },
		{ "ca", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	optind = 1;
	opterr = 0;
	for (int o; (o = getopt_long(argc, argv, ":h", options, NULL)) != -1;) {
		switch (o) {
		case 'm':
			out->maker = optarg;
			break;
		case 'c':
			out->door.ca = optarg;
			break;
		case 'j':
			out->json = true;
			break;
		case 'h':
			out->help = true;
			break;
		default:
			return keel_option_wrong(fault, o, argv, form);
		}
	}
	if (out->help)
		return KEEL_OK;
	if (optind == argc)
		return keel_fault_fill(fault, KEEL_EFORM, "no hub is named", form);
	if (optind < argc - 1)
		return keel_option_no_place(fault, argv[optind + 1], form);
	out->door.url = argv[optind];
	return keel_door_check(&out->door, fault);
}

int keel_cli_interrogate(int argc, char **argv)
{
	struct options o = { 0 };
	struct keel_fault fault = { 0 };
	struct keel_maker_of maker;
	enum keel_err e = read_options(argc, argv, &o, &fault);
	if (o.help) {
		(void)fputs(help_text, stdout);
		return VERIFIED;
	}
	if (e == KEEL_OK && o.maker != NULL)
		e = keel_maker_read(o.maker, &maker, &fault);
	if (e != KEEL_OK) {
		keel_fault_tell(&fault, e, o.json);
		return NOT_UNDERSTOOD;
	}
	e = interrogate(&o.door, o.maker != NULL ? &maker : NULL, o.json, &fault);
	if (e != KEEL_OK) {
		keel_fault_tell(&fault, e, o.json);
		return REFUSED;
	}
	if (o.maker != NULL)
		return VERIFIED;
	(void)fprintf(stderr,
		"keel: the statement fits the key that came with it; whose key that is "
		"was not checked\n  Anybody can make a key and say what they like.\n"
		"  Next: name the maker's declaration with --maker.\n");
	return UNVOUCHED;
}
