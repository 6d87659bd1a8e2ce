#include "cli/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/fault.h"
#include "cli/files.h"
#include "core/break.h"
#include "device/vault/identity.h"
#include "device/vault/provision.h"
#include "owner/endorsement.h"

enum { PATH_SIZE = 512 };

static enum keel_err vault_of(const char *home, char out[PATH_SIZE], struct keel_fault *fault)
{
	int n = snprintf(out, PATH_SIZE, "%s/vault", home);
	return n > 0 && n < PATH_SIZE
		       ? KEEL_OK
		       : keel_fault_fill(fault, KEEL_EFULL, "the folder's path is too long",
				 "name a shorter one");
}

static int connect_tpm(const char *path)
{
	struct stat st;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (stat(path, &st) != 0)
		return -1;
	if (!S_ISSOCK(st.st_mode))
		return open(path, O_RDWR | O_CLOEXEC);
	if (strlen(path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
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
	if (fd < 0)
		return keel_fault_format(fault, KEEL_EIO,
			"name /dev/tpmrm0, or the socket of a swtpm that runs, with --tpm",
			"cannot reach the TPM at %.100s: %s", tpm, strerror(errno));
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
static enum keel_err make_unit(const struct keel_new_unit *u, struct keel_keeper *keeper,
	struct keel_store *store, struct keel_label *label, struct keel_wr *w,
	struct keel_fault *fault)
{
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
	const bool quotes = identity.quoter.quote != NULL;
	const struct keel_endorsement body = { .has = quotes ? 1U << KEEL_ENDORSEMENT_ATTEST : 0,
		.attest = KEEL_VIEW(identity.quoter.pub.xy),
		.sign = KEEL_VIEW(identity.sign.xy),
		.agree = KEEL_VIEW(identity.agree.xy),
		.model = u->model,
		.serial = keel_text(u->serial) };
	keel_auto(keel_p256_key_wipe) struct keel_p256_key maker = *u->maker;
	if (keel_broken("endorsement-unsigned"))
		keel_p256_generate(&maker);
	e = keel_endorsement_write(&maker, label->id, &body, w);
	if (e == KEEL_OK)
		e = keel_wr_end(w, &endorsement);
	return e == KEEL_OK ? keel_vault_provision(
				      store, &identity, label->id, body.serial, &key, endorsement)
			    : e;
}

/* A folder that was a unit before stays what it was: nobody loses an identity by a repeated command. */
enum keel_err keel_unit_is_free(const char *home, struct keel_fault *fault)
{
	struct stat st;
	char vault[PATH_SIZE];
	enum keel_err e = vault_of(home, vault, fault);
	if (e != KEEL_OK || (lstat(vault, &st) != 0 && (errno == ENOENT || errno == ENOTDIR)))
		return e;
	return keel_fault_format(fault, KEEL_ESTATE,
		"name another --home, or remove its folder vault first: its identity is gone then",
		"%.120s holds a unit already", home);
}

static enum keel_err fill_vault(const struct keel_new_unit *u, const char *vault,
	struct keel_label *label, struct keel_wr *w, struct keel_fault *fault)
{
	struct keel_keeper *keeper = NULL;
	struct keel_store *store = NULL;
	enum keel_err e = open_keeper(u->tpm, vault, &keeper, fault);
	if (e == KEEL_OK)
		e = keel_store_open(vault, NULL, keel_keeper_root(keeper), &store, fault);
	if (e == KEEL_OK)
		e = make_unit(u, keeper, store, label, w, fault);
	if (store != NULL)
		keel_store_close(store);
	if (keeper != NULL)
		keel_keeper_close(keeper);
	return e;
}

static void undo(const char *vault)
{
	char path[PATH_SIZE + 256];
	DIR *dir = opendir(vault);
	if (dir == NULL)
		return;
	for (const struct dirent *d; (d = readdir(dir)) != NULL;) {
		int n = snprintf(path, sizeof(path), "%s/%s", vault, d->d_name);
		if (n > 0 && (size_t)n < sizeof(path))
			(void)unlink(path); /* . and .. are no files, and stay */
	}
	(void)closedir(dir);
	(void)rmdir(vault);
}

enum keel_err keel_unit_make(const struct keel_new_unit *u, struct keel_label *label,
	struct keel_wr *w, struct keel_fault *fault)
{
	char vault[PATH_SIZE];
	enum keel_err e = vault_of(u->home, vault, fault);
	if (e == KEEL_OK)
		e = keel_unit_is_free(u->home, fault);
	if (e == KEEL_OK)
		e = keel_folder_make(vault, fault);
	if (e != KEEL_OK)
		return e;
	e = fill_vault(u, vault, label, w, fault);
	if (e != KEEL_OK)
		undo(vault);
	return e;
}

void keel_unit_undo(const struct keel_new_unit *u)
{
	char vault[PATH_SIZE];
	struct keel_fault fault;
	if (vault_of(u->home, vault, &fault) == KEEL_OK)
		undo(vault);
}
