#include "profile/say.h"

#include "core/decimal.h"
#include "keel/profile.h"

static const struct {
	const char *name;
	uint64_t s;
} units[] = { { "year", 31536000 }, { "day", 86400 }, { "hour", 3600 }, { "minute", 60 },
	{ "second", 1 } };

/* The largest that gives a whole number. */
static size_t unit_of(uint64_t s)
{
	size_t i = 0;
	while (i + 1 < KEEL_COUNT(units) && (s == 0 || s % units[i].s != 0))
		i++;
	return i;
}

void keel_say_duration(struct keel_wr *w, uint64_t s)
{
	size_t i = unit_of(s);
	keel_decimal_uint(w, s / units[i].s);
	keel_wr_u8(w, ' ');
	keel_wr_text(w, units[i].name);
	keel_wr_text(w, s == units[i].s ? "" : "s");
}

void keel_say_every(struct keel_wr *w, uint64_t s)
{
	size_t i = unit_of(s);
	keel_wr_text(w, "every ");
	if (s == units[i].s)
		keel_wr_text(w, units[i].name);
	else
		keel_say_duration(w, s);
}

void keel_say_unit(struct keel_wr *w, struct keel_bytes unit)
{
	/* As in the owner's app: web/owner/src/words.js. */
	static const struct {
		const char *unit, *sign;
	} signs[] = { { "1", "" }, { "d", "" }, { "Cel", " °C" }, { "%RH", " %" } };
	for (size_t i = 0; i < KEEL_COUNT(signs); i++)
		if (keel_bytes_is(unit, signs[i].unit)) {
			keel_wr_text(w, signs[i].sign);
			return;
		}
	keel_wr_text(w, unit.n > 0 ? " " : "");
	keel_wr_bytes(w, unit);
}

void keel_say_amount(struct keel_wr *w, int64_t thousandths, struct keel_bytes unit)
{
	keel_decimal_thousandths(w, thousandths);
	keel_say_unit(w, unit);
}

static void two_digits(struct keel_wr *w, int64_t v, char behind)
{
	keel_wr_u8(w, (uint8_t)('0' + v / 10));
	keel_wr_u8(w, (uint8_t)('0' + v % 10));
	keel_wr_u8(w, (uint8_t)behind);
}

void keel_say_moment(struct keel_wr *w, int64_t unix_s)
{
	char date[11];
	keel_date_write(unix_s / 86400, date);
	keel_wr_text(w, date);
	keel_wr_u8(w, 'T');
	two_digits(w, unix_s / 3600 % 24, ':');
	two_digits(w, unix_s / 60 % 60, ':');
	two_digits(w, unix_s % 60, 'Z');
}
