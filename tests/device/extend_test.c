/* What the parent tells the TPM, and its log of it: the TPM is swtpm. EN 303 645 5.7-1. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "device/extend.h"
#include "device/tpm_pcr.h"
#include "device/vault/swtpm.h"

struct place {
	struct swtpm tpm;
	struct keel_extended x;
	uint8_t items[512];
	struct keel_list measured;
};

/* keeld, and a program whose digest begins with `app`. */
static void measure(struct place *p, uint8_t app)
{
	uint8_t digest[KEEL_SHA256_LEN] = { 7 };
	struct keel_wr w = keel_wr_of(p->items, sizeof(p->items));
	struct keel_measured_item m = { .name = keel_text("keeld"), .digest = KEEL_VIEW(digest) };
	p->measured = (struct keel_list){ 0 };
	keel_list_add(&keel_measured_item_row, &m, &w, &p->measured);
	digest[0] = app;
	m.name = keel_text("app");
	keel_list_add(&keel_measured_item_row, &m, &w, &p->measured);
	KEEL_MUST(w.err == KEEL_OK);
}

static void place_make(struct place *p)
{
	*p = (struct place){ 0 };
	KEEL_MUST(swtpm_new(&p->tpm));
	keel_extended_load(&p->x, p->tpm.dir);
	measure(p, 1);
}

/* As at a start of the vault. */
static enum keel_err tell(struct place *p)
{
	int fd = swtpm_connect(&p->tpm);
	enum keel_err e = keel_extend(&p->x, fd, &p->measured);
	(void)close(fd);
	return e;
}

/* As by a keeld that is started anew. */
static enum keel_err tell_anew(struct place *p)
{
	keel_extended_load(&p->x, p->tpm.dir);
	return tell(p);
}

static struct keel_digest pcr_of(const struct place *p)
{
	struct keel_digest value = { { 0xee } };
	int fd = swtpm_connect(&p->tpm);
	CHECK(keel_tpm_pcr_read(fd, &value) == KEEL_OK);
	(void)close(fd);
	return value;
}

/* The PCR is what anybody works out from the log. */
static bool agree(const struct place *p)
{
	struct keel_digest pcr = pcr_of(p), value;
	keel_pcr_replay(&p->x.log, SIZE_MAX, &value);
	return memcmp(&pcr, &value, sizeof(value)) == 0;
}

static void extend_behind_its_back(const struct place *p)
{
	const struct keel_digest event = { { 9 } };
	int fd = swtpm_connect(&p->tpm);
	CHECK(keel_tpm_pcr_extend(fd, &event) == KEEL_OK);
	(void)close(fd);
}

static void reset_tpm(struct place *p)
{
	swtpm_kill(&p->tpm);
	CHECK(swtpm_start(&p->tpm));
}

/* Invariant 1, and that a start which brings nothing new changes nothing. */
static void a_measurement_extends_the_pcr_once(void)
{
	struct place p;
	place_make(&p);
	CHECK(tell(&p) == KEEL_OK && p.x.holds && p.x.log.count == 2 && agree(&p));
	CHECK(keel_pcr_log_ends_in(&p.x.log, &p.measured));
	CHECK(tell(&p) == KEEL_OK && p.x.log.count == 2 && agree(&p));
	CHECK(tell_anew(&p) == KEEL_OK && p.x.log.count == 2 && agree(&p));
	swtpm_free(&p.tpm);
}

/* EN 303 645 5.7-1: another program, and then the first again: all three stay told. */
static void prov_5_7_1_what_was_told_is_not_taken_back(void)
{
	struct place p;
	place_make(&p);
	CHECK(tell(&p) == KEEL_OK);
	measure(&p, 2);
	CHECK(!keel_pcr_log_ends_in(&p.x.log, &p.measured));
	CHECK(tell(&p) == KEEL_OK && p.x.log.count == 3 && agree(&p));
	measure(&p, 1);
	CHECK(tell_anew(&p) == KEEL_OK && p.x.log.count == 4 && agree(&p));
	swtpm_free(&p.tpm);
}

/* Invariant 2. */
static void a_reset_of_the_tpm_begins_a_new_log(void)
{
	struct place p;
	place_make(&p);
	CHECK(tell(&p) == KEEL_OK);
	measure(&p, 2);
	CHECK(tell(&p) == KEEL_OK && p.x.log.count == 3);
	reset_tpm(&p);
	CHECK(tell_anew(&p) == KEEL_OK && p.x.log.count == 2 && agree(&p));
	swtpm_free(&p.tpm);
}

/* Invariant 1: killed after the log was written, and before the TPM was told. */
static void a_start_that_was_cut_short_is_finished(void)
{
	struct place p;
	char line[128];
	place_make(&p);
	CHECK(tell(&p) == KEEL_OK);
	measure(&p, 2);
	CHECK(tell(&p) == KEEL_OK && p.x.log.count == 3);
	reset_tpm(&p);
	(void)snprintf(line, sizeof(line), "cp %1$s/" KEEL_EXTENDED_FILE " %1$s/whole", p.tpm.dir);
	CHECK(system(line) == 0);
	measure(&p, 1);
	CHECK(tell_anew(&p) == KEEL_OK && p.x.log.count == 2);
	(void)snprintf(line, sizeof(line), "mv %1$s/whole %1$s/" KEEL_EXTENDED_FILE, p.tpm.dir);
	CHECK(system(line) == 0);
	measure(&p, 2);
	CHECK(tell_anew(&p) == KEEL_OK && p.x.holds && p.x.log.count == 3 && agree(&p));
	swtpm_free(&p.tpm);
}

/* Invariant 3: somebody else extended it, or the log is gone; only a reset of the TPM helps. */
static void what_the_log_does_not_say_is_not_claimed(void)
{
	struct place p;
	char path[64];
	place_make(&p);
	CHECK(tell(&p) == KEEL_OK);
	extend_behind_its_back(&p);
	CHECK(tell(&p) == KEEL_ESTATE && !p.x.holds);
	reset_tpm(&p);
	CHECK(tell(&p) == KEEL_OK && p.x.holds);
	(void)snprintf(path, sizeof(path), "%s/" KEEL_EXTENDED_FILE, p.tpm.dir);
	CHECK(truncate(path, 10) == 0);
	CHECK(tell_anew(&p) == KEEL_ESTATE && !p.x.holds);
	CHECK(unlink(path) == 0);
	CHECK(tell_anew(&p) == KEEL_ESTATE && !p.x.holds);
	swtpm_free(&p.tpm);
}

static void a_log_that_is_full_is_not_gone_on(void)
{
	struct place p;
	place_make(&p);
	for (uint8_t i = 1; i < KEEL_PCR_LOG_MAX; i++) {
		measure(&p, i);
		CHECK(tell(&p) == KEEL_OK);
	}
	CHECK(p.x.log.count == KEEL_PCR_LOG_MAX && agree(&p));
	measure(&p, 99);
	CHECK(tell(&p) == KEEL_EFULL && !p.x.holds && agree(&p));
	CHECK(tell_anew(&p) == KEEL_EFULL && !p.x.holds);
	swtpm_free(&p.tpm);
}

/* The parent has root's rights, and a TPM's answer is read like anything from outside. */
static void an_answer_that_is_none_is_refused(void)
{
	static const struct {
		const char *row;
		uint8_t bytes[64];
		size_t n;
		enum keel_err e;
	} rows[] = {
		{ "nothing", { 0 }, 0, KEEL_EIO },
		{ "half a head", { 0x80, 0x01, 0 }, 3, KEEL_EIO },
		{ "shorter than its head", { 0x80, 0x01, 0, 0, 0, 9, 0, 0, 0, 0 }, 10, KEEL_EIO },
		{ "longer than it says", { 0x80, 0x01, 0, 0, 0, 10, 0, 0, 0, 0, 0 }, 11, KEEL_EIO },
		{ "endless", { 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0 }, 10, KEEL_EIO },
		{ "a refusal", { 0x80, 0x01, 0, 0, 0, 10, 0, 0, 1, 0 }, 10, KEEL_ERANGE },
		{ "of a command with a session", { 0x80, 0x02, 0, 0, 0, 10, 0, 0, 0, 0 }, 10,
			KEEL_EIO },
		{ "no such bank",
			{ 0x80, 0x01, 0, 0, 0, 22, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 },
			22, KEEL_ERANGE },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		int ends[2];
		struct keel_digest value = { { 0xee } };
		CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
		CHECK(write(ends[1], rows[i].bytes, rows[i].n) == (ssize_t)rows[i].n);
		CHECK(shutdown(ends[1], SHUT_WR) == 0);
		CHECK_ROW(keel_tpm_pcr_read(ends[0], &value) == rows[i].e && value.b[0] == 0xee,
			rows[i].row);
		(void)close(ends[0]);
		(void)close(ends[1]);
	}
}

TEST_MAIN(TEST(a_measurement_extends_the_pcr_once),
	TEST(prov_5_7_1_what_was_told_is_not_taken_back), TEST(a_reset_of_the_tpm_begins_a_new_log),
	TEST(a_start_that_was_cut_short_is_finished),
	TEST(what_the_log_does_not_say_is_not_claimed), TEST(a_log_that_is_full_is_not_gone_on),
	TEST(an_answer_that_is_none_is_refused))
