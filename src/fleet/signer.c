#include "fleet/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cli/fault.h"
#include "cli/signing.h"
#include "core/hex.h"
#include "fleet/walls.h"

#define WORKER_FD   3
#define MESSAGE_MAX 2048
#define ANSWER_S    2 /* how long the worker waits: signing takes 0.1 ms */

/* --- what the two say to each other --- */

struct ask {
	uint32_t has;
	struct keel_token claims;
	struct keel_bytes nonce; /* the device's */
};
struct answer {
	uint32_t has;
	uint64_t error;
	struct keel_bytes token, time; /* empty with an error */
};

/* clang-format off */
static const struct keel_row ask_rows[] = {
	{ .name = "claims", .kind = KEEL_MAP, .of = &keel_token_schema, KEEL_AT(struct ask, claims) },
	{ .name = "nonce", .kind = KEEL_BYTES, .min = KEEL_TIME_NONCE_LEN, .max = KEEL_TIME_NONCE_LEN, KEEL_AT(struct ask, nonce) },
};
static const struct keel_row answer_rows[] = {
	{ .name = "error", .kind = KEEL_UINT, .max = KEEL_ERR_COUNT - 1, KEEL_AT(struct answer, error) },
	{ .name = "token", .kind = KEEL_BYTES, .max = KEEL_TOKEN_MAX, KEEL_AT(struct answer, token) },
	{ .name = "time", .kind = KEEL_BYTES, .max = KEEL_TIME_MAX, KEEL_AT(struct answer, time) },
};
/* clang-format on */
static const struct keel_schema ask_schema =
	KEEL_SCHEMA("ask", KEEL_AS_TUPLE, ask_rows, struct ask);
static const struct keel_schema answer_schema =
	KEEL_SCHEMA("answer", KEEL_AS_TUPLE, answer_rows, struct answer);

static bool say(int fd, const struct keel_schema *schema, const void *message)
{
	uint8_t buf[MESSAGE_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	keel_schema_write(schema, message, &w);
	return w.err == KEEL_OK && send(fd, buf, w.n, MSG_NOSIGNAL) == (ssize_t)w.n;
}

/* --- the signer --- */

struct signer {
	struct keel_p256_opened key;
	uint8_t st[KEEL_THUMBPRINT_LEN];
	struct keel_bytes origin;
};

enum keel_err keel_fleet_signer_check(
	const struct keel_token *claims, struct keel_bytes origin, int64_t now_s)
{
	if (!keel_bytes_equal(claims->issuer, origin) ||
		!keel_bytes_equal(claims->audience, origin))
		return KEEL_ERANGE;
	if (claims->issued < now_s - KEEL_TOKEN_SKEW_S ||
		claims->issued > now_s + KEEL_TOKEN_SKEW_S)
		return KEEL_ERANGE;
	return claims->expires - claims->issued > KEEL_TOKEN_TTL_S ? KEEL_ERANGE : KEEL_OK;
}

static enum keel_err sign(const struct signer *s, const struct ask *q, struct keel_wr *token,
	struct keel_wr *time_said)
{
	const struct keel_signer with = keel_signer_of_opened(&s->key);
	uint8_t id[KEEL_DEVICE_ID_LEN];
	int64_t now_s = (int64_t)time(NULL);
	enum keel_err e = keel_fleet_signer_check(&q->claims, s->origin, now_s);
	if (e == KEEL_OK)
		e = keel_bytes_copy(q->claims.device, id, sizeof(id));
	if (e == KEEL_OK)
		e = keel_token_write(&with, s->st, &q->claims, token);
	/* Its own time, whatever the worker's is. */
	return e == KEEL_OK ? keel_time_write(&with, s->st, id, q->nonce, now_s, time_said) : e;
}

static bool serve_one(const struct signer *s, struct keel_bytes message)
{
	uint8_t token[KEEL_TOKEN_MAX];
	uint8_t time_said[KEEL_TIME_MAX];
	struct keel_wr t = keel_wr_of(token, sizeof(token));
	struct keel_wr u = keel_wr_of(time_said, sizeof(time_said));
	struct ask q;
	struct answer a = { 0 };
	enum keel_err e = keel_schema_read(&ask_schema, message, &q, NULL);
	if (e == KEEL_OK)
		e = sign(s, &q, &t, &u);
	a.error = e;
	if (e == KEEL_OK) {
		a.token = (struct keel_bytes){ token, t.n };
		a.time = (struct keel_bytes){ time_said, u.n };
	}
	return say(WORKER_FD, &answer_schema, &a);
}

static void serve(const struct signer *s)
{
	uint8_t buf[MESSAGE_MAX];
	for (;;) {
		ssize_t n = recv(WORKER_FD, buf, sizeof(buf), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || !serve_one(s, (struct keel_bytes){ buf, (size_t)n }))
			return; /* the worker has ended */
	}
}

int keel_fleet_signer_main(int argc, char **argv)
{
	static struct signer s;
	struct keel_fault fault = { 0 };
	struct keel_p256_pub agree;
	keel_auto(keel_p256_key_wipe) struct keel_p256_key key = { 0 };
	(void)prctl(PR_SET_NAME, "keel-fleet-sign", 0, 0, 0);
	if (argc != 4 || keel_hex_read(keel_text(argv[2]), agree.xy, sizeof(agree.xy)) != KEEL_OK)
		return 2;
	enum keel_err e = keel_signing_key(argv[1], &key, &fault);
	if (e != KEEL_OK) {
		keel_fault_tell(&fault, e, false);
		return 1;
	}
	keel_crypto_warm();
	keel_p256_open(&key, &s.key);
	keel_thumbprint(&key.pub, &agree, s.st);
	keel_p256_key_wipe(&key);
	s.origin = keel_text(argv[3]);
	keel_fleet_wall_files(NULL, WORKER_FD + 1);
	keel_fleet_wall_calls(KEEL_FLEET_SIGNER);
	serve(&s);
	keel_p256_close(&s.key);
	return 0;
}

/* --- the worker's side --- */

static void become_signer(int end, const char *key, const char *agree, const char *origin)
{
	char name[] = "keel-fleet", role[] = KEEL_FLEET_SIGNER_ROLE;
	char path[512], point[160], said[300];
	char *argv[] = { name, role, path, point, said, NULL };
	char *envp[] = { NULL };
	(void)snprintf(path, sizeof(path), "%s", key);
	(void)snprintf(point, sizeof(point), "%s", agree);
	(void)snprintf(said, sizeof(said), "%s", origin);
	/* dup2 onto itself would leave FD_CLOEXEC on. */
	if (end == WORKER_FD ? fcntl(end, F_SETFD, 0) == 0 : dup2(end, WORKER_FD) == WORKER_FD)
		(void)execve("/proc/self/exe", argv, envp);
	_exit(1);
}

enum keel_err keel_fleet_signer_start(const char *key, const struct keel_p256_pub *agree,
	const char *origin, int *fd, struct keel_fault *fault)
{
	char point[2 * sizeof(agree->xy) + 1];
	const struct timeval patience = { .tv_sec = ANSWER_S };
	int ends[2];
	keel_hex_write(KEEL_VIEW(agree->xy), point);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return keel_fault_fill(fault, KEEL_EIO, "no line to the signer can be made", "");
	pid_t child = fork();
	if (child == 0)
		become_signer(ends[1], key, point, origin);
	(void)close(ends[1]);
	if (child < 0 ||
		setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) {
		(void)close(ends[0]);
		return keel_fault_fill(fault, KEEL_EIO, "the signer's process cannot be started",
			"check how many processes may run");
	}
	*fd = ends[0];
	return KEEL_OK;
}

enum keel_err keel_fleet_signer_ask(int fd, const struct keel_token *claims,
	struct keel_bytes device_nonce, struct keel_fleet_signed *out)
{
	const struct ask q = { .claims = *claims, .nonce = device_nonce };
	struct answer a;
	if (!say(fd, &ask_schema, &q))
		return KEEL_EIO;
	ssize_t n = recv(fd, out->buf, sizeof(out->buf), 0);
	if (n <= 0 || keel_schema_read(&answer_schema, (struct keel_bytes){ out->buf, (size_t)n },
			      &a, NULL) != KEEL_OK)
		return KEEL_EIO;
	if (a.error != KEEL_OK)
		return (enum keel_err)a.error;
	out->token = a.token;
	out->time = a.time;
	return KEEL_OK;
}
