#include "device/vault/keeper/tcti.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/bytes.h"

#define MAGIC       UINT64_C(0x4b45454c54435449)
#define HEAD_LEN    10 /* tag u16, size u32, response code u32 */
#define PATIENCE_MS 60000

static struct keel_tcti *of(TSS2_TCTI_CONTEXT *c)
{
	return (struct keel_tcti *)(void *)c;
}

static TSS2_RC broken(struct keel_tcti *t)
{
	t->dead = true;
	return TSS2_TCTI_RC_IO_ERROR;
}

static ssize_t put(int fd, const uint8_t *p, size_t n)
{
	ssize_t done = send(fd, p, n, MSG_NOSIGNAL);
	if (done < 0 && errno == ENOTSOCK)
		done = write(fd, p, n);
	return done;
}

static TSS2_RC transmit(TSS2_TCTI_CONTEXT *c, size_t n, const uint8_t *command)
{
	struct keel_tcti *t = of(c);
	if (t->dead)
		return TSS2_TCTI_RC_IO_ERROR;
	while (n > 0) { /* a device takes all at once, a socket may not */
		ssize_t done = put(t->fd, command, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return broken(t);
		command += done;
		n -= (size_t)done;
	}
	t->have = 0;
	return TSS2_RC_SUCCESS;
}

/* How long the response says it is, or 0 while its head is not there. */
static size_t said_length(const struct keel_tcti *t)
{
	if (t->have < HEAD_LEN)
		return 0;
	struct keel_rd r = keel_rd_of((struct keel_bytes){ t->response, HEAD_LEN });
	(void)keel_rd_u16be(&r);
	return keel_rd_u32be(&r);
}

/* Waits for more of the response; a timeout of -1 is our own patience. */
static TSS2_RC more(struct keel_tcti *t, int32_t timeout)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	int n = poll(&p, 1, timeout < 0 ? PATIENCE_MS : timeout);
	if (n < 0)
		return errno == EINTR ? TSS2_RC_SUCCESS : broken(t);
	if (n == 0)
		return timeout < 0 ? broken(t) : TSS2_TCTI_RC_TRY_AGAIN;
	ssize_t got = read(t->fd, t->response + t->have, sizeof(t->response) - t->have);
	if (got <= 0)
		return got < 0 && errno == EINTR ? TSS2_RC_SUCCESS : broken(t);
	t->have += (size_t)got;
	size_t length = said_length(t);
	if (t->have >= HEAD_LEN &&
		(length < HEAD_LEN || length > sizeof(t->response) || t->have > length))
		return broken(t);
	return TSS2_RC_SUCCESS;
}

static TSS2_RC receive(TSS2_TCTI_CONTEXT *c, size_t *n, uint8_t *response, int32_t timeout)
{
	struct keel_tcti *t = of(c);
	if (t->dead)
		return TSS2_TCTI_RC_IO_ERROR;
	while (t->have < HEAD_LEN || t->have < said_length(t)) {
		TSS2_RC rc = more(t, timeout);
		if (rc != TSS2_RC_SUCCESS)
			return rc;
	}
	size_t room = *n;
	*n = t->have;
	if (response == NULL)
		return TSS2_RC_SUCCESS;
	if (room < t->have)
		return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
	(void)memcpy(response, t->response, t->have);
	(void)explicit_bzero(t->response, t->have);
	t->have = 0;
	return TSS2_RC_SUCCESS;
}

static void finalize(TSS2_TCTI_CONTEXT *c)
{
	struct keel_tcti *t = of(c);
	if (t->fd >= 0)
		(void)close(t->fd);
	t->fd = -1;
	t->dead = true;
}

static TSS2_RC cancel(TSS2_TCTI_CONTEXT *c)
{
	(void)c;
	return TSS2_TCTI_RC_NOT_IMPLEMENTED;
}

static TSS2_RC poll_handles(TSS2_TCTI_CONTEXT *c, TSS2_TCTI_POLL_HANDLE *handles, size_t *n)
{
	if (handles != NULL && *n > 0)
		handles[0] = (TSS2_TCTI_POLL_HANDLE){ .fd = of(c)->fd, .events = POLLIN };
	*n = 1;
	return TSS2_RC_SUCCESS;
}

static TSS2_RC set_locality(TSS2_TCTI_CONTEXT *c, uint8_t locality)
{
	(void)c;
	return locality == 0 ? TSS2_RC_SUCCESS : TSS2_TCTI_RC_NOT_IMPLEMENTED;
}

void keel_tcti_init(struct keel_tcti *t, int fd)
{
	*t = (struct keel_tcti){
		.v1 = {
			.magic = MAGIC,
			.version = 1,
			.transmit = transmit,
			.receive = receive,
			.finalize = finalize,
			.cancel = cancel,
			.getPollHandles = poll_handles,
			.setLocality = set_locality,
		},
		.fd = fd,
	};
}
