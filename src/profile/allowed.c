#include "profile/allowed.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/decimal.h"
#include "keel/profile.h"
#include "profile/say.h"

enum { AMOUNT_MAX = 40 };

__attribute__((format(printf, 3, 4))) static void add(
	char *out, size_t cap, const char *format, ...)
{
	size_t n = strlen(out);
	va_list args;
	va_start(args, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(out + n, cap - n, format, args);
	va_end(args);
}

static void write_amount(const struct keel_row *row, int64_t v, char out[static AMOUNT_MAX])
{
	struct keel_wr w = keel_wr_of(out, AMOUNT_MAX - 1);
	memset(out, 0, AMOUNT_MAX);
	if (row->kind == KEEL_NUMBER)
		keel_decimal_thousandths(&w, v);
	else if (row->kind == KEEL_DURATION)
		keel_say_duration(&w, (uint64_t)v);
	else if (row->kind == KEEL_DATE)
		keel_date_write(v, out);
	else
		(void)snprintf(out, AMOUNT_MAX, "%" PRId64, v);
}

/* " from 1 to 65535"; nothing where there are no bounds. */
static void add_range(const struct keel_row *row, char *out)
{
	char min[AMOUNT_MAX];
	char max[AMOUNT_MAX];
	write_amount(row, row->min, min);
	write_amount(row, row->max, max);
	if (row->max != 0)
		add(out, KEEL_ALLOWED_MAX, " from %s to %s", min, max);
	else if (row->min != 0)
		add(out, KEEL_ALLOWED_MAX, " from %s", min);
}

static void say_number(const struct keel_row *row, char *out)
{
	static const struct {
		const char *what, *like;
	} kinds[] = {
		[KEEL_UINT] = { "a whole number", "" },
		[KEEL_INT] = { "a whole number", "" },
		[KEEL_NUMBER] = { "a number", ", with at most three places, like 21.5" },
		[KEEL_DURATION] = { "a time", ", like 90 seconds, 24 hours or 2 days" },
		[KEEL_DATE] = { "a date", ", like 2033-12-01" },
	};
	if (row->min != 0 && row->min == row->max) {
		char only[AMOUNT_MAX];
		write_amount(row, row->min, only);
		add(out, KEEL_ALLOWED_MAX, "%s", only);
		return;
	}
	add(out, KEEL_ALLOWED_MAX, "%s", kinds[row->kind].what);
	add_range(row, out);
	add(out, KEEL_ALLOWED_MAX, "%s", kinds[row->kind].like);
}

static void say_choice(const struct keel_row *row, char *out)
{
	add(out, KEEL_ALLOWED_MAX, "one of:");
	for (size_t i = 0; row->choices[i] != NULL; i++)
		add(out, KEEL_ALLOWED_MAX, "%s %s", i == 0 ? "" : ",", row->choices[i]);
}

void keel_allowed_fields(const struct keel_schema *s, char *out, size_t cap)
{
	out[0] = '\0';
	for (size_t i = 0; i < s->count; i++)
		add(out, cap, "%s%s", i == 0 ? "" : ", ", s->rows[i].name);
}

static void say_map(const struct keel_row *row, char *out)
{
	char fields[160];
	keel_allowed_fields(row->of, fields, sizeof(fields));
	add(out, KEEL_ALLOWED_MAX, "its fields in indented lines below it, or between { and }: %s",
		fields);
}

static void say_list(const struct keel_row *row, char *out)
{
	add(out, KEEL_ALLOWED_MAX,
		"a list of %lld to %lld, a line with - for each or between [ and ]",
		(long long)row->min, (long long)row->max);
}

void keel_allowed_say(const struct keel_row *row, char out[static KEEL_ALLOWED_MAX])
{
	out[0] = '\0';
	if (row->hint != NULL) {
		add(out, KEEL_ALLOWED_MAX, "%s", row->hint);
		return;
	}
	switch (row->kind) {
	case KEEL_UINT:
	case KEEL_INT:
	case KEEL_NUMBER:
	case KEEL_DURATION:
	case KEEL_DATE:
		say_number(row, out);
		return;
	case KEEL_CHOICE:
		say_choice(row, out);
		return;
	case KEEL_BOOL:
		add(out, KEEL_ALLOWED_MAX, "yes or no, without quotes");
		return;
	case KEEL_BYTES:
	case KEEL_TEXT:
		add(out, KEEL_ALLOWED_MAX, "a text of %lld to %lld bytes in one line",
			(long long)row->min, (long long)row->max);
		return;
	case KEEL_MAP:
		say_map(row, out);
		return;
	case KEEL_LIST:
		say_list(row, out);
		return;
	case KEEL_ANY:
		break;
	}
	add(out, KEEL_ALLOWED_MAX, "what man product.yaml names");
}
