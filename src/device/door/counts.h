/* What was refused, told on: to the monitor by heading, to the log by reason. */
#ifndef KEEL_DEVICE_DOOR_COUNTS_H
#define KEEL_DEVICE_DOOR_COUNTS_H

#include "device/room.h"
#include "http/request.h"

/** What was told until now; starts as {0}. */
struct keel_door_counts {
	uint64_t told[COUNT_COUNT];
	uint64_t logged[KEEL_HTTP_REFUSALS];
};

/** refused: KEEL_HTTP_REFUSALS numbers that only grow. What the monitor does not take now, it gets later. */
void keel_door_counts_tell(
	struct keel_door_counts *c, struct keel_room_env *env, const uint64_t *refused);
/** One line of the log for each reason that has grown; none with an address. */
void keel_door_counts_log(
	struct keel_door_counts *c, const struct keel_room_env *env, const uint64_t *refused);

#endif
