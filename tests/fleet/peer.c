/*
 * A device and its owner, for the tests of the whole service: makes what they send and reads what they
 * get, byte by byte by the library's formats; the test carries it. `peer MAKER.pem product.cbor SERIAL`;
 * then a command a line on standard input, an answer a line on standard output, "!" before a failure.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/signing.h"
#include "fleet/judge/product.h"
#include "owner/ask.h"
#include "owner/endorsement.h"
#include "session/call.h"
#include "session/open.h"
#include "session/report.h"
#include "session/senml.h"
#include "session/token.h"

static struct keel_signing maker;
static struct keel_p256_key sign, agree, c;
static struct keel_member owner;
static uint8_t ueid[KEEL_UEID_LEN] = { 1 };
static uint8_t dt[KEEL_THUMBPRINT_LEN];
static uint8_t home[KEEL_HOME_ID_LEN];
static const char *serial;
static uint64_t list_number = 1;
static struct keel_service_keys service;
static uint8_t device_nonce[KEEL_TIME_NONCE_LEN];
static uint8_t token_buf[KEEL_TOKEN_MAX];
static struct keel_bytes token;
static struct keel_key key;
static uint8_t in_buf[KEEL_CALL_MAX], out_buf[2 * KEEL_CALL_MAX];
static const struct keel_bytes none = { 0 };

static void must(bool good, const char *what)
{
	if (good)
		return;
	(void)printf("! %s\n", what);
	exit(1);
}

static struct keel_bytes from_hex(const char *text)
{
	size_t n = strlen(text) / 2;
	must(n <= sizeof(in_buf), "too long");
	for (size_t i = 0; i < n; i++) {
		unsigned v;
		must(sscanf(text + 2 * i, "%2x", &v) == 1, "no hex");
		in_buf[i] = (uint8_t)v;
	}
	return (struct keel_bytes){ in_buf, n };
}

static void print_hex(struct keel_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		(void)printf("%02x", b.p[i]);
}

static void print_line(const struct keel_wr *w)
{
	struct keel_bytes b = { 0 };
	must(keel_wr_end(w, &b) == KEEL_OK, "cannot be written");
	print_hex(b);
	(void)printf("\n");
}

/* --- who it is --- */

static struct keel_bytes endorsement(void)
{
	static uint8_t buf[KEEL_ENDORSEMENT_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes out = { 0 };
	const struct keel_endorsement body = { .sign = KEEL_VIEW(sign.pub.xy),
		.agree = KEEL_VIEW(agree.pub.xy),
		.model = maker.product.model.identifier,
		.serial = keel_text(serial) };
	must(keel_endorsement_write(&maker.key, ueid + 1, &body, &w) == KEEL_OK, "endorsement");
	must(keel_wr_end(&w, &out) == KEEL_OK, "endorsement");
	return out;
}

static void print_unit(void)
{
	(void)printf("%s,", serial);
	print_hex((struct keel_bytes){ ueid + 1, KEEL_DEVICE_ID_LEN });
	(void)printf(",");
	print_hex(endorsement());
	(void)printf("\n");
}

static struct keel_bytes sign_by_d(struct keel_bytes payload, uint8_t *buf, size_t cap)
{
	struct keel_wr w = keel_wr_of(buf, cap);
	struct keel_bytes out = { 0 };
	const struct keel_signer d = keel_signer_of(&sign);
	must(keel_cose_sign1(&d, KEEL_VIEW(dt), none, payload, &w) == KEEL_OK, "sign");
	must(keel_wr_end(&w, &out) == KEEL_OK, "sign");
	return out;
}

static struct keel_bytes owners_list(void)
{
	static uint8_t buf[512];
	uint8_t items[64], body[256];
	struct keel_list_maker m = keel_list_maker_of(items, sizeof(items));
	struct keel_wr w = keel_wr_of(body, sizeof(body));
	struct keel_bytes payload = { 0 };
	const struct keel_owner_item one = { .owner = KEEL_VIEW(owner.thumbprint) };
	const struct keel_names names = { { ueid + 1, KEEL_DEVICE_ID_LEN }, KEEL_VIEW(home), none };
	must(keel_list_put(&m, &keel_owner_item_schema, &one), "owner");
	const struct keel_owners_list list = { .owners = keel_list_made(&m),
		.number = list_number };
	must(keel_payload_write(KEEL_FOR_OWNERS, &names, &keel_owners_list_schema, &list, &w) ==
				KEEL_OK &&
			keel_wr_end(&w, &payload) == KEEL_OK,
		"owners");
	return sign_by_d(payload, buf, sizeof(buf));
}

/* --- a session --- */

/* What runs, as the maker's list of the test has it (fleet.py): a file with one line. */
static struct keel_list measured(
	uint8_t *buf, size_t cap, const struct keel_digest *product, const char *keeld)
{
	struct keel_list_maker m = keel_list_maker_of(buf, cap);
	const struct keel_bytes line = keel_text(keeld);
	struct keel_digest digest;
	keel_sha256(&line, 1, &digest);
	const struct keel_measured_item items[] = {
		{ .name = keel_text("keeld"), .digest = KEEL_VIEW(digest.b) },
		{ .name = keel_text("product.cbor"), .digest = KEEL_VIEW(product->b) },
	};
	for (size_t i = 0; i < KEEL_COUNT(items); i++)
		must(keel_list_put(&m, &keel_measured_item_schema, &items[i]), "measures");
	return keel_list_made(&m);
}

static struct keel_bytes statement(struct keel_bytes nonce, const char *origin, const char *how)
{
	static uint8_t buf[4096];
	uint8_t claims[4096], oemid[KEEL_OEMID_LEN], programs[256];
	const bool debug = strcmp(how, "debug") == 0;
	const char *profile = strcmp(how, "interrogate") == 0 ? KEEL_STATEMENT_PROFILE
							      : KEEL_STATEMENT_PROFILE_SESSION;
	struct keel_wr w = keel_wr_of(claims, sizeof(claims));
	struct keel_bytes payload = { 0 };
	struct keel_digest product;
	char until[11];
	keel_sha256(&maker.compiled, 1, &product);
	keel_oemid(&maker.key.pub, oemid);
	keel_date_write(maker.product.support.until, until);
	const struct keel_statement s = { .has = KEEL_STATEMENT_FOR_SESSION,
		.aud = keel_text(origin),
		.cnf = keel_cnf_of(&c.pub),
		.nonce = nonce,
		.ueid = KEEL_VIEW(ueid),
		.oemid = KEEL_VIEW(oemid),
		.model = maker.product.model.identifier,
		.uptime_s = 60,
		.debug = debug ? KEEL_DEBUG_ENABLED : KEEL_DEBUG_DISABLED,
		.profile = keel_text(profile),
		.boots = 1,
		.version = { .text = maker.product.model.version },
		.maker = maker.product.maker.name,
		.name = maker.product.model.name,
		.support_until = keel_text(until),
		.state = 2,
		.serial = keel_text(serial),
		.grade = keel_text(KEEL_GRADE_SELF),
		.measured = measured(programs, sizeof(programs), &product,
			strcmp(how, "changed") == 0 ? "changed\n" : "keeld\n"),
		.keys_in = keel_text("file"),
		.declaration = KEEL_VIEW(product.b),
		.home = KEEL_VIEW(home),
		.files = { .listed = true } };
	keel_schema_write(&keel_statement_schema, &s, &w);
	must(keel_wr_end(&w, &payload) == KEEL_OK, "statement");
	return sign_by_d(payload, buf, sizeof(buf));
}

/* open NONCE-RESULT ORIGIN [interrogate|debug|changed] */
static void do_open(char **words)
{
	struct keel_nonce_result n;
	const char *how = words[2] != NULL ? words[2] : "";
	must(keel_schema_read(&keel_nonce_result_schema, from_hex(words[0]), &n, NULL) == KEEL_OK,
		"no nonce");
	keel_p256_generate(&c);
	keel_random(device_nonce, sizeof(device_nonce));
	const struct keel_open_args args = { .has = 1u << KEEL_OPEN_OWNERS,
		.statement = statement(n.nonce, words[1], how),
		.endorsement = endorsement(),
		.owners = owners_list(),
		.nonce = KEEL_VIEW(device_nonce) };
	struct keel_wr w = keel_wr_of(out_buf, sizeof(out_buf));
	keel_schema_write(&keel_open_args_schema, &args, &w);
	print_line(&w);
}

/* voucher NONCE-RESULT ROOT: verifies what the service works with */
static void do_voucher(char **words)
{
	static uint8_t copy[1024];
	struct keel_nonce_result n;
	struct keel_p256_pub root;
	memcpy(root.xy, from_hex(words[1]).p, sizeof(root.xy));
	struct keel_bytes in = from_hex(words[0]);
	must(in.n <= sizeof(copy), "too long");
	memcpy(copy, in.p, in.n);
	in.p = copy;
	must(keel_schema_read(&keel_nonce_result_schema, in, &n, NULL) == KEEL_OK, "no nonce");
	must(keel_voucher_verify(n.voucher, &root, 0, &service) == KEEL_OK,
		"no voucher of this root");
	(void)printf("fine\n");
}

static void take_token(struct keel_bytes t)
{
	const struct keel_agreer own = keel_agreer_of(&c);
	memcpy(token_buf, t.p, t.n);
	token = (struct keel_bytes){ token_buf, t.n };
	must(keel_session_key(&own, &service.agree, token, &key) == KEEL_OK, "no session key");
}

/* opened RESULT: TAKEN ONLY-UPDATES TIME */
static void do_opened(char **words)
{
	struct keel_open_result r;
	struct keel_token claims;
	struct keel_p256_opened s;
	uint8_t kid[KEEL_THUMBPRINT_LEN], st[KEEL_THUMBPRINT_LEN];
	int64_t now = 0;
	must(keel_schema_read(&keel_open_result_schema, from_hex(words[0]), &r, NULL) == KEEL_OK,
		"no result");
	must(keel_time_verify(r.time, &service, ueid + 1, KEEL_VIEW(device_nonce), &now) == KEEL_OK,
		"no time of this service's");
	keel_service_thumbprint(&service, st);
	must(keel_token_kid(r.token, kid) == KEEL_OK && memcmp(kid, st, sizeof(st)) == 0,
		"another kid");
	must(keel_p256_open_pub(&service.sign, &s) == KEEL_OK, "no key");
	must(keel_token_verify(&s, r.token, keel_text(words[1]), now, &claims) == KEEL_OK,
		"no token of this service's");
	keel_p256_close(&s);
	take_token(r.token);
	(void)printf("%" PRIu64 " %d %" PRId64 "\n", r.taken, r.only_updates, now);
}

/* --- calls --- */

static struct keel_caller me(void)
{
	return (struct keel_caller){ .token = token,
		.key = &key,
		.device = { ueid + 1, KEEL_DEVICE_ID_LEN },
		.home = KEEL_VIEW(home) };
}

static void print_call(const char *path, const struct keel_schema *schema, const void *args)
{
	const struct keel_caller caller = me();
	struct keel_wr w = keel_wr_of(out_buf, sizeof(out_buf));
	must(keel_call_write(&caller, path, schema, args, &w) == KEEL_OK, "no call");
	print_line(&w);
}

/* report FIRST COUNT [KIND [PATH]] */
static void do_report(char **words)
{
	static uint8_t items[32768];
	uint8_t event[128];
	struct keel_wr e = keel_wr_of(event, sizeof(event)), w = keel_wr_of(items, sizeof(items));
	struct keel_report_args args = { .dropped = 0 };
	const struct keel_report_event what = { .word = keel_text("port-gone"),
		.detail = keel_text("tcp 8443") };
	struct keel_bytes payload = { 0 };
	keel_schema_write(&keel_report_event_schema, &what, &e);
	must(keel_wr_end(&e, &payload) == KEEL_OK, "event");
	uint64_t first = strtoull(words[0], NULL, 10);
	for (uint64_t i = 0; i < strtoull(words[1], NULL, 10); i++) {
		const struct keel_report_item item = { .number = first + i,
			.kind = words[2] != NULL ? strtoull(words[2], NULL, 10) : KEEL_REPORT_EVENT,
			.time = 1795852800,
			.payload = payload };
		keel_list_add(&keel_report_item_row, &item, &w, &args.items);
	}
	print_call(words[2] != NULL && words[3] != NULL ? words[3] : KEEL_PATH_REPORT,
		&keel_report_args_schema, &args);
}

/* telemetry NUMBER NAME UNIT VALUE AGO: a pack of one record; _ for a space */
static void do_telemetry(char **words)
{
	uint8_t pack[256], items[512];
	struct keel_wr p = keel_wr_of(pack, sizeof(pack)), w = keel_wr_of(items, sizeof(items));
	struct keel_report_args args = { .dropped = 0 };
	struct keel_report_item item = { .number = strtoull(words[0], NULL, 10),
		.kind = KEEL_REPORT_TELEMETRY,
		.time = time(NULL) - strtoll(words[4], NULL, 10) };
	for (char *at = words[1]; *at != '\0'; at++)
		*at = *at == '_' ? ' ' : *at;
	const struct keel_senml_record r = { .name = keel_text(words[1]),
		.unit = keel_text(words[2]),
		.value = strtoll(words[3], NULL, 10) * 1000 };
	keel_senml_begin(&p, 1);
	keel_senml_put(&p, &r);
	must(keel_wr_end(&p, &item.payload) == KEEL_OK, "pack");
	keel_list_add(&keel_report_item_row, &item, &w, &args.items);
	print_call(KEEL_PATH_REPORT, &keel_report_args_schema, &args);
}

static void do_read_report(char **words)
{
	struct keel_report_result r;
	must(keel_schema_read(&keel_report_result_schema, from_hex(words[0]), &r, NULL) == KEEL_OK,
		"no result");
	(void)printf("%" PRIu64 "\n", r.taken);
}

void peer_inbox(uint64_t taken, uint64_t wait_s,
	void (*call)(const char *, const struct keel_schema *, const void *));
void peer_read_inbox(struct keel_bytes in, const struct keel_caller *me);
void peer_answer(uint64_t number, const char *body,
	void (*call)(const char *, const struct keel_schema *, const void *));

static void do_inbox(char **words)
{
	peer_inbox(strtoull(words[0], NULL, 10), strtoull(words[1], NULL, 10), print_call);
}

static void do_read_inbox(char **words)
{
	const struct keel_caller caller = me();
	peer_read_inbox(from_hex(words[0]), &caller);
}

static void do_answer(char **words)
{
	peer_answer(strtoull(words[0], NULL, 10), words[1], print_call);
}

static void do_token(char **words)
{
	(void)words;
	print_hex(token);
	(void)printf("\n");
}

/* steal TOKEN: somebody else's, with the key that one's own C would give */
static void do_steal(char **words)
{
	take_token(from_hex(words[0]));
	(void)printf("fine\n");
}

/* forge: its token, every claim as it was, signed by the one key that it has: C */
static void do_forge(char **words)
{
	static uint8_t forged[KEEL_TOKEN_MAX];
	struct keel_wr w = keel_wr_of(forged, sizeof(forged));
	struct keel_p256_opened s;
	struct keel_token claims;
	uint8_t st[KEEL_THUMBPRINT_LEN];
	const struct keel_signer by = keel_signer_of(&c);
	must(keel_p256_open_pub(&service.sign, &s) == KEEL_OK, "no key");
	must(keel_token_verify(&s, token, keel_text(words[0]), 0, &claims) == KEEL_OK, "no token");
	keel_service_thumbprint(&service, st);
	must(keel_token_write(&by, st, &claims, &w) == KEEL_OK, "no forgery");
	keel_p256_close(&s);
	take_token((struct keel_bytes){ forged, w.n });
	(void)printf("fine\n");
}

/* --- the owner --- */

static void do_relay(char **words)
{
	struct keel_wr w = keel_wr_of(out_buf, sizeof(out_buf));
	memcpy(owner.home, home, sizeof(home));
	must(keel_relay_write(&owner, keel_text(words[0]), &w) == KEEL_OK, "no relay");
	print_line(&w);
}

static void do_read_relayed(char **words)
{
	struct keel_relayed r;
	must(keel_schema_read(&keel_relayed_schema, from_hex(words[0]), &r, NULL) == KEEL_OK,
		"no answer");
	(void)printf("%" PRIu64 " %.*s %" PRIu64 "\n", r.status, (int)r.body.n,
		(const char *)r.body.p, r.heard);
}

static void do_refusal(char **words)
{
	struct keel_refusal r;
	must(keel_schema_read(&keel_refusal_schema, from_hex(words[0]), &r, NULL) == KEEL_OK,
		"no refusal");
	(void)printf("%.*s: %.*s\n", (int)r.word.n, (const char *)r.word.p, (int)r.sentence.n,
		(const char *)r.sentence.p);
}

/* --- what it is told --- */

static void do_home(char **words)
{
	memset(home, words[0][0], sizeof(home));
	list_number = 1;
	(void)printf("fine\n");
}

static void do_number(char **words)
{
	list_number = strtoull(words[0], NULL, 10);
	(void)printf("fine\n");
}

static void do_new_owner(char **words)
{
	(void)words;
	keel_p256_generate(&owner.sign);
	keel_p256_generate(&owner.agree);
	keel_thumbprint(&owner.sign.pub, &owner.agree.pub, owner.thumbprint);
	(void)printf("fine\n");
}

/* clang-format off */
static const struct {
	const char *word;
	void (*run)(char **words);
} commands[] = {
	{ "voucher", do_voucher }, { "open", do_open }, { "opened", do_opened }, { "report", do_report },
	{ "read-report", do_read_report }, { "telemetry", do_telemetry }, { "inbox", do_inbox }, { "read-inbox", do_read_inbox },
	{ "answer", do_answer }, { "token", do_token }, { "steal", do_steal }, { "forge", do_forge }, { "relay", do_relay },
	{ "read-relayed", do_read_relayed }, { "refusal", do_refusal }, { "home", do_home },
	{ "number", do_number }, { "new-owner", do_new_owner },
};
/* clang-format on */

static void run_line(char *line)
{
	char *words[8] = { 0 };
	size_t n = 0;
	char *rest = line;
	line[strcspn(line, "\n")] = '\0';
	while (n < 7 && (words[n] = strsep(&rest, " ")) != NULL)
		n++;
	for (size_t i = 0; i < KEEL_COUNT(commands); i++)
		if (strcmp(words[0], commands[i].word) == 0) {
			commands[i].run(words + 1);
			(void)fflush(stdout);
			return;
		}
	must(false, "no such command");
}

int main(int argc, char **argv)
{
	static char line[8 * KEEL_CALL_MAX];
	struct keel_fault fault = { 0 };
	must(argc == 4, "MAKER.pem product.cbor SERIAL");
	must(keel_signing_open(argv[1], argv[2], &maker, &fault) == KEEL_OK, fault.what);
	serial = argv[3];
	keel_p256_generate(&sign);
	keel_p256_generate(&agree);
	keel_thumbprint(&sign.pub, &agree.pub, dt);
	keel_random(ueid + 1, KEEL_DEVICE_ID_LEN);
	memset(home, 'a', sizeof(home));
	keel_p256_generate(&owner.sign);
	keel_p256_generate(&owner.agree);
	keel_thumbprint(&owner.sign.pub, &owner.agree.pub, owner.thumbprint);
	memcpy(owner.id, ueid + 1, sizeof(owner.id));
	print_unit();
	(void)fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL)
		run_line(line);
	return 0;
}
