#include "device/options.h"

#include <getopt.h>
#include <stdio.h>

#include "core/err.h"

#define HOME_DEFAULT "/var/lib/keel"

static const char help[] =
	"usage: keeld [--home DIR] [--app PROGRAM] [--tpm PATH] [--hardware DIR]\n"
	"             [--address ADDR]... [--origin URL] [--host NAME]...\n"
	"\n"
	"Runs the device: starts the rooms vault, door, monitor, app and, where a service is "
	"declared,\n"
	"uplink, each in a process that can do one thing, and starts anew what ends. It does what "
	"the\n"
	"compiled declaration says.\n"
	"\n"
	"  --home DIR       product.cbor (keel compile), vault/ (keel provision), door.crt, "
	"door.key,\n"
	"                   measures.cbor (keel measure), maker-ca.crt. Default: " HOME_DEFAULT "\n"
	"  --app PROGRAM    the product's own program, over libkeel\n"
	"  --tpm PATH       /dev/tpmrm0, or the Unix socket of swtpm; without it keys are in a "
	"file\n"
	"  --hardware DIR   where the hardware of the declaration is found\n"
	"  --address ADDR   listen at this address only (IPv4 or IPv6); default: at all\n"
	"  --origin URL     the one origin of the owners' app\n"
	"  --host NAME      a name by which owners reach this device; repeat for more\n"
	"  --help           this\n"
	"\n"
	"SIGTERM ends all in order. SIGUSR1 is the device's button pressed (opens a time for a "
	"claim),\n"
	"SIGUSR2 the button held (factory reset). As root each room gets a user of its own; "
	"without\n"
	"root it runs with fewer walls, says which, and tells owners.\n"
	"\n"
	"  keeld --home /var/lib/keel --app /usr/lib/hearth/thermostat --tpm /dev/tpmrm0\n";

static const struct option names[] = {
	{ "home", required_argument, NULL, 'd' },
	{ "app", required_argument, NULL, 'p' },
	{ "tpm", required_argument, NULL, 't' },
	{ "hardware", required_argument, NULL, 'w' },
	{ "address", required_argument, NULL, 'a' },
	{ "origin", required_argument, NULL, 'o' },
	{ "host", required_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static enum keel_options_end wrong(const char *what, const char *value)
{
	(void)fprintf(
		stderr, "keeld: %s: %s\n  Next: keeld --help shows the options.\n", what, value);
	return OPTIONS_WRONG;
}

/* Rooms get their options as lines. */
static bool is_line(const char *value)
{
	for (; *value != '\0'; value++)
		if ((unsigned char)*value < ' ')
			return false;
	return true;
}

static bool add(const char **list, size_t *n, size_t max, const char *value)
{
	if (*n == max)
		return false;
	list[(*n)++] = value;
	return true;
}

static bool take(struct keel_options *o, int name, const char *value)
{
	const char **one[] = { ['d'] = &o->home,
		['p'] = &o->app,
		['t'] = &o->tpm,
		['w'] = &o->hardware,
		['o'] = &o->origin };
	if (name == 'a')
		return add(o->addresses, &o->address_count, KEEL_ADDRESSES_MAX, value);
	if (name == 'n')
		return add(o->hosts, &o->host_count, KEEL_HOSTS_MAX, value);
	*one[name] = value;
	return true;
}

enum keel_options_end keel_options_read(int argc, char **argv, struct keel_options *out)
{
	struct keel_options o = { .home = HOME_DEFAULT };
	int name;
	opterr = 0;
	optind = 1;
	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (name == 'h') {
			(void)fputs(help, stdout);
			return OPTIONS_SAID;
		}
		if (name == '?')
			return wrong("not an option, or without its value", argv[optind - 1]);
		if (!is_line(optarg))
			return wrong("a value with control characters", names[0].name);
		if (!take(&o, name, optarg))
			return wrong("given too often", argv[optind - 2]);
	}
	if (optind < argc)
		return wrong("not expected", argv[optind]);
	*out = o;
	return OPTIONS_RUN;
}
