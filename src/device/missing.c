/* What walls this system could not build, said to whoever started keeld; owners see it in the statement. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device/parent.h"

static const struct {
	const char *means;
	const char *next;
} walls[WALL_COUNT] = {
	[WALL_USER] = { "they share the user that started keeld",
		"start keeld as root: it gives each room a user of its own" },
	[WALL_NETWORK] = { "only their filters keep them from the network",
		"start keeld as root, or let users make namespaces (user.max_user_namespaces)" },
	[WALL_FILES] = { "they can open what their user can",
		"take a kernel from 5.13 on, with landlock in its lsm=" },
	[WALL_TRUNCATE] = { "they can empty a file that their user can write",
		"take a kernel from 6.2 on" },
	[WALL_SCOPE] = { "only their filters keep them from signalling others",
		"take a kernel from 6.12 on" },
	[WALL_SYSCALLS] = { "they can call whatever the kernel has",
		"take a kernel with seccomp filters" },
	[WALL_LIMITS] = { "they can take all memory and descriptors",
		"raise the limits that keeld was started with" },
};

/* "vault, door", into text; false: none lacks it. */
static bool rooms_without(const struct keel_parent *p, enum keel_wall wall, char text[64])
{
	size_t n = 0;
	text[0] = '\0';
	for (size_t i = 0; i < ROOM_COUNT; i++)
		if (p->lives[i].missing[wall])
			n += (size_t)snprintf(
				text + n, 64 - n, "%s%s", n > 0 ? ", " : "", keel_rooms[i].name);
	return n > 0;
}

void keel_parent_missing(const struct keel_parent *p)
{
	char rooms[64];
	for (enum keel_wall w = 0; w < WALL_COUNT; w++)
		if (rooms_without(p, w, rooms))
			(void)dprintf(STDERR_FILENO,
				"keeld: the wall \"%s\" is missing around %s: %s\n  Next: %s.\n",
				keel_wall_words[w], rooms, walls[w].means, walls[w].next);
}
