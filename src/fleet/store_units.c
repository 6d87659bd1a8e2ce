/* Units and products. */
#include <stdio.h>
#include <string.h>

#include "core/hex.h"
#include "fleet/db.h"
#include "fleet/lists.h"

#define DAY_S 86400

/* --- products --- */

/* The latest that fit, turned round: the oldest first. */
static enum keel_err published(struct fleet_db *d, struct keel_bytes model,
	struct keel_published out[KEEL_FLEET_PUBLISHED_MAX], size_t *count)
{
	struct keel_published back[KEEL_FLEET_PUBLISHED_MAX];
	sqlite3_stmt *q = fleet_stmt(d, FLEET_PUBLISHED_ALL);
	enum keel_err e;
	size_t n = 0;
	fleet_bind_text(q, 1, model);
	fleet_bind_int(q, 2, KEEL_FLEET_PUBLISHED_MAX);
	while ((e = fleet_step(q)) == KEEL_OK && n < KEEL_FLEET_PUBLISHED_MAX)
		back[n++] = (struct keel_published){ .on = sqlite3_column_int64(q, 0),
			.until = sqlite3_column_int64(q, 1) };
	(void)sqlite3_reset(q);
	if (e != KEEL_OK && e != KEEL_ENONE)
		return e;
	for (size_t i = 0; i < n; i++)
		out[i] = back[n - 1 - i];
	*count = n;
	return KEEL_OK;
}

enum keel_err keel_fleet_published(struct keel_fleet_store *s, struct keel_bytes model,
	struct keel_published out[KEEL_FLEET_PUBLISHED_MAX], size_t *count)
{
	return published(&s->read, model, out, count);
}

/* EN 303 645 5.3-13: what was promised to buyers stays promised. */
static enum keel_err publish(struct keel_fleet_store *s, const struct keel_fleet_product_add *j)
{
	struct keel_published history[KEEL_FLEET_PUBLISHED_MAX];
	size_t n = 0;
	enum keel_err e = published(&s->write, j->model, history, &n);
	if (e != KEEL_OK)
		return e;
	switch (keel_support_judge(history, n, j->until)) {
	case KEEL_SUPPORT_REFUSE:
		return KEEL_ERANGE;
	case KEEL_SUPPORT_SAME:
		return KEEL_OK;
	case KEEL_SUPPORT_PUBLISH:
		break;
	}
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_PUBLISHED_ADD);
	fleet_bind_text(q, 1, j->model);
	fleet_bind_int(q, 2, j->now_s / DAY_S);
	fleet_bind_int(q, 3, j->until);
	return fleet_run(q);
}

static enum keel_err add_product(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_fleet_product_add *j = (struct keel_fleet_product_add *)w;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_PRODUCT_ADD);
	struct keel_digest digest;
	char detail[KEEL_FLEET_DETAIL_MAX + 1];
	keel_sha256(&j->compiled, 1, &digest);
	fleet_bind_bytes(q, 1, KEEL_VIEW(digest.b));
	fleet_bind_bytes(q, 2, j->compiled);
	fleet_bind_text(q, 3, j->model);
	fleet_bind_text(q, 4, j->version);
	fleet_bind_int(q, 5, j->now_s);
	enum keel_err e = fleet_run(q);
	if (e != KEEL_OK || sqlite3_changes(s->write.db) == 0)
		return e;
	e = publish(s, j);
	if (e != KEEL_OK)
		return e;
	(void)snprintf(detail, sizeof(detail), "%.*s %.*s", (int)j->model.n,
		(const char *)j->model.p, (int)j->version.n, (const char *)j->version.p);
	return fleet_audit_add(s, j->now_s, j->who, "product.add", detail);
}

void keel_fleet_product_add(struct keel_fleet_store *s, struct keel_fleet_product_add *j)
{
	fleet_submit(s, &j->write, add_product);
}

enum keel_err keel_fleet_product_get(struct keel_fleet_store *s, const struct keel_digest *product,
	void *buf, size_t cap, struct keel_bytes *out)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_PRODUCT_GET);
	fleet_bind_bytes(q, 1, KEEL_VIEW(product->b));
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	struct keel_bytes found = fleet_column(q, 0);
	if (found.n <= cap) {
		memcpy(buf, found.p, found.n);
		*out = (struct keel_bytes){ buf, found.n };
	}
	(void)sqlite3_reset(q);
	return found.n <= cap ? KEEL_OK : KEEL_EFULL;
}

static enum keel_err add_measures(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_fleet_measures_add *j = (struct keel_fleet_measures_add *)w;
	char detail[2 * KEEL_SHA256_LEN + 1];
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_PRODUCT_GET);
	fleet_bind_bytes(q, 1, KEEL_VIEW(j->product.b));
	enum keel_err e = fleet_step(q);
	(void)sqlite3_reset(q);
	if (e != KEEL_OK)
		return e;
	q = fleet_stmt(&s->write, FLEET_MEASURES_ADD);
	fleet_bind_bytes(q, 1, KEEL_VIEW(j->product.b));
	fleet_bind_bytes(q, 2, j->list);
	fleet_bind_int(q, 3, j->now_s);
	e = fleet_run(q);
	if (e != KEEL_OK || sqlite3_changes(s->write.db) == 0)
		return e;
	keel_hex_write(KEEL_VIEW(j->product.b), detail);
	return fleet_audit_add(s, j->now_s, j->who, "measures.add", detail);
}

void keel_fleet_measures_add(struct keel_fleet_store *s, struct keel_fleet_measures_add *j)
{
	fleet_submit(s, &j->write, add_measures);
}

enum keel_err keel_fleet_products(struct keel_fleet_store *s,
	void (*each)(void *self, const struct keel_fleet_product_row *row), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_PRODUCT_ALL);
	enum keel_err e;
	while ((e = fleet_step(q)) == KEEL_OK) {
		struct keel_fleet_product_row row = { .compiled = fleet_column(q, 1),
			.added_s = sqlite3_column_int64(q, 2) };
		e = fleet_column_copy(q, 0, row.digest.b, sizeof(row.digest.b));
		if (e != KEEL_OK)
			break;
		each(self, &row);
	}
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

enum keel_err keel_fleet_measures(struct keel_fleet_store *s, const struct keel_digest *product,
	void (*each)(void *self, struct keel_bytes list), void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_MEASURES_ALL);
	enum keel_err e;
	fleet_bind_bytes(q, 1, KEEL_VIEW(product->b));
	while ((e = fleet_step(q)) == KEEL_OK)
		each(self, fleet_column(q, 0));
	return e == KEEL_ENONE ? KEEL_OK : e;
}

/* --- units --- */

static void bind_unit(sqlite3_stmt *q, const struct keel_fleet_unit *u)
{
	fleet_bind_bytes(q, 1, KEEL_VIEW(u->id));
	fleet_bind_text(q, 2, keel_text(u->serial));
	fleet_bind_text(q, 3, keel_text(u->model));
	fleet_bind_bytes(q, 4, KEEL_VIEW(u->sign.xy));
	fleet_bind_bytes(q, 5, KEEL_VIEW(u->agree.xy));
}

/* Adds it; one that is there has to be the same. */
static enum keel_err enrol_one(
	struct keel_fleet_store *s, struct keel_fleet_enrol *j, const struct keel_fleet_unit *u)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_UNIT_ADD);
	bind_unit(q, u);
	fleet_bind_int(q, 6, j->now_s);
	enum keel_err e = fleet_run(q);
	if (e != KEEL_OK)
		return e;
	if (sqlite3_changes(s->write.db) == 1) {
		j->added++;
		return fleet_audit_add(s, j->now_s, j->who, "unit.enrol", u->serial);
	}
	q = fleet_stmt(&s->write, FLEET_UNIT_SAME);
	bind_unit(q, u);
	e = fleet_step(q);
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_ESTATE : e;
}

static enum keel_err enrol(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_fleet_enrol *j = (struct keel_fleet_enrol *)w;
	enum keel_err e = KEEL_OK;
	j->added = 0;
	for (size_t i = 0; e == KEEL_OK && i < j->count; i++) {
		j->wrong = i;
		e = enrol_one(s, j, &j->units[i]);
	}
	return e;
}

void keel_fleet_enrol(struct keel_fleet_store *s, struct keel_fleet_enrol *j)
{
	fleet_submit(s, &j->write, enrol);
}

static enum keel_err revoke(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	struct keel_fleet_revoke *j = (struct keel_fleet_revoke *)w;
	char detail[2 * KEEL_DEVICE_ID_LEN + 1];
	int64_t row = 0;
	enum keel_err e = fleet_unit_row(s, j->id, &row);
	if (e != KEEL_OK && e != KEEL_ERIGHT)
		return e;
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_UNIT_REVOKE);
	fleet_bind_int(q, 1, row);
	fleet_bind_int(q, 2, j->why != NULL ? j->now_s : 0);
	fleet_bind_text(q, 3, keel_text(j->why != NULL ? j->why : ""));
	e = fleet_run(q);
	if (e != KEEL_OK)
		return e;
	if (sqlite3_changes(s->write.db) == 0)
		return KEEL_ESTATE;
	keel_hex_write(KEEL_VIEW(j->id), detail);
	return fleet_audit_add(
		s, j->now_s, j->who, j->why != NULL ? "unit.revoke" : "unit.reinstate", detail);
}

void keel_fleet_revoke(struct keel_fleet_store *s, struct keel_fleet_revoke *j)
{
	fleet_submit(s, &j->write, revoke);
}

enum keel_err fleet_unit_row(
	struct keel_fleet_store *s, const uint8_t id[KEEL_DEVICE_ID_LEN], int64_t *row)
{
	sqlite3_stmt *q = fleet_stmt(&s->write, FLEET_UNIT_ROW);
	fleet_bind_bytes(q, 1, (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	*row = sqlite3_column_int64(q, 0);
	bool revoked = sqlite3_column_int64(q, 1) != 0;
	(void)sqlite3_reset(q);
	return revoked ? KEEL_ERIGHT : KEEL_OK;
}

enum keel_err fleet_unit_read(sqlite3_stmt *q, struct keel_fleet_unit *out)
{
	struct keel_fleet_unit u = { .added_s = sqlite3_column_int64(q, 5),
		.revoked_s = sqlite3_column_int64(q, 6) };
	enum keel_err e = fleet_column_copy(q, 0, u.id, sizeof(u.id));
	if (e == KEEL_OK)
		e = fleet_column_copy(q, 3, u.sign.xy, sizeof(u.sign.xy));
	if (e == KEEL_OK)
		e = fleet_column_copy(q, 4, u.agree.xy, sizeof(u.agree.xy));
	fleet_column_text(q, 1, u.serial, sizeof(u.serial));
	fleet_column_text(q, 2, u.model, sizeof(u.model));
	fleet_column_text(q, 7, u.revoked_why, sizeof(u.revoked_why));
	if (e == KEEL_OK)
		*out = u;
	return e;
}

static enum keel_err find_unit(sqlite3_stmt *q, struct keel_fleet_unit *out)
{
	enum keel_err e = fleet_step(q);
	if (e != KEEL_OK)
		return e;
	e = fleet_unit_read(q, out);
	(void)sqlite3_reset(q);
	return e;
}

enum keel_err keel_fleet_unit_find(struct keel_fleet_store *s, const uint8_t id[KEEL_DEVICE_ID_LEN],
	struct keel_fleet_unit *out)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_UNIT_FIND);
	fleet_bind_bytes(q, 1, (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
	return find_unit(q, out);
}

enum keel_err keel_fleet_unit_by_serial(
	struct keel_fleet_store *s, const char *serial, struct keel_fleet_unit *out)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_UNIT_SERIAL);
	fleet_bind_text(q, 1, keel_text(serial));
	return find_unit(q, out);
}

const char *keel_fleet_state_word(const struct keel_fleet_listed *row, int64_t now_s)
{
	if (row->unit->revoked_s != 0)
		return "revoked";
	if (row->home == NULL)
		return "never heard";
	if (row->home->decision != KEEL_FLEET_ACCEPTED)
		return keel_fleet_decision_word(row->home->decision);
	if (row->odd > 0)
		return "odd";
	return now_s > row->home->next_s ? "away" : "here";
}

static bool list_one(sqlite3_stmt *q, bool (*each)(void *self, const struct keel_fleet_listed *row),
	void *self, enum keel_err *e)
{
	struct keel_fleet_unit unit;
	struct keel_fleet_home home;
	struct keel_fleet_listed row = { .unit = &unit,
		.odd = (uint64_t)sqlite3_column_int64(q, FLEET_UNIT_COLUMNS + FLEET_HOME_COLUMNS) };
	*e = fleet_unit_read(q, &unit);
	if (*e == KEEL_OK && sqlite3_column_type(q, FLEET_UNIT_COLUMNS) != SQLITE_NULL) {
		*e = fleet_home_read(q, FLEET_UNIT_COLUMNS, &home);
		row.home = &home;
	}
	return *e == KEEL_OK && each(self, &row);
}

enum keel_err keel_fleet_units_after(struct keel_fleet_store *s, const char *search,
	const char *after, bool (*each)(void *self, const struct keel_fleet_listed *row),
	void *self)
{
	sqlite3_stmt *q = fleet_stmt(&s->read, FLEET_UNIT_ALL);
	enum keel_err e;
	fleet_bind_text(q, 1, keel_text(search));
	fleet_bind_text(q, 2, keel_text(after));
	while ((e = fleet_step(q)) == KEEL_OK)
		if (!list_one(q, each, self, &e))
			break;
	(void)sqlite3_reset(q);
	return e == KEEL_ENONE ? KEEL_OK : e;
}

struct all {
	void (*each)(void *self, const struct keel_fleet_listed *row);
	void *self;
};

static bool give(void *self, const struct keel_fleet_listed *row)
{
	const struct all *a = self;
	a->each(a->self, row);
	return true;
}

enum keel_err keel_fleet_units(struct keel_fleet_store *s, const char *search,
	void (*each)(void *self, const struct keel_fleet_listed *row), void *self)
{
	struct all a = { each, self };
	return keel_fleet_units_after(s, search != NULL ? search : "", "", give, &a);
}
