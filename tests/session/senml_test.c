/* SenML packs: what is written comes back, the RFC's own example is read, and nothing else is taken. */
#include <string.h>

#include "check.h"
#include "core/cbor.h"
#include "hex.h"
#include "session/senml.h"

static uint8_t buf[8192];

static struct keel_bytes hex(const char *digits)
{
	static uint8_t bytes[512];
	return hex_bytes(digits, bytes, sizeof(bytes));
}

static enum keel_err opens(const char *digits)
{
	struct keel_senml s;
	return keel_senml_open(hex(digits), &s);
}

/* RFC 8428 §6, figure 2, as it is published. */
#define BN     "21781b75726e3a6465763a6f773a3130653230373361303130383030363a"
#define BT     "22fb41d303a15b001062"
#define BU     "236141"
#define BVER   "2005"
#define N_VOLT "0067766f6c74616765"
#define U_VOLT "016156"
#define V_VOLT "02fb405e066666666666"
#define AMPERE "a3006763757272656e74"
static const char published[] = "87a7" BN BT BU BVER N_VOLT U_VOLT V_VOLT /* array(7) */
	AMPERE "062402fb3ff3333333333333" AMPERE "062302fb3ff4cccccccccccd" AMPERE
				"062202fb3ff6666666666666" AMPERE "062102f93e00" AMPERE
				"062002fb3ff999999999999a" AMPERE "060002fb3ffb333333333333";

/* The same without bu and bver, and in the order of a deterministic encoding (RFC 8949 §4.2.1). */
#define CURRENT "a3006763757272656e7402"
static const char deterministic[] =
	"87a5" N_VOLT U_VOLT V_VOLT BN BT CURRENT "fb3ff33333333333330624" CURRENT
	"fb3ff4cccccccccccd0623" CURRENT "fb3ff66666666666660622" CURRENT "f93e000621" CURRENT
	"fb3ff999999999999a0620" CURRENT "fb3ffb3333333333330600";

static void the_example_of_the_rfc_is_read(void)
{
	static const int64_t values[] = { 120100, 1200, 1300, 1400, 1500, 1600, 1700 };
	const int64_t base = INT64_C(1276020076001);
	struct keel_senml s;
	struct keel_senml_record r;
	CHECK(hex(published).n == 195 && keel_cbor_check(hex(published)) == KEEL_EFORM);
	CHECK(opens(published) == KEEL_EFORM);
	CHECK(keel_senml_open(hex(deterministic), &s) == KEEL_OK);
	for (size_t i = 0; i < KEEL_COUNT(values); i++) {
		CHECK(keel_senml_next(&s, &r) && r.value == values[i]);
		CHECK(keel_bytes_is(r.name, i == 0 ? "urn:dev:ow:10e2073a0108006:voltage"
						   : "urn:dev:ow:10e2073a0108006:current"));
		CHECK(keel_bytes_is(r.unit, i == 0 ? "V" : ""));
		CHECK(r.time_ms == base - (i == 0 ? 0 : INT64_C(1000) * (6 - (int64_t)i)));
	}
	CHECK(!keel_senml_next(&s, &r) && !keel_senml_next(&s, &r));
}

static enum keel_err write_one(const struct keel_senml_record *r, struct keel_bytes *out)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_senml_begin(&w, 1);
	keel_senml_put(&w, r);
	return keel_wr_end(&w, out);
}

static void a_record_is_these_bytes(void)
{
	const struct keel_senml_record r = { .name = keel_text("burner starts"),
		.unit = keel_text("count"),
		.value = 7000,
		.time_ms = INT64_C(1764316800000) };
	struct keel_bytes out = { 0 };
	CHECK(write_one(&r, &out) == KEEL_OK);
	CHECK(keel_bytes_equal(
		out, hex("81a4006d6275726e65725f7374617274730165636f756e740207061a69295680")));
}

/* Numbers of every size and sign, and those at which doubles are coarsest. */
static void every_number_comes_back(void)
{
	static const int64_t corners[] = { 0, 1, -1, 999, 1000, -1000, 1001, 23000, 24000, 500,
		-500, 21500, 120100, 65504000, 65505000, 16777217, INT64_C(4294967295000),
		INT64_C(4294967296000), KEEL_SENML_NUMBER_MAX, KEEL_SENML_NUMBER_MAX - 1,
		1 - KEEL_SENML_NUMBER_MAX, -KEEL_SENML_NUMBER_MAX };
	uint64_t luck = 8428;
	for (size_t i = 0; i < 200000; i++) {
		struct keel_senml s;
		struct keel_senml_record back;
		struct keel_senml_record r = { .name = keel_text("n") };
		struct keel_bytes out = { 0 };
		luck = luck * UINT64_C(6364136223846793005) + 1442695040888963407;
		r.value = i < KEEL_COUNT(corners)
				  ? corners[i]
				  : (int64_t)((luck >> 13) % KEEL_SENML_NUMBER_MAX) >> luck % 40;
		CHECK(write_one(&r, &out) == KEEL_OK && keel_senml_open(out, &s) == KEEL_OK);
		CHECK(keel_senml_next(&s, &back) && back.value == r.value && back.time_ms == 0);
	}
}

static void times_come_back_to_the_millisecond(void)
{
	static const int64_t times[] = { 0, KEEL_SENML_TIME_MIN, KEEL_SENML_TIME_MIN + 1,
		INT64_C(1764316800000), INT64_C(1764316800999), KEEL_SENML_NUMBER_MAX };
	for (size_t i = 0; i < KEEL_COUNT(times); i++) {
		struct keel_senml s;
		struct keel_senml_record back;
		const struct keel_senml_record r = { .name = keel_text("n"), .time_ms = times[i] };
		struct keel_bytes out = { 0 };
		CHECK(write_one(&r, &out) == KEEL_OK && keel_senml_open(out, &s) == KEEL_OK);
		CHECK(keel_senml_next(&s, &back) && back.time_ms == times[i]);
	}
}

static void what_a_pack_cannot_hold_is_not_written(void)
{
	static const char name65[] =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static const struct {
		const char *name, *unit;
		int64_t value, time_ms;
		enum keel_err e;
	} rows[] = {
		{ "", "", 0, 0, KEEL_EFORM },
		{ " n", "", 0, 0, KEEL_EFORM },
		{ "-n", "", 0, 0, KEEL_EFORM },
		{ "a_b", "", 0, 0, KEEL_EFORM },
		{ "a\tb", "", 0, 0, KEEL_EFORM },
		{ "caf\303\251", "", 0, 0, KEEL_EFORM },
		{ name65, "", 0, 0, KEEL_EFORM },
		{ "n", "seventeen letters", 0, 0, KEEL_EFORM },
		{ "n", "\377", 0, 0, KEEL_EFORM },
		{ "n", "", KEEL_SENML_NUMBER_MAX + 1, 0, KEEL_ERANGE },
		{ "n", "", INT64_MIN, 0, KEEL_ERANGE },
		{ "n", "", 0, KEEL_SENML_TIME_MIN - 1, KEEL_ERANGE },
		{ "n", "", 0, -1, KEEL_ERANGE },
		{ "n", "", 0, KEEL_SENML_NUMBER_MAX + 1, KEEL_ERANGE },
		{ "0:a-b./c d", "sixteen letters.", 0, 0, KEEL_OK },
		{ name65 + 1, "", 0, 0, KEEL_OK },
	};
	struct keel_bytes out;
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		const struct keel_senml_record r = { keel_text(rows[i].name),
			keel_text(rows[i].unit), rows[i].value, rows[i].time_ms };
		CHECK_ROW(write_one(&r, &out) == rows[i].e, rows[i].name);
	}
}

static void a_pack_has_one_to_sixty_four_records(void)
{
	struct keel_senml s;
	struct keel_senml_record r = {
		.name = keel_text("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				  "aaaaaaaa"),
		.unit = keel_text("sixteen letters."),
		.value = 1,
		.time_ms = KEEL_SENML_NUMBER_MAX - 1
	};
	struct keel_bytes out = { 0 };
	for (size_t n = 0; n <= 65; n++) {
		struct keel_wr w = keel_wr_of(buf, sizeof(buf));
		keel_senml_begin(&w, n);
		for (size_t i = 0; i < n; i++)
			keel_senml_put(&w, &r);
		CHECK(keel_wr_end(&w, &out) ==
			(n == 0 || n > KEEL_SENML_RECORDS_MAX ? KEEL_ERANGE : KEEL_OK));
	}
	CHECK(out.n == 2 + 64 * (size_t)KEEL_SENML_RECORD_MAX);
	CHECK(keel_senml_open(out, &s) == KEEL_OK && s.left == 64);
	buf[1] = 65; /* of the array: and one record more */
	memmove(buf + out.n, buf + 2, KEEL_SENML_RECORD_MAX);
	out.n += KEEL_SENML_RECORD_MAX;
	CHECK(keel_senml_open(out, &s) == KEEL_ERANGE);
}

/* A record is {n: "a", v: 1} where the row does not say otherwise. */
static void prov_5_13_1b_a_pack_that_says_more_or_less_is_refused(void)
{
	/* clang-format off */
	static const struct {
		const char *why, *pack;
		enum keel_err e;
	} rows[] = {
		{ "the shortest",                    "81a20061610201",                 KEEL_OK },
		{ "bn alone",                        "81a20201216161",                 KEEL_OK },
		{ "bn for two",                      "82a30061620201216161a10202",     KEEL_OK },
		{ "an empty unit",                   "81a300616101600201",             KEEL_OK },
		{ "a time",                          "81a30061610201061a10000000",     KEEL_OK },
		{ "nothing",                         "",                               KEEL_ESHORT },
		{ "half a record",                   "81a2006161",                     KEEL_ESHORT },
		{ "a map",                           "a20061610201",                   KEEL_EFORM },
		{ "no record",                       "80",                             KEEL_EFORM },
		{ "a record that is a list",         "8182006161",                     KEEL_EFORM },
		{ "a tail",                          "81a2006161020100",               KEEL_EFORM },
		{ "an indefinite list",              "9fa20061610201ff",               KEEL_EFORM },
		{ "no value",                        "81a1006161",                     KEEL_EFORM },
		{ "no name",                         "81a10201",                       KEEL_EFORM },
		{ "an empty name",                   "81a200600201",                   KEEL_EFORM },
		{ "a space in a name",               "81a200636120620201",             KEEL_EFORM },
		{ "a space in a base",               "81a202012163612062",             KEEL_EFORM },
		{ "a name that begins with _",       "81a200625f610201",               KEEL_EFORM },
		{ "a name with an umlaut",           "81a2006361c3bc0201",             KEEL_EFORM },
		{ "a name of bytes",                 "81a20041610201",                 KEEL_EFORM },
		{ "a key twice",                     "81a300616102010201",             KEEL_EFORM },
		{ "keys out of order",               "81a20201006161",                 KEEL_EFORM },
		{ "a base version",                  "81a30061610201200a",             KEEL_EFORM },
		{ "a base unit",                     "81a30061610201236156",           KEEL_EFORM },
		{ "a base value",                    "81a300616102012401",             KEEL_EFORM },
		{ "a text for a value",              "81a2006161036161",               KEEL_EFORM },
		{ "a bool for a value",              "81a200616104f5",                 KEEL_EFORM },
		{ "a sum",                           "81a300616102010501",             KEEL_EFORM },
		{ "an update time",                  "81a300616102010701",             KEEL_EFORM },
		{ "a field of its own",              "81a30061610201617801",           KEEL_EFORM },
		{ "a value that is true",            "81a200616102f5",                 KEEL_EFORM },
		{ "a decimal fraction",              "81a200616102c4822105",           KEEL_EFORM },
		{ "a whole number as a float",       "81a200616102f94900",             KEEL_EFORM },
		{ "minus zero",                      "81a200616102f98000",             KEEL_EFORM },
		{ "an integer that is not shortest", "81a2006161021801",               KEEL_EFORM },
		{ "a float that is not shortest",    "81a200616102fa3fc00000",         KEEL_EFORM },
		{ "a float of single precision",     "81a200616102fa3f99999a",         KEEL_ERANGE },
		{ "finer than a thousandth",         "81a200616102f91001",             KEEL_ERANGE },
		{ "no number",                       "81a200616102f97e00",             KEEL_ERANGE },
		{ "infinity",                        "81a200616102f97c00",             KEEL_ERANGE },
		{ "minus infinity",                  "81a200616102f9fc00",             KEEL_ERANGE },
		{ "the largest",                     "81a2006161021b000000e8d4a51000", KEEL_OK },
		{ "one more",                        "81a2006161021b000000e8d4a51001", KEEL_ERANGE },
		{ "the smallest",                    "81a2006161023b000000e8d4a50fff", KEEL_OK },
		{ "one less",                        "81a2006161023b000000e8d4a51000", KEEL_ERANGE },
		{ "far too large",                   "81a2006161021bffffffffffffffff", KEEL_ERANGE },
		{ "far too small",                   "81a2006161023bffffffffffffffff", KEEL_ERANGE },
		{ "a large float",                   "81a200616102fb7e37e43c8800759c", KEEL_ERANGE },
		{ "a time before now",               "81a300616102010624",             KEEL_ERANGE },
		{ "a time after now",                "81a30061610201061a0fffffff",     KEEL_ERANGE },
		{ "a base time too late",            "81a40061610201061b000000e8d4a51000221b000000e8d4a51000", KEEL_ERANGE },
		{ "the second is wrong",             "82a20061610201a200616102f5",     KEEL_EFORM },
	};
	/* clang-format on */
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		enum keel_err e = opens(rows[i].pack);
		if (e != rows[i].e)
			(void)printf("%s: %s\n", rows[i].why, keel_err_word(e));
		CHECK_ROW(e == rows[i].e, rows[i].why);
	}
}

static void names_and_units_are_bounded(void)
{
	for (size_t base = 0; base <= 70; base++)
		for (size_t n = 0; n <= 70; n += 5) {
			struct keel_wr w = keel_wr_of(buf, sizeof(buf));
			struct keel_senml s;
			struct keel_bytes out = { 0 };
			uint8_t as[70];
			memset(as, 'a', sizeof(as));
			keel_cbor_array(&w, 1);
			keel_cbor_map(&w, 3);
			keel_cbor_int(&w, 0);
			keel_cbor_text_of(&w, (struct keel_bytes){ as, n });
			keel_cbor_int(&w, 2);
			keel_cbor_int(&w, 1);
			keel_cbor_int(&w, -2);
			keel_cbor_text_of(&w, (struct keel_bytes){ as, base });
			CHECK(keel_wr_end(&w, &out) == KEEL_OK);
			CHECK((keel_senml_open(out, &s) == KEEL_OK) ==
				(base + n > 0 && base + n <= KEEL_SENML_NAME_MAX));
		}
	CHECK(opens("81a30061610170616161616161616161616161616161610201") == KEEL_OK);
	CHECK(opens("81a3006161017161616161616161616161616161616161610201") == KEEL_EFORM);
}

/* §4.1: a base holds until another comes. */
static void a_base_holds_for_those_behind_it(void)
{
	static const char *const names[] = { "hub:a", "hub:b", "hub:", "c d", "c de" };
	struct keel_senml s;
	struct keel_senml_record r;
	CHECK(keel_senml_open(hex("85"
				  "a4006161"
				  "0201"
				  "21646875623a"
				  "221a69295000"
				  "a3006162"
				  "0202"
				  "0601"
				  "a10203"
				  "a3"
				  "0204"
				  "2163635f64"
				  "2200"
				  "a2006165"
				  "0205"),
		      &s) == KEEL_OK);
	for (size_t i = 0; i < KEEL_COUNT(names); i++) {
		int64_t base = i < 3 ? INT64_C(1764315136000) : 0;
		CHECK(keel_senml_next(&s, &r) && r.value == 1000 * ((int64_t)i + 1));
		CHECK_ROW(keel_bytes_is(r.name, names[i]), names[i]);
		CHECK(r.time_ms == base + (i == 1 ? 1000 : 0));
	}
	CHECK(!keel_senml_next(&s, &r));
}

TEST_MAIN(TEST(the_example_of_the_rfc_is_read), TEST(a_record_is_these_bytes),
	TEST(every_number_comes_back), TEST(times_come_back_to_the_millisecond),
	TEST(what_a_pack_cannot_hold_is_not_written), TEST(a_pack_has_one_to_sixty_four_records),
	TEST(prov_5_13_1b_a_pack_that_says_more_or_less_is_refused),
	TEST(names_and_units_are_bounded), TEST(a_base_holds_for_those_behind_it))
