#include "cli/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/fault.h"
#include "cli/files.h"

enum { PATH_SIZE = KEEL_KEYS_PATH_MAX + 16, HUB_SIZE = 2 * (KEEL_KEYS_PATH_MAX + 256) + 8 };

enum { RELAY_S = 40 }; /* the service waits 30 s for the hub */

static void path_of(const struct keel_keys *k, const char *name, char out[PATH_SIZE])
{
	(void)snprintf(out, PATH_SIZE, "%s/%s", k->dir, name);
}

/* A path that is cut would be another folder: false. */
static bool choose_dir(const char *dir, struct keel_keys *out)
{
	const char *data = getenv("XDG_DATA_HOME");
	const char *user = getenv("HOME");
	int n;
	if (dir != NULL)
		n = snprintf(out->dir, sizeof(out->dir), "%s", dir);
	else if (data != NULL && data[0] == '/')
		n = snprintf(out->dir, sizeof(out->dir), "%s/keel/home", data);
	else
		n = snprintf(out->dir, sizeof(out->dir), "%s/.local/share/keel/home",
			user == NULL ? "." : user);
	return n > 0 && (size_t)n < sizeof(out->dir);
}

/* Takes one line, without its end; empty where there is none. */
static void take_line(struct keel_rd *r, char *out, size_t size)
{
	struct keel_bytes line = keel_rd_until(r, '\n');
	if (line.n >= size)
		line.n = 0;
	if (line.n > 0)
		memcpy(out, line.p, line.n);
	out[line.n] = '\0';
}

enum keel_err keel_keys_open(const char *dir, struct keel_keys *out, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	char text[HUB_SIZE];
	struct keel_bytes content;
	struct keel_keys k = { 0 };
	if (!choose_dir(dir, &k)) {
		return keel_fault_fill(fault, KEEL_EFULL,
			"the path of the keys' folder is empty or too long",
			"name another with --keys");
	}
	path_of(&k, "hub", path);
	enum keel_err e = keel_file_read(path, text, sizeof(text), &content, fault);
	if (e == KEEL_OK) {
		struct keel_rd r = keel_rd_of(content);
		take_line(&r, k.url, sizeof(k.url));
		take_line(&r, k.ca, sizeof(k.ca));
		take_line(&r, k.service, sizeof(k.service)); /* a file of before has none */
		take_line(&r, k.service_ca, sizeof(k.service_ca));
	} else if (e != KEEL_ENONE) {
		return e;
	}
	*fault = (struct keel_fault){ 0 }; /* that nothing is kept yet is none */
	*out = k;
	return KEEL_OK;
}

struct keel_door_at keel_keys_door(const struct keel_keys *k)
{
	return (struct keel_door_at){ .url = k->url, .ca = k->ca[0] == '\0' ? NULL : k->ca };
}

struct keel_door_at keel_keys_service(const struct keel_keys *k)
{
	return (struct keel_door_at){ .url = k->service,
		.ca = k->service_ca[0] == '\0' ? NULL : k->service_ca,
		.roots = true,
		.wait_s = RELAY_S };
}

enum keel_err keel_keys_save_hub(const struct keel_keys *k, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	char text[HUB_SIZE];
	path_of(k, "hub", path);
	int n = snprintf(
		text, sizeof(text), "%s\n%s\n%s\n%s\n", k->url, k->ca, k->service, k->service_ca);
	enum keel_err e = keel_folder_make(k->dir, fault);
	return e == KEEL_OK
		       ? keel_file_write(path, (struct keel_bytes){ (uint8_t *)text, (size_t)n },
				 0600, fault)
		       : e;
}

enum keel_err keel_keys_load(
	const struct keel_keys *k, struct keel_member *out, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	uint8_t buf[KEEL_MEMBER_FILE_MAX + 1];
	struct keel_bytes content;
	path_of(k, "member", path);
	enum keel_err e = keel_file_read(path, buf, sizeof(buf), &content, fault);
	if (e == KEEL_OK) {
		e = keel_member_read(content, out);
		if (e != KEEL_OK)
			(void)snprintf(fault->what, sizeof(fault->what),
				"%.120s is not a file of keys: %s", path, keel_err_text(e));
		if (e != KEEL_OK)
			(void)snprintf(fault->next, sizeof(fault->next),
				"name another folder with --keys, or throw this one's away: keel "
				"owner forget");
	} else if (e == KEEL_ENONE) {
		(void)snprintf(
			fault->what, sizeof(fault->what), "no home is known in %.150s", k->dir);
		(void)snprintf(fault->next, sizeof(fault->next),
			"claim one: keel owner --hub URL --label FILE claim; or name its folder "
			"with "
			"--keys");
	}
	if (e != KEEL_OK)
		fault->err = e;
	keel_wipe(buf, sizeof(buf));
	return e;
}

enum keel_err keel_keys_save(
	const struct keel_keys *k, const struct keel_member *m, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	uint8_t buf[KEEL_MEMBER_FILE_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes content;
	path_of(k, "member", path);
	enum keel_err e = keel_member_write(m, &w);
	if (e == KEEL_OK)
		e = keel_wr_end(&w, &content);
	if (e == KEEL_OK)
		e = keel_folder_make(k->dir, fault);
	if (e == KEEL_OK)
		e = keel_file_write(path, content, 0600, fault);
	keel_wipe(buf, sizeof(buf));
	return e;
}

bool keel_keys_has_entry(const struct keel_keys *k)
{
	char path[PATH_SIZE];
	path_of(k, "entry", path);
	return access(path, F_OK) == 0;
}

/* A file that is no entry helps nobody to finish a claim: as good as none. */
enum keel_err keel_keys_load_entry(const struct keel_keys *k, uint8_t buf[KEEL_ENTRY_FILE_MAX + 1],
	struct keel_entry *out, struct keel_bytes *sent, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	struct keel_bytes content;
	path_of(k, "entry", path);
	enum keel_err e = keel_file_read(path, buf, KEEL_ENTRY_FILE_MAX + 1, &content, fault);
	if (e == KEEL_OK && keel_entry_read(content, out, sent) != KEEL_OK)
		e = KEEL_ENONE;
	return e == KEEL_EFULL ? KEEL_ENONE : e;
}

enum keel_err keel_keys_save_entry(const struct keel_keys *k, const struct keel_entry *e,
	struct keel_bytes sent, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	uint8_t buf[KEEL_ENTRY_FILE_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes content;
	path_of(k, "entry", path);
	enum keel_err err = keel_entry_write(e, sent, &w);
	if (err == KEEL_OK)
		err = keel_wr_end(&w, &content);
	if (err == KEEL_OK)
		err = keel_folder_make(k->dir, fault);
	if (err == KEEL_OK)
		err = keel_file_write(path, content, 0600, fault);
	keel_wipe(buf, sizeof(buf));
	return err;
}

static void drop(const struct keel_keys *k, const char *name)
{
	char path[PATH_SIZE];
	path_of(k, name, path);
	(void)unlink(path);
}

void keel_keys_drop_entry(const struct keel_keys *k)
{
	drop(k, "entry");
}

void keel_keys_drop(const struct keel_keys *k)
{
	drop(k, "entry");
	drop(k, "member");
	drop(k, "hub");
}
