#include "cli/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/files.h"

enum { PATH_SIZE = KEEL_KEYS_PATH_MAX + 16, CLAIM_MAX = 2048 };

static void path_of(const struct keel_keys *k, const char *name, char out[PATH_SIZE])
{
	(void)snprintf(out, PATH_SIZE, "%s/%s", k->dir, name);
}

static void choose_dir(const char *dir, struct keel_keys *out)
{
	const char *data = getenv("XDG_DATA_HOME");
	const char *user = getenv("HOME");
	if (dir != NULL)
		(void)snprintf(out->dir, sizeof(out->dir), "%s", dir);
	else if (data != NULL && data[0] == '/')
		(void)snprintf(out->dir, sizeof(out->dir), "%s/keel/home", data);
	else
		(void)snprintf(out->dir, sizeof(out->dir), "%s/.local/share/keel/home",
			user == NULL ? "." : user);
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
	char text[KEEL_KEYS_PATH_MAX + 300];
	struct keel_bytes content;
	struct keel_keys k = { 0 };
	choose_dir(dir, &k);
	path_of(&k, "hub", path);
	enum keel_err e = keel_file_read(path, text, sizeof(text), &content, fault);
	if (e == KEEL_OK) {
		struct keel_rd r = keel_rd_of(content);
		take_line(&r, k.url, sizeof(k.url));
		take_line(&r, k.ca, sizeof(k.ca));
	} else if (e != KEEL_ENONE) {
		return e;
	}
	*out = k;
	return KEEL_OK;
}

struct keel_door_at keel_keys_door(const struct keel_keys *k)
{
	return (struct keel_door_at){ .url = k->url, .ca = k->ca[0] == '\0' ? NULL : k->ca };
}

enum keel_err keel_keys_save_hub(const struct keel_keys *k, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	char text[KEEL_KEYS_PATH_MAX + 300];
	path_of(k, "hub", path);
	int n = snprintf(text, sizeof(text), "%s\n%s\n", k->url, k->ca);
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
	} else if (e == KEEL_ENONE) {
		(void)snprintf(
			fault->what, sizeof(fault->what), "no home is known in %.150s", k->dir);
		(void)snprintf(fault->next, sizeof(fault->next),
			"claim one: keel owner --hub URL claim --label FILE");
	}
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

/* The entry as it stands in memory, for the same program on the same machine: a few minutes' file. */
enum keel_err keel_keys_load_entry(const struct keel_keys *k, struct keel_entry *out,
	uint8_t *claim, size_t cap, struct keel_bytes *sent, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	uint8_t buf[sizeof(*out) + CLAIM_MAX];
	struct keel_bytes content;
	path_of(k, "entry", path);
	enum keel_err e = keel_file_read(path, buf, sizeof(buf), &content, fault);
	if (e != KEEL_OK)
		return e;
	if (content.n <= sizeof(*out) || content.n - sizeof(*out) > cap)
		return KEEL_ENONE;
	memcpy(out, content.p, sizeof(*out));
	sent->n = content.n - sizeof(*out);
	memcpy(claim, content.p + sizeof(*out), sent->n);
	sent->p = claim;
	keel_wipe(buf, sizeof(buf));
	return KEEL_OK;
}

enum keel_err keel_keys_save_entry(const struct keel_keys *k, const struct keel_entry *e,
	struct keel_bytes sent, struct keel_fault *fault)
{
	char path[PATH_SIZE];
	uint8_t buf[sizeof(*e) + CLAIM_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes content;
	path_of(k, "entry", path);
	keel_wr_bytes(&w, (struct keel_bytes){ (const uint8_t *)e, sizeof(*e) });
	keel_wr_bytes(&w, sent);
	enum keel_err err = keel_wr_end(&w, &content);
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
