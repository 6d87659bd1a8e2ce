/* The service's folder, as every command finds it. */
#include <stdio.h>
#include <unistd.h>

#include "cli/files.h"
#include "fleet/command.h"
#include "fleet/config.h"

enum keel_err keel_fleet_path(
	const char *dir, const char *name, char out[KEEL_FLEET_PATH_MAX], struct keel_fault *fault)
{
	int n = snprintf(out, KEEL_FLEET_PATH_MAX, "%s/%s", dir, name);
	return n > 0 && n < KEEL_FLEET_PATH_MAX
		       ? KEEL_OK
		       : keel_fault_fill(fault, KEEL_EFULL, "the folder's path is too long",
				 "move the service's folder to a shorter one");
}

enum keel_err keel_fleet_make_data(const char *dir, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	enum keel_err e = keel_fleet_path(dir, KEEL_FLEET_DATA, path, fault);
	return e == KEEL_OK ? keel_folder_make(path, fault) : e;
}

enum keel_err keel_fleet_config_load(
	const char *dir, struct keel_fleet_config *out, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	char text[16384];
	struct keel_bytes content;
	enum keel_err e = keel_fleet_path(dir, "config.yaml", path, fault);
	if (e == KEEL_OK)
		e = keel_file_read(path, text, sizeof(text), &content, fault);
	if (e == KEEL_ENONE)
		(void)snprintf(fault->next, sizeof(fault->next),
			"make a folder for the service: keel-fleet init DIR --origin URL");
	if (e != KEEL_OK)
		return e;
	e = keel_fleet_config_read(content, out, fault);
	return e == KEEL_EFORM ? KEEL_ERANGE : e;
}

enum keel_err keel_fleet_open(
	const struct keel_fleet_ask *ask, struct keel_fleet_store **out, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	enum keel_err e = keel_fleet_path(ask->dir, KEEL_FLEET_DATABASE, path, fault);
	if (e == KEEL_OK && access(path, F_OK) != 0)
		return keel_fault_format(fault, KEEL_ENONE,
			"name the folder of the service, or make one: keel-fleet init DIR --origin "
			"URL",
			"%.120s is no folder of a service", ask->dir);
	return e == KEEL_OK ? keel_fleet_store_open(path, NULL, out, fault) : e;
}

void keel_fleet_close(struct keel_fleet_store **s)
{
	keel_fleet_store_close(*s);
}
