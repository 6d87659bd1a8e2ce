#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/files.h"
#include "crypto/crypto.h"
#include "keel/profile.h"

enum { DONE = 0, FAILED = 1, NOT_UNDERSTOOD = 2, FILE_MAX = 16384, SUPPORT_DAYS = 5 * 365 };

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
	for (size_t i = 0; i < sizeof(key.pub.xy); i++)
		(void)snprintf(out + 2 * i, 3, "%02x", key.pub.xy[i]);
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
		fault->err = KEEL_EIO;
		fault->os = errno;
		(void)snprintf(fault->what, sizeof(fault->what),
			"cannot make the folder %.120s: %s", dir, strerror(errno));
		return KEEL_EIO;
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

int keel_cli_new(int argc, char **argv)
{
	static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
	char copy[400];
	struct keel_fault fault = { 0 };
	optind = 1;
	int o = getopt_long(argc, argv, "h", options, NULL);
	if (o != -1 || optind != argc - 1) {
		(void)fputs(help_text, o == 'h' ? stdout : stderr);
		return o == 'h' ? DONE : NOT_UNDERSTOOD;
	}
	const char *dir = argv[optind];
	const char *name = "";
	if (snprintf(copy, sizeof(copy), "%s", dir) < (int)sizeof(copy))
		name = basename(copy);
	if (!is_name(name)) {
		(void)fprintf(stderr,
			"keel: %s is no name for a product\n"
			"  Next: take letters, digits and '-', at most 32.\n",
			dir);
		return NOT_UNDERSTOOD;
	}
	if (make(dir, name, &fault) != KEEL_OK) {
		(void)fprintf(stderr, "keel: %s\n  Next: take a folder that is not there yet.\n",
			fault.what);
		return FAILED;
	}
	(void)printf("%s is written; %s/README.md leads on\n", dir, dir);
	return DONE;
}
