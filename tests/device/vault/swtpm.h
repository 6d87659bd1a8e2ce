/* A TPM 2.0 emulator of the test's own, over a Unix socket in a folder of its own. */
#ifndef KEEL_TESTS_SWTPM_H
#define KEEL_TESTS_SWTPM_H

#include <stdbool.h>
#include <sys/types.h>

struct swtpm {
	char dir[32]; /* its state and its socket */
	pid_t pid;
};

/** Makes the folder and starts it. False where there is no swtpm, or it does not come up. */
bool swtpm_new(struct swtpm *t);
/** Starts it again over the same state. */
bool swtpm_start(struct swtpm *t);
/** kill -9: a TPM that goes away. */
void swtpm_kill(struct swtpm *t);
/** A connected descriptor, or -1. */
int swtpm_connect(const struct swtpm *t);
/** Ends it and removes the folder. */
void swtpm_free(struct swtpm *t);

#endif
