/*
 * What owners should know, bounded: everyday events go first, security events last, and what somebody
 * outside, or a program on the device, can cause as often as they like washes no other away: told again
 * of the same cause it counts in one place, and its word has few places.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "device/vault/engine.h"
#include "keel/profile.h"

/* Far fewer than there are places, for all words together. */
#define AT_WILL_MAX 8

/* The words of what can be caused at will. All of the rest is done by members. */
struct at_will {
	const char *begins; /* the word */
	const char
		*apart; /* what ends the cause in the detail: a room, a port, a file, a program */
};
static const struct at_will causes[] = {
	{ "wrong-code", "" },
	{ "many-", "" },
	{ "clock-jump", "" },
	{ "room-", ", " },
	{ "undeclared-port", " by " },
	{ "port-gone", " by " },
	{ "undeclared-process", " (" },
	{ "file-", ", " },
	{ VAULT_NOTICE, "" },
};

static bool is_notice(const char *word)
{
	return strncmp(word, VAULT_NOTICE, sizeof(VAULT_NOTICE) - 1) == 0;
}

/* NULL: a member's doing. */
static const struct at_will *at_will(const char *word)
{
	for (size_t i = 0; i < KEEL_COUNT(causes); i++)
		if (strncmp(word, causes[i].begins, strlen(causes[i].begins)) == 0)
			return &causes[i];
	return NULL;
}

static size_t cause_length(const struct at_will *a, const char *detail)
{
	const char *end = strstr(detail, a->apart);
	return end == NULL ? strlen(detail) : (size_t)(end - detail);
}

/* Both details as they are kept. */
static bool same_cause(const struct at_will *a, const char *one, const char *other)
{
	size_t n = cause_length(a, one);
	return n == cause_length(a, other) && memcmp(one, other, n) == 0;
}

/* The place that an event was told in before: it counts on there. */
static struct vault_event *counting(struct keel_vault *v, const struct vault_event *next)
{
	const struct at_will *a = at_will(next->word);
	for (size_t i = 0; a != NULL && i < EVENTS_MAX; i++) {
		struct vault_event *e = &v->events[i];
		if (e->number != 0 && strcmp(e->word, next->word) == 0 &&
			same_cause(a, e->detail, next->detail))
			return e;
	}
	return NULL;
}

/* The oldest of a word that has all the places it may have, else NULL. */
static struct vault_event *oldest_of(struct keel_vault *v, const char *word)
{
	struct vault_event *oldest = NULL;
	size_t n = 0;
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		struct vault_event *e = &v->events[i];
		if (e->number == 0 || strcmp(e->word, word) != 0)
			continue;
		n++;
		if (oldest == NULL || e->number < oldest->number)
			oldest = e;
	}
	return n < AT_WILL_MAX ? NULL : oldest;
}

/* The place of the next one: a free one, else the oldest everyday one, else the oldest. */
static struct vault_event *place(struct keel_vault *v, const char *word)
{
	struct vault_event *best = at_will(word) != NULL ? oldest_of(v, word) : NULL;
	if (best != NULL)
		return best;
	best = &v->events[0];
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		struct vault_event *e = &v->events[i];
		if (e->number == 0)
			return e;
		if (e->security == best->security ? e->number < best->number : !e->security)
			best = e;
	}
	return best;
}

static void cut(char *out, size_t cap, struct keel_bytes in)
{
	size_t n = in.n < cap - 1 ? in.n : cap - 1;
	while (n < in.n && n > 0 && (in.p[n] & 0xc0) == 0x80)
		n--; /* not within a character */
	if (n > 0)
		memcpy(out, in.p, n);
	out[n] = '\0';
}

enum keel_err vault_event_put(
	struct keel_vault *v, const char *word, struct keel_bytes detail, bool security)
{
	struct vault_event e = {
		.number = v->event_number + 1, .time = vault_wall(v), .security = security
	};
	cut(e.word, sizeof(e.word), keel_text(word));
	cut(e.detail, sizeof(e.detail), detail);
	struct vault_event *same = counting(v, &e);
	struct vault_event *to = same != NULL ? same : place(v, e.word);
	bool again = same != NULL && !is_notice(word); /* a notice is another one, in its place */
	e.times = again ? same->times + 1 : 1;
	e.first = again ? same->first : e.time;
	enum keel_err err = to->number == 0 ? KEEL_OK : vault_drop_number(v, "event/", to->number);
	if (err == KEEL_OK)
		err = vault_put_event(v, &e);
	if (err != KEEL_OK)
		return err;
	*to = e;
	v->event_number = e.number;
	return KEEL_OK;
}

/* EN 303 645 5.7-2: where the declaration says so, a device whose programs were changed closes
 * itself, until somebody with the device in their hands resets or recovers it. */
static bool isolates(const struct keel_vault *v, const char *word)
{
	return v->s.rules->isolate && v->home.state != KEEL_STATE_ISOLATED &&
	       strncmp(word, "file-", 5) == 0;
}

/* Who sent wrong codes is somebody in the home: their address stays there. */
static struct keel_bytes at_home(const char *word, struct keel_bytes detail)
{
	return strcmp(word, "wrong-code") == 0 ? (struct keel_bytes){ 0 } : detail;
}

enum keel_err keel_vault_event(
	struct keel_vault *v, const char *word, struct keel_bytes detail, bool security)
{
	struct vault_home home = v->home;
	enum keel_err e = vault_begin(v);
	if (e != KEEL_OK)
		return e;
	e = vault_event_put(v, word, detail, security);
	if (e == KEEL_OK && security)
		e = vault_report_event(v, word, at_home(word, detail));
	if (isolates(v, word)) {
		home.state = KEEL_STATE_ISOLATED;
		e = e == KEEL_OK ? vault_put_home(v, &home) : e;
	}
	if (e == KEEL_OK)
		e = keel_store_commit(v->s.store);
	if (e == KEEL_OK) {
		bool closed = home.state != v->home.state;
		v->home = home;
		if (closed)
			vault_tell_state(v);
		return KEEL_OK;
	}
	keel_store_rollback(v->s.store);
	enum keel_err again = vault_reload(v);
	return again == KEEL_OK ? e : again;
}

/* In the order of their numbers, from the first after `after`: found one by one in the ring. */
static const struct vault_event *next_after(const struct keel_vault *v, uint64_t after)
{
	const struct vault_event *best = NULL;
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		const struct vault_event *e = &v->events[i];
		if (e->number > after && (best == NULL || e->number < best->number))
			best = e;
	}
	return best;
}

/* "fd00::7, told 7 times since 2026-11-28 04:40 UTC": what was noted last, and how often. */
static void show_detail(const struct vault_event *e, char out[KEEL_EVENT_DETAIL_MAX + 1])
{
	char more[64] = "", since[32] = "", day[11];
	if (e->times > 1 && e->first > 0) {
		keel_date_write(e->first / 86400, day);
		(void)snprintf(since, sizeof(since), " since %s %02d:%02d UTC", day,
			(int)(e->first / 3600 % 24), (int)(e->first / 60 % 60));
	}
	if (e->times > 1)
		(void)snprintf(more, sizeof(more), "%stold %" PRIu64 " times%s",
			e->detail[0] != '\0' ? ", " : "", e->times, since);
	cut(out, KEEL_EVENT_DETAIL_MAX + 1 - strlen(more), keel_text(e->detail));
	memcpy(out + strlen(out), more, strlen(more) + 1);
}

enum vault_no vault_read_events(
	struct keel_vault *v, struct vault_owner *o, const void *args, void *result)
{
	const struct keel_events_args *a = args;
	struct keel_events_result *r = result;
	struct keel_list_maker m = keel_list_maker_of(v->lists, sizeof(v->lists));
	const struct vault_event *e = next_after(v, a->after);
	(void)o;
	for (; e != NULL && m.count < EVENTS_SHOWN; e = next_after(v, e->number)) {
		char detail[KEEL_EVENT_DETAIL_MAX + 1];
		show_detail(e, detail);
		const struct keel_event_item item = { .number = e->number,
			.time = e->time,
			.word = keel_text(e->word),
			.detail = keel_text(detail) };
		KEEL_MUST(keel_list_put(&m, &keel_event_item_schema, &item));
	}
	r->events = keel_list_made(&m);
	return NO_NOT;
}
