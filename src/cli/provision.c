#include "cli/provision.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/label_picture.h"
#include "crypto/pem.h"
#include "device/break.h"
#include "device/vault/identity.h"
#include "device/vault/provision.h"
#include "keel/profile.h"
#include "owner/endorsement.h"

enum { DONE = 0, FAILED = 1, NOT_UNDERSTOOD = 2, PRODUCT_MAX = 256 * 1024, BATCH_MAX = 100000 };

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
	"  --maker-key FILE  the unit-signing key (PEM), whose public half the declaration names\n"
	"  --tpm PATH        /dev/tpmrm0, or swtpm's Unix socket\n"
	"  --label PREFIX    writes PREFIX.txt, PREFIX-terminal.txt, PREFIX.svg and PREFIX.png\n"
	"  --batch N         N units, DIR/SERIAL each, SERIAL being PREFIX-000001 and on; one line "
	"a\n"
	"                    unit on standard output: serial,id,thumbprint,code\n\n"
	"Check a batch before it leaves: keel check --units units.csv PRODUCT.YAML\n"
	"Exit: 0 done, 1 failed (nothing of the unit is kept), 2 not understood.\n";

struct options {
	const char *home, *maker_key, *tpm, *serial, *label, *product;
	long batch;
};

/* What every unit of a run shares. */
struct line_of_units {
	struct keel_p256_key maker;
	uint8_t product_bytes[PRODUCT_MAX];
	struct keel_bytes compiled;
	struct keel_product product;
};

static enum keel_err fail(
	struct keel_fault *fault, enum keel_err e, const char *what, const char *next)
{
	fault->err = e;
	(void)snprintf(fault->what, sizeof(fault->what), "%s", what);
	(void)snprintf(fault->next, sizeof(fault->next), "%s", next);
	return e;
}

static enum keel_err read_maker_key(
	const char *path, struct keel_p256_key *out, struct keel_fault *fault)
{
	uint8_t pem[4096];
	struct keel_bytes content;
	enum keel_err e = keel_file_read(path, pem, sizeof(pem), &content, fault);
	if (e == KEEL_OK && keel_p256_read_pem(content, out) != KEEL_OK)
		e = fail(fault, KEEL_EFORM, "the maker's key is no PEM of a P-256 private key",
			"make one: openssl ecparam -name prime256v1 -genkey -noout -out unit.pem");
	keel_wipe(pem, sizeof(pem));
	return e;
}

/* Whether the declaration names this key's public half. */
static bool declared(const struct line_of_units *line)
{
	uint8_t xy[64];
	return keel_product_maker_key(&line->product, xy) == KEEL_OK &&
	       keel_bytes_equal(KEEL_VIEW(xy), KEEL_VIEW(line->maker.pub.xy));
}

static enum keel_err open_line(
	const struct options *o, struct line_of_units *line, struct keel_fault *fault)
{
	char path[512];
	(void)snprintf(path, sizeof(path), "%s/product.cbor", o->home);
	enum keel_err e = keel_file_read(o->product != NULL ? o->product : path,
		line->product_bytes, sizeof(line->product_bytes), &line->compiled, fault);
	if (e != KEEL_OK)
		return e;
	if (keel_product_read(line->compiled, &line->product) != KEEL_OK)
		return fail(fault, KEEL_EFORM, "product.cbor is no compiled declaration",
			"make it: keel compile product.yaml -o product.cbor");
	e = read_maker_key(o->maker_key, &line->maker, fault);
	if (e == KEEL_OK && !declared(line))
		e = fail(fault, KEEL_EAUTH, "this is not the key that the declaration names",
			"compile with --maker-key, or use the key that belongs to the declaration");
	return e;
}

static int connect_tpm(const char *path)
{
	struct stat st;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (stat(path, &st) != 0)
		return -1;
	if (!S_ISSOCK(st.st_mode))
		return open(path, O_RDWR | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (strlen(path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static enum keel_err open_keeper(
	const char *tpm, const char *vault, struct keel_keeper **out, struct keel_fault *fault)
{
	if (tpm == NULL)
		return keel_keeper_file(vault, out, fault);
	int fd = connect_tpm(tpm);
	if (fd < 0) {
		(void)snprintf(fault->what, sizeof(fault->what),
			"cannot reach the TPM at %.100s: %s", tpm, strerror(errno));
		return KEEL_EIO;
	}
	return keel_keeper_tpm(fd, out, fault);
}

static enum keel_err make_identity(struct keel_keeper *keeper, struct keel_store *store,
	struct keel_identity *out, struct keel_fault *fault)
{
	enum keel_err e = keel_store_begin(store);
	if (e != KEEL_OK)
		return e;
	e = keel_identity_make(keeper, store, out, fault);
	if (e == KEEL_OK)
		return keel_store_commit(store);
	keel_store_rollback(store);
	return e;
}

/* Endorses the identity and writes the record that makes the store a unit. */
static enum keel_err make_unit(const struct line_of_units *line, struct keel_keeper *keeper,
	struct keel_store *store, const char *serial, struct keel_label *label,
	struct keel_fault *fault)
{
	uint8_t buf[KEEL_ENDORSEMENT_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes endorsement;
	struct keel_identity identity;
	keel_auto(keel_key_wipe) struct keel_key key;
	enum keel_err e = make_identity(keeper, store, &identity, fault);
	if (e != KEEL_OK)
		return e;
	keel_random(label->id, sizeof(label->id));
	memcpy(label->thumbprint, identity.thumbprint, sizeof(label->thumbprint));
	keel_code_make(&label->code);
	if (keel_broken("fixed-code"))
		memset(label->code.c, 'K', sizeof(label->code.c));
	keel_code_key(&label->code, label->id, &key);
	const struct keel_endorsement body = { .sign = KEEL_VIEW(identity.sign.xy),
		.agree = KEEL_VIEW(identity.agree.xy),
		.model = line->product.model.identifier,
		.serial = keel_text(serial) };
	keel_auto(keel_p256_key_wipe) struct keel_p256_key maker = line->maker;
	if (keel_broken("endorsement-unsigned"))
		keel_p256_generate(&maker);
	e = keel_endorsement_write(&maker, label->id, &body, &w);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, &endorsement);
	return e == KEEL_OK ? keel_vault_provision(
				      store, &identity, label->id, body.serial, &key, endorsement)
			    : e;
}

/* A folder that was a unit before stays what it was: nobody loses an identity by a repeated command. */
static enum keel_err not_yet(const char *vault, struct keel_fault *fault)
{
	struct stat st;
	if (stat(vault, &st) != 0)
		return keel_folder_make(vault, fault);
	return fail(fault, KEEL_ESTATE, "this folder holds a unit already",
		"name another --home, or remove its folder vault first: its identity is gone then");
}

static enum keel_err provision(const struct options *o, const struct line_of_units *line,
	const char *home, const char *serial, struct keel_label *label, struct keel_fault *fault)
{
	char vault[512];
	struct keel_keeper *keeper = NULL;
	struct keel_store *store = NULL;
	(void)snprintf(vault, sizeof(vault), "%.490s/vault", home);
	enum keel_err e = not_yet(vault, fault);
	if (e == KEEL_OK)
		e = open_keeper(o->tpm, vault, &keeper, fault);
	if (e == KEEL_OK)
		e = keel_store_open(vault, NULL, keel_keeper_root(keeper), &store, fault);
	if (e == KEEL_OK)
		e = make_unit(line, keeper, store, serial, label, fault);
	if (store != NULL)
		keel_store_close(store);
	if (keeper != NULL)
		keel_keeper_close(keeper);
	return e;
}

static void print_hex(struct keel_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		(void)printf("%02x", b.p[i]);
}

static void print_row(const char *serial, const struct keel_label *label)
{
	char code[KEEL_CODE_TEXT_SIZE];
	keel_code_write(&label->code, code);
	(void)printf("%s,", serial);
	print_hex(KEEL_VIEW(label->id));
	(void)putchar(',');
	print_hex(KEEL_VIEW(label->thumbprint));
	(void)printf(",%s\n", code);
	keel_wipe(code, sizeof(code));
}

static enum keel_err one(
	const struct options *o, const struct line_of_units *line, struct keel_fault *fault)
{
	keel_auto(keel_label_wipe) struct keel_label label = { 0 };
	char maker[128];
	char model[128];
	const struct keel_label_words words = { maker, model, o->serial };
	(void)snprintf(maker, sizeof(maker), "%.*s", (int)line->product.maker.name.n,
		(const char *)line->product.maker.name.p);
	(void)snprintf(model, sizeof(model), "%.*s", (int)line->product.model.name.n,
		(const char *)line->product.model.name.p);
	enum keel_err e = provision(o, line, o->home, o->serial, &label, fault);
	if (e == KEEL_OK && o->label != NULL)
		e = keel_label_pictures(o->label, &label, &words, fault);
	else if (e == KEEL_OK)
		print_row(o->serial, &label);
	return e;
}

static enum keel_err batch(
	const struct options *o, const struct line_of_units *line, struct keel_fault *fault)
{
	(void)printf("serial,id,thumbprint,code\n");
	for (long i = 1; i <= o->batch; i++) {
		keel_auto(keel_label_wipe) struct keel_label label = { 0 };
		char serial[64];
		char home[400];
		(void)snprintf(serial, sizeof(serial), "%.40s-%06ld", o->serial, i);
		(void)snprintf(home, sizeof(home), "%.320s/%s", o->home, serial);
		char product[480];
		(void)snprintf(product, sizeof(product), "%s/product.cbor", home);
		enum keel_err e = keel_folder_make(home, fault);
		if (e == KEEL_OK)
			e = keel_file_write(product, line->compiled, 0644, fault);
		if (e == KEEL_OK)
			e = provision(o, line, home, serial, &label, fault);
		if (e != KEEL_OK)
			return e;
		print_row(serial, &label);
	}
	return KEEL_OK;
}

static bool read_options(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {
		{ "home", required_argument, NULL, 'h' },
		{ "maker-key", required_argument, NULL, 'm' },
		{ "tpm", required_argument, NULL, 't' },
		{ "serial", required_argument, NULL, 's' },
		{ "label", required_argument, NULL, 'l' },
		{ "product", required_argument, NULL, 'p' },
		{ "batch", required_argument, NULL, 'b' },
		{ "help", no_argument, NULL, '?' },
		{ 0 },
	};
	optind = 1;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
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
		case 'b':
			o->batch = strtol(optarg, NULL, 10);
			break;
		default:
			return false;
		}
	}
	return optind == argc && o->home != NULL && o->maker_key != NULL && o->serial != NULL &&
	       o->batch >= 0 && o->batch <= BATCH_MAX;
}

int keel_cli_provision(int argc, char **argv)
{
	static struct line_of_units line; /* large, and one a program */
	struct options o = { 0 };
	struct keel_fault fault = { 0 };
	bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
	if (asked || !read_options(argc, argv, &o)) {
		(void)fputs(help_text, asked ? stdout : stderr);
		return asked ? DONE : NOT_UNDERSTOOD;
	}
	enum keel_err e = open_line(&o, &line, &fault);
	if (e == KEEL_OK)
		e = o.batch > 0 ? batch(&o, &line, &fault) : one(&o, &line, &fault);
	keel_p256_key_wipe(&line.maker);
	if (e == KEEL_OK)
		return DONE;
	(void)fprintf(stderr, "keel: %s\n", fault.what[0] != '\0' ? fault.what : keel_err_text(e));
	if (fault.next[0] != '\0')
		(void)fprintf(stderr, "  Next: %s.\n", fault.next);
	return FAILED;
}
