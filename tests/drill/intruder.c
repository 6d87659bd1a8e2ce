/*
 * A product's program that does what it must not: reads and writes files that are not its own, all
 * of them open to every user, so that nothing but the room's wall of files stands in its way.
 *
 * They lie beside it. What it could read it writes into the burner, the one file that it was given:
 * the drill looks there, and for the file that it tried to make.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keel/keel.h"

struct intruder {
	char folder[256];
	bool tried;
};

static void step(struct keel *k, void *self)
{
	struct intruder *in = self;
	char path[300], text[64] = "nothing was read\n";
	if (in->tried)
		return;
	in->tried = true;
	(void)snprintf(path, sizeof(path), "%s/open-to-all", in->folder);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		(void)!read(fd, text, sizeof(text) - 1);
	(void)snprintf(path, sizeof(path), "%s/was-here", in->folder);
	(void)open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	(void)!pwrite(keel_hardware(k, "burner"), text, strlen(text), 0);
}

int main(int argc, char **argv)
{
	static struct intruder in;
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	if (slash == NULL)
		return 2;
	(void)snprintf(in.folder, sizeof(in.folder), "%.*s", (int)(slash - argv[0]), argv[0]);
	return keel_run(&(struct keel_program){ .period_ms = 1000, .step = step, .self = &in });
}
