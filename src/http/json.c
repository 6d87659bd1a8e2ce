#include "http/json.h"

#include "core/base64url.h"
#include "core/decimal.h"
#include "core/hex.h"

struct keel_json keel_json_of(struct keel_wr *w)
{
	return (struct keel_json){ .w = w, .first = true };
}

/* What RFC 8259 §7 forbids in a string, and no more. */
static void write_string(struct keel_wr *w, struct keel_bytes utf8)
{
	keel_wr_u8(w, '"');
	for (size_t i = 0; i < utf8.n; i++) {
		uint8_t c = utf8.p[i];
		if (c < 0x20) {
			char digits[KEEL_HEX_SIZE(1)];
			keel_hex_write((struct keel_bytes){ &c, 1 }, digits);
			keel_wr_text(w, "\\u00");
			keel_wr_text(w, digits);
			continue;
		}
		if (c == '"' || c == '\\')
			keel_wr_u8(w, '\\');
		keel_wr_u8(w, c);
	}
	keel_wr_u8(w, '"');
}

static void new_line(struct keel_json *j)
{
	keel_wr_u8(j->w, '\n');
	for (unsigned i = 0; i < j->depth; i++)
		keel_wr_text(j->w, "  ");
}

/* Everything before a value: comma, line, name. */
static void begin(struct keel_json *j, const char *name)
{
	keel_wr_text(j->w, j->first ? "" : ",");
	if (j->depth > 0)
		new_line(j);
	j->first = false;
	if (name == NULL)
		return;
	write_string(j->w, keel_text(name));
	keel_wr_text(j->w, ": ");
}

void keel_json_open(struct keel_json *j, const char *name, char bracket)
{
	begin(j, name);
	keel_wr_u8(j->w, (uint8_t)bracket);
	j->depth++;
	j->first = true;
}

void keel_json_close(struct keel_json *j, char bracket)
{
	KEEL_MUST(j->depth > 0);
	j->depth--;
	if (!j->first)
		new_line(j);
	j->first = false;
	keel_wr_u8(j->w, (uint8_t)bracket);
	if (j->depth == 0)
		keel_wr_u8(j->w, '\n');
}

void keel_json_text(struct keel_json *j, const char *name, struct keel_bytes utf8)
{
	begin(j, name);
	write_string(j->w, utf8);
}

void keel_json_word(struct keel_json *j, const char *name, const char *word)
{
	keel_json_text(j, name, keel_text(word));
}

void keel_json_base64(struct keel_json *j, const char *name, struct keel_bytes bytes)
{
	begin(j, name);
	keel_wr_u8(j->w, '"');
	keel_base64url_write(bytes, j->w);
	keel_wr_u8(j->w, '"');
}

void keel_json_uint(struct keel_json *j, const char *name, uint64_t v)
{
	begin(j, name);
	keel_decimal_uint(j->w, v);
}

void keel_json_amount(struct keel_json *j, const char *name, int64_t thousandths)
{
	begin(j, name);
	keel_decimal_thousandths(j->w, thousandths);
}

void keel_json_bool(struct keel_json *j, const char *name, bool v)
{
	begin(j, name);
	keel_wr_text(j->w, v ? "true" : "false");
}

void keel_json_null(struct keel_json *j, const char *name)
{
	begin(j, name);
	keel_wr_text(j->w, "null");
}
