#include "cli/owner_show.h"

#include <inttypes.h>
#include <time.h>

#include "cli/amount.h"
#include "cli/show.h"
#include "core/cbor.h"

static void put_text(FILE *out, struct keel_bytes text)
{
	(void)fwrite(text.p, 1, text.n, out);
}

static void show_values(
	FILE *out, const struct keel_state_result *state, const struct keel_product *product)
{
	struct keel_list rest = state->values;
	struct keel_value_item v;
	struct keel_table t;
	keel_table_open(&t, (const char *const[]){ "value", "now", "age", NULL });
	while (keel_list_next(&keel_value_item_row, &rest, &v)) {
		put_text(keel_table_cell(&t), v.name);
		keel_amount_show(keel_table_cell(&t), v.value, keel_unit_of_value(product, v.name));
		(void)fprintf(keel_table_cell(&t), "%" PRIu64 " s", v.age_s);
	}
	keel_table_print(&t, out, "the product's program reported no value yet");
}

static void show_accepted(
	FILE *out, const struct keel_state_result *state, const struct keel_product *product)
{
	struct keel_list rest = state->accepted;
	struct keel_accepted_item a;
	struct keel_field_item f;
	struct keel_table t;
	keel_table_open(&t, (const char *const[]){ "last asked for", "with", NULL });
	while (keel_list_next(&keel_accepted_item_row, &rest, &a)) {
		struct keel_list fields = a.fields;
		put_text(keel_table_cell(&t), a.message);
		FILE *cell = keel_table_cell(&t);
		for (bool first = true; keel_list_next(&keel_field_item_row, &fields, &f);
			first = false) {
			(void)fprintf(cell, "%s%.*s ", first ? "" : ", ", (int)f.name.n,
				(const char *)f.name.p);
			keel_amount_show(
				cell, f.value, keel_unit_of_field(product, a.message, f.name));
		}
	}
	keel_table_print(&t, out, "nothing was asked for yet");
}

void keel_state_show(
	FILE *out, const struct keel_state_result *state, const struct keel_product *product)
{
	show_values(out, state, product);
	(void)fputc('\n', out);
	show_accepted(out, state, product);
	(void)fputs("\ntime: ", out);
	keel_show_word(out, "time", (uint64_t)state->time);
	(void)fputs("\nrole: ", out);
	keel_show_word(out, "role", state->role);
	(void)fprintf(out, "\nevents: %" PRIu64 "\n", state->events);
	if (!state->app_alive)
		(void)fputs("The product's program does not run.\n", out);
}

void keel_state_show_line(
	FILE *out, const struct keel_state_result *state, const struct keel_product *product)
{
	struct keel_list rest = state->values;
	struct keel_value_item v;
	struct tm tm;
	char clock[16] = "";
	time_t now = time(NULL);
	if (localtime_r(&now, &tm) != NULL)
		(void)strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	(void)fputs(clock, out);
	while (keel_list_next(&keel_value_item_row, &rest, &v)) {
		(void)fprintf(out, "  %.*s ", (int)v.name.n, (const char *)v.name.p);
		keel_amount_show(out, v.value, keel_unit_of_value(product, v.name));
	}
	(void)fputs(state->app_alive ? "\n" : "  (the product's program does not run)\n", out);
}

void keel_history_show(FILE *out, struct keel_bytes datum, const struct keel_history_result *r,
	const struct keel_product *product)
{
	struct keel_list rest = r->points;
	struct keel_point_item p = { 0 };
	struct keel_table t;
	keel_table_open(&t, (const char *const[]){ "time", "value", NULL });
	while (keel_list_next(&keel_point_item_row, &rest, &p)) {
		keel_show_word(keel_table_cell(&t), "time", (uint64_t)p.time);
		keel_amount_show(keel_table_cell(&t), p.value, keel_unit_of_datum(product, datum));
	}
	keel_table_print(&t, out, "nothing is kept of that time");
	if (r->more)
		(void)fprintf(out, "There is more: ask from %" PRId64 " on.\n", p.time);
}

void keel_people_show(FILE *out, const struct keel_people_result *r,
	const struct keel_owners_list *owners, struct keel_bytes me)
{
	struct keel_list rest = r->people;
	struct keel_person_item p;
	struct keel_table t;
	keel_table_open(
		&t, (const char *const[]){ "name", "role", "since", "until", "thumbprint", NULL });
	while (keel_list_next(&keel_person_item_row, &rest, &p)) {
		put_text(keel_table_cell(&t), p.name.n > 0 ? p.name : keel_text("no name"));
		(void)fputs(keel_bytes_equal(p.owner, me) ? " (you)" : "", t.cells);
		keel_show_word(keel_table_cell(&t), "role", p.role);
		keel_show_word(keel_table_cell(&t), "since", (uint64_t)p.since);
		keel_show_word(keel_table_cell(&t), "until", (uint64_t)p.until);
		keel_show_hex(keel_table_cell(&t), p.owner);
	}
	keel_table_print(&t, out, "nobody");
	(void)fprintf(
		out, "The hub signed this list; its number is %" PRIu64 ".\n", owners->number);
}

void keel_export_open(struct keel_table *t)
{
	keel_table_open(t, (const char *const[]){ "datum", "time", "value", NULL });
}

/* A history is numbers; what the product's program keeps has a form that only it knows. */
static void show_kept_value(
	FILE *cell, const struct keel_export_item *x, const struct keel_product *product)
{
	struct keel_bytes unit = keel_unit_of_datum(product, x->datum);
	struct keel_rd r = keel_rd_of(x->value);
	int64_t v = keel_cbor_read_int(&r);
	if (unit.n > 0 && keel_rd_end(&r) == KEEL_OK) {
		keel_amount_show(cell, v, unit);
		return;
	}
	(void)fprintf(cell, "%zu bytes: ", x->value.n);
	keel_show_hex(cell, x->value);
}

void keel_export_page(struct keel_table *t, const struct keel_export_result *page,
	const struct keel_product *product)
{
	struct keel_list rest = page->data;
	struct keel_export_item x;
	while (keel_list_next(&keel_export_item_row, &rest, &x)) {
		put_text(keel_table_cell(t), x.datum);
		keel_show_word(keel_table_cell(t), "time", (uint64_t)x.time);
		show_kept_value(keel_table_cell(t), &x, product);
	}
}
