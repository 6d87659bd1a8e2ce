#include "session/senml.h"

#include <string.h>

#include "core/cbor.h"

/* RFC 8428 §6, table 4. */
enum { LABEL_BT = -3, LABEL_BN = -2, LABEL_N = 0, LABEL_U = 1, LABEL_V = 2, LABEL_T = 6 };

#define KNOWN(label) (1u << ((label)-LABEL_BT))

static bool is_one_of(uint8_t c, const char *more)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr(more, c) != NULL);
}

/* §4.5.1, with a space for _. */
static bool is_name(struct keel_bytes name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!is_one_of(name.p[i], i == 0 ? "" : " -:./"))
			return false;
	return name.n > 0 && name.n <= KEEL_SENML_NAME_MAX;
}

static bool in_range(int64_t thousandths)
{
	return thousandths >= -KEEL_SENML_NUMBER_MAX && thousandths <= KEEL_SENML_NUMBER_MAX;
}

static bool is_time(int64_t ms)
{
	return ms == 0 || (ms >= KEEL_SENML_TIME_MIN && ms <= KEEL_SENML_NUMBER_MAX);
}

/* --- writing --------------------------------------------------------------------------------- */

void keel_senml_begin(struct keel_wr *w, size_t records)
{
	if (records == 0 || records > KEEL_SENML_RECORDS_MAX)
		keel_wr_fail(w, KEEL_ERANGE);
	keel_cbor_array(w, records);
}

static void put_name(struct keel_wr *w, struct keel_bytes name)
{
	uint8_t wire[KEEL_SENML_NAME_MAX];
	for (size_t i = 0; i < name.n; i++)
		wire[i] = name.p[i] == ' ' ? '_' : name.p[i];
	keel_cbor_int(w, LABEL_N);
	keel_cbor_text_of(w, (struct keel_bytes){ wire, name.n });
}

static void put_number(struct keel_wr *w, int64_t label, int64_t thousandths)
{
	keel_cbor_int(w, label);
	if (thousandths % 1000 == 0)
		keel_cbor_int(w, thousandths / 1000);
	else
		keel_cbor_float(w, (double)thousandths / 1000);
}

void keel_senml_put(struct keel_wr *w, const struct keel_senml_record *r)
{
	if (!is_name(r->name) || r->unit.n > KEEL_SENML_UNIT_MAX)
		keel_wr_fail(w, KEEL_EFORM);
	else if (!in_range(r->value) || !is_time(r->time_ms))
		keel_wr_fail(w, KEEL_ERANGE);
	if (w->err != KEEL_OK)
		return;
	keel_cbor_map(w, 2 + (size_t)(r->unit.n > 0) + (size_t)(r->time_ms > 0));
	put_name(w, r->name);
	if (r->unit.n > 0) {
		keel_cbor_int(w, LABEL_U);
		keel_cbor_text_of(w, r->unit);
	}
	put_number(w, LABEL_V, r->value);
	if (r->time_ms > 0)
		put_number(w, LABEL_T, r->time_ms);
}

/* --- reading --------------------------------------------------------------------------------- */

/* The one thousandth whose double this is; below 10^15 the product is off by less than half of one. */
static int64_t read_float(struct keel_rd *r, double f)
{
	const double most = (double)KEEL_SENML_NUMBER_MAX / 1000;
	if (!(f >= -most && f <= most)) {
		keel_rd_fail(r, KEEL_ERANGE); /* NaN, too */
		return 0;
	}
	int64_t n = (int64_t)(f * 1000 + (f < 0 ? -0.5 : 0.5));
	if ((double)n / 1000 < f || (double)n / 1000 > f)
		keel_rd_fail(r, KEEL_ERANGE);
	else if (n % 1000 == 0)
		keel_rd_fail(r, KEEL_EFORM); /* a whole number is an integer */
	return n;
}

static int64_t read_number(struct keel_rd *r)
{
	const uint64_t most = KEEL_SENML_NUMBER_MAX / 1000;
	struct keel_cbor_item i = keel_cbor_read(r);
	if (i.type == KEEL_CBOR_FLOAT)
		return read_float(r, i.f);
	if (i.type != KEEL_CBOR_UINT && i.type != KEEL_CBOR_NINT)
		keel_rd_fail(r, KEEL_EFORM);
	else if (i.u > most - (i.type == KEEL_CBOR_NINT))
		keel_rd_fail(r, KEEL_ERANGE);
	if (r->err != KEEL_OK)
		return 0;
	return i.type == KEEL_CBOR_UINT ? (int64_t)i.u * 1000 : -1000 - (int64_t)i.u * 1000;
}

/* What stands in a record, before it is put together with the base. */
struct fields {
	unsigned has;
	struct keel_bytes bn, n, u;
	int64_t bt, v, t;
};

static void read_field(struct keel_rd *r, struct fields *f)
{
	int64_t label = keel_cbor_read_int(r);
	if (label == LABEL_BN)
		f->bn = keel_cbor_read_text(r);
	else if (label == LABEL_BT)
		f->bt = read_number(r);
	else if (label == LABEL_N)
		f->n = keel_cbor_read_text(r);
	else if (label == LABEL_U)
		f->u = keel_cbor_read_text(r);
	else if (label == LABEL_V)
		f->v = read_number(r);
	else if (label == LABEL_T)
		f->t = read_number(r);
	else
		keel_rd_fail(r, KEEL_EFORM);
	if (r->err == KEEL_OK)
		f->has |= KNOWN(label);
}

/* A piece of the name, behind `at` bytes of it; gives how long it is then. */
static size_t add_name(struct keel_senml *s, size_t at, struct keel_bytes piece)
{
	if (piece.n > KEEL_SENML_NAME_MAX - at)
		keel_rd_fail(&s->rest, KEEL_EFORM);
	for (size_t i = 0; i < piece.n && s->rest.err == KEEL_OK; i++) {
		if (piece.p[i] == ' ')
			keel_rd_fail(&s->rest, KEEL_EFORM);
		s->name[at + i] = piece.p[i] == '_' ? ' ' : piece.p[i];
	}
	return at + piece.n;
}

/* §4.1: bn and bt hold for the records behind theirs, too. */
static struct keel_bytes name_of(struct keel_senml *s, const struct fields *f)
{
	if ((f->has & KNOWN(LABEL_BT)) != 0)
		s->base_ms = f->bt;
	if ((f->has & KNOWN(LABEL_BN)) != 0)
		s->base_n = add_name(s, 0, f->bn);
	struct keel_bytes whole = { s->name, 0 };
	if (s->rest.err == KEEL_OK)
		whole.n = add_name(s, s->base_n, f->n);
	if (s->rest.err == KEEL_OK && !is_name(whole))
		keel_rd_fail(&s->rest, KEEL_EFORM);
	return whole;
}

static enum keel_err step(struct keel_senml *s, struct keel_senml_record *out)
{
	struct fields f = { 0 };
	for (size_t n = keel_cbor_read_map(&s->rest); n > 0 && s->rest.err == KEEL_OK; n--)
		read_field(&s->rest, &f);
	if ((f.has & KNOWN(LABEL_V)) == 0 || f.u.n > KEEL_SENML_UNIT_MAX)
		keel_rd_fail(&s->rest, KEEL_EFORM);
	if (s->rest.err == KEEL_OK)
		out->name = name_of(s, &f);
	out->unit = f.u;
	out->value = f.v;
	out->time_ms = s->base_ms + f.t;
	if (!is_time(out->time_ms))
		keel_rd_fail(&s->rest, KEEL_ERANGE);
	return s->rest.err;
}

static enum keel_err begin(struct keel_bytes pack, struct keel_senml *out)
{
	*out = (struct keel_senml){ .rest = keel_rd_of(pack) };
	out->left = keel_cbor_read_array(&out->rest);
	if (out->left == 0)
		keel_rd_fail(&out->rest, KEEL_EFORM);
	if (out->left > KEEL_SENML_RECORDS_MAX)
		keel_rd_fail(&out->rest, KEEL_ERANGE);
	return out->rest.err;
}

enum keel_err keel_senml_open(struct keel_bytes pack, struct keel_senml *out)
{
	struct keel_senml s;
	struct keel_senml_record unused;
	enum keel_err e = keel_cbor_check(pack); /* keys in order, none twice, and no tail */
	if (e == KEEL_OK)
		e = begin(pack, &s);
	for (size_t i = 0; e == KEEL_OK && i < s.left; i++)
		e = step(&s, &unused);
	return e == KEEL_OK ? begin(pack, out) : e;
}

bool keel_senml_next(struct keel_senml *s, struct keel_senml_record *out)
{
	if (s->left == 0)
		return false;
	s->left--;
	KEEL_MUST(step(s, out) == KEEL_OK);
	return true;
}
