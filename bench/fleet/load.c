/*
 * The devices of bench/fleet: thousands of enrolled units, each with keys of its own, that open sessions,
 * report and hold polls. A command a line on standard input, an answer a line on standard output;
 * fleet_bench.py gives them. Bodies are made before the clock starts, so that it is the service's.
 *
 *	make DIR COUNT          what keel-fleet needs to know these units
 *	at PORT ROOT            where it is, and its root's key
 *	open FROM COUNT LANES   sessions                     a second, p50, p99, longest in ms
 *	report UNITS EACH       one item a report, a lane a unit
 *	get PORT PATH LANES COUNT   from whoever serves there
 *	hold FROM COUNT         polls, taken up again when they end
 *	drop                    lets them go
 *	rows FILE TOGETHER COUNT    SQLite alone, a report's row: rows a second
 */
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/lanes.h"
#include "fleet/units.h"
#include "rows.h"

#define WAIT_S  50
#define SHAKING 256 /* polls that connect at once: the listener's queue is finite */

struct poll {
	struct client client;
	struct keel_bytes request;
};

static struct {
	struct clients clients;
	struct units units;
	struct poll *polls;
	size_t poll_count, poll_begun, poll_held;
	struct keel_rows rows;
	struct keel_bytes payload; /* of a report, for rows */
} l;

static size_t number(const char *word)
{
	KEEL_MUST(word != NULL);
	return strtoul(word, NULL, 10);
}

static void say(const struct lanes_result *r)
{
	(void)printf("%.1f %.3f %.3f %.3f\n", r->a_second, r->p50_ms, r->p99_ms, r->max_ms);
}

static struct errand *errands_new(size_t count)
{
	struct errand *e = calloc(count, sizeof(*e));
	KEEL_MUST(e != NULL);
	return e;
}

static void errands_free(struct errand *e, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)e[i].request.p);
	free(e);
}

/* --- who they are --- */

static void do_make(char **words)
{
	units_make(&l.units, words[0], number(words[1]));
	(void)printf("made\n");
}

static void do_at(char **words)
{
	clients_aim(&l.clients, (uint16_t)number(words[0]));
	KEEL_MUST(words[1] != NULL && strlen(words[1]) == 2 * sizeof(l.units.root.xy));
	for (size_t i = 0; i < sizeof(l.units.root.xy); i++) {
		const char two[3] = { words[1][2 * i], words[1][2 * i + 1] };
		l.units.root.xy[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	(void)printf("fine\n");
}

/* --- sessions: a nonce for each, then the statements over them, then the clock --- */

struct opening {
	struct one_unit *unit;
	struct errand *errand; /* that opens its session */
};

static void on_opened(void *self, struct keel_bytes body)
{
	const struct opening *o = self;
	units_opened(&l.units, o->unit, body);
}

static void on_nonce(void *self, struct keel_bytes body)
{
	struct opening *o = self;
	o->errand->request = client_request(
		UNITS_HOST, KEEL_PATH_SESSION, units_opening(&l.units, o->unit, body));
	o->errand->take = on_opened;
	o->errand->self = o;
}

static void do_open(char **words)
{
	static const uint8_t nothing = 0xa0;
	size_t from = number(words[0]), count = number(words[1]), lanes = number(words[2]);
	struct errand *nonces = errands_new(count), *openings = errands_new(count);
	struct opening *all = calloc(count, sizeof(*all));
	KEEL_MUST(all != NULL && from + count <= l.units.count);
	for (size_t i = 0; i < count; i++) {
		all[i] = (struct opening){ &l.units.all[from + i], &openings[i] };
		nonces[i] = (struct errand){ client_request(UNITS_HOST, KEEL_PATH_NONCE,
						     (struct keel_bytes){ &nothing, 1 }),
			on_nonce, &all[i] };
	}
	(void)lanes_run(&l.clients, lanes, nonces, count);
	const struct lanes_result r = lanes_run(&l.clients, lanes, openings, count);
	say(&r);
	errands_free(nonces, count);
	errands_free(openings, count);
	free(all);
}

/* --- reports --- */

static void do_report(char **words)
{
	size_t units = number(words[0]), each = number(words[1]), count = units * each;
	struct errand *all = errands_new(count);
	for (size_t i = 0; i < count; i++)
		all[i].request = client_request(UNITS_HOST, KEEL_PATH_REPORT,
			units_report(&l.units, &l.units.all[i % units]));
	const struct lanes_result r = lanes_run(&l.clients, units, all, count);
	say(&r);
	errands_free(all, count);
}

static void do_get(char **words)
{
	struct clients there = { .base = l.clients.base, .tls = l.clients.tls };
	size_t lanes = number(words[2]), count = number(words[3]);
	struct errand *all = errands_new(count);
	const struct keel_bytes request =
		client_request(UNITS_HOST, words[1], (struct keel_bytes){ 0 });
	clients_aim(&there, (uint16_t)number(words[0]));
	for (size_t i = 0; i < count; i++)
		all[i].request = request;
	const struct lanes_result r = lanes_run(&there, lanes, all, count);
	say(&r);
	free((void *)(uintptr_t)request.p);
	free(all);
}

/* --- polls --- */

static void open_next_poll(void)
{
	if (l.poll_begun < l.poll_count)
		client_open(&l.polls[l.poll_begun++].client);
}

static void poll_again(struct client *c, struct keel_bytes body)
{
	const struct poll *p = c->self;
	(void)body; /* nobody asks anything of these units */
	client_send(c, p->request);
}

static void poll_connected(struct client *c)
{
	poll_again(c, (struct keel_bytes){ 0 });
	l.poll_held++;
	open_next_poll();
	if (l.poll_held == l.poll_count)
		(void)event_base_loopbreak(l.clients.base);
}

static void do_hold(char **words)
{
	size_t from = number(words[0]);
	l.poll_count = number(words[1]);
	l.poll_begun = l.poll_held = 0;
	l.polls = calloc(l.poll_count, sizeof(*l.polls));
	KEEL_MUST(l.polls != NULL && from + l.poll_count <= l.units.count);
	for (size_t i = 0; i < l.poll_count; i++) {
		struct poll *p = &l.polls[i];
		p->client = (struct client){ .all = &l.clients,
			.connected = poll_connected,
			.answered = poll_again,
			.self = p };
		p->request = client_request(UNITS_HOST, KEEL_PATH_INBOX,
			units_poll(&l.units, &l.units.all[from + i], WAIT_S));
	}
	for (size_t i = 0; i < SHAKING; i++)
		open_next_poll();
	(void)event_base_dispatch(l.clients.base);
	(void)printf("%zu\n", l.poll_held);
}

static void do_drop(char **words)
{
	(void)words;
	for (size_t i = 0; i < l.poll_count; i++) {
		client_close(&l.polls[i].client);
		free((void *)(uintptr_t)l.polls[i].request.p);
	}
	free(l.polls);
	l.polls = NULL;
	l.poll_count = 0;
	(void)printf("fine\n");
}

/* --- beside them --- */

static void do_rows(char **words)
{
	static const uint8_t payload[64] = "as long as the pack of a report";
	if (l.rows.db == NULL)
		keel_rows_open(&l.rows, words[0]);
	(void)printf("%.1f\n", keel_rows_run(&l.rows, (unsigned)number(words[1]),
				       (unsigned)number(words[2]), KEEL_VIEW(payload)));
}

/* clang-format off */
static const struct {
	const char *word;
	void (*run)(char **words);
} commands[] = {
	{ "make", do_make }, { "at", do_at }, { "open", do_open }, { "report", do_report }, { "get", do_get },
	{ "hold", do_hold }, { "drop", do_drop }, { "rows", do_rows },
};
/* clang-format on */

static void run_line(char *line)
{
	char *words[6] = { 0 };
	char *rest = line;
	line[strcspn(line, "\n")] = '\0';
	for (size_t n = 0; n < 5 && (words[n] = strsep(&rest, " ")) != NULL; n++)
		;
	for (size_t i = 0; i < KEEL_COUNT(commands); i++)
		if (strcmp(words[0], commands[i].word) == 0) {
			commands[i].run(words + 1);
			(void)fflush(stdout);
			return;
		}
	(void)fprintf(stderr, "fleet_load: no such command: %s\n", words[0]);
	exit(2);
}

int main(void)
{
	char line[512];
	keel_crypto_warm();
	clients_init(&l.clients);
	while (fgets(line, sizeof(line), stdin) != NULL)
		run_line(line);
	do_drop(NULL);
	if (l.rows.db != NULL)
		keel_rows_close(&l.rows);
	if (l.units.all != NULL)
		units_free(&l.units);
	return 0;
}
