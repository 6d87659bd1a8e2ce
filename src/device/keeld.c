/* keeld: the parent, or, started by it with --room, one of its rooms. */
#include <string.h>

#include "device/confine.h"
#include "device/parent.h"

#ifdef KEEL_WITH_VAULT
keel_room_main vault_main;
#endif
#ifdef KEEL_WITH_DOOR
keel_room_main door_main;
#endif
#ifdef KEEL_WITH_UPLINK
keel_room_main uplink_main;
#endif
keel_room_main monitor_main;

static keel_room_main *const mains[ROOM_COUNT] = {
#ifdef KEEL_WITH_VAULT
	[ROOM_VAULT] = vault_main,
#endif
#ifdef KEEL_WITH_DOOR
	[ROOM_DOOR] = door_main,
#endif
	[ROOM_MONITOR] = monitor_main,
	[ROOM_APP] = keel_app_main,
#ifdef KEEL_WITH_UPLINK
	[ROOM_UPLINK] = uplink_main,
#endif
};

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--room") == 0) {
		enum keel_room_id room = keel_room_named(keel_text(argv[2]));
		if (room < ROOM_COUNT && mains[room] != NULL)
			return keel_room_run(room, mains[room]);
	}
	struct keel_options options;
	switch (keel_options_read(argc, argv, &options)) {
	case OPTIONS_SAID:
		return 0;
	case OPTIONS_WRONG:
		return 2;
	case OPTIONS_RUN:
		break;
	}
	return keel_parent_run(&options, mains);
}
