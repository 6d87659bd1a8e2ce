/* The commands of keel-fleet: one row in main.c, which reads the words for all, and one function each. */
#ifndef KEEL_FLEET_COMMAND_H
#define KEEL_FLEET_COMMAND_H

#include "cli/fault.h"
#include "fleet/config.h"
#include "fleet/store.h"

#define KEEL_FLEET_PATH_MAX 512
/* In a folder of its own: the worker's wall opens that, and not the one beside it with the keys. */
#define KEEL_FLEET_DATA     "data"
#define KEEL_FLEET_DATABASE KEEL_FLEET_DATA "/fleet.db"

/** What a person asked for; an option that was not given is NULL. */
struct keel_fleet_ask {
	const char *dir;      /* the service's folder: the first word of every command */
	const char *words[3]; /* what comes behind it */
	const char *origin, *why, *measures;
	bool json;
	int64_t now_s;
	const char *who; /* for the audit log */
};

/* Words and options are checked. Any error: it failed (exit 1), and the fault tells. */
#define KEEL_FLEET_COMMAND(name)                                                                   \
	KEEL_CHECKED enum keel_err name(const struct keel_fleet_ask *ask, struct keel_fault *fault)
KEEL_FLEET_COMMAND(keel_fleet_do_init);
KEEL_FLEET_COMMAND(keel_fleet_do_key_roll);
KEEL_FLEET_COMMAND(keel_fleet_do_serve);
KEEL_FLEET_COMMAND(keel_fleet_do_mail);
KEEL_FLEET_COMMAND(keel_fleet_do_enrol);
KEEL_FLEET_COMMAND(keel_fleet_do_product_add);
KEEL_FLEET_COMMAND(keel_fleet_do_products);
KEEL_FLEET_COMMAND(keel_fleet_do_revoke);
KEEL_FLEET_COMMAND(keel_fleet_do_reinstate);
KEEL_FLEET_COMMAND(keel_fleet_do_units);
KEEL_FLEET_COMMAND(keel_fleet_do_odd);
KEEL_FLEET_COMMAND(keel_fleet_do_notice);
KEEL_FLEET_COMMAND(keel_fleet_do_operators);
KEEL_FLEET_COMMAND(keel_fleet_do_operator_add);
KEEL_FLEET_COMMAND(keel_fleet_do_operator_remove);
KEEL_FLEET_COMMAND(keel_fleet_do_audit);
KEEL_FLEET_COMMAND(keel_fleet_do_audit_verify);
KEEL_FLEET_COMMAND(keel_fleet_do_backup);
KEEL_FLEET_COMMAND(keel_fleet_do_restore);

/** DIR/name; a path that is cut would be another one. */
KEEL_CHECKED enum keel_err keel_fleet_path(
	const char *dir, const char *name, char out[KEEL_FLEET_PATH_MAX], struct keel_fault *fault);
struct keel_fleet_config;
/** config.yaml of the folder. KEEL_ENONE: there is none. KEEL_ERANGE: it says what cannot be. */
KEEL_CHECKED enum keel_err keel_fleet_config_load(
	const char *dir, struct keel_fleet_config *out, struct keel_fault *fault);
/** Where the database goes. */
KEEL_CHECKED enum keel_err keel_fleet_make_data(const char *dir, struct keel_fault *fault);
/** The database of a folder that `init` made. KEEL_ENONE: it made none here. */
KEEL_CHECKED enum keel_err keel_fleet_open(
	const struct keel_fleet_ask *ask, struct keel_fleet_store **out, struct keel_fault *fault);
void keel_fleet_close(struct keel_fleet_store **s);

#endif
