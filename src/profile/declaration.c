#include "profile/declaration.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cbor.h"
#include "profile/allowed.h"
#include "profile/cross.h"
#include "profile/scalar.h"

/* What a conversion needs on its way down the tree; its depth is bounded by the tree's. */
struct convert {
	struct keel_wr *w;
	struct keel_yaml_fault *fault;
};

static bool value_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n);

__attribute__((format(printf, 4, 5))) static bool refuse(
	struct convert *c, struct keel_yaml_mark at, const char *next, const char *what, ...)
{
	va_list args;
	va_start(args, what);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(c->fault->what, sizeof(c->fault->what), what, args);
	va_end(args);
	(void)snprintf(c->fault->next, sizeof(c->fault->next), "%s", next);
	c->fault->at = at;
	return false;
}

/* "port cannot be http": what, and what to write in its place. */
__attribute__((format(printf, 4, 5))) static bool refuse_value(struct convert *c,
	const struct keel_row *row, const struct keel_yaml_node *n, const char *what, ...)
{
	char told[sizeof(c->fault->what)];
	char allowed[KEEL_ALLOWED_MAX];
	char next[KEEL_ALLOWED_MAX + 8];
	va_list args;
	va_start(args, what);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start is right above */
	(void)vsnprintf(told, sizeof(told), what, args);
	va_end(args);
	keel_allowed_say(row, allowed);
	(void)snprintf(next, sizeof(next), "write %s", allowed);
	return refuse(c, n->at, next, "%s %s", row->name, told);
}

/* As much of a text as one line shows: whole characters, none that steers a terminal. */
static int shown(struct keel_bytes text)
{
	size_t n = 0;
	while (n < text.n && n < 60 && text.p[n] >= 0x20 && text.p[n] != 0x7f)
		n++;
	while (n > 0 && n < text.n && (text.p[n] & 0xc0) == 0x80)
		n--;
	return (int)n;
}

static bool wrong_kind(
	struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	if (n->kind == KEEL_YAML_MAP)
		return refuse_value(c, row, n, "cannot be a group of fields");
	if (n->kind == KEEL_YAML_LIST)
		return refuse_value(c, row, n, "cannot be a list");
	if (n->quoted && row->kind != KEEL_CHOICE)
		return refuse_value(c, row, n, "cannot be a text in quotes");
	if (n->text.n == 0)
		return refuse_value(c, row, n, "has no value");
	return refuse_value(c, row, n, "cannot be %.*s", shown(n->text), (const char *)n->text.p);
}

static bool in_range(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n,
	bool too_small, bool too_large)
{
	return (!too_small && !too_large) ||
	       refuse_value(c, row, n, "%.*s is too %s", shown(n->text), (const char *)n->text.p,
		       row->kind == KEEL_DATE       ? (too_small ? "early" : "late")
		       : row->kind == KEEL_DURATION ? (too_small ? "short" : "long")
						    : (too_small ? "small" : "large"));
}

static bool uint_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	uint64_t v = 0;
	bool ok = !n->quoted && (row->kind == KEEL_DURATION ? keel_scalar_duration(n->text, &v)
							    : keel_scalar_uint(n->text, &v));
	if (!ok)
		return wrong_kind(c, row, n);
	keel_cbor_uint(c->w, v);
	return in_range(c, row, n, v < (uint64_t)row->min, row->max != 0 && v > (uint64_t)row->max);
}

static bool int_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	int64_t v = 0;
	bool ok = !n->quoted && (row->kind == KEEL_DATE ? keel_scalar_date(n->text, &v)
							: keel_scalar_number(n->text, &v));
	if (!ok)
		return wrong_kind(c, row, n);
	keel_cbor_int(c->w, v);
	bool bounded = row->min != 0 || row->max != 0;
	return in_range(c, row, n, bounded && v < row->min, bounded && v > row->max);
}

static bool choice_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	for (uint64_t i = 0; row->choices[i] != NULL; i++) {
		if (!keel_bytes_is(n->text, row->choices[i]))
			continue;
		keel_cbor_uint(c->w, i);
		return true;
	}
	return wrong_kind(c, row, n);
}

static bool bool_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	bool yes = keel_bytes_is(n->text, "yes") || keel_bytes_is(n->text, "true");
	if (n->quoted ||
		(!yes && !keel_bytes_is(n->text, "no") && !keel_bytes_is(n->text, "false")))
		return wrong_kind(c, row, n);
	keel_cbor_bool(c->w, yes);
	return true;
}

static bool text_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	struct keel_bytes t = n->text;
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] < 0x20 || t.p[i] == 0x7f)
			return refuse_value(c, row, n,
				"holds a tab, a new line or another control "
				"character");
	keel_cbor_text_of(c->w, t);
	if (t.n < (uint64_t)row->min)
		return refuse_value(c, row, n, t.n == 0 ? "is empty" : "is too short");
	return t.n <= (uint64_t)row->max ||
	       refuse_value(c, row, n, "is too long: it has %zu bytes", t.n);
}

static bool list_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	size_t count = 0;
	for (const struct keel_yaml_node *i = n->first; i != NULL; i = i->next)
		count++;
	keel_cbor_array(c->w, count);
	if (count < (uint64_t)row->min || (row->max != 0 && count > (uint64_t)row->max))
		return refuse_value(c, row, n, "has %zu items", count);
	for (const struct keel_yaml_node *i = n->first; i != NULL; i = i->next)
		if (!value_of(c, row->item, i))
			return false;
	return true;
}

static const struct keel_row *row_of(const struct keel_schema *s, struct keel_bytes key)
{
	for (size_t i = 0; i < s->count; i++)
		if (keel_bytes_is(key, s->rows[i].name))
			return &s->rows[i];
	return NULL;
}

static bool keys_known(
	struct convert *c, const struct keel_schema *s, const struct keel_yaml_node *n)
{
	char fields[sizeof(c->fault->next)];
	char next[2 * sizeof(fields)];
	for (const struct keel_yaml_node *i = n->first; i != NULL; i = i->next) {
		if (row_of(s, i->key) != NULL)
			continue;
		keel_allowed_fields(s, fields, sizeof(fields));
		/* {purpose: light, and warmth}: what follows the comma is a key without a value. */
		bool comma = i->kind == KEEL_YAML_SCALAR && !i->quoted && i->text.n == 0;
		(void)snprintf(next, sizeof(next), "%sits fields are: %s",
			comma ? "put a text that has a comma in it into quotes; " : "", fields);
		return refuse(c, i->key_at, next, "%s has no field %.*s", s->name, shown(i->key),
			(const char *)i->key.p);
	}
	return true;
}

static bool lacks(struct convert *c, const struct keel_schema *s, const struct keel_row *row,
	const struct keel_yaml_node *n)
{
	char allowed[KEEL_ALLOWED_MAX];
	char next[KEEL_ALLOWED_MAX + 80];
	keel_allowed_say(row, allowed);
	(void)snprintf(next, sizeof(next), "add %s: and %s", row->name, allowed);
	return refuse(c, n->at, next, "%s lacks its %s", s->name, row->name);
}

/* In the order of the table, which is that of the encoded labels, whatever the file's order is. */
static bool map_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	const struct keel_schema *s = row->of;
	size_t count = 0;
	if (!keys_known(c, s, n))
		return false;
	for (size_t i = 0; i < s->count; i++)
		count += keel_yaml_get(n, s->rows[i].name) != NULL;
	keel_cbor_map(c->w, count);
	for (size_t i = 0; i < s->count; i++) {
		const struct keel_yaml_node *v = keel_yaml_get(n, s->rows[i].name);
		if (v == NULL && s->rows[i].optional)
			continue;
		if (v == NULL)
			return lacks(c, s, &s->rows[i], n);
		keel_cbor_int(c->w, s->rows[i].label);
		if (!value_of(c, &s->rows[i], v))
			return false;
	}
	return true;
}

static bool scalar_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	switch (row->kind) {
	case KEEL_UINT:
	case KEEL_DURATION:
		return uint_of(c, row, n);
	case KEEL_INT:
	case KEEL_NUMBER:
	case KEEL_DATE:
		return int_of(c, row, n);
	case KEEL_CHOICE:
		return choice_of(c, row, n);
	case KEEL_BOOL:
		return bool_of(c, row, n);
	case KEEL_TEXT:
		return text_of(c, row, n);
	case KEEL_BYTES:
	case KEEL_MAP:
	case KEEL_LIST:
	case KEEL_ANY:
		break;
	}
	return wrong_kind(c, row, n);
}

static bool value_of(struct convert *c, const struct keel_row *row, const struct keel_yaml_node *n)
{
	enum keel_yaml_kind kind = row->kind == KEEL_MAP    ? KEEL_YAML_MAP
				   : row->kind == KEEL_LIST ? KEEL_YAML_LIST
							    : KEEL_YAML_SCALAR;
	if (n->kind != kind)
		return wrong_kind(c, row, n);
	return kind == KEEL_YAML_MAP    ? map_of(c, row, n)
	       : kind == KEEL_YAML_LIST ? list_of(c, row, n)
					: scalar_of(c, row, n);
}

enum keel_err keel_yaml_compile(const struct keel_yaml *y, const struct keel_row *whole,
	struct keel_wr *w, struct keel_yaml_fault *fault)
{
	struct convert c = { .w = w, .fault = fault };
	return value_of(&c, whole, keel_yaml_root(y)) ? w->err : KEEL_EFORM;
}

/* What the command line named stands in the place of the file's. A field that lacks is told of later. */
static bool use(struct convert *c, const struct keel_yaml_node *root, const char *part,
	const char *field, const char *text)
{
	const struct keel_yaml_node *in = keel_yaml_get(root, part);
	if (text == NULL)
		return true;
	if (in == NULL)
		return refuse(c, root->at, "declare it in the file, as product.yaml(5) describes",
			"there is no %s whose %s could be another", part, field);
	struct keel_yaml_node *n = in->first;
	while (n != NULL && !keel_bytes_is(n->key, field))
		n = n->next;
	if (n != NULL)
		n->text = keel_text(text);
	return true;
}

static bool use_instead(
	struct convert *c, const struct keel_yaml_node *root, const struct keel_instead *i)
{
	return i == NULL || (use(c, root, "maker", "key", i->maker_key) &&
				    use(c, root, "service", "key", i->service_key) &&
				    use(c, root, "service", "url", i->service_url));
}

/* What a later form allows is not known here: each of its new fields would seem to be a fault. */
static bool is_later(struct convert *c, const struct keel_yaml_node *root)
{
	uint64_t form = 0;
	const struct keel_yaml_node *n = keel_yaml_get(root, "keel");
	if (n == NULL || n->kind != KEEL_YAML_SCALAR || n->quoted ||
		!keel_scalar_uint(n->text, &form) || form <= KEEL_DECLARATION_FORM)
		return false;
	(void)refuse(c, n->at,
		"take a keel of the version that this file was written for, or write keel: 1 and "
		"what product.yaml(5) describes",
		"the declaration is of form %.*s, and this keel knows form %d", shown(n->text),
		(const char *)n->text.p, KEEL_DECLARATION_FORM);
	return true;
}

static enum keel_err compile(struct keel_declaration *d, const struct keel_instead *instead,
	struct keel_yaml_fault *fault)
{
	static const struct keel_row whole = { .name = "a declaration",
		.kind = KEEL_MAP,
		.hint = "keel: 1 in the first line, then its other fields, each in a line",
		.of = &keel_product_schema };
	const struct keel_yaml_node *root = keel_yaml_root(d->yaml);
	struct keel_wr w = keel_wr_of(d->compiled, sizeof(d->compiled));
	struct convert c = { .w = &w, .fault = fault };
	if (is_later(&c, root) || !use_instead(&c, root, instead) || !value_of(&c, &whole, root))
		return KEEL_EFORM;
	enum keel_err e = keel_wr_end(&w, &d->bytes);
	if (e == KEEL_OK)
		e = keel_product_read(d->bytes, &d->product);
	if (e == KEEL_OK)
		return keel_declaration_cross(d, fault);
	(void)refuse(&c, root->at, "shorten its texts and lists",
		"the declaration cannot be compiled into %d bytes: %s", KEEL_PRODUCT_MAX,
		keel_err_text(e));
	return KEEL_EFORM;
}

enum keel_err keel_declaration_read(struct keel_bytes file, const struct keel_instead *instead,
	struct keel_declaration *out, struct keel_yaml_fault *fault)
{
	*out = (struct keel_declaration){ 0 };
	enum keel_err e = keel_yaml_read(file, &out->yaml, fault);
	if (e != KEEL_OK)
		return e;
	e = compile(out, instead, fault);
	if (e != KEEL_OK)
		keel_declaration_clear(out);
	return e;
}

void keel_declaration_clear(struct keel_declaration *d)
{
	keel_yaml_free(d->yaml);
	*d = (struct keel_declaration){ 0 };
}

/* One step of a path: a key, then perhaps [n]. Gives NULL where it leads nowhere. */
static const struct keel_yaml_node *step(const struct keel_yaml_node *at, const char *key, size_t n)
{
	char name[65];
	const char *bracket = memchr(key, '[', n);
	size_t length = bracket == NULL ? n : (size_t)(bracket - key);
	if (length >= sizeof(name))
		return NULL;
	memcpy(name, key, length);
	name[length] = '\0';
	const struct keel_yaml_node *child = keel_yaml_get(at, name);
	if (child == NULL || bracket == NULL)
		return child;
	unsigned long index = strtoul(bracket + 1, NULL, 10);
	for (child = child->first; child != NULL && index > 0; index--)
		child = child->next;
	return child;
}

struct keel_yaml_mark keel_declaration_where(const struct keel_declaration *d, const char *path)
{
	const struct keel_yaml_node *at = keel_yaml_root(d->yaml);
	while (*path != '\0') {
		size_t n = strcspn(path, ".");
		const struct keel_yaml_node *child = step(at, path, n);
		if (child == NULL)
			break;
		at = child;
		path += n + (path[n] == '.');
	}
	/* A field is found by its key; the whole by where it begins. */
	return at->key.n > 0 ? at->key_at : at->at;
}
