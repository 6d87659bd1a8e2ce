/*
 * An operator at the desk, and a reporter's page, as one program for the tests of reports: what their
 * browsers do, by the store's own functions and desk/sealed.h. The keys are in a file beside.
 *
 *	desk_peer make DB KEYS                     the desk's key, with a copy for the operator "ann"
 *	desk_peer read DB KEYS NUMBER              each message and note: who: text
 *	desk_peer files DB KEYS NUMBER             each file: number, pieces
 *	desk_peer file DB KEYS NUMBER FILE         a file's bytes, to standard output
 *	desk_peer cases DB KEYS                    each case: number, state; what is due first comes first
 *	desk_peer answer|note DB KEYS NUMBER TEXT
 *	desk_peer turn DB KEYS NUMBER STATE        a state's number
 *	desk_peer seal SECRET KEY TEXT             (hexadecimal) opening and message
 *	desk_peer piece SECRET FILE PIECE OF NAME < bytes
 *	desk_peer open SECRET < message            as the reporter's page reads it
 *	desk_peer unwrap KEY WRAPPED COPY          an operator's way to the desk's private key
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "desk/sealed.h"
#include "fleet/desk.h"

struct keys {
	struct keel_p256_key desk, reader;
};

static struct keel_fleet_store *store;
static struct keys keys;
static struct keel_key case_key;
static uint8_t buf[65536], plain[65536];

static void must(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "desk_peer: %s\n", what);
	exit(1);
}

static void print_hex(struct keel_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		(void)printf("%02x", b.p[i]);
	(void)putchar('\n');
}

static void read_hex(const char *hex, uint8_t *out, size_t n)
{
	must(strlen(hex) == 2 * n, "hexadecimal of another length");
	for (size_t i = 0; i < n; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		out[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
}

static struct keel_bytes written(const struct keel_wr *w)
{
	struct keel_bytes out = { 0 };
	must(keel_wr_end(w, &out) == KEEL_OK, "does not fit");
	return out;
}

static struct keel_bytes input(void)
{
	return (struct keel_bytes){ buf, fread(buf, 1, sizeof(buf), stdin) };
}

/* --- the reporter's page --- */

static void derive(const char *secret_hex)
{
	uint8_t secret[KEEL_CASE_SECRET_LEN], token[KEEL_CASE_TOKEN_LEN];
	read_hex(secret_hex, secret, sizeof(secret));
	keel_case_derive(secret, token, &case_key);
	print_hex(KEEL_VIEW(token));
}

static void do_seal(char **words)
{
	struct keel_p256_pub desk;
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_case_message m = { .time_s = time(NULL), .text = keel_text(words[2]) };
	derive(words[0]);
	read_hex(words[1], desk.xy, sizeof(desk.xy));
	must(keel_case_opening_write(&desk, &case_key, &w) == KEEL_OK, "no opening");
	print_hex(written(&w));
	w = keel_wr_of(buf, sizeof(buf));
	must(keel_case_message_write(&case_key, &m, &w) == KEEL_OK, "no message");
	print_hex(written(&w));
}

static void do_piece(char **words)
{
	struct keel_wr w = keel_wr_of(plain, sizeof(plain));
	const struct keel_case_piece p = { .file = strtoul(words[1], NULL, 10),
		.piece = strtoul(words[2], NULL, 10),
		.of = strtoul(words[3], NULL, 10),
		.name = keel_text(words[4]),
		.bytes = input() };
	derive(words[0]);
	must(keel_case_piece_write(&case_key, &p, &w) == KEEL_OK, "no piece");
	print_hex(written(&w));
}

static void do_open(char **words)
{
	struct keel_case_message m;
	struct keel_bytes in = input();
	derive(words[0]);
	must(keel_case_message_read(&case_key, in, plain, &m) == KEEL_OK, "not of this case");
	(void)printf("%u: %.*s\n", (unsigned)m.who, (int)m.text.n, (const char *)m.text.p);
}

/* --- the operator --- */

static struct keel_bytes unhex(const char *hex, uint8_t *out, size_t cap)
{
	size_t n = strlen(hex) / 2;
	must(n <= cap, "too long");
	read_hex(hex, out, n);
	return (struct keel_bytes){ out, n };
}

static void do_unwrap(char **words)
{
	struct keel_key key;
	read_hex(words[0], key.b, sizeof(key.b));
	must(keel_reader_unwrap(&key, unhex(words[1], buf, sizeof(buf)), &keys.reader) == KEEL_OK,
		"no reader key");
	must(keel_desk_copy_read(&keys.reader, unhex(words[2], buf, sizeof(buf)), &keys.desk) ==
			KEEL_OK,
		"no copy");
	print_hex(KEEL_VIEW(keys.desk.d));
}

static void save_keys(const char *path)
{
	FILE *f = fopen(path, "wx");
	must(f != NULL && fwrite(&keys, sizeof(keys), 1, f) == 1 && fclose(f) == 0, "no key file");
}

static void do_make(char **words)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_p256_generate(&keys.desk);
	keel_p256_generate(&keys.reader);
	save_keys(words[1]);
	struct keel_desk_reader_put reader = { .who = "ann",
		.now_s = time(NULL),
		.pub = keys.reader.pub,
		.wrapped = keel_text("by a passkey"),
		.how = "passkey" };
	keel_desk_reader_put(store, &reader);
	must(keel_desk_copy_write(&keys.reader.pub, &keys.desk, &w) == KEEL_OK, "no copy");
	const struct keel_desk_copy copy = { "ann", written(&w) };
	struct keel_desk_key_add j = {
		.who = "ann", .now_s = time(NULL), .pub = keys.desk.pub, .copies = &copy, .count = 1
	};
	keel_desk_key_add(store, &j);
	must(reader.write.err == KEEL_OK && j.write.err == KEEL_OK, "the keys are not kept");
	print_hex(KEEL_VIEW(keys.desk.pub.xy));
	print_hex(KEEL_VIEW(keys.desk.d));
}

static void open_case(const char *number)
{
	struct keel_desk_case c;
	must(keel_desk_case_find(store, number, &c) == KEEL_OK, "no such case");
	must(keel_case_opening_read(&keys.desk, (struct keel_bytes){ c.opening, c.opening_n },
		     &case_key) == KEEL_OK,
		"the desk does not open it");
}

static bool show(void *self, const struct keel_desk_message *m)
{
	struct keel_case_message said = { 0 };
	struct keel_case_note note;
	(void)self;
	if (m->from == KEEL_DESK_NOTE) {
		must(keel_case_note_read(&keys.desk, m->sealed, plain, &note) == KEEL_OK,
			"no note");
		said.text = note.text;
	} else {
		must(keel_case_message_read(&case_key, m->sealed, plain, &said) == KEEL_OK &&
				said.who == m->from,
			"not of this case");
	}
	(void)printf("%u: %.*s|%.*s|%.*s\n", (unsigned)m->from, (int)said.text.n,
		(const char *)said.text.p, (int)said.product.n, (const char *)said.product.p,
		(int)said.contact.n, (const char *)said.contact.p);
	return true;
}

static void do_read(char **words)
{
	open_case(words[2]);
	must(keel_desk_messages(store, words[2], 0, true, show, NULL) == KEEL_OK, "no messages");
}

static void show_file(void *self, uint64_t file, uint64_t pieces, uint64_t bytes)
{
	(void)self, (void)bytes;
	(void)printf("%llu %llu\n", (unsigned long long)file, (unsigned long long)pieces);
}

static void do_files(char **words)
{
	must(keel_desk_files(store, words[2], show_file, NULL) == KEEL_OK, "no files");
}

static bool show_case(void *self, const struct keel_desk_case *c)
{
	(void)self;
	(void)printf("%s %s\n", c->number, keel_desk_state_word(c->state));
	return true;
}

static void do_cases(char **words)
{
	(void)words;
	must(keel_desk_cases(store, NULL, show_case, NULL) == KEEL_OK, "no cases");
}

static void do_file(char **words)
{
	static uint8_t sealed[KEEL_DESK_PIECE_MAX];
	uint64_t file = strtoul(words[3], NULL, 10);
	struct keel_case_piece p = { .of = 1 };
	struct keel_bytes in;
	open_case(words[2]);
	for (uint64_t i = 0; i < p.of; i++) {
		must(keel_desk_piece_get(store, words[2], file, i, sealed, &in) == KEEL_OK,
			"no piece");
		must(keel_case_piece_read(&case_key, in, plain, &p) == KEEL_OK && p.piece == i &&
				p.file == file,
			"not a piece of this file");
		must(fwrite(p.bytes.p, 1, p.bytes.n, stdout) == p.bytes.n, "not written");
	}
}

static void say(char **words, enum keel_desk_from from)
{
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_case_message m = {
		.who = KEEL_CASE_DESK, .time_s = time(NULL), .text = keel_text(words[3])
	};
	const struct keel_case_note n = { .time_s = time(NULL), .text = keel_text(words[3]) };
	open_case(words[2]);
	must((from == KEEL_DESK_NOTE ? keel_case_note_write(&keys.desk.pub, &n, &w)
				     : keel_case_message_write(&case_key, &m, &w)) == KEEL_OK,
		"not sealed");
	struct keel_desk_say j = { .who = "ann",
		.now_s = time(NULL),
		.from = from,
		.number = words[2],
		.sealed = written(&w) };
	keel_desk_say(store, &j);
	must(j.write.err == KEEL_OK, "not kept");
}

static void do_answer(char **words)
{
	say(words, KEEL_DESK_FROM_DESK);
}

static void do_note(char **words)
{
	say(words, KEEL_DESK_NOTE);
}

static void do_turn(char **words)
{
	struct keel_desk_turn j = { .who = "ann",
		.now_s = time(NULL),
		.number = words[2],
		.to = (enum keel_desk_state)strtoul(words[3], NULL, 10) };
	keel_desk_turn(store, &j);
	must(j.write.err == KEEL_OK, "not turned");
}

static void open_desk(char **words, bool with_keys)
{
	struct keel_fault fault;
	must(keel_fleet_store_open(words[0], NULL, &store, &fault) == KEEL_OK, "no database");
	FILE *f = with_keys ? fopen(words[1], "r") : NULL;
	must(!with_keys || (f != NULL && fread(&keys, sizeof(keys), 1, f) == 1), "no keys");
	if (f != NULL)
		(void)fclose(f);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(char **words);
		int words;
		bool at_desk;
	} acts[] = {
		{ "make", do_make, 2, true },
		{ "read", do_read, 3, true },
		{ "files", do_files, 3, true },
		{ "file", do_file, 4, true },
		{ "cases", do_cases, 2, true },
		{ "answer", do_answer, 4, true },
		{ "note", do_note, 4, true },
		{ "turn", do_turn, 4, true },
		{ "seal", do_seal, 3, false },
		{ "piece", do_piece, 5, false },
		{ "open", do_open, 1, false },
		{ "unwrap", do_unwrap, 3, false },
	};
	for (size_t i = 0; i < KEEL_COUNT(acts); i++) {
		if (argc != acts[i].words + 2 || strcmp(argv[1], acts[i].name) != 0)
			continue;
		if (acts[i].at_desk)
			open_desk(argv + 2, acts[i].run != do_make);
		acts[i].run(argv + 2);
		keel_fleet_store_close(store);
		return 0;
	}
	must(false, "its head shows the form");
	return 1;
}
