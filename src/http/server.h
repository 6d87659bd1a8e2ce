/*
 * The HTTPS server of door and service: libevent's loop and TLS, our own strict reader, a table of
 * routes, and a limit on everything that a client can take: time, connections, requests, bytes.
 * Everything is opened before a room's walls stand; afterwards it needs accept4, getsockname,
 * setsockopt, shutdown, epoll_*, read, write, close and getrandom, and no file. EN 303 645 5.13-1A.
 *
 * One thread. A handler answers at once, or keeps the call and answers later (a held answer).
 */
#ifndef KEEL_HTTP_SERVER_H
#define KEEL_HTTP_SERVER_H

#include "core/clock.h"
#include "http/address.h"
#include "http/answer.h"
#include "http/gate.h"
#include "http/request.h"

struct event_base;
struct ssl_ctx_st;

struct keel_http_server;
/** One request that waits for its answer. */
struct keel_http_call;

/** Why a held call ends before its answer. */
enum keel_http_over {
	KEEL_HTTP_GONE,   /* the client went, or the server closes: the call is void now */
	KEEL_HTTP_WAITED, /* hold_ms passed: answer now, else the server does with 503 */
};

struct keel_http_route {
	enum keel_http_method method; /* GET answers HEAD too */
	uint32_t hold_ms;             /* how long a call may be held */
	const char *path;             /* the whole path, compared byte by byte */
	bool below;       /* path ends with a slash, and what lies below it is this route's, too */
	size_t body_max;  /* 0: no body */
	const char *type; /* the request's Content-Type; NULL: any, and none */
	/* Answers, or holds the call; its views (head, body) live until it returns. */
	void (*handle)(void *self, struct keel_http_call *call);
	void (*over)(
		void *self, struct keel_http_call *call, enum keel_http_over why); /* or NULL */
};

/** Each is absolute, from the moment that the state begins; no drip of bytes prolongs it. */
struct keel_http_times {
	uint32_t shake_ms; /* TCP's connection to the end of TLS's handshake */
	uint32_t idle_ms;  /* to the next request's first byte */
	uint32_t head_ms;  /* to the end of the head */
	uint32_t body_ms;  /* to the end of the body */
	uint32_t write_ms; /* to the end of the answer, where the client does not take it at once */
	uint32_t linger_ms; /* after the last answer, so that the client can read it */
};

struct keel_http_config {
	struct keel_http_limits limits;
	struct keel_http_times times;
	struct keel_http_quota quota;
	struct keel_http_gate gate;
	size_t connections; /* at once; the one that waits longest makes way for a new one */
	/*
	 * Of these, in their handshake: there a connection takes 50 kB of memory, and after it 15. The
	 * oldest makes way. 0: all of them may.
	 */
	size_t shakings;
	const struct keel_http_route *routes; /* lives as long as the server */
	size_t route_count;
	void *self; /* for handlers */
	struct keel_clock clock;
	/* Writes the body of a refusal, gives its type. NULL: one line of text. */
	const char *(*explain)(enum keel_http_refusal why, struct keel_wr *w);
};

/** Takes over none of base and tls; both live longer. The process ignores SIGPIPE from now on. */
KEEL_CHECKED enum keel_err keel_http_server_open(struct event_base *base, struct ssl_ctx_st *tls,
	const struct keel_http_config *config, struct keel_http_server **out);
/** Accepts from a listening socket (made non-blocking), which stays the caller's. At most 8. */
KEEL_CHECKED enum keel_err keel_http_server_listen(struct keel_http_server *s, int fd);
/** Closes all connections; held calls are told. */
void keel_http_server_close(struct keel_http_server *s);

/** How often each refusal happened: KEEL_HTTP_REFUSALS numbers that only grow. */
const uint64_t *keel_http_server_refused(const struct keel_http_server *s);
/** Connections that are open now. */
size_t keel_http_server_connections(const struct keel_http_server *s);

/* --- in a handler ---------------------------------------------------------------------------- */

const struct keel_http_head *keel_http_call_head(const struct keel_http_call *call);
struct keel_bytes keel_http_call_body(const struct keel_http_call *call);
/** Who asks. Lives as long as the call. */
const struct keel_http_place *keel_http_call_from(const struct keel_http_call *call);
/**
 * What the handler keeps with a call that it holds, and finds again when the call is over: a pointer,
 * NULL at first. The server does not touch what it points to.
 */
void keel_http_call_keep(struct keel_http_call *call, void *what);
void *keel_http_call_kept(const struct keel_http_call *call);
/** Once for each call: now, or later for a held one, which is void afterwards. */
void keel_http_answer(struct keel_http_call *call, const struct keel_http_answer *a);
/** Answers by refusing, counted; the connection is closed behind it. */
void keel_http_refuse(struct keel_http_call *call, enum keel_http_refusal why);

#endif
