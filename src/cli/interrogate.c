#include "cli/interrogate.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/files.h"
#include "cli/show.h"
#include "cli/talk.h"
#include "keel/profile.h"
#include "owner/endorsement.h"
#include "owner/statement.h"

enum { VERIFIED = 0, REFUSED = 1, NOT_UNDERSTOOD = 2, UNVOUCHED = 3, PRODUCT_MAX = 256 * 1024 };

static const char help_text[] =
	"usage: keel interrogate URL [--maker PRODUCT.CBOR] [--ca FILE] [--json]\n\n"
	"Asks a device who it is: make, model, end of support, state, over a fresh nonce and "
	"signed with\n"
	"the device's own key. Owners are told more: keel owner statement.\n\n"
	"  --maker FILE  the maker's compiled declaration: its key must have endorsed this device\n"
	"  --ca FILE     the CA that made the door's certificate\n"
	"  --json        for scripts\n\n"
	"Exit: 0 verified, 1 refused or failed, 2 not understood,\n"
	"      3 the statement fits the key that came with it; whose key that is was not checked\n";

enum keel_err keel_statement_show(const struct keel_p256_pub *device, struct keel_bytes statement,
	struct keel_bytes nonce, struct keel_bytes aud, bool json, struct keel_fault *fault)
{
	struct keel_bytes payload;
	struct keel_statement s;
	enum keel_err e = keel_cose_verify1(device, statement, (struct keel_bytes){ 0 }, &payload);
	if (e == KEEL_OK)
		e = keel_statement_read(payload, nonce, aud, &s);
	if (e != KEEL_OK) {
		(void)snprintf(fault->what, sizeof(fault->what),
			"the statement was not made by this device for this question");
		fault->err = e;
		return e;
	}
	keel_show(stdout, &keel_statement_schema, &s, json);
	return KEEL_OK;
}

static enum keel_err maker_key(
	const char *path, struct keel_p256_pub *out, struct keel_fault *fault)
{
	static uint8_t buf[PRODUCT_MAX];
	static struct keel_product product;
	struct keel_bytes content;
	enum keel_err e = keel_file_read(path, buf, sizeof(buf), &content, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_product_read(content, &product);
	if (e == KEEL_OK)
		e = keel_product_maker_key(&product, out->xy);
	if (e != KEEL_OK)
		(void)snprintf(fault->what, sizeof(fault->what),
			"%.100s is not a compiled declaration: %s", path, keel_err_text(e));
	return e;
}

/* The device's key from its endorsement: by the maker's key, or (maker NULL) only as it is said. */
static enum keel_err device_key(struct keel_bytes endorsement, const struct keel_p256_pub *maker,
	struct keel_p256_pub *out, struct keel_fault *fault)
{
	struct keel_endorsement body;
	uint8_t id[KEEL_DEVICE_ID_LEN];
	enum keel_err e = maker == NULL ? keel_endorsement_peek(endorsement, id, &body)
					: keel_endorsement_verify(endorsement, maker, id, &body);
	if (e != KEEL_OK) {
		(void)snprintf(fault->what, sizeof(fault->what),
			"this maker did not endorse this device: it is a copy, or another maker's");
		(void)snprintf(fault->next, sizeof(fault->next),
			"do not enter anything of yours into it; ask where it was bought");
		return e;
	}
	return keel_bytes_copy(body.sign, out->xy, sizeof(out->xy));
}

static enum keel_err interrogate(
	const struct keel_door_at *door, const char *maker, bool json, struct keel_fault *fault)
{
	static uint8_t buf[KEEL_POST_MAX];
	uint8_t body[256];
	uint8_t nonce[32];
	struct keel_wr w = keel_wr_of(body, sizeof(body));
	struct keel_bytes question;
	struct keel_bytes answer;
	struct keel_p256_pub key;
	struct keel_p256_pub device;
	struct keel_statement_result r;
	keel_random(nonce, sizeof(nonce));
	const struct keel_statement_args args = { .nonce = KEEL_VIEW(nonce),
		.aud = keel_text("keel interrogate") };
	keel_schema_write(&keel_statement_args_schema, &args, &w);
	enum keel_err e = maker == NULL ? KEEL_OK : maker_key(maker, &key, fault);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, &question);
	if (e == KEEL_OK)
		e = keel_talk_post(door, "/v1/interrogate", question, buf, &answer, fault);
	if (e == KEEL_OK)
		e = keel_schema_read(&keel_statement_result_schema, answer, &r, NULL);
	if (e == KEEL_OK)
		e = device_key(r.endorsement, maker == NULL ? NULL : &key, &device, fault);
	return e == KEEL_OK ? keel_statement_show(
				      &device, r.statement, args.nonce, args.aud, json, fault)
			    : e;
}

int keel_cli_interrogate(int argc, char **argv)
{
	static const struct option options[] = {
		{ "maker", required_argument, NULL, 'm' },
		{ "ca", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct keel_door_at door = { 0 };
	struct keel_fault fault = { 0 };
	const char *maker = NULL;
	bool json = false;
	optind = 1;
	for (int o; (o = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
		switch (o) {
		case 'm':
			maker = optarg;
			break;
		case 'c':
			door.ca = optarg;
			break;
		case 'j':
			json = true;
			break;
		default:
			(void)fputs(help_text, o == 'h' ? stdout : stderr);
			return o == 'h' ? VERIFIED : NOT_UNDERSTOOD;
		}
	}
	if (optind != argc - 1) {
		(void)fputs(help_text, stderr);
		return NOT_UNDERSTOOD;
	}
	door.url = argv[optind];
	enum keel_err e = interrogate(&door, maker, json, &fault);
	if (e != KEEL_OK) {
		(void)fprintf(stderr, "keel: %s\n",
			fault.what[0] != '\0' ? fault.what : keel_err_text(e));
		if (fault.next[0] != '\0')
			(void)fprintf(stderr, "  Next: %s.\n", fault.next);
		return REFUSED;
	}
	if (maker != NULL)
		return VERIFIED;
	(void)fprintf(stderr,
		"keel: the statement fits the key that came with it; whose key that is "
		"was not checked\n  Next: name the maker's declaration with --maker.\n");
	return UNVOUCHED;
}
