#include "device/door/counts.h"

#include "device/door/words.h"

void keel_door_counts_tell(
	struct keel_door_counts *c, struct keel_room_env *env, const uint64_t *refused)
{
	uint64_t now[COUNT_COUNT] = { 0 };
	for (enum keel_http_refusal r = KEEL_HTTP_BYTE; r < KEEL_HTTP_REFUSALS; r++)
		now[keel_door_counted(r)] += refused[r];
	for (enum keel_counted i = 0; i < COUNT_COUNT; i++) {
		struct msg_count m = { .has = 3, .what = i, .n = now[i] - c->told[i] };
		if (m.n > 0 && keel_room_send(env, ROOM_MONITOR, MSG_COUNT, &m) == KEEL_OK)
			c->told[i] = now[i];
	}
}

void keel_door_counts_log(
	struct keel_door_counts *c, const struct keel_room_env *env, const uint64_t *refused)
{
	for (enum keel_http_refusal r = KEEL_HTTP_BYTE; r < KEEL_HTTP_REFUSALS; r++) {
		if (refused[r] == c->logged[r])
			continue;
		KEEL_ROOM_LOG(env, KEEL_LOG_WARN, "request.refused",
			KEEL_LOG_WORD("reason", keel_http_refusal_word(r)),
			KEEL_LOG_NUM("count", (int64_t)(refused[r] - c->logged[r])));
		c->logged[r] = refused[r];
	}
}
