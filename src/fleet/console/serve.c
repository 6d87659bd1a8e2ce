#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/console/inside.h"

#define HOLD_MS         10000 /* the disk's patience */
#define BODY_MAX        8192
#define SEALED_BODY_MAX 49152 /* a message of KEEL_DESK_MESSAGE_MAX in base64url */

/* clang-format off */
#define AT(member) offsetof(struct console_ask, member)
static const struct keel_json_field fields[] = { /* in the order of the ASK_ bits */
	{ "search",        KEEL_JSON_TEXT,  AT(search), KEEL_FLEET_SERIAL_MAX },
	{ "after",         KEEL_JSON_TEXT,  AT(after), KEEL_FLEET_SERIAL_MAX },
	{ "state",         KEEL_JSON_TEXT,  AT(state), KEEL_FLEET_WORD_MAX },
	{ "id",            KEEL_JSON_TEXT,  AT(id), UINT64_C(2) * KEEL_DEVICE_ID_LEN },
	{ "why",           KEEL_JSON_TEXT,  AT(why), KEEL_FLEET_DETAIL_MAX },
	{ "name",          KEEL_JSON_TEXT,  AT(name), KEEL_FLEET_OPERATOR_MAX },
	{ "secret",        KEEL_JSON_BYTES, AT(secret), 32 },
	{ "credential",    KEEL_JSON_BYTES, AT(credential), KEEL_PASSKEY_ID_MAX },
	{ "client",        KEEL_JSON_BYTES, AT(client), 1024 },
	{ "authenticator", KEEL_JSON_BYTES, AT(authenticator), 2048 },
	{ "signature",     KEEL_JSON_BYTES, AT(signature), 128 },
	{ "before",        KEEL_JSON_UINT,  AT(before), (UINT64_C(1) << 53) - 1 },
	{ "case",          KEEL_JSON_TEXT,  AT(number), KEEL_DESK_NUMBER_LEN },
	{ "how",           KEEL_JSON_TEXT,  AT(how), KEEL_FLEET_WORD_MAX },
	{ "key",           KEEL_JSON_BYTES, AT(key), sizeof(struct keel_p256_pub) },
	{ "sealed",        KEEL_JSON_BYTES, AT(sealed), KEEL_DESK_MESSAGE_MAX },
	{ "behind",        KEEL_JSON_UINT,  AT(behind), KEEL_DESK_MESSAGES_MAX },
	{ "file",          KEEL_JSON_UINT,  AT(file), 999 },
	{ "piece",         KEEL_JSON_UINT,  AT(piece), 999 },
};

static const struct call {
	const char *path;
	bool open; /* to who is not signed in */
	uint32_t may, must;
	void (*handle)(struct console_act *a);
} calls[] = {
	{ CONSOLE_API "challenge",     true, ASK_SECRET, 0, console_on_challenge },
	{ CONSOLE_API "register",      true, ASK_SECRET | ASK_NAME | ASK_CLIENT | ASK_AUTHENTICATOR,
		ASK_SECRET | ASK_NAME | ASK_CLIENT | ASK_AUTHENTICATOR, console_on_register },
	{ CONSOLE_API "sign-in",       true, ASK_CREDENTIAL | ASK_CLIENT | ASK_AUTHENTICATOR | ASK_SIGNATURE,
		ASK_CREDENTIAL | ASK_CLIENT | ASK_AUTHENTICATOR | ASK_SIGNATURE, console_on_sign_in },
	{ CONSOLE_API "sign-out",      false, 0, 0, console_on_sign_out },
	{ CONSOLE_API "me",            false, 0, 0, console_on_me },
	{ CONSOLE_API "devices",       false, ASK_SEARCH | ASK_AFTER | ASK_STATE, 0, console_on_devices },
	{ CONSOLE_API "device",        false, ASK_ID, ASK_ID, console_on_device },
	{ CONSOLE_API "telemetry",     false, ASK_ID | ASK_BEFORE, ASK_ID, console_on_telemetry },
	{ CONSOLE_API "device-events", false, ASK_ID | ASK_BEFORE, ASK_ID, console_on_device_events },
	{ CONSOLE_API "events",        false, ASK_BEFORE, 0, console_on_events },
	{ CONSOLE_API "odd",           false, 0, 0, console_on_odd },
	{ CONSOLE_API "revoke",        false, ASK_ID | ASK_WHY, ASK_ID | ASK_WHY, console_on_revoke },
	{ CONSOLE_API "reinstate",     false, ASK_ID, ASK_ID, console_on_reinstate },
	{ CONSOLE_API "policy",        false, 0, 0, console_on_policy },
	{ CONSOLE_API "operators",     false, 0, 0, console_on_operators },
	{ CONSOLE_API "invite",        false, ASK_NAME, ASK_NAME, console_on_invite },
	{ CONSOLE_API "remove",        false, ASK_NAME, ASK_NAME, console_on_remove },
	{ CONSOLE_API "audit",         false, ASK_BEFORE, 0, console_on_audit },
	{ CONSOLE_API "desk",          false, 0, 0, console_on_desk },
	{ CONSOLE_API "desk-reader",   false, ASK_KEY | ASK_SEALED | ASK_HOW, ASK_KEY | ASK_SEALED | ASK_HOW, console_on_desk_reader },
	{ CONSOLE_API "desk-key",      false, ASK_KEY | ASK_SEALED, ASK_KEY | ASK_SEALED, console_on_desk_key },
	{ CONSOLE_API "desk-copy",     false, ASK_KEY | ASK_SEALED | ASK_NAME, ASK_KEY | ASK_SEALED | ASK_NAME, console_on_desk_copy },
	{ CONSOLE_API "cases",         false, ASK_AFTER, 0, console_on_cases },
	{ CONSOLE_API "case",          false, ASK_CASE | ASK_BEHIND, ASK_CASE, console_on_case },
	{ CONSOLE_API "case-piece",    false, ASK_CASE | ASK_FILE | ASK_PIECE, ASK_CASE | ASK_FILE | ASK_PIECE, console_on_case_piece },
	{ CONSOLE_API "case-answer",   false, ASK_CASE | ASK_SEALED, ASK_CASE | ASK_SEALED, console_on_case_answer },
	{ CONSOLE_API "case-note",     false, ASK_CASE | ASK_SEALED, ASK_CASE | ASK_SEALED, console_on_case_note },
	{ CONSOLE_API "case-state",    false, ASK_CASE | ASK_STATE, ASK_CASE | ASK_STATE, console_on_case_state },
};
/* clang-format on */

/* --- a life --- */

/* The origin's host, without scheme and port: what a passkey is made for. */
static void name_rp(struct keel_console *c)
{
	const char *host = strstr(c->config.origin, "://");
	(void)snprintf(c->rp, sizeof(c->rp), "%s", host != NULL ? host + 3 : c->config.origin);
	char *port = strrchr(c->rp, ':');
	if (port != NULL && strchr(port, ']') == NULL)
		*port = '\0';
}

struct keel_console *keel_console_new(const struct keel_console_config *config)
{
	struct keel_console *c = calloc(1, sizeof(*c));
	KEEL_MUST(c != NULL);
	c->config = *config;
	c->answer = malloc(CONSOLE_ANSWER_MAX);
	c->strings = malloc(SEALED_BODY_MAX);
	KEEL_MUST(c->answer != NULL && c->strings != NULL);
	name_rp(c);
	keel_passkey_warm();
	return c;
}

void keel_console_free(struct keel_console *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->file_count; i++)
		free(c->files[i].bytes);
	free(c->routes);
	free(c->answer);
	free(c->strings);
	keel_key_wipe(&c->config.key);
	free(c);
}

void keel_console_open(struct keel_console *c, struct keel_fleet_store *store)
{
	c->store = store;
}

const struct keel_http_route *keel_console_routes(struct keel_console *c,
	const struct keel_http_route *others, size_t others_count,
	void (*handle)(void *self, struct keel_http_call *call),
	void (*over)(void *self, struct keel_http_call *call, enum keel_http_over why),
	size_t *count)
{
	size_t n = 0;
	c->routes = calloc(others_count + KEEL_COUNT(calls) + c->file_count, sizeof(*c->routes));
	KEEL_MUST(c->routes != NULL);
	for (; n < others_count; n++)
		c->routes[n] = others[n];
	for (size_t i = 0; i < KEEL_COUNT(calls); i++)
		c->routes[n++] = (struct keel_http_route){ .method = KEEL_HTTP_POST,
			.path = calls[i].path,
			.body_max = (calls[i].may & ASK_SEALED) != 0 ? SEALED_BODY_MAX : BODY_MAX,
			.type = "application/json",
			.hold_ms = HOLD_MS,
			.handle = handle,
			.over = over };
	for (size_t i = 0; i < c->file_count; i++)
		c->routes[n++] = (struct keel_http_route){
			.method = KEEL_HTTP_GET, .path = c->files[i].path, .handle = handle
		};
	*count = n;
	return c->routes;
}

/* --- a call --- */

static const struct call *find(struct keel_bytes path)
{
	for (size_t i = 0; i < KEEL_COUNT(calls); i++)
		if (keel_bytes_is(path, calls[i].path))
			return &calls[i];
	return NULL;
}

static void answer(struct console_act *a, const struct call *call)
{
	struct keel_wr w = keel_wr_of(a->c->strings, SEALED_BODY_MAX);
	enum keel_err e = keel_json_read(keel_http_call_body(a->call), fields, KEEL_COUNT(fields),
		call->may, call->must, &w, &a->ask);
	if (e == KEEL_OK)
		call->handle(a);
	else
		console_refuse_err(a->call, e);
}

void keel_console_serve(struct keel_console *c, struct keel_http_call *call)
{
	const struct keel_http_head *h = keel_http_call_head(call);
	const struct call *found = find(h->path);
	struct console_act a = { .c = c, .call = call, .now_s = keel_wall_s(&c->config.clock) };
	if (found == NULL) {
		console_serve_file(c, call);
		return;
	}
	/* No page can set this field: docs/decisions/0015. */
	if (!keel_bytes_is(h->known[KEEL_HTTP_F_FETCH_SITE], "same-origin")) {
		console_refuse_err(call, KEEL_ERIGHT);
		return;
	}
	enum keel_err e = found->open ? KEEL_OK : console_who(&a);
	if (e == KEEL_ENONE)
		console_refuse(call, 401, "none", "You are not signed in (any more).");
	else if (e != KEEL_OK)
		console_refuse_err(call, e);
	else
		answer(&a, found);
}
