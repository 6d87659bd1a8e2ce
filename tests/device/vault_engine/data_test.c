/* Personal data: kept as declared and as consented, read by their owner, deleted for good. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "device/vault_engine/home.h"
#include "owner/statement.h"

static uint8_t recalled[KEEL_DATUM_MAX];

static enum keel_err keep(struct home *h, const char *datum, const char *person, const char *value)
{
	return keel_vault_keep(h->vault, keel_text(datum), keel_text(person), keel_text(value));
}

static enum keel_err recall(struct home *h, const char *datum, const char *person)
{
	struct keel_bytes value;
	return keel_vault_recall(h->vault, keel_text(datum), keel_text(person), recalled, &value);
}

static void hex_of(const struct keel_member *m, char out[65])
{
	for (size_t i = 0; i < sizeof(m->thumbprint); i++)
		snprintf(out + 2 * i, 3, "%02x", m->thumbprint[i]);
}

static void prov_6_2_and_3a_nothing_is_kept_that_is_not_declared_or_not_consented(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(keep(&h, "voice", "", "x") == KEEL_ENONE);
	CHECK(keep(&h, "diary", "", "x") == KEEL_ENONE);     /* a person's, but whose? */
	CHECK(keep(&h, "diary", "00ff", "x") == KEEL_ENONE); /* nobody of this home */
	CHECK(keep(&h, "presence", "", "x") == KEEL_ERIGHT);
	CHECK(recall(&h, "presence", "") == KEEL_ENONE);
	struct keel_consent_args a = { .datum = keel_text("presence"), .given = true };
	CHECK(home_change(&h, &ann, KEEL_OP_CONSENT, &a, NULL) == KEEL_OK);
	CHECK(h.state == KEEL_STATE_OPERATION); /* the last decision ends the setup */
	CHECK(keep(&h, "presence", "", "x") == KEEL_OK);
	home_reboot(&h);
	CHECK(recall(&h, "presence", "") == KEEL_OK && recalled[0] == 'x');
	uint64_t generation = keel_store_generation(h.store);
	a.given = false; /* taken back: what was kept by it goes too, and its key */
	CHECK(home_change(&h, &ann, KEEL_OP_CONSENT, &a, NULL) == KEEL_OK);
	CHECK(recall(&h, "presence", "") == KEEL_ENONE);
	CHECK(keel_store_generation(h.store) == generation + 1);
	CHECK(home_change(&h, &ann, KEEL_OP_CONSENT, &a, NULL) == KEEL_OK);
	CHECK(keel_store_generation(h.store) == generation + 1); /* nothing was kept this time */
	CHECK(keep(&h, "presence", "", "x") == KEEL_ERIGHT);
	a.datum = keel_text("schedule");
	CHECK(home_change(&h, &ann, KEEL_OP_CONSENT, &a, NULL) == KEEL_ERANGE);
	a.datum = keel_text("voice");
	CHECK(home_change(&h, &ann, KEEL_OP_CONSENT, &a, NULL) == KEEL_ENONE);
	home_end(&h);
}

/* How a boiler runs tells when somebody is at home. */
static void prov_6_2_a_history_is_kept_only_with_consent(void)
{
	static struct home h;
	static const bool given[] = { false, true, false };
	struct keel_member ann;
	struct keel_history_result r;
	home_make(&h);
	home_claim(&h, &ann);
	for (size_t i = 0; i < KEEL_COUNT(given); i++) {
		struct keel_consent_args c = { .datum = keel_text("presence"), .given = given[i] };
		CHECK(home_change(&h, &ann, KEEL_OP_CONSENT, &c, NULL) == KEEL_OK);
		CHECK(keel_vault_report(h.vault, keel_text("boiler"), 100000) == KEEL_OK);
		CHECK(keel_vault_tick(h.vault) == KEEL_OK);
		struct keel_history_args a = { .datum = c.datum, .to = h.time.wall };
		CHECK(home_ask(&h, &ann, KEEL_OP_HISTORY, &a, &r) == KEEL_OK);
		CHECK(r.points.count == (given[i] ? 1 : 0));
		h.time.ms += 60000;
		h.time.wall += 60;
	}
	home_end(&h);
}

static void prov_5_11_1_delete_destroys_and_gives_a_signed_receipt(void)
{
	static struct home h;
	struct keel_member ann, bob;
	struct keel_receipt_result r;
	struct keel_receipt receipt;
	char a_hex[65], b_hex[65];
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, NULL, 0, &bob);
	hex_of(&ann, a_hex);
	hex_of(&bob, b_hex);
	CHECK(keep(&h, "diary", a_hex, "ann's") == KEEL_OK);
	CHECK(keep(&h, "diary", b_hex, "bob's") == KEEL_OK);
	CHECK(keep(&h, "schedule", "", "ours") == KEEL_OK);
	uint64_t generation = keel_store_generation(h.store);
	struct keel_delete_args a = { .what = KEEL_DELETE_MINE };
	CHECK(home_change(&h, &ann, KEEL_OP_DELETE, &a, &r) == KEEL_OK);
	CHECK(recall(&h, "diary", a_hex) == KEEL_ENONE);
	CHECK(recall(&h, "diary", b_hex) == KEEL_OK && recall(&h, "schedule", "") == KEEL_OK);
	CHECK(keel_member_verify(&ann, KEEL_FOR_RECEIPT, &keel_receipt_schema, r.receipt,
		      &receipt) == KEEL_OK);
	CHECK(receipt.gone.count == 1 && receipt.how == 1);
	CHECK(receipt.generation == keel_store_generation(h.store));
	CHECK(receipt.generation == generation + 1);
	CHECK(keel_bytes_equal(receipt.by, KEEL_VIEW(ann.thumbprint)));
	CHECK(h.forgets == 0);
	a.what = KEEL_DELETE_MINE_AND_HOMES;
	CHECK(home_change(&h, &bob, KEEL_OP_DELETE, &a, &r) == KEEL_OK);
	CHECK(recall(&h, "diary", b_hex) == KEEL_ENONE && recall(&h, "schedule", "") == KEEL_ENONE);
	CHECK(h.forgets == 1);
	home_reboot(&h);
	CHECK(recall(&h, "diary", a_hex) == KEEL_ENONE && recall(&h, "schedule", "") == KEEL_ENONE);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK); /* rights stay */
	home_end(&h);
}

/* A change of owner leaves identity and function, and nothing personal. */
/* A root's place bears only so many writes: nobody may wear it out by deleting nothing. */
static void deleting_where_nothing_is_kept_renews_no_root(void)
{
	static struct home h;
	struct keel_member ann, guest;
	struct keel_receipt_result r;
	const struct keel_delete_args mine = { .what = KEEL_DELETE_MINE };
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, "set temperature", 0, &guest);
	uint64_t generation = keel_store_generation(h.store);
	for (int i = 0; i < 3; i++)
		CHECK(home_change(&h, &guest, KEEL_OP_DELETE, &mine, &r) == KEEL_OK);
	CHECK(keel_store_generation(h.store) == generation);
	home_end(&h);
}

static void prov_5_11_1_leaving_makes_a_factory_device_and_its_answer_is_not_lost(void)
{
	static struct home h;
	struct keel_member ann, next;
	struct keel_receipt_result r;
	struct keel_receipt receipt;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(keep(&h, "schedule", "", "ours") == KEEL_OK);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	CHECK(home_change(&h, &ann, KEEL_OP_LEAVE, NULL, &r) == KEEL_OK);
	CHECK(h.state == KEEL_STATE_FACTORY && h.forgets == 1);
	CHECK(keel_member_verify(&ann, KEEL_FOR_RECEIPT, &keel_receipt_schema, r.receipt,
		      &receipt) == KEEL_OK);
	CHECK(receipt.gone.count == 4);
	CHECK(home_again(&h, &ann, KEEL_OP_LEAVE, &r) == KEEL_OK); /* its answer was lost */
	home_reboot(&h);
	CHECK(keel_vault_state(h.vault) == KEEL_STATE_FACTORY);
	home_claim(&h, &next);
	CHECK(recall(&h, "schedule", "") == KEEL_ENONE);
	h.sents = 0;
	keel_vault_app_started(h.vault, h.deletions);
	CHECK(h.sents == 0);
	home_end(&h);
}

/* The program's memory outlives a home, and it may be away when that ends: it is told afterwards. */
static void prov_5_11_1_a_program_that_was_away_is_told_to_forget(void)
{
	static struct home h;
	struct keel_member ann, next;
	const struct keel_delete_args all = { .what = KEEL_DELETE_MINE_AND_HOMES };
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	uint64_t last = h.sent[0].number;
	CHECK(home_change(&h, &ann, KEEL_OP_DELETE, &all, NULL) == KEEL_OK);
	CHECK(home_change(&h, &ann, KEEL_OP_LEAVE, NULL, NULL) == KEEL_OK);
	CHECK(h.forgets == 2 && h.deletions == 2);
	home_reboot(&h);
	keel_vault_app_started(h.vault, 2);
	CHECK(h.forgets == 2);
	keel_vault_app_started(h.vault, 1);
	CHECK(h.forgets == 3 && h.deletions == 2);
	home_claim(&h, &next); /* and its numbers go on: what it did before is no command of now */
	CHECK(home_heat(&h, &next, 21000) == KEEL_OK);
	CHECK(h.sent[h.sents - 1].number > last);
	home_end(&h);
}

/* What was asked for and not done would be kept anew by the program after the receipt. */
static void prov_5_11_1_what_was_asked_for_is_deleted_with_what_was_kept(void)
{
	static struct home h;
	struct keel_member ann;
	const struct keel_delete_args all = { .what = KEEL_DELETE_MINE_AND_HOMES };
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	CHECK(keel_vault_done(h.vault, h.sent[0].number) == KEEL_OK);
	CHECK(home_change(&h, &ann, KEEL_OP_COMMAND, home_command("unlock", NULL, 0), NULL) ==
		KEEL_OK);
	for (int boot = 0; boot < 2; boot++) {
		if (boot == 0)
			CHECK(home_change(&h, &ann, KEEL_OP_DELETE, &all, NULL) == KEEL_OK);
		else
			home_reboot(&h);
		h.sents = 0;
		keel_vault_app_started(h.vault, h.deletions);
		CHECK(h.sents == 1 && h.sent[0].value == 20000); /* it goes on heating */
	}
	home_end(&h);
}

/* Nobody's data are not personal data, and the next home begins empty. */
static void prov_6_2_nothing_is_kept_while_nobody_owns_the_device(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	CHECK(keep(&h, "schedule", "", "x") == KEEL_ESTATE);
	home_claim(&h, &ann);
	CHECK(recall(&h, "schedule", "") == KEEL_ENONE);
	CHECK(keep(&h, "schedule", "", "x") == KEEL_OK);
	home_end(&h);
}

static void prov_5_11_1_a_held_button_resets(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(keep(&h, "schedule", "", "ours") == KEEL_OK);
	CHECK(keel_vault_button(h.vault, BUTTON_HELD) == KEEL_OK);
	CHECK(h.state == KEEL_STATE_FACTORY && h.forgets == 1);
	CHECK(home_ask(&h, &ann, KEEL_OP_STATE, NULL, NULL) == KEEL_ERR_COUNT);
	home_claim(&h, &ann);
	CHECK(recall(&h, "schedule", "") == KEEL_ENONE);
	home_end(&h);
}

/* A point a minute, pages by time, no longer than declared. */
static void prov_6_6_histories_are_thinned_and_end(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_history_result r;
	struct keel_point_item p;
	home_make(&h);
	home_claim(&h, &ann);
	int64_t begin = h.time.wall;
	for (int i = 0; i < 30; i++) { /* every 10 s, for 5 minutes */
		CHECK(keel_vault_report(h.vault, keel_text("temperature"), 20000 + i) == KEEL_OK);
		CHECK(keel_vault_tick(h.vault) == KEEL_OK);
		h.time.ms += 10000;
		h.time.wall += 10;
	}
	struct keel_history_args a = { .datum = keel_text("temperatures"), .to = h.time.wall };
	CHECK(home_ask(&h, &ann, KEEL_OP_HISTORY, &a, &r) == KEEL_OK);
	CHECK(r.points.count == 5 && !r.more);
	CHECK(keel_list_next(&keel_point_item_row, &r.points, &p));
	CHECK(p.time == begin && p.value == 20000);
	CHECK(keel_list_next(&keel_point_item_row, &r.points, &p));
	CHECK(p.time == begin + 60 && p.value == 20006);
	a.from = begin + 61;
	CHECK(home_ask(&h, &ann, KEEL_OP_HISTORY, &a, &r) == KEEL_OK && r.points.count == 3);
	h.time.wall = begin + 30 * 86400 + 61;
	h.time.ms += 60000;
	CHECK(keel_vault_tick(h.vault) == KEEL_OK);
	a.from = 0;
	a.to = h.time.wall;
	CHECK(home_ask(&h, &ann, KEEL_OP_HISTORY, &a, &r) == KEEL_OK);
	CHECK(r.points.count == 4); /* the first two are too old; the last report is new */
	a.datum = keel_text("schedule");
	CHECK(home_ask(&h, &ann, KEEL_OP_HISTORY, &a, &r) == KEEL_ERANGE);
	a.datum = keel_text("voice");
	CHECK(home_ask(&h, &ann, KEEL_OP_HISTORY, &a, &r) == KEEL_ENONE);
	home_end(&h);
}

/* EN 303 645 6-5: everything of mine and the home's, in pages, and nothing of others. */
static void prov_6_1_export_gives_all_of_mine_and_nothing_of_others(void)
{
	static struct home h;
	struct keel_member ann, bob;
	struct keel_export_args a = { 0 };
	struct keel_export_result r;
	struct keel_export_item item;
	char a_hex[65], b_hex[65];
	static char big[4001];
	unsigned points = 0, mine = 0, schedules = 0, pages = 0;
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, NULL, 0, &bob);
	hex_of(&ann, a_hex);
	hex_of(&bob, b_hex);
	memset(big, 'x', sizeof(big) - 1);
	CHECK(keep(&h, "schedule", "", big) == KEEL_OK);
	CHECK(keep(&h, "diary", a_hex, "ann's") == KEEL_OK);
	CHECK(keep(&h, "diary", b_hex, "bob's") == KEEL_OK);
	for (int i = 0; i < 700; i++) {
		h.time.ms += 60000;
		h.time.wall += 60;
		CHECK(keel_vault_report(h.vault, keel_text("temperature"), i) == KEEL_OK);
		CHECK(keel_vault_tick(h.vault) == KEEL_OK);
	}
	do {
		CHECK(home_ask(&h, &ann, KEEL_OP_EXPORT, &a, &r) == KEEL_OK);
		while (keel_list_next(&keel_export_item_row, &r.data, &item)) {
			points += keel_bytes_is(item.datum, "temperatures");
			schedules += keel_bytes_is(item.datum, "schedule") && item.value.n == 4000;
			mine += keel_bytes_is(item.datum, "diary") &&
				keel_bytes_is(item.value, "ann's");
			CHECK(!keel_bytes_is(item.value, "bob's"));
		}
		a.cursor = r.next;
	} while (r.next != 0 && ++pages < 50);
	CHECK(points == 700 && schedules == 1 && mine == 1 && pages > 1);
	struct keel_kept_result kept;
	struct keel_kept_item k = { 0 };
	CHECK(home_ask(&h, &ann, KEEL_OP_KEPT, NULL, &kept) == KEEL_OK);
	CHECK(kept.data.count == 4);
	CHECK(keel_list_next(&keel_kept_item_row, &kept.data, &k) && k.items == 700);
	CHECK(keel_list_next(&keel_kept_item_row, &kept.data, &k) &&
		k.consent == KEEL_CONSENT_NOT_GIVEN);
	home_end(&h);
}

static void security_events_are_the_last_to_be_forgotten(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_events_args a = { 0 };
	struct keel_events_result r;
	struct keel_event_item e;
	unsigned seen = 0, security = 0;
	uint64_t last = 0;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(keel_vault_event(h.vault, "undeclared-port", keel_text("tcp 9999"), true) == KEEL_OK);
	for (int i = 0; i < 300; i++)
		CHECK(keel_vault_event(h.vault, "deleted", keel_text("person"), false) == KEEL_OK);
	home_reboot(&h);
	do {
		a.after = last;
		CHECK(home_ask(&h, &ann, KEEL_OP_EVENTS, &a, &r) == KEEL_OK);
		while (keel_list_next(&keel_event_item_row, &r.events, &e)) {
			CHECK(e.number > last);
			last = e.number;
			seen++;
			security += !keel_bytes_is(e.word, "deleted");
		}
	} while (last > a.after);
	CHECK(seen == 128 && security == 2 && last == 302);
	home_end(&h);
}

/* The one event of this word; false where there is none, or more. */
static bool only_event(
	struct home *h, const struct keel_member *m, const char *word, struct keel_event_item *out)
{
	struct keel_events_args a = { 0 };
	struct keel_events_result r;
	struct keel_event_item e;
	unsigned n = 0;
	CHECK(home_ask(h, m, KEEL_OP_EVENTS, &a, &r) == KEEL_OK);
	while (keel_list_next(&keel_event_item_row, &r.events, &e))
		if (keel_bytes_is(e.word, word) && n++ == 0)
			*out = e;
	return n == 1;
}

/* What somebody outside causes, without end: their guesses, their noise, a room that they can end. */
static void prov_5_1_5_no_outsider_washes_the_events_away(void)
{
	static const char *const outside[] = { "wrong-code", "many-wrong-codes", "many-refused",
		"many-malformed", "many-limited", "room-restarted", "room-restless" };
	static struct home h;
	struct keel_member ann;
	struct keel_event_item e;
	home_make(&h);
	home_claim(&h, &ann);
	h.time.wall = 1795840800; /* 2026-11-28 04:40 */
	CHECK(keel_vault_event(h.vault, "undeclared-port", keel_text("tcp 9999"), true) == KEEL_OK);
	CHECK(keel_vault_event(h.vault, "room-restarted", keel_text("monitor, 1 since the start"),
		      true) == KEEL_OK);
	for (unsigned i = 1; i <= 200; i++) {
		char detail[48];
		(void)snprintf(detail, sizeof(detail), "door, fd00::%x", i);
		for (size_t k = 0; k < KEEL_COUNT(outside); k++)
			CHECK(keel_vault_event(h.vault, outside[k], keel_text(detail), true) ==
				KEEL_OK);
		h.time.wall += 60;
		if (i == 100)
			home_reboot(&h);
	}
	home_reboot(&h);
	CHECK(only_event(&h, &ann, "claimed", &e) && e.number == 1);
	CHECK(only_event(&h, &ann, "undeclared-port", &e) && e.number == 2);
	CHECK(!only_event(&h, &ann, "room-restarted", &e) && e.number == 3); /* the monitor's */
	CHECK(keel_bytes_is(e.detail, "monitor, 1 since the start"));
	CHECK(only_event(&h, &ann, "wrong-code", &e) && e.number == 3 + 199 * 7 + 1);
	CHECK(e.time == 1795840800 + 199 * 60);
	CHECK(keel_bytes_is(e.detail, "door, fd00::c8, told 200 times since 2026-11-28 04:40 UTC"));
	home_end(&h);
}

/* How many events of this word there are, and the last of them. */
static unsigned count_events(
	struct home *h, const struct keel_member *m, const char *word, struct keel_event_item *last)
{
	struct keel_events_args a = { 0 };
	struct keel_events_result r;
	struct keel_event_item e;
	unsigned n = 0;
	uint64_t before;
	do {
		before = a.after;
		CHECK(home_ask(h, m, KEEL_OP_EVENTS, &a, &r) == KEEL_OK);
		for (; keel_list_next(&keel_event_item_row, &r.events, &e); a.after = e.number)
			if (keel_bytes_is(e.word, word) && ++n > 0)
				*last = e;
	} while (a.after > before);
	return n;
}

/* A program without any right opens ports and starts children, under as many names as it likes. */
static void prov_5_6_1_no_program_washes_the_events_away(void)
{
	/* clang-format off */
	static const struct {
		const char *word, *before, *behind; /* of a number */
	} local[] = {
		{ "undeclared-port",    "udp 0.0.0.0:", " by miner (7)"      },
		{ "port-gone",          "udp 0.0.0.0:", ""                   },
		{ "undeclared-process", "miner",        " (7), below the app" },
		{ "file-changed",       "/usr/lib/",    ""                   },
		{ "file-missing",       "/usr/lib/",    ""                   },
	};
	/* clang-format on */
	static struct home h;
	struct keel_member ann;
	struct keel_event_item e;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(keel_vault_event(h.vault, "reset", keel_text(""), true) == KEEL_OK);
	for (unsigned i = 1; i <= 60; i++)
		for (size_t k = 0; k < KEEL_COUNT(local); k++) {
			char detail[64];
			(void)snprintf(detail, sizeof(detail), "%s%u%s", local[k].before, i,
				local[k].behind);
			CHECK(keel_vault_event(h.vault, local[k].word, keel_text(detail), true) ==
				KEEL_OK);
		}
	home_reboot(&h);
	CHECK(only_event(&h, &ann, "claimed", &e) && only_event(&h, &ann, "reset", &e));
	for (size_t k = 0; k < KEEL_COUNT(local); k++)
		CHECK_ROW(count_events(&h, &ann, local[k].word, &e) == 8, local[k].word);
	CHECK(count_events(&h, &ann, "undeclared-port", &e) == 8 &&
		keel_bytes_is(e.detail, "udp 0.0.0.0:60 by miner (7)"));
	home_end(&h);
}

/* The same port again, by whatever program, is no news of another one. */
static void the_same_cause_again_counts_in_its_place(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_event_item e;
	home_make(&h);
	home_claim(&h, &ann);
	h.time.wall = 1795840800; /* 2026-11-28 04:40 */
	for (unsigned i = 1; i <= 20; i++) {
		char detail[64];
		(void)snprintf(detail, sizeof(detail), "tcp 0.0.0.0:99 by nc (%u)", i);
		CHECK(keel_vault_event(h.vault, "undeclared-port", keel_text(detail), true) ==
			KEEL_OK);
		if (i == 10)
			CHECK(keel_vault_event(h.vault, "undeclared-port",
				      keel_text("tcp 0.0.0.0:9 by nc (7)"), true) == KEEL_OK);
	}
	CHECK(count_events(&h, &ann, "undeclared-port", &e) == 2);
	CHECK(keel_bytes_is(
		e.detail, "tcp 0.0.0.0:99 by nc (20), told 20 times since 2026-11-28 04:40 UTC"));
	home_end(&h);
}

/* Where the declaration says so, a device whose programs were changed closes itself. */
static void prov_5_7_2_a_changed_program_isolates_where_declared(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	home_claim(&h, &ann);
	struct keel_bytes what = keel_text("keeld");
	CHECK(keel_vault_event(h.vault, "file-changed", what, true) == KEEL_OK);
	CHECK(keel_vault_state(h.vault) == KEEL_STATE_SETUP);
	h.rules.isolate = true;
	CHECK(keel_vault_event(h.vault, "undeclared-port", what, true) == KEEL_OK);
	CHECK(keel_vault_state(h.vault) == KEEL_STATE_SETUP);
	CHECK(keel_vault_event(h.vault, "file-changed", what, true) == KEEL_OK);
	CHECK(h.state == KEEL_STATE_ISOLATED);
	home_reboot(&h);
	CHECK(keel_vault_state(h.vault) == KEEL_STATE_ISOLATED);
	CHECK(keel_vault_button(h.vault, BUTTON_PRESSED) == KEEL_OK);
	CHECK(home_enter(&h, KEEL_FOR_RECOVER, &ann) == 200);
	CHECK(h.state == KEEL_STATE_SETUP);
	home_end(&h);
}

static enum keel_err interrogate(
	struct home *h, bool owner, const struct keel_member *m, struct keel_statement *out);

static bool has_to_do(struct home *h, const struct keel_member *m, const char *what)
{
	struct keel_statement s;
	struct keel_bytes text;
	CHECK(interrogate(h, true, m, &s) == KEEL_OK);
	for (struct keel_list rest = s.to_do;
		keel_list_next(&keel_statement_text_row, &rest, &text);)
		if (memmem(text.p, text.n, what, strlen(what)) != NULL)
			return true;
	return false;
}

/* EN 303 645 5.12-2: where files should be watched and cannot be, or are wrong, owners are told. */
static void prov_5_12_2_owners_are_told_how_the_files_stand(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(!has_to_do(&h, &ann, "measures.cbor")); /* not declared */
	h.rules.integrity = true;
	CHECK(has_to_do(&h, &ann, "measures.cbor")); /* nobody has looked yet */
	keel_vault_files(h.vault, true, 0);
	CHECK(!has_to_do(&h, &ann, "measures.cbor") && !has_to_do(&h, &ann, "repaired"));
	keel_vault_files(h.vault, true, 1);
	CHECK(!has_to_do(&h, &ann, "measures.cbor") && has_to_do(&h, &ann, "repaired"));
	keel_vault_files(h.vault, false, 0);
	CHECK(has_to_do(&h, &ann, "measures.cbor"));
	home_end(&h);
}

static enum keel_err interrogate(
	struct home *h, bool owner, const struct keel_member *m, struct keel_statement *out)
{
	static const uint8_t nonce[32] = { 7 };
	static uint8_t buf[128];
	struct keel_statement_args a = { .nonce = KEEL_VIEW(nonce), .aud = keel_text("me") };
	struct keel_statement_result r;
	struct keel_bytes body, payload;
	if (owner) {
		CHECK(home_ask(h, m, KEEL_OP_STATEMENT, &a, &r) == KEEL_OK);
	} else {
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_schema_write(&keel_statement_args_schema, &a, &w);
		CHECK(keel_wr_end(&w, &body) == KEEL_OK);
		CHECK(home_send(h, PATH_INTERROGATE, "x", body) == 200);
		CHECK(keel_schema_read(&keel_statement_result_schema, h->answer, &r, NULL) ==
			KEEL_OK);
	}
	if (keel_cose_verify1(&h->identity.sign, r.statement, (struct keel_bytes){ 0 }, &payload) !=
		KEEL_OK)
		return KEEL_EAUTH;
	return keel_statement_read(payload, KEEL_STATEMENT_PROFILE, a.nonce, a.aud, out);
}

/* EN 303 645 5.6-2: the version to anyone in the factory state only; the rest to owners. */
static void prov_5_6_2_strangers_are_told_little_and_owners_all(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_statement s;
	uint8_t items[64];
	struct keel_list_maker m = keel_list_maker_of(items, sizeof(items));
	home_make(&h);
	CHECK(keel_list_put_text(&m, keel_text("door")));
	const struct keel_vault_facts facts = { .open = keel_list_made(&m) };
	CHECK(keel_vault_facts(h.vault, &facts) == KEEL_OK);
	CHECK(interrogate(&h, false, NULL, &s) == KEEL_OK);
	CHECK(keel_has(&s, KEEL_STATEMENT_VERSION) && keel_bytes_is(s.version.text, "1.0.0"));
	CHECK(!keel_has(&s, KEEL_STATEMENT_SERIAL) && !keel_has(&s, KEEL_STATEMENT_OPEN));
	CHECK(keel_has(&s, KEEL_STATEMENT_STATE) && s.state == KEEL_STATE_FACTORY);
	CHECK(keel_bytes_is(s.support_until, "2033-12-01"));
	home_claim(&h, &ann);
	CHECK(interrogate(&h, false, NULL, &s) == KEEL_OK);
	CHECK(!keel_has(&s, KEEL_STATEMENT_VERSION) && !keel_has(&s, KEEL_STATEMENT_STATE));
	CHECK(interrogate(&h, true, &ann, &s) == KEEL_OK && s.state == KEEL_STATE_SETUP);
	CHECK(keel_bytes_is(s.serial, "S-0001") && keel_bytes_is(s.version.text, "1.0.0"));
	CHECK(s.open.count == 1 && keel_bytes_is(s.grade, "self-reported"));
	CHECK(s.to_do.count == 1); /* to decide about presence */
	const struct keel_consent_args a = { .datum = keel_text("presence") };
	CHECK(home_change(&h, &ann, KEEL_OP_CONSENT, &a, NULL) == KEEL_OK);
	CHECK(interrogate(&h, true, &ann, &s) == KEEL_OK);
	CHECK(s.to_do.count == 0 && keel_bytes_is(s.keys_in, "file"));
	CHECK(keel_list_put_text(&m, keel_text("pairing")));
	const struct keel_list more = keel_list_made(&m);
	CHECK(keel_vault_interfaces(h.vault, &more) == KEEL_OK); /* the state opened one more */
	CHECK(interrogate(&h, true, &ann, &s) == KEEL_OK);
	CHECK(s.open.count == 2);
	home_end(&h);
}

TEST_MAIN(TEST(prov_6_2_and_3a_nothing_is_kept_that_is_not_declared_or_not_consented),
	TEST(prov_6_2_a_history_is_kept_only_with_consent),
	TEST(prov_5_11_1_delete_destroys_and_gives_a_signed_receipt),
	TEST(deleting_where_nothing_is_kept_renews_no_root),
	TEST(prov_5_11_1_leaving_makes_a_factory_device_and_its_answer_is_not_lost),
	TEST(prov_5_11_1_a_program_that_was_away_is_told_to_forget),
	TEST(prov_5_11_1_what_was_asked_for_is_deleted_with_what_was_kept),
	TEST(prov_6_2_nothing_is_kept_while_nobody_owns_the_device),
	TEST(prov_5_11_1_a_held_button_resets), TEST(prov_6_6_histories_are_thinned_and_end),
	TEST(prov_6_1_export_gives_all_of_mine_and_nothing_of_others),
	TEST(security_events_are_the_last_to_be_forgotten),
	TEST(prov_5_1_5_no_outsider_washes_the_events_away),
	TEST(prov_5_6_1_no_program_washes_the_events_away),
	TEST(the_same_cause_again_counts_in_its_place),
	TEST(prov_5_7_2_a_changed_program_isolates_where_declared),
	TEST(prov_5_12_2_owners_are_told_how_the_files_stand),
	TEST(prov_5_6_2_strangers_are_told_little_and_owners_all))
