/* The inside of the server: for server.c, conn.c and serve.c only. */
#ifndef KEEL_HTTP_CONN_H
#define KEEL_HTTP_CONN_H

#include <event2/event.h>
#include <event2/listener.h>
#include <sys/queue.h>

#include "http/chunks.h"
#include "http/server.h"

#define KEEL_HTTP_LISTENERS_MAX 8
#define KEEL_HTTP_DIRECT_MAX    16384 /* one TLS record */

/* What a connection waits for; each state has its deadline. */
enum conn_state {
	CONN_FREE,
	CONN_SHAKING, /* the handshake */
	CONN_IDLE,    /* a request's first byte */
	CONN_HEAD,    /* the end of the head */
	CONN_BODY,    /* the end of the body */
	CONN_HELD,    /* the handler's answer */
	CONN_WRITING, /* the client, to take what was answered */
	CONN_CLOSING, /* the client, to take the last answer */
	CONN_LINGER,  /* the client's end of the connection */
};

struct keel_http_call { /* a connection, as its handler sees it */
	struct keel_http_server *server;
	struct bufferevent *bev;
	struct keel_http_address *address;
	struct keel_http_place from;
	struct keel_http_place here;
	enum conn_state state;
	uint64_t number; /* of its requests: the one that is held now */
	bool stepping;   /* conn_step is on the stack: an answer returns to it */
	bool close;      /* after this answer */
	bool head_only;
	bool cross;        /* the answer may be read by the app's origin */
	uint64_t since_ms; /* the state's beginning */
	uint64_t until_ms; /* its deadline */
	size_t seen;       /* of the head, in the input */
	size_t head_size;
	size_t need; /* head and body, where the body's length is known */
	struct keel_http_chunks chunks;
	const struct keel_http_route *route;
	struct keel_bytes body;            /* while the handler runs */
	void *kept;                        /* the handler's */
	size_t drained;                    /* what was thrown away in CONN_LINGER */
	LIST_ENTRY(keel_http_call) link;   /* free or used */
	TAILQ_ENTRY(keel_http_call) shake; /* in CONN_SHAKING */
};

LIST_HEAD(calls, keel_http_call);

struct keel_http_server {
	struct event_base *base;
	struct ssl_ctx_st *tls;
	struct keel_http_config config;
	struct evconnlistener *listeners[KEEL_HTTP_LISTENERS_MAX];
	size_t listener_count;
	struct event *tick;
	bool ticking;
	uint64_t tick_ms;
	size_t input_max; /* the longest request */
	struct keel_http_addresses *addresses;
	struct keel_http_call *all;
	struct calls free;
	struct calls used;
	size_t count;
	TAILQ_HEAD(, keel_http_call) shaking; /* the oldest first */
	size_t shaking_count;
	struct keel_http_head head; /* of the request that is looked at now */
	int64_t date_s;
	char date[KEEL_HTTP_DATE_LEN];
	uint64_t refused[KEEL_HTTP_REFUSALS];
	uint8_t answer[KEEL_HTTP_DIRECT_MAX]; /* that is written now */
};

uint64_t keel_conn_now(const struct keel_http_call *c);
/* conn.c: from an accepted socket, whose address has been let in, to its end. */
bool keel_conn_open(struct keel_http_call *c, int fd);
void keel_conn_close(struct keel_http_call *c);
/* The deadline has passed. */
void keel_conn_late(struct keel_http_call *c);
/* Into a state, with its deadline. */
void keel_conn_go(struct keel_http_call *c, enum conn_state state);
/* Refuses with an answer, and closes behind it. */
void keel_conn_refuse(struct keel_http_call *c, enum keel_http_refusal why);

/* serve.c: what the head says is judged before its body is read … */
KEEL_CHECKED enum keel_http_refusal keel_serve_judge(struct keel_http_call *c);
/* … and then the handler is called, or the server answers by itself (OPTIONS). */
void keel_serve(struct keel_http_call *c, struct keel_bytes body);
/* Writes the answer that a refusal has. */
void keel_serve_refusal(struct keel_http_call *c, enum keel_http_refusal why);
/* Writes an answer into the connection's output. */
void keel_serve_write(struct keel_http_call *c, const struct keel_http_answer *a);

#endif
