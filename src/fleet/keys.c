#include "fleet/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/fault.h"
#include "cli/files.h"
#include "cli/signing.h"
#include "core/hex.h"
#include "crypto/pem.h"
#include "fleet/command.h"

#define DAY_S        86400
#define NUMBERS_MAX  100000
#define ROOT_PUB_LEN 128

/* --- files --- */

static enum keel_err path_in(const char *dir, unsigned number, const char *name,
	char out[KEEL_FLEET_PATH_MAX], struct keel_fault *fault)
{
	char rest[64];
	if (number == 0)
		(void)snprintf(rest, sizeof(rest), "keys/%s", name);
	else
		(void)snprintf(rest, sizeof(rest), "keys/%u/%s", number, name);
	return keel_fleet_path(dir, rest, out, fault);
}

static enum keel_err write_in(const char *dir, unsigned number, const char *name,
	struct keel_bytes content, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	enum keel_err e = path_in(dir, number, name, path, fault);
	return e == KEEL_OK ? keel_file_write(path, content, 0600, fault) : e;
}

static enum keel_err write_key(const char *dir, unsigned number, const char *name,
	const struct keel_p256_key *key, struct keel_fault *fault)
{
	char pem[KEEL_PEM_MAX];
	struct keel_wr w = keel_wr_of(pem, sizeof(pem));
	struct keel_bytes text = { 0 };
	keel_p256_write_pem(key, &w);
	KEEL_MUST(keel_wr_end(&w, &text) == KEEL_OK);
	enum keel_err e = write_in(dir, number, name, text, fault);
	keel_wipe(pem, sizeof(pem));
	return e;
}

static enum keel_err read_in(const char *dir, unsigned number, const char *name, void *buf,
	size_t cap, struct keel_bytes *out, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	enum keel_err e = path_in(dir, number, name, path, fault);
	return e == KEEL_OK ? keel_file_read(path, buf, cap, out, fault) : e;
}

static enum keel_err read_key(const char *dir, unsigned number, const char *name,
	struct keel_p256_key *out, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	enum keel_err e = path_in(dir, number, name, path, fault);
	return e == KEEL_OK ? keel_signing_key(path, out, fault) : e;
}

static bool is_there(const char *dir, unsigned number, const char *name)
{
	char path[KEEL_FLEET_PATH_MAX];
	struct keel_fault unused;
	return path_in(dir, number, name, path, &unused) == KEEL_OK && access(path, F_OK) == 0;
}

/* The voucher is written last: a folder without one is of a roll that was cut. */
static unsigned highest(const char *dir)
{
	unsigned n = 0;
	while (n < NUMBERS_MAX && is_there(dir, n + 1, "voucher.cbor"))
		n++;
	return n;
}

/* --- R --- */

static enum keel_err write_root(
	const char *dir, const struct keel_p256_key *root, struct keel_fault *fault)
{
	char text[ROOT_PUB_LEN + 2];
	keel_hex_write(KEEL_VIEW(root->pub.xy), text);
	(void)snprintf(text + ROOT_PUB_LEN, 2, "\n");
	enum keel_err e = write_key(dir, 0, "root.pem", root, fault);
	return e == KEEL_OK ? write_in(dir, 0, "root.pub", keel_text(text), fault) : e;
}

static enum keel_err read_root_pub(
	const char *dir, struct keel_p256_pub *out, struct keel_fault *fault)
{
	char text[ROOT_PUB_LEN + 2];
	struct keel_bytes in;
	struct keel_p256_pub pub;
	enum keel_err e = read_in(dir, 0, "root.pub", text, sizeof(text), &in, fault);
	if (e != KEEL_OK)
		return e;
	struct keel_bytes digits = { in.p, in.n > 0 ? in.n - 1 : 0 }; /* without the line's end */
	if (keel_hex_read(digits, pub.xy, sizeof(pub.xy)) != KEEL_OK ||
		keel_p256_check(&pub) != KEEL_OK)
		return keel_fault_format(fault, KEEL_EFORM,
			"write the 128 hexadecimal digits there that the declaration has as "
			"service: "
			"key",
			"%.100s/keys/root.pub is no public key", dir);
	*out = pub;
	return KEEL_OK;
}

/* --- S --- */

static enum keel_err write_voucher(const char *dir, unsigned number,
	const struct keel_p256_key *root, const struct keel_service_keys *keys,
	struct keel_fault *fault)
{
	uint8_t buf[KEEL_VOUCHER_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes voucher = { 0 };
	const struct keel_signer signer = keel_signer_of(root);
	enum keel_err e = keel_voucher_write(&signer, &root->pub, keys, &w);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, &voucher);
	return e == KEEL_OK ? write_in(dir, number, "voucher.cbor", voucher, fault) : e;
}

static enum keel_err make_s(const char *dir, unsigned number, const struct keel_p256_key *root,
	int64_t now_s, struct keel_fault *fault)
{
	char folder[KEEL_FLEET_PATH_MAX];
	keel_auto(keel_p256_key_wipe) struct keel_p256_key sign;
	keel_auto(keel_p256_key_wipe) struct keel_p256_key agree;
	keel_auto(keel_key_wipe) struct keel_key nonce;
	keel_p256_generate(&sign);
	keel_p256_generate(&agree);
	keel_random(nonce.b, sizeof(nonce.b));
	const struct keel_service_keys keys = { .sign = sign.pub,
		.agree = agree.pub,
		.from = now_s,
		.until = now_s + (int64_t)KEEL_FLEET_KEY_DAYS * DAY_S };
	enum keel_err e = path_in(dir, number, "", folder, fault);
	if (e == KEEL_OK)
		e = keel_folder_make(folder, fault);
	if (e == KEEL_OK)
		e = write_key(dir, number, "sign.pem", &sign, fault);
	if (e == KEEL_OK)
		e = write_key(dir, number, "agree.pem", &agree, fault);
	if (e == KEEL_OK)
		e = write_in(dir, number, "nonce", KEEL_VIEW(nonce.b), fault);
	return e == KEEL_OK ? write_voucher(dir, number, root, &keys, fault) : e;
}

enum keel_err keel_fleet_keys_make(
	const char *dir, int64_t now_s, struct keel_fleet_keys *out, struct keel_fault *fault)
{
	char folder[KEEL_FLEET_PATH_MAX];
	keel_auto(keel_p256_key_wipe) struct keel_p256_key root;
	if (is_there(dir, 0, "root.pub"))
		return keel_fault_format(fault, KEEL_ESTATE,
			"name a new folder; key roll makes the next working key of this one",
			"%.120s has a service root key already", dir);
	enum keel_err e = path_in(dir, 0, "", folder, fault);
	if (e == KEEL_OK)
		e = keel_folder_make(folder, fault);
	keel_p256_generate(&root);
	if (e == KEEL_OK)
		e = write_root(dir, &root, fault);
	if (e == KEEL_OK)
		e = make_s(dir, 1, &root, now_s, fault);
	return e == KEEL_OK ? keel_fleet_keys_load(dir, now_s, out, fault) : e;
}

enum keel_err keel_fleet_keys_roll(
	const char *dir, int64_t now_s, struct keel_fleet_keys *out, struct keel_fault *fault)
{
	keel_auto(keel_p256_key_wipe) struct keel_p256_key root = { 0 };
	struct keel_p256_pub pub;
	enum keel_err e = read_root_pub(dir, &pub, fault);
	if (e != KEEL_OK)
		return e;
	e = read_key(dir, 0, "root.pem", &root, fault);
	if (e == KEEL_ENONE)
		(void)snprintf(fault->next, sizeof(fault->next),
			"bring the root key back to keys/root.pem for this, and take it away "
			"again");
	if (e != KEEL_OK)
		return e;
	if (memcmp(&root.pub, &pub, sizeof(pub)) != 0)
		return keel_fault_fill(fault, KEEL_EAUTH,
			"keys/root.pem is not the key that keys/root.pub names",
			"bring the key back whose public half the declarations have");
	e = make_s(dir, highest(dir) + 1, &root, now_s, fault);
	return e == KEEL_OK ? keel_fleet_keys_load(dir, now_s, out, fault) : e;
}

/* --- loading --- */

static enum keel_err is_broken(unsigned number, struct keel_fault *fault)
{
	return keel_fault_format(fault, KEEL_EFORM,
		"bring keys/ back from its copy, or make the next key: keel-fleet key roll",
		"keys/%u does not belong together, or not to keys/root.pub", number);
}

static enum keel_err load_voucher(const char *dir, int64_t now_s, const struct keel_p256_pub *root,
	struct keel_fleet_key *k, struct keel_fault *fault)
{
	struct keel_bytes voucher;
	enum keel_err e = read_in(
		dir, k->number, "voucher.cbor", k->voucher, sizeof(k->voucher), &voucher, fault);
	if (e != KEEL_OK)
		return e;
	k->voucher_n = voucher.n;
	e = keel_voucher_verify(voucher, root, now_s, &k->pub);
	return e == KEEL_OK || e == KEEL_ESTALE ? e : is_broken(k->number, fault);
}

/* KEEL_ESTALE: its voucher has ended. */
static enum keel_err load_one(const char *dir, int64_t now_s, const struct keel_p256_pub *root,
	struct keel_fleet_key *k, struct keel_fault *fault)
{
	uint8_t nonce[sizeof(k->nonce.b) + 1];
	struct keel_bytes in;
	enum keel_err e = load_voucher(dir, now_s, root, k, fault);
	if (e == KEEL_OK)
		e = read_key(dir, k->number, "agree.pem", &k->agree, fault);
	if (e == KEEL_OK)
		e = read_in(dir, k->number, "nonce", nonce, sizeof(nonce), &in, fault);
	if (e != KEEL_OK)
		return e;
	if (memcmp(&k->agree.pub, &k->pub.agree, sizeof(k->pub.agree)) != 0 ||
		keel_bytes_copy(in, k->nonce.b, sizeof(k->nonce.b)) != KEEL_OK)
		return is_broken(k->number, fault);
	keel_wipe(nonce, sizeof(nonce));
	keel_service_thumbprint(&k->pub, k->st);
	return keel_p256_open_pub(&k->pub.sign, &k->verify);
}

enum keel_err keel_fleet_keys_load(
	const char *dir, int64_t now_s, struct keel_fleet_keys *out, struct keel_fault *fault)
{
	struct keel_fleet_keys keys = { 0 };
	unsigned n = highest(dir);
	enum keel_err e = read_root_pub(dir, &keys.root, fault);
	if (e == KEEL_OK && n == 0)
		e = keel_fault_format(fault, KEEL_ENONE, "make one: keel-fleet key roll",
			"%.120s has no key to work with", dir);
	for (; e == KEEL_OK && n > 0 && keys.count < KEEL_FLEET_KEYS_MAX; n--) {
		struct keel_fleet_key *k = &keys.all[keys.count];
		k->number = n;
		e = load_one(dir, now_s, &keys.root, k, fault);
		if (e == KEEL_ESTALE && keys.count == 0)
			return keel_fault_format(fault, e,
				"make the next one: keel-fleet key roll; then start the service "
				"again",
				"the key that the service works with, keys/%u, has ended", n);
		if (e == KEEL_ESTALE)
			break; /* and so have those before it */
		keys.count++;
	}
	if (e != KEEL_OK && e != KEEL_ESTALE) {
		keel_fleet_keys_clear(&keys);
		return e;
	}
	*out = keys;
	return KEEL_OK;
}

void keel_fleet_keys_clear(struct keel_fleet_keys *keys)
{
	for (size_t i = 0; i < KEEL_FLEET_KEYS_MAX; i++)
		keel_p256_close(&keys->all[i].verify);
	keel_wipe(keys, sizeof(*keys));
}

const struct keel_fleet_key *keel_fleet_key_of(
	const struct keel_fleet_keys *keys, const uint8_t st[KEEL_THUMBPRINT_LEN])
{
	for (size_t i = 0; i < keys->count; i++)
		if (memcmp(keys->all[i].st, st, KEEL_THUMBPRINT_LEN) == 0)
			return &keys->all[i];
	return NULL;
}
