#include "http/answer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/decimal.h"

/* clang-format off */
static const struct {
	unsigned status;
	const char *line;
} lines[] = {
	{ 200, "HTTP/1.1 200 OK\r\n" },
	{ 204, "HTTP/1.1 204 No Content\r\n" },
	{ 400, "HTTP/1.1 400 Bad Request\r\n" },
	{ 401, "HTTP/1.1 401 Unauthorized\r\n" },
	{ 403, "HTTP/1.1 403 Forbidden\r\n" },
	{ 404, "HTTP/1.1 404 Not Found\r\n" },
	{ 405, "HTTP/1.1 405 Method Not Allowed\r\n" },
	{ 408, "HTTP/1.1 408 Request Timeout\r\n" },
	{ 409, "HTTP/1.1 409 Conflict\r\n" },
	{ 411, "HTTP/1.1 411 Length Required\r\n" },
	{ 413, "HTTP/1.1 413 Content Too Large\r\n" },
	{ 414, "HTTP/1.1 414 URI Too Long\r\n" },
	{ 415, "HTTP/1.1 415 Unsupported Media Type\r\n" },
	{ 417, "HTTP/1.1 417 Expectation Failed\r\n" },
	{ 421, "HTTP/1.1 421 Misdirected Request\r\n" },
	{ 429, "HTTP/1.1 429 Too Many Requests\r\n" },
	{ 431, "HTTP/1.1 431 Request Header Fields Too Large\r\n" },
	{ 500, "HTTP/1.1 500 Internal Server Error\r\n" },
	{ 501, "HTTP/1.1 501 Not Implemented\r\n" },
	{ 503, "HTTP/1.1 503 Service Unavailable\r\n" },
	{ 505, "HTTP/1.1 505 HTTP Version Not Supported\r\n" },
};
/* clang-format on */

/* A status that is not in the table is a mistake of our own, and told as one. */
static const char *line_of(unsigned status)
{
	for (size_t i = 0; i < KEEL_COUNT(lines); i++)
		if (lines[i].status == status)
			return lines[i].line;
	return status == 500 ? NULL : line_of(500);
}

static void write_line(struct keel_wr *w, const char *name, const char *value)
{
	keel_wr_text(w, name);
	keel_wr_text(w, value);
	keel_wr_text(w, "\r\n");
}

static void write_origin(struct keel_wr *w, struct keel_bytes origin)
{
	keel_wr_text(w, "Access-Control-Allow-Origin: ");
	keel_wr_bytes(w, origin);
	keel_wr_text(w, "\r\nVary: Origin\r\n");
}

static void write_number_line(struct keel_wr *w, const char *name, uint64_t v)
{
	keel_wr_text(w, name);
	keel_decimal_uint(w, v);
	keel_wr_text(w, "\r\n");
}

size_t keel_http_answer_size(const struct keel_http_answer *a, const struct keel_http_framing *f)
{
	size_t n = KEEL_HTTP_ANSWER_HEAD + f->origin.n;
	for (const char *const *p = a->fields; p != NULL && *p != NULL; p++)
		n += strlen(*p) + 2;
	return f->head_only ? n : n + a->body.n;
}

void keel_http_answer_write(
	struct keel_wr *w, const struct keel_http_answer *a, const struct keel_http_framing *f)
{
	keel_wr_text(w, line_of(a->status));
	if (f->date[0] != '\0')
		write_line(w, "Date: ", f->date);
	if (a->type != NULL)
		write_line(w, "Content-Type: ", a->type);
	if (a->status != 204)
		write_number_line(w, "Content-Length: ", a->body.n);
	keel_wr_text(w, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
	if (f->origin.n > 0)
		write_origin(w, f->origin);
	if (a->retry_after_s > 0)
		write_number_line(w, "Retry-After: ", a->retry_after_s);
	for (const char *const *p = a->fields; p != NULL && *p != NULL; p++)
		write_line(w, "", *p);
	keel_wr_text(w, f->close ? "Connection: close\r\n\r\n" : "\r\n");
	if (!f->head_only)
		keel_wr_bytes(w, a->body);
}

/* Not strftime: its names of days follow the locale. */
void keel_http_date(int64_t wall_s, char out[KEEL_HTTP_DATE_LEN])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm t;
	time_t s = (time_t)wall_s;
	out[0] = '\0';
	if (wall_s <= 0 || gmtime_r(&s, &t) == NULL || t.tm_year < 0 || t.tm_year > 8000)
		return;
	(void)snprintf(out, KEEL_HTTP_DATE_LEN, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
		days + 3 * (size_t)t.tm_wday, t.tm_mday, months + 3 * (size_t)t.tm_mon,
		t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}
