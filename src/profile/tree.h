/*
 * A YAML file as a small tree that keeps where each value stands. libyaml's events, and less than
 * YAML allows: one document, no anchors, aliases or tags, no key twice, bounded in size, depth and
 * nodes. For the maker's machine; a device never reads YAML.
 */
#ifndef KEEL_PROFILE_TREE_H
#define KEEL_PROFILE_TREE_H

#include "core/bytes.h"

#define KEEL_YAML_BYTES_MAX 262144
#define KEEL_YAML_DEPTH_MAX 8
#define KEEL_YAML_NODES_MAX 8192

enum keel_yaml_kind { KEEL_YAML_SCALAR, KEEL_YAML_MAP, KEEL_YAML_LIST };

/** Lines and columns count from 1; a column counts characters. */
struct keel_yaml_mark {
	unsigned line, column;
};

struct keel_yaml_node {
	enum keel_yaml_kind kind;
	struct keel_yaml_mark at;
	struct keel_bytes text; /* scalars, decoded */
	bool quoted;            /* scalars: "5" is a text, 5 is a number */
	struct keel_bytes key;  /* in a map: the key that leads to this node */
	struct keel_yaml_mark key_at;
	struct keel_yaml_node *first, *next; /* children; siblings */
};

/** What is wrong, and where. */
struct keel_yaml_fault {
	struct keel_yaml_mark at;
	char what[240];
	char next[320];
};

struct keel_yaml;

/** Reads a file's bytes. KEEL_EFORM: fault tells. The tree owns its texts. Free with keel_yaml_free. */
KEEL_CHECKED enum keel_err keel_yaml_read(
	struct keel_bytes file, struct keel_yaml **out, struct keel_yaml_fault *fault);
void keel_yaml_free(struct keel_yaml *y);
const struct keel_yaml_node *keel_yaml_root(const struct keel_yaml *y);
/** A map's value by its key, or NULL. */
const struct keel_yaml_node *keel_yaml_get(const struct keel_yaml_node *map, const char *key);

#endif
