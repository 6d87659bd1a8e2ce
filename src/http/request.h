/*
 * The strict reader of an HTTP/1.1 request (RFC 9112, RFC 9110): bytes to values, no I/O, no heap.
 * What the grammar does not allow is refused; so is what it allows and no honest client sends:
 * absolute and authority targets, dot segments, chunk extensions, trailers, a repeated length.
 * Shared by the device's door and the service. EN 303 645 5.13-1A.
 */
#ifndef KEEL_HTTP_REQUEST_H
#define KEEL_HTTP_REQUEST_H

#include "core/bytes.h"

#define KEEL_HTTP_HEAD_MAX   8192
#define KEEL_HTTP_TARGET_MAX 1024
#define KEEL_HTTP_FIELDS_MAX 48

/** Why a request is refused: what is counted, and (by its row) the status that the client sees. */
enum keel_http_refusal {
	KEEL_HTTP_FINE = 0,
	KEEL_HTTP_MORE, /* no refusal: the bytes end too early, and may go on */
	/* The reader's. */
	KEEL_HTTP_BYTE,   /* NUL, another control character, a bare CR or LF */
	KEEL_HTTP_LINE,   /* not "method SP target SP version" */
	KEEL_HTTP_TARGET, /* not a path with an optional query, or badly escaped */
	KEEL_HTTP_FIELD,  /* no name, a space before the colon, a folded line, a bad value */
	KEEL_HTTP_HOST,   /* none, two, or not a host */
	KEEL_HTTP_TWICE,  /* a field that may stand once stands twice */
	KEEL_HTTP_LENGTH, /* Content-Length is no plain number, or stands beside Transfer-Encoding */
	KEEL_HTTP_CHUNK,  /* a chunk that is not "size CRLF data CRLF" */
	KEEL_HTTP_NO_LENGTH,   /* a method with a body, and no Content-Length */
	KEEL_HTTP_LONG_BODY,   /* the body is longer than its route takes */
	KEEL_HTTP_LONG_TARGET, /* the request line is too long */
	KEEL_HTTP_EXPECT,      /* any Expect: the answer follows the body, never precedes it */
	KEEL_HTTP_LONG_HEAD,   /* the head is too long, or has too many fields */
	KEEL_HTTP_METHOD,      /* a method that nobody here knows */
	KEEL_HTTP_CODING,      /* a Transfer-Encoding other than exactly "chunked" */
	KEEL_HTTP_VERSION,     /* any version but HTTP/1.1 */
	/* The server's. */
	KEEL_HTTP_ORIGIN,      /* an Origin that is neither the app's nor one's own */
	KEEL_HTTP_NO_ROUTE,    /* no such path */
	KEEL_HTTP_NO_METHOD,   /* the path is there, not by this method */
	KEEL_HTTP_LATE,        /* head or body was not there by its deadline */
	KEEL_HTTP_TYPE,        /* another Content-Type than the route takes */
	KEEL_HTTP_MISDIRECTED, /* a Host that is not this one */
	KEEL_HTTP_RATE,        /* more requests a second than one address may send */
	KEEL_HTTP_BUSY,        /* too much is waiting already, or nobody answered in time */
	/* Closed without an answer. */
	KEEL_HTTP_TLS,     /* the handshake failed, or took too long */
	KEEL_HTTP_CROWD,   /* more connections, or new ones a second, than one address may have */
	KEEL_HTTP_FULL,    /* more connections than there are places */
	KEEL_HTTP_SLOW,    /* the client does not take its answer */
	KEEL_HTTP_REFUSALS /* their number */
};

/** The status line's number for a refusal; 0 where none is sent. */
unsigned keel_http_refusal_status(enum keel_http_refusal r);
/** A word for counters and logs: "byte", "line", "host", …. */
const char *keel_http_refusal_word(enum keel_http_refusal r);

enum keel_http_method {
	KEEL_HTTP_GET,
	KEEL_HTTP_HEAD,
	KEEL_HTTP_POST,
	KEEL_HTTP_PUT,
	KEEL_HTTP_PATCH,
	KEEL_HTTP_DELETE,
	KEEL_HTTP_OPTIONS,
	KEEL_HTTP_METHODS /* their number */
};

const char *keel_http_method_word(enum keel_http_method m);

/** The fields that a server looks at; each may stand once (Connection aside). */
enum keel_http_known {
	KEEL_HTTP_F_HOST,
	KEEL_HTTP_F_ORIGIN,
	KEEL_HTTP_F_CONNECTION,
	KEEL_HTTP_F_CONTENT_TYPE,
	KEEL_HTTP_F_CONTENT_LENGTH,
	KEEL_HTTP_F_TRANSFER_ENCODING,
	KEEL_HTTP_F_EXPECT,
	KEEL_HTTP_F_AUTHORIZATION,
	KEEL_HTTP_F_COOKIE,
	KEEL_HTTP_F_FETCH_SITE,    /* Sec-Fetch-Site: set by a browser, and by no page */
	KEEL_HTTP_F_ASKED_METHOD,  /* Access-Control-Request-Method */
	KEEL_HTTP_F_ASKED_FIELDS,  /* Access-Control-Request-Headers */
	KEEL_HTTP_F_ASKED_PRIVATE, /* Access-Control-Request-Private-Network */
	KEEL_HTTP_F_COUNT
};

struct keel_http_field {
	struct keel_bytes name;  /* as sent; compare by keel_http_same_word */
	struct keel_bytes value; /* without the white space around it */
};

/** A request's head; its views live as long as the bytes it was read from. */
struct keel_http_head {
	enum keel_http_method method;
	struct keel_bytes target; /* path ["?" query], or "*" with OPTIONS */
	struct keel_bytes path;   /* still escaped: compare it whole, never decode and cut */
	struct keel_bytes query;
	struct keel_bytes known[KEEL_HTTP_F_COUNT]; /* p is NULL where it is absent */
	uint64_t length;                            /* of the body, where it is not chunked */
	size_t size;                                /* of the head, its empty line included */
	bool chunked;
	bool close; /* the client wants the connection closed after the answer */
	size_t count;
	struct keel_http_field fields[KEEL_HTTP_FIELDS_MAX];
};

struct keel_http_limits {
	size_t head;   /* bytes, at most KEEL_HTTP_HEAD_MAX where the caller keeps to it */
	size_t target; /* bytes of the target */
	size_t fields; /* at most KEEL_HTTP_FIELDS_MAX */
	bool chunked;  /* whether a chunked body is taken; else 411 */
};

/** What a device takes: KEEL_HTTP_*_MAX, and no chunked body. */
extern const struct keel_http_limits keel_http_strict;

/**
 * Looks for the end of the head. `seen` starts at 0 and remembers what was looked at, so that a
 * client that drips bytes costs one look at each.
 *
 * size  the head's size, set with KEEL_HTTP_FINE
 *
 * KEEL_HTTP_MORE: read on. A bare LF, or a head that is too long, is refused before its end is there.
 */
KEEL_CHECKED enum keel_http_refusal keel_http_head_end(
	struct keel_bytes in, const struct keel_http_limits *limits, size_t *seen, size_t *size);

/**
 * Reads a whole head, exactly up to the end that keel_http_head_end found.
 *
 * out  means something with KEEL_HTTP_FINE only
 */
KEEL_CHECKED enum keel_http_refusal keel_http_head_read(
	struct keel_bytes in, const struct keel_http_limits *limits, struct keel_http_head *out);

/** Writes the head back, with one space after each colon. */
void keel_http_head_write(struct keel_wr *w, const struct keel_http_head *h);

/** Whether two words are the same but for ASCII case: names of fields, hosts, codings. */
bool keel_http_same_word(struct keel_bytes a, const char *b);

#endif
