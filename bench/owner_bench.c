/*
 * An owner through the door of a hub that runs: TLS, HTTP, the rooms and the store. One request at a
 * time, from many addresses in turn, because the door rations each; what is timed begins when the
 * owner seals the request and ends when its answer is opened and checked. All in turns beside the
 * bare operations; each one's best counts.
 *
 *	owner_bench HUB PORT CA MEMBER NETWORK PARENT DIR
 *
 * MEMBER: the file of keys that `keel owner claim` wrote. NETWORK: "10.213.90." and every address
 * FIRST..FIRST+PEERS-1 of it is this machine's. PARENT: keeld's pid. DIR: on the hub's file system.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bare.h"
#include "owner/member.h"
#include "peer.h"

#define FIRST 10
#define PEERS 60
#define TURNS 40
#define READS 40
#define CALLS 12 /* commands */
#define ROOMS 5

struct room {
	char name[32], path[64];
	double before_us, read_us, call_us;
};

static struct {
	struct bench_peer peers[PEERS];
	unsigned next;
	struct keel_member owner;
	struct room rooms[ROOMS];
	size_t room_count;
	uint8_t sealed[KEEL_BODY_MAX], answer[KEEL_BODY_MAX + 1024], plain[2 * KEEL_BODY_MAX];
} b;

/* --- the rooms' processor time --- */

static double run_us(const char *path)
{
	unsigned long long ns = 0;
	FILE *f = fopen(path, "re");
	KEEL_MUST(f != NULL && fscanf(f, "%llu", &ns) == 1);
	(void)fclose(f);
	return (double)ns / 1e3;
}

static void add_room(const char *pid)
{
	struct room *r = &b.rooms[b.room_count++];
	char path[64];
	(void)snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	FILE *f = fopen(path, "re");
	KEEL_MUST(f != NULL && fscanf(f, "%31s", r->name) == 1);
	(void)fclose(f);
	(void)snprintf(r->path, sizeof(r->path), "/proc/%s/schedstat", pid);
}

static void find_rooms(const char *parent)
{
	char path[64], pid[16];
	(void)snprintf(path, sizeof(path), "/proc/%s/task/%s/children", parent, parent);
	FILE *f = fopen(path, "re");
	KEEL_MUST(f != NULL);
	add_room(parent);
	while (b.room_count < ROOMS && fscanf(f, "%15s", pid) == 1)
		add_room(pid);
	(void)fclose(f);
}

static void rooms_begin(void)
{
	for (size_t i = 0; i < b.room_count; i++)
		b.rooms[i].before_us = run_us(b.rooms[i].path);
}

/* --- one request and its answer --- */

static void exchange(const struct keel_op *op, struct keel_wr *w,
	const uint8_t nonce[KEEL_REQUEST_NONCE_LEN], void *result)
{
	struct keel_bytes sealed, body;
	struct keel_request_answer a;
	KEEL_MUST(keel_wr_end(w, &sealed) == KEEL_OK);
	struct bench_peer *p = &b.peers[b.next++ % PEERS];
	unsigned status = bench_peer_post(p, sealed, b.answer, sizeof(b.answer), &body);
	if (status != 200)
		(void)fprintf(stderr, "owner_bench: the door answered %u\n", status);
	KEEL_MUST(status == 200);
	KEEL_MUST(keel_member_answer(&b.owner, nonce, body, b.plain, &a) == KEEL_OK);
	if (a.error != 0)
		(void)fprintf(stderr, "owner_bench: %.*s\n", (int)a.sentence.n,
			(const char *)a.sentence.p);
	KEEL_MUST(a.error == 0);
	KEEL_MUST(keel_schema_read(op->result, a.result, result, NULL) == KEEL_OK);
}

static void ask(enum keel_op_number number, void *result)
{
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN];
	struct keel_wr w = keel_wr_of(b.sealed, sizeof(b.sealed));
	const struct keel_op *op = keel_op_of(number);
	KEEL_MUST(keel_member_ask(&b.owner, op, NULL, nonce, &w) == KEEL_OK);
	exchange(op, &w, nonce, result);
}

static void heat(struct keel_bytes challenge, int64_t celsius_milli)
{
	uint8_t nonce[KEEL_REQUEST_NONCE_LEN], items[64];
	struct keel_wr w = keel_wr_of(b.sealed, sizeof(b.sealed));
	struct keel_list_maker m = keel_list_maker_of(items, sizeof(items));
	const struct keel_field_item f = { .name = keel_text("celsius"), .value = celsius_milli };
	struct keel_command_result r;
	const struct keel_op *op = keel_op_of(KEEL_OP_COMMAND);
	KEEL_MUST(keel_list_put(&m, &keel_field_item_schema, &f));
	const struct keel_command_args a = { .message = keel_text("set temperature"),
		.fields = keel_list_made(&m) };
	KEEL_MUST(keel_member_change(&b.owner, op, &a, challenge, nonce, &w) == KEEL_OK);
	exchange(op, &w, nonce, &r);
}

/* --- turns --- */

static double read_turn(void)
{
	struct keel_state_result s;
	rooms_begin();
	double from = keel_now_us();
	for (unsigned i = 0; i < READS; i++)
		ask(KEEL_OP_STATE, &s);
	double us = (keel_now_us() - from) / READS;
	for (size_t i = 0; i < b.room_count; i++)
		keel_best(&b.rooms[i].read_us,
			(run_us(b.rooms[i].path) - b.rooms[i].before_us) / READS);
	return us;
}

static double call_turn(void)
{
	struct keel_challenge_result c;
	uint8_t challenge[KEEL_CHALLENGE_LEN];
	ask(KEEL_OP_CHALLENGE, &c);
	memcpy(challenge, c.challenge.p, sizeof(challenge));
	if (b.owner.counter < c.last_counter)
		b.owner.counter = c.last_counter;
	rooms_begin();
	double from = keel_now_us();
	for (unsigned i = 0; i < CALLS; i++)
		heat(KEEL_VIEW(challenge), 20000 + i % 2 * 500);
	double us = (keel_now_us() - from) / CALLS;
	for (size_t i = 0; i < b.room_count; i++)
		keel_best(&b.rooms[i].call_us,
			(run_us(b.rooms[i].path) - b.rooms[i].before_us) / CALLS);
	return us;
}

static double now_and_setpoint(int64_t *setpoint)
{
	struct keel_state_result s;
	struct keel_value_item v;
	ask(KEEL_OP_STATE, &s);
	while (keel_list_next(&keel_value_item_row, &s.values, &v))
		if (keel_bytes_equal(v.name, keel_text("setpoint")))
			*setpoint = v.value;
	return keel_now_us();
}

/* The product's program has it: its own report of the setpoint says so, within a control period. */
static void check_app(void)
{
	struct keel_challenge_result c;
	uint8_t challenge[KEEL_CHALLENGE_LEN];
	int64_t setpoint = 0;
	ask(KEEL_OP_CHALLENGE, &c);
	memcpy(challenge, c.challenge.p, sizeof(challenge));
	heat(KEEL_VIEW(challenge), 23500);
	double until = keel_now_us() + 15e6;
	while (now_and_setpoint(&setpoint) < until && setpoint != 23500)
		bench_pause_ms(100);
	KEEL_MUST(setpoint == 23500);
}

/* --- what it prints --- */

/* The parent and the program work beside the request; these two are what an owner waits for. */
static double waited_for_us(bool call)
{
	double us = 0;
	for (size_t i = 0; i < b.room_count; i++)
		if (strcmp(b.rooms[i].name, "keeld-vault") == 0 ||
			strcmp(b.rooms[i].name, "keeld-door") == 0)
			us += call ? b.rooms[i].call_us : b.rooms[i].read_us;
	return us;
}

static void say_rooms(const char *what, bool call)
{
	(void)printf("  %s, processor time:", what);
	for (size_t i = 0; i < b.room_count; i++) {
		const struct room *r = &b.rooms[i];
		(void)printf(" %s %.0f us", r->name, call ? r->call_us : r->read_us);
	}
	(void)printf("\n");
}

static void say(const struct keel_bare_times *t, double state, double command)
{
	double curve = keel_bare_slower(t);
	double slower = curve > t->commit ? curve : t->commit;
	double needed = t->sign + t->verify + t->commit;
	keel_bare_say(t);
	(void)printf("owner: state read through the door %.0f us, %.2f of the slower of ECDSA and "
		     "ECDH; vault and door %.0f us of processor time, %.2f (aim 0.6)\n",
		state, curve / state, waited_for_us(false), curve / waited_for_us(false));
	say_rooms("state read", false);
	(void)printf(
		"owner: signed command through the door, durable, to the app %.0f us, %.2f of "
		"the slower of all (aim 0.6), %.2f of what it cannot do without (%.0f us: sign, "
		"verify and commit, one after the other)\n",
		command, slower / command, needed / command, needed);
	say_rooms("command", true);
}

static void load_member(const char *path)
{
	uint8_t buf[KEEL_MEMBER_FILE_MAX];
	FILE *f = fopen(path, "re");
	KEEL_MUST(f != NULL);
	size_t n = fread(buf, 1, sizeof(buf), f);
	(void)fclose(f);
	KEEL_MUST(keel_member_read((struct keel_bytes){ buf, n }, &b.owner) == KEEL_OK);
}

static void connect_peers(char **argv)
{
	char from[64];
	for (unsigned i = 0; i < PEERS; i++) {
		(void)snprintf(from, sizeof(from), "%s%u", argv[5], FIRST + i);
		bench_peer_open(&b.peers[i], argv[1], argv[2], argv[3], from);
	}
}

int main(int argc, char **argv)
{
	static struct keel_bare bare;
	struct keel_bare_times t = { 0 };
	double state = 0, command = 0;
	if (argc != 8)
		return 2;
	load_member(argv[4]);
	find_rooms(argv[6]);
	connect_peers(argv);
	keel_bare_open(&bare, argv[7]);
	for (unsigned i = 0; i < TURNS; i++) {
		keel_bare_turn(&bare, &t);
		keel_best(&state, read_turn());
		keel_best(&command, call_turn());
	}
	check_app();
	say(&t, state, command);
	keel_bare_close(&bare);
	for (unsigned i = 0; i < PEERS; i++)
		bench_peer_close(&b.peers[i]);
	return EXIT_SUCCESS;
}
