/*
 * The vault's engine alone, in this process, over its real store: an owner's state read, its sealed
 * answer included, and a signed command, durable, handed over and done. Requests are written before
 * the clock runs. All in turns; each one's best counts. Shows where the time goes that owner_bench
 * sees through the door.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bare.h"
#include "device/vault_engine/home.h"

#define TURNS 40
#define READS 40
#define CALLS 12 /* commands */

static struct {
	struct home home;
	struct keel_member owner;
	uint8_t bytes[READS][1024];
	struct keel_bytes request[READS];
	uint8_t nonces[READS][KEEL_REQUEST_NONCE_LEN];
} b;

static void write_reads(void)
{
	for (unsigned i = 0; i < READS; i++) {
		struct keel_wr w = keel_wr_of(b.bytes[i], sizeof(b.bytes[i]));
		KEEL_MUST(keel_member_ask(&b.owner, keel_op_of(KEEL_OP_STATE), NULL, b.nonces[i],
				  &w) == KEEL_OK);
		KEEL_MUST(keel_wr_end(&w, &b.request[i]) == KEEL_OK);
	}
}

static void write_commands(void)
{
	uint8_t challenge[KEEL_CHALLENGE_LEN];
	home_challenge(&b.home, &b.owner, challenge);
	for (unsigned i = 0; i < CALLS; i++) {
		struct keel_wr w = keel_wr_of(b.bytes[i], sizeof(b.bytes[i]));
		const struct keel_command_args *a =
			home_command("set temperature", "celsius", 20000 + i % 2 * 500);
		KEEL_MUST(keel_member_change(&b.owner, keel_op_of(KEEL_OP_COMMAND), a,
				  KEEL_VIEW(challenge), b.nonces[i], &w) == KEEL_OK);
		KEEL_MUST(keel_wr_end(&w, &b.request[i]) == KEEL_OK);
	}
}

static void check_answer(unsigned i)
{
	struct keel_request_answer a;
	KEEL_MUST(b.home.status == 200);
	KEEL_MUST(keel_member_answer(&b.owner, b.nonces[i], b.home.answer, b.home.plain, &a) ==
		  KEEL_OK);
	KEEL_MUST(a.error == 0);
}

static void serve(unsigned i)
{
	keel_vault_serve(b.home.vault, PATH_REQUEST, keel_text("a"), b.request[i],
		b.home.answer_buf, &b.home.answer, &b.home.status);
	KEEL_MUST(b.home.status == 200);
}

static double read_turn(void)
{
	write_reads();
	double from = keel_now_us();
	for (unsigned i = 0; i < READS; i++)
		serve(i);
	double us = (keel_now_us() - from) / READS;
	check_answer(READS - 1);
	return us;
}

/* `done`: what the product's program does too, one more commit. */
static double command_turn(double *done)
{
	double in_done = 0;
	write_commands();
	double from = keel_now_us();
	for (unsigned i = 0; i < CALLS; i++) {
		size_t before = b.home.sents;
		serve(i);
		KEEL_MUST(b.home.sents == before + 1);
		double handed = keel_now_us();
		KEEL_MUST(keel_vault_done(b.home.vault,
				  b.home.sent[before % HOME_SENT_MAX].number) == KEEL_OK);
		in_done += keel_now_us() - handed;
	}
	double us = (keel_now_us() - from - in_done) / CALLS;
	keel_best(done, in_done / CALLS);
	check_answer(CALLS - 1);
	return us;
}

int main(void)
{
	static struct keel_bare bare;
	struct keel_bare_times t = { 0 };
	double state = 0, command = 0, done = 0;
	home_make(&b.home);
	home_claim(&b.home, &b.owner);
	KEEL_MUST(keel_vault_report(b.home.vault, keel_text("temperature"), 21500) == KEEL_OK);
	keel_bare_open(&bare, b.home.dir);
	for (unsigned i = 0; i < TURNS; i++) {
		keel_bare_turn(&bare, &t);
		keel_best(&state, read_turn());
		keel_best(&command, command_turn(&done));
	}
	double curve = keel_bare_slower(&t);
	double slower = curve > t.commit ? curve : t.commit;
	keel_bare_say(&t);
	(void)printf("engine: state read, sealed answer included %.1f us, %.2f of the slower of "
		     "ECDSA and ECDH (aim 0.6)\n",
		state, curve / state);
	(void)printf(
		"engine: signed command, durable, handed over, done %.1f us, %.2f of the slower "
		"of all (aim 0.6), %.2f of verify and commit together\n",
		command + done, slower / (command + done),
		(t.verify + t.commit) / (command + done));
	keel_bare_close(&bare);
	home_end(&b.home);
	return EXIT_SUCCESS;
}
