#include "device/talk.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr head;
	char space[CMSG_SPACE(sizeof(int))];
};

static void attach(struct msghdr *m, union control *c, int fd)
{
	m->msg_control = c->space;
	m->msg_controllen = sizeof(c->space);
	struct cmsghdr *h = CMSG_FIRSTHDR(m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
}

static enum keel_err send_failed(void)
{
	if (errno == EAGAIN || errno == ENOBUFS)
		return KEEL_EFULL;
	return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? KEEL_ESTATE : KEEL_EIO;
}

enum keel_err keel_talk_send(int fd, enum keel_msg msg, const void *body, int pass)
{
	uint8_t buf[KEEL_MESSAGE_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_message_write(msg, body, &w);
	struct keel_bytes out;
	enum keel_err e = keel_wr_end(&w, &out);
	if (e != KEEL_OK)
		return e;
	struct iovec v = { .iov_base = buf, .iov_len = out.n };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	union control c = { 0 };
	if (pass >= 0)
		attach(&m, &c, pass);
	ssize_t n;
	do
		n = sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? send_failed() : KEEL_OK;
}

/* No bytes are the end of the other end, or an empty message that somebody sent: only poll knows. */
static enum keel_err nothing_read(int fd, struct keel_bytes *out)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	if (poll(&p, 1, 0) > 0 && (p.revents & POLLHUP) != 0)
		return KEEL_ESTATE;
	*out = (struct keel_bytes){ 0 };
	return KEEL_OK;
}

static int detach(struct msghdr *m)
{
	struct cmsghdr *h = CMSG_FIRSTHDR(m);
	int fd = -1;
	if (h != NULL && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	return fd;
}

enum keel_err keel_talk_receive(int fd, uint8_t *buf, struct keel_bytes *out, int *passed)
{
	struct iovec v = { .iov_base = buf, .iov_len = KEEL_MESSAGE_MAX };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	union control c = { 0 };
	if (passed != NULL) {
		m.msg_control = c.space;
		m.msg_controllen = sizeof(c.space);
		*passed = -1;
	}
	ssize_t n;
	do
		n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? KEEL_ENONE : KEEL_ESTATE;
	if (passed != NULL)
		*passed = detach(&m);
	if (n == 0)
		return nothing_read(fd, out);
	if ((m.msg_flags & MSG_TRUNC) != 0)
		return KEEL_EFULL;
	*out = (struct keel_bytes){ buf, (size_t)n };
	return KEEL_OK;
}

int keel_fd_take(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

void keel_fd_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}
