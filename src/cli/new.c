#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/fault.h"
#include "cli/files.h"
#include "cli/option.h"
#include "core/hex.h"
#include "crypto/crypto.h"
#include "keel/profile.h"

enum {
	DONE = 0,
	FAILED = 1,
	NOT_UNDERSTOOD = 2,
	FILE_MAX = 16384,
	COPY_SIZE = 400,
	SUPPORT_DAYS = 5 * 365
};

static const char help_text[] =
	"usage: keel new DIR\n\n"
	"Writes a product to begin with: its declaration, a program of some thirty lines over\n"
	"libkeel, a build file, and a README with the commands from here to a claimed device. It\n"
	"passes keel check, builds and runs as it is. DIR's last part is the product's name: "
	"letters,\n"
	"digits and '-'. DIR must not be there yet.\n\n"
	"  keel new lamp && less lamp/README.md\n\n"
	"Exit: 0 done, 1 it could not be written, 2 not understood.\n";

/* The files of new/, as strings (meson.build, quote.sed). */
static const char product_yaml[] =
#include "new_product.yaml.inc"
	;
static const char program_c[] =
#include "new_program.c.inc"
	;
static const char meson_build[] =
#include "new_meson.build.in.inc"
	;
static const char readme_md[] =
#include "new_README.md.inc"
	;

static const struct {
	const char *name, *text;
} files[] = {
	{ "product.yaml", product_yaml },
	{ "program.c", program_c },
	{ "meson.build", meson_build },
	{ "README.md", readme_md },
};

/* What stands between two @ in the files, and what for. */
struct fill {
	const char *name;
	const char *value;
};

static void put_filled(struct keel_wr *w, const char *text, const struct fill *fills, size_t n)
{
	while (*text != '\0') {
		size_t i = 0;
		while (i < n && strncmp(text, fills[i].name, strlen(fills[i].name)) != 0)
			i++;
		if (i < n) {
			keel_wr_text(w, fills[i].value);
			text += strlen(fills[i].name);
		} else {
			keel_wr_u8(w, (uint8_t)*text++);
		}
	}
}

static enum keel_err write_files(
	const char *dir, const struct fill *fills, size_t n, struct keel_fault *fault)
{
	uint8_t buf[FILE_MAX];
	char path[512];
	enum keel_err e = KEEL_OK;
	for (size_t i = 0; e == KEEL_OK && i < KEEL_COUNT(files); i++) {
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		struct keel_bytes content;
		put_filled(&w, files[i].text, fills, n);
		KEEL_MUST(keel_wr_end(&w, &content) == KEEL_OK);
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
		e = keel_file_write(path, content, 0644, fault);
	}
	return e;
}

/* A public key whose private half nobody has: until the maker's own is put there. */
static void nobodys_key(char out[129])
{
	keel_auto(keel_p256_key_wipe) struct keel_p256_key key = { 0 };
	keel_p256_generate(&key);
	keel_hex_write(KEEL_VIEW(key.pub.xy), out);
}

static enum keel_err make(const char *dir, const char *name, struct keel_fault *fault)
{
	char key[129];
	char from[11];
	char until[11];
	int64_t today = time(NULL) / 86400;
	nobodys_key(key);
	keel_date_write(today, from);
	keel_date_write(today + SUPPORT_DAYS, until);
	const struct fill fills[] = {
		{ "@NAME@", name },
		{ "@KEY@", key },
		{ "@FROM@", from },
		{ "@UNTIL@", until },
	};
	if (mkdir(dir, 0755) != 0) {
		enum keel_err e = keel_file_failed(fault, "make the folder", dir);
		if (fault->os == EEXIST)
			(void)snprintf(fault->next, sizeof(fault->next),
				"take a folder that is not there yet");
		else if (fault->os == ENOENT)
			(void)snprintf(
				fault->next, sizeof(fault->next), "make the folder above it first");
		return e;
	}
	return write_files(dir, fills, KEEL_COUNT(fills), fault);
}

static bool is_name(const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) && (name[i] != '-' || i == 0))
			return false;
	return n > 0 && n <= 32;
}

static enum keel_err read_name(
	const char *dir, char copy[COPY_SIZE], const char **name, struct keel_fault *fault)
{
	char what[sizeof(fault->what)];
	*name = snprintf(copy, COPY_SIZE, "%s", dir) < COPY_SIZE ? basename(copy) : "";
	if (is_name(*name))
		return KEEL_OK;
	(void)snprintf(what, sizeof(what), "%.120s is no name for a product", dir);
	return keel_fault_fill(
		fault, KEEL_EFORM, what, "take letters, digits and '-' within, at most 32");
}

int keel_cli_new(int argc, char **argv)
{
	static const char form[] = "keel new --help shows the form";
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	char copy[COPY_SIZE];
	const char *name = "";
	struct keel_fault fault = { 0 };
	enum keel_err e = KEEL_OK;
	optind = 1;
	opterr = 0;
	int o = getopt_long(argc, argv, ":h", options, NULL);
	if (o == 'h') {
		(void)fputs(help_text, stdout);
		return DONE;
	}
	if (o != -1)
		e = keel_option_wrong(&fault, o, argv, form);
	else if (optind == argc)
		e = keel_fault_fill(&fault, KEEL_EFORM, "no folder is named", form);
	else if (optind < argc - 1)
		e = keel_option_no_place(&fault, argv[optind + 1], form);
	else
		e = read_name(argv[optind], copy, &name, &fault);
	if (e != KEEL_OK) {
		keel_fault_tell(&fault, e, false);
		return NOT_UNDERSTOOD;
	}
	const char *dir = argv[optind];
	e = make(dir, name, &fault);
	if (e != KEEL_OK) {
		keel_fault_tell(&fault, e, false);
		return FAILED;
	}
	(void)printf("%s is written; %s/README.md leads on\n", dir, dir);
	return DONE;
}
