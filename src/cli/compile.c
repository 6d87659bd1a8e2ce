#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/fault.h"
#include "cli/files.h"
#include "cli/option.h"
#include "cli/signing.h"
#include "core/hex.h"
#include "profile/declaration.h"
#include "profile/secure.h"

enum { DONE = 0, FAILED = 1, NOT_UNDERSTOOD = 2 };

static const char help_text[] =
	"usage: keel compile PRODUCT.YAML [-o OUT] [--maker-key FILE] [--service-key FILE]\n"
	"                    [--service-url URL]\n\n"
	"Turns a declaration into deterministic CBOR, which is what a device loads: the same file "
	"gives\n"
	"the same bytes.\n\n"
	"  -o OUT              where to (default: product.cbor)\n"
	"  --maker-key FILE    declare this key's public half (PEM) in the place of maker.key\n"
	"  --service-key FILE  the same in the place of service.key\n"
	"  --service-url URL   declare this origin in the place of service.url: for a service to "
	"try with\n\n"
	"  keel compile product.yaml --maker-key unit.pem -o unit/product.cbor\n\n"
	"Exit: 0 done, 1 it could not be written, 2 it cannot be read as a declaration,\n"
	"or an argument is not understood.\n";

/* The public half of a PEM key as the declaration writes it. */
static enum keel_err key_text(const char *path, char out[129], struct keel_fault *fault)
{
	keel_auto(keel_p256_key_wipe) struct keel_p256_key key = { 0 };
	enum keel_err e = keel_signing_key(path, &key, fault);
	if (e == KEEL_OK)
		keel_hex_write(KEEL_VIEW(key.pub.xy), out);
	return e;
}

static int tell(const char *path, const struct keel_yaml_fault *f)
{
	(void)fprintf(stderr, "%s:%u:%u: %s\n  It cannot be read as a declaration.\n  Next: %s.\n",
		path, f->at.line, f->at.column, f->what, f->next);
	return NOT_UNDERSTOOD;
}

static int misread(const struct keel_fault *fault)
{
	keel_fault_tell(fault, fault->err, false);
	return NOT_UNDERSTOOD;
}

/* What stands on the command line, as far as it goes: files of keys, or NULL. */
struct options {
	const char *out, *maker_key, *service_key, *service_url;
};

/* The same as the declaration has it. digits: room for both keys. */
static enum keel_err instead_of(const struct options *o, char digits[2][129],
	struct keel_instead *out, struct keel_fault *fault)
{
	const char *next =
		o->service_url == NULL ? NULL : keel_secure_origin(keel_text(o->service_url));
	enum keel_err e = KEEL_OK;
	if (next != NULL)
		return keel_fault_format(
			fault, KEEL_EFORM, next, "%.120s is no origin", o->service_url);
	if (o->maker_key != NULL)
		e = key_text(o->maker_key, digits[0], fault);
	if (e == KEEL_OK && o->service_key != NULL)
		e = key_text(o->service_key, digits[1], fault);
	*out = (struct keel_instead){ .maker_key = o->maker_key == NULL ? NULL : digits[0],
		.service_key = o->service_key == NULL ? NULL : digits[1],
		.service_url = o->service_url };
	return e;
}

static int compile(const char *in, const struct options *o)
{
	static uint8_t file[KEEL_YAML_BYTES_MAX + 1];
	static struct keel_declaration d;
	char digits[2][129];
	struct keel_instead instead;
	struct keel_fault fault = { 0 };
	struct keel_yaml_fault where = { 0 };
	struct keel_bytes content;
	enum keel_err e = instead_of(o, digits, &instead, &fault);
	if (e == KEEL_OK)
		e = keel_file_read(in, file, sizeof(file), &content, &fault);
	if (e != KEEL_OK)
		return misread(&fault);
	if (keel_declaration_read(content, &instead, &d, &where) != KEEL_OK)
		return tell(in, &where);
	e = keel_file_write(o->out, d.bytes, 0644, &fault);
	keel_declaration_clear(&d);
	if (e != KEEL_OK)
		keel_fault_tell(&fault, e, false);
	return e == KEEL_OK ? DONE : FAILED;
}

int keel_cli_compile(int argc, char **argv)
{
	static const char form[] = "keel compile --help shows the form";
	static const struct option options[] = {
		{ "maker-key", required_argument, NULL, 'm' },
		{ "service-key", required_argument, NULL, 's' },
		{ "service-url", required_argument, NULL, 'u' },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options given = { .out = "product.cbor" };
	struct keel_fault fault = { 0 };
	enum keel_err e = KEEL_OK;
	optind = 1;
	opterr = 0;
	for (int o; e == KEEL_OK && (o = getopt_long(argc, argv, ":o:h", options, NULL)) != -1;) {
		switch (o) {
		case 'o':
			given.out = optarg;
			break;
		case 'm':
			given.maker_key = optarg;
			break;
		case 's':
			given.service_key = optarg;
			break;
		case 'u':
			given.service_url = optarg;
			break;
		case 'h':
			(void)fputs(help_text, stdout);
			return DONE;
		default:
			e = keel_option_wrong(&fault, o, argv, form);
		}
	}
	if (e == KEEL_OK && optind == argc)
		e = keel_fault_fill(&fault, KEEL_EFORM, "no declaration is named", form);
	else if (e == KEEL_OK && optind < argc - 1)
		e = keel_option_no_place(&fault, argv[optind + 1], form);
	return e == KEEL_OK ? compile(argv[optind], &given) : misread(&fault);
}
