/*
 * The uplink's HTTPS client, over libcurl's multi interface: POSTs CBOR to one origin and nothing else.
 * TLS 1.3, the roots that the caller names and no others, name and end checked at every connection (trust.h); no
 * redirect, proxy, cookie or cache is followed, and there is no fallback: what cannot be done so is not
 * done. EN 303 645 5.5-1, 5.5-7.
 *
 * Two lanes, each with a connection of its own that is kept: one call, and one long poll, may be under
 * way at once. Every answer is bounded in time, head and body.
 *
 *	keel_web_open(origin, roots, &web, &fault);
 *	keel_room_confine(env);
 *	keel_web_find(web)                 asks for the origin's address; blocks some seconds at most
 *	keel_web_post(web, WEB_CALL, "/v1/report", body, 20000, answered, self);
 *	for (;;)
 *		keel_web_wait(web, fds, n, 1000);   answered is called from in here
 */
#ifndef KEEL_DEVICE_UPLINK_WEB_H
#define KEEL_DEVICE_UPLINK_WEB_H

#include <poll.h>

#include "core/bytes.h"

#define KEEL_WEB_BODY_MAX   65536 /* of a request and of an answer */
#define KEEL_WEB_ORIGIN_MAX 256

enum keel_web_lane { WEB_CALL, WEB_POLL, WEB_LANE_COUNT };

/** How a call ended. */
enum keel_web_end {
	WEB_ANSWERED,   /* status and body are there, whatever they say */
	WEB_UNFOUND,    /* the name has no address that we know of */
	WEB_UNREACHED,  /* nobody accepts a connection there */
	WEB_NO_TLS,     /* no TLS 1.3 came about, or a certificate's signature is wrong */
	WEB_DISTRUSTED, /* the certificate is of another CA or name, or out of date */
	WEB_LATE,       /* the time was up */
	WEB_TOO_LONG,   /* the answer's head or body is longer than allowed */
	WEB_BROKEN,     /* the connection ended in the middle, or what came is no HTTP */
	WEB_END_COUNT
};
/** "answered", "unfound", …: for the log. */
extern const char *const keel_web_end_words[WEB_END_COUNT];

struct keel_web_answer {
	enum keel_web_end end;
	unsigned status;        /* of HTTP; 0: none came */
	uint64_t retry_after_s; /* 0: the service did not say */
	struct keel_bytes body; /* valid until the function that gets it returns */
};
typedef void keel_web_done(void *self, const struct keel_web_answer *answer);

struct keel_web;

/**
 * origin: https://service.example[:port], without a path. roots: certificates in PEM, copied. Does all
 * that libcurl and OpenSSL read from files, so it comes before the walls. KEEL_EFORM: no origin, or no
 * certificate in the roots. KEEL_EIO: no libcurl. The fault tells. Free with keel_web_close, which calls nobody back.
 */
KEEL_CHECKED enum keel_err keel_web_open(const char *origin, struct keel_bytes roots,
	struct keel_web **out, struct keel_fault *fault);
void keel_web_close(struct keel_web *w);

/** The port that the origin names; what the room has to be let out to. */
uint16_t keel_web_port(const struct keel_web *w);

/** Asks for the origin's addresses and uses them from now on. As keel_resolve. */
KEEL_CHECKED enum keel_err keel_web_find(struct keel_web *w);

/**
 * Begins a call in a lane that is free. path: a constant; body: copied. `done` is called once, in a later
 * keel_web_wait; in it the lane is free again. KEEL_EFULL: the body is too long.
 */
KEEL_CHECKED enum keel_err keel_web_post(struct keel_web *w, enum keel_web_lane lane,
	const char *path, struct keel_bytes body, uint32_t within_ms, keel_web_done *done,
	void *self);
bool keel_web_busy(const struct keel_web *w, enum keel_web_lane lane);
/** Ends the call in that lane, if there is one, and its connection. Nobody is called back. */
void keel_web_drop(struct keel_web *w, enum keel_web_lane lane);

/** Waits for what libcurl waits for and for these descriptors (-1: none), timeout_ms at most. */
void keel_web_wait(struct keel_web *w, struct pollfd *fds, size_t n, int timeout_ms);

#endif
