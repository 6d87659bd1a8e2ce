#include "device/door/waiting.h"

#include <string.h>

static bool same_address(const struct keel_http_call *a, const struct keel_http_call *b)
{
	return memcmp(keel_http_call_from(a)->address, keel_http_call_from(b)->address,
		       KEEL_HTTP_ADDRESS_LEN) == 0;
}

enum keel_err keel_waiting_add(struct keel_waiting *w, struct keel_http_call *call, uint64_t *id)
{
	size_t place = KEEL_WAITING_MAX;
	size_t same = 0;
	for (size_t i = 0; i < KEEL_WAITING_MAX; i++) {
		if (w->of[i].id == 0)
			place = i;
		else
			same += same_address(w->of[i].call, call);
	}
	if (place == KEEL_WAITING_MAX || same >= KEEL_WAITING_ADDRESS_MAX)
		return KEEL_EFULL;
	w->of[place].id = ++w->last;
	w->of[place].call = call;
	*id = w->last;
	return KEEL_OK;
}

struct keel_http_call *keel_waiting_take(struct keel_waiting *w, uint64_t id)
{
	for (size_t i = 0; id != 0 && i < KEEL_WAITING_MAX; i++) {
		if (w->of[i].id != id)
			continue;
		w->of[i].id = 0;
		return w->of[i].call;
	}
	return NULL;
}

void keel_waiting_forget(struct keel_waiting *w, const struct keel_http_call *call)
{
	for (size_t i = 0; i < KEEL_WAITING_MAX; i++)
		if (w->of[i].call == call)
			w->of[i].id = 0;
}

struct keel_http_call *keel_waiting_take_any(struct keel_waiting *w)
{
	for (size_t i = 0; i < KEEL_WAITING_MAX; i++)
		if (w->of[i].id != 0)
			return keel_waiting_take(w, w->of[i].id);
	return NULL;
}
