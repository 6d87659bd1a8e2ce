#include "http/request.h"

/* clang-format off */
static const struct refusal {
	const char *word;
	uint16_t status;
} refusals[KEEL_HTTP_REFUSALS] = {
	[KEEL_HTTP_FINE]        = { "fine",        0   },
	[KEEL_HTTP_MORE]        = { "more",        0   },
	[KEEL_HTTP_BYTE]        = { "byte",        400 },
	[KEEL_HTTP_LINE]        = { "line",        400 },
	[KEEL_HTTP_TARGET]      = { "target",      400 },
	[KEEL_HTTP_FIELD]       = { "field",       400 },
	[KEEL_HTTP_HOST]        = { "host",        400 },
	[KEEL_HTTP_TWICE]       = { "twice",       400 },
	[KEEL_HTTP_LENGTH]      = { "length",      400 },
	[KEEL_HTTP_CHUNK]       = { "chunk",       400 },
	[KEEL_HTTP_NO_LENGTH]   = { "no_length",   411 },
	[KEEL_HTTP_LONG_BODY]   = { "long_body",   413 },
	[KEEL_HTTP_LONG_TARGET] = { "long_target", 414 },
	[KEEL_HTTP_EXPECT]      = { "expect",      417 },
	[KEEL_HTTP_LONG_HEAD]   = { "long_head",   431 },
	[KEEL_HTTP_METHOD]      = { "method",      501 },
	[KEEL_HTTP_CODING]      = { "coding",      501 },
	[KEEL_HTTP_VERSION]     = { "version",     505 },
	[KEEL_HTTP_ORIGIN]      = { "origin",      403 },
	[KEEL_HTTP_NO_ROUTE]    = { "no_route",    404 },
	[KEEL_HTTP_NO_METHOD]   = { "no_method",   405 },
	[KEEL_HTTP_LATE]        = { "late",        408 },
	[KEEL_HTTP_TYPE]        = { "type",        415 },
	[KEEL_HTTP_MISDIRECTED] = { "misdirected", 421 },
	[KEEL_HTTP_RATE]        = { "rate",        429 },
	[KEEL_HTTP_BUSY]        = { "busy",        503 },
	[KEEL_HTTP_TLS]         = { "tls",         0   },
	[KEEL_HTTP_CROWD]       = { "crowd",       0   },
	[KEEL_HTTP_FULL]        = { "full",        0   },
	[KEEL_HTTP_SLOW]        = { "slow",        0   },
};
/* clang-format on */

unsigned keel_http_refusal_status(enum keel_http_refusal r)
{
	return r < KEEL_HTTP_REFUSALS ? refusals[r].status : 500;
}

const char *keel_http_refusal_word(enum keel_http_refusal r)
{
	return r < KEEL_HTTP_REFUSALS ? refusals[r].word : "unknown";
}
