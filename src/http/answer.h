/* An answer's head and body as bytes, in one piece: two writes would meet Nagle (40 ms each). */
#ifndef KEEL_HTTP_ANSWER_H
#define KEEL_HTTP_ANSWER_H

#include "core/bytes.h"

/** The most that an answer takes beside its body and its own fields. */
#define KEEL_HTTP_ANSWER_HEAD 1024

struct keel_http_answer {
	unsigned status;
	const char *type; /* of the body; NULL: there is none */
	struct keel_bytes body;
	uint32_t retry_after_s;    /* 0: not said */
	const char *const *fields; /* more fields, "Name: value"; NULL ends them; or NULL */
};

/** What the connection adds. */
struct keel_http_framing {
	const char *date;         /* "Tue, 24 Nov 2026 14:00:00 GMT"; empty: no time is known */
	struct keel_bytes origin; /* to be allowed; empty: none */
	bool head_only;           /* the length is told, the body is not sent */
	bool close;
};

/** How many bytes are enough for keel_http_answer_write. */
size_t keel_http_answer_size(const struct keel_http_answer *a, const struct keel_http_framing *f);
void keel_http_answer_write(
	struct keel_wr *w, const struct keel_http_answer *a, const struct keel_http_framing *f);

#define KEEL_HTTP_DATE_LEN 30
/** RFC 9110 §5.6.7, with its NUL; empty for 0. */
void keel_http_date(int64_t wall_s, char out[KEEL_HTTP_DATE_LEN]);

#endif
