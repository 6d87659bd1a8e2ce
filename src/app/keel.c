/* libkeel: the maker's program as keeld's app room, on the loop that every room has. */
#include "keel/keel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/memory.h"
#include "core/break.h"
#include "device/room.h"

enum { KEEPS_MAX = 8, KEEP_BYTES_MAX = 4096, RECALLS_MAX = 16, NAME_SIZE = 65 };

/* A datum on its way to the vault; sent again whenever the vault comes back. */
struct keep {
	char datum[NAME_SIZE];
	uint8_t value[KEEP_BYTES_MAX];
	size_t n;
	uint64_t id; /* 0: this place is free, or was kept */
};

struct keel {
	struct keel_room_env *env;
	const struct keel_program *program;
	struct keel_memory_page *page;
	struct keep keeps[KEEPS_MAX];
	uint64_t last_id;
	uint64_t did[KEEL_MEMORY_MESSAGES]; /* of each message, the number of the last one done */
	uint64_t recall_id[RECALLS_MAX];    /* by the place in program->recall */
	uint64_t deletions;                 /* of the home's data, that this memory knows of */
	uint8_t reported[KEEL_REPORTS_MAX * KEEL_FIELD_ENCODED]; /* since the last step's end */
	struct keel_wr items;
	struct msg_report reports;
};

double keel_field(const struct keel_command *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->field[i].name, name) == 0)
			return c->field[i].value;
	return 0;
}

/* What the vault does not take now is told again with the next step, or is lost by intent. */
static void tell(struct keel *k, enum keel_room_id to, enum keel_msg msg, const void *body)
{
	enum keel_err e = keel_room_send(k->env, to, msg, body);
	if (e != KEEL_OK && e != KEEL_ESTATE && e != KEEL_EFULL)
		KEEL_ROOM_LOG(k->env, KEEL_LOG_WARN, "app.message-refused",
			KEEL_LOG_WORD("reason", keel_err_word(e)));
}

static void send_reports(struct keel *k)
{
	if (k->reports.values.count > 0)
		tell(k, ROOM_VAULT, MSG_REPORT, &k->reports);
	k->items = keel_wr_of(k->reported, sizeof(k->reported));
	k->reports = (struct msg_report){ 0 };
}

/* Every call of the program's functions ends in a step, and with it what they reported is told. */
static void step(struct keel *k)
{
	const struct keel_program *p = k->program;
	p->step(k, p->self);
	keel_memory_save(k->page, p->memory, p->memory_size);
	send_reports(k);
	tell(k, ROOM_PARENT, MSG_ALIVE, &(struct msg_alive){ .within_ms = p->period_ms });
}

static void step_in_time(struct keel_room_env *env, void *self)
{
	(void)env;
	step(self);
}

static void send_keep(struct keel *k, const struct keep *keep)
{
	tell(k, ROOM_VAULT, MSG_KEEP,
		&(struct msg_keep){ .id = keep->id,
			.datum = keel_text(keep->datum),
			.deletions = k->deletions,
			.value = { keep->value, keep->n } });
}

static void send_recalls(struct keel *k)
{
	const char *const *names = k->program->recall;
	for (size_t i = 0; names != NULL && names[i] != NULL && i < RECALLS_MAX; i++) {
		k->recall_id[i] = ++k->last_id;
		tell(k, ROOM_VAULT, MSG_RECALL,
			&(struct msg_recall){ .id = k->last_id, .datum = keel_text(names[i]) });
	}
}

/* The vault is there, for the first time or again: what it does not know yet is told now. */
static void greet(struct keel *k)
{
	tell(k, ROOM_VAULT, MSG_HELLO, &(struct msg_deletions){ .deletions = k->deletions });
	for (size_t i = 0; i < KEEPS_MAX; i++)
		if (k->keeps[i].id != 0)
			send_keep(k, &k->keeps[i]);
	send_recalls(k);
}

static void peer(struct keel_room_env *env, enum keel_room_id room, bool up, void *self)
{
	(void)env;
	if (room == ROOM_VAULT && up)
		greet(self);
}

/* The command's names as C strings, for as long as the program's function runs. */
struct spelled {
	struct keel_command c;
	char message[NAME_SIZE];
	char name[KEEL_COUNT(((struct keel_command *)0)->field)][NAME_SIZE];
};

static void spell(char out[NAME_SIZE], struct keel_bytes text)
{
	size_t n = text.n < NAME_SIZE ? text.n : NAME_SIZE - 1;
	memcpy(out, text.p, n);
	out[n] = '\0';
}

static void spell_command(const struct msg_command *in, struct spelled *out)
{
	struct keel_list rest = in->fields;
	struct msg_field f;
	spell(out->message, in->message);
	out->c.message = out->message;
	out->c.time = (time_t)in->time;
	while (out->c.count < KEEL_COUNT(out->c.field) &&
		keel_list_next(&keel_field_item, &rest, &f)) {
		size_t i = out->c.count++;
		spell(out->name[i], f.name);
		out->c.field[i].name = out->name[i];
		out->c.field[i].value = (double)f.value / 1000;
	}
}

/*
 * A command counts as done for good when what it kept is durable: one that is handed over again
 * before that is done again, one after that (a remembered one, to a new vault) is not.
 */
static void settle(struct keel *k)
{
	for (size_t i = 0; i < KEEPS_MAX; i++)
		if (k->keeps[i].id != 0)
			return;
	for (size_t i = 0; i < KEEL_MEMORY_MESSAGES; i++)
		keel_memory_set_done(k->page, i, k->did[i]);
}

static void act(struct keel *k, const struct keel_command *c, uint64_t number)
{
	const struct keel_program *p = k->program;
	for (size_t i = 0; i < p->on_count; i++) {
		if (strcmp(p->on[i].message, c->message) != 0 || number <= k->did[i])
			continue;
		if (!keel_broken("command-lost"))
			p->on[i].act(k, c, p->self);
		k->did[i] = number;
		step(k);
		settle(k);
	}
}

static enum keel_err on_command(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct keel *k = self;
	const struct msg_command *in = body;
	struct spelled s = { 0 };
	spell_command(in, &s);
	act(k, &s.c, in->number);
	tell(k, ROOM_VAULT, MSG_DONE, &(struct msg_done){ .number = in->number });
	return KEEL_OK;
}

static enum keel_err on_kept(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)from;
	struct keel *k = self;
	const struct msg_kept *in = body;
	for (size_t i = 0; i < KEEPS_MAX; i++)
		if (k->keeps[i].id == in->id)
			k->keeps[i].id = 0;
	settle(k);
	if (in->err != KEEL_OK)
		KEEL_ROOM_LOG(env, KEEL_LOG_WARN, "app.not-kept",
			KEEL_LOG_WORD("reason", keel_err_word((enum keel_err)in->err)));
	return KEEL_OK;
}

static enum keel_err on_datum(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct keel *k = self;
	const struct msg_datum *in = body;
	const struct keel_program *p = k->program;
	if (in->err != KEEL_OK && in->err != KEEL_ENONE)
		return (enum keel_err)in->err;
	for (size_t i = 0; p->recall != NULL && p->recall[i] != NULL && i < RECALLS_MAX; i++) {
		if (k->recall_id[i] != in->id || p->recalled == NULL)
			continue;
		p->recalled(k, p->recall[i], in->value.p, in->err == KEEL_OK ? in->value.n : 0,
			p->self);
		step(k);
	}
	return KEEL_OK;
}

/* The owner deleted the home's data: what the program remembers of it goes too. EN 303 645 5.11-1. */
static enum keel_err on_forget(
	struct keel_room_env *env, enum keel_room_id from, const void *body, void *self)
{
	(void)env, (void)from;
	struct keel *k = self;
	const struct keel_program *p = k->program;
	k->deletions = ((const struct msg_deletions *)body)->deletions;
	memset(k->keeps, 0, sizeof(k->keeps));
	memset(k->did, 0, sizeof(k->did));
	settle(k);
	if (p->memory != NULL)
		memset(p->memory, 0, p->memory_size);
	/* Once here and once after the step: both copies. Then it counts: a cut before forgets again. */
	keel_memory_save(k->page, p->memory, p->memory_size);
	step(k);
	keel_memory_set_deletions(k->page, k->deletions);
	return KEEL_OK;
}

void keel_report(struct keel *k, const char *name, double value)
{
	struct keel_wr items = k->items;
	struct keel_list values = k->reports.values;
	if (!isfinite(value) || fabs(value) >= 1e12)
		return;
	keel_list_add(&keel_field_item,
		&(struct msg_field){ .name = keel_text(name), .value = llround(value * 1000) },
		&items, &values);
	if (items.err != KEEL_OK) {
		KEEL_ROOM_LOG(k->env, KEEL_LOG_WARN, "app.not-reported",
			KEEL_LOG_WORD("reason", keel_err_word(items.err)));
		return;
	}
	k->items = items;
	k->reports.values = values;
	if (values.count == KEEL_REPORTS_MAX)
		send_reports(k);
}

void keel_keep(struct keel *k, const char *datum, const void *value, size_t n)
{
	struct keep *place = NULL;
	for (size_t i = 0; i < KEEPS_MAX; i++)
		if (strcmp(k->keeps[i].datum, datum) == 0 || (place == NULL && k->keeps[i].id == 0))
			place = &k->keeps[i];
	if (place == NULL || n > sizeof(place->value) || strlen(datum) >= sizeof(place->datum)) {
		KEEL_ROOM_LOG(
			k->env, KEEL_LOG_WARN, "app.not-kept", KEEL_LOG_WORD("reason", "full"));
		return;
	}
	memcpy(place->datum, datum, strlen(datum) + 1);
	if (n > 0)
		memcpy(place->value, value, n);
	place->n = n;
	place->id = ++k->last_id;
	send_keep(k, place);
}

int keel_hardware(const struct keel *k, const char *name)
{
	char item[NAME_SIZE + sizeof("hardware/")];
	int n = snprintf(item, sizeof(item), "hardware/%s", name);
	return n > 0 && (size_t)n < sizeof(item) ? keel_room_fd(k->env, item) : -1;
}

void keel_log(struct keel *k, const char *event, double number)
{
	KEEL_ROOM_LOG(k->env, KEEL_LOG_INFO, event, KEEL_LOG_NUM("value", llround(number)));
}

bool keel_time(const struct keel *k, struct tm *out)
{
	time_t now = (time_t)keel_wall_s(keel_room_clock(k->env));
	return now > 0 && localtime_r(&now, out) != NULL;
}

uint64_t keel_uptime_ms(const struct keel *k)
{
	return keel_now_ms(keel_room_clock(k->env));
}

static const struct keel_answer answers[] = {
	{ MSG_COMMAND, 0, on_command },
	{ MSG_KEPT, 0, on_kept },
	{ MSG_DATUM, 0, on_datum },
	{ MSG_FORGET, 0, on_forget },
};

static int run(struct keel *k)
{
	const struct keel_program *p = k->program;
	static const enum keel_wall syscalls[] = { WALL_SYSCALLS };
	KEEL_MUST(p->memory_size <= KEEL_MEMORY_MAX && p->on_count <= KEEL_MEMORY_MESSAGES);
	k->page = keel_memory_open(keel_room_fd(k->env, "memory"));
	if (p->memory != NULL)
		(void)keel_memory_load(k->page, p->memory, p->memory_size);
	for (size_t i = 0; i < KEEL_MEMORY_MESSAGES; i++)
		k->did[i] = keel_memory_done(k->page, i);
	k->deletions = keel_memory_deletions(k->page);
	send_reports(k); /* none: makes room for them */
	tzset();         /* reads its file while it may */
	bool walled = keel_confine_app() == KEEL_OK;
	keel_room_ready(k->env, syscalls, walled ? 0 : KEEL_COUNT(syscalls));
	step(k);
	greet(k);
	keel_room_timer(k->env, p->period_ms, p->period_ms, step_in_time, k);
	return keel_room_serve(k->env, answers, KEEL_COUNT(answers), peer, k);
}

int keel_run(const struct keel_program *p)
{
	struct keel k = { .program = p };
	struct keel_fault fault = { 0 };
	if (keel_room_open(ROOM_APP, &k.env, &fault) != KEEL_OK) {
		(void)fprintf(stderr,
			"%s\nNext: let keeld start this program: keeld --app PROGRAM\n",
			fault.what);
		return 2;
	}
	int status = run(&k);
	keel_room_close(k.env);
	return status;
}
