#include "cli/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"

enum { GAP = 2 };

void keel_table_open(struct keel_table *t, const char *const *headings)
{
	*t = (struct keel_table){ 0 };
	t->cells = open_memstream(&t->text, &t->size);
	KEEL_MUST(t->cells != NULL);
	for (; headings[t->columns] != NULL; t->columns++) {
		FILE *cell = keel_table_cell(t);
		for (const char *c = headings[t->columns]; *c != '\0'; c++)
			(void)fputc(toupper((unsigned char)*c), cell);
	}
	KEEL_MUST(t->columns <= KEEL_TABLE_COLUMNS_MAX);
}

FILE *keel_table_cell(struct keel_table *t)
{
	if (t->count++ > 0)
		(void)fputc('\0', t->cells);
	return t->cells;
}

/* Characters, not bytes: continuation bytes take no place. */
static size_t width_of(const char *cell)
{
	size_t n = 0;
	for (; *cell != '\0'; cell++)
		n += ((unsigned char)*cell & 0xc0) != 0x80;
	return n;
}

static void measure(const struct keel_table *t, size_t widths[KEEL_TABLE_COLUMNS_MAX])
{
	const char *end = t->text + t->size;
	size_t column = 0;
	for (const char *c = t->text; c <= end; c += strlen(c) + 1, column++) {
		size_t *width = &widths[column % t->columns];
		size_t n = width_of(c);
		*width = n > *width ? n : *width;
	}
}

static void print_rows(const struct keel_table *t, FILE *out)
{
	size_t widths[KEEL_TABLE_COLUMNS_MAX] = { 0 };
	size_t column = 0;
	size_t blank = 0;
	measure(t, widths);
	for (const char *c = t->text; c <= t->text + t->size; c += strlen(c) + 1) {
		/* Blanks come before what needs them, so that no line ends with some. */
		if (*c != '\0')
			(void)fprintf(out, "%*s%s", (int)blank, "", c);
		blank = (*c == '\0' ? blank : 0) + widths[column] - width_of(c) + GAP;
		column = (column + 1) % t->columns;
		if (column == 0) {
			(void)fputc('\n', out);
			blank = 0;
		}
	}
}

void keel_table_print(struct keel_table *t, FILE *out, const char *none)
{
	KEEL_MUST(fclose(t->cells) == 0);
	if (t->count > t->columns)
		print_rows(t, out);
	else if (none != NULL)
		(void)fprintf(out, "%s\n", none);
	free(t->text);
}
