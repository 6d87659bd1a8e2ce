#include "device/uplink/web.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/uplink/curl.h"
#include "device/uplink/resolve.h"
#include "device/uplink/trust.h"

#define HEAD_MAX       16384
#define CONNECT_MS     10000 /* TCP and TLS */
#define DESCRIPTORS    16
#define HOST_MAX       254
#define RESOLVED_EXTRA 8 /* ":65535:" and NUL */

const char *const keel_web_end_words[WEB_END_COUNT] = {
	[WEB_ANSWERED] = "answered",
	[WEB_UNFOUND] = "unfound",
	[WEB_UNREACHED] = "unreached",
	[WEB_NO_TLS] = "no-tls",
	[WEB_DISTRUSTED] = "distrusted",
	[WEB_LATE] = "late",
	[WEB_TOO_LONG] = "too-long",
	[WEB_BROKEN] = "broken",
};

struct lane {
	CURL *curl;
	keel_web_done *done;
	void *self;
	bool busy;
	size_t head_n; /* bytes of the answer's head so far */
	struct keel_wr answer;
	uint8_t sent[KEEL_WEB_BODY_MAX];
	uint8_t got[KEEL_WEB_BODY_MAX];
};

struct keel_web {
	struct keel_curl api;
	char origin[KEEL_WEB_ORIGIN_MAX];
	char host[HOST_MAX];
	uint16_t port;
	CURLM *multi;
	struct curl_slist *headers;
	struct curl_slist *resolved; /* "host:port:address,address" */
	struct lane lanes[WEB_LANE_COUNT];
};

/* --- what comes --- */

static size_t take_head(char *p, size_t size, size_t n, void *self)
{
	struct lane *l = self;
	(void)p;
	l->head_n += size * n;
	return l->head_n <= HEAD_MAX ? size * n : 0;
}

static size_t take_body(char *p, size_t size, size_t n, void *self)
{
	struct lane *l = self;
	keel_wr_bytes(&l->answer, (struct keel_bytes){ (const uint8_t *)p, size * n });
	return l->answer.err == KEEL_OK ? size * n : 0;
}

static const struct {
	CURLcode code;
	enum keel_web_end end;
} ends[] = {
	{ CURLE_OK, WEB_ANSWERED }, { CURLE_COULDNT_RESOLVE_HOST, WEB_UNFOUND },
	{ CURLE_COULDNT_CONNECT, WEB_UNREACHED }, { CURLE_SSL_CONNECT_ERROR, WEB_NO_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION, WEB_DISTRUSTED },
	{ CURLE_SSL_CACERT_BADFILE, WEB_DISTRUSTED }, { CURLE_OPERATION_TIMEDOUT, WEB_LATE },
	{ CURLE_WRITE_ERROR, WEB_TOO_LONG }, /* take_head and take_body say so */
};

static enum keel_web_end end_of(CURLcode code)
{
	for (size_t i = 0; i < KEEL_COUNT(ends); i++)
		if (ends[i].code == code)
			return ends[i].end;
	return WEB_BROKEN;
}

static void finish(struct keel_web *w, struct lane *l, CURLcode code)
{
	long status = 0;
	curl_off_t wait_s = 0;
	struct keel_web_answer a = { .end = end_of(code) };
	(void)w->api.easy_getinfo(l->curl, CURLINFO_RESPONSE_CODE, &status);
	(void)w->api.easy_getinfo(l->curl, CURLINFO_RETRY_AFTER, &wait_s);
	a.status = status > 0 ? (unsigned)status : 0;
	a.retry_after_s = wait_s > 0 ? (uint64_t)wait_s : 0;
	if (a.end == WEB_ANSWERED && keel_wr_end(&l->answer, &a.body) != KEEL_OK)
		a.end = WEB_TOO_LONG;
	KEEL_MUST(w->api.multi_remove_handle(w->multi, l->curl) == CURLM_OK);
	l->busy = false;
	l->done(l->self, &a);
}

static struct lane *lane_of(struct keel_web *w, const CURL *curl)
{
	struct lane *l = w->lanes;
	while (l->curl != curl)
		l++;
	return l;
}

/* --- opening --- */

#define SET(option, value) (api->easy_setopt(c, option, value) == CURLE_OK)

static bool set_manners(const struct keel_curl *api, CURL *c)
{
	return SET(CURLOPT_PROTOCOLS_STR, "https") && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
	       SET(CURLOPT_NOPROXY, "*") && SET(CURLOPT_PROXY, "") &&
	       SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
	       SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_TCP_KEEPALIVE, 1L) &&
	       SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
}

static bool lane_open(struct keel_web *w, struct lane *l, struct keel_bytes roots)
{
	const struct keel_curl *api = &w->api;
	CURL *c = l->curl = api->easy_init();
	return c != NULL && keel_trust_set(api, c, roots) && set_manners(api, c) &&
	       SET(CURLOPT_HTTPHEADER, w->headers) && SET(CURLOPT_HEADERFUNCTION, take_head) &&
	       SET(CURLOPT_HEADERDATA, l) && SET(CURLOPT_WRITEFUNCTION, take_body) &&
	       SET(CURLOPT_WRITEDATA, l);
}

static bool part_of(const struct keel_curl *api, CURLU *u, CURLUPart part, char *out, size_t cap)
{
	char *value = NULL;
	bool good = api->url_get(u, part, &value, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		    snprintf(out, cap, "%s", value) < (int)cap;
	api->free(value);
	return good;
}

static bool lacks(const struct keel_curl *api, CURLU *u, CURLUPart part)
{
	char *value = NULL;
	bool none = api->url_get(u, part, &value, 0) != CURLUE_OK;
	api->free(value);
	return none;
}

/* https, a host, perhaps a port, and nothing more: what is signed as the audience is this very text. */
static bool origin_read(struct keel_web *w, const char *origin)
{
	const struct keel_curl *api = &w->api;
	char scheme[8], path[2], port[8];
	size_t n = strlen(origin);
	CURLU *u = api->url();
	bool good = u != NULL && n > 0 && n < sizeof(w->origin) && origin[n - 1] != '/' &&
		    api->url_set(u, CURLUPART_URL, origin, 0) == CURLUE_OK &&
		    part_of(api, u, CURLUPART_SCHEME, scheme, sizeof(scheme)) &&
		    strcmp(scheme, "https") == 0 &&
		    part_of(api, u, CURLUPART_HOST, w->host, sizeof(w->host)) &&
		    part_of(api, u, CURLUPART_PORT, port, sizeof(port)) &&
		    part_of(api, u, CURLUPART_PATH, path, sizeof(path)) &&
		    lacks(api, u, CURLUPART_QUERY) && lacks(api, u, CURLUPART_FRAGMENT) &&
		    lacks(api, u, CURLUPART_USER);
	api->url_cleanup(u);
	if (!good)
		return false;
	(void)snprintf(w->origin, sizeof(w->origin), "%s", origin);
	w->port = (uint16_t)strtoul(port, NULL, 10); /* libcurl has checked it */
	return true;
}

static bool has_certificate(struct keel_bytes pem)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	return pem.n > 0 && memmem(pem.p, pem.n, begin, sizeof(begin) - 1) != NULL;
}

static bool all_open(struct keel_web *w, struct keel_bytes roots)
{
	w->multi = w->api.multi_init();
	w->headers = w->api.slist_append(NULL, "Content-Type: application/cbor");
	return w->multi != NULL && w->headers != NULL &&
	       w->api.multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, (long)WEB_LANE_COUNT) ==
		       CURLM_OK &&
	       lane_open(w, &w->lanes[WEB_CALL], roots) && lane_open(w, &w->lanes[WEB_POLL], roots);
}

static enum keel_err refuse(
	struct keel_fault *fault, enum keel_err err, const char *what, const char *next)
{
	*fault = (struct keel_fault){ .err = err };
	(void)snprintf(fault->what, sizeof(fault->what), "%s", what);
	(void)snprintf(fault->next, sizeof(fault->next), "%s", next);
	return err;
}

static enum keel_err open_all(
	struct keel_web *w, const char *origin, struct keel_bytes roots, struct keel_fault *fault)
{
	if (!origin_read(w, origin))
		return refuse(fault, KEEL_EFORM, "the service's address is none",
			"declare it like https://service.example, without a path");
	if (!has_certificate(roots))
		return refuse(fault, KEEL_EFORM,
			"there is no certificate of the CA that the service is trusted by",
			"put it there (PEM): man keeld, FILES");
	KEEL_MUST(all_open(w, roots)); /* what an installed libcurl cannot do, it never could */
	return KEEL_OK;
}

enum keel_err keel_web_open(const char *origin, struct keel_bytes roots, struct keel_web **out,
	struct keel_fault *fault)
{
	struct keel_web *w = calloc(1, sizeof(*w));
	KEEL_MUST(w != NULL);
	if (!keel_curl_load(&w->api) || w->api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(w);
		return refuse(fault, KEEL_EIO, "libcurl cannot be loaded", "install libcurl4");
	}
	(void)signal(SIGPIPE, SIG_IGN);
	keel_resolve_warm();
	enum keel_err e = open_all(w, origin, roots, fault);
	if (e == KEEL_OK)
		*out = w;
	else
		keel_web_close(w);
	return e;
}

void keel_web_close(struct keel_web *w)
{
	for (size_t i = 0; i < WEB_LANE_COUNT; i++) {
		keel_web_drop(w, (enum keel_web_lane)i);
		w->api.easy_cleanup(w->lanes[i].curl);
	}
	(void)w->api.multi_cleanup(w->multi);
	w->api.slist_free_all(w->headers);
	w->api.slist_free_all(w->resolved);
	free(w);
}

uint16_t keel_web_port(const struct keel_web *w)
{
	return w->port;
}

/* --- calling --- */

enum keel_err keel_web_find(struct keel_web *w)
{
	char addresses[KEEL_ADDRESSES_LEN];
	char line[HOST_MAX + KEEL_ADDRESSES_LEN + RESOLVED_EXTRA];
	KEEL_MUST(!w->lanes[WEB_CALL].busy && !w->lanes[WEB_POLL].busy);
	if (w->host[0] == '[' || keel_resolve_is_address(w->host))
		return KEEL_OK;
	enum keel_err e = keel_resolve(w->host, addresses);
	if (e != KEEL_OK)
		return e;
	(void)snprintf(line, sizeof(line), "%s:%u:%s", w->host, w->port, addresses);
	w->api.slist_free_all(w->resolved);
	w->resolved = w->api.slist_append(NULL, line);
	KEEL_MUST(w->resolved != NULL);
	return KEEL_OK;
}

enum keel_err keel_web_post(struct keel_web *w, enum keel_web_lane lane, const char *path,
	struct keel_bytes body, uint32_t within_ms, keel_web_done *done, void *self)
{
	struct lane *l = &w->lanes[lane];
	char url[KEEL_WEB_ORIGIN_MAX + 64];
	const struct keel_curl *api = &w->api;
	CURL *c = l->curl;
	KEEL_MUST(
		!l->busy && snprintf(url, sizeof(url), "%s%s", w->origin, path) < (int)sizeof(url));
	if (body.n > sizeof(l->sent))
		return KEEL_EFULL;
	if (body.n > 0)
		memcpy(l->sent, body.p, body.n);
	l->answer = keel_wr_of(l->got, sizeof(l->got));
	l->head_n = 0;
	l->done = done;
	l->self = self;
	KEEL_MUST(SET(CURLOPT_URL, url) && SET(CURLOPT_RESOLVE, w->resolved) &&
		  SET(CURLOPT_POSTFIELDS, (const char *)l->sent) &&
		  SET(CURLOPT_POSTFIELDSIZE, (long)body.n) &&
		  SET(CURLOPT_TIMEOUT_MS, (long)within_ms) &&
		  w->api.multi_add_handle(w->multi, c) == CURLM_OK);
	l->busy = true;
	return KEEL_OK;
}

bool keel_web_busy(const struct keel_web *w, enum keel_web_lane lane)
{
	return w->lanes[lane].busy;
}

void keel_web_drop(struct keel_web *w, enum keel_web_lane lane)
{
	struct lane *l = &w->lanes[lane];
	if (!l->busy)
		return;
	KEEL_MUST(w->api.multi_remove_handle(w->multi, l->curl) == CURLM_OK);
	l->busy = false;
}

static void turn(struct keel_web *w)
{
	int running, left;
	KEEL_MUST(w->api.multi_perform(w->multi, &running) == CURLM_OK);
	for (const CURLMsg *m; (m = w->api.multi_info_read(w->multi, &left)) != NULL;) {
		CURLcode code = m->data.result; /* m does not outlive its handle's removal */
		finish(w, lane_of(w, m->easy_handle), code);
	}
}

void keel_web_wait(struct keel_web *w, struct pollfd *fds, size_t n, int timeout_ms)
{
	struct curl_waitfd also[DESCRIPTORS];
	unsigned count = 0;
	KEEL_MUST(n <= KEEL_COUNT(also));
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd >= 0)
			also[count++] =
				(struct curl_waitfd){ .fd = fds[i].fd, .events = CURL_WAIT_POLLIN };
	KEEL_MUST(w->api.multi_poll(w->multi, also, count, timeout_ms, NULL) == CURLM_OK);
	turn(w);
	if (poll(fds, n, 0) < 0) /* what libcurl says of them leaves out who hung up */
		for (size_t i = 0; i < n; i++)
			fds[i].revents = 0;
}
