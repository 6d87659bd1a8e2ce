#include "core/log.h"

#include "core/mem.h"

struct line {
	char *p;
	size_t n;
};

static const char *const levels[] = {
	[KEEL_LOG_INFO] = "info",
	[KEEL_LOG_WARN] = "warn",
	[KEEL_LOG_ALERT] = "alert",
};

/* The last two places are for '\n' and NUL. */
static void put(struct line *l, char c)
{
	if (l->n < KEEL_LOG_LINE_MAX - 2)
		l->p[l->n++] = c;
}

/* No space, control or byte of another script: a value is one word of the line, whatever it holds. */
static void put_word(struct line *l, const char *s)
{
	for (; *s != '\0'; s++)
		put(l, (char)(*s > ' ' && *s <= '~' ? *s : '?'));
}

/* Long division by hand: a 64-bit one would ask a microcontroller for its compiler's library. */
static uint64_t divide(uint64_t v, uint32_t by, uint32_t *rest)
{
	uint64_t quotient = 0;
	uint64_t r = 0;
	for (int bit = 63; bit >= 0; bit--) {
		r = r << 1 | (v >> bit & 1);
		quotient <<= 1;
		if (r >= by) {
			r -= by;
			quotient |= 1;
		}
	}
	*rest = (uint32_t)r;
	return quotient;
}

static void put_number(struct line *l, uint64_t v, size_t width)
{
	char digits[20];
	size_t n = 0;
	do {
		uint32_t digit;
		v = divide(v, 10, &digit);
		digits[n++] = (char)('0' + digit);
	} while (v > 0);
	for (size_t i = n; i < width; i++)
		put(l, '0');
	while (n > 0)
		put(l, digits[--n]);
}

static void put_signed(struct line *l, int64_t v)
{
	if (v < 0)
		put(l, '-');
	put_number(l, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 1);
}

/* Days since 1970 to year, month, day: years begin in March, so that the leap day is the last. */
static void put_date(struct line *l, uint32_t days)
{
	uint32_t z = days + 719468; /* since 0000-03-01 */
	uint32_t era = z / 146097;
	uint32_t of_era = z % 146097;
	uint32_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint32_t of_year = of_era - (365 * year + year / 4 - year / 100);
	uint32_t march = (5 * of_year + 2) / 153;
	uint32_t month = march < 10 ? march + 3 : march - 9;
	put_number(l, year + era * 400 + (month <= 2), 4);
	put(l, '-');
	put_number(l, month, 2);
	put(l, '-');
	put_number(l, of_year - (153 * march + 2) / 5 + 1, 2);
}

/* "-" where the time is not known, or is no time of this calendar (past the year 9999). */
static void put_time(struct line *l, int64_t wall_s)
{
	uint32_t s;
	if (wall_s <= 0 || wall_s > 253402300799) {
		put(l, '-');
		return;
	}
	put_date(l, (uint32_t)divide((uint64_t)wall_s, 86400, &s));
	put(l, 'T');
	put_number(l, s / 3600, 2);
	put(l, ':');
	put_number(l, s / 60 % 60, 2);
	put(l, ':');
	put_number(l, s % 60, 2);
	put(l, 'Z');
}

static void put_pair(struct line *l, const struct keel_log_pair *pair)
{
	put(l, ' ');
	put_word(l, pair->key);
	put(l, '=');
	if (pair->word != NULL)
		put_word(l, pair->word);
	else
		put_signed(l, pair->number);
}

size_t keel_log_format(char *buf, int64_t wall_s, enum keel_log_level level, const char *room,
	const char *event, const struct keel_log_pair *pairs, size_t n)
{
	struct line l = { buf, 0 };
	put_time(&l, wall_s);
	put(&l, ' ');
	put_word(&l, (unsigned)level < KEEL_COUNT(levels) ? levels[level] : "?");
	put(&l, ' ');
	put_word(&l, room);
	put(&l, ' ');
	put_word(&l, event);
	for (size_t i = 0; i < n; i++)
		put_pair(&l, &pairs[i]);
	buf[l.n] = '\n';
	buf[l.n + 1] = '\0';
	return l.n + 1;
}
