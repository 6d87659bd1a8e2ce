/* keel-fleet audit, audit verify, backup, restore. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/show.h"
#include "fleet/command.h"

/* --- the audit log --- */

struct audit {
	bool show, json;
	struct keel_fleet_audit_row last; /* its number and hash */
};

static void print_row(const struct keel_fleet_audit_row *row, bool json)
{
	struct tm tm;
	time_t t = (time_t)row->time_s;
	char at[24] = "";
	if (json) {
		(void)printf("{\"number\":%" PRIu64 ",\"time\":%" PRId64 ",\"who\":", row->number,
			row->time_s);
		keel_show_json_text(stdout, keel_text(row->who));
		(void)printf(",\"action\":");
		keel_show_json_text(stdout, keel_text(row->action));
		(void)printf(",\"detail\":");
		keel_show_json_text(stdout, keel_text(row->detail));
		(void)printf("}\n");
		return;
	}
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(at, sizeof(at), "%F %T", &tm);
	(void)printf("%" PRIu64 "  %s  %s  %s  %s\n", row->number, at, row->who, row->action,
		row->detail);
}

static void see_row(void *self, const struct keel_fleet_audit_row *row)
{
	struct audit *a = self;
	if (a->show)
		print_row(row, a->json);
	a->last.number = row->number;
	a->last.hash = row->hash;
}

static enum keel_err walk(
	const struct keel_fleet_ask *ask, struct audit *a, struct keel_fault *fault)
{
	uint64_t bad = 0;
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_fleet_open(ask, &s, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_fleet_audit(s, &bad, see_row, a);
	if (e != KEEL_EAUTH)
		return e;
	return keel_fault_format(fault, e,
		"compare it with a backup from before: keel-fleet audit DIR shows the rows up to "
		"it",
		"the audit log was changed: row %" PRIu64 " does not follow from the one before it",
		bad);
}

enum keel_err keel_fleet_do_audit(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	struct audit a = { .show = true, .json = ask->json };
	return walk(ask, &a, fault);
}

enum keel_err keel_fleet_do_audit_verify(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	struct audit a = { 0 };
	enum keel_err e = walk(ask, &a, fault);
	if (e != KEEL_OK)
		return e;
	(void)printf(ask->json ? "{\"rows\":%" PRIu64 ",\"hash\":\""
			       : "%" PRIu64 " rows, each follows from the one before; the last is ",
		a.last.number);
	keel_show_hex(stdout, KEEL_VIEW(a.last.hash.b));
	(void)printf(ask->json ? "\"}\n"
			       : "\nKeep this elsewhere: whoever writes the whole log "
				 "anew ends with another.\n");
	return KEEL_OK;
}

/* --- copies of the database --- */

enum keel_err keel_fleet_do_backup(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	if (access(ask->words[0], F_OK) == 0)
		return keel_fault_format(fault, KEEL_ESTATE, "name a new file",
			"%.120s is there already", ask->words[0]);
	enum keel_err e = keel_fleet_open(ask, &s, fault);
	if (e == KEEL_OK)
		e = keel_fleet_backup(s, ask->words[0], fault);
	if (e == KEEL_OK && !ask->json)
		(void)printf("%s is a copy of the database; the keys in %s/keys are not in it\n",
			ask->words[0], ask->dir);
	return e;
}

/* What was copied is of use only if it opens and its audit log is whole. */
static enum keel_err look_at(
	const struct keel_fleet_ask *ask, const char *copy, struct keel_fault *fault)
{
	uint64_t bad = 0;
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_fleet_store_open(copy, NULL, &s, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_fleet_audit(s, &bad, NULL, NULL);
	if (e != KEEL_EAUTH)
		return e;
	return keel_fault_format(fault, e, "take an older backup",
		"the audit log in %.100s was changed at row %" PRIu64, ask->words[0], bad);
}

static void remove_all(const char *db)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[KEEL_FLEET_PATH_MAX + 8];
	for (size_t i = 0; i < KEEL_COUNT(ends); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", db, ends[i]);
		(void)unlink(path);
	}
}

enum keel_err keel_fleet_do_restore(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	char to[KEEL_FLEET_PATH_MAX];
	enum keel_err e = keel_fleet_path(ask->dir, KEEL_FLEET_DATABASE, to, fault);
	if (e != KEEL_OK)
		return e;
	if (access(ask->words[0], R_OK) != 0)
		return keel_file_failed(fault, "open", ask->words[0]);
	if (access(to, F_OK) == 0)
		return keel_fault_format(fault, KEEL_ESTATE,
			"stop the service, and move what its folder data holds away",
			"%.120s holds a database already", ask->dir);
	e = keel_fleet_make_data(ask->dir, fault);
	if (e == KEEL_OK)
		e = keel_fleet_restore(ask->words[0], to, fault);
	if (e != KEEL_OK)
		return e;
	e = look_at(ask, to, fault);
	if (e != KEEL_OK)
		remove_all(to);
	if (e == KEEL_OK && !ask->json)
		(void)printf("%s has the database of %s\n", ask->dir, ask->words[0]);
	return e;
}
