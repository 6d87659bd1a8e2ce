#include "owner/names.h"

#include "core/cbor.h"

const char *keel_role_word(uint64_t role)
{
	static const char *const words[KEEL_ROLE_COUNT] = {
		[KEEL_ROLE_OWNER] = "owner",
		[KEEL_ROLE_GUEST] = "guest",
	};
	return role < KEEL_ROLE_COUNT ? words[role] : "unknown";
}

enum keel_err keel_payload_write(enum keel_purpose purpose, const struct keel_names *names,
	const struct keel_schema *schema, const void *body, struct keel_wr *w)
{
	uint8_t buf[KEEL_BODY_MAX + KEEL_PADDING_MAX];
	struct keel_wr inner = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes encoded;
	keel_schema_write(schema, body, &inner);
	enum keel_err e = keel_wr_end(&inner, &encoded);
	if (e == KEEL_OK) {
		keel_envelope_write(
			purpose, names->device, names->home, names->recipient, encoded, w);
		e = w->err;
	}
	keel_wipe(buf, inner.n);
	return e;
}

enum keel_err keel_payload_read(enum keel_purpose purpose, const struct keel_names *names,
	const struct keel_schema *schema, struct keel_bytes payload, void *body)
{
	struct keel_envelope env;
	enum keel_err e = keel_envelope_read(purpose, payload, &env);
	if (e != KEEL_OK)
		return e;
	if (!keel_bytes_equal(env.device, names->device) ||
		!keel_bytes_equal(env.home, names->home) ||
		!keel_bytes_equal(env.recipient, names->recipient))
		return KEEL_EAUTH;
	return keel_schema_read(schema, env.body, body, NULL);
}

struct keel_list_maker keel_list_maker_of(void *buf, size_t cap)
{
	return (struct keel_list_maker){ .w = keel_wr_of(buf, cap) };
}

/* Keeps what was written since `before`, or takes it back whole. */
static bool keep(struct keel_list_maker *m, struct keel_wr before)
{
	if (m->w.err != KEEL_OK) {
		m->w = before;
		return false;
	}
	m->count++;
	return true;
}

bool keel_list_put(struct keel_list_maker *m, const struct keel_schema *schema, const void *item)
{
	struct keel_wr before = m->w;
	keel_schema_write(schema, item, &m->w);
	return keep(m, before);
}

bool keel_list_put_text(struct keel_list_maker *m, struct keel_bytes text)
{
	struct keel_wr before = m->w;
	keel_cbor_text_of(&m->w, text);
	return keep(m, before);
}

struct keel_list keel_list_made(const struct keel_list_maker *m)
{
	return (struct keel_list){ .cbor = { m->w.p, m->w.n }, .count = m->count };
}
