#include "profile/tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "profile/syntax.h"

/* The containers that are open while the events come, and where their next child is hung. */
struct level {
	struct keel_yaml_node *node;
	struct keel_yaml_node **tail;
	struct keel_bytes key; /* a map's key that waits for its value */
	struct keel_yaml_mark key_at;
	bool has_key;
};

struct keel_yaml {
	struct keel_yaml_node *nodes; /* KEEL_YAML_NODES_MAX of them: the arena */
	size_t node_count;
	uint8_t *texts; /* every decoded scalar, one after another */
	size_t text_n, text_cap;
	struct level levels[KEEL_YAML_DEPTH_MAX];
	size_t depth;
	struct keel_yaml_node *root;
	struct keel_yaml_fault *fault;
};

__attribute__((format(printf, 4, 5))) static enum keel_err refuse(
	struct keel_yaml *y, struct keel_yaml_mark at, const char *next, const char *what, ...)
{
	va_list args;
	va_start(args, what);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(y->fault->what, sizeof(y->fault->what), what, args);
	va_end(args);
	(void)snprintf(y->fault->next, sizeof(y->fault->next), "%s", next);
	y->fault->at = at;
	return KEEL_EFORM;
}

static struct keel_yaml_mark mark_of(const yaml_mark_t *m)
{
	return (struct keel_yaml_mark){ (unsigned)m->line + 1, (unsigned)m->column + 1 };
}

static struct keel_bytes copy_text(struct keel_yaml *y, const yaml_event_t *e)
{
	size_t n = e->data.scalar.length;
	/* Decoding never makes a text longer than three times its source. */
	KEEL_MUST(n <= y->text_cap - y->text_n);
	uint8_t *at = y->texts + y->text_n;
	memcpy(at, e->data.scalar.value, n);
	y->text_n += n;
	return (struct keel_bytes){ at, n };
}

static struct keel_yaml_node *new_node(
	struct keel_yaml *y, enum keel_yaml_kind kind, const yaml_event_t *e)
{
	if (y->node_count == KEEL_YAML_NODES_MAX)
		return NULL;
	struct keel_yaml_node *n = &y->nodes[y->node_count++];
	n->kind = kind;
	n->at = mark_of(&e->start_mark);
	return n;
}

/* The container that is open innermost, or NULL. */
static struct level *innermost(struct keel_yaml *y)
{
	struct level *l = y->depth == 0 ? NULL : &y->levels[y->depth - 1];
	KEEL_MUST(l == NULL || l->node != NULL);
	return l;
}

/* Hangs a node where it belongs: the root, a list's end, or under the key that waits. */
static enum keel_err hang(struct keel_yaml *y, struct keel_yaml_node *n)
{
	struct level *l = innermost(y);
	if (l == NULL) {
		y->root = n;
		return KEEL_OK;
	}
	if (l->node->kind == KEEL_YAML_MAP) {
		if (!l->has_key)
			return refuse(y, n->at, "write one word before the colon",
				"a group or a list cannot be the name of a field");
		n->key = l->key;
		n->key_at = l->key_at;
		l->has_key = false;
	}
	*l->tail = n;
	l->tail = &n->next;
	return KEEL_OK;
}

static bool known_key(const struct level *l, struct keel_bytes key)
{
	for (const struct keel_yaml_node *c = l->node->first; c != NULL; c = c->next)
		if (keel_bytes_equal(c->key, key))
			return true;
	return false;
}

static enum keel_err on_scalar(struct keel_yaml *y, const yaml_event_t *e)
{
	struct keel_yaml_mark at = mark_of(&e->start_mark);
	if (e->data.scalar.anchor != NULL || e->data.scalar.tag != NULL)
		return refuse(y, at,
			"write the value itself; a text that begins with & or ! stands in quotes",
			"anchors and tags are not taken");
	struct level *l = innermost(y);
	if (l != NULL && l->node->kind == KEEL_YAML_MAP && !l->has_key) {
		l->key = copy_text(y, e);
		l->key_at = at;
		l->has_key = true;
		if (known_key(l, l->key))
			return refuse(y, at, "keep one of them", "%.*s stands here twice",
				(int)(l->key.n < 60 ? l->key.n : 60), (const char *)l->key.p);
		return KEEL_OK;
	}
	struct keel_yaml_node *n = new_node(y, KEEL_YAML_SCALAR, e);
	if (n == NULL)
		return refuse(y, at, "shorten its lists: a declaration is a few hundred lines",
			"too many values");
	n->text = copy_text(y, e);
	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return hang(y, n);
}

static enum keel_err on_open(struct keel_yaml *y, const yaml_event_t *e, enum keel_yaml_kind kind)
{
	struct keel_yaml_mark at = mark_of(&e->start_mark);
	bool marked = kind == KEEL_YAML_MAP ? e->data.mapping_start.anchor != NULL ||
						      e->data.mapping_start.tag != NULL
					    : e->data.sequence_start.anchor != NULL ||
						      e->data.sequence_start.tag != NULL;
	if (marked)
		return refuse(y, at,
			"write the value itself; a text that begins with & or ! stands in quotes",
			"anchors and tags are not taken");
	if (y->depth == KEEL_YAML_DEPTH_MAX)
		return refuse(y, at,
			"remove brackets or indentation: no field of a declaration lies so deep",
			"nested too deep");
	struct keel_yaml_node *n = new_node(y, kind, e);
	if (n == NULL)
		return refuse(y, at, "shorten its lists: a declaration is a few hundred lines",
			"too many values");
	enum keel_err err = hang(y, n);
	y->levels[y->depth++] = (struct level){ .node = n, .tail = &n->first };
	return err;
}

static enum keel_err on_event(struct keel_yaml *y, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(y, e);
	case YAML_MAPPING_START_EVENT:
		return on_open(y, e, KEEL_YAML_MAP);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(y, e, KEEL_YAML_LIST);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		y->depth--;
		return KEEL_OK;
	case YAML_ALIAS_EVENT:
		return refuse(y, mark_of(&e->start_mark),
			"write the value itself; a text that begins with * stands in quotes",
			"aliases are not taken");
	case YAML_DOCUMENT_START_EVENT:
		return y->root == NULL ? KEEL_OK
				       : refuse(y, mark_of(&e->start_mark),
						 "put the second into a file of its own",
						 "a second document begins here");
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return KEEL_OK;
	}
	return KEEL_OK;
}

static enum keel_err parse(struct keel_yaml *y, yaml_parser_t *p, struct keel_bytes file)
{
	for (bool more = true; more;) {
		yaml_event_t e;
		if (yaml_parser_parse(p, &e) == 0) {
			keel_syntax_fault(p, file, y->fault);
			return KEEL_EFORM;
		}
		enum keel_err err = on_event(y, &e);
		more = e.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
		if (err != KEEL_OK)
			return err;
	}
	if (y->root == NULL)
		return refuse(y, (struct keel_yaml_mark){ 1, 1 }, "begin with: keel: 1",
			"the file is empty");
	return KEEL_OK;
}

static struct keel_yaml *new_tree(size_t bytes, struct keel_yaml_fault *fault)
{
	struct keel_yaml *y = calloc(1, sizeof(*y));
	KEEL_MUST(y != NULL);
	y->fault = fault;
	y->text_cap = 3 * bytes + 16;
	y->nodes = calloc(KEEL_YAML_NODES_MAX, sizeof(*y->nodes));
	y->texts = malloc(y->text_cap);
	KEEL_MUST(y->nodes != NULL && y->texts != NULL);
	return y;
}

enum keel_err keel_yaml_read(
	struct keel_bytes file, struct keel_yaml **out, struct keel_yaml_fault *fault)
{
	yaml_parser_t p;
	struct keel_yaml *y = new_tree(file.n, fault);
	enum keel_err e;
	if (file.n > KEEL_YAML_BYTES_MAX) {
		e = refuse(y, (struct keel_yaml_mark){ 1, 1 },
			"remove what does not belong to it: a declaration is a few hundred lines",
			"the file is longer than %d bytes", KEEL_YAML_BYTES_MAX);
	} else {
		KEEL_MUST(yaml_parser_initialize(&p) == 1);
		yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
		yaml_parser_set_input_string(
			&p, file.p == NULL ? (const uint8_t *)"" : file.p, file.n);
		e = parse(y, &p, file);
		yaml_parser_delete(&p);
	}
	if (e == KEEL_OK)
		*out = y;
	else
		keel_yaml_free(y);
	return e;
}

void keel_yaml_free(struct keel_yaml *y)
{
	if (y == NULL)
		return;
	free(y->nodes);
	free(y->texts);
	free(y);
}

const struct keel_yaml_node *keel_yaml_root(const struct keel_yaml *y)
{
	return y->root;
}

const struct keel_yaml_node *keel_yaml_get(const struct keel_yaml_node *map, const char *key)
{
	if (map == NULL || map->kind != KEEL_YAML_MAP)
		return NULL;
	for (const struct keel_yaml_node *c = map->first; c != NULL; c = c->next)
		if (keel_bytes_is(c->key, key))
			return c;
	return NULL;
}
