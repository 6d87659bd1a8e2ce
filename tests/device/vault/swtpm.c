#include "device/vault/swtpm.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void path_of(const struct swtpm *t, char out[64])
{
	(void)snprintf(out, 64, "%s/sock", t->dir);
}

int swtpm_connect(const struct swtpm *t)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char path[64];
	path_of(t, path);
	(void)memcpy(a.sun_path, path, strlen(path) + 1);
	for (int i = 0; i < 200; i++) { /* its socket is there a little before it listens */
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 ||
			connect(fd, (const struct sockaddr *)(const void *)&a, sizeof(a)) == 0)
			return fd;
		(void)close(fd);
		if (t->pid <= 0)
			break;
		(void)usleep(10000);
	}
	return -1;
}

static void run(const struct swtpm *t)
{
	char server[96];
	char state[96];
	(void)snprintf(server, sizeof(server), "type=unixio,path=%s/sock", t->dir);
	(void)snprintf(state, sizeof(state), "dir=%s", t->dir);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)execlp("swtpm", "swtpm", "socket", "--tpm2", "--server", server, "--tpmstate", state,
		"--flags", "not-need-init,startup-clear", (char *)NULL);
	_exit(127);
}

bool swtpm_start(struct swtpm *t)
{
	char path[64];
	path_of(t, path);
	(void)unlink(path);
	t->pid = fork();
	if (t->pid == 0)
		run(t);
	for (int i = 0; i < 500 && t->pid > 0; i++) {
		if (waitpid(t->pid, NULL, WNOHANG) == t->pid) {
			t->pid = 0;
			return false;
		}
		if (access(path, F_OK) == 0)
			return true;
		(void)usleep(10000);
	}
	return false;
}

bool swtpm_new(struct swtpm *t)
{
	*t = (struct swtpm){ .dir = "/tmp/keel-tpm-XXXXXX" };
	return mkdtemp(t->dir) != NULL && swtpm_start(t);
}

void swtpm_kill(struct swtpm *t)
{
	if (t->pid <= 0)
		return;
	(void)kill(t->pid, SIGKILL);
	(void)waitpid(t->pid, NULL, 0);
	t->pid = 0;
}

void swtpm_free(struct swtpm *t)
{
	char line[64];
	swtpm_kill(t);
	(void)snprintf(line, sizeof(line), "rm -rf %s", t->dir);
	if (system(line) != 0)
		(void)fprintf(stderr, "left behind: %s\n", t->dir);
}
