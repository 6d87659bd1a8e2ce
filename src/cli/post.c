#include "cli/post.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/again.h"
#include "cli/fault.h"

#define WAIT_S 20L

/* curl hands over what has come so far: appended until the buffer is full. */
static size_t take(char *p, size_t size, size_t n, void *self)
{
	struct keel_wr *w = self;
	keel_wr_bytes(w, (struct keel_bytes){ (const uint8_t *)p, size * n });
	return w->err == KEEL_OK ? size * n : 0;
}

static void set_up(CURL *curl, const struct keel_door_at *door, const char *url,
	struct keel_bytes body, struct curl_slist *headers, struct keel_wr *w)
{
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	(void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.n == 0 ? "" : (const char *)body.p);
	(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
	(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, w);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, door->wait_s > 0 ? door->wait_s : WAIT_S);
	if (door->connect_s > 0)
		(void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, door->connect_s);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	if (door->ca != NULL) {
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, door->ca);
	} else if (!door->roots) {
		(void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
		(void)curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

/* Why there is no answer, where curl's own words do not say it, and what to do. */
static const struct {
	CURLcode code;
	const char *why, *next;
} reasons[] = {
	{ CURLE_SSL_CONNECT_ERROR,
		"TLS did not begin, as when a hub rations new connections (10 a second from one "
		"address)",
		"wait some seconds and send less at a time; if it stays, check that a hub is what "
		"answers there" },
	{ CURLE_PEER_FAILED_VERIFICATION, NULL,
		"check the address, or name the CA that made the door's certificate with --ca" },
	{ CURLE_SSL_CACERT_BADFILE, NULL, "check the file that --ca names" },
};

static enum keel_err no_answer(CURLcode code, const char *url, struct keel_fault *fault)
{
	const char *why = curl_easy_strerror(code);
	const char *next = "check that the hub has power and that the address is right";
	for (size_t i = 0; i < KEEL_COUNT(reasons); i++) {
		if (reasons[i].code != code)
			continue;
		why = reasons[i].why != NULL ? reasons[i].why : why;
		next = reasons[i].next;
	}
	fault->err = KEEL_EIO;
	(void)snprintf(fault->what, sizeof(fault->what), "%s gave no answer: %s", url, why);
	(void)snprintf(fault->next, sizeof(fault->next), "%s", next);
	return KEEL_EIO;
}

static bool is_url(const char *url)
{
	if (strncmp(url, "https://", 8) != 0 || strlen(url) >= KEEL_URL_MAX)
		return false;
	for (const char *c = url + 8; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || strchr("/?#@\\\"<>", *c) != NULL)
			return false;
	return url[8] != '\0';
}

static enum keel_err no_url(const struct keel_door_at *door, struct keel_fault *fault)
{
	const char *next = door->roots ? "name it like https://service.example, without a path"
				       : "name it like https://hub.home.arpa:8443, without a path";
	if (door->url[0] == '\0')
		return keel_fault_fill(fault, KEEL_EFORM, "no hub is named", next);
	return keel_fault_format(fault, KEEL_EFORM, next, "%.120s is not a %s's address", door->url,
		door->roots ? "service" : "hub");
}

/* As curl will read it; what is between BEGIN and END is for TLS to judge. */
static bool has_certificate(FILE *f)
{
	char line[256];
	while (fgets(line, sizeof(line), f) != NULL)
		if (strstr(line, "-----BEGIN CERTIFICATE-----") != NULL ||
			strstr(line, "-----BEGIN TRUSTED CERTIFICATE-----") != NULL)
			return true;
	return false;
}

static enum keel_err check_ca(const struct keel_door_at *door, struct keel_fault *fault)
{
	const char *path = door->ca;
	const char *next =
		door->roots ? "name with --service-ca the file of the CA that made the service's "
			      "certificate"
			    : "name with --ca the file of the CA that made the door's certificate";
	FILE *f = fopen(path, "re");
	int error = errno;
	bool good = f != NULL && has_certificate(f);
	if (f != NULL)
		(void)fclose(f);
	if (good)
		return KEEL_OK;
	if (f == NULL)
		return keel_fault_format(fault, KEEL_EFORM, next,
			"cannot open the CA's file %.120s: %s", path, strerror(error));
	return keel_fault_format(
		fault, KEEL_EFORM, next, "%.120s holds no certificate (PEM)", path);
}

enum keel_err keel_door_check(const struct keel_door_at *door, struct keel_fault *fault)
{
	if (!is_url(door->url))
		return no_url(door, fault);
	return door->ca == NULL ? KEEL_OK : check_ca(door, fault);
}

static CURLcode perform(const struct keel_door_at *door, const char *url, struct keel_bytes body,
	struct keel_wr *w, long *status)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/cbor");
	KEEL_MUST(curl != NULL && headers != NULL);
	set_up(curl, door, url, body, headers, w);
	CURLcode code = curl_easy_perform(curl);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return code;
}

enum keel_err keel_post(const struct keel_door_at *door, const char *path, struct keel_bytes body,
	uint8_t buf[KEEL_POST_MAX], struct keel_bytes *answer, long *status,
	struct keel_fault *fault)
{
	char url[512];
	struct keel_wr w;
	CURLcode code;
	unsigned tried = 0;
	if (!is_url(door->url))
		return no_url(door, fault);
	int n = snprintf(url, sizeof(url), "%s%s", door->url, path);
	KEEL_MUST(n > 0 && (size_t)n < sizeof(url)); /* a door's URL is shorter */
	do {
		w = keel_wr_of(buf, KEEL_POST_MAX);
		code = perform(door, url, body, &w, status);
		/* Without TLS not a byte of the request was sent. */
	} while (code == CURLE_SSL_CONNECT_ERROR && keel_again(++tried));
	return code == CURLE_OK ? keel_wr_end(&w, answer) : no_answer(code, door->url, fault);
}
