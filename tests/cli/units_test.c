/* EN 303 645 5.1-2: a batch of claim codes that somebody could guess is refused. */
#include "check.h"
#include "cli/units.h"
#include "owner/label.h"

#define UNITS 40

static char csv[UNITS * 200];
static size_t csv_n;

/* A batch as keel provision writes it, from codes that `code` fills in for unit i. */
static void make_batch(void (*code)(size_t i, struct keel_code *out))
{
	char text[KEEL_CODE_TEXT_SIZE];
	csv_n = (size_t)snprintf(csv, sizeof(csv), "serial,mac,code\n");
	for (size_t i = 0; i < UNITS; i++) {
		struct keel_code c;
		keel_code_make(&c);
		code(i, &c);
		keel_code_write(&c, text);
		csv_n += (size_t)snprintf(csv + csv_n, sizeof(csv) - csv_n,
			"H1-%06zu,aa:bb:cc:dd:ee:%02zx,%s\n", i + 1, i, text);
	}
}

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void random_code(size_t i, struct keel_code *c)
{
	(void)i, (void)c;
}

static void equal_code(size_t i, struct keel_code *c)
{
	static struct keel_code first;
	if (i == 3)
		first = *c;
	if (i == 17)
		*c = first;
}

static void counted_code(size_t i, struct keel_code *c)
{
	static struct keel_code first;
	if (i == 20)
		first = *c;
	if (i < 20 || i > 30)
		return;
	*c = first;
	c->c[19] = digits[i * i % 31]; /* by steps that differ */
}

static void counted_at_the_front(size_t i, struct keel_code *c)
{
	static struct keel_code first;
	if (i == 20)
		first = *c;
	if (i != 30)
		return;
	*c = first;
	memcpy(c->c, "7Z5", 3);
}

/* Twice as far each: no two are close, but the step is the same. */
static void stepped_code(size_t i, struct keel_code *c)
{
	if (i < 3)
		c->c[0] = digits[i * 9 + 1];
	if (i < 3)
		memcpy(c->c + 1, "8XK2M4NP6QR8ST0VWX3", 19);
}

static void serial_code(size_t i, struct keel_code *c)
{
	char text[8];
	(void)snprintf(text, sizeof(text), "%06zu", i + 1);
	memcpy(c->c + 5, text, 6);
}

static void mac_code(size_t i, struct keel_code *c)
{
	char text[13];
	(void)snprintf(text, sizeof(text), "AABBCCDDEE%02zX", i);
	memcpy(c->c + 2, text, 12);
}

/* SHA-256 of the serial, five bits a character. */
static void hashed_code(size_t i, struct keel_code *c)
{
	char serial[16];
	struct keel_digest d;
	(void)snprintf(serial, sizeof(serial), "H1-%06zu", i + 1);
	const struct keel_bytes part = keel_text(serial);
	keel_sha256(&part, 1, &d);
	for (size_t bit = 0; bit < 100; bit += 5) {
		unsigned two = (unsigned)d.b[bit / 8] << 8 | d.b[bit / 8 + 1];
		c->c[bit / 5] = digits[two >> (11 - bit % 8) & 31];
	}
}

static void one_place_fixed(size_t i, struct keel_code *c)
{
	(void)i;
	c->c[11] = 'K';
}

static void prov_5_1_2_codes_that_can_be_guessed_are_refused(void)
{
	static const struct {
		const char *name;
		void (*code)(size_t i, struct keel_code *out);
		enum keel_err e;
		const char *what;
	} rows[] = {
		{ "random", random_code, KEEL_OK, NULL },
		{ "equal", equal_code, KEEL_ERANGE, "that of line 5" },
		{ "counted", counted_code, KEEL_ERANGE, "differ too little" },
		{ "counted at the front", counted_at_the_front, KEEL_ERANGE, "differ too little" },
		{ "stepped", stepped_code, KEEL_ERANGE, "same step" },
		{ "the serial in it", serial_code, KEEL_ERANGE, "part of column 1" },
		{ "the MAC in it", mac_code, KEEL_ERANGE, "part of column 2" },
		{ "a hash of the serial", hashed_code, KEEL_ERANGE, "hash of column 1" },
		{ "one place fixed", one_place_fixed, KEEL_ERANGE, "place 12" },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_units_fault f = { 0 };
		size_t n = 0;
		make_batch(rows[i].code);
		enum keel_err e =
			keel_units_check((struct keel_bytes){ (uint8_t *)csv, csv_n }, &n, &f);
		CHECK_ROW(e == rows[i].e, rows[i].name);
		CHECK_ROW(n == (e == KEEL_OK ? UNITS : 0), rows[i].name);
		CHECK_ROW(e == KEEL_OK || strstr(f.what, rows[i].what) != NULL, rows[i].name);
	}
}

/* Known digests, so that md5 and sha1 are really looked for; the check characters are computed. */
static void prov_5_1_2_md5_and_sha1_of_a_mac_are_refused(void)
{
	/* printf AABBCC000001 | md5sum, printf aabbcc000001 | sha1sum: the first 20 digits */
	static const char *const hashes[] = { "2531E7DAF3893997FAC9", "4CA7383E90E3FDF31080" };
	for (size_t i = 0; i < KEEL_COUNT(hashes); i++) {
		struct keel_units_fault f = { 0 };
		struct keel_code c;
		char text[KEEL_CODE_TEXT_SIZE];
		size_t n = 0;
		memcpy(c.c, hashes[i], sizeof(c.c));
		keel_code_write(&c, text);
		(void)snprintf(csv, sizeof(csv), "mac,code\naa:bb:cc:00:00:01,%s\n", text);
		CHECK_ROW(keel_units_check(keel_text(csv), &n, &f) == KEEL_ERANGE, hashes[i]);
		CHECK_ROW(f.line == 2 && strstr(f.what, "hash") != NULL, hashes[i]);
	}
}

static void wrong_files_are_refused_with_their_line(void)
{
	static const struct {
		const char *text;
		enum keel_err e;
		unsigned line;
	} rows[] = {
		{ "", KEEL_EFORM, 0 },
		{ "serial,code\n", KEEL_EFORM, 1 },
		{ "serial,id\n1,2\n", KEEL_EFORM, 1 },
		{ "a,b,c,d,e,f,g,h,code\n", KEEL_EFORM, 1 },
		{ "serial,code\n1\n", KEEL_EFORM, 2 },
		{ "serial,code\n1,2,3\n", KEEL_EFORM, 2 },
		{ "serial,code\n1,0000-0000\n", KEEL_ERANGE, 2 },
		{ "serial,code\n1,0000-0000-0000-0000-0000-1\n", KEEL_ERANGE, 2 },
		{ "serial,code\n1,UUUU-0000-0000-0000-0000-0\n", KEEL_ERANGE, 2 },
		{ "serial,code\r\n1,0000-0000-0000-0000-0000-0\r\n2,0000-0000-0000-0000-0000-0\r\n",
			KEEL_ERANGE, 3 },
	};
	for (size_t i = 0; i < KEEL_COUNT(rows); i++) {
		struct keel_units_fault f = { 0 };
		size_t n = 0;
		CHECK_ROW(keel_units_check(keel_text(rows[i].text), &n, &f) == rows[i].e,
			rows[i].text);
		CHECK_ROW(f.line == rows[i].line && f.what[0] != '\0', rows[i].text);
	}
}

TEST_MAIN(TEST(prov_5_1_2_codes_that_can_be_guessed_are_refused),
	TEST(prov_5_1_2_md5_and_sha1_of_a_mac_are_refused),
	TEST(wrong_files_are_refused_with_their_line))
