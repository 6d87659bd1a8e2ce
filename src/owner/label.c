#include "owner/label.h"

#include <string.h>

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char label_head[] = "KEEL1:";

#define ID_CHARS    26
#define PRINT_CHARS 52

static char upper(uint8_t c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* The value of a character in an alphabet of 32, or 32. */
static unsigned value_in(const char *alphabet, char c)
{
	for (unsigned v = 0; v < 32; v++)
		if (alphabet[v] == c)
			return v;
	return 32;
}

/* What people write for what: I and L for 1, O for 0. */
static unsigned code_value(uint8_t raw)
{
	char c = upper(raw);
	if (c == 'I' || c == 'L')
		c = '1';
	if (c == 'O')
		c = '0';
	return value_in(crockford, c);
}

/* α·v in GF(2^5) with x^5 + x^2 + 1, α = 2. */
static unsigned times_alpha(unsigned v)
{
	v <<= 1;
	return v & 32 ? v ^ 37 : v;
}

/* Sum of α^(i+1)·v_i by Horner's rule, from the last character to the first. */
static unsigned check_value(const struct keel_code *code)
{
	unsigned sum = 0;
	for (size_t i = KEEL_CODE_CHARS; i-- > 0;)
		sum = times_alpha(sum ^ value_in(crockford, code->c[i]));
	return sum;
}

void keel_code_make(struct keel_code *out)
{
	uint8_t random[KEEL_CODE_CHARS];
	keel_random(random, sizeof(random));
	for (size_t i = 0; i < KEEL_CODE_CHARS; i++)
		out->c[i] = crockford[random[i] & 31];
	keel_wipe(random, sizeof(random));
}

enum keel_err keel_code_read(struct keel_bytes text, struct keel_code *out)
{
	keel_auto(keel_code_wipe) struct keel_code code = { 0 };
	size_t n = 0;
	unsigned check = 32;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '-' || text.p[i] == ' ')
			continue;
		unsigned v = code_value(text.p[i]);
		if (v == 32 || n > KEEL_CODE_CHARS)
			return KEEL_EFORM;
		if (n < KEEL_CODE_CHARS)
			code.c[n] = crockford[v];
		else
			check = v;
		n++;
	}
	if (n <= KEEL_CODE_CHARS)
		return KEEL_ESHORT;
	if (check != check_value(&code))
		return KEEL_ERANGE;
	*out = code;
	return KEEL_OK;
}

void keel_code_write(const struct keel_code *code, char out[KEEL_CODE_TEXT_SIZE])
{
	size_t n = 0;
	for (size_t i = 0; i < KEEL_CODE_CHARS; i++) {
		out[n++] = code->c[i];
		if (i % 4 == 3)
			out[n++] = '-';
	}
	out[n++] = crockford[check_value(code)];
	out[n] = '\0';
}

void keel_code_key(
	const struct keel_code *code, const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_key *out)
{
	struct keel_bytes salt = { id, KEEL_DEVICE_ID_LEN };
	keel_pbkdf2(KEEL_VIEW(code->c), salt, KEEL_CODE_ROUNDS, out);
}

void keel_code_wipe(struct keel_code *code)
{
	keel_wipe(code, sizeof(*code));
}

/* RFC 4648 §6 without padding; gives the number of characters. */
static size_t base32_write(struct keel_bytes in, char *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;
	for (size_t i = 0; i < in.n; i++) {
		bits = (bits << 8 | in.p[i]) & 0xfff;
		for (have += 8; have >= 5; have -= 5)
			out[n++] = base32[bits >> (have - 5) & 31];
	}
	if (have > 0)
		out[n++] = base32[bits << (5 - have) & 31];
	return n;
}

static enum keel_err base32_read(struct keel_bytes text, uint8_t *out, size_t cap)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++) {
		unsigned v = value_in(base32, upper(text.p[i]));
		if (v == 32)
			return KEEL_EFORM;
		bits = (bits << 5 | v) & 0xfff;
		have += 5;
		if (have < 8)
			continue;
		have -= 8;
		if (n == cap)
			return KEEL_EFORM;
		out[n++] = (uint8_t)(bits >> have);
	}
	if (n != cap || have >= 5 || (bits & ((1U << have) - 1)) != 0)
		return KEEL_EFORM;
	return KEEL_OK;
}

void keel_id_write(const uint8_t id[KEEL_DEVICE_ID_LEN], char out[KEEL_ID_TEXT_SIZE])
{
	size_t n = base32_write((struct keel_bytes){ id, KEEL_DEVICE_ID_LEN }, out);
	out[n] = '\0';
}

enum keel_err keel_id_read(struct keel_bytes text, uint8_t out[KEEL_DEVICE_ID_LEN])
{
	uint8_t id[KEEL_DEVICE_ID_LEN];
	enum keel_err e = base32_read(text, id, sizeof(id));
	if (e == KEEL_OK)
		memcpy(out, id, sizeof(id));
	return e;
}

void keel_label_write(const struct keel_label *label, char out[KEEL_LABEL_TEXT_SIZE])
{
	char code[KEEL_CODE_TEXT_SIZE];
	size_t n = sizeof(label_head) - 1;
	memcpy(out, label_head, n);
	n += base32_write(KEEL_VIEW(label->id), out + n);
	out[n++] = ':';
	n += base32_write(KEEL_VIEW(label->thumbprint), out + n);
	out[n++] = ':';
	keel_code_write(&label->code, code);
	for (size_t i = 0; code[i] != '\0'; i++)
		if (code[i] != '-')
			out[n++] = code[i];
	out[n] = '\0';
	keel_wipe(code, sizeof(code));
}

enum keel_err keel_label_read(struct keel_bytes text, struct keel_label *out)
{
	keel_auto(keel_label_wipe) struct keel_label label = { 0 };
	struct keel_rd r = keel_rd_of(text);
	struct keel_bytes head = keel_rd_take(&r, sizeof(label_head) - 1);
	struct keel_bytes id = keel_rd_until(&r, ':');
	struct keel_bytes print = keel_rd_until(&r, ':');
	struct keel_bytes code = keel_rd_rest(&r);
	if (keel_rd_end(&r) != KEEL_OK || !keel_bytes_is(head, label_head))
		return KEEL_EFORM;
	enum keel_err e = base32_read(id, label.id, sizeof(label.id));
	if (e == KEEL_OK)
		e = base32_read(print, label.thumbprint, sizeof(label.thumbprint));
	if (e == KEEL_OK)
		e = keel_code_read(code, &label.code);
	if (e == KEEL_OK)
		*out = label;
	return e;
}

void keel_label_wipe(struct keel_label *label)
{
	keel_wipe(label, sizeof(*label));
}
