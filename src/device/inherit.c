/* What rooms inherit. The parent opens it, so that a room needs no right to open anything itself. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/break.h"
#include "device/env.h"
#include "device/measure.h"
#include "device/parent.h"
#include "device/talk.h"
#include "keel/profile.h"

#define LOCK_WAIT_MS 10000
#define LOCK_STEP_MS 20
#define PROGRAM_MAX  (256 << 20) /* bytes */
#define SYSTEM_ROOTS "/etc/ssl/certs/ca-certificates.crt"

static const char next_home[] = "say with --home where the device's folder is";

/* What makes each file of it. */
static const struct {
	const char *name, *next;
} made_by[] = {
	{ "product.cbor", "make it: keel compile PRODUCT.YAML -o product.cbor, or see --home" },
	{ "door.crt", "put the door's certificate there (PEM): man keeld, FILES" },
	{ "door.key", "put the door certificate's key there (PEM): man keeld, FILES" },
	{ "maker-ca.crt", "put the CA of the maker's service there (PEM): man keeld, FILES" },
};

static const char *next_of(const char *name)
{
	for (size_t i = 0; i < KEEL_COUNT(made_by); i++)
		if (strcmp(made_by[i].name, name) == 0)
			return made_by[i].next;
	return next_home;
}

static const char next_provision[] = "keel provision --home DIR makes what a device needs";

static enum keel_err home_file(const struct keel_parent *p, const char *name, int flags, int *out,
	struct keel_fault *fault)
{
	char path[512];
	(void)snprintf(path, sizeof(path), "%s/%s", p->options->home, name);
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return keel_fault_of_os(fault, "open", path, next_of(name));
	*out = fd;
	return KEEL_OK;
}

/* A program that is not there is told at the start; one that goes later is started again and again. */
static enum keel_err see_program(const struct keel_parent *p, struct keel_fault *fault)
{
	if (access(p->options->app, X_OK) == 0)
		return KEEL_OK;
	return keel_fault_of_os(fault, "start the product's program", p->options->app,
		"say where it is with --app");
}

/* --- the declaration --- */

/* Nothing that grew beyond what a program is keeps the parent from its rooms. */
static enum keel_err hashed(int fd, struct keel_digest *out)
{
	*out = (struct keel_digest){ 0 };
	return keel_broken("hash-skipped") ? KEEL_OK : keel_measure_fd(fd, PROGRAM_MAX, NULL, out);
}

/* A copy that nobody can change after it was hashed. */
static enum keel_err sealed_copy(struct keel_bytes bytes, int *out, struct keel_fault *fault)
{
	keel_auto(keel_fd_close) int fd =
		memfd_create("product.cbor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || write(fd, bytes.p, bytes.n) != (ssize_t)bytes.n ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) !=
			0)
		return keel_fault_of_os(fault, "copy", "product.cbor", "");
	*out = keel_fd_take(&fd);
	return KEEL_OK;
}

static enum keel_err open_product(struct keel_parent *p, struct keel_fault *fault)
{
	static uint8_t bytes[KEEL_ENV_PRODUCT_MAX];
	keel_auto(keel_fd_close) int fd = -1;
	enum keel_err e = home_file(p, "product.cbor", O_RDONLY, &fd, fault);
	if (e != KEEL_OK)
		return e;
	ssize_t n = pread(fd, bytes, sizeof(bytes), 0);
	if (n < 0)
		return keel_fault_of_os(fault, "read", "product.cbor", next_home);
	struct keel_bytes product = { bytes, (size_t)n };
	e = keel_declared_read(product, &p->declared);
	if (e != KEEL_OK) {
		*fault = (struct keel_fault){ .err = e,
			.what = "product.cbor is no declaration of this version",
			.next = "compile it again: keel compile product.yaml" };
		return e;
	}
	e = sealed_copy(product, &p->product, fault);
	return e == KEEL_OK ? hashed(p->product, &p->product_digest) : e;
}

/* --- what one device has once --- */

static void pause_ms(unsigned ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
	(void)nanosleep(&t, NULL);
}

/*
 * Two apps never drive one actuator: an app holds this lock with the open file description that
 * it inherits, so that it stays locked until the last of a former keeld's app is gone. It stands
 * in keeld's own folder: the hardware's may be sysfs, in which nobody makes a file.
 */
static enum keel_err take_lock(struct keel_parent *p, struct keel_fault *fault)
{
	char path[512];
	(void)snprintf(path, sizeof(path), "%s/.app.lock", p->options->home);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return keel_fault_of_os(fault, "open", path, next_home);
	p->lock = fd;
	if (keel_broken("app-orphaned"))
		return KEEL_OK;
	for (unsigned waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK || waited >= LOCK_WAIT_MS)
			return keel_fault_of_os(
				fault, "lock", path, "end the other keeld on this device first");
		pause_ms(LOCK_STEP_MS);
	}
	return KEEL_OK;
}

static enum keel_err make_memory(struct keel_parent *p, struct keel_fault *fault)
{
	int fd = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, KEEL_MEMORY_SIZE) != 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
		return keel_fault_of_os(fault, "make", "the app's memory", "");
	p->memory = fd;
	return KEEL_OK;
}

/* Hardware that is not there is told and left out: the program sees -1, and the rest goes on. */
static void open_hardware(struct keel_parent *p)
{
	for (size_t i = 0; i < p->declared.thing_count; i++) {
		const struct keel_thing *h = &p->declared.things[i];
		char path[512];
		p->hardware[i] = -1;
		if (p->options->hardware == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", p->options->hardware, h->path);
		p->hardware[i] = open(path, (h->writes ? O_RDWR : O_RDONLY) | O_CLOEXEC);
		if (p->hardware[i] < 0)
			KEEL_PARENT_LOG(KEEL_LOG_WARN, "hardware.missing",
				KEEL_LOG_WORD("name", h->name), KEEL_LOG_NUM("os", errno));
	}
}

static bool give(int dir, const char *name, uid_t uid, gid_t gid)
{
	struct stat st;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return true; /* no file of the vault's: left as it is */
	return fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) == 0;
}

static void folder_close(DIR **d)
{
	if (*d != NULL)
		(void)closedir(*d);
}

/* As root: the folder of a room with all its files becomes its user's, and can be reached. */
static enum keel_err own_folder(
	const struct keel_parent *p, enum keel_room_id room, struct keel_fault *fault)
{
	char path[512];
	uid_t uid;
	gid_t gid;
	struct stat home;
	(void)snprintf(path, sizeof(path), "%s/%s", p->options->home, keel_rooms[room].folder);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return keel_fault_of_os(fault, "make", path, next_provision);
	if (geteuid() != 0)
		return KEEL_OK;
	keel_start_user(room, &uid, &gid);
	keel_auto(folder_close) DIR *d = opendir(path);
	if (d == NULL || fchown(dirfd(d), uid, gid) != 0 || fchmod(dirfd(d), 0700) != 0 ||
		stat(p->options->home, &home) != 0 ||
		chmod(p->options->home, (home.st_mode & 07777) | 0111) != 0)
		return keel_fault_of_os(fault, "own", path, next_provision);
	for (const struct dirent *e; (e = readdir(d)) != NULL;)
		if (!give(dirfd(d), e->d_name, uid, gid))
			return keel_fault_of_os(fault, "own", e->d_name, next_provision);
	return KEEL_OK;
}

static enum keel_err open_self(struct keel_parent *p, struct keel_fault *fault)
{
	p->self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (p->self < 0)
		return keel_fault_of_os(fault, "open", "keeld itself", "mount /proc");
	return hashed(p->self, &p->self_digest);
}

enum keel_err keel_inherit_open(struct keel_parent *p, struct keel_fault *fault)
{
	p->self = p->product = p->lock = p->memory = -1;
	enum keel_err e = open_self(p, fault);
	if (e == KEEL_OK)
		e = open_product(p, fault);
	if (e == KEEL_OK && p->options->app != NULL)
		e = see_program(p, fault);
	if (e == KEEL_OK && p->options->app != NULL)
		e = take_lock(p, fault);
	if (e == KEEL_OK)
		e = make_memory(p, fault);
	if (e == KEEL_OK)
		e = keel_listeners_open(p, fault);
	if (e != KEEL_OK)
		return e;
	open_hardware(p);
	keel_extended_load(&p->extended, p->options->home);
	for (enum keel_room_id room = 0; e == KEEL_OK && room < ROOM_COUNT; room++)
		if (keel_rooms[room].folder != NULL && p->mains[room] != NULL)
			e = own_folder(p, room, fault);
	return e;
}

void keel_inherit_close(struct keel_parent *p)
{
	keel_listeners_close(p);
	for (size_t i = 0; i < p->declared.thing_count; i++)
		keel_fd_close(&p->hardware[i]);
	keel_fd_close(&p->memory);
	keel_fd_close(&p->lock);
	keel_fd_close(&p->product);
	keel_fd_close(&p->self);
}

/* --- what one start of a room gets --- */

static void hand(struct keel_hands *out, const char *prefix, const char *name, int fd, bool kept)
{
	if (fd < 0)
		return;
	KEEL_MUST(out->n < KEEL_HANDS_MAX);
	struct keel_hand *h = &out->of[out->n++];
	*h = (struct keel_hand){ .fd = fd, .kept = kept };
	(void)snprintf(h->name, sizeof(h->name), "%s%s", prefix, name);
}

/*
 * A connection for each start: an answer to a vault that died half-way belongs to nobody. swtpm
 * takes one at a time, so it is closed here and lives in the vault alone.
 */
static enum keel_err open_tpm(const char *path, int *out, struct keel_fault *fault)
{
	struct stat st;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	static const char next[] =
		"start it (swtpm socket --tpm2 …), or say where it is with --tpm";
	if (stat(path, &st) != 0 || strlen(path) >= sizeof(to.sun_path))
		return keel_fault_of_os(fault, "find the TPM at", path, next);
	keel_auto(keel_fd_close) int fd = S_ISSOCK(st.st_mode)
						  ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)
						  : open(path, O_RDWR | O_CLOEXEC);
	memcpy(to.sun_path, path, strlen(path) + 1);
	if (fd < 0 || (S_ISSOCK(st.st_mode) &&
			      connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0))
		return keel_fault_of_os(fault, "open the TPM at", path, next);
	*out = keel_fd_take(&fd);
	return KEEL_OK;
}

static void add_measured(struct keel_wr *items, struct keel_list *list, const char *name,
	const struct keel_digest *digest)
{
	const struct keel_measured_item m = { .name = keel_text(name),
		.digest = KEEL_VIEW(digest->b) };
	keel_list_add(&keel_measured_item_row, &m, items, list);
}

struct keel_list keel_inherit_measured(
	const struct keel_parent *p, uint8_t items[KEEL_MEASURED_MAX])
{
	struct keel_list list = { 0 };
	struct keel_wr w = keel_wr_of(items, KEEL_MEASURED_MAX);
	add_measured(&w, &list, "keeld", &p->self_digest);
	if (p->app_hashed)
		add_measured(&w, &list, "app", &p->app_digest);
	add_measured(&w, &list, "product.cbor", &p->product_digest);
	KEEL_MUST(w.err == KEEL_OK);
	return list;
}

/* Over the connection that the vault is about to get, while nobody else has it. */
static enum keel_err tell_tpm(struct keel_parent *p, int *fd, struct keel_fault *f)
{
	uint8_t items[KEEL_MEASURED_MAX];
	const struct keel_list measured = keel_inherit_measured(p, items);
	enum keel_err e = keel_extend(&p->extended, *fd, &measured);
	if (e == KEEL_OK)
		return e;
	KEEL_PARENT_LOG(
		KEEL_LOG_WARN, "tpm.not-extended", KEEL_LOG_WORD("reason", keel_err_word(e)));
	if (e != KEEL_EIO)
		return KEEL_OK; /* it vouches for nothing, and is good for all else */
	keel_fd_close(fd);
	return open_tpm(p->options->tpm, fd, f);
}

static enum keel_err for_vault(struct keel_parent *p, struct keel_hands *out, struct keel_fault *f)
{
	int fd = -1;
	enum keel_err e = p->options->tpm == NULL ? KEEL_OK : open_tpm(p->options->tpm, &fd, f);
	if (e == KEEL_OK && fd >= 0)
		e = tell_tpm(p, &fd, f);
	hand(out, "tpm", "", fd, false);
	return e;
}

static enum keel_err for_door(struct keel_parent *p, struct keel_hands *out, struct keel_fault *f)
{
	int cert = -1, key = -1;
	enum keel_err e = home_file(p, "door.crt", O_RDONLY, &cert, f);
	hand(out, "door.crt", "", cert, false);
	if (e == KEEL_OK)
		e = home_file(p, "door.key", O_RDONLY, &key, f);
	hand(out, "door.key", "", key, false);
	for (size_t i = 0; i < p->listener_count; i++) {
		char number[8];
		(void)snprintf(number, sizeof(number), "%zu", i);
		hand(out, "listen/", number, p->listeners[i], true);
	}
	return e;
}

/* Without its list the monitor watches all the rest, and tells the owner what it lacks. */
static enum keel_err for_monitor(
	struct keel_parent *p, struct keel_hands *out, struct keel_fault *f)
{
	int fd = -1;
	enum keel_err e = home_file(p, "measures.cbor", O_RDONLY, &fd, f);
	if (e != KEEL_OK && f->os != ENOENT)
		keel_parent_fault(f);
	hand(out, "measures", "", fd, false);
	return KEEL_OK;
}

/* Whom the declaration trusts with the service's certificate; nobody else. */
static enum keel_err for_uplink(struct keel_parent *p, struct keel_hands *out, struct keel_fault *f)
{
	int fd = -1;
	enum keel_err e = KEEL_OK;
	if (p->declared.trust == KEEL_TRUST_MAKER)
		e = home_file(p, "maker-ca.crt", O_RDONLY, &fd, f);
	else if ((fd = open(SYSTEM_ROOTS, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
		e = keel_fault_of_os(f, "open", SYSTEM_ROOTS,
			"install ca-certificates, or declare the service's trust: maker");
	hand(out, "service.ca", "", fd, false);
	return e;
}

/* The program is hashed and run by the same descriptor: what was measured is what runs. */
static enum keel_err for_app(struct keel_parent *p, struct keel_hands *out, struct keel_fault *f)
{
	const char *path = p->options->app;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return keel_fault_of_os(
			f, "open the product's program", path, "say where it is with --app");
	hand(out, "program", "", fd, false);
	hand(out, "lock", "", p->lock, true);
	hand(out, "memory", "", p->memory, true);
	for (size_t i = 0; i < p->declared.thing_count; i++)
		hand(out, "hardware/", p->declared.things[i].name, p->hardware[i], true);
	(void)hashed(fd, &p->app_digest); /* what cannot be is told as what nobody built: zeros */
	p->app_hashed = true;
	return KEEL_OK;
}

enum keel_err keel_inherit_for(struct keel_parent *p, enum keel_room_id room,
	struct keel_hands *out, struct keel_fault *fault)
{
	static enum keel_err (*const own[ROOM_COUNT])(
		struct keel_parent *, struct keel_hands *, struct keel_fault *) = {
		[ROOM_VAULT] = for_vault,
		[ROOM_DOOR] = for_door,
		[ROOM_MONITOR] = for_monitor,
		[ROOM_APP] = for_app,
		[ROOM_UPLINK] = for_uplink,
	};
	*out = (struct keel_hands){ 0 };
	hand(out, "product", "", p->product, true);
	enum keel_err e = own[room](p, out, fault);
	if (e != KEEL_OK)
		keel_inherit_done(out);
	return e;
}

void keel_inherit_done(struct keel_hands *hands)
{
	for (size_t i = 0; i < hands->n; i++)
		if (!hands->of[i].kept)
			keel_fd_close(&hands->of[i].fd);
	hands->n = 0;
}
