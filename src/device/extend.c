#include "device/extend.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device/tpm_pcr.h"

#define PATH_SIZE 512

struct file {
	uint32_t has;
	struct keel_list log;
};

static const struct keel_row rows[] = {
	{ .name = "log",
		.kind = KEEL_LIST,
		.max = KEEL_PCR_LOG_MAX,
		.item = &keel_measured_item_row,
		KEEL_AT(struct file, log) },
};
static const struct keel_schema schema = KEEL_SCHEMA("extended", KEEL_AS_TUPLE, rows, struct file);

static void close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static void path_of(const struct keel_extended *x, const char *end, char path[PATH_SIZE])
{
	(void)snprintf(path, PATH_SIZE, "%s/" KEEL_EXTENDED_FILE "%s", x->home, end);
}

void keel_extended_load(struct keel_extended *x, const char *home)
{
	char path[PATH_SIZE];
	uint8_t buf[KEEL_EXTENDED_MAX];
	struct file f;
	*x = (struct keel_extended){ .home = home };
	path_of(x, "", path);
	keel_auto(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));
	if (n <= 0 || keel_schema_read(&schema, (struct keel_bytes){ buf, (size_t)n }, &f, NULL) !=
			      KEEL_OK)
		return;
	memcpy(x->items, f.log.cbor.p, f.log.cbor.n);
	x->log = (struct keel_list){ { x->items, f.log.cbor.n }, f.log.count };
}

/* Not synced: after a loss of power the PCR is empty, and so is the log. */
static enum keel_err store(const struct keel_extended *x)
{
	char path[PATH_SIZE], next[PATH_SIZE];
	uint8_t buf[KEEL_EXTENDED_MAX + 16];
	const struct file f = { .log = x->log };
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes all;
	keel_schema_write(&schema, &f, &w);
	KEEL_MUST(keel_wr_end(&w, &all) == KEEL_OK);
	path_of(x, "", path);
	path_of(x, ".new", next);
	keel_auto(close_fd) int fd =
		open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, all.p, all.n) != (ssize_t)all.n || rename(next, path) != 0)
		return KEEL_EIO;
	return KEEL_OK;
}

static bool same(const struct keel_digest *a, const struct keel_digest *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static enum keel_err extend_by(int tpm, const struct keel_measured_item *item)
{
	struct keel_digest event;
	keel_pcr_event(item, &event);
	return keel_tpm_pcr_extend(tpm, &event);
}

static enum keel_err extend_by_last(const struct keel_extended *x, int tpm)
{
	struct keel_list rest = x->log;
	struct keel_measured_item item;
	while (keel_list_next(&keel_measured_item_row, &rest, &item) && rest.count > 0)
		;
	return extend_by(tpm, &item);
}

/* Log and PCR, as they were left. */
static enum keel_err go_on(struct keel_extended *x, int tpm)
{
	static const struct keel_digest never = { 0 };
	struct keel_digest value, whole, but_one;
	enum keel_err e = keel_tpm_pcr_read(tpm, &value);
	if (e != KEEL_OK)
		return e;
	if (same(&value, &never)) {
		x->log = (struct keel_list){ { x->items, 0 }, 0 };
		return KEEL_OK;
	}
	keel_pcr_replay(&x->log, x->log.count, &whole);
	if (same(&value, &whole))
		return KEEL_OK;
	if (x->log.count == 0)
		return KEEL_ESTATE;
	keel_pcr_replay(&x->log, x->log.count - 1, &but_one);
	return same(&value, &but_one) ? extend_by_last(x, tpm) : KEEL_ESTATE;
}

static enum keel_err add(struct keel_extended *x, int tpm, const struct keel_measured_item *item)
{
	const struct keel_list before = x->log;
	struct keel_wr w = keel_wr_of(x->items, sizeof(x->items));
	w.n = before.cbor.n;
	if (before.count >= KEEL_PCR_LOG_MAX)
		return KEEL_EFULL;
	keel_schema_write(&keel_measured_item_schema, item, &w);
	if (w.err != KEEL_OK)
		return w.err;
	x->log = (struct keel_list){ { x->items, w.n }, before.count + 1 };
	enum keel_err e = store(x);
	if (e != KEEL_OK)
		x->log = before;
	return e == KEEL_OK ? extend_by(tpm, item) : e;
}

enum keel_err keel_extend(struct keel_extended *x, int tpm, const struct keel_list *measured)
{
	struct keel_list rest = *measured;
	struct keel_measured_item item;
	struct keel_bytes last;
	x->holds = false;
	enum keel_err e = go_on(x, tpm);
	while (e == KEEL_OK && keel_list_next(&keel_measured_item_row, &rest, &item))
		if (!keel_pcr_log_last(x->log, item.name, &last) ||
			!keel_bytes_equal(last, item.digest))
			e = add(x, tpm, &item);
	x->holds = e == KEEL_OK;
	return e;
}
