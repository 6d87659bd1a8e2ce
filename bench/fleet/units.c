#include "fleet/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "session/inbox.h"
#include "session/report.h"
#include "session/senml.h"
#include "session/token.h"

#define HOUR_S 3600
#define YEAR_S (360 * 24 * HOUR_S) /* telemetry is kept for 365 days */

/* --- what the service is given --- */

static FILE *create(const char *dir, const char *name)
{
	char path[600];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	KEEL_MUST(f != NULL);
	return f;
}

static void write_file(const char *dir, const char *name, struct keel_bytes content)
{
	FILE *f = create(dir, name);
	KEEL_MUST(fwrite(content.p, 1, content.n, f) == content.n && fclose(f) == 0);
}

static void write_hex(FILE *f, struct keel_bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		(void)fprintf(f, "%02x", b.p[i]);
}

/* Lets this unit speak through the one that knows what units say. */
static void speak_as(struct units *u, struct one_unit *one)
{
	struct unit *s = &u->says;
	s->sign = one->sign;
	s->agree = one->agree;
	s->c = one->c;
	keel_thumbprint(&one->sign.pub, &one->agree.pub, s->dt);
	memcpy(s->ueid + 1, one->id, sizeof(one->id));
	memcpy(s->list_id, one->id, sizeof(one->id));
	s->statement.serial = s->endorsed.serial = keel_text(one->serial);
	s->statement.cnf = keel_cnf_of(&s->c.pub);
}

static void make_one(struct units *u, struct one_unit *one, size_t n, FILE *list)
{
	uint8_t buf[KEEL_ENDORSEMENT_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_p256_generate(&one->sign);
	keel_p256_generate(&one->agree);
	keel_p256_generate(&one->c);
	keel_random(one->id, sizeof(one->id));
	(void)snprintf(one->serial, sizeof(one->serial), "B1-%06zu", n);
	speak_as(u, one);
	KEEL_MUST(
		keel_endorsement_write(&u->says.maker, one->id, &u->says.endorsed, &w) == KEEL_OK);
	(void)fprintf(list, "%s,", one->serial);
	write_hex(list, KEEL_VIEW(one->id));
	(void)fprintf(list, ",");
	write_hex(list, (struct keel_bytes){ buf, w.n });
	(void)fprintf(list, "\n");
}

void units_make(struct units *u, const char *dir, size_t count)
{
	unit_make(&u->says);
	write_file(
		dir, "product.cbor", (struct keel_bytes){ u->says.compiled, u->says.compiled_n });
	write_file(dir, "measures.cbor", u->says.files);
	FILE *list = create(dir, "units.csv");
	(void)fprintf(list, "serial,id,endorsement\n");
	u->began_s = (int64_t)time(NULL);
	u->count = count;
	u->all = calloc(count, sizeof(*u->all));
	KEEL_MUST(u->all != NULL);
	for (size_t i = 0; i < count; i++)
		make_one(u, &u->all[i], i, list);
	KEEL_MUST(fclose(list) == 0);
}

void units_free(struct units *u)
{
	free(u->all);
	unit_end(&u->says);
}

/* --- what units send --- */

struct keel_bytes units_opening(
	struct units *u, struct one_unit *one, struct keel_bytes nonce_result)
{
	struct keel_nonce_result n;
	KEEL_MUST(keel_schema_read(&keel_nonce_result_schema, nonce_result, &n, NULL) == KEEL_OK);
	if (u->service.until == 0)
		KEEL_MUST(keel_voucher_verify(n.voucher, &u->root, 0, &u->service) == KEEL_OK);
	speak_as(u, one);
	u->says.statement.nonce = n.nonce;
	return unit_write(&u->says);
}

void units_opened(struct units *u, struct one_unit *one, struct keel_bytes result)
{
	struct keel_open_result r;
	const struct keel_agreer own = keel_agreer_of(&one->c);
	KEEL_MUST(keel_schema_read(&keel_open_result_schema, result, &r, NULL) == KEEL_OK);
	KEEL_MUST(!r.only_updates && r.token.n <= sizeof(one->token));
	memcpy(one->token, r.token.p, r.token.n);
	one->token_n = r.token.n;
	KEEL_MUST(keel_session_key(&own, &u->service.agree, r.token, &one->key) == KEEL_OK);
}

static struct keel_bytes call(struct units *u, const struct one_unit *one, const char *path,
	const struct keel_schema *schema, const void *args)
{
	static uint8_t buf[2048];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	const struct keel_caller me = { { one->token, one->token_n }, &one->key, KEEL_VIEW(one->id),
		u->says.statement.home };
	KEEL_MUST(one->token_n > 0 && keel_call_write(&me, path, schema, args, &w) == KEEL_OK);
	return (struct keel_bytes){ buf, w.n };
}

/* The next hour's telemetry of the last year: the pace that the example's declaration allows. */
struct keel_bytes units_report(struct units *u, struct one_unit *one)
{
	uint8_t pack[256], items[512];
	struct keel_wr p = keel_wr_of(pack, sizeof(pack)), w = keel_wr_of(items, sizeof(items));
	struct keel_report_args args = { 0 };
	struct keel_report_item item = { .number = ++one->number, .kind = KEEL_REPORT_TELEMETRY };
	const struct keel_senml_record of[] = {
		{ .name = keel_text("burner starts"),
			.unit = keel_text("count"),
			.value = 1234000 },
		{ .name = keel_text("sensor faults"), .unit = keel_text("count"), .value = 2000 },
	};
	item.time = u->began_s - YEAR_S + (int64_t)one->number * HOUR_S;
	KEEL_MUST(item.time <= u->began_s);
	keel_senml_begin(&p, KEEL_COUNT(of));
	for (size_t i = 0; i < KEEL_COUNT(of); i++)
		keel_senml_put(&p, &of[i]);
	KEEL_MUST(keel_wr_end(&p, &item.payload) == KEEL_OK);
	keel_list_add(&keel_report_item_row, &item, &w, &args.items);
	return call(u, one, KEEL_PATH_REPORT, &keel_report_args_schema, &args);
}

struct keel_bytes units_poll(struct units *u, struct one_unit *one, uint64_t wait_s)
{
	const struct keel_inbox_args args = { .wait_s = wait_s };
	return call(u, one, KEEL_PATH_INBOX, &keel_inbox_args_schema, &args);
}
