/* The desk through the console's calls: its keys, cases, answers, notes, states. EN 303 645 5.2-1. */
#include <stdarg.h>
#include <time.h>

#include "check.h"
#include "console_place.h"
#include "core/base64url.h"
#include "desk/sealed.h"
#include "fleet/desk.h"

#define DAY   INT64_C(86400)
#define TEXT  "canary-55c1 port 23 is open"
#define CASES 130 /* more than a page */

struct desk {
	struct console_place place;
	struct keel_p256_key key, reader;
	char key64[96], reader64[96], copy64[1024];
};

/* --- what a browser does --- */

static void to64(const struct keel_wr *w, char *out, size_t cap)
{
	struct keel_bytes b = { 0 };
	CHECK(keel_wr_end(w, &b) == KEEL_OK);
	place_text64(b, out, cap);
}

static struct keel_bytes from64(const char *text, uint8_t *buf, size_t cap)
{
	struct keel_wr w = keel_wr_of(buf, cap);
	struct keel_bytes out = { 0 };
	keel_base64url_read(keel_text(text), &w);
	CHECK(keel_wr_end(&w, &out) == KEEL_OK);
	return out;
}

__attribute__((format(printf, 3, 4))) static unsigned post(
	struct desk *d, const char *name, const char *form, ...)
{
	static char body[65536];
	va_list args;
	va_start(args, form);
	(void)vsnprintf(body, sizeof(body), form, args);
	va_end(args);
	return place_call(&d->place, name, body);
}

static unsigned make_reader(struct desk *d)
{
	return post(d, "desk-reader", "{\"key\":\"%s\",\"sealed\":\"%s\",\"how\":\"%s\"}",
		d->reader64, "d3JhcHBlZA", "passkey");
}

static unsigned make_key(struct desk *d)
{
	return post(d, "desk-key", "{\"key\":\"%s\",\"sealed\":\"%s\"}", d->key64, d->copy64);
}

/* Ann is in, and has made nothing yet. */
static void start(struct desk *d)
{
	uint8_t buf[KEEL_CASE_OPENING_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	place_start_in(&d->place);
	keel_p256_generate(&d->key);
	keel_p256_generate(&d->reader);
	place_text64(KEEL_VIEW(d->key.pub.xy), d->key64, sizeof(d->key64));
	place_text64(KEEL_VIEW(d->reader.pub.xy), d->reader64, sizeof(d->reader64));
	CHECK(keel_desk_copy_write(&d->reader.pub, &d->key, &w) == KEEL_OK);
	to64(&w, d->copy64, sizeof(d->copy64));
}

static void start_open(struct desk *d)
{
	start(d);
	CHECK(make_reader(d) == 200 && make_key(d) == 200);
}

/* --- what a reporter does --- */

static void report(struct desk *d, uint8_t token, int64_t now_s, const struct keel_key *key,
	char number[KEEL_DESK_NUMBER_LEN + 1])
{
	uint8_t opening[KEEL_CASE_OPENING_MAX];
	uint8_t message[KEEL_DESK_MESSAGE_MAX];
	struct keel_wr o = keel_wr_of(opening, sizeof(opening));
	struct keel_wr m = keel_wr_of(message, sizeof(message));
	const struct keel_case_message said = { .time_s = now_s, .text = keel_text(TEXT) };
	struct keel_desk_open j = { .now_s = now_s,
		.model = keel_text("hearth-h1"),
		.token = { { token, 1 } },
		.acknowledge_s = 2 * DAY,
		.status_s = 14 * DAY };
	keel_desk_kid(&d->key.pub, &j.kid);
	CHECK(keel_case_opening_write(&d->key.pub, key, &o) == KEEL_OK);
	CHECK(keel_case_message_write(key, &said, &m) == KEEL_OK);
	CHECK(keel_wr_end(&o, &j.opening) == KEEL_OK && keel_wr_end(&m, &j.message) == KEEL_OK);
	keel_desk_open(d->place.store, &j);
	CHECK(j.write.err == KEEL_OK);
	memcpy(number, j.number, sizeof(j.number));
}

static unsigned look(struct desk *d, const char *number)
{
	return post(d, "case", "{\"case\":\"%s\"}", number);
}

static json_int_t number_of(const struct desk *d, const char *name)
{
	return json_integer_value(json_object_get(d->place.said, name));
}

/* --- keys --- */

static void put_reader(struct desk *d, const char *operator)
{
	struct keel_desk_reader_put j = { .who = operator,
		.now_s = time(NULL),
		.pub = d->reader.pub,
		.wrapped = keel_text("not for ann"),
		.how = "code" };
	keel_desk_reader_put(d->place.store, &j);
	CHECK(j.write.err == KEEL_OK);
}

static unsigned give(struct desk *d, const char *name)
{
	return post(d, "desk-copy", "{\"key\":\"%s\",\"sealed\":\"%s\",\"name\":\"%s\"}", d->key64,
		d->copy64, name);
}

static void the_desks_key_is_made_and_given(void)
{
	struct desk d;
	const struct console_place *p = &d.place;
	start(&d);
	CHECK(place_call(&d.place, "desk", "{}") == 200 && place_row(p, "keys", 0) == NULL);
	CHECK(make_key(&d) == 404); /* for nobody who could read it */
	CHECK(make_reader(&d) == 200 && make_key(&d) == 200 && make_key(&d) == 409);
	put_reader(&d, "bob");
	CHECK(place_call(&d.place, "desk", "{}") == 200);
	CHECK(strcmp(place_word(p, "me"), "ann") == 0 && place_word(p, "credential")[0] != '\0');
	CHECK(strcmp(place_word_of(place_row(p, "keys", 0), "key"), d.key64) == 0);
	CHECK(strcmp(place_word_of(place_row(p, "keys", 0), "copy"), d.copy64) == 0);
	CHECK(strcmp(place_word_of(place_row(p, "readers", 0), "wrapped"), "d3JhcHBlZA") == 0);
	CHECK(json_is_true(json_object_get(place_row(p, "readers", 0), "reads")));
	CHECK(strcmp(place_word_of(place_row(p, "readers", 1), "name"), "bob") == 0);
	CHECK(json_is_false(json_object_get(place_row(p, "readers", 1), "reads")));
	CHECK(json_object_get(place_row(p, "readers", 1), "wrapped") == NULL);
	CHECK(give(&d, "carl") == 404 && give(&d, "bob") == 200);
	CHECK(place_call(&d.place, "desk", "{}") == 200);
	CHECK(json_is_true(json_object_get(place_row(p, "readers", 1), "reads")));
	place_stop(&d.place);
}

/* A new reading key forgets the copies for the old one: a stolen session must not do that. */
static void who_reads_already_makes_no_other_key(void)
{
	struct desk d;
	start(&d);
	CHECK(make_reader(&d) == 200 && make_reader(&d) == 200);
	CHECK(make_key(&d) == 200 && make_reader(&d) == 409);
	CHECK(place_call(&d.place, "desk", "{}") == 200);
	CHECK(place_word_of(place_row(&d.place, "keys", 0), "copy")[0] != '\0');
	place_stop(&d.place);
}

static void a_key_that_is_none_is_refused(void)
{
	struct desk d;
	start(&d);
	CHECK(make_reader(&d) == 200);
	d.key64[3] = d.key64[3] == 'A' ? 'B' : 'A'; /* no point of the curve */
	CHECK(make_key(&d) == 400);
	d.key64[10] = '\0';
	CHECK(make_key(&d) == 400);
	CHECK(post(&d, "desk-reader", "{\"key\":\"%s\",\"sealed\":\"%s\",\"how\":\"%s\"}",
		      d.reader64, "d3JhcHBlZA", "password") == 400);
	place_stop(&d.place);
}

/* --- cases --- */

static void what_is_due_first_comes_first_a_page_at_a_time(void)
{
	struct desk d;
	const struct keel_key key = { { 7 } };
	char number[KEEL_DESK_NUMBER_LEN + 1];
	char last[KEEL_DESK_NUMBER_LEN + 1];
	int64_t now_s = time(NULL);
	start_open(&d);
	for (int i = 0; i < CASES; i++)
		report(&d, (uint8_t)i, now_s - DAY * i, &key, i == 0 ? last : number);
	CHECK(place_call(&d.place, "cases", "{}") == 200);
	CHECK(json_array_size(json_object_get(d.place.said, "cases")) == 100);
	json_t *first = place_row(&d.place, "cases", 0);
	CHECK(strcmp(place_word_of(first, "number"), number) == 0);
	CHECK(json_integer_value(json_object_get(first, "due")) < number_of(&d, "now"));
	char after[64];
	(void)snprintf(after, sizeof(after), "%s", place_word(&d.place, "after"));
	CHECK(post(&d, "cases", "{\"after\":\"%s\"}", after) == 200);
	CHECK(json_array_size(json_object_get(d.place.said, "cases")) == CASES - 100);
	json_t *end = place_row(&d.place, "cases", CASES - 101);
	CHECK(strcmp(place_word_of(end, "number"), last) == 0);
	CHECK(json_object_get(d.place.said, "after") == NULL);
	place_stop(&d.place);
}

/* Opens what a call told, with the desk's private key, as a browser would. */
static void read_told(struct desk *d, size_t n, struct keel_case_message *out)
{
	static uint8_t buf[KEEL_DESK_MESSAGE_MAX];
	static uint8_t plain[KEEL_DESK_MESSAGE_MAX];
	struct keel_key key = { 0 };
	struct keel_bytes in = from64(place_word(&d->place, "opening"), buf, sizeof(buf));
	CHECK(keel_case_opening_read(&d->key, in, &key) == KEEL_OK);
	in = from64(place_word_of(place_row(&d->place, "said", n), "sealed"), buf, sizeof(buf));
	CHECK(keel_case_message_read(&key, in, plain, out) == KEEL_OK);
}

static unsigned say(struct desk *d, const char *call, const char *number, const char *text)
{
	char text64[1024];
	place_text64(keel_text(text), text64, sizeof(text64));
	return post(d, call, "{\"case\":\"%s\",\"sealed\":\"%s\"}", number, text64);
}

static unsigned turn(struct desk *d, const char *number, const char *state)
{
	return post(d, "case-state", "{\"case\":\"%s\",\"state\":\"%s\"}", number, state);
}

static void prov_5_2_1_a_case_is_read_acknowledged_answered_and_closed(void)
{
	struct desk d;
	const struct keel_key key = { { 7 } };
	struct keel_case_message m = { 0 };
	char number[KEEL_DESK_NUMBER_LEN + 1];
	int64_t now_s = time(NULL);
	start_open(&d);
	report(&d, 1, now_s - 3 * DAY, &key, number);
	CHECK(look(&d, number) == 200 && strcmp(place_word(&d.place, "state"), "new") == 0);
	read_told(&d, 0, &m);
	CHECK(keel_bytes_is(m.text, TEXT));
	CHECK(number_of(&d, "due") == now_s - DAY && number_of(&d, "acknowledged") == 0);
	CHECK(number_of(&d, "acknowledge_s") == 2 * DAY && number_of(&d, "status_s") == 14 * DAY);
	CHECK(say(&d, "case-note", number, "a note") == 200);
	CHECK(look(&d, number) == 200 && number_of(&d, "acknowledged") == 0);
	CHECK(turn(&d, number, "acknowledged") == 200 && turn(&d, number, "acknowledged") == 409);
	CHECK(look(&d, number) == 200 && number_of(&d, "acknowledged") >= now_s);
	CHECK(number_of(&d, "due") == number_of(&d, "acknowledged") + 14 * DAY);
	CHECK(say(&d, "case-answer", number, "an answer") == 200);
	CHECK(turn(&d, number, "closed") == 200);
	CHECK(look(&d, number) == 200 && number_of(&d, "due") == 0);
	CHECK(strcmp(place_word_of(place_row(&d.place, "said", 0), "from"), "reporter") == 0);
	CHECK(strcmp(place_word_of(place_row(&d.place, "said", 1), "from"), "note") == 0);
	CHECK(strcmp(place_word_of(place_row(&d.place, "said", 2), "from"), "desk") == 0);
	CHECK(place_row(&d.place, "said", 3) == NULL);
	place_stop(&d.place);
}

static void what_is_done_in_a_case_is_in_the_audit_log(void)
{
	static const char *const expected[] = { "case.state", "case.answer", "case.note",
		"case.open", "desk.key", "desk.reader" };
	struct desk d;
	const struct keel_key key = { { 7 } };
	char number[KEEL_DESK_NUMBER_LEN + 1];
	uint64_t bad;
	start_open(&d);
	report(&d, 1, time(NULL), &key, number);
	CHECK(say(&d, "case-note", number, "n") == 200);
	CHECK(say(&d, "case-answer", number, "a") == 200);
	CHECK(turn(&d, number, "fixed") == 200);
	CHECK(place_call(&d.place, "audit", "{}") == 200);
	for (size_t i = 0; i < KEEL_COUNT(expected); i++) {
		json_t *row = place_row(&d.place, "rows", i);
		CHECK_ROW(strcmp(place_word_of(row, "action"), expected[i]) == 0, expected[i]);
		CHECK_ROW(strcmp(place_word_of(row, "who"), i == 3 ? "reporter" : "ann") == 0,
			expected[i]);
	}
	CHECK(keel_fleet_audit(d.place.store, &bad, NULL, NULL) == KEEL_OK);
	place_stop(&d.place);
}

/* As long as a message may be, and more of them than one answer holds. */
static void a_long_case_is_told_in_parts_and_whole(void)
{
	static uint8_t most[KEEL_DESK_MESSAGE_MAX];
	static char most64[2 * sizeof(most)];
	struct desk d;
	const struct keel_key key = { { 7 } };
	char number[KEEL_DESK_NUMBER_LEN + 1];
	unsigned seen = 0;
	json_int_t behind = 0;
	start_open(&d);
	report(&d, 1, time(NULL), &key, number);
	for (uint8_t i = 0; i < 30; i++) {
		most[0] = i;
		place_text64(KEEL_VIEW(most), most64, sizeof(most64));
		CHECK(post(&d, "case-note", "{\"case\":\"%s\",\"sealed\":\"%s\"}", number,
			      most64) == 200);
	}
	for (int parts = 0; parts < 3 && (parts == 0 || behind > 0); parts++) {
		char body[64];
		(void)snprintf(body, sizeof(body), "{\"case\":\"%s\",\"behind\":%lld}", number,
			(long long)behind);
		CHECK(place_call(&d.place, "case", body) == 200);
		json_t *first = place_row(&d.place, "said", 0);
		CHECK(json_integer_value(json_object_get(first, "number")) == behind + 1);
		seen += (unsigned)json_array_size(json_object_get(d.place.said, "said"));
		behind = number_of(&d, "behind");
		CHECK((behind == 0) == (seen == 31));
	}
	CHECK(seen == 31);
	place_stop(&d.place);
}

static void a_file_comes_out_as_it_was_sealed(void)
{
	struct desk d;
	const struct keel_key key = { { 7 } };
	char number[KEEL_DESK_NUMBER_LEN + 1];
	static uint8_t piece[KEEL_DESK_PIECE_MAX];
	static uint8_t back[KEEL_DESK_PIECE_MAX];
	start_open(&d);
	report(&d, 1, time(NULL), &key, number);
	keel_random(piece, sizeof(piece));
	struct keel_desk_piece j = {
		.token = { { 1, 1 } }, .file = 4, .piece = 0, .sealed = KEEL_VIEW(piece)
	};
	keel_desk_piece(d.place.store, &j);
	CHECK(j.write.err == KEEL_OK && look(&d, number) == 200);
	json_t *file = place_row(&d.place, "files", 0);
	CHECK(json_integer_value(json_object_get(file, "file")) == 4);
	CHECK(json_integer_value(json_object_get(file, "pieces")) == 1);
	CHECK(post(&d, "case-piece", "{\"case\":\"%s\",\"file\":4,\"piece\":0}", number) == 200);
	struct keel_bytes out = from64(place_word(&d.place, "sealed"), back, sizeof(back));
	CHECK(keel_bytes_equal(out, KEEL_VIEW(piece)));
	CHECK(post(&d, "case-piece", "{\"case\":\"%s\",\"file\":4,\"piece\":1}", number) == 404);
	place_stop(&d.place);
}

static void what_is_not_there_or_not_said_is_refused(void)
{
	static const struct {
		const char *call, *body;
		unsigned status;
	} rows[] = {
		{ "case", "{\"case\":\"2026-0000\"}", 404 },
		{ "case", "{\"case\":\"2026-00000\"}", 400 },
		{ "case", "{}", 400 },
		{ "case-answer", "{\"case\":\"2026-0000\",\"sealed\":\"AAAA\"}", 404 },
		{ "case-answer", "{\"case\":\"2026-0000\",\"sealed\":\"\"}", 400 },
		{ "case-note", "{\"case\":\"2026-0000\",\"sealed\":\"AAAA\"}", 404 },
		{ "case-state", "{\"case\":\"2026-0000\",\"state\":\"fixed\"}", 404 },
		{ "case-state", "{\"case\":\"2026-0000\",\"state\":\"gone\"}", 400 },
		{ "case-state", "{\"case\":\"2026-0000\",\"state\":\"new\"}", 404 },
		{ "case-piece", "{\"case\":\"2026-0000\",\"file\":1000,\"piece\":0}", 400 },
		{ "cases", "{\"after\":\"2026-00000\"}", 400 },
	};
	struct desk d;
	start(&d);
	for (size_t i = 0; i < KEEL_COUNT(rows); i++)
		CHECK_ROW(place_call(&d.place, rows[i].call, rows[i].body) == rows[i].status,
			rows[i].body);
	place_stop(&d.place);
}

TEST_MAIN(TEST(the_desks_key_is_made_and_given), TEST(who_reads_already_makes_no_other_key),
	TEST(a_key_that_is_none_is_refused), TEST(what_is_due_first_comes_first_a_page_at_a_time),
	TEST(prov_5_2_1_a_case_is_read_acknowledged_answered_and_closed),
	TEST(what_is_done_in_a_case_is_in_the_audit_log),
	TEST(a_long_case_is_told_in_parts_and_whole), TEST(a_file_comes_out_as_it_was_sealed),
	TEST(what_is_not_there_or_not_said_is_refused))
