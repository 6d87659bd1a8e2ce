/* What keeld is told on its command line; it reads no other configuration. */
#ifndef KEEL_DEVICE_OPTIONS_H
#define KEEL_DEVICE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define KEEL_ADDRESSES_MAX 4
#define KEEL_HOSTS_MAX     8

struct keel_options {
	const char *home;     /* product.cbor, vault/, door.crt, door.key, measures.cbor */
	const char *tpm;      /* a device, or a Unix socket; NULL: none */
	const char *hardware; /* the folder that declared hardware is opened in */
	const char *app;      /* the maker's program; NULL: none */
	const char *origin;   /* of the owners' app */
	const char *addresses[KEEL_ADDRESSES_MAX];
	size_t address_count; /* 0: all */
	const char *hosts[KEEL_HOSTS_MAX];
	size_t host_count;
};

enum keel_options_end {
	OPTIONS_RUN,
	OPTIONS_SAID, /* --help or --version was asked for and printed */
	OPTIONS_WRONG /* what is wrong was printed */
};

enum keel_options_end keel_options_read(int argc, char **argv, struct keel_options *out);

#endif
