/*
 * Store and keepers behind the room's real walls: opened before they go up, used after. A call that
 * the filter does not know would answer ENOSYS, a dangerous one end the process, and a file outside
 * the folder (a temporary one, /dev/urandom) would not open.
 */
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "device/filter.h"
#include "device/landlock.h"
#include "device/rooms.h"
#include "device/vault/identity.h"
#include "device/vault/swtpm.h"

#define ITEMS 2000 /* more than SQLite's cache would keep, and a checkpoint or two */

static int stage(int number, bool good)
{
	return good ? 0 : number;
}

static bool walls(const char *dir)
{
	const struct keel_granted mine = { dir, GRANT_READ | GRANT_WRITE };
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       keel_landlock(&mine, 1, NULL, 0) > 0 && keel_filter(MAY_FILES);
}

static bool fill(struct keel_store *s)
{
	static const uint8_t value[KEEL_DATUM_MAX];
	for (int i = 0; i < ITEMS; i++) {
		struct keel_bytes v = { value, i % 10 == 0 ? sizeof(value) : 40 };
		if (i % 100 == 0 && keel_store_begin(s) != KEEL_OK)
			return false;
		if (keel_datum_add(s, i % 2 == 0 ? "home" : "person", "d", i, v) != KEEL_OK)
			return false;
		if (i % 100 == 99 && keel_store_commit(s) != KEEL_OK)
			return false;
	}
	return true;
}

static bool erase(struct keel_store *s)
{
	uint64_t count = 0;
	int64_t oldest = 0;
	return keel_store_begin(s) == KEEL_OK && keel_datum_prune(s, "home", "d", 900) == KEEL_OK &&
	       keel_compartment_delete(s, "person") == KEEL_OK &&
	       keel_store_commit_renew(s) == KEEL_OK &&
	       keel_datum_count(s, "home", "d", &count, &oldest) == KEEL_OK &&
	       count == (ITEMS - 900) / 2 && oldest == 900;
}

static bool signs_and_agrees(const struct keel_identity *d)
{
	struct keel_p256_key peer;
	struct keel_key shared;
	struct keel_digest digest = { { 1 } };
	uint8_t signature[KEEL_SIGNATURE_LEN];
	keel_p256_generate(&peer);
	return d->signer.sign(d->signer.self, &digest, signature) == KEEL_OK &&
	       keel_p256_verify(&d->sign, &digest, KEEL_VIEW(signature)) == KEEL_OK &&
	       d->agreer.agree(d->agreer.self, &peer.pub, &shared) == KEEL_OK;
}

/* Gives the number of the stage that failed, for the exit status. */
static int life(const char *dir, int tpm)
{
	struct keel_keeper *k = NULL;
	struct keel_store *s = NULL;
	struct keel_identity d;
	struct keel_fault f;
	keel_crypto_warm();
	int bad = stage(1, (tpm >= 0 ? keel_keeper_tpm(tpm, &k, &f)
				     : keel_keeper_file(dir, &k, &f)) == KEEL_OK);
	bad = bad != 0 ? bad
		       : stage(2, keel_store_open(dir, NULL, keel_keeper_root(k), &s, &f) ==
					  KEEL_OK);
	bad = bad != 0 ? bad : stage(3, walls(dir));
	bad = bad != 0 ? bad : stage(4, keel_store_begin(s) == KEEL_OK);
	bad = bad != 0 ? bad : stage(5, keel_identity_make(k, s, &d, &f) == KEEL_OK);
	bad = bad != 0 ? bad : stage(6, keel_store_commit(s) == KEEL_OK);
	bad = bad != 0 ? bad : stage(7, signs_and_agrees(&d));
	bad = bad != 0 ? bad : stage(8, fill(s));
	bad = bad != 0 ? bad : stage(9, erase(s));
	bad = bad != 0 ? bad : stage(10, keel_identity_load(k, s, &d, &f) == KEEL_OK);
	keel_store_close(s); /* opening again works behind the walls, too */
	s = NULL;
	bad = bad != 0 ? bad
		       : stage(11, keel_store_open(dir, NULL, keel_keeper_root(k), &s, &f) ==
					   KEEL_OK);
	bad = bad != 0 ? bad
		       : stage(12, access("/etc/passwd", R_OK) == 0 &&
					   fopen("/etc/passwd", "r") == NULL);
	keel_store_close(s);
	keel_keeper_close(k);
	return bad;
}

static int in_a_process(const char *dir, int tpm)
{
	int status = -1;
	pid_t child = fork();
	if (child == 0)
		_exit(life(dir, tpm));
	CHECK(waitpid(child, &status, 0) == child);
	return status;
}

static void run(const struct swtpm *tpm)
{
	char dir[] = "/tmp/keel-walls-XXXXXX";
	char line[64];
	CHECK(mkdtemp(dir) != NULL);
	int status = in_a_process(dir, tpm != NULL ? swtpm_connect(tpm) : -1);
	if (status != 0)
		(void)fprintf(
			stderr, "  stage %d, signal %d\n", WEXITSTATUS(status), WTERMSIG(status));
	CHECK(status == 0);
	(void)snprintf(line, sizeof(line), "rm -rf %s", dir);
	CHECK(system(line) == 0);
}

static void the_store_lives_behind_the_walls_with_a_file(void)
{
	run(NULL);
}

static void the_store_lives_behind_the_walls_with_a_tpm(void)
{
	struct swtpm t;
	CHECK(swtpm_new(&t));
	run(&t);
	swtpm_free(&t);
}

TEST_MAIN(TEST(the_store_lives_behind_the_walls_with_a_file),
	TEST(the_store_lives_behind_the_walls_with_a_tpm))
