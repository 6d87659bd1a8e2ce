#include "profile/syntax.h"

#include <stdio.h>
#include <string.h>

/* A part of libyaml's sentence, and what most often mends it. The first that fits counts. */
/* clang-format off */
static const struct {
	const char *problem, *next;
} advices[] = {
	{ "mapping values are not allowed", "put a text that has ': ' in it into quotes, and begin the fields of a group at the same column" },
	{ "expected ':'",                   "write it as field: value, with a space after the colon" },
	{ "expected key",                   "begin the line at the same column as the other fields of its group" },
	{ "expected '-'",                   "begin the line at the same column as the other - of its list" },
	{ "expected ',' or '}'",            "end it with }, and put a text that has , or : in it into quotes" },
	{ "expected ',' or ']'",            "end it with ], and put a text that has , in it into quotes" },
	{ "end of stream",                  "close the quote or the bracket that was left open" },
	{ "cannot start any token",         "put a text that begins with this character into quotes" },
	{ "unknown escape",                 "take single quotes, in which a backslash is a backslash" },
	{ "UTF-8",                          "save the file as UTF-8" },
	{ "control characters",             "remove the control character" },
	{ "document start",                 "begin the line at the same column as the file's first field" },
	{ "alphabetic or numeric",          "put a text that begins with * or & into quotes" },
};
/* clang-format on */

static const char *advice_for(const char *problem)
{
	for (size_t i = 0; i < KEEL_COUNT(advices); i++)
		if (strstr(problem, advices[i].problem) != NULL)
			return advices[i].next;
	return "compare the line with those around it: its indentation, quotes and brackets";
}

/* The column at which a tab indents the line; 0: none does. */
static unsigned indenting_tab(struct keel_bytes file, unsigned line)
{
	const uint8_t *c = file.p;
	const uint8_t *end = c + file.n;
	for (; line > 1 && c < end; c++)
		line -= *c == '\n';
	for (unsigned column = 1; c < end && (*c == ' ' || *c == '\t'); c++, column++)
		if (*c == '\t')
			return column;
	return 0;
}

/* libyaml's reader tells a byte's number only; columns count characters, like its own marks. */
static struct keel_yaml_mark mark_of_byte(struct keel_bytes file, size_t offset)
{
	struct keel_yaml_mark m = { 1, 1 };
	for (size_t i = 0; i < offset && i < file.n; i++) {
		bool newline = file.p[i] == '\n';
		m.column = newline ? 1 : m.column + ((file.p[i] & 0xc0) != 0x80);
		m.line += newline;
	}
	return m;
}

static struct keel_yaml_mark mark_of(const yaml_parser_t *p, struct keel_bytes file)
{
	const yaml_mark_t *m = p->problem_mark.line > 0 || p->problem_mark.column > 0
				       ? &p->problem_mark
				       : &p->mark;
	return p->error == YAML_READER_ERROR
		       ? mark_of_byte(file, p->problem_offset)
		       : (struct keel_yaml_mark){ (unsigned)m->line + 1, (unsigned)m->column + 1 };
}

void keel_syntax_fault(
	const yaml_parser_t *p, struct keel_bytes file, struct keel_yaml_fault *fault)
{
	const char *problem = p->problem == NULL ? "out of memory" : p->problem;
	fault->at = mark_of(p, file);
	unsigned tab = indenting_tab(file, fault->at.line);
	if (tab > 0) {
		fault->at.column = tab;
		(void)snprintf(fault->what, sizeof(fault->what),
			"line %u begins with a tab; YAML wants spaces", fault->at.line);
	} else {
		(void)snprintf(fault->what, sizeof(fault->what), "this is not YAML: %s", problem);
	}
	(void)snprintf(fault->next, sizeof(fault->next), "%s",
		tab > 0 ? "put spaces in the tab's place, as many as its group has"
			: advice_for(problem));
}
