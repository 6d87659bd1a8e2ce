/* config.yaml of the service, the keys in its folder, and what the signer signs. */
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "fleet/config.h"
#include "fleet/keys.h"
#include "fleet/signer.h"
#include "fleet/walls.h"

#define NOW 1795852800
#define DAY 86400

/* --- config.yaml --- */

static void what_init_writes_is_read_back(void)
{
	char text[16384];
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	struct keel_bytes file;
	struct keel_fleet_config c;
	struct keel_fault f;
	CHECK(keel_fleet_config_write("https://fleet.example:8450", &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &file) == KEEL_OK);
	CHECK(keel_fleet_config_read(file, &c, &f) == KEEL_OK);
	CHECK(strcmp(c.origin, "https://fleet.example:8450") == 0 && c.app_origin[0] == '\0');
	CHECK(c.port == 8450 && c.connections == 12000 && strcmp(c.address, "::") == 0);
	CHECK(c.issued == 0 && c.batch[0] == '\0');
	CHECK(strcmp(c.certificate, "tls.crt") == 0 && strcmp(c.key, "tls.key") == 0);
}

static void what_is_not_there_has_its_preset(void)
{
	struct keel_fleet_config c;
	struct keel_fault f;
	CHECK(keel_fleet_config_read(keel_text("origin: https://a.example\nport: 9\n"), &c, &f) ==
		KEEL_OK);
	CHECK(c.port == 9 && c.connections == 12000 && strcmp(c.key, "tls.key") == 0);
}

/* clang-format off */
static const struct {
	const char *file, *what;
} wrong[] = {
	{ "",                                             "config.yaml:1:1" },
	{ "port: 1\n",                                    "names no origin" },
	{ "origin: http://a.example\n",                   "config.yaml:1:9: origin" },
	{ "origin: https://a.example/\n",                 "origin" },
	{ "origin: https://A.example\n",                  "origin" },
	{ "origin: https://\n",                           "origin" },
	{ "origin: \"https://a.example\\r\\nX: y\"\n",    "origin" },
	{ "origin: https://a.example\nport: 65536\n",     "config.yaml:2:7: port" },
	{ "origin: https://a.example\nport: -1\n",        "port" },
	{ "origin: https://a.example\nport: 08\n",        "port" },
	{ "origin: https://a.example\nconnections: 0\n",  "connections" },
	{ "origin: https://a.example\nport: [1]\n",       "port" },
	{ "origin: https://a.example\nprot: 1\n",         "config.yaml:2:1: there is no prot" },
	{ "origin: https://a.example\nkey: \"\"\n",       "key" },
	{ "origin: https://a.example\nstatement_date: 2026-02-30\n", "statement_date" },
	{ "- origin\n",                                   "no mapping" },
	{ "origin: [\n",                                  "config.yaml" },
};
/* clang-format on */

static void a_wrong_value_is_told_with_its_place(void)
{
	for (size_t i = 0; i < KEEL_COUNT(wrong); i++) {
		struct keel_fleet_config c = { .port = 7 };
		struct keel_fault f = { 0 };
		CHECK_ROW(keel_fleet_config_read(keel_text(wrong[i].file), &c, &f) == KEEL_EFORM,
			wrong[i].file);
		CHECK_ROW(strstr(f.what, wrong[i].what) != NULL && f.next[0] != '\0', f.what);
		CHECK_ROW(c.port == 7, wrong[i].file);
	}
}

/* --- keys --- */

static char dir[64];

static int rm_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void make_dir(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/keel-fleet-keys-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
}

static void drop_dir(void)
{
	(void)nftw(dir, rm_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void spoil(const char *name, size_t at)
{
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "r+");
	CHECK(f != NULL && fseek(f, (long)at, SEEK_SET) == 0);
	int c = fgetc(f);
	CHECK(fseek(f, (long)at, SEEK_SET) == 0 && fputc(c ^ 1, f) != EOF);
	(void)fclose(f);
}

static struct keel_fleet_keys keys, again;
static struct keel_fault fault;

static void a_key_is_made_once_and_loaded_as_it_was_made(void)
{
	make_dir();
	CHECK(keel_fleet_keys_make(dir, NOW, &keys, &fault) == KEEL_OK && keys.count == 1);
	CHECK(keel_fleet_keys_make(dir, NOW, &again, &fault) == KEEL_ESTATE);
	CHECK(keel_fleet_keys_load(dir, NOW + 5, &again, &fault) == KEEL_OK);
	CHECK(memcmp(again.all[0].st, keys.all[0].st, sizeof(keys.all[0].st)) == 0);
	CHECK(memcmp(&again.all[0].agree, &keys.all[0].agree, sizeof(keys.all[0].agree)) == 0);
	CHECK(memcmp(&again.root, &keys.root, sizeof(keys.root)) == 0);
	CHECK(again.all[0].pub.until == NOW + (int64_t)KEEL_FLEET_KEY_DAYS * DAY);
	keel_fleet_keys_clear(&keys);
	keel_fleet_keys_clear(&again);
	drop_dir();
}

/* The one before is known as long as its voucher lasts; who has none that lasts does not serve. */
static void keys_roll_over_with_overlap(void)
{
	const int64_t later = NOW + 390 * DAY;
	make_dir();
	CHECK(keel_fleet_keys_make(dir, NOW, &keys, &fault) == KEEL_OK);
	CHECK(keel_fleet_keys_roll(dir, later, &again, &fault) == KEEL_OK && again.count == 2);
	CHECK(again.all[0].number == 2 && again.all[1].number == 1);
	CHECK(keel_fleet_key_of(&again, keys.all[0].st) == &again.all[1]);
	keel_fleet_keys_clear(&keys);
	keel_fleet_keys_clear(&again);
	CHECK(keel_fleet_keys_load(dir, NOW + 401 * DAY, &again, &fault) == KEEL_OK);
	CHECK(again.count == 1 && again.all[0].number == 2);
	keel_fleet_keys_clear(&again);
	CHECK(keel_fleet_keys_load(dir, later + 401 * DAY, &again, &fault) == KEEL_ESTALE);
	CHECK(strstr(fault.next, "key roll") != NULL);
	drop_dir();
}

static void what_does_not_belong_together_is_not_loaded(void)
{
	static const struct {
		const char *name;
		size_t at;
	} rows[] = { { "keys/root.pub", 9 }, { "keys/1/voucher.cbor", 80 },
		{ "keys/1/agree.pem", 70 } };
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		make_dir();
		CHECK(keel_fleet_keys_make(dir, NOW, &keys, &fault) == KEEL_OK);
		keel_fleet_keys_clear(&keys);
		spoil(rows[i].name, rows[i].at);
		CHECK_ROW(
			keel_fleet_keys_load(dir, NOW, &keys, &fault) == KEEL_EFORM, rows[i].name);
		CHECK(fault.next[0] != '\0');
		drop_dir();
	}
}

static void keys_are_readable_by_their_user_only(void)
{
	static const char *const names[] = { "root.pem", "1/sign.pem", "1/agree.pem", "1/nonce" };
	make_dir();
	CHECK(keel_fleet_keys_make(dir, NOW, &keys, &fault) == KEEL_OK);
	for (size_t i = 0; i < KEEL_COUNT(names); i++) {
		char path[128];
		struct stat st;
		(void)snprintf(path, sizeof(path), "%s/keys/%s", dir, names[i]);
		CHECK_ROW(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, names[i]);
	}
	keel_fleet_keys_clear(&keys);
	drop_dir();
}

/* --- the signer --- */

#define ORIGIN "https://fleet.example"

static struct keel_token claims(const char *issuer, const char *audience, int64_t from, int64_t s)
{
	return (struct keel_token){ .issuer = keel_text(issuer),
		.audience = keel_text(audience),
		.issued = from,
		.expires = from + s };
}

/* EN 303 645 5.4-1: a worker that was taken over gets no token that outlives it by more than this. */
static void prov_5_4_1_the_signer_signs_only_what_a_session_needs(void)
{
	static const struct {
		const char *why, *issuer, *audience;
		int64_t from, for_s;
		enum keel_err e;
	} rows[] = {
		{ "as it should be", ORIGIN, ORIGIN, NOW, KEEL_TOKEN_TTL_S, KEEL_OK },
		{ "a clock that goes a little before", ORIGIN, ORIGIN, NOW + 5, 900, KEEL_OK },
		{ "a second too long", ORIGIN, ORIGIN, NOW, KEEL_TOKEN_TTL_S + 1, KEEL_ERANGE },
		{ "for ever", ORIGIN, ORIGIN, NOW, INT64_MAX - NOW, KEEL_ERANGE },
		{ "for later", ORIGIN, ORIGIN, NOW + 6, 900, KEEL_ERANGE },
		{ "for earlier", ORIGIN, ORIGIN, NOW - 6, 900, KEEL_ERANGE },
		{ "from the beginning of time", ORIGIN, ORIGIN, INT64_MIN, 900, KEEL_ERANGE },
		{ "another issuer", "https://other.example", ORIGIN, NOW, 900, KEEL_ERANGE },
		{ "another audience", ORIGIN, "https://other.example", NOW, 900, KEEL_ERANGE },
		{ "no audience", ORIGIN, "", NOW, 900, KEEL_ERANGE },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_token t =
			claims(rows[i].issuer, rows[i].audience, rows[i].from, rows[i].for_s);
		CHECK_ROW(keel_fleet_signer_check(&t, keel_text(ORIGIN), NOW) == rows[i].e,
			rows[i].why);
	}
}

/* --- the walls --- */

/* A process that was walled in tries: gives what it could open, 4: a socket; 64 and more: how it ended. */
static int tried(void (*wall)(void))
{
	char path[128];
	int status;
	pid_t child = fork();
	if (child == 0) {
		int seen = 0;
		wall();
		(void)snprintf(path, sizeof(path), "%s/data/x", dir);
		seen |= open(path, O_RDWR | O_CLOEXEC) >= 0 ? 1 : 0;
		(void)snprintf(path, sizeof(path), "%s/keys/1/sign.pem", dir);
		seen |= open(path, O_RDONLY | O_CLOEXEC) >= 0 ? 2 : 0;
		seen |= socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 4 : 0;
		_exit(seen);
	}
	CHECK(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 64 + WTERMSIG(status);
}

static void no_wall(void)
{
}

static void worker_files(void)
{
	char data[128];
	(void)snprintf(data, sizeof(data), "%s/data", dir);
	keel_fleet_wall_files(data, 64);
}

static void signer_files(void)
{
	keel_fleet_wall_files(NULL, 64);
}

static void worker_all(void)
{
	worker_files();
	keel_fleet_wall_calls(KEEL_FLEET_WORKER);
}

/* EN 303 645 5.6-7: the worker reaches its database and not the signer's key; and no network of its own making. */
static void prov_5_6_7_the_worker_opens_its_database_alone(void)
{
	char path[128];
	make_dir();
	CHECK(keel_fleet_keys_make(dir, NOW, &keys, &fault) == KEEL_OK);
	keel_fleet_keys_clear(&keys);
	(void)snprintf(path, sizeof(path), "%s/data", dir);
	CHECK(mkdir(path, 0700) == 0);
	(void)snprintf(path, sizeof(path), "%s/data/x", dir);
	CHECK(creat(path, 0600) >= 0);
	bool landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, 1u) >= 1;
	CHECK(tried(no_wall) == 7);
	CHECK(tried(worker_files) == (landlock ? 5 : 7));
	CHECK(tried(signer_files) == (landlock ? 4 : 7));
	CHECK(tried(worker_all) == 64 + SIGSYS);
	drop_dir();
}

TEST_MAIN(TEST(what_init_writes_is_read_back), TEST(what_is_not_there_has_its_preset),
	TEST(a_wrong_value_is_told_with_its_place),
	TEST(a_key_is_made_once_and_loaded_as_it_was_made), TEST(keys_roll_over_with_overlap),
	TEST(what_does_not_belong_together_is_not_loaded),
	TEST(keys_are_readable_by_their_user_only),
	TEST(prov_5_4_1_the_signer_signs_only_what_a_session_needs),
	TEST(prov_5_6_7_the_worker_opens_its_database_alone))
