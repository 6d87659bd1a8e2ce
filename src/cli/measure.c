#include "device/measure.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/fault.h"
#include "cli/files.h"
#include "cli/signing.h"
#include "profile/measures.h"

enum { DONE = 0, FAILED = 1, NOT_UNDERSTOOD = 2, PATH_SIZE = 1024 };

static const char help_text[] =
	"usage: keel measure --maker-key FILE [--product FILE] [--root DIR] [-o OUT] PATH…\n\n"
	"Signs the list of the files that make a device: keeld, the product's program, whatever "
	"else is\n"
	"installed and does not change. keeld's monitor holds the files to it, and tells owners.\n"
	"Each PATH is that of a file, absolute, as it is on the device: at most 128 files, in 48 "
	"folders.\n\n"
	"  --maker-key FILE  the unit-signing key (PEM), whose public half the declaration names\n"
	"  --product FILE    the declaration that the list belongs to (default: product.cbor)\n"
	"  --root DIR        where the device's files stand while its image is made\n"
	"  -o OUT            where to (default: measures.cbor); a device has it beside "
	"product.cbor\n\n"
	"Exit: 0 done, 1 failed, 2 not understood: an argument, or a file that cannot be read "
	"as\n"
	"what it should be, or listed.\n";

struct options {
	const char *maker_key, *product, *root, *out;
	char **paths;
	int count;
};

static void fd_close(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static enum keel_err is_no_file(const char *at, struct keel_fault *fault)
{
	struct stat st;
	if (stat(at, &st) == 0 && S_ISDIR(st.st_mode))
		return keel_fault_format(fault, KEEL_EFORM,
			"name each of its files: find FOLDER -type f lists them",
			"%.150s is a folder", at);
	return keel_fault_format(fault, KEEL_EFORM, "leave it out: only a file has bytes that stay",
		"%.150s is no regular file", at);
}

static enum keel_err read_file(const struct options *o, const char *path, uint64_t *size,
	struct keel_digest *digest, struct keel_fault *fault)
{
	char at[PATH_SIZE];
	int n = snprintf(at, sizeof(at), "%s%s", o->root, path);
	keel_auto(fd_close) int fd =
		n > 0 && n < PATH_SIZE ? open(at, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	enum keel_err e = fd >= 0 ? keel_measure_fd(fd, UINT64_MAX, size, digest) : KEEL_EIO;
	if (e == KEEL_OK)
		return e;
	if (e == KEEL_EFORM)
		return is_no_file(at, fault);
	return keel_fault_format(fault, e,
		"name files that are there, as the device has them; --root says below what",
		"cannot read %.150s", at);
}

/* What the library refuses too (profile/measures.h), so that it is told which path it is. */
static enum keel_err check_place(const char *path, struct keel_fault *fault)
{
	if (keel_measured_folder(keel_text(path)).n == 0)
		return keel_fault_format(fault, KEEL_ERANGE,
			"install it in a folder: the monitor may read the folders of the files, "
			"and not the whole disk",
			"%.150s lies in no folder", path);
	if (strlen(path) > KEEL_MEASURED_PATH_MAX)
		return keel_fault_format(fault, KEEL_ERANGE, "install it under a shorter path",
			"%.100s… has %zu bytes, and a listed path at most %d", path, strlen(path),
			KEEL_MEASURED_PATH_MAX);
	return KEEL_OK;
}

static enum keel_err list_file(const struct options *o, const char *path, struct keel_wr *items,
	struct keel_list *files, struct keel_fault *fault)
{
	struct keel_digest digest;
	struct keel_measured_file f = { .path = keel_text(path), .sha256 = KEEL_VIEW(digest.b) };
	if (path[0] != '/')
		return keel_fault_format(fault, KEEL_ERANGE,
			"name it from / on, as it is on the device; --root DIR says where this "
			"machine has the device's files",
			"%.150s is no absolute path", path);
	enum keel_err e = read_file(o, path, &f.size, &digest, fault);
	if (e == KEEL_OK)
		e = check_place(path, fault);
	if (e == KEEL_OK)
		keel_list_add(&keel_measured_file_row, &f, items, files);
	return e;
}

static enum keel_err check_folders(const struct keel_list *files, struct keel_fault *fault)
{
	size_t n = keel_measures_folders(files);
	if (n <= KEEL_MEASURES_FOLDERS)
		return KEEL_OK;
	return keel_fault_format(fault, KEEL_EFULL,
		"name files of fewer folders, or install them in fewer: the monitor is let into "
		"each",
		"these files lie in %zu folders, and the monitor can be let into %d", n,
		KEEL_MEASURES_FOLDERS);
}

static enum keel_err list_files(const struct options *o, struct keel_wr *items,
	struct keel_list *files, struct keel_fault *fault)
{
	enum keel_err e = KEEL_OK;
	if (o->count > KEEL_MEASURES_FILES)
		return keel_fault_format(fault, KEEL_EFULL,
			"name fewer: keeld, the product's program and their libraries first",
			"%d files are named, and a list has at most %d", o->count,
			KEEL_MEASURES_FILES);
	for (int i = 0; e == KEEL_OK && i < o->count; i++)
		e = list_file(o, o->paths[i], items, files, fault);
	return e == KEEL_OK && items->err == KEEL_OK ? check_folders(files, fault) : e;
}

/* The signed list, as a view of buf. */
static enum keel_err sign(const struct options *o, const struct keel_signing *maker,
	uint8_t buf[KEEL_MEASURES_MAX], struct keel_bytes *out, struct keel_fault *fault)
{
	static uint8_t items[KEEL_MEASURES_MAX];
	struct keel_wr listed = keel_wr_of(items, sizeof(items));
	struct keel_wr w = keel_wr_of(buf, KEEL_MEASURES_MAX);
	struct keel_digest product;
	struct keel_measures list = { .product = KEEL_VIEW(product.b) };
	keel_sha256(&maker->compiled, 1, &product);
	enum keel_err e = list_files(o, &listed, &list.files, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_measures_write(&maker->key, &list, &w);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, out);
	return e == KEEL_OK ? e
			    : keel_fault_fill(fault, e, "these files make no list",
				      "name fewer files, or by shorter paths, and by none with a "
				      "control character: a list has at most 16 KiB");
}

static int measure(const struct options *o, struct keel_fault *fault)
{
	static struct keel_signing maker; /* large, and one a program */
	static uint8_t buf[KEEL_MEASURES_MAX];
	struct keel_bytes signed_list = { 0 };
	enum keel_err e = keel_signing_open(o->maker_key, o->product, &maker, fault);
	if (e == KEEL_OK)
		e = sign(o, &maker, buf, &signed_list, fault);
	keel_signing_wipe(&maker);
	int status = e == KEEL_OK || keel_signing_refused(e) ? FAILED : NOT_UNDERSTOOD;
	if (e == KEEL_OK)
		e = keel_file_write(o->out, signed_list, 0644, fault);
	if (e == KEEL_OK)
		return DONE;
	keel_fault_tell(fault, e, false);
	return status;
}

static bool read_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "maker-key", required_argument, NULL, 'm' },
		{ "product", required_argument, NULL, 'p' },
		{ "root", required_argument, NULL, 'r' },
		{ 0 },
	};
	optind = 1;
	opterr = 0;
	for (int c; (c = getopt_long(argc, argv, "o:", options, NULL)) != -1;) {
		const char **to = c == 'm'   ? &o->maker_key
				  : c == 'p' ? &o->product
				  : c == 'r' ? &o->root
				  : c == 'o' ? &o->out
					     : NULL;
		if (to == NULL)
			return false;
		*to = optarg;
	}
	o->paths = argv + optind;
	o->count = argc - optind;
	return o->maker_key != NULL && o->count > 0;
}

int keel_cli_measure(int argc, char **argv)
{
	struct options o = { .product = "product.cbor", .root = "", .out = "measures.cbor" };
	struct keel_fault fault = { 0 };
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		(void)fputs(help_text, stdout);
		return DONE;
	}
	if (!read_options(argc, argv, &o)) {
		(void)fputs(help_text, stderr);
		return NOT_UNDERSTOOD;
	}
	return measure(&o, &fault);
}
