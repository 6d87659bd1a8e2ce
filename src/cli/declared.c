#include "cli/declared.h"

#include <stdio.h>
#include <string.h>

#include "cli/fault.h"

enum keel_err keel_declared_ask(
	struct keel_talk *t, struct keel_declared *out, struct keel_fault *fault)
{
	struct keel_product_result r;
	enum keel_err e = keel_talk_ask(t, KEEL_OP_PRODUCT, NULL, &r, fault);
	if (e != KEEL_OK)
		return e;
	KEEL_MUST(r.product.n <= sizeof(out->bytes)); /* its schema has seen to that */
	memcpy(out->bytes, r.product.p, r.product.n);
	e = keel_product_read((struct keel_bytes){ out->bytes, r.product.n }, &out->product);
	return e == KEEL_OK ? e
			    : keel_fault_fill(fault, e,
				      "the hub's declaration is of a form that is not known here",
				      "use the keel of the hub's version, or --json");
}

/* For explaining only: whoever cannot have it is told what the hub said. */
static const struct keel_product *ask(struct keel_talk *t)
{
	static struct keel_declared d; /* large, and one a program */
	struct keel_fault unsaid = { 0 };
	return keel_declared_ask(t, &d, &unsaid) == KEEL_OK ? &d.product : NULL;
}

static bool find_message(
	const struct keel_product *p, struct keel_bytes name, struct keel_message *out)
{
	struct keel_list rest = p->messages;
	while (keel_list_next(&keel_message_row, &rest, out))
		if (keel_bytes_equal(out->name, name))
			return true;
	return false;
}

/* Adds a word to a line; the line ends with … where the next has no room. */
static void add(
	char *line, size_t cap, const char *before, struct keel_bytes word, const char *after)
{
	const char more[] = ", …";
	size_t n = strlen(line);
	size_t needs = strlen(before) + word.n + strlen(after) + sizeof(more);
	if (n >= sizeof(more) && strcmp(line + n - (sizeof(more) - 1), more) == 0)
		return;
	if (needs > cap - n)
		(void)snprintf(line + n, cap - n, "%s", more);
	else
		(void)snprintf(line + n, cap - n, "%s%.*s%s", before, (int)word.n,
			(const char *)word.p, after);
}

static void name_messages(
	const struct keel_product *p, bool for_guests, const char *begin, struct keel_fault *fault)
{
	struct keel_list rest = p->messages;
	struct keel_message m;
	const char *before = "";
	(void)snprintf(fault->next, sizeof(fault->next), "%s", begin);
	while (keel_list_next(&keel_message_row, &rest, &m)) {
		if (for_guests && m.from != KEEL_FROM_GUEST)
			continue;
		add(fault->next, sizeof(fault->next), before, m.name, "");
		before = ", ";
	}
	if (*before == '\0')
		(void)snprintf(fault->next, sizeof(fault->next), "%s",
			for_guests ? "name no message: this product lets guests look only"
				   : "this product takes no messages");
}

/* "write it as: keel owner command 'set temperature' celsius=NUMBER" */
static void show_form(const struct keel_message *m, struct keel_fault *fault)
{
	struct keel_list rest = m->fields;
	struct keel_message_field f;
	fault->means = "A message has the fields that its maker declared, each once";
	fault->next[0] = '\0';
	add(fault->next, sizeof(fault->next), "write it as: keel owner command '", m->name, "'");
	while (keel_list_next(&keel_message_field_row, &rest, &f))
		add(fault->next, sizeof(fault->next), " ", f.name, "=NUMBER");
}

static size_t times(struct keel_list fields, struct keel_bytes name)
{
	struct keel_field_item f;
	size_t n = 0;
	while (keel_list_next(&keel_field_item_row, &fields, &f))
		n += keel_bytes_equal(f.name, name);
	return n;
}

static bool has_field(const struct keel_message *m, struct keel_bytes name)
{
	struct keel_list rest = m->fields;
	struct keel_message_field f;
	while (keel_list_next(&keel_message_field_row, &rest, &f))
		if (keel_bytes_equal(f.name, name))
			return true;
	return false;
}

static void what_of(struct keel_fault *fault, const char *before, struct keel_bytes name,
	const char *between, struct keel_bytes of)
{
	fault->what[0] = '\0';
	add(fault->what, sizeof(fault->what), before, name, "");
	add(fault->what, sizeof(fault->what), between, of, "");
}

/* A field that is not declared, comes twice or lacks; a value out of its range the hub has told itself. */
static void explain_fields(
	const struct keel_message *m, struct keel_list fields, struct keel_fault *fault)
{
	struct keel_list rest = fields;
	struct keel_field_item f;
	struct keel_message_field declared;
	while (keel_list_next(&keel_field_item_row, &rest, &f)) {
		if (has_field(m, f.name) && times(fields, f.name) == 1)
			continue;
		what_of(fault, has_field(m, f.name) ? "there are two of " : "there is no field ",
			f.name, " in ", m->name);
		show_form(m, fault);
		return;
	}
	rest = m->fields;
	while (keel_list_next(&keel_message_field_row, &rest, &declared))
		if (times(fields, declared.name) == 0)
			show_form(m, fault);
}

void keel_declared_command(
	struct keel_talk *t, const struct keel_command_args *args, struct keel_fault *fault)
{
	struct keel_message m;
	const struct keel_product *p = ask(t);
	if (p == NULL)
		return;
	if (find_message(p, args->message, &m)) {
		explain_fields(&m, args->fields, fault);
		return;
	}
	what_of(fault, "the hub knows no message ", args->message, "", keel_text(""));
	name_messages(p, false, "take one of: ", fault);
}

void keel_declared_guest(struct keel_talk *t, struct keel_list messages, struct keel_fault *fault)
{
	struct keel_bytes name;
	struct keel_message m;
	const struct keel_product *p = ask(t);
	while (p != NULL && keel_list_next(&keel_message_name_row, &messages, &name)) {
		bool known = find_message(p, name, &m);
		if (known && m.from == KEEL_FROM_GUEST)
			continue;
		what_of(fault,
			known ? "the maker lets no guest send " : "the hub knows no message ", name,
			"", keel_text(""));
		name_messages(p, true, "take of these, or none: ", fault);
		return;
	}
}
