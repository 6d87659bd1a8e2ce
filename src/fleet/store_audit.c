/*
 * The audit log: who did what. Each row's hash is SHA-256 over the hash before it (32 zero bytes
 * before the first) and the row as the CBOR array [number, time, who, action, detail], so that a row
 * that was changed, put in or taken out shows, unless all behind it were written anew as well:
 * whoever keeps the last hash elsewhere sees that, too.
 */
#include <string.h>

#include "core/cbor.h"
#include "fleet/db.h"

#define ROW_MAX 1024

static enum keel_err hash_of(const struct keel_digest *before,
	const struct keel_fleet_audit_row *row, struct keel_digest *out)
{
	uint8_t buf[ROW_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes parts[2] = { KEEL_VIEW(before->b) };
	keel_cbor_array(&w, 5);
	keel_cbor_uint(&w, row->number);
	keel_cbor_int(&w, row->time_s);
	keel_cbor_text(&w, row->who);
	keel_cbor_text(&w, row->action);
	keel_cbor_text(&w, row->detail);
	enum keel_err e = keel_wr_end(&w, &parts[1]);
	if (e == KEEL_OK)
		keel_sha256(parts, 2, out);
	return e;
}

static enum keel_err last_of(struct keel_fleet_store *s, uint64_t *number, struct keel_digest *hash)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_AUDIT_LAST);
	*number = 0;
	*hash = (struct keel_digest){ 0 };
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e == KEEL_ENONE ? KEEL_OK : e;
	*number = (uint64_t)sqlite3_column_int64(q, 0);
	e = fleet_column_copy(q, 1, hash->b, sizeof(hash->b));
	(void)sqlite3_reset(q);
	return e;
}

enum keel_err fleet_audit_add(struct keel_fleet_store *s, int64_t now_s, const char *who,
	const char *action, const char *detail)
{
	struct keel_fleet_audit_row row = {
		.time_s = now_s, .who = who, .action = action, .detail = detail
	};
	struct keel_digest before;
	enum keel_err e = last_of(s, &row.number, &before);
	row.number++;
	if (e == KEEL_OK)
		e = hash_of(&before, &row, &row.hash);
	if (e != KEEL_OK)
		return e;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_AUDIT_ADD);
	fleet_bind_int(q, 1, (int64_t)row.number);
	fleet_bind_int(q, 2, now_s);
	fleet_bind_text(q, 3, keel_text(who));
	fleet_bind_text(q, 4, keel_text(action));
	fleet_bind_text(q, 5, keel_text(detail));
	fleet_bind_bytes(q, 6, KEEL_VIEW(row.hash.b));
	return fleet_run(q);
}

/* Whole, not cut: the hash is over what stands there. */
static const char *text_of(sqlite3_stmt *q, int at)
{
	const unsigned char *p = sqlite3_column_text(q, at);
	return p != NULL ? (const char *)p : "";
}

static bool follows(
	const struct keel_digest *before, uint64_t number, const struct keel_fleet_audit_row *row)
{
	struct keel_digest hash;
	return row->number == number && hash_of(before, row, &hash) == KEEL_OK &&
	       memcmp(hash.b, row->hash.b, sizeof(hash.b)) == 0;
}

enum keel_err keel_fleet_audit(struct keel_fleet_store *s, uint64_t *bad,
	void (*each)(void *self, const struct keel_fleet_audit_row *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_AUDIT_ALL);
	struct keel_digest before = { 0 };
	uint64_t number = 0;
	enum keel_err e;
	while ((e = fleet_step(q)) == KEEL_OK) {
		struct keel_fleet_audit_row row = { .number = (uint64_t)sqlite3_column_int64(q, 0),
			.time_s = sqlite3_column_int64(q, 1),
			.who = text_of(q, 2),
			.action = text_of(q, 3),
			.detail = text_of(q, 4) };
		number++;
		if (fleet_column_copy(q, 5, row.hash.b, sizeof(row.hash.b)) != KEEL_OK ||
			!follows(&before, number, &row)) {
			*bad = number;
			e = KEEL_EAUTH;
			break;
		}
		before = row.hash;
		if (each != NULL)
			each(self, &row);
	}
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}
