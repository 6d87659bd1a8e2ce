#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/fault.h"
#include "cli/files.h"
#include "cli/option.h"
#include "cli/show.h"
#include "cli/units.h"
#include "crypto/crypto.h"
#include "profile/provisions.h"

enum { ALL_MET = 0, SOME_UNMET = 1, NOT_UNDERSTOOD = 2, UNITS_BYTES_MAX = 64 << 20 };

static const char help_text[] =
	"usage: keel check PRODUCT.YAML [--json]\n"
	"       keel check --units UNITS.CSV [PRODUCT.YAML]\n\n"
	"Names each provision of EN 303 645 that the declaration leaves unmet: where, and what to "
	"write.\n"
	"A recommendation that you do not meet needs its reason under exceptions (5.0-1).\n"
	"Only the declaration is judged: what holds by building on keeld, and what is seen on the "
	"device\n"
	"alone, is counted apart, and named one by one by --json.\n\n"
	"  --json       every provision, for scripts\n"
	"  --units CSV  refuse a batch (keel provision --batch) whose claim codes are equal, "
	"short,\n"
	"               mistyped, in a series, or follow from another column: serial, id, MAC "
	"(5.1-2)\n\n"
	"  keel check product.yaml\n"
	"  keel check --units units.csv product.yaml\n\n"
	"Exit: 0 none unmet, 1 some unmet (with --units: a code that can be guessed), 2 it cannot "
	"be\n"
	"read as a declaration, or an argument is not understood.\n";

static void tell(const char *path, const struct keel_provision *row, struct keel_judgement j)
{
	bool colour = isatty(STDOUT_FILENO) == 1;
	(void)printf("%s:%u:%u: %s%s is not met%s: %s.\n  Next: %s%s.\n", path, j.at.line,
		j.at.column, colour ? "\033[1;31m" : "", row->number, colour ? "\033[0m" : "",
		row->asks, j.next, row->mandatory ? "" : ", or give the reason under exceptions");
}

/* Texts are UTF-8 without control characters, but a file's name may be anything. */
static void quote(struct keel_bytes text)
{
	keel_show_json_text(stdout, text);
}

static void tell_json(const struct keel_provision *row, struct keel_judgement j, bool first)
{
	(void)printf("%s\n  {\"provision\": \"%s\", \"mandatory\": %s, \"verdict\": \"%s\", "
		     "\"line\": %u, \"column\": %u, \"asks\": ",
		first ? "" : ",", row->number, row->mandatory ? "true" : "false",
		keel_verdict_word(j.verdict), j.at.line, j.at.column);
	quote(keel_text(row->asks));
	(void)fputs(", \"next\": ", stdout);
	quote(keel_text(j.next));
	if (j.verdict == KEEL_VERDICT_EXCUSED) {
		(void)fputs(", \"reason\": ", stdout);
		quote(j.reason);
	}
	(void)putchar('}');
}

static int judge_all(const char *path, const struct keel_declaration *d, bool json)
{
	size_t counts[KEEL_VERDICT_COUNT] = { 0 };
	if (json) {
		(void)fputs("{\"file\": ", stdout);
		quote(keel_text(path));
		(void)fputs(", \"provisions\": [", stdout);
	}
	for (size_t i = 0; i < keel_provision_count; i++) {
		struct keel_judgement j = keel_provision_judge(&keel_provisions[i], d);
		counts[j.verdict]++;
		if (json)
			tell_json(&keel_provisions[i], j, i == 0);
		else if (j.verdict == KEEL_VERDICT_UNMET)
			tell(path, &keel_provisions[i], j);
	}
	if (json)
		(void)fputs("]}\n", stdout);
	for (size_t v = 0; v < KEEL_VERDICT_COUNT && !json; v++)
		(void)printf("%s%zu %s", v == 0 ? "" : ", ", counts[v],
			keel_verdict_word((enum keel_verdict)v));
	if (!json)
		(void)putchar('\n');
	return counts[KEEL_VERDICT_UNMET] == 0 ? ALL_MET : SOME_UNMET;
}

static int tell_fault(const char *path, const struct keel_yaml_fault *f, bool json)
{
	(void)fprintf(stderr, "%s:%u:%u: %s\n  It cannot be read as a declaration.\n  Next: %s.\n",
		path, f->at.line, f->at.column, f->what, f->next);
	if (!json)
		return NOT_UNDERSTOOD;
	(void)fputs("{\"file\": ", stdout);
	quote(keel_text(path));
	(void)printf(", \"line\": %u, \"column\": %u, \"error\": ", f->at.line, f->at.column);
	quote(keel_text(f->what));
	(void)fputs(", \"next\": ", stdout);
	quote(keel_text(f->next));
	(void)fputs("}\n", stdout);
	return NOT_UNDERSTOOD;
}

static int check(const char *path, bool json)
{
	static uint8_t file[KEEL_YAML_BYTES_MAX + 1];
	static struct keel_declaration d;
	struct keel_fault fault = { 0 };
	struct keel_yaml_fault where = { 0 };
	struct keel_bytes content;
	if (keel_file_read(path, file, sizeof(file), &content, &fault) != KEEL_OK) {
		keel_fault_tell(&fault, fault.err, json);
		return NOT_UNDERSTOOD;
	}
	if (keel_declaration_read(content, NULL, &d, &where) != KEEL_OK)
		return tell_fault(path, &where, json);
	int status = judge_all(path, &d, json);
	keel_declaration_clear(&d);
	return status;
}

static int check_units(const char *path)
{
	uint8_t *file = malloc(UNITS_BYTES_MAX);
	struct keel_fault fault = { 0 };
	struct keel_units_fault where = { 0 };
	struct keel_bytes content = { 0 };
	size_t n;
	int status = NOT_UNDERSTOOD;
	KEEL_MUST(file != NULL);
	if (keel_file_read(path, file, UNITS_BYTES_MAX, &content, &fault) != KEEL_OK) {
		keel_fault_tell(&fault, fault.err, false);
		free(file);
		return status;
	}
	enum keel_err e = keel_units_check(content, &n, &where);
	keel_wipe(file, content.n);
	free(file);
	if (e == KEEL_OK) {
		(void)printf(
			"%s: %zu units, and no code follows from another or from what is public\n",
			path, n);
		return ALL_MET;
	}
	(void)fprintf(stderr, "%s:%u: %s\n  %s\n  Next: %s.\n", path, where.line, where.what,
		e == KEEL_ERANGE ? "Who has one unit must not learn another's code (5.1-2)."
				 : "It cannot be read as a batch of units.",
		where.next);
	return e == KEEL_ERANGE ? SOME_UNMET : NOT_UNDERSTOOD;
}

struct options {
	const char *units; /* a batch, or NULL */
	bool json, help;
};

static enum keel_err read_options(
	int argc, char **argv, struct options *out, struct keel_fault *fault)
{
	static const char form[] = "keel check --help shows the form";
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "units", required_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	optind = 1;
	opterr = 0;
	for (int o; (o = getopt_long(argc, argv, ":h", options, NULL)) != -1;) {
		switch (o) {
		case 'j':
			out->json = true;
			break;
		case 'u':
			out->units = optarg;
			break;
		case 'h':
			out->help = true;
			break;
		default:
			return keel_option_wrong(fault, o, argv, form);
		}
	}
	if (argc - optind > 1)
		return keel_option_no_place(fault, argv[optind + 1], form);
	if (argc == optind && out->units == NULL && !out->help)
		return keel_fault_fill(fault, KEEL_EFORM, "no declaration is named", form);
	return KEEL_OK;
}

int keel_cli_check(int argc, char **argv)
{
	struct options o = { 0 };
	struct keel_fault fault = { 0 };
	enum keel_err e = read_options(argc, argv, &o, &fault);
	if (o.help) {
		(void)fputs(help_text, stdout);
		return ALL_MET;
	}
	if (e != KEEL_OK) {
		keel_fault_tell(&fault, e, o.json);
		return NOT_UNDERSTOOD;
	}
	int of_units = o.units == NULL ? ALL_MET : check_units(o.units);
	int of_file = argc == optind ? ALL_MET : check(argv[optind], o.json);
	return of_units > of_file ? of_units : of_file;
}
