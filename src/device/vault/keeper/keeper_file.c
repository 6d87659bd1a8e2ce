#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/vault/keeper/keeper.h"
#include "device/vault/keeper/root_file.h"

struct file_keeper {
	struct keel_keeper base; /* first: the one is the other */
	struct keel_root_file root;
	struct keel_p256_key keys[KEEPER_USES];
	struct keel_p256_opened signs; /* the signing key, made ready once */
};

static struct file_keeper *of(struct keel_keeper *k)
{
	return (struct file_keeper *)k;
}

static enum keel_err file_make(struct keel_keeper *k, enum keeper_use use, struct keeper_part *out)
{
	struct keel_p256_key key;
	(void)k;
	(void)use;
	keel_p256_generate(&key);
	out->pub_n = sizeof(key.pub.xy);
	(void)memcpy(out->pub, key.pub.xy, out->pub_n);
	out->secret_n = sizeof(key.d);
	(void)memcpy(out->secret, key.d, out->secret_n);
	keel_p256_key_wipe(&key);
	return KEEL_OK;
}

static enum keel_err file_load(struct keel_keeper *k, enum keeper_use use,
	const struct keeper_part *part, struct keel_p256_pub *pub)
{
	struct keel_p256_key *key = &of(k)->keys[use];
	if (part->secret_n != sizeof(key->d))
		return KEEL_EFORM;
	enum keel_err e = keel_p256_from_private(part->secret, key);
	if (e != KEEL_OK)
		return KEEL_EFORM;
	if (!keel_bytes_equal(
		    (struct keel_bytes){ part->pub, part->pub_n }, KEEL_VIEW(key->pub.xy)))
		return KEEL_EFORM;
	if (use == KEEPER_SIGNS) {
		keel_p256_close(&of(k)->signs);
		keel_p256_open(key, &of(k)->signs);
	}
	*pub = key->pub;
	return KEEL_OK;
}

static enum keel_err file_sign(
	void *self, const struct keel_digest *digest, uint8_t signature[KEEL_SIGNATURE_LEN])
{
	struct file_keeper *k = self;
	keel_p256_opened_sign(&k->signs, digest, signature);
	return KEEL_OK;
}

static enum keel_err file_agree(void *self, const struct keel_p256_pub *peer, struct keel_key *out)
{
	struct file_keeper *k = self;
	return keel_p256_agree(&k->keys[KEEPER_AGREES], peer, out);
}

static void file_close(struct keel_keeper *k)
{
	struct file_keeper *f = of(k);
	(void)close(f->root.dir);
	keel_p256_close(&f->signs);
	keel_wipe(f, sizeof(*f));
	free(f);
}

static enum keel_err refuse(const char *dir, int os, struct keel_fault *fault)
{
	fault->err = KEEL_EIO;
	fault->os = os;
	(void)snprintf(
		fault->what, sizeof(fault->what), "the keys' folder %.120s does not open", dir);
	(void)snprintf(
		fault->next, sizeof(fault->next), "make it, for the vault's user only (0700)");
	return KEEL_EIO;
}

enum keel_err keel_keeper_file(const char *dir, struct keel_keeper **out, struct keel_fault *fault)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return refuse(dir, errno, fault);
	struct file_keeper *k = calloc(1, sizeof(*k));
	KEEL_MUST(k != NULL);
	k->root = (struct keel_root_file){ .dir = fd, .io = keel_root_io_system };
	k->base = (struct keel_keeper){
		.word = "file",
		.root = keel_root_file_of(&k->root),
		.make = file_make,
		.load = file_load,
		.sign = file_sign,
		.agree = file_agree,
		.close = file_close,
	};
	*out = &k->base;
	return KEEL_OK;
}
