#include "device/uplink/outbox.h"

#include <string.h>

void keel_outbox_clear(struct keel_outbox *o)
{
	o->count = 0;
	o->dropped = 0;
}

enum keel_err keel_outbox_put(struct keel_outbox *o, const struct msg_out *in)
{
	if (o->count == KEEL_OUTBOX_MAX)
		return KEEL_EFULL;
	if (o->count > 0 && in->number <= o->of[o->count - 1].number)
		return KEEL_ESTALE;
	struct keel_outbox_report *r = &o->of[o->count++];
	*r = (struct keel_outbox_report){
		.number = in->number, .kind = in->kind, .time = in->time, .n = in->payload.n
	};
	memcpy(r->payload, in->payload.p, in->payload.n);
	o->dropped = in->dropped;
	return KEEL_OK;
}

struct keel_report_args keel_outbox_args(struct keel_outbox *o)
{
	struct keel_report_args args = { .dropped = o->dropped };
	struct keel_wr w = keel_wr_of(o->items, sizeof(o->items));
	for (size_t i = 0; i < o->count; i++) {
		const struct keel_outbox_report *r = &o->of[i];
		const struct keel_report_item item = { .number = r->number,
			.kind = r->kind,
			.time = r->time,
			.payload = { r->payload, r->n } };
		keel_list_add(&keel_report_item_row, &item, &w, &args.items);
	}
	return args;
}

enum keel_err keel_outbox_taken(struct keel_outbox *o, uint64_t number)
{
	size_t gone = 0;
	while (gone < o->count && o->of[gone].number <= number)
		gone++;
	if (gone == 0)
		return KEEL_ESTALE;
	if (o->of[gone - 1].number < number)
		return KEEL_ERANGE;
	o->count -= gone;
	memmove(o->of, o->of + gone, o->count * sizeof(o->of[0]));
	return KEEL_OK;
}
