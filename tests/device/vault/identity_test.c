/* D and the root, with either keeper; the TPM is swtpm. */
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "device/vault/identity.h"
#include "device/vault/swtpm.h"

struct unit {
	char dir[32];
	struct swtpm tpm;
	bool with_tpm;
	struct keel_keeper *keeper;
	struct keel_store *store;
	struct keel_identity d;
	struct keel_fault fault;
};

__attribute__((format(printf, 1, 2))) static void sh(const char *format, ...)
{
	char line[256];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	CHECK(system(line) == 0);
}

static enum keel_err keeper_open(struct unit *u)
{
	u->keeper = NULL;
	return u->with_tpm ? keel_keeper_tpm(swtpm_connect(&u->tpm), &u->keeper, &u->fault)
			   : keel_keeper_file(u->dir, &u->keeper, &u->fault);
}

static enum keel_err unit_open(struct unit *u)
{
	u->store = NULL;
	enum keel_err e = keeper_open(u);
	return e == KEEL_OK ? keel_store_open(u->dir, NULL, keel_keeper_root(u->keeper), &u->store,
				      &u->fault)
			    : e;
}

static void unit_close(struct unit *u)
{
	keel_store_close(u->store);
	keel_keeper_close(u->keeper);
	u->store = NULL;
	u->keeper = NULL;
}

static void unit_new(struct unit *u, bool with_tpm)
{
	*u = (struct unit){ .dir = "/tmp/keel-unit-XXXXXX", .with_tpm = with_tpm };
	CHECK(mkdtemp(u->dir) != NULL);
	CHECK(!with_tpm || swtpm_new(&u->tpm));
	CHECK(unit_open(u) == KEEL_OK);
}

static void unit_make(struct unit *u)
{
	CHECK(keel_store_begin(u->store) == KEEL_OK);
	CHECK(keel_identity_make(u->keeper, u->store, &u->d, &u->fault) == KEEL_OK);
	CHECK(keel_store_commit(u->store) == KEEL_OK);
}

static void unit_end(struct unit *u)
{
	unit_close(u);
	sh("rm -rf %s", u->dir);
	if (u->with_tpm)
		swtpm_free(&u->tpm);
}

static struct keel_digest digest_of(const char *text)
{
	struct keel_digest d;
	struct keel_bytes part = keel_text(text);
	keel_sha256(&part, 1, &d);
	return d;
}

static bool signs(const struct keel_identity *d)
{
	uint8_t signature[KEEL_SIGNATURE_LEN];
	struct keel_digest digest = digest_of("statement");
	struct keel_digest other = digest_of("other");
	return d->signer.sign(d->signer.self, &digest, signature) == KEEL_OK &&
	       keel_p256_verify(&d->sign, &digest, KEEL_VIEW(signature)) == KEEL_OK &&
	       keel_p256_verify(&d->sign, &other, KEEL_VIEW(signature)) == KEEL_EAUTH &&
	       keel_p256_verify(&d->agree, &digest, KEEL_VIEW(signature)) == KEEL_EAUTH;
}

static bool agrees(const struct keel_identity *d)
{
	struct keel_p256_key peer;
	struct keel_key ours = { 0 };
	struct keel_key theirs = { { 1 } };
	keel_p256_generate(&peer);
	return d->agreer.agree(d->agreer.self, &peer.pub, &ours) == KEEL_OK &&
	       keel_p256_agree(&peer, &d->agree, &theirs) == KEEL_OK &&
	       memcmp(ours.b, theirs.b, sizeof(ours.b)) == 0;
}

/* Of a PCR that nobody extended: its log is empty. */
static bool quotes(const struct keel_identity *d)
{
	uint8_t buf[KEEL_ATTEST_MAX], signature[KEEL_SIGNATURE_LEN];
	struct keel_digest asked = digest_of("asked"), other = digest_of("other");
	struct keel_quote q = { .signature = KEEL_VIEW(signature) };
	return d->quoter.quote(d->quoter.self, &asked, buf, &q.attest, signature) == KEEL_OK &&
	       keel_quote_verify(&q, &asked, &d->quoter.pub) == KEEL_OK &&
	       keel_quote_verify(&q, &other, &d->quoter.pub) == KEEL_ESTALE &&
	       keel_quote_verify(&q, &asked, &d->sign) == KEEL_EAUTH;
}

/* EN 303 645 5.7-1: the key that quotes comes back as itself, beside both of D in a TPM that holds three. */
static void prov_5_7_1_the_tpm_quotes_by_the_same_key_at_each_start(void)
{
	struct keel_p256_pub before;
	struct unit u;
	unit_new(&u, true);
	unit_make(&u);
	before = u.d.quoter.pub;
	for (int i = 0; i < 3; i++)
		CHECK(quotes(&u.d) && signs(&u.d) && agrees(&u.d));
	unit_close(&u);
	CHECK(unit_open(&u) == KEEL_OK);
	CHECK(keel_identity_load(u.keeper, u.store, &u.d, &u.fault) == KEEL_OK);
	CHECK(memcmp(&before, &u.d.quoter.pub, sizeof(before)) == 0 && quotes(&u.d));
	/* The parent of its keys was put away meanwhile. */
	CHECK(keel_identity_load(u.keeper, u.store, &u.d, &u.fault) == KEEL_OK);
	CHECK(quotes(&u.d) && signs(&u.d));
	unit_end(&u);
}

static void a_file_quotes_nothing(void)
{
	struct unit u;
	unit_new(&u, false);
	unit_make(&u);
	CHECK(u.d.quoter.quote == NULL);
	unit_end(&u);
}

static void identity_comes_back(bool with_tpm)
{
	uint8_t thumbprint[KEEL_THUMBPRINT_LEN];
	struct unit u;
	unit_new(&u, with_tpm);
	CHECK(keel_identity_load(u.keeper, u.store, &u.d, &u.fault) == KEEL_ENONE);
	CHECK(strstr(u.fault.next, "provision") != NULL);
	unit_make(&u);
	CHECK(strcmp(keel_keeper_word(u.keeper), with_tpm ? "tpm" : "file") == 0);
	CHECK(keel_store_destroys(u.store) == with_tpm);
	CHECK(signs(&u.d) && agrees(&u.d));
	keel_thumbprint(&u.d.sign, &u.d.agree, thumbprint);
	CHECK(memcmp(thumbprint, u.d.thumbprint, sizeof(thumbprint)) == 0);
	unit_close(&u);
	memset(&u.d, 0, sizeof(u.d));
	CHECK(unit_open(&u) == KEEL_OK);
	CHECK(keel_identity_load(u.keeper, u.store, &u.d, &u.fault) == KEEL_OK);
	CHECK(memcmp(thumbprint, u.d.thumbprint, sizeof(thumbprint)) == 0);
	CHECK(signs(&u.d) && agrees(&u.d));
	unit_end(&u);
}

static void the_identity_comes_back_from_a_file(void)
{
	identity_comes_back(false);
}

static void prov_5_4_1_the_identity_comes_back_from_the_tpm(void)
{
	identity_comes_back(true);
}

/* Many, so that coordinates with leading zeros are among them (one in 128). */
static void tpm_and_software_agree_every_time(void)
{
	struct unit u;
	unit_new(&u, true);
	unit_make(&u);
	for (int i = 0; i < 300 && check_failures == 0; i++)
		CHECK(signs(&u.d) && agrees(&u.d));
	unit_end(&u);
}

static void a_point_off_the_curve_is_refused(bool with_tpm)
{
	struct keel_p256_pub bad = { { 1, 2, 3 } };
	struct keel_key out = { { 7 } };
	struct unit u;
	unit_new(&u, with_tpm);
	unit_make(&u);
	CHECK(u.d.agreer.agree(u.d.agreer.self, &bad, &out) == KEEL_EAUTH && out.b[0] == 7);
	CHECK(agrees(&u.d));
	unit_end(&u);
}

static void both_keepers_refuse_a_point_off_the_curve(void)
{
	a_point_off_the_curve_is_refused(false);
	a_point_off_the_curve_is_refused(true);
}

static void another_keeper_is_told_so(void)
{
	struct keel_keeper *file = NULL;
	struct unit u;
	unit_new(&u, true);
	unit_make(&u);
	CHECK(keel_keeper_file(u.dir, &file, &u.fault) == KEEL_OK);
	CHECK(keel_identity_load(file, u.store, &u.d, &u.fault) == KEEL_ESTATE);
	CHECK(strstr(u.fault.what, "another keeper") != NULL);
	keel_keeper_close(file);
	unit_end(&u);
}

static void add(struct unit *u, const char *compartment, const char *value)
{
	CHECK(keel_store_begin(u->store) == KEEL_OK);
	CHECK(keel_datum_add(u->store, compartment, "presence", 1, keel_text(value)) == KEEL_OK);
	CHECK(keel_store_commit(u->store) == KEEL_OK);
}

static uint64_t items(struct unit *u, const char *compartment)
{
	uint64_t count = UINT64_MAX;
	int64_t oldest = 0;
	CHECK(keel_datum_count(u->store, compartment, "presence", &count, &oldest) == KEEL_OK);
	return count;
}

/* EN 303 645 5.11-1 with the real thing: the folder is copied, the TPM is not. */
static void prov_5_11_1_a_copy_of_the_folder_is_worthless_after_a_deletion(void)
{
	struct unit u;
	unit_new(&u, true);
	unit_make(&u);
	add(&u, "person", "was at home");
	add(&u, "home", "21");
	sh("cp -a %1$s %1$s.copy", u.dir);
	CHECK(keel_store_begin(u.store) == KEEL_OK);
	CHECK(keel_compartment_delete(u.store, "person") == KEEL_OK);
	CHECK(keel_store_commit_renew(u.store) == KEEL_OK);
	unit_close(&u);
	sh("mv %1$s %1$s.now && cp -a %1$s.copy %1$s", u.dir);
	CHECK(unit_open(&u) == KEEL_ESTALE);
	CHECK(strstr(u.fault.what, "older copy") != NULL);
	unit_close(&u);
	sh("rm -rf %1$s %1$s.copy && mv %1$s.now %1$s", u.dir);
	CHECK(unit_open(&u) == KEEL_OK);
	CHECK(keel_store_generation(u.store) == 2);
	CHECK(items(&u, "person") == 0 && items(&u, "home") == 1);
	CHECK(keel_identity_load(u.keeper, u.store, &u.d, &u.fault) == KEEL_OK && signs(&u.d));
	unit_end(&u);
}

static void another_tpm_opens_nothing(void)
{
	struct swtpm other;
	struct unit u;
	unit_new(&u, true);
	unit_make(&u);
	unit_close(&u);
	struct swtpm own = u.tpm;
	CHECK(swtpm_new(&other));
	u.tpm = other;
	CHECK(unit_open(&u) == KEEL_EAUTH);
	unit_close(&u);
	swtpm_free(&other);
	u.tpm = own;
	CHECK(unit_open(&u) == KEEL_OK);
	unit_end(&u);
}

static void a_tpm_that_goes_away_is_told_and_comes_back(void)
{
	uint8_t signature[KEEL_SIGNATURE_LEN];
	struct keel_digest digest = digest_of("x");
	struct unit u;
	unit_new(&u, true);
	unit_make(&u);
	add(&u, "person", "was at home");
	swtpm_kill(&u.tpm);
	CHECK(u.d.signer.sign(u.d.signer.self, &digest, signature) == KEEL_EIO);
	CHECK(strstr(keel_keeper_fault(u.keeper)->what, "went away") != NULL);
	CHECK(keel_keeper_fault(u.keeper)->next[0] != '\0');
	CHECK(keel_store_begin(u.store) == KEEL_OK);
	CHECK(keel_compartment_delete(u.store, "person") == KEEL_OK);
	CHECK(keel_store_commit_renew(u.store) == KEEL_EIO);
	CHECK(keel_store_begin(u.store) == KEEL_EIO); /* nobody knows which root stands */
	unit_close(&u);
	CHECK(unit_open(&u) == KEEL_EIO); /* no TPM at all */
	unit_close(&u);
	CHECK(swtpm_start(&u.tpm));
	CHECK(unit_open(&u) == KEEL_OK);
	CHECK(items(&u, "person") == 1);
	CHECK(keel_identity_load(u.keeper, u.store, &u.d, &u.fault) == KEEL_OK && signs(&u.d));
	unit_end(&u);
}

/* A vault that is killed leaves its keys loaded; the next ones need the room. */
static void a_killed_vault_leaves_the_tpm_usable(void)
{
	struct unit u;
	unit_new(&u, true);
	unit_make(&u);
	unit_close(&u);
	for (int i = 0; i < 5 && check_failures == 0; i++) {
		pid_t child = fork();
		if (child == 0) {
			bool good =
				unit_open(&u) == KEEL_OK &&
				keel_identity_load(u.keeper, u.store, &u.d, &u.fault) == KEEL_OK &&
				signs(&u.d);
			_exit(good ? 0 : 1); /* nothing flushed, nothing closed in order */
		}
		int status = -1;
		CHECK(waitpid(child, &status, 0) == child && status == 0);
	}
	unit_end(&u);
}

/* Stands between the keeper and the TPM, as a probe on the bus would, and writes down what it sees. */
static void listen_in(int vault, int tpm, int record)
{
	struct pollfd p[2] = { { vault, POLLIN, 0 }, { tpm, POLLIN, 0 } };
	uint8_t buf[4096];
	while (poll(p, 2, -1) > 0) {
		for (int i = 0; i < 2; i++) {
			if (p[i].revents == 0)
				continue;
			ssize_t n = read(p[i].fd, buf, sizeof(buf));
			if (n <= 0)
				_exit(0);
			if (write(record, buf, (size_t)n) != n ||
				write(p[!i].fd, buf, (size_t)n) != n)
				_exit(1);
		}
	}
	_exit(1);
}

static bool has(const uint8_t *in, size_t n, const uint8_t key[32])
{
	return memmem(in, n, key, 32) != NULL;
}

static void what_is_seen(int record, const struct keel_key *root, const struct keel_key *shared,
	const struct keel_identity *d)
{
	static uint8_t seen[1 << 16];
	ssize_t n = pread(record, seen, sizeof(seen), 0);
	CHECK(n > 1000 && (size_t)n < sizeof(seen));
	CHECK(has(seen, (size_t)n, d->sign.xy)); /* it does see what is not secret */
	CHECK(!has(seen, (size_t)n, root->b));
	CHECK(!has(seen, (size_t)n, shared->b));
}

/* EN 303 645 5.4-1: neither the root nor what the device agrees on crosses the bus in the clear. */
static void prov_5_4_1_no_secret_on_the_bus_of_the_tpm(void)
{
	char path[] = "/tmp/keel-bus-XXXXXX";
	int ends[2];
	uint64_t generation = 0;
	struct keel_key root = { 0 };
	struct keel_key shared = { 0 };
	struct keel_p256_key peer;
	struct unit u = { .dir = "/tmp/keel-unit-XXXXXX", .with_tpm = true };
	int record = mkstemp(path);
	CHECK(mkdtemp(u.dir) != NULL && swtpm_new(&u.tpm));
	CHECK(record >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	int tpm = swtpm_connect(&u.tpm);
	pid_t child = fork();
	if (child == 0) {
		(void)close(ends[0]);
		listen_in(ends[1], tpm, record);
	}
	(void)close(ends[1]);
	(void)close(tpm);
	CHECK(keel_keeper_tpm(ends[0], &u.keeper, &u.fault) == KEEL_OK);
	struct keel_root place = keel_keeper_root(u.keeper);
	CHECK(keel_store_open(u.dir, NULL, place, &u.store, &u.fault) == KEEL_OK);
	unit_make(&u);
	keel_p256_generate(&peer);
	CHECK(u.d.agreer.agree(u.d.agreer.self, &peer.pub, &shared) == KEEL_OK);
	CHECK(place.read(place.self, &root, &generation) == KEEL_OK && generation == 1);
	what_is_seen(record, &root, &shared, &u.d);
	unit_end(&u);
	CHECK(waitpid(child, NULL, 0) == child);
	(void)close(record);
	(void)unlink(path);
}

TEST_MAIN(TEST(the_identity_comes_back_from_a_file),
	TEST(prov_5_4_1_the_identity_comes_back_from_the_tpm),
	TEST(prov_5_7_1_the_tpm_quotes_by_the_same_key_at_each_start), TEST(a_file_quotes_nothing),
	TEST(tpm_and_software_agree_every_time), TEST(both_keepers_refuse_a_point_off_the_curve),
	TEST(another_keeper_is_told_so),
	TEST(prov_5_11_1_a_copy_of_the_folder_is_worthless_after_a_deletion),
	TEST(another_tpm_opens_nothing), TEST(a_tpm_that_goes_away_is_told_and_comes_back),
	TEST(a_killed_vault_leaves_the_tpm_usable),
	TEST(prov_5_4_1_no_secret_on_the_bus_of_the_tpm))
