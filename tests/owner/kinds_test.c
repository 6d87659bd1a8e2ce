/*
 * Each kind of thing that Keel signs, MACs or seals, made by its real maker in one home, offered to
 * the real verifier of every other kind: EN 303 645 5.5-1. tests/crypto/purpose_test.c has the table
 * of purposes alone; here it is seen that nobody forgets to look into it.
 *
 * A verifier is given the key that the thing was made with wherever it takes one, so that nothing
 * but the purpose (and what the kind looks like inside) is left to tell them apart.
 */
#include "check.h"
#include "desk/sealed.h"
#include "device/vault_engine/home.h"
#include "owner/ask.h"
#include "owner/endorsement.h"
#include "owner/statement.h"
#include "profile/measures.h"
#include "session/call.h"
#include "session/notice.h"
#include "session/time.h"

enum carrier { SIGNED = 1, MACED, SEALED, TO_DESK, KEPT };

struct thing {
	enum carrier by;
	struct keel_signer signer; /* SIGNED: by this key, under this name */
	struct keel_p256_pub pub;
	uint8_t kid[KEEL_THUMBPRINT_LEN];
	uint8_t key[32];       /* MACED */
	struct keel_bytes aad; /* MACED: static */
	size_t key_n;
	uint8_t bytes[2048];
	size_t n;
};

/* One way into the home: what its newcomer keeps until the welcome, and the welcome's signed half. */
struct way {
	struct keel_entry entry;
	uint8_t welcome[512];
	size_t welcome_n;
};

static struct home home; /* large */
static struct keel_member ann, bob, newcomer;
static uint8_t nonce[KEEL_REQUEST_NONCE_LEN]; /* of Ann's request */
static struct thing things[KEEL_PURPOSE_END];
static struct way ways[KEEL_PURPOSE_END]; /* by the purpose of the welcome's MACed half */

static struct keel_p256_key root, s_sign, s_agree; /* the service's */
static struct keel_service_keys service;

static struct keel_p256_key desk; /* to which a report is sealed */
static struct keel_key case_key;

static const uint8_t asked[16] = "a fresh question";
static const struct keel_digest product = { { 1 } };
static const struct keel_bytes none = { 0 };

static struct keel_bytes bytes_of(const struct thing *t)
{
	return (struct keel_bytes){ t->bytes, t->n };
}

/* --- the verifiers ----------------------------------------------------------------------------- */

/* Whether the real verifier of `kind` takes these bytes; t: whose keys they were made with. */
typedef bool verifier(enum keel_purpose kind, const struct thing *t, struct keel_bytes in);

static bool as_endorsement(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	uint8_t id[KEEL_DEVICE_ID_LEN];
	struct keel_endorsement out;
	(void)kind;
	return keel_endorsement_verify(in, t->by == SIGNED ? &t->pub : &home.maker.pub, id, &out) ==
	       KEEL_OK;
}

static bool as_measures(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_measures out;
	(void)kind;
	return keel_measures_verify(
		       in, t->by == SIGNED ? &t->pub : &home.maker.pub, &product, &out) == KEEL_OK;
}

static bool as_voucher(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_service_keys out;
	(void)kind;
	return keel_voucher_verify(in, t->by == SIGNED ? &t->pub : &root.pub, 0, &out) == KEEL_OK;
}

static bool as_time(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_service_keys keys = service;
	int64_t now;
	(void)kind;
	if (t->by == SIGNED)
		keys.sign = t->pub;
	return keel_time_verify(in, &keys, ann.id, KEEL_VIEW(asked), &now) == KEEL_OK;
}

static bool as_call(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	const struct keel_call call = { .mac0 = in };
	struct keel_nothing args;
	struct keel_key key = { { 0 } };
	(void)kind;
	memcpy(key.b, t->key, t->key_n);
	return keel_call_open(&call, &key, "", KEEL_VIEW(ann.id), KEEL_VIEW(ann.home),
		       &keel_nothing_schema, &args) == KEEL_OK;
}

static struct keel_member believer(const struct thing *t)
{
	struct keel_member m = ann;
	if (t->by == SIGNED) {
		m.device_sign = t->pub;
		memcpy(m.device, t->kid, sizeof(m.device));
	}
	return m;
}

static bool as_signed(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_receipt receipt;
	struct keel_owners_list owners;
	struct keel_member m = believer(t);
	bool is_receipt = kind == KEEL_FOR_RECEIPT;
	return keel_member_verify(&m, kind,
		       is_receipt ? &keel_receipt_schema : &keel_owners_list_schema, in,
		       is_receipt ? (void *)&receipt : (void *)&owners) == KEEL_OK;
}

static bool as_statement(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_bytes payload;
	struct keel_statement s;
	(void)kind;
	return keel_cose_verify1(t->by == SIGNED ? &t->pub : &ann.device_sign, in, none,
		       &payload) == KEEL_OK &&
	       keel_statement_read(payload, KEEL_STATEMENT_PROFILE, KEEL_VIEW(asked),
		       keel_text("here"), &s) == KEEL_OK;
}

static bool welcomed(const struct keel_entry *e, struct keel_bytes claimed, struct keel_bytes by_d)
{
	uint8_t buf[4096];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes both;
	struct keel_member out;
	const struct keel_welcome halves = { .claimed = claimed, .welcome = by_d };
	keel_schema_write(&keel_welcome_schema, &halves, &w);
	return keel_wr_end(&w, &both) == KEEL_OK && keel_entry_welcome(e, both, &out) == KEEL_OK;
}

static bool as_welcome(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	(void)kind;
	(void)t;
	return welcomed(&ways[KEEL_FOR_CLAIMED].entry, bytes_of(&things[KEEL_FOR_CLAIMED]), in);
}

static bool as_claimed(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_entry e = ways[kind].entry;
	if (t->by == MACED) {
		memcpy(e.key, t->key, t->key_n);
		e.key_len = t->key_n;
	}
	return welcomed(&e, in, (struct keel_bytes){ ways[kind].welcome, ways[kind].welcome_n });
}

static bool as_answer(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_request_answer a;
	(void)kind;
	(void)t;
	return keel_member_answer(&ann, nonce, in, home.plain, &a) == KEEL_OK;
}

/* Each from an address of its own: a wrong code makes its sender wait, and the next would not be read. */
static bool at_claim(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	static unsigned n;
	char from[16];
	(void)kind;
	(void)t;
	(void)snprintf(from, sizeof(from), "10.0.%u.%u", n / 250, n % 250);
	n++;
	return home_send(&home, PATH_CLAIM, from, in) == 200;
}

static bool at_request(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	(void)kind;
	(void)t;
	return home_send(&home, PATH_REQUEST, "a", in) == 200;
}

/* In a request of Ann's, which has nothing wrong but what it carries. */
static bool as_change(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	uint8_t inner[4096], sealed[4096];
	struct keel_wr w = keel_wr_of(inner, sizeof(inner)),
		       out = keel_wr_of(sealed, sizeof(sealed));
	struct keel_bytes payload, request;
	struct keel_request_answer a = { 0 };
	const struct keel_request q = {
		.has = 1u << KEEL_REQUEST_CHANGE, .nonce = KEEL_VIEW(nonce), .change = in
	};
	const struct keel_names names = { KEEL_VIEW(ann.id), KEEL_VIEW(ann.home),
		KEEL_VIEW(ann.device) };
	(void)kind;
	(void)t;
	KEEL_MUST(keel_payload_write(KEEL_FOR_REQUEST, &names, &keel_request_schema, &q, &w) ==
			  KEEL_OK &&
		  keel_wr_end(&w, &payload) == KEEL_OK);
	KEEL_MUST(keel_cose_seal_static(&ann.shared, KEEL_VIEW(ann.thumbprint),
			  KEEL_VIEW(ann.device), payload, &out) == KEEL_OK &&
		  keel_wr_end(&out, &request) == KEEL_OK);
	return home_send(&home, PATH_REQUEST, "a", request) == 200 &&
	       keel_member_answer(&ann, nonce, home.answer, home.plain, &a) == KEEL_OK &&
	       a.error == KEEL_OK;
}

/* At the service, with Ann's keys and for Ann's request, or with the keys that it was made with. */
static bool as_ask(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	static uint8_t buf[KEEL_RELAY_MAX + sizeof(t->bytes)];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes body;
	struct keel_asker asker;
	struct keel_relay r = { .ask = in,
		.sign = KEEL_VIEW(ann.sign.pub.xy),
		.agree = KEEL_VIEW(ann.agree.pub.xy),
		.request = bytes_of(&things[KEEL_FOR_REQUEST]) };
	(void)kind;
	if (t->by == SIGNED)
		r.sign = KEEL_VIEW(t->pub.xy);
	keel_schema_write(&keel_relay_schema, &r, &w);
	return keel_wr_end(&w, &body) == KEEL_OK && keel_relay_verify(body, &r, &asker) == KEEL_OK;
}

static bool as_opening(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_key key;
	(void)kind, (void)t;
	return keel_case_opening_read(&desk, in, &key) == KEEL_OK;
}

static bool as_desk_key(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_p256_key key;
	(void)kind, (void)t;
	return keel_desk_copy_read(&desk, in, &key) == KEEL_OK;
}

static bool as_reader_key(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_p256_key key;
	(void)kind, (void)t;
	return keel_reader_unwrap(&case_key, in, &key) == KEEL_OK;
}

static bool as_note(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_case_note note;
	uint8_t plain[2048];
	(void)kind, (void)t;
	return keel_case_note_read(&desk, in, plain, &note) == KEEL_OK;
}

static bool as_message(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_case_message m;
	uint8_t plain[2048];
	(void)kind, (void)t;
	return keel_case_message_read(&case_key, in, plain, &m) == KEEL_OK;
}

static bool as_piece(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	struct keel_case_piece p;
	uint8_t plain[2048];
	(void)kind, (void)t;
	return keel_case_piece_read(&case_key, in, plain, &p) == KEEL_OK;
}

static verifier as_notice;

static const struct {
	const char *name;
	verifier *takes;
} kinds[KEEL_PURPOSE_END] = {
	[KEEL_FOR_ENDORSEMENT] = { "endorsement", as_endorsement },
	[KEEL_FOR_CLAIM] = { "claim", at_claim },
	[KEEL_FOR_CLAIMED] = { "claimed", as_claimed },
	[KEEL_FOR_WELCOME] = { "welcome", as_welcome },
	[KEEL_FOR_JOIN] = { "join", at_claim },
	[KEEL_FOR_JOINED] = { "joined", as_claimed },
	[KEEL_FOR_REQUEST] = { "request", at_request },
	[KEEL_FOR_ANSWER] = { "answer", as_answer },
	[KEEL_FOR_CHANGE] = { "change", as_change },
	[KEEL_FOR_RECEIPT] = { "receipt", as_signed },
	[KEEL_FOR_OWNERS] = { "owners", as_signed },
	[KEEL_FOR_STATEMENT] = { "statement", as_statement },
	[KEEL_FOR_RECOVER] = { "recover", at_claim },
	[KEEL_FOR_RECOVERED] = { "recovered", as_claimed },
	[KEEL_FOR_RETURN] = { "return", at_claim },
	[KEEL_FOR_RETURNED] = { "returned", as_claimed },
	[KEEL_FOR_MEASURES] = { "measures", as_measures },
	[KEEL_FOR_VOUCHER] = { "voucher", as_voucher },
	[KEEL_FOR_CALL] = { "call", as_call },
	[KEEL_FOR_TIME] = { "time", as_time },
	[KEEL_FOR_ASK] = { "ask", as_ask },
	[KEEL_FOR_CASE] = { "case", as_opening },
	[KEEL_FOR_CASE_MESSAGE] = { "case message", as_message },
	[KEEL_FOR_CASE_PIECE] = { "case piece", as_piece },
	[KEEL_FOR_CASE_NOTE] = { "case note", as_note },
	[KEEL_FOR_DESK_KEY] = { "desk key", as_desk_key },
	[KEEL_FOR_READER_KEY] = { "reader key", as_reader_key },
	[KEEL_FOR_NOTICE] = { "notice", as_notice },
};

/* --- the things -------------------------------------------------------------------------------- */

static struct thing *keep(enum keel_purpose kind, enum carrier by, struct keel_bytes bytes)
{
	struct thing *t = &things[kind];
	KEEL_MUST(bytes.n > 0 && bytes.n <= sizeof(t->bytes));
	memcpy(t->bytes, bytes.p, bytes.n);
	t->n = bytes.n;
	t->by = by;
	return t;
}

static void keep_signed(enum keel_purpose kind, struct keel_bytes bytes, struct keel_signer signer,
	const struct keel_p256_pub *pub)
{
	struct thing *t = keep(kind, SIGNED, bytes);
	struct keel_bytes kid;
	t->signer = signer;
	t->pub = *pub;
	KEEL_MUST(keel_cose_sign1_kid(bytes, &kid) == KEEL_OK && kid.n == sizeof(t->kid));
	memcpy(t->kid, kid.p, kid.n);
}

static void keep_of_device(enum keel_purpose kind, struct keel_bytes bytes)
{
	keep_signed(kind, bytes, home.identity.signer, &home.identity.sign);
}

static void keep_maced(enum keel_purpose kind, struct keel_bytes bytes, const struct keel_entry *e)
{
	struct thing *t = keep(kind, MACED, bytes);
	memcpy(t->key, e->key, sizeof(t->key));
	t->key_n = (size_t)e->key_len;
}

static struct keel_bytes payload_of(const struct thing *t)
{
	struct keel_bytes payload = { 0 }, key = { t->key, t->key_n };
	const struct keel_agreer own = keel_agreer_of(&desk);
	enum keel_err e = KEEL_OK;
	if (t->by == SIGNED)
		e = keel_cose_verify1(&t->pub, bytes_of(t), none, &payload);
	else if (t->by == MACED)
		e = keel_cose_mac0_verify(key, bytes_of(t), t->aad, &payload);
	else if (t->by == TO_DESK)
		e = keel_cose_open_from(&own, bytes_of(t), home.plain, &payload);
	else if (t->by == KEPT)
		e = keel_cose_decrypt0(&case_key, bytes_of(t), none, home.plain, &payload);
	else
		e = keel_cose_open_static(&ann.shared, bytes_of(t), home.plain, &payload);
	KEEL_MUST(e == KEEL_OK);
	return payload;
}

static enum keel_err wrap(const struct thing *t, struct keel_bytes payload, struct keel_wr *w)
{
	struct keel_bytes from, to;
	if (t->by == SIGNED)
		return keel_cose_sign1(&t->signer, KEEL_VIEW(t->kid), none, payload, w);
	if (t->by == MACED)
		return keel_cose_mac0((struct keel_bytes){ t->key, t->key_n }, t->aad, payload, w);
	if (t->by == TO_DESK)
		return keel_cose_seal_to(&desk.pub, none, payload, w);
	if (t->by == KEPT)
		return keel_cose_encrypt0(&case_key, none, payload, w);
	KEEL_MUST(keel_cose_seal_kids(bytes_of(t), &from, &to) == KEEL_OK);
	return keel_cose_seal_static(&ann.shared, from, to, payload, w);
}

/* The thing once more, under its own key and with all it says, but made for another purpose. */
static struct keel_bytes made_for(
	const struct thing *t, enum keel_purpose is, enum keel_purpose other, uint8_t buf[2048])
{
	uint8_t inner[2048];
	struct keel_wr w = keel_wr_of(buf, 2048), changed = keel_wr_of(inner, sizeof(inner));
	struct keel_bytes out, payload = payload_of(t);
	struct keel_envelope e;
	KEEL_MUST(keel_envelope_read(is, payload, &e) == KEEL_OK);
	keel_envelope_write(other, e.device, e.home, e.recipient, e.body, &changed);
	KEEL_MUST(keel_wr_end(&changed, &payload) == KEEL_OK);
	KEEL_MUST(wrap(t, payload, &w) == KEEL_OK && keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

/* Where a return is let in, so is a recovery, by the same code and button: it would be one, not pass for one. */
static bool is_one(enum keel_purpose is, enum keel_purpose other)
{
	return is == other || (is == KEEL_FOR_RETURN && other == KEEL_FOR_RECOVER);
}

/* Its verifier takes it under no purpose but its own. */
static void only_for_its_purpose(enum keel_purpose is)
{
	uint8_t buf[2048];
	const struct thing *t = &things[is];
	for (enum keel_purpose p = KEEL_FOR_ENDORSEMENT; p < KEEL_PURPOSE_END; p++)
		if (!is_one(is, p))
			CHECK_ROW(!kinds[is].takes(is, t, made_for(t, is, p, buf)), kinds[is].name);
	CHECK_ROW(kinds[is].takes(is, t, bytes_of(t)), kinds[is].name);
}

/* Sends what was written for a way in, once nothing of another purpose was taken for it, and keeps both. */
static void enter(enum keel_purpose kind, enum keel_purpose answered, const struct keel_entry *e,
	struct keel_member *m)
{
	struct way *way = &ways[answered];
	struct keel_welcome halves;
	way->entry = *e;
	keep_maced(kind, home.request, e);
	only_for_its_purpose(kind);
	CHECK(home_send(&home, PATH_CLAIM, "a", home.request) == 200);
	CHECK(keel_entry_welcome(e, home.answer, m) == KEEL_OK);
	KEEL_MUST(keel_schema_read(&keel_welcome_schema, home.answer, &halves, NULL) == KEEL_OK);
	keep_maced(answered, halves.claimed, e);
	memcpy(way->welcome, halves.welcome.p, halves.welcome.n);
	way->welcome_n = halves.welcome.n;
}

static void say_hello(void)
{
	static const uint8_t nothing[] = { 0xa0 };
	KEEL_MUST(home_send(&home, PATH_HELLO, "a", KEEL_VIEW(nothing)) == 200);
}

static void enter_by_label(
	enum keel_purpose kind, enum keel_purpose answered, struct keel_member *m)
{
	struct keel_entry e;
	struct keel_wr w = keel_wr_of(home.request_buf, sizeof(home.request_buf));
	say_hello();
	KEEL_MUST(keel_entry_claim(&home.label, kind, home.answer, &e, &w) == KEEL_OK &&
		  keel_wr_end(&w, &home.request) == KEEL_OK);
	enter(kind, answered, &e, m);
}

static void join(void)
{
	const struct keel_invite_args a = { .role = KEEL_ROLE_OWNER, .name = keel_text("Bob") };
	struct keel_invite_result r;
	uint8_t invitation[256];
	struct keel_entry e;
	struct keel_wr w = keel_wr_of(home.request_buf, sizeof(home.request_buf));
	CHECK(home_change(&home, &ann, KEEL_OP_INVITE, &a, &r) == KEEL_OK);
	memcpy(invitation, r.invitation.p, r.invitation.n);
	say_hello();
	KEEL_MUST(keel_entry_join((struct keel_bytes){ invitation, r.invitation.n }, home.answer,
			  &e, &w) == KEEL_OK &&
		  keel_wr_end(&w, &home.request) == KEEL_OK);
	enter(KEEL_FOR_JOIN, KEEL_FOR_JOINED, &e, &bob);
}

static void collect_signed(void)
{
	const struct keel_statement_args s = { .nonce = KEEL_VIEW(asked),
		.aud = keel_text("here") };
	const struct keel_delete_args d = { .what = KEEL_DELETE_MINE };
	const struct way *way = &ways[KEEL_FOR_CLAIMED];
	struct keel_people_result people;
	struct keel_receipt_result receipt;
	struct keel_statement_result statement;
	keep_of_device(KEEL_FOR_WELCOME, (struct keel_bytes){ way->welcome, way->welcome_n });
	CHECK(home_ask(&home, &ann, KEEL_OP_PEOPLE, NULL, &people) == KEEL_OK);
	keep_of_device(KEEL_FOR_OWNERS, people.owners);
	CHECK(home_change(&home, &ann, KEEL_OP_DELETE, &d, &receipt) == KEEL_OK);
	keep_of_device(KEEL_FOR_RECEIPT, receipt.receipt);
	CHECK(home_ask(&home, &ann, KEEL_OP_STATEMENT, &s, &statement) == KEEL_OK);
	keep_of_device(KEEL_FOR_STATEMENT, statement.statement);
	keep_signed(KEEL_FOR_ENDORSEMENT, statement.endorsement, keel_signer_of(&home.maker),
		&home.maker.pub);
}

static void collect_measures(void)
{
	uint8_t files[128], buf[1024];
	struct keel_wr items = keel_wr_of(files, sizeof(files)), w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes signed_list;
	const struct keel_measured_file f = {
		.path = keel_text("/usr/sbin/keeld"), .size = 4711, .sha256 = KEEL_VIEW(product.b)
	};
	struct keel_measures list = { .product = KEEL_VIEW(product.b) };
	keel_list_add(&keel_measured_file_row, &f, &items, &list.files);
	KEEL_MUST(keel_measures_write(&home.maker, &list, &w) == KEEL_OK &&
		  keel_wr_end(&w, &signed_list) == KEEL_OK);
	keep_signed(KEEL_FOR_MEASURES, signed_list, keel_signer_of(&home.maker), &home.maker.pub);
}

static void collect_service(void)
{
	uint8_t st[KEEL_THUMBPRINT_LEN], buf[1024];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	keel_p256_generate(&root);
	keel_p256_generate(&s_sign);
	keel_p256_generate(&s_agree);
	const struct keel_signer by_root = keel_signer_of(&root), by_s = keel_signer_of(&s_sign);
	service = (struct keel_service_keys){ s_sign.pub, s_agree.pub, 1, INT64_MAX };
	KEEL_MUST(keel_voucher_write(&by_root, &root.pub, &service, &w) == KEEL_OK &&
		  keel_wr_end(&w, &out) == KEEL_OK);
	keep_signed(KEEL_FOR_VOUCHER, out, by_root, &root.pub);
	keel_service_thumbprint(&service, st);
	w = keel_wr_of(buf, sizeof(buf));
	KEEL_MUST(keel_time_write(&by_s, st, ann.id, KEEL_VIEW(asked), 1, &w) == KEEL_OK &&
		  keel_wr_end(&w, &out) == KEEL_OK);
	keep_signed(KEEL_FOR_TIME, out, by_s, &s_sign.pub);
}

static const struct keel_key session_key = { { 6 } };

static void keep_of_session(enum keel_purpose kind, struct keel_bytes mac0, struct keel_bytes aad)
{
	struct thing *t = keep(kind, MACED, mac0);
	memcpy(t->key, session_key.b, sizeof(session_key.b));
	t->key_n = sizeof(session_key.b);
	t->aad = aad;
}

/* At a path without a name, since nothing of a member's that is MACed has an external AAD to tell it apart by. */
static void collect_call(void)
{
	static const uint8_t token[] = { 0x80 };
	const struct keel_nothing args = { 0 };
	const struct keel_caller caller = { KEEL_VIEW(token), &session_key, KEEL_VIEW(ann.id),
		KEEL_VIEW(ann.home) };
	uint8_t buf[1024];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	struct keel_call call;
	KEEL_MUST(keel_call_write(&caller, "", &keel_nothing_schema, &args, &w) == KEEL_OK &&
		  keel_wr_end(&w, &out) == KEEL_OK &&
		  keel_schema_read(&keel_call_schema, out, &call, NULL) == KEEL_OK);
	keep_of_session(KEEL_FOR_CALL, call.mac0, none);
}

static struct keel_notice_to notice_to(void)
{
	return (struct keel_notice_to){ &session_key, KEEL_VIEW(ann.id), KEEL_VIEW(ann.home), 0 };
}

static void collect_notice(void)
{
	static const uint8_t aad[] = KEEL_PATH_INBOX "\0\0\0\0\0\0\0"; /* and item 0 */
	const struct keel_notice n = { .code = KEEL_NOTICE_UPDATE, .about = keel_text("2.4.1") };
	const struct keel_notice_to to = notice_to();
	uint8_t buf[KEEL_NOTICE_MAX], sealed[KEEL_NOTICE_SEALED];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf)), v = keel_wr_of(sealed, sizeof(sealed));
	struct keel_bytes notice, out;
	keel_schema_write(&keel_notice_schema, &n, &w);
	KEEL_MUST(keel_wr_end(&w, &notice) == KEEL_OK &&
		  keel_notice_seal(&to, notice, &v) == KEEL_OK && keel_wr_end(&v, &out) == KEEL_OK);
	keep_of_session(KEEL_FOR_NOTICE, out, KEEL_VIEW(aad));
}

static bool as_notice(enum keel_purpose kind, const struct thing *t, struct keel_bytes in)
{
	const struct keel_notice_to to = notice_to();
	struct keel_notice n;
	(void)kind, (void)t;
	return keel_notice_open(&to, in, &n) == KEEL_OK;
}

/* A change that was not sent yet: its challenge and its counter are fresh until its own kind is taken. */
static void collect_change(void)
{
	uint8_t challenge[KEEL_CHALLENGE_LEN], buf[2048];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_envelope env;
	struct keel_request q;
	struct keel_bytes sealed, plain;
	home_challenge(&home, &ann, challenge);
	KEEL_MUST(keel_member_change(&ann, keel_op_of(KEEL_OP_COMMAND),
			  home_command("set temperature", "celsius", 21000), KEEL_VIEW(challenge),
			  nonce, &w) == KEEL_OK &&
		  keel_wr_end(&w, &sealed) == KEEL_OK);
	KEEL_MUST(keel_cose_open_static(&ann.shared, sealed, home.plain, &plain) == KEEL_OK &&
		  keel_envelope_read(KEEL_FOR_REQUEST, plain, &env) == KEEL_OK &&
		  keel_schema_read(&keel_request_schema, env.body, &q, NULL) == KEEL_OK);
	keep_signed(KEEL_FOR_CHANGE, q.change, keel_signer_of(&ann.sign), &ann.sign.pub);
}

static void collect_sealed(void)
{
	struct keel_wr w = keel_wr_of(home.request_buf, sizeof(home.request_buf));
	KEEL_MUST(keel_member_ask(&ann, keel_op_of(KEEL_OP_PEOPLE), NULL, nonce, &w) == KEEL_OK &&
		  keel_wr_end(&w, &home.request) == KEEL_OK);
	CHECK(home_send(&home, PATH_REQUEST, "a", home.request) == 200);
	(void)keep(KEEL_FOR_REQUEST, SEALED, home.request);
	(void)keep(KEEL_FOR_ANSWER, SEALED, home.answer);
}

static void collect_ask(void)
{
	static uint8_t buf[KEEL_RELAY_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes body;
	struct keel_relay r;
	struct keel_asker asker;
	KEEL_MUST(keel_relay_write(&ann, bytes_of(&things[KEEL_FOR_REQUEST]), &w) == KEEL_OK &&
		  keel_wr_end(&w, &body) == KEEL_OK);
	KEEL_MUST(keel_relay_verify(body, &r, &asker) == KEEL_OK);
	keep_signed(KEEL_FOR_ASK, r.ask, keel_signer_of(&ann.sign), &ann.sign.pub);
}

/* Between operators the desk's key stands for the reader's, the worst case. */
static void collect_case(void)
{
	const struct keel_case_message m = { .text = keel_text("it answers port 23") };
	const struct keel_case_piece p = { .of = 1, .bytes = keel_text("pcap") };
	const struct keel_case_note n = { .text = keel_text("true") };
	keel_p256_generate(&desk);
	keel_random(case_key.b, sizeof(case_key.b));
	uint8_t bufs[6][512];
	struct keel_wr w[6];
	struct keel_bytes out;
	for (size_t i = 0; i < 6; i++)
		w[i] = keel_wr_of(bufs[i], sizeof(bufs[i]));
	KEEL_MUST(keel_case_opening_write(&desk.pub, &case_key, &w[0]) == KEEL_OK &&
		  keel_case_message_write(&case_key, &m, &w[1]) == KEEL_OK &&
		  keel_case_piece_write(&case_key, &p, &w[2]) == KEEL_OK &&
		  keel_case_note_write(&desk.pub, &n, &w[3]) == KEEL_OK &&
		  keel_desk_copy_write(&desk.pub, &desk, &w[4]) == KEEL_OK &&
		  keel_reader_wrap(&case_key, &desk, &w[5]) == KEEL_OK);
	for (size_t i = 0; i < 6; i++) {
		bool kept = i == 1 || i == 2 || i == 5;
		KEEL_MUST(keel_wr_end(&w[i], &out) == KEEL_OK);
		(void)keep(KEEL_FOR_CASE + (enum keel_purpose)i, kept ? KEPT : TO_DESK, out);
	}
}

static void make_home(void)
{
	memset(things, 0, sizeof(things));
	home_make(&home);
	enter_by_label(KEEL_FOR_CLAIM, KEEL_FOR_CLAIMED, &ann);
	join();
	collect_signed();
	collect_measures();
	collect_service();
	collect_call();
	collect_notice();
	collect_change();
	collect_sealed();
	collect_ask();
	collect_case();
}

/* --- the tests --------------------------------------------------------------------------------- */

#define KIND(p) (UINT32_C(1) << (p))

/* The door takes what lets somebody in, and answers the same bytes again while they are in. */
static bool fits(enum keel_purpose made, enum keel_purpose offered, uint32_t inside)
{
	if (kinds[made].takes != at_claim || kinds[offered].takes != at_claim)
		return made == offered;
	return (inside & KIND(made)) != 0;
}

/* Every pair of things that there are, one of which is new. inside: who came in by which is still in. */
static void cross(uint32_t fresh, uint32_t inside)
{
	for (enum keel_purpose a = KEEL_FOR_ENDORSEMENT; a < KEEL_PURPOSE_END; a++)
		for (enum keel_purpose b = KEEL_FOR_ENDORSEMENT; b < KEEL_PURPOSE_END; b++) {
			char row[64];
			if (things[a].n == 0 || things[b].n == 0 ||
				((KIND(a) | KIND(b)) & fresh) == 0)
				continue;
			(void)snprintf(row, sizeof(row), "%s as %s", kinds[a].name, kinds[b].name);
			CHECK_ROW(kinds[b].takes(b, &things[a], bytes_of(&things[a])) ==
					  fits(a, b, inside),
				row);
		}
}

static void press(void)
{
	KEEL_MUST(keel_vault_button(home.vault, BUTTON_PRESSED) == KEEL_OK);
}

static void return_bob(void)
{
	CHECK(home_vouch(&home, &ann, &bob) == KEEL_OK);
	press();
	enter_by_label(KEEL_FOR_RETURN, KEEL_FOR_RETURNED, &newcomer);
}

static void recover(void)
{
	press();
	enter_by_label(KEEL_FOR_RECOVER, KEEL_FOR_RECOVERED, &newcomer);
}

static void prov_5_5_1_a_real_thing_never_passes_for_another_kind(void)
{
	make_home();
	cross(~UINT32_C(0), KIND(KEEL_FOR_CLAIM) | KIND(KEEL_FOR_JOIN));
	return_bob();
	cross(KIND(KEEL_FOR_RETURN) | KIND(KEEL_FOR_RETURNED),
		KIND(KEEL_FOR_CLAIM) | KIND(KEEL_FOR_RETURN));
	recover();
	cross(KIND(KEEL_FOR_RECOVER) | KIND(KEEL_FOR_RECOVERED), KIND(KEEL_FOR_RECOVER));
	home_end(&home);
}

/* All but the vault's own records: they never travel, and nobody outside has their key. */
static bool travels(enum keel_purpose p)
{
	return p != KEEL_FOR_STORE;
}

static void prov_5_5_1_every_verifier_looks_at_the_purpose(void)
{
	make_home();
	only_for_its_purpose(KEEL_FOR_CHANGE); /* while its challenge is the last */
	return_bob();
	for (enum keel_purpose p = KEEL_FOR_ENDORSEMENT; p < KEEL_PURPOSE_END; p++)
		if (travels(p) && p != KEEL_FOR_STATEMENT && p != KEEL_FOR_CHANGE &&
			kinds[p].takes != at_claim && p != KEEL_FOR_RECOVERED)
			only_for_its_purpose(p);
	recover();
	only_for_its_purpose(KEEL_FOR_RECOVERED);
	for (enum keel_purpose p = KEEL_FOR_ENDORSEMENT; p < KEEL_PURPOSE_END; p++)
		CHECK((things[p].n > 0) == travels(p));
	home_end(&home);
}

/* It has no envelope: its profile says what it is for. */
static void prov_5_5_1_a_statement_of_another_profile_is_refused(void)
{
	uint8_t inner[2048], buf[2048];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out;
	make_home();
	const struct thing *t = &things[KEEL_FOR_STATEMENT];
	struct keel_bytes payload = payload_of(t);
	KEEL_MUST(payload.n <= sizeof(inner));
	memcpy(inner, payload.p, payload.n);
	uint8_t *profile = memmem(inner, payload.n, "interrogate", 11);
	KEEL_MUST(profile != NULL);
	*profile = 'j';
	KEEL_MUST(wrap(t, (struct keel_bytes){ inner, payload.n }, &w) == KEEL_OK &&
		  keel_wr_end(&w, &out) == KEEL_OK);
	CHECK(!as_statement(KEEL_FOR_STATEMENT, t, out));
	CHECK(as_statement(KEEL_FOR_STATEMENT, t, bytes_of(t)));
	home_end(&home);
}

TEST_MAIN(TEST(prov_5_5_1_a_real_thing_never_passes_for_another_kind),
	TEST(prov_5_5_1_every_verifier_looks_at_the_purpose),
	TEST(prov_5_5_1_a_statement_of_another_profile_is_refused))
