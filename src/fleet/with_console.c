/* The console within the service: where config.yaml names its folder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/command.h"
#include "fleet/operators.h"
#include "fleet/service.h"

static void on_call(void *self, struct keel_http_call *call)
{
	const struct keel_fleet_service *s = self;
	keel_console_serve(s->console, call);
}

static void on_over(void *self, struct keel_http_call *call, enum keel_http_over why)
{
	(void)self;
	keel_console_over(call, why);
}

/* The policy, as the console shows it. */
static const struct keel_console_rule *rules_of(const struct keel_policy *policy)
{
	static struct keel_console_rule rules[KEEL_WHY_COUNT + 1]; /* one a process */
	for (unsigned i = 0; i < KEEL_WHY_COUNT; i++)
		rules[i] = (struct keel_console_rule){ .reason = keel_why_word((enum keel_why)i),
			.action = keel_action_word(policy->on[i]) };
	return rules;
}

/* Challenges of the console have a key of their own, made of the one that all workers have. */
static struct keel_key key_of(const struct keel_fleet_key *now)
{
	struct keel_key key;
	keel_hkdf(KEEL_VIEW(now->nonce.b), (struct keel_bytes){ 0 }, keel_text("keel console"),
		key.b, sizeof(key.b));
	return key;
}

enum keel_err keel_fleet_console_load(
	struct keel_fleet_service *s, const char *dir, struct keel_fault *fault)
{
	char folder[KEEL_FLEET_PATH_MAX];
	const char *name = s->config.console;
	const struct keel_console_config config = { .origin = s->config.origin,
		.key = key_of(&s->keys.all[0]),
		.clock = s->clock,
		.policy = rules_of(&s->policy) };
	s->routes = keel_fleet_routes;
	s->route_count = keel_fleet_route_count;
	if (name[0] == '\0')
		return KEEL_OK;
	(void)snprintf(folder, sizeof(folder), "%s", name);
	enum keel_err e = name[0] != '/' ? keel_fleet_path(dir, name, folder, fault) : KEEL_OK;
	if (e != KEEL_OK)
		return e;
	s->console = keel_console_new(&config);
	e = keel_console_files(s->console, folder, fault);
	if (e == KEEL_OK)
		s->routes = keel_console_routes(s->console, keel_fleet_routes,
			keel_fleet_route_count, on_call, on_over, &s->route_count);
	return e;
}

/* --- the first operator --- */

struct first {
	struct keel_fleet_invite job;
	char link[KEEL_CONSOLE_LINK_MAX];
};

static void invited(void *self, struct keel_fleet_write *w)
{
	struct first *f = self;
	if (w->err == KEEL_OK)
		(void)printf("keel-fleet: nobody operates this service yet. The first operator "
			     "comes in by "
			     "this link, once, within a day:\n  %s\n",
			f->link);
	(void)fflush(stdout);
	keel_wipe(f->link, sizeof(f->link));
	free(f);
}

/* At each start until there is one: the link of the start before is void then. EN 303 645 5.1-1. */
static void invite_first(struct keel_fleet_service *s)
{
	uint64_t count = 1;
	if (keel_fleet_operators_count(s->store, &count) != KEEL_OK || count > 0)
		return;
	struct first *f = calloc(1, sizeof(*f));
	KEEL_MUST(f != NULL);
	f->job = (struct keel_fleet_invite){ .write = { .done = invited, .self = f },
		.who = "service",
		.now_s = keel_fleet_now(s),
		.name = "" };
	keel_console_link(s->config.origin, &f->job.secret, f->link);
	keel_fleet_invite(s->store, &f->job);
}

void keel_fleet_console_open(struct keel_fleet_service *s)
{
	if (s->console == NULL)
		return;
	keel_console_open(s->console, s->store);
	invite_first(s);
}
