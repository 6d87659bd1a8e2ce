/*
 * What a room says to another, on every line there is: what is accepted is on a line, and is written
 * again as the same bytes. The first byte chooses who says it to whom.
 */
#include <string.h>

#include "device/rooms.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint8_t buf[KEEL_MESSAGE_MAX];
	union keel_body body;
	enum keel_msg msg;
	struct keel_bytes again;
	if (n < 1 || n - 1 > KEEL_MESSAGE_MAX)
		return 0;
	enum keel_room_id from = p[0] / ROOM_COUNT % ROOM_COUNT;
	enum keel_room_id to = p[0] % ROOM_COUNT;
	struct keel_bytes in = { p + 1, n - 1 };
	if (keel_line_read(from, to, in, &msg, &body, NULL) != KEEL_OK)
		return 0;
	KEEL_MUST(keel_line_allows(from, to, msg));
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_message_write(msg, &body, &w);
	KEEL_MUST(keel_wr_end(&w, &again) == KEEL_OK && keel_bytes_equal(in, again));
	return 0;
}
