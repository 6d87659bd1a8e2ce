/* The console in a process of its own, for tests: over real TLS, by a browser's words and an authenticator in software. */
#ifndef KEEL_TESTS_CONSOLE_PLACE_H
#define KEEL_TESTS_CONSOLE_PLACE_H

#include <jansson.h>
#include <sys/types.h>

#include "authenticator.h"
#include "fleet/console/console.h"

#define ORIGIN "https://fleet.example"
#define SAME   "Sec-Fetch-Site: same-origin\r\n"

struct console_place {
	char dir[64], db[96], web[96];
	struct keel_fleet_store *store; /* the test's own connection */
	pid_t pid;
	uint16_t port;
	char link[KEEL_CONSOLE_LINK_MAX];
	char cookie[64];
	struct authenticator key;
	json_t *said; /* the last answer's body */
	char set_cookie[256];
};

/** The console in a process of its own, with an empty store. */
void place_start(struct console_place *p);
void place_stop(struct console_place *p);
/** A one-time link, into p->link. "": whoever comes says their name. */
void place_new_link(struct console_place *p, const char *name);
/** One request; head without its end. The answer's status (0: none), its body in p->said. */
unsigned place_ask(struct console_place *p, const char *head, const char *body);
/** A page's call, with the cookie that the place has. */
unsigned place_call(struct console_place *p, const char *name, const char *body);
/** Of the last answer. */
const char *place_word(const struct console_place *p, const char *name);
json_t *place_row(const struct console_place *p, const char *list, size_t n);
const char *place_word_of(json_t *row, const char *name);
void place_take_cookie(struct console_place *p);
void place_text64(struct keel_bytes b, char *out, size_t cap);
const char *place_secret_of(const struct console_place *p);
/** A challenge, and the browser's words over it. secret: the link's, or NULL. */
bool place_prepare(
	struct console_place *p, const char *type, const char *origin, const char *secret);
/** Comes in by the link; the cookie is taken by place_take_cookie. */
unsigned place_join(struct console_place *p, const char *name);
/** Signs in by what was prepared. */
unsigned place_sign_again(struct console_place *p);
unsigned place_sign_in(struct console_place *p);
/** And somebody who is in: "ann". */
void place_start_in(struct console_place *p);

#endif
