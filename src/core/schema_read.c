/*
 * One walker, run twice: the first time it checks everything and stores nothing, the second time
 * (over bytes now known to be good) it stores and checks nothing. So the struct is untouched by
 * what is refused, without a copy of it anywhere.
 */
#include "core/cbor_head.h"
#include "core/mem.h"
#include "core/schema_value.h"

/* A container that is not closed yet: a schema's rows, or a list's items. */
struct level {
	const struct keel_schema *schema; /* NULL in a list */
	const struct keel_row *item;      /* of a list */
	uint8_t *out;                     /* the schema's struct, NULL while checking */
	size_t next; /* row or item to come; names the one that is being read */
	size_t left; /* pairs or items left in the message */
};

struct walk {
	struct keel_rd r;
	unsigned outside; /* containers around the whole */
	unsigned depth;
	struct level open[KEEL_CBOR_DEPTH_MAX];
};

static uint64_t read_major(struct keel_rd *r, enum keel_cbor_major major)
{
	struct keel_cbor_head h = keel_cbor_head(r);
	if (h.major == major)
		return h.u;
	keel_rd_fail(r, KEEL_EFORM);
	return 0;
}

static int64_t read_signed(struct keel_rd *r)
{
	struct keel_cbor_head h = keel_cbor_head(r);
	if (h.major > MAJOR_NINT)
		keel_rd_fail(r, KEEL_EFORM);
	else if (h.u > INT64_MAX)
		keel_rd_fail(r, KEEL_ERANGE);
	else
		return h.major == MAJOR_NINT ? -1 - (int64_t)h.u : (int64_t)h.u;
	return 0;
}

static bool read_bool(struct keel_rd *r)
{
	struct keel_cbor_head h = keel_cbor_head(r);
	if (h.major != MAJOR_SIMPLE || (h.info != 20 && h.info != 21))
		keel_rd_fail(r, KEEL_EFORM);
	return h.info == 21;
}

static struct keel_bytes read_any(struct walk *w, bool checked)
{
	if (!checked)
		return keel_cbor_take_inside(&w->r, w->outside + w->depth);
	const uint8_t *start = w->r.p;
	keel_cbor_skip(&w->r, 1);
	return (struct keel_bytes){ start, (size_t)(w->r.p - start) };
}

/* The rows that are one value. */
static void read_value(
	struct walk *w, const struct keel_row *row, bool checked, union keel_value *v)
{
	switch (row->kind) {
	case KEEL_UINT:
	case KEEL_DURATION:
	case KEEL_CHOICE:
		v->u = read_major(&w->r, MAJOR_UINT);
		break;
	case KEEL_INT:
	case KEEL_NUMBER:
	case KEEL_DATE:
		v->i = read_signed(&w->r);
		break;
	case KEEL_BOOL:
		v->b = read_bool(&w->r);
		break;
	case KEEL_BYTES:
		v->bytes = keel_cbor_content(&w->r, read_major(&w->r, MAJOR_BYTES));
		break;
	case KEEL_TEXT:
		v->bytes = keel_cbor_content(&w->r, read_major(&w->r, MAJOR_TEXT));
		break;
	case KEEL_ANY:
		v->bytes = read_any(w, checked);
		break;
	case KEEL_MAP:
	case KEEL_LIST:
		break;
	}
}

static void enter(struct walk *w, struct level level)
{
	if (w->outside + w->depth >= KEEL_CBOR_DEPTH_MAX)
		keel_rd_fail(&w->r, KEEL_EFORM);
	else if (w->r.err == KEEL_OK)
		w->open[w->depth++] = level;
}

static void enter_map(struct walk *w, const struct keel_schema *s, uint8_t *out)
{
	bool map = s->form == KEEL_AS_MAP;
	uint64_t n = read_major(&w->r, map ? MAJOR_MAP : MAJOR_ARRAY);
	if (map ? n > s->count : n != s->count)
		keel_rd_fail(&w->r, KEEL_EFORM);
	enter(w, (struct level){ .schema = s, .out = out, .left = (size_t)n });
}

/* Every item has a byte at least, so a count beyond what is left is short, and fits size_t. */
static size_t read_count(struct walk *w)
{
	uint64_t n = read_major(&w->r, MAJOR_ARRAY);
	if (n <= w->r.n)
		return (size_t)n;
	keel_rd_fail(&w->r, KEEL_ESHORT);
	return 0;
}

static void check_list(struct walk *w, const struct keel_row *row)
{
	union keel_value v = { .list = { .count = read_count(w) } };
	enum keel_err e = keel_value_check(row, &v);
	if (e != KEEL_OK)
		keel_rd_fail(&w->r, e);
	enter(w, (struct level){ .item = row->item, .left = v.list.count });
}

static void store_list(struct walk *w, const struct keel_row *row, uint8_t *at)
{
	union keel_value v = { .list = { .count = read_count(w) } };
	v.list.cbor.p = w->r.p;
	keel_cbor_skip(&w->r, v.list.count);
	v.list.cbor.n = (size_t)(w->r.p - v.list.cbor.p);
	keel_value_store(row, &v, at);
}

/* One value by its row: checked where `at` is NULL, else stored there. */
static void walk_value(struct walk *w, const struct keel_row *row, uint8_t *at)
{
	union keel_value v = { 0 };
	if (row->kind == KEEL_MAP) {
		enter_map(w, row->of, at);
	} else if (row->kind == KEEL_LIST) {
		if (at == NULL)
			check_list(w, row);
		else
			store_list(w, row, at);
	} else {
		read_value(w, row, at != NULL, &v);
		if (w->r.err != KEEL_OK)
			return;
		enum keel_err e = at == NULL ? keel_value_check(row, &v) : KEEL_OK;
		if (e != KEEL_OK)
			keel_rd_fail(&w->r, e);
		else if (at != NULL)
			keel_value_store(row, &v, at);
	}
}

/*
 * The row of the next pair. Rows stand in the order of their encoded labels, and so do a strict
 * map's keys: going forward only refuses what is unsorted, double or unknown. NULL: the map ends.
 */
static const struct keel_row *next_pair(struct walk *w, struct level *l)
{
	const struct keel_row *rows = l->schema->rows;
	bool end = l->left == 0;
	int64_t label = end ? 0 : read_signed(&w->r);
	size_t i = w->r.err == KEEL_OK ? l->next : l->schema->count;
	while (i < l->schema->count && (end || rows[i].label != label) && rows[i].optional)
		i++;
	if (i < l->schema->count && !end && rows[i].label == label) {
		l->left--;
		l->next = i + 1;
		return &rows[i];
	}
	if (end && i == l->schema->count)
		return NULL;
	l->next = i < l->schema->count ? i + 1 : 0; /* the row that is missing, or none: unknown */
	keel_rd_fail(&w->r, KEEL_EFORM);
	return NULL;
}

static const struct keel_row *next_row(struct walk *w, struct level *l)
{
	if (l->schema != NULL && l->schema->form == KEEL_AS_MAP)
		return next_pair(w, l);
	if (l->left == 0)
		return NULL;
	l->left--;
	l->next++;
	return l->schema == NULL ? l->item : &l->schema->rows[l->next - 1];
}

static void mark_present(struct level *l)
{
	uint32_t has;
	memcpy(&has, l->out, sizeof(has));
	has |= (uint32_t)1 << (l->next - 1);
	memcpy(l->out, &has, sizeof(has));
}

/* Walks until every container is closed. After an error those that are open name the place. */
static void walk_open(struct walk *w)
{
	while (w->depth > 0 && w->r.err == KEEL_OK) {
		struct level *l = &w->open[w->depth - 1];
		const struct keel_row *row = next_row(w, l);
		if (w->r.err != KEEL_OK)
			return;
		if (row == NULL) {
			w->depth--;
			continue;
		}
		if (l->out != NULL)
			mark_present(l);
		walk_value(w, row, l->out == NULL ? NULL : l->out + row->at);
	}
}

static void put_path(struct keel_where *where, size_t *n, const char *s)
{
	while (*s != '\0' && *n < sizeof(where->path) - 1)
		where->path[(*n)++] = *s++;
	where->path[*n] = '\0';
}

static void put_index(struct keel_where *where, size_t *n, size_t index)
{
	char digits[24] = { 0 };
	size_t i = sizeof(digits) - 2;
	digits[i] = ']';
	do {
		digits[--i] = (char)('0' + index % 10);
		index /= 10;
	} while (index > 0);
	digits[--i] = '[';
	put_path(where, n, &digits[i]);
}

/* "fields[2].min"; "?" for a label that no row has. */
static void name_place(const struct walk *w, struct keel_where *where)
{
	size_t n = 0;
	where->path[0] = '\0';
	for (unsigned d = 0; d < w->depth; d++) {
		const struct level *l = &w->open[d];
		if (l->schema == NULL && l->next > 0) {
			put_index(where, &n, l->next - 1);
		} else if (l->schema != NULL) {
			put_path(where, &n, n > 0 ? "." : "");
			put_path(where, &n, l->next > 0 ? l->schema->rows[l->next - 1].name : "?");
		}
	}
}

enum keel_err keel_schema_read(
	const struct keel_schema *s, struct keel_bytes in, void *out, struct keel_where *where)
{
	struct walk w = { .r = keel_rd_of(in) };
	enter_map(&w, s, NULL);
	walk_open(&w);
	enum keel_err e = keel_rd_end(&w.r);
	if (e != KEEL_OK) {
		if (where != NULL)
			name_place(&w, where);
		return e;
	}
	w.r = keel_rd_of(in);
	memset(out, 0, s->size);
	enter_map(&w, s, out);
	walk_open(&w);
	KEEL_MUST(keel_rd_end(&w.r) == KEEL_OK);
	return KEEL_OK;
}

enum keel_err keel_list_check(
	const struct keel_row *row, const struct keel_list *list, unsigned open)
{
	struct walk w = { .r = keel_rd_of(list->cbor), .outside = open };
	union keel_value v = { .list = *list };
	enum keel_err e = keel_value_check(row, &v);
	enter(&w, (struct level){ .item = row->item, .left = list->count });
	walk_open(&w);
	return e != KEEL_OK ? e : keel_rd_end(&w.r);
}

bool keel_list_next(const struct keel_row *item, struct keel_list *rest, void *out)
{
	struct walk w = { .r = keel_rd_of(rest->cbor) };
	if (rest->count == 0)
		return false;
	memset(out, 0, keel_value_size(item));
	walk_value(&w, item, out);
	walk_open(&w);
	KEEL_MUST(w.r.err == KEEL_OK); /* whoever made the list has checked it */
	rest->cbor = (struct keel_bytes){ w.r.p, w.r.n };
	rest->count--;
	return true;
}
