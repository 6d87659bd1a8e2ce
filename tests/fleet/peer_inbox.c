/* The peer's inbox: apart from the owner's relay (owner/ask.h), whose limits have the same names. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "session/call.h"
#include "session/inbox.h"

typedef void write_call(const char *path, const struct keel_schema *schema, const void *args);
void peer_inbox(uint64_t taken, uint64_t wait_s, write_call *call);
void peer_read_inbox(struct keel_bytes in);
void peer_answer(uint64_t number, const char *body, write_call *call);

void peer_inbox(uint64_t taken, uint64_t wait_s, write_call *call)
{
	const struct keel_inbox_args args = { .taken = taken, .wait_s = wait_s };
	call(KEEL_PATH_INBOX, &keel_inbox_args_schema, &args);
}

/* NUMBER:PAYLOAD of each */
void peer_read_inbox(struct keel_bytes in)
{
	struct keel_inbox_result r;
	struct keel_inbox_item item;
	if (keel_schema_read(&keel_inbox_result_schema, in, &r, NULL) != KEEL_OK) {
		(void)printf("! no inbox\n");
		exit(1);
	}
	while (keel_list_next(&keel_inbox_item_row, &r.items, &item))
		(void)printf("%" PRIu64 ":%.*s ", item.number, (int)item.payload.n,
			(const char *)item.payload.p);
	(void)printf("\n");
}

void peer_answer(uint64_t number, const char *body, write_call *call)
{
	const struct keel_answer_args args = {
		.number = number, .status = 200, .body = keel_text(body)
	};
	call(KEEL_PATH_ANSWER, &keel_answer_args_schema, &args);
}
