/*
 * The time that the service signs, over a nonce of ours, so that nobody replays an old one. It is an
 * interval, as long as the way took. Up to the first sight in a start it may move forward freely, for a
 * device lay in a drawer; from then on only as far as the declared drift of this device's own clock
 * explains. It never goes back, nor beyond the end of support. What cannot be is not believed, and told
 * to the owner. EN 303 645 5.5-1, 5.3-10.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "device/vault/engine.h"

#define DAY_S   86400
#define SLACK_S 2   /* for times in whole seconds */
#define FIRST_S 300 /* by which two clocks that were set may differ at the first sight */

int64_t vault_service_time(const struct keel_vault *v)
{
	const struct vault_service_time *t = &v->service_time;
	return t->known ? t->wall_s + (int64_t)((vault_now_ms(v) - t->at_ms) / 1000) : 0;
}

/* How far our own clock may have gone astray since the last sight. */
static int64_t drift_s(const struct keel_vault *v, uint64_t way_ms)
{
	const struct vault_service_time *t = &v->service_time;
	int64_t since_s = (int64_t)((vault_now_ms(v) - t->at_ms) / 1000);
	int64_t a_day = v->s.rules->service.drift; /* thousandths */
	return since_s / DAY_S * a_day / 1000 + since_s % DAY_S * a_day / DAY_S / 1000 +
	       (int64_t)((way_ms + t->within_ms) / 1000) + SLACK_S;
}

static bool possible(const struct keel_vault *v, int64_t now, uint64_t way_ms)
{
	if (now > v->s.rules->service.support_until_s + DAY_S)
		return false;
	if (!v->service_time.known)
		return now >= v->home.last_wall_s - FIRST_S;
	int64_t off = now - vault_service_time(v), most = drift_s(v, way_ms);
	return off <= most && off >= -most;
}

static enum keel_err refuse(struct keel_vault *v, int64_t now)
{
	char detail[KEEL_EVENT_DETAIL_MAX + 1];
	(void)snprintf(detail, sizeof(detail),
		"the service says %" PRId64 ", this device counted %" PRId64, now, vault_latest(v));
	enum keel_err e = keel_vault_event(v, "clock-jump", keel_text(detail), true);
	return e == KEEL_OK ? KEEL_ERANGE : e;
}

enum keel_err vault_take_time(struct keel_vault *v, int64_t now, uint64_t way_ms)
{
	struct vault_service_time *t = &v->service_time;
	if (!possible(v, now, way_ms))
		return refuse(v, now);
	int64_t counted = t->known ? vault_service_time(v) : v->home.last_wall_s;
	t->wall_s = now > counted
			    ? now
			    : counted; /* within the drift it stands still, it never goes back */
	t->at_ms = vault_now_ms(v);
	t->within_ms = way_ms;
	t->known = true;
	return KEEL_OK;
}
