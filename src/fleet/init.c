/* keel-fleet init, key roll. */
#include <stdio.h>
#include <unistd.h>

#include "cli/files.h"
#include "cli/show.h"
#include "fleet/command.h"
#include "fleet/config.h"
#include "fleet/judge/policy.h"
#include "fleet/keys.h"

/* What w holds, as a file of the folder. */
static enum keel_err write_file(const struct keel_fleet_ask *ask, const char *name,
	const struct keel_wr *w, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	struct keel_bytes content = { 0 };
	KEEL_MUST(keel_wr_end(w, &content) == KEEL_OK);
	enum keel_err e = keel_fleet_path(ask->dir, name, path, fault);
	return e == KEEL_OK ? keel_file_write(path, content, 0600, fault) : e;
}

/* Both say what holds anyway, with a comment to each line, so that a maker finds what to change. */
static enum keel_err write_files(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	char text[16384];
	struct keel_wr config = keel_wr_of(text, sizeof(text));
	enum keel_err e = keel_fleet_config_write(ask->origin, &config);
	if (e == KEEL_OK)
		e = write_file(ask, "config.yaml", &config, fault);
	struct keel_wr policy = keel_wr_of(text, sizeof(text));
	keel_policy_sample(&policy);
	return e == KEEL_OK ? write_file(ask, "policy.yaml", &policy, fault) : e;
}

static enum keel_err make_database(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = keel_fleet_path(ask->dir, KEEL_FLEET_DATABASE, path, fault);
	if (e == KEEL_OK)
		e = keel_fleet_make_data(ask->dir, fault);
	return e == KEEL_OK ? keel_fleet_store_open(path, NULL, &s, fault) : e;
}

static void say_next(const struct keel_fleet_ask *ask, const struct keel_fleet_keys *keys)
{
	if (ask->json) {
		(void)printf("{\"origin\":\"%s\",\"key\":\"", ask->origin);
		keel_show_hex(stdout, KEEL_VIEW(keys->root.xy));
		(void)printf("\"}\n");
		return;
	}
	(void)printf("%s is the folder of a service now. Its declarations name it so:\n\n"
		     "service: {url: %s, trust: maker, key: ",
		ask->dir, ask->origin);
	keel_show_hex(stdout, KEEL_VIEW(keys->root.xy));
	(void)printf(
		"}\n\nNext:\n"
		"  - keep %s/keys/root.pem where only you come; key roll needs it once a year\n"
		"  - put the certificate and its key into %s/tls.crt and %s/tls.key\n"
		"  - keel-fleet product add %s product.cbor; keel-fleet enrol %s units.csv\n"
		"  - keel-fleet serve %s\n",
		ask->dir, ask->dir, ask->dir, ask->dir, ask->dir, ask->dir);
}

enum keel_err keel_fleet_do_init(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	static struct keel_fleet_keys keys;
	enum keel_err e = keel_folder_make(ask->dir, fault);
	if (e == KEEL_OK)
		e = keel_fleet_keys_make(ask->dir, ask->now_s, &keys, fault);
	if (e == KEEL_OK)
		e = make_database(ask, fault);
	if (e == KEEL_OK)
		e = write_files(ask, fault);
	if (e == KEEL_OK)
		say_next(ask, &keys);
	keel_fleet_keys_clear(&keys);
	return e;
}

enum keel_err keel_fleet_do_key_roll(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	static struct keel_fleet_keys keys;
	enum keel_err e = keel_fleet_keys_roll(ask->dir, ask->now_s, &keys, fault);
	if (e == KEEL_OK && !ask->json)
		(void)printf(
			"keys/%u is the key that the service works with from its next start on; "
			"tokens by the\nlast one are known until they end. Take keys/root.pem "
			"away again.\n",
			keys.all[0].number);
	keel_fleet_keys_clear(&keys);
	return e;
}
