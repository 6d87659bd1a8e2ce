#include "profile/scalar.h"

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

bool keel_scalar_uint(struct keel_bytes text, uint64_t *out)
{
	uint64_t v = 0;
	if (text.n == 0 || text.n > 18 || (text.n > 1 && text.p[0] == '0'))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (!is_digit(text.p[i]))
			return false;
		v = v * 10 + (uint64_t)(text.p[i] - '0');
	}
	*out = v;
	return true;
}

/* Up to three digits after the point, as thousandths. */
static bool read_places(struct keel_bytes text, uint64_t *out)
{
	uint64_t v = 0;
	if (text.n == 0 || text.n > 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (i < text.n && !is_digit(text.p[i]))
			return false;
		v = v * 10 + (i < text.n ? (uint64_t)(text.p[i] - '0') : 0);
	}
	*out = v;
	return true;
}

bool keel_scalar_number(struct keel_bytes text, int64_t *out)
{
	uint64_t whole;
	uint64_t rest = 0;
	bool negative = text.n > 0 && text.p[0] == '-';
	if (negative)
		text = (struct keel_bytes){ text.p + 1, text.n - 1 };
	size_t point = 0;
	while (point < text.n && text.p[point] != '.')
		point++;
	if (point > 15 || !keel_scalar_uint((struct keel_bytes){ text.p, point }, &whole))
		return false;
	if (point < text.n &&
		!read_places((struct keel_bytes){ text.p + point + 1, text.n - point - 1 }, &rest))
		return false;
	*out = (int64_t)(whole * 1000 + rest) * (negative ? -1 : 1);
	return true;
}

bool keel_scalar_duration(struct keel_bytes text, uint64_t *out)
{
	static const struct {
		const char *one, *many;
		uint64_t seconds;
	} units[] = {
		{ "second", "seconds", 1 },
		{ "s", "s", 1 },
		{ "minute", "minutes", 60 },
		{ "hour", "hours", 3600 },
		{ "day", "days", 86400 },
		{ "week", "weeks", 604800 },
		{ "year", "years", 31536000 },
	};
	size_t space = 0;
	uint64_t v;
	while (space < text.n && text.p[space] != ' ')
		space++;
	if (space > 9 || space == text.n ||
		!keel_scalar_uint((struct keel_bytes){ text.p, space }, &v))
		return false;
	const struct keel_bytes unit = { text.p + space + 1, text.n - space - 1 };
	for (size_t i = 0; i < KEEL_COUNT(units); i++) {
		if (!keel_bytes_is(unit, units[i].one) && !keel_bytes_is(unit, units[i].many))
			continue;
		*out = v * units[i].seconds;
		return true;
	}
	return false;
}

static bool two(const uint8_t *p, uint64_t *out)
{
	*out = (uint64_t)(p[0] - '0') * 10 + (uint64_t)(p[1] - '0');
	return is_digit(p[0]) && is_digit(p[1]);
}

bool keel_scalar_date(struct keel_bytes text, int64_t *out)
{
	static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint64_t century;
	uint64_t year;
	uint64_t month;
	uint64_t day;
	if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-' || !two(text.p, &century) ||
		!two(text.p + 2, &year) || !two(text.p + 5, &month) || !two(text.p + 8, &day))
		return false;
	year += century * 100;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (year < 1970 || month < 1 || month > 12 || day < 1 ||
		day > lengths[month - 1] + (uint64_t)(month == 2 && leap))
		return false;
	/* Days in whole years before, leap days counted, then in whole months. */
	uint64_t y = year - 1;
	uint64_t days = y * 365 + y / 4 - y / 100 + y / 400 - 719162;
	for (uint64_t m = 1; m < month; m++)
		days += lengths[m - 1] + (uint64_t)(m == 2 && leap);
	*out = (int64_t)(days + day - 1);
	return true;
}
