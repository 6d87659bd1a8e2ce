/* What owners and guests ask and change, and every way in which it is refused. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "device/vault_engine/home.h"

static void prov_5_13_1a_a_command_in_range_is_durable_and_handed_over(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_command_result r;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(home_change(&h, &ann, KEEL_OP_COMMAND,
		      home_command("set temperature", "celsius", 21500), &r) == KEEL_OK);
	CHECK(h.sents == 1 && h.sent[0].number == r.number && h.sent[0].value == 21500);
	CHECK(strcmp(h.sent[0].message, "set temperature") == 0);
	home_reboot(&h);
	keel_vault_app_started(h.vault, h.deletions);
	CHECK(h.sents == 2 && h.sent[1].number == r.number && h.sent[1].value == 21500);
	CHECK(keel_vault_done(h.vault, r.number) == KEEL_OK);
	CHECK(keel_vault_done(h.vault, r.number) == KEEL_ENONE);
	CHECK(keel_vault_done(h.vault, 0) == KEEL_ENONE);
	home_reboot(&h);
	keel_vault_app_started(h.vault, h.deletions);
	/* done, but remembered: the program is told its setpoint */
	CHECK(h.sents == 3 && h.sent[2].value == 21500);
	home_end(&h);
}

/* That it was done is written by the tick; while the vault lives no reload takes it for pending. */
static void done_commands_that_are_remembered_come_back_once_and_only_the_last(void)
{
	static struct home h;
	struct keel_member ann, bob;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	CHECK(keel_vault_done(h.vault, h.sent[0].number) == KEEL_OK);
	CHECK(keel_vault_button(h.vault, BUTTON_PRESSED) == KEEL_OK);
	CHECK(home_enter(&h, KEEL_FOR_RECOVER, &bob) == 200); /* reads all back */
	CHECK(keel_vault_done(h.vault, h.sent[0].number) == KEEL_ENONE);
	CHECK(home_heat(&h, &bob, 21000) == KEEL_OK);
	CHECK(keel_vault_done(h.vault, h.sent[1].number) == KEEL_OK);
	for (unsigned seen = 2; seen < 4; seen++) {
		home_reboot(&h);
		keel_vault_app_started(h.vault, h.deletions);
		CHECK(h.sents == seen + 1 && h.sent[seen].value == 21000);
		CHECK(keel_vault_done(h.vault, h.sent[seen].number) == KEEL_OK);
	}
	home_end(&h);
}

static void done_commands_that_are_not_remembered_do_not_come_back(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(home_change(&h, &ann, KEEL_OP_COMMAND, home_command("unlock", NULL, 0), NULL) ==
		KEEL_OK);
	CHECK(keel_vault_done(h.vault, h.sent[0].number) == KEEL_OK);
	home_reboot(&h);
	keel_vault_app_started(h.vault, h.deletions);
	CHECK(h.sents == 1);
	home_end(&h);
}

/* Nothing accepted is lost behind a newer one of its message, and each is handed over in its order. */
static void commands_that_a_newer_one_left_behind_wait_on(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(home_change(&h, &ann, KEEL_OP_COMMAND, home_command("unlock", NULL, 0), NULL) ==
		KEEL_OK);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	CHECK(home_change(&h, &ann, KEEL_OP_COMMAND, home_command("unlock", NULL, 0), NULL) ==
		KEEL_OK);
	for (unsigned pass = 0; pass < 2; pass++) {
		home_reboot(&h);
		h.sents = 0;
		keel_vault_app_started(h.vault, h.deletions);
		CHECK(h.sents == 3 && h.sent[0].number == 1 && h.sent[1].number == 2 &&
			h.sent[2].number == 3);
	}
	CHECK(keel_vault_done(h.vault, 1) == KEEL_OK && keel_vault_done(h.vault, 1) == KEEL_ENONE);
	home_reboot(&h);
	h.sents = 0;
	keel_vault_app_started(h.vault, h.deletions);
	CHECK(h.sents == 2 && h.sent[0].number == 2 && h.sent[1].number == 3);
	CHECK(keel_vault_done(h.vault, 3) == KEEL_OK && keel_vault_done(h.vault, 2) == KEEL_OK);
	home_reboot(&h);
	h.sents = 0;
	keel_vault_app_started(h.vault, h.deletions);
	CHECK(h.sents == 1 && h.sent[0].number == 2); /* remembered */
	home_end(&h);
}

/* Input is checked against the declaration; the sentence says the range and the unit. */
static void prov_5_13_1a_what_is_not_declared_or_not_in_range_is_refused(void)
{
	static const struct {
		const char *message, *field;
		int64_t value;
		enum keel_err err;
		const char *says;
	} rows[] = {
		{ "explode", NULL, 0, KEEL_ENONE, "no such message" },
		{ "set temperature", "celsius", 4999, KEEL_ERANGE,
			"celsius may be 5 to 30 °C, in steps of 0.5." },
		{ "set temperature", "celsius", 30001, KEEL_ERANGE, "celsius may be 5 to 30 °C" },
		{ "set temperature", "celsius", INT64_MAX, KEEL_ERANGE, "5 to 30" },
		{ "set temperature", "celsius", INT64_MIN, KEEL_ERANGE, "5 to 30" },
		{ "set temperature", "celsius", 20100, KEEL_ERANGE, "in steps of 0.5" },
		{ "set temperature", "kelvin", 20000, KEEL_ERANGE, "no such field" },
		{ "set temperature", NULL, 0, KEEL_ERANGE, "needs celsius" },
		{ "unlock", "x", 0, KEEL_ERANGE, "no such field" },
		{ "set temperature", "celsius", 5000, KEEL_OK, "" },
		{ "set temperature", "celsius", 30000, KEEL_OK, "" },
	};
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	home_claim(&h, &ann);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		CHECK_ROW(home_change(&h, &ann, KEEL_OP_COMMAND,
				  home_command(rows[i].message, rows[i].field, rows[i].value),
				  NULL) == rows[i].err,
			rows[i].says);
		home_says(&h, 200, rows[i].says);
	}
	CHECK(h.sents == 2 && h.refused == KEEL_COUNT(rows) - 2);
	home_end(&h);
}

/* The same bytes: the same result, one effect; something else with an old counter: refused. */
static void prov_5_5_7_a_replayed_command_has_no_second_effect(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_command_result a, b;
	uint8_t old[KEEL_BODY_MAX];
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(home_change(&h, &ann, KEEL_OP_COMMAND,
		      home_command("set temperature", "celsius", 20000), &a) == KEEL_OK);
	struct keel_bytes first = { old, h.request.n };
	memcpy(old, h.request.p, h.request.n);
	CHECK(home_again(&h, &ann, KEEL_OP_COMMAND, &b) == KEEL_OK);
	CHECK(a.number == b.number && h.sents == 1);
	home_reboot(&h); /* also when the answer was lost in a power cut */
	CHECK(home_again(&h, &ann, KEEL_OP_COMMAND, &b) == KEEL_OK);
	CHECK(a.number == b.number && h.sents == 1);
	CHECK(home_heat(&h, &ann, 22000) == KEEL_OK);
	CHECK(home_send(&h, PATH_REQUEST, "a", first) == 200);
	CHECK(h.sents == 2);
	ann.counter = 0;
	CHECK(home_heat(&h, &ann, 23000) == KEEL_ESTALE);
	home_says(&h, 200, "has seen this, or a later one");
	CHECK(h.sents == 2);
	home_end(&h);
}

static void prov_5_5_7_a_command_held_back_past_its_challenge_is_refused(void)
{
	static struct home h;
	struct keel_member ann;
	uint8_t c[KEEL_CHALLENGE_LEN];
	home_make(&h);
	home_claim(&h, &ann);
	const struct keel_command_args *heat = home_command("set temperature", "celsius", 20000);
	home_challenge(&h, &ann, c);
	h.time.ms += 60000;
	CHECK(home_change_with(&h, &ann, KEEL_OP_COMMAND, heat, c, NULL) == KEEL_OK);
	h.time.ms += 1000;
	CHECK(home_change_with(&h, &ann, KEEL_OP_COMMAND, heat, c, NULL) == KEEL_ESTALE);
	home_says(&h, 200, "took too long to come");
	/* a message may say that it can wait longer */
	CHECK(home_change_with(&h, &ann, KEEL_OP_COMMAND, home_command("unlock", NULL, 0), c,
		      NULL) == KEEL_OK);
	home_reboot(&h);
	CHECK(home_change_with(&h, &ann, KEEL_OP_COMMAND, home_command("unlock", NULL, 0), c,
		      NULL) == KEEL_ESTALE);
	memset(c, 0, sizeof(c));
	CHECK(home_change_with(&h, &ann, KEEL_OP_COMMAND, heat, c, NULL) == KEEL_ESTALE);
	CHECK(h.sents == 2);
	home_end(&h);
}

static void a_challenge_is_its_owners_and_no_other_s(void)
{
	static struct home h;
	struct keel_member ann, bob;
	uint8_t c[KEEL_CHALLENGE_LEN];
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, NULL, 0, &bob);
	home_challenge(&h, &ann, c);
	CHECK(home_change_with(&h, &bob, KEEL_OP_COMMAND,
		      home_command("set temperature", "celsius", 20000), c, NULL) == KEEL_ESTALE);
	home_end(&h);
}

static void prov_5_5_7_a_stranger_is_refused(void)
{
	static struct home h;
	struct keel_member ann, eve;
	home_make(&h);
	home_claim(&h, &ann);
	eve = ann;
	keel_p256_generate(&eve.agree);
	keel_thumbprint(&eve.sign.pub, &eve.agree.pub, eve.thumbprint);
	CHECK(keel_p256_agree(&eve.agree, &eve.device_agree, &eve.shared) == KEEL_OK);
	CHECK(home_ask(&h, &eve, KEEL_OP_STATE, NULL, NULL) == KEEL_ERR_COUNT);
	home_says(&h, 403, "does not know whoever");
	/* under a known name, but without the key */
	memcpy(eve.thumbprint, ann.thumbprint, sizeof(eve.thumbprint));
	CHECK(home_ask(&h, &eve, KEEL_OP_STATE, NULL, NULL) == KEEL_ERR_COUNT);
	home_says(&h, 403, "seal of this is broken");
	/* who has the sealing key only cannot change anything */
	eve = ann;
	keel_p256_generate(&eve.sign);
	CHECK(home_heat(&h, &eve, 20000) == KEEL_EAUTH);
	home_says(&h, 200, "signature");
	CHECK(h.sents == 0 && h.refused == 3);
	home_end(&h);
}

static void prov_5_5_7_what_is_meant_for_another_device_or_home_is_refused(void)
{
	static struct home h;
	struct keel_member ann, m;
	struct keel_receipt_result r;
	home_make(&h);
	home_claim(&h, &ann);
	m = ann;
	m.device[0] ^= 1;
	CHECK(home_ask(&h, &m, KEEL_OP_STATE, NULL, NULL) == KEEL_ERR_COUNT);
	home_says(&h, 403, "another device");
	m = ann;
	m.id[0] ^= 1;
	CHECK(home_heat(&h, &m, 20000) == KEEL_ERR_COUNT);
	home_says(&h, 403, "another device");
	m = ann;
	m.home[0] ^= 1;
	CHECK(home_heat(&h, &m, 20000) == KEEL_ERR_COUNT);
	home_says(&h, 403, "another home");
	/* the home that was left: its keys are strangers in the next */
	CHECK(home_change(&h, &ann, KEEL_OP_LEAVE, NULL, &r) == KEEL_OK);
	CHECK(keel_vault_button(h.vault, BUTTON_PRESSED) == KEEL_OK);
	struct keel_member next;
	home_claim(&h, &next);
	CHECK(memcmp(next.home, ann.home, sizeof(ann.home)) != 0);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_ERR_COUNT);
	home_says(&h, 403, "does not know whoever");
	CHECK(h.sents == 0);
	home_end(&h);
}

/* Each role and each operation: what is not in the table of rights is refused. */
static void prov_5_13_1a_guests_do_what_they_were_granted_and_nothing_else(void)
{
	static const uint64_t allowed[] = { KEEL_OP_CHALLENGE, KEEL_OP_STATE, KEEL_OP_PRODUCT,
		KEEL_OP_COMMAND, KEEL_OP_DELETE, KEEL_OP_RENAME };
	static struct home h;
	struct keel_member ann, bob;
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, "set temperature", 0, &bob);
	const struct keel_history_args history = { .datum = keel_text("temperatures"), .to = 1 };
	const struct keel_statement_args statement = { .nonce = KEEL_VIEW(bob.id),
		.aud = keel_text("x") };
	const struct keel_invite_args invite = { .role = KEEL_ROLE_OWNER, .name = keel_text("x") };
	const struct keel_remove_args remove = { .owner = KEEL_VIEW(ann.thumbprint) };
	const struct keel_vouch_args vouch = { .has = 1U << KEEL_VOUCH_OWNER,
		.owner = KEEL_VIEW(ann.thumbprint) };
	const struct keel_rename_args rename = { .name = keel_text("King") };
	const struct keel_consent_args consent = { .datum = keel_text("presence"), .given = true };
	const struct keel_events_args events = { 0 };
	const struct keel_export_args export = { 0 };
	const struct keel_delete_args delete = { .what = KEEL_DELETE_MINE };
	const struct {
		uint64_t op;
		const void *args;
	} rows[] = {
		{ KEEL_OP_CHALLENGE, NULL },
		{ KEEL_OP_STATE, NULL },
		{ KEEL_OP_HISTORY, &history },
		{ KEEL_OP_KEPT, NULL },
		{ KEEL_OP_EXPORT, &export },
		{ KEEL_OP_PEOPLE, NULL },
		{ KEEL_OP_EVENTS, &events },
		{ KEEL_OP_STATEMENT, &statement },
		{ KEEL_OP_PRODUCT, NULL },
		{ KEEL_OP_COMMAND, home_command("set temperature", "celsius", 20000) },
		{ KEEL_OP_INVITE, &invite },
		{ KEEL_OP_REMOVE, &remove },
		{ KEEL_OP_RENAME, &rename },
		{ KEEL_OP_CONSENT, &consent },
		{ KEEL_OP_LEAVE, NULL },
		{ KEEL_OP_VOUCH, &vouch },
		{ KEEL_OP_DELETE, &delete },
	};
	_Static_assert(KEEL_COUNT(rows) == KEEL_OP_COUNT, "every operation");
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		const struct keel_op *op = keel_op_of(rows[i].op);
		bool may = false;
		for (size_t k = 0; k < KEEL_COUNT(allowed); k++)
			may = may || allowed[k] == op->number;
		enum keel_err e = op->changes
					  ? home_change(&h, &bob, op->number, rows[i].args, NULL)
					  : home_ask(&h, &bob, op->number, rows[i].args, NULL);
		CHECK_ROW(e == (may ? KEEL_OK : KEEL_ERIGHT), op->name);
	}
	CHECK(home_change(&h, &bob, KEEL_OP_COMMAND, home_command("unlock", NULL, 0), NULL) ==
		KEEL_ERIGHT);
	home_says(&h, 200, "no right");
	const struct keel_delete_args all = { .what = KEEL_DELETE_MINE_AND_HOMES };
	CHECK(home_change(&h, &bob, KEEL_OP_DELETE, &all, NULL) == KEEL_ERIGHT);
	CHECK(home_ask(&h, &ann, KEEL_OP_STATE, NULL, NULL) == KEEL_OK);
	CHECK(h.sents == 1);
	home_end(&h);
}

static void a_guests_time_ends_and_needs_a_known_time(void)
{
	static struct home h;
	struct keel_member ann, bob;
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, "set temperature", h.time.wall + 3600, &bob);
	h.time.wall += 3600;
	CHECK(home_heat(&h, &bob, 20000) == KEEL_OK);
	h.time.wall += 1;
	CHECK(home_heat(&h, &bob, 20000) == KEEL_ERIGHT);
	home_says(&h, 200, "time as a guest is over");
	CHECK(home_ask(&h, &bob, KEEL_OP_STATE, NULL, NULL) == KEEL_ERIGHT);
	h.time.wall = 0;
	CHECK(home_heat(&h, &bob, 20000) == KEEL_ERIGHT);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	home_end(&h);
}

/* Whoever can set the clock back (a false NTP server) lets nobody in again. */
static void a_clock_set_back_gives_a_guest_no_time(void)
{
	static struct home h;
	struct keel_member ann, bob;
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, "set temperature", h.time.wall + 3600, &bob);
	for (int minute = 0; minute < 59; minute++) {
		h.time.ms += 60000;
		h.time.wall += 60;
		CHECK(keel_vault_tick(h.vault) == KEEL_OK);
	}
	h.time.wall -= 365 * 86400; /* a minute before the end */
	CHECK(home_heat(&h, &bob, 20000) == KEEL_OK);
	h.time.ms += 61000; /* it passes, and the next tick is yet to come */
	h.time.wall += 61;
	CHECK(home_heat(&h, &bob, 20000) == KEEL_ERIGHT);
	home_says(&h, 200, "time as a guest is over");
	h.time.ms += 60000;
	CHECK(keel_vault_tick(h.vault) == KEEL_OK);
	CHECK(home_heat(&h, &bob, 20000) == KEEL_ERIGHT);
	home_reboot(&h);
	CHECK(home_heat(&h, &bob, 20000) == KEEL_ERIGHT);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	home_end(&h);
}

/* While the clock is behind, time goes on by the one that nobody sets, across ticks and restarts. */
static void time_goes_on_while_the_clock_is_behind(void)
{
	static struct home h;
	struct keel_member ann, bob;
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, "set temperature", h.time.wall + 3600, &bob);
	CHECK(keel_vault_tick(h.vault) == KEEL_OK);
	h.time.wall -= 365 * 86400;
	for (int minute = 0; minute < 59; minute++) {
		h.time.ms += 60900;
		CHECK(keel_vault_tick(h.vault) == KEEL_OK);
		CHECK(home_ask(&h, &bob, KEEL_OP_STATE, NULL, NULL) == KEEL_OK);
		if (minute == 30) {
			home_close(&h);
			CHECK(home_open(&h));
		}
	}
	h.time.ms += 7000; /* 3600.1 seconds, of which the restart lost less than one */
	CHECK(home_ask(&h, &bob, KEEL_OP_STATE, NULL, NULL) == KEEL_OK);
	h.time.ms += 2000;
	CHECK(home_ask(&h, &bob, KEEL_OP_STATE, NULL, NULL) == KEEL_ERIGHT);
	home_end(&h);
}

static void an_owner_removes_any_but_the_last(void)
{
	static struct home h;
	struct keel_member ann, bob;
	home_make(&h);
	home_claim(&h, &ann);
	struct keel_remove_args a = { .owner = KEEL_VIEW(ann.thumbprint) };
	CHECK(home_change(&h, &ann, KEEL_OP_REMOVE, &a, NULL) == KEEL_ESTATE);
	home_says(&h, 200, "last owner");
	home_join(&h, &ann, NULL, 0, &bob);
	a.owner = KEEL_VIEW(h.label.thumbprint);
	CHECK(home_change(&h, &bob, KEEL_OP_REMOVE, &a, NULL) == KEEL_ENONE);
	a.owner = KEEL_VIEW(ann.thumbprint);
	CHECK(home_change(&h, &bob, KEEL_OP_REMOVE, &a, NULL) == KEEL_OK);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_ERR_COUNT);
	home_says(&h, 403, "does not know whoever");
	CHECK(home_heat(&h, &bob, 20000) == KEEL_OK);
	home_end(&h);
}

/* What the program is given when it starts, as numbers of commands in their order. */
static void check_given(struct home *h, const uint64_t *numbers, size_t n)
{
	h->sents = 0;
	keel_vault_app_started(h->vault, h->deletions);
	CHECK(h->sents == n);
	for (size_t i = 0; i < n && i < h->sents; i++)
		CHECK(h->sent[i].number == numbers[i]);
}

/* Not what was pending, and not as the last accepted of a remembered message either. */
static void what_a_removed_owner_asked_for_reaches_the_program_no_more(void)
{
	static struct home h;
	struct keel_member ann, bob;
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, NULL, 0, &bob);
	const struct keel_remove_args a = { .owner = KEEL_VIEW(bob.thumbprint) };
	const struct keel_command_args *unlock = home_command("unlock", NULL, 0);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK && keel_vault_done(h.vault, 1) == KEEL_OK);
	CHECK(home_change(&h, &bob, KEEL_OP_COMMAND, unlock, NULL) == KEEL_OK);
	CHECK(home_change(&h, &ann, KEEL_OP_COMMAND, unlock, NULL) == KEEL_OK);
	CHECK(home_heat(&h, &bob, 29000) == KEEL_OK);
	check_given(&h, (const uint64_t[]){ 2, 3, 4 }, 3);
	CHECK(home_change(&h, &ann, KEEL_OP_REMOVE, &a, NULL) == KEEL_OK);
	check_given(&h, (const uint64_t[]){ 3 }, 1);
	home_reboot(&h);
	check_given(&h, (const uint64_t[]){ 3 }, 1);
	home_end(&h);
}

/* A temperature that was reached stays, over a restart and a removal; whoever wanted it does not. */
static void what_a_removed_owner_had_done_stays_without_them(void)
{
	static struct home h;
	struct keel_member ann, bob;
	for (unsigned restarts = 0; restarts < 2; restarts++) {
		home_make(&h);
		home_claim(&h, &ann);
		home_join(&h, &ann, NULL, 0, &bob);
		const struct keel_remove_args a = { .owner = KEEL_VIEW(bob.thumbprint) };
		CHECK(keel_vault_tick(h.vault) == KEEL_OK);
		CHECK(home_heat(&h, &bob, 23000) == KEEL_OK);
		CHECK(h.sent[0].person[0] != '\0' && keel_vault_done(h.vault, 1) == KEEL_OK);
		h.time.ms += 60000;
		if (restarts > 0) {
			CHECK(keel_vault_tick(h.vault) == KEEL_OK);
			home_reboot(&h);
		}
		CHECK(home_change(&h, &ann, KEEL_OP_REMOVE, &a, NULL) == KEEL_OK);
		for (unsigned pass = 0; pass < 2; pass++) {
			check_given(&h, (const uint64_t[]){ 1 }, 1);
			CHECK(h.sent[0].value == 23000 && h.sent[0].person[0] == '\0');
			home_reboot(&h);
		}
		home_end(&h);
	}
}

static void what_was_asked_for_before_a_recovery_reaches_the_program_no_more(void)
{
	static struct home h;
	struct keel_member ann, eve;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK && keel_vault_done(h.vault, 1) == KEEL_OK);
	CHECK(home_change(&h, &ann, KEEL_OP_COMMAND, home_command("unlock", NULL, 0), NULL) ==
		KEEL_OK);
	check_given(&h, (const uint64_t[]){ 1, 2 }, 2);
	CHECK(keel_vault_button(h.vault, BUTTON_PRESSED) == KEEL_OK);
	CHECK(home_enter(&h, KEEL_FOR_RECOVER, &eve) == 200);
	check_given(&h, (const uint64_t[]){ 1 }, 1); /* done: the home's temperature stays */
	CHECK(h.sent[0].person[0] == '\0');
	home_reboot(&h);
	check_given(&h, (const uint64_t[]){ 1 }, 1);
	home_end(&h);
}

/* Whoever holds a stolen phone makes an invitation before it is removed. */
static void a_removed_owner_does_not_come_back_by_an_invitation_of_before(void)
{
	static const uint8_t nothing[] = { 0xa0 };
	static struct home h;
	struct keel_member ann, bob;
	struct keel_invite_result r;
	struct keel_entry entry;
	uint8_t invitation[256];
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, NULL, 0, &bob);
	const struct keel_invite_args invite = { .role = KEEL_ROLE_OWNER, .name = keel_text("x") };
	const struct keel_remove_args remove = { .owner = KEEL_VIEW(bob.thumbprint) };
	CHECK(home_change(&h, &bob, KEEL_OP_INVITE, &invite, &r) == KEEL_OK);
	const struct keel_bytes text = { invitation, r.invitation.n };
	memcpy(invitation, r.invitation.p, r.invitation.n);
	CHECK(home_change(&h, &ann, KEEL_OP_REMOVE, &remove, NULL) == KEEL_OK);
	CHECK(home_send(&h, PATH_HELLO, "b", KEEL_VIEW(nothing)) == 200);
	struct keel_wr w = keel_wr_of(h.request_buf, sizeof(h.request_buf));
	KEEL_MUST(keel_entry_join(text, h.answer, &entry, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &h.request) == KEEL_OK);
	CHECK(home_send(&h, PATH_CLAIM, "b", h.request) == 403);
	home_says(&h, 403, "was used or is over");
	home_end(&h);
}

/* Two owners, each with a counter and keys of their own. */
static void two_owners_do_not_disturb_each_other(void)
{
	static struct home h;
	struct keel_member ann, bob;
	struct keel_people_result r;
	struct keel_owners_list list;
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, NULL, 0, &bob);
	for (int i = 0; i < 3; i++) {
		CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
		CHECK(home_heat(&h, &bob, 21000) == KEEL_OK);
	}
	CHECK(h.sents == 6);
	CHECK(home_ask(&h, &bob, KEEL_OP_PEOPLE, NULL, &r) == KEEL_OK);
	CHECK(r.people.count == 2);
	CHECK(keel_member_verify(
		      &bob, KEEL_FOR_OWNERS, &keel_owners_list_schema, r.owners, &list) == KEEL_OK);
	CHECK(list.owners.count == 2 && list.number == 2);
	home_end(&h);
}

/* Every byte of a sealed request counts. */
static void prov_5_5_7_a_request_that_was_changed_is_refused(void)
{
	static struct home h;
	struct keel_member ann;
	uint8_t copy[KEEL_BODY_MAX], c[KEEL_CHALLENGE_LEN];
	home_make(&h);
	home_claim(&h, &ann);
	home_challenge(&h, &ann, c);
	memset(c, 1, 4); /* wrong challenge: as long as it is refused, nothing is remembered */
	CHECK(home_change_with(&h, &ann, KEEL_OP_COMMAND,
		      home_command("set temperature", "celsius", 20000), c, NULL) == KEEL_ESTALE);
	struct keel_bytes changed = { copy, h.request.n };
	for (size_t i = 0; i < changed.n; i++) {
		memcpy(copy, h.request.p, changed.n);
		copy[i] ^= 1;
		unsigned status = home_send(&h, PATH_REQUEST, "a", changed);
		CHECK(status == 400 || status == 403);
	}
	for (size_t n = 0; n < changed.n; n++) {
		memcpy(copy, h.request.p, changed.n);
		CHECK(home_send(&h, PATH_REQUEST, "a", (struct keel_bytes){ copy, n }) == 400);
	}
	home_end(&h);
}

/* What waits for the program is bounded, and said. */
static void commands_that_nobody_does_are_bounded(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	home_claim(&h, &ann);
	for (int i = 0; i < 17; i++) /* the last one, and those that it leaves behind */
		CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_EFULL);
	home_says(&h, 200, "not done the commands before");
	CHECK(keel_vault_done(h.vault, 1) == KEEL_OK);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	home_reboot(&h);
	h.sents = 0;
	keel_vault_app_started(h.vault, h.deletions);
	CHECK(h.sents == 17 && h.sent[0].number == 2 && h.sent[16].number == 18);
	home_end(&h);
}

/* What the answer tells: values with their age, last accepted, whether the program is there. */
static void state_tells_values_ages_and_what_was_accepted(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_state_result r;
	struct keel_value_item value = { 0 };
	struct keel_accepted_item accepted = { 0 };
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(home_ask(&h, &ann, KEEL_OP_STATE, NULL, &r) == KEEL_OK);
	CHECK(r.values.count == 0 && r.accepted.count == 0 && !r.app_alive);
	CHECK(keel_vault_report(h.vault, keel_text("temperature"), 19250) == KEEL_OK);
	CHECK(keel_vault_report(h.vault, keel_text("mood"), 1) == KEEL_ENONE);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	h.time.ms += 7000;
	CHECK(home_ask(&h, &ann, KEEL_OP_STATE, NULL, &r) == KEEL_OK);
	CHECK(keel_list_next(&keel_value_item_row, &r.values, &value));
	CHECK(value.value == 19250 && value.age_s == 7 && r.app_alive);
	CHECK(keel_list_next(&keel_accepted_item_row, &r.accepted, &accepted));
	CHECK(keel_bytes_is(accepted.message, "set temperature") && accepted.fields.count == 1);
	h.time.ms += 60000;
	CHECK(home_ask(&h, &ann, KEEL_OP_STATE, NULL, &r) == KEEL_OK);
	CHECK(!r.app_alive);
	home_end(&h);
}

TEST_MAIN(TEST(prov_5_13_1a_a_command_in_range_is_durable_and_handed_over),
	TEST(done_commands_that_are_remembered_come_back_once_and_only_the_last),
	TEST(done_commands_that_are_not_remembered_do_not_come_back),
	TEST(commands_that_a_newer_one_left_behind_wait_on),
	TEST(prov_5_13_1a_what_is_not_declared_or_not_in_range_is_refused),
	TEST(prov_5_5_7_a_replayed_command_has_no_second_effect),
	TEST(prov_5_5_7_a_command_held_back_past_its_challenge_is_refused),
	TEST(a_challenge_is_its_owners_and_no_other_s), TEST(prov_5_5_7_a_stranger_is_refused),
	TEST(prov_5_5_7_what_is_meant_for_another_device_or_home_is_refused),
	TEST(prov_5_13_1a_guests_do_what_they_were_granted_and_nothing_else),
	TEST(a_guests_time_ends_and_needs_a_known_time),
	TEST(a_clock_set_back_gives_a_guest_no_time), TEST(time_goes_on_while_the_clock_is_behind),
	TEST(an_owner_removes_any_but_the_last),
	TEST(what_a_removed_owner_asked_for_reaches_the_program_no_more),
	TEST(what_a_removed_owner_had_done_stays_without_them),
	TEST(what_was_asked_for_before_a_recovery_reaches_the_program_no_more),
	TEST(a_removed_owner_does_not_come_back_by_an_invitation_of_before),
	TEST(two_owners_do_not_disturb_each_other),
	TEST(prov_5_5_7_a_request_that_was_changed_is_refused),
	TEST(commands_that_nobody_does_are_bounded),
	TEST(state_tells_values_ages_and_what_was_accepted))
