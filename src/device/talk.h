/* One message over one SOCK_SEQPACKET descriptor, with a descriptor beside it where the parent hands one over. */
#ifndef KEEL_DEVICE_TALK_H
#define KEEL_DEVICE_TALK_H

#include "device/messages.h"

/**
 * Writes and sends one message; never blocks. pass: a descriptor to hand over, or -1.
 * KEEL_ESTATE: nobody is at the other end. KEEL_EFULL: it does not read. KEEL_ERANGE, KEEL_EIO.
 */
KEEL_CHECKED enum keel_err keel_talk_send(int fd, enum keel_msg msg, const void *body, int pass);

/**
 * Receives one message into buf (KEEL_MESSAGE_MAX); never blocks. passed: NULL where no descriptor
 * is wanted (one that was sent is closed by the kernel), else set to it (close-on-exec), or to -1.
 * KEEL_ENONE: nothing waits. KEEL_ESTATE: the other end is gone. KEEL_EFULL: longer than any message.
 */
KEEL_CHECKED enum keel_err keel_talk_receive(
	int fd, uint8_t *buf, struct keel_bytes *out, int *passed);

/** Gives *fd away: it is the caller's, and -1 here. */
int keel_fd_take(int *fd);
/** Closes *fd and makes it -1. */
void keel_fd_close(int *fd);

#endif
