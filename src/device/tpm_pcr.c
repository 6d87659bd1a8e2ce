#include "device/tpm_pcr.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "owner/pcr.h"

#define PATIENCE_MS  2000
#define COMMAND_MAX  96
#define ANSWER_MAX   128
#define HEAD_LEN     10
#define NO_SESSIONS  0x8001
#define SESSIONS     0x8002
#define PCR_READ     0x0000017e
#define PCR_EXTEND   0x00000182
#define PASSWORD     0x40000009
#define PASSWORD_LEN 9 /* of the empty one: handle, no nonce, no attributes, nothing */
#define PCR_BYTES    3

static bool put(int fd, struct keel_bytes b)
{
	ssize_t n = send(fd, b.p, b.n, MSG_NOSIGNAL);
	if (n < 0 && errno == ENOTSOCK)
		n = write(fd, b.p, b.n);
	return n == (ssize_t)b.n;
}

/* The whole answer: a device gives it at once, a socket in pieces. */
static enum keel_err take(int fd, uint8_t *buf, struct keel_bytes *out)
{
	size_t have = 0, length = HEAD_LEN;
	while (have < length) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int ready = poll(&p, 1, PATIENCE_MS);
		if (ready < 0 && errno == EINTR)
			continue;
		ssize_t n = ready == 1 ? read(fd, buf + have, ANSWER_MAX - have) : -1;
		if (n <= 0)
			return KEEL_EIO;
		have += (size_t)n;
		if (have >= HEAD_LEN) {
			struct keel_rd r = keel_rd_of((struct keel_bytes){ buf + 2, 4 });
			length = keel_rd_u32be(&r);
		}
		if (length < HEAD_LEN || length > ANSWER_MAX || have > ANSWER_MAX)
			return KEEL_EIO;
	}
	*out = (struct keel_bytes){ buf, have };
	return have == length ? KEEL_OK : KEEL_EIO;
}

/* Sends a command and reads its answer up to the parameters. */
static enum keel_err ask(
	int fd, struct keel_wr *command, uint16_t tag, uint8_t *buf, struct keel_rd *out)
{
	struct keel_bytes sent, got;
	struct keel_wr size = keel_wr_of(command->p + 2, 4);
	keel_wr_u32be(&size, (uint32_t)command->n);
	KEEL_MUST(keel_wr_end(command, &sent) == KEEL_OK);
	enum keel_err e = put(fd, sent) ? take(fd, buf, &got) : KEEL_EIO;
	if (e != KEEL_OK)
		return e;
	*out = keel_rd_of(got);
	uint16_t answered = keel_rd_u16be(out);
	(void)keel_rd_u32be(out);
	if (keel_rd_u32be(out) != 0)
		return KEEL_ERANGE;
	return answered == tag ? KEEL_OK : KEEL_EIO;
}

static struct keel_wr command_of(uint8_t buf[COMMAND_MAX], uint16_t tag, uint32_t code)
{
	struct keel_wr w = keel_wr_of(buf, COMMAND_MAX);
	keel_wr_u16be(&w, tag);
	keel_wr_u32be(&w, 0); /* its size, when it is known */
	keel_wr_u32be(&w, code);
	return w;
}

static void put_selection(struct keel_wr *w)
{
	uint8_t bits[PCR_BYTES] = { [KEEL_PCR / 8] = 1U << (KEEL_PCR % 8) };
	keel_wr_u32be(w, 1);
	keel_wr_u16be(w, KEEL_PCR_BANK);
	keel_wr_u8(w, PCR_BYTES);
	keel_wr_bytes(w, KEEL_VIEW(bits));
}

enum keel_err keel_tpm_pcr_read(int fd, struct keel_digest *out)
{
	uint8_t command[COMMAND_MAX], answer[ANSWER_MAX], wanted[10];
	struct keel_wr w = command_of(command, NO_SESSIONS, PCR_READ), s = keel_wr_of(wanted, 10);
	struct keel_rd r;
	put_selection(&w);
	put_selection(&s);
	enum keel_err e = ask(fd, &w, NO_SESSIONS, answer, &r);
	if (e != KEEL_OK)
		return e;
	(void)keel_rd_u32be(&r); /* how often any PCR changed */
	/* A TPM without that bank selects less, and gives no value. */
	bool selected = keel_bytes_equal(keel_rd_take(&r, sizeof(wanted)), KEEL_VIEW(wanted));
	uint32_t values = keel_rd_u32be(&r);
	if (!selected || values != 1 || keel_rd_u16be(&r) != sizeof(out->b))
		return KEEL_ERANGE;
	struct keel_bytes value = keel_rd_take(&r, sizeof(out->b));
	return keel_rd_end(&r) == KEEL_OK ? keel_bytes_copy(value, out->b, sizeof(out->b))
					  : KEEL_EIO;
}

enum keel_err keel_tpm_pcr_extend(int fd, const struct keel_digest *event)
{
	uint8_t command[COMMAND_MAX], answer[ANSWER_MAX];
	struct keel_wr w = command_of(command, SESSIONS, PCR_EXTEND);
	struct keel_rd r;
	keel_wr_u32be(&w, KEEL_PCR);
	keel_wr_u32be(&w, PASSWORD_LEN);
	keel_wr_u32be(&w, PASSWORD);
	keel_wr_u16be(&w, 0);
	keel_wr_u8(&w, 0);
	keel_wr_u16be(&w, 0);
	keel_wr_u32be(&w, 1);
	keel_wr_u16be(&w, KEEL_PCR_BANK);
	keel_wr_bytes(&w, KEEL_VIEW(event->b));
	return ask(fd, &w, SESSIONS, answer, &r);
}
