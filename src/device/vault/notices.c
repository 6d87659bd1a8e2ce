/*
 * What the maker tells owners by the service (session/notice.h): an event, and the number of the item that it came
 * by, in one commit, so that a restart at any moment takes none twice and none is lost. Record: noted, the
 * last number; it goes with the home. EN 303 645 5.3-11, 5.9-3.
 */
#include <stdio.h>
#include <string.h>

#include "device/vault/engine.h"
#include "device/vault/records.h"

#define NOTED "noted"
#define DAY_S 86400

enum keel_err vault_load_noted(struct keel_vault *v)
{
	uint8_t buf[16];
	struct keel_bytes value;
	struct noted_record r = { 0 };
	v->noted = 0;
	enum keel_err e = keel_record_get(v->s.store, NOTED, buf, sizeof(buf), &value);
	if (e == KEEL_ENONE)
		return KEEL_OK;
	if (e == KEEL_OK)
		e = keel_schema_read(&vault_noted_schema, value, &r, NULL);
	if (e == KEEL_OK)
		v->noted = r.last;
	return e;
}

/* EN 303 645 5.3-13: a service has no say against the day that the declaration promises. */
static bool is_true(const struct keel_vault *v, const struct keel_notice *n)
{
	const char *day = v->s.rules->support_until;
	if (keel_notice_check(n) != KEEL_OK)
		return false;
	return n->code != KEEL_NOTICE_SUPPORT || memcmp(n->about.p, day, n->about.n) >= 0;
}

static bool is_known(const struct keel_vault *v, const char *word, struct keel_bytes about)
{
	for (size_t i = 0; i < EVENTS_MAX; i++) {
		const struct vault_event *e = &v->events[i];
		if (e->number > 0 && strcmp(e->word, word) == 0 && keel_bytes_is(about, e->detail))
			return true;
	}
	return false;
}

/* Within the transaction. What was told to the whole fleet twice is told here once. */
static enum keel_err put(struct keel_vault *v, uint64_t number, const struct keel_notice *n)
{
	char word[KEEL_EVENT_WORD_MAX + 1];
	const struct noted_record r = { .last = number };
	enum keel_err e = vault_put(v, NOTED, &vault_noted_schema, &r);
	if (e != KEEL_OK || !is_true(v, n))
		return e;
	(void)snprintf(word, sizeof(word), VAULT_NOTICE "%s", keel_notice_word(n->code));
	return is_known(v, word, n->about) ? KEEL_OK : vault_event_put(v, word, n->about, true);
}

/* Numbers are of the service's clock (docs/service.md): one far ahead would silence all that come after it. */
static bool is_ahead(const struct keel_vault *v, uint64_t number)
{
	int64_t now_s = vault_latest(v); /* a session told it */
	return now_s > 0 && number / 1000000 > (uint64_t)now_s + DAY_S;
}

enum keel_err keel_vault_notice(
	struct keel_vault *v, uint64_t number, const struct keel_notice *n, uint64_t *taken)
{
	if (!v->home.owned)
		return KEEL_ESTATE;
	if (is_ahead(v, number))
		return KEEL_ERANGE;
	if (number > v->noted) {
		enum keel_err e = vault_begin(v);
		if (e != KEEL_OK)
			return e;
		e = put(v, number, n);
		if (e == KEEL_OK)
			e = keel_store_commit(v->s.store);
		if (e != KEEL_OK) {
			keel_store_rollback(v->s.store);
			enum keel_err again = vault_reload(v);
			return again == KEEL_OK ? e : again;
		}
		v->noted = number;
	}
	*taken = v->noted;
	return KEEL_OK;
}
