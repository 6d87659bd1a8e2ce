#include "fleet/smtp.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "device/uplink/resolve.h"
#include "profile/scalar.h"

#define SEND_S 60L

void keel_smtp_open(void)
{
	KEEL_MUST(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	keel_crypto_warm();
	keel_resolve_warm();
}

void keel_smtp_close(void)
{
	curl_global_cleanup();
}

/* --- the server --- */

static bool take_part(CURLU *url, CURLUPart part, char *out, size_t size)
{
	char *text = NULL;
	bool good = curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		    strlen(text) < size;
	if (good)
		(void)snprintf(out, size, "%s", text);
	curl_free(text);
	return good;
}

static bool is_mail(const char *url)
{
	return strncmp(url, "smtp://", 7) == 0 || strncmp(url, "smtps://", 8) == 0;
}

/* As libcurl reads them itself. */
enum keel_err keel_smtp_read(struct keel_smtp *s)
{
	char port[8];
	uint64_t n = 0;
	CURLU *url = curl_url();
	KEEL_MUST(url != NULL);
	bool good = is_mail(s->url) && curl_url_set(url, CURLUPART_URL, s->url, 0) == CURLUE_OK &&
		    take_part(url, CURLUPART_HOST, s->host, sizeof(s->host)) &&
		    take_part(url, CURLUPART_PORT, port, sizeof(port)) &&
		    keel_scalar_uint(keel_text(port), &n) && n > 0 && n <= UINT16_MAX;
	curl_url_cleanup(url);
	s->port = (uint16_t)n;
	return good ? KEEL_OK : KEEL_ERANGE;
}

/* In clear only to this machine itself: its mail server takes it from there. */
static bool is_here(const char *url)
{
	static const char *const here[] = {
		"smtp://127.0.0.1:", "smtp://localhost:", "smtp://[::1]:"
	};
	for (size_t i = 0; i < KEEL_COUNT(here); i++)
		if (strncmp(url, here[i], strlen(here[i])) == 0)
			return true;
	return false;
}

/* "host:port:addresses", as libcurl takes it; none where the host is an address. */
static enum keel_err find_server(const struct keel_smtp *s, struct curl_slist **out)
{
	char addresses[KEEL_ADDRESSES_LEN];
	char line[sizeof(s->host) + KEEL_ADDRESSES_LEN + 8];
	if (s->host[0] == '[' || keel_resolve_is_address(s->host))
		return KEEL_OK;
	enum keel_err e = keel_resolve(s->host, addresses);
	if (e != KEEL_OK)
		return e;
	(void)snprintf(line, sizeof(line), "%s:%u:%s", s->host, s->port, addresses);
	*out = curl_slist_append(NULL, line);
	KEEL_MUST(*out != NULL);
	return KEEL_OK;
}

/* --- the mail --- */

static size_t give(char *to, size_t size, size_t count, void *self)
{
	struct keel_bytes *rest = self;
	size_t n = size * count < rest->n ? size * count : rest->n;
	memcpy(to, rest->p, n);
	rest->p += n;
	rest->n -= n;
	return n;
}

static CURLcode perform(
	const struct keel_smtp *s, struct curl_slist *found, struct keel_bytes *rest)
{
	struct curl_slist *to = curl_slist_append(NULL, s->to);
	CURL *curl = curl_easy_init();
	KEEL_MUST(curl != NULL && to != NULL);
	(void)curl_easy_setopt(curl, CURLOPT_URL, s->url);
	(void)curl_easy_setopt(curl, CURLOPT_RESOLVE, found);
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	(void)curl_easy_setopt(
		curl, CURLOPT_USE_SSL, (long)(is_here(s->url) ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	(void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, SEND_S);
	(void)curl_easy_setopt(curl, CURLOPT_MAIL_FROM, s->from);
	(void)curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	(void)curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
	(void)curl_easy_setopt(curl, CURLOPT_READDATA, rest);
	if (s->user[0] != '\0') {
		(void)curl_easy_setopt(curl, CURLOPT_USERNAME, s->user);
		(void)curl_easy_setopt(curl, CURLOPT_PASSWORD, s->password);
	}
	CURLcode code = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	curl_slist_free_all(to);
	return code;
}

enum keel_err keel_smtp_send(const struct keel_smtp *s, struct keel_bytes mail, const char **why)
{
	struct curl_slist *found = NULL;
	enum keel_err e = find_server(s, &found);
	if (e == KEEL_ESTATE)
		return e;
	CURLcode code = e == KEEL_OK ? perform(s, found, &mail) : CURLE_COULDNT_RESOLVE_HOST;
	curl_slist_free_all(found);
	*why = curl_easy_strerror(code);
	return code == CURLE_OK ? KEEL_OK : KEEL_EIO;
}
