/* Opening, closing, copying. */
#include "fleet/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fleet/db.h"
#include "fleet/schema.h"

static enum keel_err fail(struct keel_fault *f, enum keel_err e, const char *path)
{
	static const char *const next[KEEL_ERR_COUNT] = {
		[KEEL_ESTATE] = "use the keel-fleet that wrote it, or a newer one",
		[KEEL_EFORM] = "name another folder, or bring a backup back: keel-fleet restore",
		[KEEL_EIO] = "check who may read and write there, and that the disk has room",
		[KEEL_EFULL] = "make room on the disk",
	};
	static const char *const what[KEEL_ERR_COUNT] = {
		[KEEL_ESTATE] = "was written by a newer keel-fleet",
		[KEEL_EFORM] = "is no database of keel-fleet, or a broken one",
		[KEEL_EIO] = "cannot be opened or written",
		[KEEL_EFULL] = "has no room on its disk",
	};
	*f = (struct keel_fault){ .err = e };
	(void)snprintf(f->what, sizeof(f->what), "%.120s %s", path, what[e]);
	(void)snprintf(f->next, sizeof(f->next), "%s", next[e]);
	return e;
}

/* SQLite makes files as the umask says; the fleet's are nobody else's to read. */
static bool make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

enum keel_err keel_fleet_store_open(const char *path, struct event_base *base,
	struct keel_fleet_store **out, struct keel_fault *fault)
{
	struct keel_fleet_store *s = calloc(1, sizeof(*s));
	KEEL_MUST(s != NULL);
	enum keel_err e = make_private(path) ? fleet_db_open(&s->write, path) : KEEL_EIO;
	if (e == KEEL_OK)
		e = keel_fleet_schema_upgrade(s->write.db);
	if (e == KEEL_OK)
		e = fleet_db_open(&s->read, path);
	if (e == KEEL_OK && base != NULL)
		e = fleet_commits_open(s, base);
	if (e == KEEL_OK) {
		*out = s;
		return e;
	}
	keel_fleet_store_close(s);
	return fail(fault, e, path);
}

void keel_fleet_store_close(struct keel_fleet_store *s)
{
	if (s == NULL)
		return;
	fleet_commits_close(s);
	fleet_db_close(&s->read);
	fleet_db_close(&s->write);
	free(s);
}

/* From one database to another, a few pages at a time, so that writers come in between. */
static int copy(sqlite3 *from, sqlite3 *to)
{
	enum { PAGES = 256 };
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc = b != NULL ? SQLITE_OK : sqlite3_errcode(to);
	while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
		rc = sqlite3_backup_step(b, PAGES);
	int end = b != NULL ? sqlite3_backup_finish(b) : rc;
	return rc == SQLITE_DONE ? end : rc;
}

/* To a new file, and durable, or not at all. */
static enum keel_err copy_to(sqlite3 *from, const char *to, struct keel_fault *fault)
{
	int fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	sqlite3 *db = NULL;
	if (fd < 0)
		return fail(fault, KEEL_EIO, to);
	int rc = sqlite3_open_v2(to, &db, SQLITE_OPEN_READWRITE, NULL);
	if (rc == SQLITE_OK)
		rc = copy(from, db);
	/* One file, without a WAL beside it. */
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	(void)sqlite3_close(db);
	bool synced = fsync(fd) == 0;
	(void)close(fd);
	enum keel_err e = rc == SQLITE_OK && !synced ? KEEL_EIO : fleet_err(rc);
	if (e == KEEL_OK)
		return e;
	(void)unlink(to);
	return fail(fault, e, to);
}

enum keel_err keel_fleet_backup(
	struct keel_fleet_store *s, const char *to, struct keel_fault *fault)
{
	return copy_to(s->read.db, to, fault);
}

enum keel_err keel_fleet_restore(const char *from, const char *to, struct keel_fault *fault)
{
	sqlite3 *db = NULL;
	int rc = sqlite3_open_v2(from, &db, SQLITE_OPEN_READONLY, NULL);
	enum keel_err e = rc == SQLITE_OK ? copy_to(db, to, fault) : fail(fault, KEEL_EIO, from);
	(void)sqlite3_close(db);
	return e;
}
