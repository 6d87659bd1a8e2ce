#include <string.h>

#include "core/hex.h"
#include "device/vault/engine.h"

uint64_t vault_now_ms(const struct keel_vault *v)
{
	return keel_now_ms(v->s.clock);
}

/* What the service signed goes before what anybody on the network may have set. */
int64_t vault_wall(const struct keel_vault *v)
{
	int64_t signed_s = vault_service_time(v);
	return signed_s > 0 ? signed_s : keel_wall_s(v->s.clock);
}

/* The last time that was kept, and what passed since by a clock that nobody sets. */
static int64_t counted_on(const struct keel_vault *v)
{
	return v->home.last_wall_s + (int64_t)((vault_now_ms(v) - v->noted_ms) / 1000);
}

int64_t vault_time(const struct keel_vault *v)
{
	int64_t wall = vault_wall(v);
	return wall > 0 ? wall : counted_on(v);
}

int64_t vault_latest(const struct keel_vault *v)
{
	int64_t wall = vault_wall(v), counted = counted_on(v);
	return wall > counted ? wall : counted;
}

struct vault_owner *vault_owner_of(struct keel_vault *v, struct keel_bytes print)
{
	for (size_t i = 0; i < OWNERS_MAX; i++)
		if (v->owners[i].used && keel_bytes_equal(print, KEEL_VIEW(v->owners[i].print)))
			return &v->owners[i];
	return NULL;
}

struct vault_owner *vault_vouched_for(struct keel_vault *v)
{
	const struct vault_owner *by = vault_owner_of(v, KEEL_VIEW(v->vouch.by));
	if (by == NULL || by->role != KEEL_ROLE_OWNER || vault_now_ms(v) >= v->vouch.until_ms)
		return NULL;
	return vault_owner_of(v, KEEL_VIEW(v->vouch.lost));
}

size_t vault_owner_count(const struct keel_vault *v, uint64_t role)
{
	size_t n = 0;
	for (size_t i = 0; i < OWNERS_MAX; i++)
		n += v->owners[i].used && v->owners[i].role == role;
	return n;
}

struct vault_owner *vault_person_of(struct keel_vault *v, const uint8_t *person)
{
	for (size_t i = 0; i < OWNERS_MAX; i++)
		if (v->owners[i].used &&
			memcmp(v->owners[i].person, person, KEEL_THUMBPRINT_LEN) == 0)
			return &v->owners[i];
	return NULL;
}

void vault_compartment_of(const struct vault_owner *o, char *out)
{
	memcpy(out, "person/", sizeof("person/"));
	keel_hex_write(KEEL_VIEW(o->person), out + strlen(out));
}

enum keel_err vault_agree(struct keel_vault *v, struct vault_owner *o)
{
	const struct keel_agreer *a = &v->s.identity->agreer;
	if (o->agreed)
		return KEEL_OK;
	enum keel_err e = a->agree(a->self, &o->agree, &o->shared);
	o->agreed = e == KEEL_OK;
	return e;
}

/* One is enough: who commands most often commands several times. */
enum keel_err vault_make_ready(struct keel_vault *v, const struct vault_owner *o)
{
	if (v->ready.state != NULL && memcmp(&v->ready_for, &o->sign, sizeof(o->sign)) == 0)
		return KEEL_OK;
	keel_p256_close(&v->ready);
	v->ready_for = o->sign;
	return keel_p256_open_pub(&o->sign, &v->ready);
}

/* A device that does not know the time cannot know that a guest's time is not over. */
bool vault_time_over(const struct keel_vault *v, const struct vault_owner *o)
{
	return o->until > 0 && (vault_wall(v) == 0 || vault_latest(v) > o->until);
}

bool vault_may_send(const struct vault_owner *o, const char *message)
{
	if (o->role == KEEL_ROLE_OWNER || keel_broken("rights-ignored"))
		return true;
	for (size_t i = 0; i < o->messages; i++)
		if (strcmp(o->message[i], message) == 0)
			return true;
	return false;
}

void vault_challenge_make(struct keel_vault *v, struct vault_owner *o, uint8_t *out)
{
	struct vault_challenge *c = &o->challenges[o->next_challenge++ % CHALLENGES_MAX];
	keel_random(c->b, sizeof(c->b));
	c->made_ms = vault_now_ms(v);
	c->set = true;
	memcpy(out, c->b, sizeof(c->b));
}

bool vault_challenge_valid(const struct keel_vault *v, const struct vault_owner *o,
	struct keel_bytes challenge, uint64_t valid_s)
{
	if (keel_broken("challenge-not-checked"))
		return true;
	for (size_t i = 0; i < CHALLENGES_MAX; i++) {
		const struct vault_challenge *c = &o->challenges[i];
		if (c->set && keel_ct_equal(challenge, KEEL_VIEW(c->b)))
			return vault_now_ms(v) - c->made_ms <= valid_s * 1000;
	}
	return false;
}

/* Names first: the store is not changed while it is walked. */
struct compartments {
	size_t n;
	char name[OWNERS_MAX + 2][COMPARTMENT_SIZE];
};

static enum keel_err collect(void *self, const char *compartment)
{
	struct compartments *c = self;
	if (c->n == KEEL_COUNT(c->name) || strlen(compartment) >= COMPARTMENT_SIZE)
		return KEEL_EFULL;
	strncpy(c->name[c->n++], compartment, COMPARTMENT_SIZE - 1);
	return KEEL_OK;
}

bool vault_has_compartment(struct keel_vault *v, const char *prefix)
{
	struct compartments c = { 0 };
	bool found = keel_compartment_each(v->s.store, collect, &c) != KEEL_OK;
	for (size_t i = 0; i < c.n; i++)
		found |= strncmp(c.name[i], prefix, strlen(prefix)) == 0;
	return found;
}

enum keel_err vault_drop_compartments(struct keel_vault *v, const char *prefix)
{
	struct compartments c = { 0 };
	enum keel_err e = keel_compartment_each(v->s.store, collect, &c);
	for (size_t i = 0; i < c.n && e == KEEL_OK; i++)
		if (strncmp(c.name[i], prefix, strlen(prefix)) == 0)
			e = keel_compartment_delete(v->s.store, c.name[i]);
	return e;
}

enum keel_err vault_see_off(struct keel_vault *v, const struct vault_owner *o)
{
	enum keel_err e = vault_drop_owner(v, o->print);
	if (e == KEEL_OK)
		e = vault_drop_pending(v, o->person);
	return e == KEEL_OK ? vault_drop_all(v, "invite/") : e;
}

enum keel_err vault_empty_home(struct keel_vault *v, struct vault_home *next)
{
	static const char *const prefixes[] = { "owner/", "welcome/", "invite/", "pending/",
		"accepted/", "event/", "report", "noted" };
	enum keel_err e = vault_drop_compartments(v, "");
	for (size_t i = 0; i < KEEL_COUNT(prefixes) && e == KEEL_OK; i++)
		e = vault_drop_all(v, prefixes[i]);
	memset(v->events, 0, sizeof(v->events));
	memset(&v->reports, 0, sizeof(v->reports));
	memset(&v->vouch, 0, sizeof(v->vouch));
	v->noted = 0;
	*next = v->home;
	memset(next->id, 0, sizeof(next->id));
	next->owned = false;
	next->state = KEEL_STATE_FACTORY;
	next->decisions.n = 0;
	next->last_wall_s =
		vault_wall(v); /* a clock that was wrong once is wrong for this home only */
	next->list_number++;
	next->deletions++;
	return e == KEEL_OK ? vault_put_home(v, next) : e;
}
