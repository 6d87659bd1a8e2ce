#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/fault.h"
#include "core/err.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "new", keel_cli_new, "write a product to begin with" },
	{ "check", keel_cli_check, "name each provision that product.yaml leaves unmet" },
	{ "compile", keel_cli_compile, "turn product.yaml into what a device loads" },
	{ "measure", keel_cli_measure, "sign the list of the files that make a device" },
	{ "provision", keel_cli_provision,
		"make a unit: identity, endorsement, claim code, label" },
	{ "interrogate", keel_cli_interrogate, "ask a device who it is" },
	{ "owner", keel_cli_owner, "all that the owner's app does" },
};

static void help(FILE *out)
{
	(void)fputs("usage: keel COMMAND [ARG…]\n\n"
		    "The command line of Keel: declare a product, make a unit, own it, question "
		    "it.\n\n",
		out);
	for (size_t i = 0; i < KEEL_COUNT(commands); i++)
		(void)fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].help);
	(void)fputs("\nkeel COMMAND --help tells more; so does man keel.\n", out);
}

int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		help(argc < 2 ? stderr : stdout);
		return argc < 2 ? 2 : 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("keel " KEEL_VERSION);
		return 0;
	}
	for (size_t i = 0; i < KEEL_COUNT(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	struct keel_fault fault = { 0 };
	enum keel_err e = keel_fault_format(&fault, KEEL_EFORM, "keel --help lists the commands",
		"there is no %s %.60s", argv[1][0] == '-' ? "option" : "command", argv[1]);
	keel_fault_tell(&fault, e, false);
	return 2;
}
