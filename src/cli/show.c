#include "cli/show.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli/amount.h"
#include "cli/table.h"
#include "core/cbor_head.h"

/* Where a value is shown: JSON or lines, and how deep. */
struct place {
	FILE *out;
	bool json;
	unsigned depth;
};

static void show_record(struct place at, const struct keel_schema *s, const uint8_t *record);

/* A path or an argument may be anything: what is no UTF-8 is shown as bytes. */
void keel_show_json_text(FILE *out, struct keel_bytes text)
{
	bool utf8 = keel_utf8_check(text, false) == KEEL_OK;
	(void)fputc('"', out);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < 0x20 || (!utf8 && text.p[i] >= 0x80))
			(void)fprintf(out, "\\u%04x", text.p[i]);
		else if (text.p[i] == '"' || text.p[i] == '\\')
			(void)fprintf(out, "\\%c", text.p[i]);
		else
			(void)fputc(text.p[i], out);
	}
	(void)fputc('"', out);
}

void keel_show_hex(FILE *out, struct keel_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		(void)fprintf(out, "%02x", b.p[i]);
}

static void show_digits(struct place at, struct keel_bytes b)
{
	const char *quote = at.json ? "\"" : "";
	(void)fputs(quote, at.out);
	keel_show_hex(at.out, b);
	(void)fputs(quote, at.out);
}

static bool is_physical(const struct keel_row *row)
{
	return row->kind == KEEL_NUMBER || (row->name != NULL && strcmp(row->name, "value") == 0);
}

static void show_text(struct place at, struct keel_bytes text)
{
	if (at.json)
		keel_show_json_text(at.out, text);
	else
		(void)fwrite(text.p, 1, text.n, at.out);
}

static void show_list(struct place at, const struct keel_row *item, struct keel_list rest);

static const char *const state_words[] = { "factory", "setup", "operation", "isolated", NULL };
static const char *const role_words[] = { "owner", "guest", NULL };
static const char *const of_words[] = { "the home", "a person", NULL };
static const char *const consent_words[] = { "not needed", "given", "not given", NULL };
static const char *const how_words[] = { "its key was destroyed in the TPM",
	"its key was overwritten in a file: a copy made before can still be read", NULL };

/* How a person reads a number of this name; a script gets the number. */
static const struct {
	const char *row;
	const char *const *words; /* by value */
	const char *when_zero;    /* else: a moment, and what 0 stands for */
} readable[] = {
	{ "state", state_words, NULL },
	{ "role", role_words, NULL },
	{ "of", of_words, NULL },
	{ "consent", consent_words, NULL },
	{ "how", how_words, NULL },
	{ "time", NULL, "not known" },
	{ "iat", NULL, "not known" },
	{ "oldest", NULL, "none" },
	{ "until", NULL, "always" },
	{ "since", NULL, "not known" },
};

static void show_moment(FILE *out, int64_t unix_s, const char *when_zero)
{
	char text[40];
	struct tm tm;
	time_t t = (time_t)unix_s;
	if (unix_s == 0)
		(void)fputs(when_zero, out);
	else if (localtime_r(&t, &tm) != NULL &&
		 strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) > 0)
		(void)fputs(text, out);
	else
		(void)fprintf(out, "%" PRId64 " s after 1970", unix_s);
}

void keel_show_word(FILE *out, const char *name, uint64_t v)
{
	size_t i = 0;
	while (i < KEEL_COUNT(readable) && strcmp(readable[i].row, name) != 0)
		i++;
	const char *const *words = i < KEEL_COUNT(readable) ? readable[i].words : NULL;
	if (i < KEEL_COUNT(readable) && words == NULL) {
		show_moment(out, (int64_t)v, readable[i].when_zero);
		return;
	}
	for (uint64_t n = 0; words != NULL && words[n] != NULL; n++)
		if (n == v) {
			(void)fputs(words[n], out);
			return;
		}
	(void)fprintf(out, "%" PRIu64, v);
}

/* The hardware model travels as bytes (RFC 9711); where they are text, text it is. */
static void show_bytes(struct place at, const struct keel_row *row, struct keel_bytes b)
{
	bool text = row->name != NULL && strcmp(row->name, "hwmodel") == 0 &&
		    keel_utf8_check(b, true) == KEEL_OK;
	if (text)
		show_text(at, b);
	else
		show_digits(at, b);
}

static void show_uint(struct place at, const struct keel_row *row, uint64_t v)
{
	if (at.json || row->name == NULL)
		(void)fprintf(at.out, "%" PRIu64, v);
	else
		keel_show_word(at.out, row->name, v);
}

static void show_int(struct place at, const struct keel_row *row, int64_t v)
{
	if (is_physical(row))
		keel_amount_number(at.out, v);
	else if (at.json || v < 0)
		(void)fprintf(at.out, "%" PRId64, v);
	else
		show_uint(at, row, (uint64_t)v);
}

static void show_value(struct place at, const struct keel_row *row, const uint8_t *v)
{
	switch (row->kind) {
	case KEEL_UINT:
	case KEEL_DURATION:
		show_uint(at, row, *(const uint64_t *)(const void *)v);
		break;
	case KEEL_CHOICE:
		show_text(at, keel_text(row->choices[*(const uint64_t *)(const void *)v]));
		break;
	case KEEL_INT:
	case KEEL_NUMBER:
	case KEEL_DATE:
		show_int(at, row, *(const int64_t *)(const void *)v);
		break;
	case KEEL_BOOL:
		(void)fputs(*(const bool *)(const void *)v ? (at.json ? "true" : "yes")
							   : (at.json ? "false" : "no"),
			at.out);
		break;
	case KEEL_TEXT:
		show_text(at, *(const struct keel_bytes *)(const void *)v);
		break;
	case KEEL_BYTES:
	case KEEL_ANY:
		show_bytes(at, row, *(const struct keel_bytes *)(const void *)v);
		break;
	case KEEL_MAP:
		show_record(at, row->of, v);
		break;
	case KEEL_LIST:
		show_list(at, row->item, *(const struct keel_list *)(const void *)v);
		break;
	}
}

/* Room for the C value of any list item: a record of ours, or one of the plain kinds. */
union item {
	uint8_t bytes[512];
	uint64_t align;
};

static void show_list(struct place at, const struct keel_row *item, struct keel_list rest)
{
	union item v;
	bool first = true;
	at.depth++;
	if (at.json)
		(void)fputc('[', at.out);
	KEEL_MUST(item->kind != KEEL_MAP || item->of->size <= sizeof(v));
	while (keel_list_next(item, &rest, &v)) {
		if (at.json && !first)
			(void)fputc(',', at.out);
		if (!at.json)
			(void)fprintf(at.out, "\n%*s", (int)at.depth * 2, "");
		first = false;
		show_value(at, item, v.bytes);
	}
	if (at.json)
		(void)fputc(']', at.out);
	else if (first)
		(void)fputs("none", at.out);
}

static void show_key(struct place at, const char *name)
{
	if (!at.json) {
		(void)fprintf(at.out, "%s: ", name);
		return;
	}
	(void)fputc('"', at.out);
	for (const char *c = name; *c != '\0'; c++)
		(void)fputc(*c == ' ' ? '_' : *c, at.out);
	(void)fputs("\":", at.out);
}

/* Whether the row is there: required rows are, whatever `has` says. */
static bool is_there(const struct keel_schema *s, const void *record, size_t row)
{
	return !s->rows[row].optional || keel_has(record, row);
}

static void show_record(struct place at, const struct keel_schema *s, const uint8_t *record)
{
	bool first = true;
	/* A record within a list stands in one line. */
	const char *between = at.json ? "," : at.depth > 0 ? ", " : "\n";
	if (at.json)
		(void)fputc('{', at.out);
	for (size_t i = 0; i < s->count; i++) {
		if (!is_there(s, record, i))
			continue;
		if (!first)
			(void)fputs(between, at.out);
		first = false;
		show_key(at, s->rows[i].name);
		show_value(at, &s->rows[i], record + s->rows[i].at);
	}
	if (at.json)
		(void)fputc('}', at.out);
}

static void show_table(FILE *out, const struct keel_row *item, struct keel_list rest)
{
	const struct keel_schema *s = item->of;
	const char *headings[KEEL_TABLE_COLUMNS_MAX + 1] = { NULL };
	union item v;
	struct keel_table t;
	KEEL_MUST(s->count < KEEL_COUNT(headings) && s->size <= sizeof(v));
	for (size_t i = 0; i < s->count; i++)
		headings[i] = s->rows[i].name;
	keel_table_open(&t, headings);
	while (keel_list_next(item, &rest, &v))
		for (size_t i = 0; i < s->count; i++)
			show_value((struct place){ .out = keel_table_cell(&t), .depth = 1 },
				&s->rows[i], v.bytes + s->rows[i].at);
	keel_table_print(&t, out, "none");
}

void keel_show(FILE *out, const struct keel_schema *s, const void *record, bool json)
{
	const uint8_t *r = record;
	/* A person reads an answer that is a list of records as a table. */
	if (!json && s->count == 1 && s->rows[0].kind == KEEL_LIST &&
		s->rows[0].item->kind == KEEL_MAP) {
		show_table(out, s->rows[0].item,
			*(const struct keel_list *)(const void *)(r + s->rows[0].at));
		return;
	}
	show_record((struct place){ .out = out, .json = json }, s, r);
	if (s->count > 0 || json)
		(void)fputc('\n', out);
}
