/* Coming in: a challenge, a passkey made or used, and the session behind it. docs/decisions/0015. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base64url.h"
#include "fleet/console/inside.h"

#define SECRET_LEN 32 /* of a link, and of a cookie */
#define COOKIE     "__Host-keel"
#define STAY_S     60 /* a session's idle time is written down at most so often */

/* --- secrets --- */

static struct keel_digest digest_of(struct keel_bytes secret)
{
	struct keel_digest d;
	keel_sha256(&secret, 1, &d);
	return d;
}

/* A new one as text, and what is kept of it. */
static void new_secret(struct keel_digest *digest, char text[64])
{
	uint8_t secret[SECRET_LEN];
	struct keel_bytes out = { 0 };
	struct keel_wr w = keel_wr_of(text, 63);
	keel_random(secret, sizeof(secret));
	*digest = digest_of(KEEL_VIEW(secret));
	keel_base64url_write(KEEL_VIEW(secret), &w);
	KEEL_MUST(keel_wr_end(&w, &out) == KEEL_OK);
	text[out.n] = '\0';
	keel_wipe(secret, sizeof(secret));
}

void keel_console_link(
	const char *origin, struct keel_digest *secret, char out[KEEL_CONSOLE_LINK_MAX])
{
	char text[64];
	new_secret(secret, text);
	/* Behind #: a browser sends it to nobody, so it is in no log. */
	(void)snprintf(out, KEEL_CONSOLE_LINK_MAX, "%s%s#join=%s", origin, KEEL_CONSOLE_PAGE, text);
}

/* The value of our cookie among those of a request. */
static struct keel_bytes find_cookie(struct keel_bytes all)
{
	static const char name[] = COOKIE "=";
	const size_t n = sizeof(name) - 1;
	struct keel_rd r = keel_rd_of(all);
	while (r.n > 0 && r.err == KEEL_OK) {
		const uint8_t *end = memchr(r.p, ';', r.n);
		struct keel_bytes one = keel_rd_take(&r, end != NULL ? (size_t)(end - r.p) : r.n);
		if (one.n > n && memcmp(one.p, name, n) == 0)
			return (struct keel_bytes){ one.p + n, one.n - n };
		while (keel_rd_peek(&r) == ';' || keel_rd_peek(&r) == ' ')
			(void)keel_rd_u8(&r);
	}
	return (struct keel_bytes){ 0 };
}

/* Nobody waits for it. */
static void stayed(void *self, struct keel_fleet_write *w)
{
	(void)w;
	free(self);
}

static void stay(const struct console_act *a)
{
	struct keel_fleet_cookie *j = calloc(1, sizeof(*j));
	KEEL_MUST(j != NULL);
	*j = (struct keel_fleet_cookie){
		.write = { .done = stayed, .self = j }, .now_s = a->now_s, .cookie = a->cookie
	};
	keel_fleet_stay(a->c->store, j);
}

enum keel_err console_who(struct console_act *a)
{
	uint8_t secret[SECRET_LEN];
	struct keel_bytes got;
	int64_t idle_s = 0;
	struct keel_wr w = keel_wr_of(secret, sizeof(secret));
	keel_base64url_read(
		find_cookie(keel_http_call_head(a->call)->known[KEEL_HTTP_F_COOKIE]), &w);
	if (keel_wr_end(&w, &got) != KEEL_OK || got.n != SECRET_LEN)
		return KEEL_ENONE;
	a->cookie = digest_of(got);
	enum keel_err e = keel_fleet_signed_in(a->c->store, &a->cookie, a->now_s, &a->op, &idle_s);
	if (e == KEEL_OK && idle_s - a->now_s < KEEL_SIGNED_IN_IDLE_S - STAY_S)
		stay(a);
	return e;
}

/* --- a challenge --- */

static void refuse_link(struct keel_http_call *call)
{
	console_refuse(call, 404, "none",
		"This link was used, or is older than a day. Ask for another one.");
}

/* With a link's secret: whose it is, too. */
void console_on_challenge(struct console_act *a)
{
	uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN];
	char text[64];
	char name[KEEL_FLEET_OPERATOR_MAX + 1];
	struct keel_digest secret = digest_of(a->ask.secret);
	struct keel_bytes b = { 0 };
	struct keel_wr w = keel_wr_of(text, sizeof(text));
	bool joins = a->ask.secret.n > 0;
	if (joins && keel_fleet_invitation_find(a->c->store, &secret, a->now_s, name) != KEEL_OK) {
		refuse_link(a->call);
		return;
	}
	keel_passkey_challenge_make(&a->c->config.key, a->now_s, challenge);
	keel_base64url_write(KEEL_VIEW(challenge), &w);
	KEEL_MUST(keel_wr_end(&w, &b) == KEEL_OK);
	struct keel_json j = console_json(a->c, &w);
	keel_json_open(&j, NULL, '{');
	keel_json_text(&j, "challenge", b);
	keel_json_word(&j, "rp", a->c->rp);
	if (joins)
		keel_json_word(&j, "name", name);
	keel_json_close(&j, '}');
	console_reply(a->call, &w, NULL);
}

/* What the browser says is for this console, this act, and over a challenge of ours that is fresh. */
static enum keel_err check_client(const struct console_act *a, enum keel_passkey_act act,
	uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN])
{
	enum keel_err e = keel_client_data_read(a->ask.client, act, a->c->config.origin, challenge);
	return e == KEEL_OK ? keel_passkey_challenge_check(&a->c->config.key, challenge, a->now_s)
			    : e;
}

/* The cookie goes out when the session is durable. */
static struct keel_fleet_entry entry_of(const struct console_act *a, struct console_job *j)
{
	char text[64];
	struct keel_fleet_entry n = { .challenge = KEEL_VIEW(j->challenge),
		.challenge_until_s = a->now_s + KEEL_PASSKEY_CHALLENGE_S };
	new_secret(&n.cookie, text);
	(void)snprintf(j->set_cookie, sizeof(j->set_cookie),
		"Set-Cookie: " COOKIE "=%s; Path=/; Max-Age=%d; Secure; HttpOnly; SameSite=Strict",
		text, KEEL_SIGNED_IN_S);
	keel_wipe(text, sizeof(text));
	return n;
}

static void say_name(
	struct keel_console *c, struct keel_http_call *call, const char *name, const char *field)
{
	struct keel_wr w;
	struct keel_json j = console_json(c, &w);
	keel_json_open(&j, NULL, '{');
	keel_json_word(&j, "name", name);
	keel_json_close(&j, '}');
	console_reply(call, &w, field);
}

static void entered(struct console_job *j)
{
	say_name(j->c, j->call, j->name, j->set_cookie);
}

/* --- registering --- */

static void not_added(struct console_job *j, enum keel_err e)
{
	if (e == KEEL_ESTATE)
		console_refuse(j->call, 409, "state",
			"There is an operator of this name, or with this passkey, already.");
	else if (e == KEEL_ENONE)
		refuse_link(j->call);
	else
		console_refuse_err(j->call, e);
}

void console_on_register(struct console_act *a)
{
	struct keel_passkey passkey;
	uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN];
	const struct keel_passkey_said said = { .client_data = a->ask.client,
		.authenticator = a->ask.authenticator };
	char named[KEEL_FLEET_OPERATOR_MAX + 1];
	const struct keel_digest secret = digest_of(a->ask.secret);
	enum keel_err e = check_client(a, KEEL_PASSKEY_CREATE, challenge);
	if (e == KEEL_OK) /* before libfido2: nobody without a link gives it work */
		e = keel_fleet_invitation_find(a->c->store, &secret, a->now_s, named);
	if (e == KEEL_ENONE) {
		refuse_link(a->call);
		return;
	}
	if (e == KEEL_OK)
		e = keel_passkey_read(a->c->rp, &said, &passkey);
	if (e != KEEL_OK) {
		console_refuse_err(a->call, e);
		return;
	}
	if (!keel_fleet_operator_name_fits(a->ask.name)) {
		console_refuse_name(a->call);
		return;
	}
	struct console_job *j = console_job_new(a, entered);
	struct keel_fleet_operator_add *add = &j->job.add;
	j->failed = not_added;
	j->passkey = passkey;
	memcpy(j->challenge, challenge, sizeof(j->challenge));
	memcpy(j->name, a->ask.name.p, a->ask.name.n);
	add->now_s = a->now_s;
	add->entry = entry_of(a, j);
	add->secret = secret;
	add->name = j->name;
	add->passkey = &j->passkey;
	keel_fleet_operator_add(a->c->store, add);
}

/* --- signing in and out --- */

static enum keel_err check_signature(
	struct console_act *a, uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN], uint32_t *count)
{
	const struct keel_passkey_said said = { .client_data = a->ask.client,
		.authenticator = a->ask.authenticator,
		.signature = a->ask.signature };
	enum keel_err e = check_client(a, KEEL_PASSKEY_GET, challenge);
	if (e == KEEL_OK)
		e = keel_fleet_operator_by_passkey(a->c->store, a->ask.credential, &a->op);
	if (e == KEEL_ENONE)
		return KEEL_EAUTH;
	return e == KEEL_OK ? keel_passkey_verify(a->c->rp, &a->op.passkey, &said, count) : e;
}

static void signed_in(struct console_job *j)
{
	if (j->job.sign_in.copied)
		console_refuse(j->call, 403, keel_err_word(KEEL_EAUTH),
			"There is a copy of this passkey: it has signed more often elsewhere. Ask "
			"another operator to remove you, and for a new link.");
	else
		entered(j);
}

void console_on_sign_in(struct console_act *a)
{
	uint8_t challenge[KEEL_PASSKEY_CHALLENGE_LEN];
	uint32_t count = 0;
	enum keel_err e = check_signature(a, challenge, &count);
	if (e != KEEL_OK) {
		console_refuse_err(a->call, e);
		return;
	}
	struct console_job *j = console_job_new(a, signed_in);
	struct keel_fleet_sign_in *s = &j->job.sign_in;
	memcpy(j->challenge, challenge, sizeof(j->challenge));
	memcpy(j->name, a->op.name, sizeof(j->name));
	s->now_s = a->now_s;
	s->entry = entry_of(a, j);
	s->op = &j->op;
	s->count = count;
	keel_fleet_sign_in(a->c->store, s);
}

static void signed_out(struct console_job *j)
{
	say_name(j->c, j->call, "",
		"Set-Cookie: " COOKIE "=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
}

void console_on_sign_out(struct console_act *a)
{
	struct console_job *j = console_job_new(a, signed_out);
	j->job.cookie.who = j->op.name;
	j->job.cookie.now_s = a->now_s;
	j->job.cookie.cookie = a->cookie;
	keel_fleet_sign_out(a->c->store, &j->job.cookie);
}

void console_on_me(struct console_act *a)
{
	say_name(a->c, a->call, a->op.name, NULL);
}
