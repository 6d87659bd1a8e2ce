#include "device/door/waiting.h"

#include <string.h>

static bool same_address(const struct keel_http_call *a, const struct keel_http_call *b)
{
	return memcmp(keel_http_call_from(a)->address, keel_http_call_from(b)->address,
		       KEEL_HTTP_ADDRESS_LEN) == 0;
}

static size_t places_of(const struct keel_waiting *w, const struct keel_http_call *call)
{
	size_t n = 0;
	for (size_t i = 0; i < KEEL_WAITING_MAX; i++)
		n += w->of[i].id != 0 && same_address(w->of[i].call, call);
	return n;
}

/* Who waits for this id; 0: a free place. */
static struct keel_waiting_place *place_of(struct keel_waiting *w, uint64_t id)
{
	for (size_t i = 0; i < KEEL_WAITING_MAX; i++)
		if (w->of[i].id == id)
			return &w->of[i];
	return NULL;
}

/* At the vault, and whoever asked has gone. */
static size_t left_by(struct keel_waiting *w, const struct keel_http_call *call)
{
	size_t n = 0;
	for (size_t i = 0; i < KEEL_WAITING_ASKED_MAX; i++)
		n += w->asked[i].id != 0 && place_of(w, w->asked[i].id) == NULL &&
		     memcmp(w->asked[i].address, keel_http_call_from(call)->address,
			     KEEL_HTTP_ADDRESS_LEN) == 0;
	return n;
}

/* The latest request of the address that has most. NULL: none has more than one. */
static struct keel_waiting_place *place_of_most(struct keel_waiting *w)
{
	struct keel_waiting_place *found = NULL;
	size_t most = 1;
	for (size_t i = 0; i < KEEL_WAITING_MAX; i++) {
		struct keel_waiting_place *p = &w->of[i];
		size_t n = places_of(w, p->call);
		if (n < 2 || n < most || (n == most && p->id < found->id))
			continue;
		found = p;
		most = n;
	}
	return found;
}

enum keel_err keel_waiting_add(struct keel_waiting *w, struct keel_http_call *call,
	enum keel_path path, struct keel_http_call **moved)
{
	struct keel_bytes body = keel_http_call_body(call);
	struct keel_waiting_place *p = place_of(w, 0);
	size_t own = places_of(w, call) + left_by(w, call);
	*moved = NULL;
	if (p == NULL && own == 0) {
		p = place_of_most(w);
		*moved = p == NULL ? NULL : p->call;
	}
	if (p == NULL || own >= KEEL_WAITING_ADDRESS_MAX || body.n > sizeof(p->body))
		return KEEL_EFULL;
	p->id = ++w->last;
	p->asked = false;
	p->call = call;
	p->path = path;
	p->n = body.n;
	if (body.n > 0)
		memcpy(p->body, body.p, body.n);
	return KEEL_OK;
}

/* What the vault has of this id; 0: a free place. */
static struct keel_waiting_asked *asked_of(struct keel_waiting *w, uint64_t id)
{
	for (size_t i = 0; i < KEEL_WAITING_ASKED_MAX; i++)
		if (w->asked[i].id == id)
			return &w->asked[i];
	return NULL;
}

const struct keel_waiting_place *keel_waiting_next(struct keel_waiting *w)
{
	struct keel_waiting_place *next = NULL;
	struct keel_waiting_asked *asked = asked_of(w, 0);
	for (size_t i = 0; i < KEEL_WAITING_MAX; i++) {
		struct keel_waiting_place *p = &w->of[i];
		if (p->id != 0 && !p->asked && (next == NULL || p->id < next->id))
			next = p;
	}
	if (next == NULL || asked == NULL)
		return NULL;
	next->asked = true;
	asked->id = next->id;
	memcpy(asked->address, keel_http_call_from(next->call)->address, sizeof(asked->address));
	return next;
}

/* It, and of those before it what nobody waits for: an answer that was lost holds no place for ever. */
static void answered(struct keel_waiting *w, uint64_t id)
{
	bool known = asked_of(w, id) != NULL;
	for (size_t i = 0; known && i < KEEL_WAITING_ASKED_MAX; i++) {
		struct keel_waiting_asked *a = &w->asked[i];
		if (a->id == id || (a->id < id && place_of(w, a->id) == NULL))
			a->id = 0;
	}
}

struct keel_http_call *keel_waiting_take(struct keel_waiting *w, uint64_t id)
{
	answered(w, id);
	struct keel_waiting_place *p = id == 0 ? NULL : place_of(w, id);
	if (p == NULL)
		return NULL;
	p->id = 0;
	return p->call;
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
	memset(w->asked, 0, sizeof(w->asked));
	return NULL;
}
