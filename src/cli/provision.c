#include "cli/provision.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fault.h"
#include "cli/files.h"
#include "cli/label_picture.h"
#include "cli/option.h"
#include "cli/show.h"
#include "cli/signing.h"
#include "cli/unit.h"
#include "owner/endorsement.h"
#include "owner/names.h"

enum {
	DONE = 0,
	FAILED = 1,
	NOT_UNDERSTOOD = 2,
	BATCH_MAX = 100000,
	NUMBER_LEN = 7, /* of a batch: -000001 */
	PATH_SIZE = 512,
	HELP = 'H' /* -h is --home's */
};

static const char help_text[] =
	"usage: keel provision --home DIR --maker-key FILE --serial TEXT [OPTION…]\n"
	"       keel provision --home DIR --maker-key FILE --serial PREFIX --batch N [--product "
	"FILE] > units.csv\n\n"
	"Makes a unit: its identity (in its TPM where the product declares one), the maker's "
	"endorsement\n"
	"of it, a claim code of 100 random bits, and the label. DIR is the unit's own folder and "
	"holds\n"
	"product.cbor; the store is made in DIR/vault. The device keeps only what checks the "
	"code.\n\n"
	"  --home DIR        the unit's folder, or a batch's\n"
	"  --serial TEXT     letters, digits, and . _ - within; on the label, and signed by the "
	"maker\n"
	"  --product FILE    the compiled declaration, where it is not in DIR\n"
	"  --maker-key FILE  the unit-signing key (PEM), whose public half the declaration names\n"
	"  --tpm PATH        /dev/tpmrm0, or swtpm's Unix socket\n"
	"  --label PREFIX    writes PREFIX.txt, PREFIX-terminal.txt, PREFIX.svg and PREFIX.png\n"
	"  --enrol FILE      adds a line a unit for keel-fleet enrol: serial,id,endorsement; "
	"nothing "
	"in it\n"
	"                    is secret\n"
	"  --batch N         N units, DIR/SERIAL each, SERIAL being PREFIX-000001 and on; one line "
	"a\n"
	"                    unit on standard output: serial,id,thumbprint,code\n\n"
	"  keel provision --home unit --maker-key unit.pem --serial A-000001 --label unit/label\n"
	"  keel provision --home units --maker-key unit.pem --serial A --batch 100 "
	"--product product.cbor > units.csv\n\n"
	"Check a batch before it leaves: keel check --units units.csv PRODUCT.YAML\n"
	"Exit: 0 done, 1 failed (nothing of the unit is kept; a batch keeps the units\n"
	"before it, and lists them), 2 not understood: an argument, or a file that cannot be\n"
	"read as what it should be.\n";

struct options {
	const char *home, *maker_key, *tpm, *serial, *label, *product, *enrol;
	long batch;
	bool help;
};

/* A path that is cut would be another one. */
static enum keel_err join(
	char out[PATH_SIZE], const char *dir, const char *name, struct keel_fault *fault)
{
	int n = snprintf(out, PATH_SIZE, "%s/%s", dir, name);
	return n > 0 && n < PATH_SIZE
		       ? KEEL_OK
		       : keel_fault_fill(fault, KEEL_EFULL, "the folder's path is too long",
				 "name a shorter one with --home");
}

/* Keys that the declaration has in a TPM are made in one; a batch has its TPMs elsewhere. */
static enum keel_err right_place(
	const struct options *o, const struct keel_signing *signing, struct keel_fault *fault)
{
	if (o->tpm != NULL || signing->product.keys != KEEL_KEPT_TPM)
		return KEEL_OK;
	if (o->batch == 0)
		return keel_fault_fill(fault, KEEL_ESTATE,
			"the declaration has the unit's keys in a TPM, and no TPM is named",
			"add --tpm /dev/tpmrm0, or declare keys: file");
	(void)fputs("keel: the declaration has keys in a TPM; those of this batch are in files\n",
		stderr);
	return KEEL_OK;
}

static enum keel_err open_signing(
	const struct options *o, struct keel_signing *signing, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	enum keel_err e = join(path, o->home, "product.cbor", fault);
	if (e != KEEL_OK)
		return e;
	e = keel_signing_open(o->maker_key, o->product != NULL ? o->product : path, signing, fault);
	return e == KEEL_OK ? right_place(o, signing, fault) : e;
}

/* How a unit's label leaves: to files, or to a line of the list. */
typedef enum keel_err hand_out(const struct options *o, const struct keel_signing *signing,
	const char *serial, const struct keel_label *label, struct keel_fault *fault);

/* What the maker's service needs to know a unit again. The endorsement says model and keys. */
static enum keel_err write_enrol(const struct options *o, const char *serial,
	const struct keel_label *label, const struct keel_wr *endorsement, struct keel_fault *fault)
{
	if (o->enrol == NULL)
		return KEEL_OK;
	FILE *f = fopen(o->enrol, "ae");
	if (f == NULL)
		return keel_file_failed(fault, "add to", o->enrol);
	if (fseek(f, 0, SEEK_END) == 0 && ftell(f) == 0)
		(void)fputs("serial,id,endorsement\n", f);
	(void)fprintf(f, "%s,", serial);
	keel_show_hex(f, KEEL_VIEW(label->id));
	(void)fputc(',', f);
	keel_show_hex(f, (struct keel_bytes){ endorsement->p, endorsement->n });
	(void)fputc('\n', f);
	bool bad = ferror(f) != 0;
	return fclose(f) != 0 || bad ? keel_file_failed(fault, "add to", o->enrol) : KEEL_OK;
}

/* The whole unit, or nothing of it. */
static enum keel_err provision(const struct options *o, const struct keel_signing *signing,
	const char *home, const char *serial, hand_out *label_out, struct keel_fault *fault)
{
	keel_auto(keel_label_wipe) struct keel_label label = { 0 };
	const struct keel_new_unit unit = { home, o->tpm, serial, &signing->key,
		signing->product.model.identifier };
	uint8_t buf[KEEL_ENDORSEMENT_MAX];
	struct keel_wr endorsement = keel_wr_of(buf, sizeof(buf));
	enum keel_err e = keel_unit_make(&unit, &label, &endorsement, fault);
	if (e != KEEL_OK)
		return e;
	e = write_enrol(o, serial, &label, &endorsement, fault);
	if (e == KEEL_OK)
		e = label_out(o, signing, serial, &label, fault);
	if (e != KEEL_OK)
		keel_unit_undo(&unit);
	return e;
}

static enum keel_err print_row(const struct options *o, const struct keel_signing *signing,
	const char *serial, const struct keel_label *label, struct keel_fault *fault)
{
	(void)o, (void)signing;
	char code[KEEL_CODE_TEXT_SIZE];
	keel_code_write(&label->code, code);
	(void)printf("%s,", serial);
	keel_show_hex(stdout, KEEL_VIEW(label->id));
	(void)putchar(',');
	keel_show_hex(stdout, KEEL_VIEW(label->thumbprint));
	(void)printf(",%s\n", code);
	keel_wipe(code, sizeof(code));
	if (fflush(stdout) == 0)
		return KEEL_OK;
	return keel_fault_fill(fault, KEEL_EIO, "the list of units cannot be written",
		"make room where it goes, and provision what is missing in it");
}

/* The list begins when there is something to list: a script that got a head got a unit. */
static enum keel_err print_first_row(const struct options *o, const struct keel_signing *signing,
	const char *serial, const struct keel_label *label, struct keel_fault *fault)
{
	(void)printf("serial,id,thumbprint,code\n");
	return print_row(o, signing, serial, label, fault);
}

static enum keel_err draw_label(const struct options *o, const struct keel_signing *signing,
	const char *serial, const struct keel_label *label, struct keel_fault *fault)
{
	char maker[256];
	char model[256];
	const struct keel_label_words words = { maker, model, serial };
	(void)snprintf(maker, sizeof(maker), "%.*s", (int)signing->product.maker.name.n,
		(const char *)signing->product.maker.name.p);
	(void)snprintf(model, sizeof(model), "%.*s", (int)signing->product.model.name.n,
		(const char *)signing->product.model.name.p);
	return keel_label_pictures(o->label, label, &words, fault);
}

/* A unit of a batch: its serial, and the folder of its own that it has. */
static enum keel_err place_of(const struct options *o, long number, char serial[KEEL_NAME_MAX + 1],
	char home[PATH_SIZE], struct keel_fault *fault)
{
	(void)snprintf(serial, KEEL_NAME_MAX + 1, "%s-%06ld", o->serial, number);
	return join(home, o->home, serial, fault);
}

static enum keel_err is_free(const struct options *o, long number, struct keel_fault *fault)
{
	char serial[KEEL_NAME_MAX + 1];
	char home[PATH_SIZE];
	enum keel_err e = place_of(o, number, serial, home, fault);
	return e == KEEL_OK ? keel_unit_is_free(home, fault) : e;
}

static enum keel_err one_of(const struct options *o, const struct keel_signing *signing,
	long number, struct keel_fault *fault)
{
	char serial[KEEL_NAME_MAX + 1];
	char home[PATH_SIZE];
	char product[PATH_SIZE];
	enum keel_err e = place_of(o, number, serial, home, fault);
	if (e == KEEL_OK)
		e = join(product, home, "product.cbor", fault);
	if (e == KEEL_OK)
		e = keel_folder_make(home, fault);
	if (e == KEEL_OK)
		e = keel_file_write(product, signing->compiled, 0644, fault);
	return e == KEEL_OK ? provision(o, signing, home, serial,
				      number == 1 ? print_first_row : print_row, fault)
			    : e;
}

/* All the folders are looked at before the first unit is made. */
static enum keel_err batch(
	const struct options *o, const struct keel_signing *signing, struct keel_fault *fault)
{
	enum keel_err e = KEEL_OK;
	for (long i = 1; e == KEEL_OK && i <= o->batch; i++)
		e = is_free(o, i, fault);
	for (long i = 1; e == KEEL_OK && i <= o->batch; i++)
		e = one_of(o, signing, i, fault);
	return e;
}

/* A serial is part of a path, a label and a line of the list: letters, digits, and . _ - within. */
static bool is_serial(const char *s, size_t max)
{
	size_t n = strlen(s);
	for (size_t i = 0; i < n; i++) {
		bool alnum = (s[i] >= '0' && s[i] <= '9') || (s[i] >= 'A' && s[i] <= 'Z') ||
			     (s[i] >= 'a' && s[i] <= 'z');
		if (!alnum && (i == 0 || strchr("._-", s[i]) == NULL))
			return false;
	}
	return n > 0 && n <= max;
}

/* -1 where it is no number from 1 to BATCH_MAX. */
static long read_count(const char *text)
{
	char *end;
	errno = 0;
	long n = strtol(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && n >= 1 &&
			       n <= BATCH_MAX
		       ? n
		       : -1;
}

/* What does not go together; NULL where all does. */
static const char *wrong(const struct options *o)
{
	if (o->home == NULL)
		return "--home is missing: the unit's folder";
	if (o->maker_key == NULL)
		return "--maker-key is missing: the file of the unit-signing key";
	if (o->serial == NULL)
		return "--serial is missing: what stands on the label";
	if (o->batch < 0)
		return "--batch takes a number from 1 to 100000";
	if (!is_serial(o->serial, KEEL_NAME_MAX - (o->batch > 0 ? NUMBER_LEN : 0)))
		return "a serial has 1 to 64 letters, digits, and . _ - within (a batch's prefix "
		       "57)";
	if (o->batch > 0 && (o->label != NULL || o->tpm != NULL))
		return "--batch goes with neither --label nor --tpm: one of them is one unit's";
	return NULL;
}

static const char form[] = "keel provision --help shows the form";

static enum keel_err read_options(
	int argc, char **argv, struct options *o, struct keel_fault *fault)
{
	static const struct option options[] = {
		{ "home", required_argument, NULL, 'h' },
		{ "maker-key", required_argument, NULL, 'm' },
		{ "tpm", required_argument, NULL, 't' },
		{ "serial", required_argument, NULL, 's' },
		{ "label", required_argument, NULL, 'l' },
		{ "product", required_argument, NULL, 'p' },
		{ "enrol", required_argument, NULL, 'e' },
		{ "batch", required_argument, NULL, 'b' },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
		switch (c) {
		case 'h':
			o->home = optarg;
			break;
		case 'm':
			o->maker_key = optarg;
			break;
		case 't':
			o->tpm = optarg;
			break;
		case 's':
			o->serial = optarg;
			break;
		case 'l':
			o->label = optarg;
			break;
		case 'p':
			o->product = optarg;
			break;
		case 'e':
			o->enrol = optarg;
			break;
		case 'b':
			o->batch = read_count(optarg);
			break;
		case HELP:
			o->help = true;
			break;
		default:
			return keel_option_wrong(fault, c, argv, form);
		}
	}
	if (o->help)
		return KEEL_OK;
	if (optind < argc)
		return keel_option_no_place(fault, argv[optind], form);
	const char *what = wrong(o);
	return what == NULL ? KEEL_OK : keel_fault_fill(fault, KEEL_EFORM, what, form);
}

int keel_cli_provision(int argc, char **argv)
{
	static struct keel_signing signing; /* what every unit shares: large, and one a program */
	struct options o = { 0 };
	struct keel_fault fault = { 0 };
	enum keel_err e = read_options(argc, argv, &o, &fault);
	if (o.help) {
		(void)fputs(help_text, stdout);
		return DONE;
	}
	if (e != KEEL_OK) {
		keel_fault_tell(&fault, e, false);
		return NOT_UNDERSTOOD;
	}
	e = open_signing(&o, &signing, &fault);
	if (e != KEEL_OK) {
		keel_fault_tell(&fault, e, false);
		return keel_signing_refused(e) ? FAILED : NOT_UNDERSTOOD;
	}
	if (o.batch > 0)
		e = batch(&o, &signing, &fault);
	else
		e = provision(&o, &signing, o.home, o.serial,
			o.label != NULL ? draw_label : print_row, &fault);
	keel_signing_wipe(&signing);
	if (e == KEEL_OK)
		return DONE;
	keel_fault_tell(&fault, e, false);
	return FAILED;
}
