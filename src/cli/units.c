#include "cli/units.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hex.h"
#include "owner/label.h"

#define COLUMNS_MAX 8
#define PUBLIC_MAX  128 /* longest text of a column */
#define CLOSE_AFTER 12  /* codes whose difference begins with so many zeros: below 2^40 of 2^100 */
#define ALIKE_FROM  8   /* so many units never share a character at one place by chance */
#define RUN_MAX     8   /* so long a run of a public text never stands in a code by chance */
#define SERIAL_RUN  6   /* the number at a text's end */
#define HASH_MATCH  10  /* characters, 50 bits */

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct unit {
	uint8_t v[KEEL_CODE_CHARS]; /* 0..31 each: a number in base 32 */
	unsigned line;
};

struct batch {
	struct unit *unit;
	size_t count, columns, code; /* code: the index of its column */
	unsigned line;
	struct keel_units_fault *fault;
};

__attribute__((format(printf, 4, 5))) static enum keel_err refuse(
	struct batch *b, enum keel_err e, const char *next, const char *what, ...)
{
	va_list args;
	va_start(args, what);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(b->fault->what, sizeof(b->fault->what), what, args);
	va_end(args);
	(void)snprintf(b->fault->next, sizeof(b->fault->next), "%s", next);
	b->fault->line = b->line;
	return e;
}

static const char again[] = "make the codes anew, with keel provision";

/* One line's fields; false where it has more than fit. */
static bool split(struct keel_bytes line, struct keel_bytes field[COLUMNS_MAX], size_t *n)
{
	*n = 0;
	for (size_t i = 0, from = 0; i <= line.n; i++) {
		if (i < line.n && line.p[i] != ',')
			continue;
		if (*n == COLUMNS_MAX || i - from > PUBLIC_MAX)
			return false;
		field[(*n)++] = (struct keel_bytes){ line.p + from, i - from };
		from = i + 1;
	}
	return true;
}

static enum keel_err read_head(struct batch *b, struct keel_bytes line)
{
	struct keel_bytes field[COLUMNS_MAX];
	b->code = COLUMNS_MAX;
	if (split(line, field, &b->columns))
		for (size_t i = 0; i < b->columns; i++)
			if (keel_bytes_is(field[i], "code"))
				b->code = i;
	return b->code < b->columns
		       ? KEEL_OK
		       : refuse(b, KEEL_EFORM, "begin it with: serial,id,thumbprint,code",
				 "the first line names no column code");
}

/* The letters and digits of a public text, in upper case. */
static size_t bare_of(struct keel_bytes text, char out[PUBLIC_MAX + 1])
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		const char *at = memchr(lower, text.p[i], sizeof(lower) - 1);
		uint8_t c = at == NULL ? text.p[i] : (uint8_t)upper[at - lower];
		if (memchr(upper, c, sizeof(upper) - 1) != NULL)
			out[n++] = (char)c;
	}
	out[n] = '\0';
	return n;
}

/* As a code would write them: I and L as 1, O as 0. */
static void as_code(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == 'I' || *text == 'L')
			*text = '1';
		if (*text == 'O')
			*text = '0';
	}
}

static bool holds_run(const char *code, const char *text, size_t n)
{
	size_t digits = 0;
	char run[RUN_MAX + 1];
	while (digits < n && text[n - 1 - digits] <= '9')
		digits++;
	if (digits >= SERIAL_RUN && strstr(code, text + n - SERIAL_RUN) != NULL)
		return true;
	for (size_t i = 0; i + RUN_MAX <= n; i++) {
		memcpy(run, text + i, RUN_MAX);
		run[RUN_MAX] = '\0';
		if (strstr(code, run) != NULL)
			return true;
	}
	return false;
}

/* The first characters that a digest gives: five bits each, its bytes' low bits, or its hex digits. */
static bool spells(const char *code, const uint8_t *digest)
{
	char as[3][HASH_MATCH];
	for (size_t i = 0; i < HASH_MATCH; i++) {
		unsigned two = (unsigned)digest[i * 5 / 8] << 8 | digest[i * 5 / 8 + 1];
		as[0][i] = crockford[two >> (11 - i * 5 % 8) & 31];
		as[1][i] = crockford[digest[i] & 31];
		as[2][i] = crockford[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15];
	}
	return memcmp(code, as[0], HASH_MATCH) == 0 || memcmp(code, as[1], HASH_MATCH) == 0 ||
	       memcmp(code, as[2], HASH_MATCH) == 0;
}

/* MD5 and SHA-1 too: what is looked for is what careless people use. */
static bool is_hash(const char *code, const void *p, size_t n)
{
	const EVP_MD *const kinds[] = { EVP_md5(), EVP_sha1(), EVP_sha256() };
	for (size_t i = 0; i < KEEL_COUNT(kinds); i++) {
		uint8_t digest[EVP_MAX_MD_SIZE];
		if (EVP_Digest(p, n, digest, NULL, kinds[i], NULL) == 1 && spells(code, digest))
			return true;
	}
	return false;
}

/* As it stands, without its dashes and colons in upper and lower case, and as bytes. */
static bool is_hash_of_text(const char *code, struct keel_bytes text)
{
	char bare[PUBLIC_MAX + 1];
	uint8_t bytes[PUBLIC_MAX / 2];
	size_t n = bare_of(text, bare);
	if (is_hash(code, text.p, text.n) || is_hash(code, bare, n))
		return true;
	for (size_t i = 0; i < n; i++)
		bare[i] = (char)(bare[i] >= 'A' ? bare[i] | 0x20 : bare[i]);
	if (is_hash(code, bare, n))
		return true;
	enum keel_err e = keel_hex_read(keel_text(bare), bytes, n / 2);
	return n > 0 && e == KEEL_OK && is_hash(code, bytes, n / 2);
}

static enum keel_err check_derived(
	struct batch *b, const char *code, const struct keel_bytes field[COLUMNS_MAX])
{
	char text[PUBLIC_MAX + 1];
	for (size_t i = 0; i < b->columns; i++) {
		if (i == b->code || field[i].n == 0)
			continue;
		size_t n = bare_of(field[i], text);
		as_code(text);
		if (holds_run(code, text, n))
			return refuse(b, KEEL_ERANGE, again,
				"the code has a part of column %zu in it", i + 1);
		if (is_hash_of_text(code, field[i]))
			return refuse(b, KEEL_ERANGE, again,
				"the code is a hash of column %zu, which anybody can compute",
				i + 1);
	}
	return KEEL_OK;
}

static enum keel_err read_code(struct batch *b, struct keel_bytes text, struct keel_code *out)
{
	switch (keel_code_read(text, out)) {
	case KEEL_OK:
		return KEEL_OK;
	case KEEL_ESHORT:
		return refuse(b, KEEL_ERANGE, again,
			"the code is shorter than 20 characters and a check");
	case KEEL_ERANGE:
		return refuse(b, KEEL_ERANGE, "compare it with the unit's label",
			"the code's check character does not fit");
	default:
		return refuse(b, KEEL_ERANGE, again,
			"the code is too long, or has a character that no code has");
	}
}

static enum keel_err read_unit(struct batch *b, struct keel_bytes line)
{
	keel_auto(keel_code_wipe) struct keel_code code = { 0 };
	struct keel_bytes field[COLUMNS_MAX];
	size_t n;
	if (!split(line, field, &n) || n != b->columns)
		return refuse(b, KEEL_EFORM, "give it one value for each column of the first line",
			"the line has another number of columns, or a longer one");
	enum keel_err e = read_code(b, field[b->code], &code);
	if (e != KEEL_OK)
		return e;
	struct unit *u = &b->unit[b->count++];
	char text[KEEL_CODE_CHARS + 1];
	memcpy(text, code.c, KEEL_CODE_CHARS);
	text[KEEL_CODE_CHARS] = '\0';
	u->line = b->line;
	for (size_t i = 0; i < KEEL_CODE_CHARS; i++)
		u->v[i] = (uint8_t)(strchr(crockford, text[i]) - crockford);
	e = check_derived(b, text, field);
	keel_wipe(text, sizeof(text));
	return e;
}

/* a - b in base 32, modulo 2^100. */
static void minus(const uint8_t *a, const uint8_t *b, uint8_t out[KEEL_CODE_CHARS])
{
	int borrow = 0;
	for (size_t i = KEEL_CODE_CHARS; i-- > 0;) {
		int d = a[i] - b[i] - borrow;
		borrow = d < 0;
		out[i] = (uint8_t)(d & 31);
	}
}

static enum keel_err check_steps(struct batch *b)
{
	uint8_t before[KEEL_CODE_CHARS] = { 0 };
	uint8_t step[KEEL_CODE_CHARS];
	for (size_t i = 1; i < b->count; i++) {
		minus(b->unit[i].v, b->unit[i - 1].v, step);
		b->line = b->unit[i].line;
		if (i > 1 && memcmp(step, before, sizeof(step)) == 0)
			return refuse(b, KEEL_ERANGE, again,
				"the codes of lines %u to %u go on by the same step",
				b->unit[i - 2].line, b->line);
		memcpy(before, step, sizeof(step));
	}
	return KEEL_OK;
}

static enum keel_err check_places(struct batch *b)
{
	b->line = 0;
	for (size_t k = 0; k < KEEL_CODE_CHARS && b->count >= ALIKE_FROM; k++) {
		size_t i = 1;
		while (i < b->count && b->unit[i].v[k] == b->unit[0].v[k])
			i++;
		if (i == b->count)
			return refuse(b, KEEL_ERANGE, again,
				"every code has the same character at place %zu", k + 1);
	}
	return KEEL_OK;
}

static int by_code(const void *a, const void *b)
{
	return memcmp(((const struct unit *)a)->v, ((const struct unit *)b)->v, KEEL_CODE_CHARS);
}

/* Sorted, what is close stands side by side. */
static enum keel_err check_close(struct batch *b)
{
	static const uint8_t zero[KEEL_CODE_CHARS];
	qsort(b->unit, b->count, sizeof(*b->unit), by_code);
	for (size_t i = 1; i < b->count; i++) {
		uint8_t apart[KEEL_CODE_CHARS];
		unsigned one = b->unit[i - 1].line;
		unsigned two = b->unit[i].line;
		b->line = one > two ? one : two;
		minus(b->unit[i].v, b->unit[i - 1].v, apart);
		if (memcmp(apart, zero, sizeof(apart)) == 0)
			return refuse(b, KEEL_ERANGE, again, "its code is that of line %u",
				one < two ? one : two);
		if (memcmp(apart, zero, CLOSE_AFTER) == 0)
			return refuse(b, KEEL_ERANGE, again,
				"its code follows from that of line %u: they differ too little",
				one < two ? one : two);
	}
	return KEEL_OK;
}

/* A counter may as well run at the code's other end. */
static enum keel_err check_close_both(struct batch *b)
{
	enum keel_err e = check_close(b);
	for (size_t i = 0; i < b->count; i++)
		for (size_t k = 0; k < KEEL_CODE_CHARS / 2; k++) {
			uint8_t t = b->unit[i].v[k];
			b->unit[i].v[k] = b->unit[i].v[KEEL_CODE_CHARS - 1 - k];
			b->unit[i].v[KEEL_CODE_CHARS - 1 - k] = t;
		}
	return e == KEEL_OK ? check_close(b) : e;
}

static enum keel_err read_lines(struct batch *b, struct keel_bytes csv)
{
	enum keel_err e = KEEL_OK;
	while (e == KEEL_OK && csv.n > 0) {
		const uint8_t *end = memchr(csv.p, '\n', csv.n);
		size_t n = end == NULL ? csv.n : (size_t)(end - csv.p);
		struct keel_bytes line = { csv.p, n > 0 && csv.p[n - 1] == '\r' ? n - 1 : n };
		csv = (struct keel_bytes){ csv.p + n + (end != NULL), csv.n - n - (end != NULL) };
		b->line++;
		e = b->line == 1 ? read_head(b, line) : read_unit(b, line);
	}
	if (e == KEEL_OK && b->count == 0)
		e = refuse(b, KEEL_EFORM, "keel provision --batch writes such a file",
			"it has no units");
	return e;
}

enum keel_err keel_units_check(struct keel_bytes csv, size_t *count, struct keel_units_fault *fault)
{
	size_t lines = 1;
	for (size_t i = 0; i < csv.n; i++)
		lines += csv.p[i] == '\n';
	struct batch b = { .unit = calloc(lines, sizeof(struct unit)), .fault = fault };
	KEEL_MUST(b.unit != NULL);
	enum keel_err e = read_lines(&b, csv);
	if (e == KEEL_OK)
		e = check_steps(&b);
	if (e == KEEL_OK)
		e = check_places(&b);
	if (e == KEEL_OK)
		e = check_close_both(&b);
	if (e == KEEL_OK)
		*count = b.count;
	keel_wipe(b.unit, lines * sizeof(struct unit));
	free(b.unit);
	return e;
}
