/* The peer's inbox: apart from the owner's relay (owner/ask.h), whose limits have the same names. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "session/call.h"
#include "session/inbox.h"
#include "session/notice.h"

typedef void write_call(const char *path, const struct keel_schema *schema, const void *args);
void peer_inbox(uint64_t taken, uint64_t wait_s, write_call *call);
void peer_read_inbox(struct keel_bytes in, const struct keel_caller *me);
void peer_answer(uint64_t number, const char *body, write_call *call);

void peer_inbox(uint64_t taken, uint64_t wait_s, write_call *call)
{
	const struct keel_inbox_args args = { .taken = taken, .wait_s = wait_s };
	call(KEEL_PATH_INBOX, &keel_inbox_args_schema, &args);
}

/* A notice as the uplink opens it, under the session's key. */
static void print_notice(const struct keel_inbox_item *item, const struct keel_caller *me)
{
	const struct keel_notice_to to = { me->key, me->device, me->home, item->number };
	struct keel_notice n;
	if (keel_notice_open(&to, item->payload, &n) != KEEL_OK ||
		keel_notice_check(&n) != KEEL_OK) {
		(void)printf("! no notice\n");
		exit(1);
	}
	(void)printf("%" PRIu64 ":%s=%.*s ", item->number, keel_notice_word(n.code), (int)n.about.n,
		(const char *)n.about.p);
}

/* NUMBER:PAYLOAD of each request, NUMBER:CODE=ABOUT of each notice */
void peer_read_inbox(struct keel_bytes in, const struct keel_caller *me)
{
	struct keel_inbox_result r;
	struct keel_inbox_item item;
	if (keel_schema_read(&keel_inbox_result_schema, in, &r, NULL) != KEEL_OK) {
		(void)printf("! no inbox\n");
		exit(1);
	}
	while (keel_list_next(&keel_inbox_item_row, &r.items, &item))
		if (item.kind == KEEL_INBOX_NOTICE)
			print_notice(&item, me);
		else
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
