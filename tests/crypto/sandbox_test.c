/*
 * After keel_crypto_warm nothing here opens a file, loads a library or makes a thread: everything
 * runs under a filter that knows memory, getrandom and little else, and kills for the rest.
 */
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "crypto/purpose.h"

static const int allowed[] = {
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(futex),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(write),
	SCMP_SYS(exit_group),
};

/* True where the filter holds from here on. */
static bool confine(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (ctx == NULL)
		return false;
	int failed = 0;
	for (size_t i = 0; i < KEEL_COUNT(allowed); i++)
		failed |= seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	failed |= seccomp_load(ctx);
	seccomp_release(ctx);
	return failed == 0;
}

/* Every function of crypto.h once more, and COSE on top. */
static bool use_everything(void)
{
	struct keel_p256_key a, b;
	struct keel_key shared;
	struct keel_digest digest;
	uint8_t buf[600], out[600], signature[KEEL_SIGNATURE_LEN];
	struct keel_bytes all, plain;
	keel_p256_generate(&a);
	keel_p256_generate(&b);
	bool good = keel_p256_agree(&a, &b.pub, &shared) == KEEL_OK;
	keel_sha256(&KEEL_VIEW(shared.b), 1, &digest);
	keel_p256_sign(&a, &digest, signature);
	good &= keel_p256_verify(&a.pub, &digest, KEEL_VIEW(signature)) == KEEL_OK;
	good &= keel_p256_verify(&b.pub, &digest, KEEL_VIEW(signature)) == KEEL_EAUTH;
	keel_pbkdf2(KEEL_VIEW(digest.b), KEEL_VIEW(digest.b), 10, &shared);
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	good &= keel_cose_seal_to(&b.pub, KEEL_VIEW(digest.b), keel_text("text"), &w) == KEEL_OK;
	const struct keel_agreer own = keel_agreer_of(&b);
	good &= keel_wr_end(&w, &all) == KEEL_OK &&
		keel_cose_open_from(&own, all, out, &plain) == KEEL_OK;
	for (enum keel_aead x = KEEL_AES_GCM_256; x <= KEEL_AES_CCM_16_128_128; x++) {
		struct keel_bytes key = { shared.b, keel_aead_key_len(x) };
		struct keel_bytes nonce = { digest.b, keel_aead_nonce_len(x) };
		struct keel_bytes box = { buf, 100 + keel_aead_tag_len(x) };
		struct keel_bytes in = { buf, 100 };
		good &= keel_aead_seal(x, key, nonce, key, in, buf) == KEEL_OK;
		buf[0] ^= 1;
		good &= keel_aead_open(x, key, nonce, key, box, out) == KEEL_EAUTH;
	}
	return good;
}

/* How a child ends: 0 all done, 1 something failed, else the signal that the filter sent. */
static int run_confined(bool (*work)(void))
{
	pid_t child = fork();
	if (child == 0) {
		keel_crypto_warm();
		_exit(confine() && work() ? 0 : 1);
	}
	int status = 0;
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
}

static bool open_a_file(void)
{
	return access("/etc/ssl/openssl.cnf", R_OK) == 0;
}

static void a_warm_room_needs_no_file_afterwards(void)
{
	CHECK(run_confined(use_everything) == 0);
}

/* That the filter bites, or the test above would prove nothing. */
static void a_file_would_have_been_noticed(void)
{
	CHECK(run_confined(open_a_file) == SIGSYS);
}

TEST_MAIN(TEST(a_warm_room_needs_no_file_afterwards), TEST(a_file_would_have_been_noticed))
