#include "cli/way.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/fault.h"
#include "cli/show.h"
#include "owner/ask.h"

/* At home a hub answers at once; with a service to turn to, nobody waits longer for one that is not there. */
enum { HOME_S = 3 };

bool keel_way_turn(struct keel_way *way, const struct keel_keys *keys)
{
	if (way->away || keys->service[0] == '\0')
		return false;
	way->away = true;
	way->told = false;
	return true;
}

/* Neither way leads anywhere: both are named. */
static enum keel_err nobody(const struct keel_keys *keys, struct keel_fault *fault)
{
	char why[sizeof(fault->what)];
	(void)snprintf(why, sizeof(why), "%s", fault->what);
	return keel_fault_format(fault, KEEL_EIO,
		"check this machine's network; at home, check that the hub has power",
		"%.70s (your hub) gave no answer, and %.120s", keys->url, why);
}

static enum keel_err read_relayed(
	struct keel_way *way, struct keel_carried *c, struct keel_fault *fault)
{
	struct keel_relayed r;
	enum keel_err e = keel_schema_read(&keel_relayed_schema, c->answer, &r, NULL);
	if (e != KEEL_OK)
		return keel_fault_fill(fault, e, "the service's answer is not what it should be",
			"check that --service names the maker's service; use the keel of its "
			"version");
	way->heard = r.heard;
	*c = (struct keel_carried){ .answer = r.body, .status = (long)r.status, .by_hub = true };
	return KEEL_OK;
}

static enum keel_err by_service(struct keel_way *way, const struct keel_keys *keys,
	const struct keel_member *m, struct keel_bytes sealed, uint8_t buf[KEEL_POST_MAX],
	struct keel_carried *out, struct keel_fault *fault)
{
	uint8_t body[KEEL_RELAY_MAX];
	struct keel_wr w = keel_wr_of(body, sizeof(body));
	struct keel_bytes relay;
	const struct keel_door_at service = keel_keys_service(keys);
	enum keel_err e = keel_relay_write(m, sealed, &w);
	KEEL_MUST(e == KEEL_OK && keel_wr_end(&w, &relay) == KEEL_OK); /* there is room for any */
	e = keel_post(&service, "/v1/relay", relay, buf, &out->answer, &out->status, fault);
	if (e != KEEL_OK)
		return nobody(keys, fault);
	return out->status == 200 ? read_relayed(way, out, fault) : KEEL_OK;
}

enum keel_err keel_way_post(struct keel_way *way, const struct keel_keys *keys,
	const struct keel_member *m, struct keel_bytes sealed, uint8_t buf[KEEL_POST_MAX],
	struct keel_carried *out, struct keel_fault *fault)
{
	struct keel_door_at door = keel_keys_door(keys);
	door.connect_s = keys->service[0] == '\0' ? 0 : HOME_S;
	*out = (struct keel_carried){ .by_hub = !way->away };
	if (way->away)
		return by_service(way, keys, m, sealed, buf, out, fault);
	return keel_post(&door, "/v1/request", sealed, buf, &out->answer, &out->status, fault);
}

void keel_way_tell(struct keel_way *way, const struct keel_keys *keys)
{
	if (way->told || keys->service[0] == '\0')
		return;
	way->told = true;
	if (!way->away) {
		(void)fputs(
			way->json ? "{\"way\":\"home\"}\n" : "keel: directly, at home\n", stderr);
	} else if (way->json) {
		(void)fputs("{\"way\":\"away\",\"service\":", stderr);
		keel_show_json_text(stderr, keel_text(keys->service));
		(void)fprintf(stderr, ",\"last_heard\":%" PRIu64 "}\n", way->heard);
	} else {
		(void)fprintf(
			stderr, "keel: by way of %s, which last heard your hub ", keys->service);
		keel_show_word(stderr, "time", way->heard);
		(void)fputs("\n", stderr);
	}
}
