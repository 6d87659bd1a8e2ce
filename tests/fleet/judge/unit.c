#include "fleet/judge/unit.h"

#include <stdio.h>
#include <string.h>

#include "profile/declaration.h"
#include "profile/measures.h"

static const uint8_t device_nonce[KEEL_TIME_NONCE_LEN] = { 4 };
static const uint8_t home[KEEL_HOME_ID_LEN] = { 5 };
static const struct keel_key nonce_key = { { 6 } };
static const struct keel_bytes none = { 0 };

/* The example product, of a maker whose key we have: its place in the file has as many
 * digits. And its door is closed in the factory state, so that something is. */
static void compile(struct unit *u)
{
	static char yaml[65536];
	static struct keel_declaration d;
	struct keel_yaml_fault fault;
	FILE *f = fopen(HEATING, "rb");
	KEEL_MUST(f != NULL);
	size_t n = fread(yaml, 1, sizeof(yaml) - 1, f);
	(void)fclose(f);
	yaml[n] = '\0';
	char *maker = strstr(yaml, "\nmaker:");
	KEEL_MUST(maker != NULL);
	char *key = maker;
	while (strspn(key, "0123456789abcdef") != 2 * sizeof(u->maker.pub.xy))
		key++;
	for (size_t i = 0; i < sizeof(u->maker.pub.xy); i++) {
		char hex[3];
		(void)snprintf(hex, sizeof(hex), "%02x", u->maker.pub.xy[i]);
		memcpy(key + 2 * i, hex, 2);
	}
	char *door = strstr(yaml, "open: [factory, ");
	KEEL_MUST(door != NULL);
	memset(door + sizeof("open: [") - 1, ' ', sizeof("factory, ") - 1);
	KEEL_MUST(keel_declaration_read(
			  (struct keel_bytes){ (uint8_t *)yaml, n }, NULL, &d, &fault) == KEEL_OK);
	memcpy(u->compiled, d.bytes.p, d.bytes.n);
	u->compiled_n = d.bytes.n;
	keel_declaration_clear(&d);
}

void unit_list_files(struct unit *u)
{
	uint8_t files[256];
	struct keel_wr items = keel_wr_of(files, sizeof(files)),
		       w = keel_wr_of(u->files_buf, sizeof(u->files_buf));
	struct keel_measures list = { .product = KEEL_VIEW(u->product.digest.b) };
	const struct keel_measured_file of[] = {
		{ .path = keel_text("/usr/sbin/keeld"), .sha256 = KEEL_VIEW(u->keeld.b) },
		{ .path = keel_text("/usr/lib/hearth/app"), .sha256 = KEEL_VIEW(u->app.b) },
	};
	for (size_t i = 0; i < KEEL_COUNT(of); i++)
		keel_list_add(&keel_measured_file_row, &of[i], &items, &list.files);
	KEEL_MUST(keel_measures_write(&u->maker, &list, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &u->files) == KEEL_OK);
	KEEL_MUST(keel_judge_product_measures(&u->product, u->files) == KEEL_OK);
}

static void measure(struct unit *u, const char *name, const struct keel_digest *digest)
{
	struct keel_measured_item m = { .name = keel_text(name) };
	if (digest == NULL)
		return;
	m.digest = KEEL_VIEW(digest->b);
	KEEL_MUST(keel_list_put(&u->measured, &keel_measured_item_schema, &m));
}

void unit_measures(struct unit *u, const struct keel_digest *keeld, const struct keel_digest *app)
{
	u->measured = keel_list_maker_of(u->measured_buf, sizeof(u->measured_buf));
	measure(u, "keeld", keeld);
	measure(u, "app", app);
	measure(u, "product.cbor", &u->product.digest);
	u->statement.measured = keel_list_made(&u->measured);
}

struct keel_list unit_text(struct unit *u, const char *text)
{
	struct keel_list_maker m =
		keel_list_maker_of(u->texts_buf + u->texts_n, sizeof(u->texts_buf) - u->texts_n);
	KEEL_MUST(keel_list_put_text(&m, keel_text(text)));
	u->texts_n += m.w.n;
	return keel_list_made(&m);
}

static void speak(struct unit *u)
{
	const struct keel_model *model = &u->product.declared.model;
	u->ueid[0] = 1;
	keel_random(u->ueid + 1, KEEL_DEVICE_ID_LEN);
	memcpy(u->list_home, home, sizeof(home));
	memcpy(u->list_id, u->ueid + 1, sizeof(u->list_id));
	keel_session_nonce_make(&nonce_key, UNIT_NOW, u->nonce);
	u->statement = (struct keel_statement){ .has = KEEL_STATEMENT_FOR_SESSION,
		.aud = keel_text(UNIT_ORIGIN),
		.cnf = keel_cnf_of(&u->c.pub),
		.nonce = KEEL_VIEW(u->nonce),
		.ueid = KEEL_VIEW(u->ueid),
		.oemid = KEEL_VIEW(u->product.oemid),
		.model = model->identifier,
		.uptime_s = 60,
		.debug = KEEL_DEBUG_DISABLED,
		.profile = keel_text(KEEL_STATEMENT_PROFILE_SESSION),
		.boots = 1,
		.version = { .text = model->version },
		.maker = u->product.declared.maker.name,
		.name = model->name,
		.support_until = keel_text("2033-12-01"),
		.state = KEEL_STATE_OPERATION,
		.serial = keel_text("H1-000001"),
		.open = unit_text(u, "door"),
		.grade = keel_text(KEEL_GRADE_SELF),
		.keys_in = keel_text("tpm"),
		.declaration = KEEL_VIEW(u->product.digest.b),
		.home = KEEL_VIEW(home),
		.files = { .listed = true } };
	unit_measures(u, &u->keeld, &u->app);
	u->endorsed = (struct keel_endorsement){ .sign = KEEL_VIEW(u->sign.pub.xy),
		.agree = KEEL_VIEW(u->agree.pub.xy),
		.model = model->identifier,
		.serial = keel_text("H1-000001") };
}

void unit_make(struct unit *u)
{
	memset(u, 0, sizeof(*u));
	keel_p256_generate(&u->maker);
	keel_p256_generate(&u->sign);
	keel_p256_generate(&u->agree);
	keel_p256_generate(&u->c);
	keel_p256_generate(&u->attest);
	keel_thumbprint(&u->sign.pub, &u->agree.pub, u->dt);
	keel_random(&u->keeld, sizeof(u->keeld));
	keel_random(&u->app, sizeof(u->app));
	compile(u);
	KEEL_MUST(keel_judge_product_open((struct keel_bytes){ u->compiled, u->compiled_n },
			  &u->product) == KEEL_OK);
	unit_list_files(u);
	u->policy = keel_policy_default();
	u->here = (struct keel_judge_here){ keel_text(UNIT_ORIGIN), &nonce_key, &u->policy,
		UNIT_NOW };
	u->row = (struct keel_judge_unit){ .sign = u->sign.pub, .agree = u->agree.pub };
	u->endorser = &u->maker;
	u->signer = u->lister = &u->sign;
	u->list_purpose = KEEL_FOR_OWNERS;
	speak(u);
}

void unit_end(struct unit *u)
{
	keel_judge_product_close(&u->product);
}

struct unit_quote unit_quote_of(struct unit *u)
{
	struct unit_quote q = { .magic = 0xff544347,
		.type = 0x8018,
		.bank = KEEL_PCR_BANK,
		.pcrs = 1U << KEEL_PCR,
		.signer = &u->attest };
	u->endorsed.has |= 1U << KEEL_ENDORSEMENT_ATTEST;
	u->endorsed.attest = KEEL_VIEW(u->attest.pub.xy);
	memcpy(u->log_buf, u->measured_buf, sizeof(u->log_buf));
	u->statement.quote.log = u->statement.measured;
	u->statement.quote.log.cbor.p = u->log_buf;
	keel_quote_qualifier(KEEL_VIEW(u->nonce), &u->c.pub, &q.qualifier);
	keel_pcr_replay(&u->statement.quote.log, SIZE_MAX, &q.value);
	return q;
}

void unit_quote_put(struct unit *u, const struct unit_quote *q)
{
	static const uint8_t clock[17] = { 1 }, firmware[8] = { 2 };
	struct keel_digest digest;
	const struct keel_bytes value = KEEL_VIEW(q->value.b);
	struct keel_wr w = keel_wr_of(u->attest_buf, sizeof(u->attest_buf));
	keel_wr_u32be(&w, q->magic);
	keel_wr_u16be(&w, q->type);
	keel_wr_u16be(&w, 0);
	keel_wr_u16be(&w, sizeof(q->qualifier.b));
	keel_wr_bytes(&w, KEEL_VIEW(q->qualifier.b));
	keel_wr_bytes(&w, KEEL_VIEW(clock));
	keel_wr_bytes(&w, KEEL_VIEW(firmware));
	keel_wr_u32be(&w, 1);
	keel_wr_u16be(&w, q->bank);
	keel_wr_u8(&w, 3);
	for (unsigned i = 0; i < 3; i++)
		keel_wr_u8(&w, (uint8_t)(q->pcrs >> (8 * i)));
	keel_sha256(&value, 1, &digest);
	keel_wr_u16be(&w, sizeof(digest.b));
	keel_wr_bytes(&w, KEEL_VIEW(digest.b));
	KEEL_MUST(keel_wr_end(&w, &u->statement.quote.attest) == KEEL_OK);
	keel_sha256(&u->statement.quote.attest, 1, &digest);
	keel_p256_sign(q->signer, &digest, u->signature);
	u->statement.quote.signature = KEEL_VIEW(u->signature);
	u->statement.has |= 1U << KEEL_STATEMENT_QUOTE;
	u->statement.grade = keel_text(KEEL_GRADE_QUOTED);
}

static struct keel_bytes sign(const struct keel_p256_key *by, const uint8_t *dt,
	struct keel_bytes payload, struct keel_wr *w)
{
	struct keel_bytes out;
	struct keel_wr part = keel_wr_of(w->p + w->n, w->cap - w->n);
	const struct keel_signer signer = keel_signer_of(by);
	KEEL_MUST(keel_cose_sign1(&signer, (struct keel_bytes){ dt, KEEL_THUMBPRINT_LEN }, none,
			  payload, &part) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&part, &out) == KEEL_OK);
	w->n += out.n;
	return out;
}

static struct keel_bytes list_of_owners(struct unit *u, struct keel_wr *w)
{
	uint8_t items[64], buf[256];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_list_maker m = keel_list_maker_of(items, sizeof(items));
	const struct keel_owner_item one = { .owner = KEEL_VIEW(u->dt), .role = KEEL_ROLE_OWNER };
	struct keel_bytes payload;
	const struct keel_names names = { KEEL_VIEW(u->list_id), KEEL_VIEW(u->list_home), none };
	KEEL_MUST(keel_list_put(&m, &keel_owner_item_schema, &one));
	const struct keel_owners_list list = { .owners = keel_list_made(&m), .number = 3 };
	KEEL_MUST(keel_payload_write(u->list_purpose, &names, &keel_owners_list_schema, &list,
			  &inner) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&inner, &payload) == KEEL_OK);
	return sign(u->lister, u->dt, payload, w);
}

struct keel_bytes unit_write(struct unit *u)
{
	static uint8_t parts[8192], claims[4096];
	struct keel_wr w = keel_wr_of(parts, sizeof(parts)), c = keel_wr_of(claims, sizeof(claims)),
		       body = keel_wr_of(u->body_buf, sizeof(u->body_buf)), e;
	struct keel_bytes payload;
	struct keel_open_args args = { .has = u->no_list ? 0 : 1U << KEEL_OPEN_OWNERS,
		.nonce = KEEL_VIEW(device_nonce) };
	keel_schema_write(&keel_statement_schema, &u->statement, &c);
	KEEL_MUST(keel_wr_end(&c, &payload) == KEEL_OK);
	args.statement = sign(u->signer, u->dt, payload, &w);
	args.owners = list_of_owners(u, &w);
	e = keel_wr_of(w.p + w.n, w.cap - w.n);
	KEEL_MUST(keel_endorsement_write(u->endorser, u->ueid + 1, &u->endorsed, &e) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&e, &args.endorsement) == KEEL_OK);
	keel_schema_write(&keel_open_args_schema, &args, &body);
	KEEL_MUST(keel_wr_end(&body, &u->body) == KEEL_OK);
	return u->body;
}

enum keel_judge_no unit_open(struct unit *u, struct keel_judge_opened *out)
{
	struct keel_judge_asked asked;
	enum keel_judge_no no = keel_judge_ask(&u->here, unit_write(u), &asked);
	return no == KEEL_JUDGE_YES ? keel_judge_open(&u->here, &asked, &u->product, &u->row, out)
				    : no;
}
