#include "device/rooms.h"

/* What the maker's program needs to be started: the loader, its libraries, the time zone. */
static const char *const app_sees[] = { "/lib", "/lib64", "/usr/lib", "/usr/lib64",
	"/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", NULL };
static const char *const monitor_sees[] = { "/proc", NULL };
/* What the C library reads to resolve a name; the folders are where a network that changes writes it anew. */
static const char *const uplink_sees[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
	"/etc/gai.conf", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", NULL };

/*
 * A user that the system does not know is replaced by a number of its own, so that a device needs
 * no adduser: 61801.. lies between Debian's users (to 59999) and systemd's dynamic ones (61184 to
 * 65519, of which it takes only free ones).
 */
/* clang-format off */
const struct keel_room keel_rooms[ROOM_COUNT] = {
	/*                 name       user            uid    may         folder   sees          files MiB  patience rank */
	[ROOM_PARENT]  = { "parent",  "root",         0,     0,          NULL,    NULL,         256,  0,   0,       3 },
	[ROOM_VAULT]   = { "vault",   "keel-vault",   61801, MAY_FILES,  "vault", NULL,         64,   64,  30000,   2 },
	[ROOM_DOOR]    = { "door",    "keel-door",    61802, MAY_ACCEPT, NULL,    NULL,         512,  128, 30000,   0 },
	[ROOM_MONITOR] = { "monitor", "keel-monitor", 61803, MAY_READ,   NULL,    monitor_sees, 64,   32,  30000,   1 },
	[ROOM_APP]     = { "app",     "keel-app",     61804, MAY_EXEC,   NULL,    app_sees,     64,   256, 2000,    2 },
	[ROOM_UPLINK]  = { "uplink",  "keel-uplink",  61805, MAY_CONNECT, NULL,   uplink_sees,  64,   64,  30000,   0 },
};

/* Who may say what to whom. Commands reach the app from the vault only: there is no row door → app. */
const struct keel_line keel_lines[] = {
	{ ROOM_DOOR,    ROOM_VAULT,   MSG_REQUEST  },
	{ ROOM_VAULT,   ROOM_DOOR,    MSG_ANSWER   },
	{ ROOM_VAULT,   ROOM_APP,     MSG_COMMAND  },
	{ ROOM_VAULT,   ROOM_APP,     MSG_KEPT     },
	{ ROOM_VAULT,   ROOM_APP,     MSG_DATUM    },
	{ ROOM_VAULT,   ROOM_APP,     MSG_FORGET   },
	{ ROOM_APP,     ROOM_VAULT,   MSG_HELLO    },
	{ ROOM_APP,     ROOM_VAULT,   MSG_DONE     },
	{ ROOM_APP,     ROOM_VAULT,   MSG_REPORT   },
	{ ROOM_APP,     ROOM_VAULT,   MSG_KEEP     },
	{ ROOM_APP,     ROOM_VAULT,   MSG_RECALL   },
	{ ROOM_MONITOR, ROOM_VAULT,   MSG_EVENT    },
	{ ROOM_MONITOR, ROOM_VAULT,   MSG_FILES    },
	{ ROOM_DOOR,    ROOM_MONITOR, MSG_COUNT    },
	{ ROOM_VAULT,   ROOM_MONITOR, MSG_COUNT    },
	{ ROOM_VAULT,   ROOM_MONITOR, MSG_STATE    },
	{ ROOM_UPLINK,  ROOM_VAULT,   MSG_REQUEST  },
	{ ROOM_UPLINK,  ROOM_VAULT,   MSG_ATTEST   },
	{ ROOM_UPLINK,  ROOM_VAULT,   MSG_SESSION  },
	{ ROOM_UPLINK,  ROOM_VAULT,   MSG_TAKEN    },
	{ ROOM_UPLINK,  ROOM_VAULT,   MSG_NOTICE   },
	{ ROOM_VAULT,   ROOM_UPLINK,  MSG_ANSWER   },
	{ ROOM_VAULT,   ROOM_UPLINK,  MSG_ATTESTED },
	{ ROOM_VAULT,   ROOM_UPLINK,  MSG_RENEW    },
	{ ROOM_VAULT,   ROOM_UPLINK,  MSG_OUT      },
	{ ROOM_VAULT,   ROOM_UPLINK,  MSG_NOTED    },

	{ ROOM_VAULT,   ROOM_PARENT,  MSG_READY    },
	{ ROOM_VAULT,   ROOM_PARENT,  MSG_BAD_PEER },
	{ ROOM_VAULT,   ROOM_PARENT,  MSG_STATE    },
	{ ROOM_DOOR,    ROOM_PARENT,  MSG_READY    },
	{ ROOM_DOOR,    ROOM_PARENT,  MSG_BAD_PEER },
	{ ROOM_MONITOR, ROOM_PARENT,  MSG_READY    },
	{ ROOM_MONITOR, ROOM_PARENT,  MSG_BAD_PEER },
	{ ROOM_MONITOR, ROOM_PARENT,  MSG_WHOSE    },
	{ ROOM_APP,     ROOM_PARENT,  MSG_READY    },
	{ ROOM_APP,     ROOM_PARENT,  MSG_BAD_PEER },
	{ ROOM_APP,     ROOM_PARENT,  MSG_ALIVE    },
	{ ROOM_UPLINK,  ROOM_PARENT,  MSG_READY    },
	{ ROOM_UPLINK,  ROOM_PARENT,  MSG_BAD_PEER },

	{ ROOM_PARENT,  ROOM_VAULT,   MSG_END      },
	{ ROOM_PARENT,  ROOM_VAULT,   MSG_BUTTON   },
	{ ROOM_PARENT,  ROOM_VAULT,   MSG_FACTS    },
	{ ROOM_PARENT,  ROOM_DOOR,    MSG_END      },
	{ ROOM_PARENT,  ROOM_MONITOR, MSG_END      },
	{ ROOM_PARENT,  ROOM_MONITOR, MSG_STARTED  },
	{ ROOM_PARENT,  ROOM_MONITOR, MSG_PROCESS  },
	{ ROOM_PARENT,  ROOM_MONITOR, MSG_FACTS    },
	{ ROOM_PARENT,  ROOM_APP,     MSG_END      },
	{ ROOM_PARENT,  ROOM_UPLINK,  MSG_END      },
};
/* clang-format on */
const size_t keel_lines_count = KEEL_COUNT(keel_lines);

enum keel_room_id keel_room_named(struct keel_bytes name)
{
	enum keel_room_id id = 0;
	while (id < ROOM_COUNT && !keel_bytes_is(name, keel_rooms[id].name))
		id++;
	return id;
}

bool keel_line_allows(enum keel_room_id from, enum keel_room_id to, uint64_t msg)
{
	for (size_t i = 0; i < KEEL_COUNT(keel_lines); i++) {
		const struct keel_line *l = &keel_lines[i];
		if (l->from == from && l->to == to && l->msg == msg)
			return true;
	}
	return false;
}

bool keel_line_joins(enum keel_room_id a, enum keel_room_id b)
{
	for (size_t i = 0; i < KEEL_COUNT(keel_lines); i++) {
		const struct keel_line *l = &keel_lines[i];
		if ((l->from == a && l->to == b) || (l->from == b && l->to == a))
			return true;
	}
	return false;
}

enum keel_err keel_line_read(enum keel_room_id from, enum keel_room_id to, struct keel_bytes in,
	enum keel_msg *msg, union keel_body *out, struct keel_where *where)
{
	uint64_t number;
	struct keel_bytes body;
	enum keel_err e = keel_message_head(in, &number, &body);
	if (e != KEEL_OK)
		return e;
	if (!keel_line_allows(from, to, number))
		return KEEL_ERIGHT;
	e = keel_schema_read(keel_message_schema(number), body, out, where);
	if (e == KEEL_OK)
		*msg = (enum keel_msg)number;
	return e;
}
