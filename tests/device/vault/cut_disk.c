#include "device/vault/cut_disk.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"

struct handle {
	sqlite3_file base;
	struct cut_file *file;
};

static struct cut_disk *disk; /* SQLite gives a VFS no better place */

static struct cut_file *of(sqlite3_file *f)
{
	return ((struct handle *)f)->file;
}

static void bytes_put(struct cut_bytes *b, size_t at, const uint8_t *p, size_t n)
{
	size_t room = b->room == 0 ? 512 : b->room;
	while (room < at + n)
		room *= 2;
	if (room > b->room) {
		b->p = realloc(b->p, room);
		KEEL_MUST(b->p != NULL);
		b->room = room;
	}
	if (at + n > b->n) {
		memset(b->p + b->n, 0, at + n - b->n);
		b->n = at + n;
	}
	if (n > 0)
		memcpy(b->p + at, p, n);
}

static void write_do(struct cut_bytes *b, const struct cut_write *w, size_t n)
{
	if (!w->truncates)
		bytes_put(b, w->at, w->bytes.p, n);
	else if (w->at < b->n)
		b->n = w->at;
}

static void writes_forget(struct cut_file *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->writes[i].bytes.p);
	free(f->writes);
	f->writes = NULL;
	f->count = 0;
}

static void write_note(struct cut_file *f, struct cut_write w)
{
	f->writes = realloc(f->writes, (f->count + 1) * sizeof(w));
	KEEL_MUST(f->writes != NULL);
	f->writes[f->count++] = w;
}

unsigned cut_disk_every(void)
{
	const char *asked = getenv("KEEL_CUT_EVERY");
	unsigned every = asked == NULL ? 1 : (unsigned)strtoul(asked, NULL, 10);
	KEEL_MUST(every > 0);
	if (every > 1)
		(void)printf("the power is cut at every %u. step only\n", every);
	return every;
}

bool cut_disk_step(struct cut_disk *d)
{
	if (d->dead)
		return false;
	d->dead = d->steps == d->lives;
	d->steps++;
	return !d->dead;
}

static int vfs_close(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

static int vfs_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	const struct cut_bytes *b = &of(f)->now;
	size_t there = (size_t)at < b->n ? b->n - (size_t)at : 0;
	if (disk->dead)
		return SQLITE_IOERR_READ;
	if (there >= (size_t)n) {
		memcpy(p, b->p + at, (size_t)n);
		return SQLITE_OK;
	}
	memset(p, 0, (size_t)n);
	if (there > 0)
		memcpy(p, b->p + at, there);
	return SQLITE_IOERR_SHORT_READ;
}

/* The write at which the power goes is noted, cut in half: boot may keep it. */
static int vfs_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	struct cut_write w = { .at = (size_t)at };
	if (disk->dead)
		return SQLITE_IOERR_WRITE;
	bool lives = cut_disk_step(disk);
	bytes_put(&w.bytes, 0, p, lives ? (size_t)n : (size_t)n / 2);
	write_note(of(f), w);
	if (!lives)
		return SQLITE_IOERR_WRITE;
	write_do(&of(f)->now, &w, w.bytes.n);
	return SQLITE_OK;
}

static int vfs_truncate(sqlite3_file *f, sqlite3_int64 at)
{
	struct cut_write w = { .at = (size_t)at, .truncates = true };
	if (!cut_disk_step(disk))
		return SQLITE_IOERR_TRUNCATE;
	write_note(of(f), w);
	write_do(&of(f)->now, &w, 0);
	return SQLITE_OK;
}

static int vfs_sync(sqlite3_file *f, int flags)
{
	struct cut_file *file = of(f);
	(void)flags;
	if (!cut_disk_step(disk))
		return SQLITE_IOERR_FSYNC;
	file->synced.n = 0;
	bytes_put(&file->synced, 0, file->now.p, file->now.n);
	writes_forget(file);
	return SQLITE_OK;
}

static int vfs_size(sqlite3_file *f, sqlite3_int64 *n)
{
	*n = (sqlite3_int64)of(f)->now.n;
	return disk->dead ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int vfs_lock(sqlite3_file *f, int level)
{
	(void)f;
	(void)level;
	return SQLITE_OK;
}

static int vfs_reserved(sqlite3_file *f, int *held)
{
	(void)f;
	*held = 0;
	return SQLITE_OK;
}

static int vfs_control(sqlite3_file *f, int op, void *arg)
{
	(void)f;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int vfs_sector(sqlite3_file *f)
{
	(void)f;
	return 4096;
}

static int vfs_character(sqlite3_file *f) /* what SQLite takes a disk to be by default */
{
	(void)f;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* Version 1: no shared memory. A store that wanted one would not open here. */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = vfs_close,
	.xRead = vfs_read,
	.xWrite = vfs_write,
	.xTruncate = vfs_truncate,
	.xSync = vfs_sync,
	.xFileSize = vfs_size,
	.xLock = vfs_lock,
	.xUnlock = vfs_lock,
	.xCheckReservedLock = vfs_reserved,
	.xFileControl = vfs_control,
	.xSectorSize = vfs_sector,
	.xDeviceCharacteristics = vfs_character,
};

static struct cut_file *find(const char *name)
{
	for (size_t i = 0; i < CUT_FILES; i++)
		if (strcmp(disk->files[i].name, name) == 0)
			return &disk->files[i];
	return NULL;
}

static int vfs_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *out_flags)
{
	struct handle *h = (struct handle *)f;
	(void)v;
	h->base.pMethods = NULL;
	if (disk->dead ||
		path == NULL) /* a temporary file would be without a name: none is allowed */
		return SQLITE_CANTOPEN;
	h->file = find(path);
	if (h->file == NULL && (flags & SQLITE_OPEN_CREATE) != 0) {
		h->file = find("");
		KEEL_MUST(h->file != NULL && strlen(path) < sizeof(h->file->name));
		memcpy(h->file->name, path, strlen(path) + 1);
	}
	if (h->file == NULL)
		return SQLITE_CANTOPEN;
	h->base.pMethods = &methods;
	if (out_flags != NULL)
		*out_flags = flags;
	return SQLITE_OK;
}

static void file_clear(struct cut_file *f)
{
	free(f->synced.p);
	free(f->now.p);
	writes_forget(f);
	*f = (struct cut_file){ 0 };
}

static int vfs_delete(sqlite3_vfs *v, const char *path, int sync)
{
	struct cut_file *f = find(path);
	(void)v;
	(void)sync;
	if (!cut_disk_step(disk))
		return SQLITE_IOERR_DELETE;
	if (f == NULL)
		return SQLITE_IOERR_DELETE_NOENT;
	file_clear(f);
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *v, const char *path, int flags, int *there)
{
	(void)v;
	(void)flags;
	*there = find(path) != NULL;
	return disk->dead ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int vfs_full(sqlite3_vfs *v, const char *path, int n, char *out)
{
	(void)v;
	if (strlen(path) >= (size_t)n)
		return SQLITE_CANTOPEN;
	memcpy(out, path, strlen(path) + 1);
	return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *v, int n, char *out) /* the same in every run */
{
	(void)v;
	memset(out, 0x5a, (size_t)n);
	return n;
}

static int vfs_sleep(sqlite3_vfs *v, int us)
{
	(void)v;
	return us;
}

static int vfs_time(sqlite3_vfs *v, double *out)
{
	(void)v;
	*out = 2460000.5;
	return SQLITE_OK;
}

static int vfs_error(sqlite3_vfs *v, int n, char *out)
{
	(void)v;
	(void)n;
	(void)out;
	return 0;
}

static sqlite3_vfs vfs = {
	.iVersion = 1,
	.szOsFile = sizeof(struct handle),
	.mxPathname = 31,
	.zName = "cut",
	.xOpen = vfs_open,
	.xDelete = vfs_delete,
	.xAccess = vfs_access,
	.xFullPathname = vfs_full,
	.xRandomness = vfs_random,
	.xSleep = vfs_sleep,
	.xCurrentTime = vfs_time,
	.xGetLastError = vfs_error,
};

void cut_disk_register(struct cut_disk *d)
{
	disk = d;
	KEEL_MUST(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

static void file_boot(struct cut_file *f, enum cut_loss loss)
{
	f->now.n = 0;
	bytes_put(&f->now, 0, f->synced.p != NULL ? f->synced.p : (const uint8_t *)"", f->synced.n);
	for (size_t i = 0; i < f->count; i++)
		if (loss == CUT_KEEPS_ALL || (loss == CUT_KEEPS_EVERY_OTHER && i % 2 == 0))
			write_do(&f->now, &f->writes[i], f->writes[i].bytes.n);
	writes_forget(f);
	f->synced.n = 0;
	bytes_put(&f->synced, 0, f->now.p, f->now.n);
}

void cut_disk_boot(struct cut_disk *d)
{
	for (size_t i = 0; i < CUT_FILES; i++)
		if (d->files[i].name[0] != '\0')
			file_boot(&d->files[i], d->loss);
	d->dead = false;
	d->lives = UINT_MAX;
}

void cut_disk_clear(struct cut_disk *d)
{
	for (size_t i = 0; i < CUT_FILES; i++)
		file_clear(&d->files[i]);
	*d = (struct cut_disk){ .lives = UINT_MAX };
}
