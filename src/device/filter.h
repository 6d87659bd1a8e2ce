/*
 * The system call filter of a room (seccomp, by libseccomp): what its row allows; what is not known
 * answers ENOSYS, so that a newer libc falls back; what only an attacker calls ends the process.
 */
#ifndef KEEL_DEVICE_FILTER_H
#define KEEL_DEVICE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/** Installs it for good; may: of enum keel_may. False: the system refused, nothing is filtered. */
bool keel_filter(unsigned may);

/**
 * Writes the same filter as it would be on another machine, as classic BPF: so that one machine can
 * tell what is allowed on all of them. machine: SCMP_ARCH_ARM and its like.
 */
bool keel_filter_export(unsigned may, uint32_t machine, int fd);

#endif
