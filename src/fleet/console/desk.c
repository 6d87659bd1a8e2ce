/*
 * The desk's keys, as operators' browsers make and wrap them (docs/report.md): what comes here is
 * sealed, and which key is whose. EN 303 645 5.2-1.
 */
#include "fleet/desk.h"

#include <stdio.h>
#include <string.h>

#include "fleet/console/inside.h"

/* --- what there is --- */

static void show_key(
	void *self, const struct keel_p256_pub *desk, int64_t made_s, struct keel_bytes sealed)
{
	struct keel_json *j = self;
	keel_json_open(j, NULL, '{');
	keel_json_base64(j, "key", KEEL_VIEW(desk->xy));
	console_time(j, "made", made_s);
	if (sealed.n > 0)
		keel_json_base64(j, "copy", sealed);
	keel_json_close(j, '}');
}

struct readers {
	struct keel_json *j;
	const char *me;
};

static void show_reader(void *self, const struct keel_desk_reader *row)
{
	const struct readers *r = self;
	keel_json_open(r->j, NULL, '{');
	keel_json_word(r->j, "name", row->operator);
	keel_json_base64(r->j, "key", KEEL_VIEW(row->pub.xy));
	keel_json_word(r->j, "how", row->how);
	console_time(r->j, "made", row->made_s);
	keel_json_bool(r->j, "reads", row->reads);
	if (strcmp(row->operator, r->me) == 0)
		keel_json_base64(r->j, "wrapped", row->wrapped);
	keel_json_close(r->j, '}');
}

void console_on_desk(struct console_act *a)
{
	struct keel_wr w;
	struct keel_json j = console_json(a->c, &w);
	struct readers readers = { &j, a->op.name };
	keel_json_open(&j, NULL, '{');
	keel_json_word(&j, "me", a->op.name);
	keel_json_base64(
		&j, "credential", (struct keel_bytes){ a->op.passkey.id, a->op.passkey.id_n });
	keel_json_open(&j, "keys", '[');
	enum keel_err e = keel_desk_copies(a->c->store, a->op.name, show_key, &j);
	keel_json_close(&j, ']');
	keel_json_open(&j, "readers", '[');
	if (e == KEEL_OK)
		e = keel_desk_readers(a->c->store, show_reader, &readers);
	keel_json_close(&j, ']');
	keel_json_close(&j, '}');
	if (e == KEEL_OK)
		console_reply(a->call, &w, NULL);
	else
		console_refuse_err(a->call, e);
}

/* --- what comes --- */

/* A public key, and something that is sealed for whoever has its private half. False: refused. */
static bool take_key(const struct console_act *a, struct keel_p256_pub *pub)
{
	bool good = a->ask.sealed.n > 0 && a->ask.sealed.n <= KEEL_DESK_SEALED_MAX &&
		    keel_bytes_copy(a->ask.key, pub->xy, sizeof(pub->xy)) == KEEL_OK &&
		    keel_p256_check(pub) == KEEL_OK;
	if (!good)
		console_refuse_err(a->call, KEEL_EFORM);
	return good;
}

static struct keel_bytes sealed_of(const struct console_job *j)
{
	return (struct keel_bytes){ j->sealed, j->sealed_n };
}

static void count_copy(
	void *self, const struct keel_p256_pub *desk, int64_t made_s, struct keel_bytes sealed)
{
	(void)desk, (void)made_s;
	*(size_t *)self += sealed.n > 0;
}

/* A new one forgets the copies of the old one: nobody's session may lose them what they read. */
static bool may_make_reader(const struct console_act *a)
{
	size_t copies = 0;
	enum keel_err e = keel_desk_copies(a->c->store, a->op.name, count_copy, &copies);
	if (e != KEEL_OK)
		console_refuse_err(a->call, e);
	else if (copies > 0)
		console_refuse(a->call, 409, "state",
			"You read reports by a key already. Whoever lost theirs is invited anew, "
			"under another name.");
	return e == KEEL_OK && copies == 0;
}

void console_on_desk_reader(struct console_act *a)
{
	struct keel_p256_pub pub;
	bool passkey = keel_bytes_is(a->ask.how, "passkey");
	if (!passkey && !keel_bytes_is(a->ask.how, "code")) {
		console_refuse_err(a->call, KEEL_EFORM);
		return;
	}
	if (!take_key(a, &pub) || !may_make_reader(a))
		return;
	struct console_job *j = console_job_new(a, console_done);
	struct keel_desk_reader_put *put = &j->job.reader;
	put->who = j->op.name;
	put->now_s = a->now_s;
	put->pub = pub;
	put->wrapped = sealed_of(j);
	put->how = passkey ? "passkey" : "code";
	keel_desk_reader_put(a->c->store, put);
}

static void not_given(struct console_job *j, enum keel_err e)
{
	if (e == KEEL_ENONE)
		console_refuse(j->call, 404, "none",
			"Whoever it is for has no reading key yet: they open this screen first.");
	else
		console_refuse_err(j->call, e);
}

void console_on_desk_key(struct console_act *a)
{
	struct keel_p256_pub pub;
	if (!take_key(a, &pub))
		return;
	struct console_job *j = console_job_new(a, console_done);
	struct keel_desk_key_add *add = &j->job.key;
	j->failed = not_given;
	j->own = (struct keel_desk_copy){ j->op.name, sealed_of(j) };
	add->who = j->op.name;
	add->now_s = a->now_s;
	add->pub = pub;
	add->copies = &j->own;
	add->count = 1;
	keel_desk_key_add(a->c->store, add);
}

void console_on_desk_copy(struct console_act *a)
{
	char name[KEEL_FLEET_OPERATOR_MAX + 1];
	struct keel_p256_pub pub;
	if (!take_key(a, &pub) || !console_take_name(a, name))
		return;
	const struct keel_bytes xy = KEEL_VIEW(pub.xy);
	struct console_job *j = console_job_new(a, console_done);
	struct keel_desk_copy_put *put = &j->job.copy;
	j->failed = not_given;
	memcpy(j->name, name, sizeof(name));
	put->who = j->op.name;
	put->now_s = a->now_s;
	keel_sha256(&xy, 1, &put->kid);
	put->copy = (struct keel_desk_copy){ j->name, sealed_of(j) };
	keel_desk_copy_put(a->c->store, put);
}
