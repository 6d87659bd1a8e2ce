/* The site of the example maker, as every test of it begins: the heating hub, extended once. */
#ifndef KEEL_TESTS_FLEET_PUBLIC_PLACE_H
#define KEEL_TESTS_FLEET_PUBLIC_PLACE_H

#include <jansson.h>

#include "check.h"
#include "fleet/public/site.h"
#include "profile/declaration.h"

#define PLACE_ORIGIN "https://fleet.heating.example"
#define PLACE_HUB    "/p/hearth-h1/"
#define PLACE_DAY    20790 /* 2026-12-03 */

struct place {
	struct keel_declaration declaration;
	struct keel_published history[2];
	struct keel_site_product product;
	struct keel_site site;
};

/* Opened once a test, and closed. */
void place_open(struct place *p);
void place_close(struct place *p);

/* What the site answers to a GET; the body is text and lives until the next call. */
struct keel_http_answer place_get(const struct place *p, const char *path);
/* The same as JSON, read by an independent reader; NULL where it is none. */
json_t *place_json(const struct place *p, const char *path);
/* Whether the body holds the text. */
bool place_says(const struct keel_http_answer *a, const char *text);

#endif
