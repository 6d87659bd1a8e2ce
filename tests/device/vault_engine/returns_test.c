/* Coming back with another phone: button, label, and an owner's word. docs/decisions/0007. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "device/vault_engine/home.h"

static const uint8_t nothing[] = { 0xa0 };

/* Two owners, each with a diary, a guest, and what the home keeps by consent. */
struct family {
	struct home h;
	struct keel_member ann, bob, guest;
	char anns[65], bobs[65];
};
static struct family f;

static void hex(const struct keel_member *m, char out[65])
{
	for (size_t i = 0; i < KEEL_THUMBPRINT_LEN; i++)
		snprintf(out + 2 * i, 3, "%02x", m->thumbprint[i]);
}

static void keep(const char *datum, const char *person, const char *value)
{
	CHECK(keel_vault_keep(f.h.vault, keel_text(datum), keel_text(person), keel_text(value)) ==
		KEEL_OK);
}

static bool is_kept(const char *datum, const char *person, const char *value)
{
	uint8_t buf[KEEL_DATUM_MAX];
	struct keel_bytes got = { 0 };
	return keel_vault_recall(f.h.vault, keel_text(datum), keel_text(person), buf, &got) ==
		       KEEL_OK &&
	       keel_bytes_is(got, value);
}

static void begin(void)
{
	static const struct keel_rule_datum mood = {
		.name = "mood", .person = true, .consent = true
	};
	const struct keel_consent_args yes = { .datum = keel_text("presence"), .given = true };
	const struct keel_consent_args mine = { .datum = keel_text("mood"), .given = true };
	home_make(&f.h);
	f.h.rules.datum[f.h.rules.data++] = mood;
	home_claim(&f.h, &f.ann);
	CHECK(home_rename(&f.h, &f.ann, "Ann") == KEEL_OK);
	home_join(&f.h, &f.ann, NULL, 0, &f.bob);
	home_join(&f.h, &f.ann, "set temperature", 0, &f.guest);
	CHECK(home_change(&f.h, &f.ann, KEEL_OP_CONSENT, &yes, NULL) == KEEL_OK);
	CHECK(home_change(&f.h, &f.ann, KEEL_OP_CONSENT, &mine, NULL) == KEEL_OK);
	hex(&f.ann, f.anns);
	hex(&f.bob, f.bobs);
	keep("diary", f.anns, "Ann's");
	keep("diary", f.bobs, "Bob's");
	keep("mood", f.anns, "good");
	keep("presence", "", "home");
}

static void press(void)
{
	CHECK(keel_vault_button(f.h.vault, BUTTON_PRESSED) == KEEL_OK);
}

/* Bob's word, the button, and the label: Ann has another phone. */
static void come_back(struct keel_member *next)
{
	CHECK(home_vouch(&f.h, &f.bob, &f.ann) == KEEL_OK);
	press();
	CHECK(home_enter(&f.h, KEEL_FOR_RETURN, next) == 200);
}

static uint64_t kept_of(const struct keel_member *m, const char *datum)
{
	struct keel_kept_result r;
	struct keel_kept_item i;
	CHECK(home_ask(&f.h, m, KEEL_OP_KEPT, NULL, &r) == KEEL_OK);
	while (keel_list_next(&keel_kept_item_row, &r.data, &i))
		if (keel_bytes_is(i.datum, datum))
			return i.items;
	return 0;
}

static void prov_5_11_1_with_an_owners_word_a_recovery_erases_nothing(void)
{
	struct keel_member next;
	begin();
	come_back(&next);
	CHECK(next.role == KEEL_ROLE_OWNER);
	CHECK(memcmp(next.home, f.ann.home, sizeof(next.home)) == 0);
	for (int i = 0; i < 2; i++) {
		CHECK(is_kept("mood", f.anns, "good"));
		keep("mood", f.anns, "good"); /* what she consented to goes on */
		CHECK(is_kept("diary", f.anns, "Ann's") && is_kept("diary", f.bobs, "Bob's"));
		CHECK(is_kept("presence", "", "home"));
		CHECK(keel_vault_state(f.h.vault) == KEEL_STATE_OPERATION);
		CHECK(kept_of(&next, "diary") == 1 && kept_of(&f.bob, "diary") == 1);
		CHECK(home_heat(&f.h, &f.guest, 19000) == KEEL_OK);
		home_reboot(&f.h);
	}
	CHECK(home_ask(&f.h, &f.ann, KEEL_OP_STATE, NULL, NULL) == KEEL_ERR_COUNT);
	home_says(&f.h, 403, "does not know whoever");
	home_end(&f.h);
}

/* To the others and to the product's program she is who she was. */
static void whoever_comes_back_is_the_same_person(void)
{
	struct keel_member next;
	struct keel_people_result r;
	struct keel_person_item p;
	const struct keel_delete_args mine = { .what = KEEL_DELETE_MINE };
	struct keel_receipt_result receipt;
	bool seen = false;
	begin();
	come_back(&next);
	CHECK(home_ask(&f.h, &f.bob, KEEL_OP_PEOPLE, NULL, &r) == KEEL_OK);
	CHECK(r.people.count == 3);
	while (keel_list_next(&keel_person_item_row, &r.people, &p))
		seen |= keel_bytes_equal(p.owner, KEEL_VIEW(next.thumbprint)) &&
			keel_bytes_is(p.name, "Ann");
	CHECK(seen);
	f.h.sents = 0;
	CHECK(home_heat(&f.h, &next, 21000) == KEEL_OK);
	CHECK(f.h.sents == 1 && strcmp(f.h.sent[0].person, f.anns) == 0);
	CHECK(home_change(&f.h, &next, KEEL_OP_DELETE, &mine, &receipt) == KEEL_OK);
	CHECK(!is_kept("diary", f.anns, "Ann's") && is_kept("diary", f.bobs, "Bob's"));
	home_end(&f.h);
}

static void a_guest_comes_back_as_a_guest(void)
{
	struct keel_member next;
	begin();
	CHECK(home_vouch(&f.h, &f.bob, &f.guest) == KEEL_OK);
	press();
	CHECK(home_enter(&f.h, KEEL_FOR_RETURN, &next) == 200);
	CHECK(next.role == KEEL_ROLE_GUEST);
	CHECK(home_heat(&f.h, &next, 19000) == KEEL_OK);
	CHECK(home_ask(&f.h, &next, KEEL_OP_PEOPLE, NULL, NULL) == KEEL_ERIGHT);
	home_end(&f.h);
}

/* Refused, and nothing changed: with this word it says no, and nobody lost anything. */
static void check_no(const char *part)
{
	struct keel_member eve;
	press();
	CHECK(home_enter(&f.h, KEEL_FOR_RETURN, &eve) == 409);
	home_says(&f.h, 409, part);
	CHECK(is_kept("diary", f.bobs, "Bob's"));
	CHECK(home_ask(&f.h, &f.bob, KEEL_OP_STATE, NULL, NULL) == KEEL_OK);
}

/* EN 303 645 5.1-1: button and label alone, or with a word that holds no more, give nothing of anybody. */
static void prov_5_1_1_a_return_needs_a_fresh_word_of_an_owner_who_is_here(void)
{
	struct keel_member cy, next;
	struct keel_remove_args remove = { 0 };
	begin();
	home_join(&f.h, &f.ann, NULL, 0, &cy);
	check_no("No owner has vouched");
	CHECK(home_vouch(&f.h, &f.bob, &f.bob) == KEEL_ESTATE);
	home_says(&f.h, 200, "Nobody vouches for themselves");
	CHECK(home_vouch(&f.h, &f.bob, &f.ann) == KEEL_OK);
	f.h.time.ms += 15ULL * 60 * 1000;
	check_no("No owner has vouched");
	CHECK(home_vouch(&f.h, &f.bob, &f.ann) == KEEL_OK);
	home_reboot(&f.h);
	check_no("No owner has vouched");
	CHECK(home_vouch(&f.h, &f.bob, &f.ann) == KEEL_OK);
	CHECK(home_vouch(&f.h, &f.bob, NULL) == KEEL_OK);
	check_no("No owner has vouched");
	CHECK(home_vouch(&f.h, &cy, &f.ann) == KEEL_OK); /* and is removed: so is the word */
	remove.owner = KEEL_VIEW(cy.thumbprint);
	CHECK(home_change(&f.h, &f.bob, KEEL_OP_REMOVE, &remove, NULL) == KEEL_OK);
	check_no("No owner has vouched");
	come_back(&next);
	check_no("No owner has vouched"); /* it served once */
	CHECK(home_vouch(&f.h, &f.bob, &next) == KEEL_OK);
	remove.owner = KEEL_VIEW(next.thumbprint);
	CHECK(home_change(&f.h, &f.bob, KEEL_OP_REMOVE, &remove, NULL) == KEEL_OK);
	check_no("No owner has vouched");
	home_end(&f.h);
}

static void prov_5_1_1_a_return_needs_button_and_label(void)
{
	struct keel_member eve, next;
	begin();
	CHECK(home_vouch(&f.h, &f.bob, &f.ann) == KEEL_OK);
	CHECK(home_enter(&f.h, KEEL_FOR_RETURN, &eve) == 409);
	home_says(&f.h, 409, "within 2 minutes");
	press();
	struct keel_code right = f.h.label.code;
	f.h.label.code.c[3] = right.c[3] == '7' ? '8' : '7';
	CHECK(home_enter(&f.h, KEEL_FOR_RETURN, &eve) == 403);
	home_says(&f.h, 403, "code is wrong");
	f.h.label.code = right;
	f.h.time.ms += 3000;
	CHECK(home_enter(&f.h, KEEL_FOR_RETURN, &next) == 200);
	CHECK(home_vouch(&f.h, &next, &f.bob) == KEEL_OK);
	CHECK(home_enter(&f.h, KEEL_FOR_RETURN, &eve) == 409); /* one press, one return */
	home_says(&f.h, 409, "within 2 minutes");
	home_end(&f.h);
}

/* A word for Ann keeps nothing from whoever recovers for themselves alone: that erases, as ever. */
static void prov_5_11_1_a_recovery_erases_whatever_anybody_vouched_for(void)
{
	struct keel_member eve;
	begin();
	CHECK(home_vouch(&f.h, &f.bob, &f.ann) == KEEL_OK);
	press();
	CHECK(home_enter(&f.h, KEEL_FOR_RECOVER, &eve) == 200);
	CHECK(!is_kept("diary", f.anns, "Ann's") && !is_kept("diary", f.bobs, "Bob's"));
	CHECK(!is_kept("presence", "", "home"));
	CHECK(home_ask(&f.h, &f.bob, KEEL_OP_STATE, NULL, NULL) == KEEL_ERR_COUNT);
	home_end(&f.h);
}

/* Joins by `by`'s invitation with the keys of `old`. */
static unsigned join_as(struct keel_member *by, const struct keel_member *old)
{
	static uint8_t invitation[256], body[512], claim[700];
	const struct keel_invite_args a = { .role = KEEL_ROLE_OWNER, .name = keel_text("x") };
	const struct keel_p256_pub *from[2], *to[2] = { &old->sign.pub, &old->agree.pub };
	struct keel_invite_result r;
	struct keel_entry e;
	struct keel_bytes in, payload, none = { 0 };
	CHECK(home_change(&f.h, by, KEEL_OP_INVITE, &a, &r) == KEEL_OK);
	struct keel_bytes text = { invitation, r.invitation.n };
	memcpy(invitation, r.invitation.p, r.invitation.n);
	KEEL_MUST(home_send(&f.h, PATH_HELLO, "b", KEEL_VIEW(nothing)) == 200);
	struct keel_wr w = keel_wr_of(claim, sizeof(claim));
	KEEL_MUST(keel_entry_join(text, f.h.answer, &e, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &in) == KEEL_OK);
	const struct keel_bytes key = { e.key, (size_t)e.key_len };
	KEEL_MUST(keel_cose_mac0_verify(key, in, none, &payload) == KEEL_OK);
	KEEL_MUST(payload.n <= sizeof(body));
	memcpy(body, payload.p, payload.n);
	from[0] = &e.member.sign.pub;
	from[1] = &e.member.agree.pub;
	for (int i = 0; i < 2; i++) {
		uint8_t *at = memmem(body, payload.n, from[i]->xy, sizeof(from[i]->xy));
		KEEL_MUST(at != NULL);
		memcpy(at, to[i]->xy, sizeof(to[i]->xy));
	}
	w = keel_wr_of(claim, sizeof(claim));
	KEEL_MUST(keel_cose_mac0(key, none, (struct keel_bytes){ body, payload.n }, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &in) == KEEL_OK);
	return home_send(&f.h, PATH_CLAIM, "b", in);
}

/* What the stolen phone had begun is over: commands, invitations, and its keys as anybody's. */
static void a_stolen_phone_does_not_come_back(void)
{
	struct keel_member next, stranger;
	struct keel_invite_result r;
	const struct keel_invite_args a = { .role = KEEL_ROLE_OWNER, .name = keel_text("x") };
	begin();
	CHECK(home_change(&f.h, &f.ann, KEEL_OP_COMMAND, home_command("unlock", NULL, 0), NULL) ==
		KEEL_OK);
	CHECK(home_change(&f.h, &f.ann, KEEL_OP_INVITE, &a, &r) == KEEL_OK);
	uint8_t invitation[256];
	const struct keel_bytes text = { invitation, r.invitation.n };
	memcpy(invitation, r.invitation.p, r.invitation.n);
	come_back(&next);
	f.h.sents = 0;
	keel_vault_app_started(f.h.vault, f.h.deletions);
	CHECK(f.h.sents == 0);
	struct keel_entry e;
	struct keel_wr w = keel_wr_of(f.h.request_buf, sizeof(f.h.request_buf));
	KEEL_MUST(home_send(&f.h, PATH_HELLO, "b", KEEL_VIEW(nothing)) == 200);
	KEEL_MUST(keel_entry_join(text, f.h.answer, &e, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &f.h.request) == KEEL_OK);
	CHECK(home_send(&f.h, PATH_CLAIM, "b", f.h.request) == 403);
	CHECK(join_as(&f.bob, &f.ann) == 400); /* else two would share a compartment */
	stranger = f.ann;
	keel_p256_generate(&stranger.sign);
	keel_p256_generate(&stranger.agree);
	CHECK(join_as(&f.bob, &stranger) == 200);
	home_end(&f.h);
}

/* EN 303 645 5.7-2: as a recovery does, it ends the isolation. */
static void prov_5_7_2_a_return_ends_the_isolation(void)
{
	struct keel_member next;
	begin();
	f.h.rules.isolate = true;
	CHECK(keel_vault_event(f.h.vault, "file-changed", keel_text("x"), true) == KEEL_OK);
	CHECK(keel_vault_state(f.h.vault) == KEEL_STATE_ISOLATED);
	come_back(&next);
	CHECK(keel_vault_state(f.h.vault) == KEEL_STATE_OPERATION);
	CHECK(f.h.state == KEEL_STATE_OPERATION);
	home_end(&f.h);
}

static void everybody_is_told(void)
{
	static const char *const words[] = { "vouched", "returned" };
	struct keel_member next;
	struct keel_events_args a = { 0 };
	struct keel_events_result r;
	struct keel_event_item i;
	size_t seen = 0;
	begin();
	come_back(&next);
	CHECK(home_ask(&f.h, &f.bob, KEEL_OP_EVENTS, &a, &r) == KEEL_OK);
	while (keel_list_next(&keel_event_item_row, &r.events, &i))
		for (size_t w = 0; w < KEEL_COUNT(words); w++)
			seen += keel_bytes_is(i.word, words[w]) &&
				i.detail.n == 0; /* a name would outlive its person */
	CHECK(seen == 2);
	home_end(&f.h);
}

TEST_MAIN(TEST(prov_5_11_1_with_an_owners_word_a_recovery_erases_nothing),
	TEST(whoever_comes_back_is_the_same_person), TEST(a_guest_comes_back_as_a_guest),
	TEST(prov_5_1_1_a_return_needs_a_fresh_word_of_an_owner_who_is_here),
	TEST(prov_5_1_1_a_return_needs_button_and_label),
	TEST(prov_5_11_1_a_recovery_erases_whatever_anybody_vouched_for),
	TEST(a_stolen_phone_does_not_come_back), TEST(prov_5_7_2_a_return_ends_the_isolation),
	TEST(everybody_is_told))
