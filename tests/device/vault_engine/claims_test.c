/* Becoming an owner. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "device/vault_engine/home.h"

static const uint8_t nothing[] = { 0xa0 };

static void prov_5_12_1_a_claim_makes_an_owner_and_a_home(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_state_result r;
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(ann.role == KEEL_ROLE_OWNER);
	CHECK(h.state == KEEL_STATE_SETUP); /* consent to presence is not decided */
	CHECK(home_ask(&h, &ann, KEEL_OP_STATE, NULL, &r) == KEEL_OK);
	CHECK(r.role == KEEL_ROLE_OWNER && r.time == h.time.wall);
	home_end(&h);
}

/* A claim whose answer was lost is finished by the same bytes, also after a reboot. */
static void prov_5_9_2_a_cut_claim_is_finished_by_the_same_bytes(void)
{
	static struct home h;
	struct keel_member ann;
	uint8_t first[1024], request[1024];
	home_make(&h);
	home_claim(&h, &ann);
	size_t n = h.answer.n, m = h.request.n;
	memcpy(first, h.answer.p, n);
	memcpy(request, h.request.p, m);
	for (int i = 0; i < 2; i++) {
		CHECK(home_send(&h, PATH_CLAIM, "a", (struct keel_bytes){ request, m }) == 200);
		CHECK(keel_bytes_equal(h.answer, (struct keel_bytes){ first, n }));
		home_reboot(&h);
	}
	CHECK(home_heat(&h, &ann, 20000) == KEEL_OK);
	home_end(&h);
}

static void prov_5_1_1_a_claim_needs_the_window_and_the_factory_state(void)
{
	static struct home h;
	struct keel_member ann, eve;
	home_make(&h);
	h.time.ms += 15 * 60 * 1000 + 1;
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 409);
	home_says(&h, 409, "press its button");
	CHECK(keel_vault_button(h.vault, BUTTON_PRESSED) == KEEL_OK);
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 200);
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &eve) == 409);
	home_says(&h, 409, "has owners already");
	home_end(&h);
}

/* A crash of the vault that somebody provokes gives no new window; only the button does. */
static void prov_5_1_1_a_vault_that_starts_anew_opens_no_window(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	h.time.ms += 15 * 60 * 1000 - 1;
	home_close(&h);
	CHECK(home_open(&h));
	CHECK(home_send(&h, PATH_HELLO, "a", KEEL_VIEW(nothing)) == 200);
	h.time.ms += 1;
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 409);
	home_close(&h);
	CHECK(home_open(&h));
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 409);
	home_says(&h, 409, "press its button");
	home_reboot(&h); /* power-on does */
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 200);
	home_end(&h);
}

/* 2^n seconds for the address that sent it, not for others; counted, told to the owner. */
static void prov_5_1_5_wrong_codes_cost_their_address_time(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_code right;
	home_make(&h);
	right = h.label.code;
	h.label.code.c[3] = right.c[3] == '7' ? '8' : '7';
	for (unsigned n = 1; n <= 4; n++) {
		CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 403);
		home_says(&h, 403, "code is wrong");
		CHECK(h.wrong == n);
		CHECK(home_send(&h, PATH_CLAIM, "a", h.request) == 429);
		CHECK(h.wait_s == 1U << n);
		h.time.ms += (1000ULL << n) - 1;
		CHECK(home_send(&h, PATH_CLAIM, "a", h.request) == 429 && h.wait_s == 1);
		h.time.ms += 1;
	}
	h.label.code = right;
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 200);
	struct keel_events_args a = { 0 };
	struct keel_events_result r;
	CHECK(home_ask(&h, &ann, KEEL_OP_EVENTS, &a, &r) == KEEL_OK);
	struct keel_event_item e = { 0 };
	CHECK(keel_list_next(&keel_event_item_row, &r.events, &e));
	CHECK(keel_bytes_is(e.word, "wrong-code") && keel_bytes_is(e.detail, "a"));
	home_end(&h);
}

/* The request that home_enter made with a wrong code, again from each of these. */
static void guess_from(struct home *h, const char *network, unsigned first, unsigned n)
{
	char from[48];
	for (unsigned i = first; i < first + n; i++) {
		(void)snprintf(from, sizeof(from), "%s%x", network, i);
		CHECK(home_send(h, PATH_CLAIM, from, h->request) == 403);
	}
}

static void spoil(struct home *h)
{
	h->label.code.c[0] = h->label.code.c[0] == 'A' ? 'B' : 'A';
}

/* Neighbours in the same IPv6 network included: their guesses are not the owner's. */
static void prov_5_1_5_guesses_from_many_addresses_do_not_lock_the_owner_out(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	struct keel_code right = h.label.code;
	spoil(&h);
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 403);
	guess_from(&h, "10.0.0.", 0, 200);
	guess_from(&h, "fd00::", 1, 200);
	h.time.ms += 2000; /* home_enter's own address guessed, too */
	h.label.code = right;
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 200);
	home_end(&h);
}

/* More addresses than are remembered: the one that guessed most is not forgotten for them. */
static void prov_5_1_5_others_guesses_do_not_shorten_ones_wait(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	spoil(&h);
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 403);
	for (unsigned n = 2; n <= 3; n++) {
		h.time.ms += 1000ULL << (n - 1);
		CHECK(home_send(&h, PATH_CLAIM, "a", h.request) == 403);
	}
	guess_from(&h, "10.0.0.", 0, 200); /* while it waits … */
	CHECK(home_send(&h, PATH_CLAIM, "a", h.request) == 429 && h.wait_s == 8);
	h.time.ms += 8000;
	guess_from(&h, "10.0.1.", 0, 200); /* … and after */
	CHECK(home_send(&h, PATH_CLAIM, "a", h.request) == 403);
	CHECK(home_send(&h, PATH_CLAIM, "a", h.request) == 429 && h.wait_s == 16);
	home_end(&h);
}

static unsigned wrong_code_events(struct home *h, const struct keel_member *m)
{
	struct keel_events_args a = { 0 };
	struct keel_events_result r;
	struct keel_event_item e = { 0 };
	unsigned n = 0;
	CHECK(home_ask(h, m, KEEL_OP_EVENTS, &a, &r) == KEEL_OK);
	while (keel_list_next(&keel_event_item_row, &r.events, &e))
		n += keel_bytes_is(e.word, "wrong-code");
	return n;
}

/* Each event is a write, and the list is short: many addresses that guess thrice make one a minute. */
static void prov_5_1_5_guessers_do_not_flood_what_owners_are_told(void)
{
	static struct home h;
	struct keel_member ann;
	home_make(&h);
	struct keel_code right = h.label.code;
	spoil(&h);
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 403);
	for (unsigned n = 0; n < 3; n++) {
		h.time.ms += 20000;
		guess_from(&h, "10.0.0.", 0, 60);
	}
	CHECK(h.wrong == 181);
	h.label.code = right;
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 200);
	CHECK(wrong_code_events(&h, &ann) == 1);
	home_end(&h);
}

static void a_nonce_is_fresh_and_serves_one_claim(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_entry entry;
	uint8_t hello[1024], buf[1024];
	struct keel_bytes request;
	home_make(&h);
	CHECK(home_send(&h, PATH_HELLO, "a", KEEL_VIEW(nothing)) == 200);
	struct keel_bytes kept = { hello, h.answer.n };
	memcpy(hello, h.answer.p, h.answer.n);
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	CHECK(keel_entry_claim(&h.label, KEEL_FOR_CLAIM, kept, &entry, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &request) == KEEL_OK);
	h.time.ms += 5 * 60 * 1000 + 1;
	CHECK(home_send(&h, PATH_CLAIM, "a", request) == 409);
	home_says(&h, 409, "begin again");
	home_claim(&h, &ann);
	home_end(&h);
}

/* Button and label together make a new owner; all others, and what is personal, go. */
static void prov_5_11_1_recover_removes_all_others_and_what_is_personal(void)
{
	static struct home h;
	struct keel_member ann, bob, eve;
	char hex[65];
	uint8_t buf[KEEL_DATUM_MAX];
	struct keel_bytes value;
	home_make(&h);
	CHECK(home_enter(&h, KEEL_FOR_RECOVER, &ann) == 409);
	home_says(&h, 409, "no owner yet");
	home_claim(&h, &ann);
	home_join(&h, &ann, NULL, 0, &bob);
	for (size_t i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", ann.thumbprint[i]);
	CHECK(keel_vault_keep(h.vault, keel_text("diary"), keel_text(hex), keel_text("mine")) ==
		KEEL_OK);
	CHECK(keel_vault_keep(h.vault, keel_text("schedule"), keel_text(""), keel_text("ours")) ==
		KEEL_OK);
	CHECK(home_enter(&h, KEEL_FOR_RECOVER, &eve) == 409);
	home_says(&h, 409, "within 2 minutes");
	CHECK(keel_vault_button(h.vault, BUTTON_PRESSED) == KEEL_OK);
	h.time.ms += 2 * 60 * 1000;
	CHECK(home_enter(&h, KEEL_FOR_RECOVER, &eve) == 409);
	CHECK(keel_vault_button(h.vault, BUTTON_PRESSED) == KEEL_OK);
	CHECK(home_enter(&h, KEEL_FOR_RECOVER, &eve) == 200);
	CHECK(memcmp(ann.home, eve.home, sizeof(ann.home)) != 0);
	CHECK(home_ask(&h, &ann, KEEL_OP_STATE, NULL, NULL) == KEEL_ERR_COUNT);
	home_says(&h, 403, "does not know whoever");
	CHECK(home_ask(&h, &bob, KEEL_OP_STATE, NULL, NULL) == KEEL_ERR_COUNT);
	CHECK(home_heat(&h, &eve, 19000) == KEEL_OK);
	CHECK(keel_vault_recall(h.vault, keel_text("diary"), keel_text(hex), buf, &value) ==
		KEEL_ENONE);
	CHECK(keel_vault_recall(h.vault, keel_text("schedule"), keel_text(""), buf, &value) ==
		KEEL_OK);
	CHECK(home_enter(&h, KEEL_FOR_RECOVER, &bob) == 409); /* one press, one recovery */
	home_end(&h);
}

/* A clock that was wrong for a while costs timed guests their time, and nobody else anything. */
static void a_clock_that_was_ahead_once_lets_people_in(void)
{
	static struct home h;
	struct keel_member ann, bob, next;
	home_make(&h);
	home_claim(&h, &ann);
	int64_t right = h.time.wall;
	h.time.wall = right + 80LL * 365 * 86400;
	h.time.ms += 61000;
	CHECK(keel_vault_tick(h.vault) == KEEL_OK);
	h.time.wall = right + 61;
	home_join(&h, &ann, NULL, 0, &bob);
	home_reboot(&h);
	home_join(&h, &ann, NULL, 0, &next);
	CHECK(keel_vault_button(h.vault, BUTTON_HELD) == KEEL_OK);
	home_claim(&h, &ann); /* and the next home has no trace of it */
	home_join(&h, &ann, "set temperature", right + 86400, &bob);
	CHECK(home_heat(&h, &bob, 20000) == KEEL_OK);
	home_end(&h);
}

static void an_invitation_serves_once_and_for_15_minutes(void)
{
	static struct home h;
	struct keel_member ann, bob, joined;
	struct keel_invite_result r;
	struct keel_entry entry;
	uint8_t invitation[256], buf[1024];
	struct keel_bytes request, text;
	home_make(&h);
	home_claim(&h, &ann);
	home_join(&h, &ann, "set temperature", 0, &bob);
	CHECK(bob.role == KEEL_ROLE_GUEST);
	const struct keel_invite_args a = { .role = KEEL_ROLE_OWNER, .name = keel_text("Cy") };
	CHECK(home_change(&h, &ann, KEEL_OP_INVITE, &a, &r) == KEEL_OK);
	memcpy(invitation, r.invitation.p, r.invitation.n);
	text = (struct keel_bytes){ invitation, r.invitation.n };
	for (int i = 0; i < 2; i++) { /* the second one by other keys: used up */
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		CHECK(home_send(&h, PATH_HELLO, "c", KEEL_VIEW(nothing)) == 200);
		CHECK(keel_entry_join(text, h.answer, &entry, &w) == KEEL_OK);
		CHECK(keel_wr_end(&w, &request) == KEEL_OK);
		CHECK(home_send(&h, PATH_CLAIM, "c", request) == (i == 0 ? 200 : 403));
	}
	home_says(&h, 403, "was used or is over");
	CHECK(home_change(&h, &ann, KEEL_OP_INVITE, &a, &r) == KEEL_OK);
	memcpy(invitation, r.invitation.p, r.invitation.n);
	h.time.ms += 15 * 60 * 1000;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	CHECK(home_send(&h, PATH_HELLO, "c", KEEL_VIEW(nothing)) == 200);
	CHECK(keel_entry_join(text, h.answer, &entry, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &request) == KEEL_OK);
	CHECK(home_send(&h, PATH_CLAIM, "c", request) == 403);
	(void)joined;
	home_end(&h);
}

/* EN 303 645 5.5-7: a claim is proved, not sealed. There is no place in it for a name. */
static void prov_5_5_7_a_claim_has_no_place_for_a_name(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_envelope env;
	struct keel_key key;
	uint8_t body[512], payload[600], claim[700];
	struct keel_bytes in, out, none = { 0 };
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(keel_vault_button(h.vault, BUTTON_HELD) == KEEL_OK); /* so that one more is taken */
	keel_code_key(&h.label.code, h.label.id, &key);
	KEEL_MUST(keel_cose_mac0_verify(KEEL_VIEW(key.b), h.request, none, &in) == KEEL_OK);
	KEEL_MUST(keel_envelope_read(KEEL_FOR_CLAIM, in, &env) == KEEL_OK);
	struct keel_wr w = keel_wr_of(body, sizeof(body));
	keel_wr_u8(&w, 0xa6); /* a map of six: the five, and 6: "Ann" */
	keel_wr_bytes(&w, (struct keel_bytes){ env.body.p + 1, env.body.n - 1 });
	keel_wr_bytes(&w, keel_text("\x06\x63"
				    "Ann"));
	KEEL_MUST(env.body.p[0] == 0xa5 && keel_wr_end(&w, &out) == KEEL_OK);
	w = keel_wr_of(payload, sizeof(payload));
	keel_envelope_write(KEEL_FOR_CLAIM, env.device, env.home, env.recipient, out, &w);
	KEEL_MUST(keel_wr_end(&w, &in) == KEEL_OK);
	w = keel_wr_of(claim, sizeof(claim));
	KEEL_MUST(keel_cose_mac0(KEEL_VIEW(key.b), none, in, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(home_send(&h, PATH_CLAIM, "a", out) == 400);
	home_claim(&h, &ann);
	home_end(&h);
}

static size_t name_of(struct home *h, const struct keel_member *by, const struct keel_member *whose,
	char out[KEEL_PERSON_NAME_MAX + 1])
{
	struct keel_people_result r;
	struct keel_person_item p;
	CHECK(home_ask(h, by, KEEL_OP_PEOPLE, NULL, &r) == KEEL_OK);
	while (keel_list_next(&keel_person_item_row, &r.people, &p))
		if (keel_bytes_equal(p.owner, KEEL_VIEW(whose->thumbprint)))
			return (size_t)snprintf(out, KEEL_PERSON_NAME_MAX + 1, "%.*s",
				(int)p.name.n, (const char *)p.name.p);
	check_fail(__FILE__, __LINE__, "nobody of that key");
	return 0;
}

/* Time goes on while the engine works: a millisecond each time that it asks. */
static uint64_t going_on(void *self)
{
	struct keel_test_clock *t = self;
	return t->ms++;
}

static enum keel_err count_one(void *self, const char *name, struct keel_bytes value)
{
	(void)name, (void)value;
	(*(unsigned *)self)++;
	return KEEL_OK;
}

/* A fifth in the store would be one more than the engine has places for. */
static void an_invitation_that_ends_within_a_tick_leaves_nothing(void)
{
	static struct home h;
	struct keel_member ann;
	struct keel_invite_result r;
	const struct keel_invite_args a = { .role = KEEL_ROLE_OWNER, .name = keel_text("Cy") };
	for (uint64_t early = 1; early < 8; early++) {
		unsigned stored = 0;
		home_make(&h);
		home_claim(&h, &ann);
		const uint64_t first = h.time.ms;
		for (int i = 0; i < 4; i++, h.time.ms += 60000)
			CHECK(home_change(&h, &ann, KEEL_OP_INVITE, &a, &r) == KEEL_OK);
		h.time.ms = first + 15ULL * 60 * 1000 - early;
		h.clock.now_ms = going_on;
		CHECK(keel_vault_tick(h.vault) == KEEL_OK);
		h.clock = keel_test_clock_of(&h.time);
		h.time.ms = first + 15ULL * 60 * 1000;
		CHECK(home_change(&h, &ann, KEEL_OP_INVITE, &a, &r) == KEEL_OK);
		CHECK(keel_record_each(h.store, "invite/", count_one, &stored) == KEEL_OK);
		CHECK(stored == 4);
		home_end(&h);
	}
}

/* Owners and guests alike: the invitation's name, or none, until they say their own. */
static void a_name_comes_after_the_welcome(void)
{
	static struct home h;
	struct keel_member ann, guest;
	char name[KEEL_PERSON_NAME_MAX + 1];
	home_make(&h);
	home_claim(&h, &ann);
	CHECK(name_of(&h, &ann, &ann, name) == 0);
	home_join(&h, &ann, "set temperature", 0, &guest);
	CHECK(name_of(&h, &ann, &guest, name) > 0 && strcmp(name, "Bob") == 0);
	CHECK(home_rename(&h, &ann, "Ann") == KEEL_OK);
	CHECK(home_rename(&h, &guest, "Robert") == KEEL_OK);
	home_reboot(&h);
	CHECK(name_of(&h, &ann, &ann, name) > 0 && strcmp(name, "Ann") == 0);
	CHECK(name_of(&h, &ann, &guest, name) > 0 && strcmp(name, "Robert") == 0);
	home_end(&h);
}

/* EN 303 645 5.5-7: every byte of a claim counts. */
static void prov_5_5_7_a_claim_that_was_changed_is_refused(void)
{
	static struct home h;
	struct keel_member ann;
	uint8_t copy[1024];
	home_make(&h);
	h.time.ms += 16 * 60 * 1000; /* closed: a good claim would say 409 */
	CHECK(home_enter(&h, KEEL_FOR_CLAIM, &ann) == 409);
	struct keel_bytes changed = { copy, h.request.n };
	for (size_t i = 0; i < changed.n; i++) {
		memcpy(copy, h.request.p, changed.n);
		copy[i] ^= 1;
		unsigned status = home_send(&h, PATH_CLAIM, "a", changed);
		CHECK(status == 400 || status == 403);
		h.time.ms += 15 * 60 * 1000;
	}
	home_end(&h);
}

static void provisioning_happens_once_and_fits_its_unit(void)
{
	static struct home h;
	struct keel_key key = { { 1 } };
	uint8_t id[KEEL_DEVICE_ID_LEN] = { 1 };
	home_make(&h);
	struct keel_unit unit;
	CHECK(keel_unit_load(h.store, &unit) == KEEL_OK);
	CHECK(strcmp(unit.serial, "S-0001") == 0);
	struct keel_bytes e = { unit.endorsement, unit.endorsement_n };
	CHECK(keel_vault_provision(h.store, &h.identity, h.label.id, keel_text("S"), &key, e) ==
		KEEL_ESTATE);
	CHECK(keel_store_begin(h.store) == KEEL_OK);
	CHECK(keel_record_delete(h.store, "unit") == KEEL_OK);
	CHECK(keel_store_commit(h.store) == KEEL_OK);
	CHECK(keel_vault_provision(h.store, &h.identity, id, keel_text("S"), &key, e) ==
		KEEL_EAUTH);
	CHECK(keel_vault_provision(h.store, &h.identity, h.label.id, keel_text(""), &key, e) ==
		KEEL_ERANGE);
	CHECK(keel_unit_load(h.store, &unit) == KEEL_ENONE);
	home_end(&h);
}

TEST_MAIN(TEST(prov_5_12_1_a_claim_makes_an_owner_and_a_home),
	TEST(prov_5_9_2_a_cut_claim_is_finished_by_the_same_bytes),
	TEST(prov_5_1_1_a_claim_needs_the_window_and_the_factory_state),
	TEST(prov_5_1_1_a_vault_that_starts_anew_opens_no_window),
	TEST(prov_5_1_5_wrong_codes_cost_their_address_time),
	TEST(prov_5_1_5_guesses_from_many_addresses_do_not_lock_the_owner_out),
	TEST(prov_5_1_5_others_guesses_do_not_shorten_ones_wait),
	TEST(prov_5_1_5_guessers_do_not_flood_what_owners_are_told),
	TEST(a_nonce_is_fresh_and_serves_one_claim),
	TEST(prov_5_11_1_recover_removes_all_others_and_what_is_personal),
	TEST(a_clock_that_was_ahead_once_lets_people_in),
	TEST(an_invitation_serves_once_and_for_15_minutes),
	TEST(an_invitation_that_ends_within_a_tick_leaves_nothing),
	TEST(prov_5_5_7_a_claim_has_no_place_for_a_name), TEST(a_name_comes_after_the_welcome),
	TEST(prov_5_5_7_a_claim_that_was_changed_is_refused),
	TEST(provisioning_happens_once_and_fits_its_unit))
