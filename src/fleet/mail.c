/*
 * keel-fleet mail: tells the desk by mail that something came in. A process of its own, so that a slow
 * mail server holds up nobody: what waits is in the database, and goes when it can. A mail has the
 * case's number and where to read it, never what was reported. EN 303 645 5.2-1.
 */
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/fault.h"
#include "cli/files.h"
#include "fleet/command.h"
#include "fleet/config.h"
#include "fleet/desk.h"

#define LOOK_S       5
#define SEND_S       60L
#define AGAIN_S      60    /* after the first failure; twice as long after each one more, */
#define AGAIN_MAX_S  21600 /* up to this */
#define MAIL_MAX     2048
#define PASSWORD_MAX 256

struct post {
	struct keel_fleet_config config;
	char password[PASSWORD_MAX];
};

struct outgoing { /* as curl takes it */
	char text[MAIL_MAX];
	size_t n, sent;
};

/* --- a mail --- */

/* RFC 5322 §3.3; the C locale's names are the ones it wants. */
static void write_date(int64_t now_s, char out[40])
{
	time_t t = (time_t)now_s;
	struct tm tm;
	out[0] = '\0';
	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(out, 40, "%a, %d %b %Y %H:%M:%S +0000", &tm);
}

/* The Message-ID is the same at each try: who gets it twice keeps one. */
static void write_mail(const struct keel_fleet_config *c, const struct keel_desk_mail *m,
	int64_t now_s, struct outgoing *out)
{
	char date[40];
	const char *host = c->origin + sizeof("https://") - 1;
	write_date(now_s, date);
	int n = snprintf(out->text, sizeof(out->text),
		"Date: %s\r\nFrom: <%s>\r\nTo: <%s>\r\nMessage-ID: <%lld.%s@%.*s>\r\n"
		"Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Subject: Vulnerability report %s\r\n\r\n"
		"%s\r\n\r\nRead it in the console: %s/console/\r\n",
		date, c->mail_from, c->mail_to, (long long)m->row, m->number,
		(int)strcspn(host, ":"), host, m->number,
		m->first ? "Somebody reported a vulnerability." : "The reporter wrote once more.",
		c->origin);
	KEEL_MUST(n > 0 && (size_t)n < sizeof(out->text));
	out->n = (size_t)n;
	out->sent = 0;
}

static size_t give(char *to, size_t size, size_t count, void *self)
{
	struct outgoing *o = self;
	size_t n = size * count < o->n - o->sent ? size * count : o->n - o->sent;
	memcpy(to, o->text + o->sent, n);
	o->sent += n;
	return n;
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

static CURLcode send_mail(const struct post *p, struct outgoing *o)
{
	const struct keel_fleet_config *c = &p->config;
	struct curl_slist *to = curl_slist_append(NULL, c->mail_to);
	CURL *curl = curl_easy_init();
	KEEL_MUST(curl != NULL && to != NULL);
	(void)curl_easy_setopt(curl, CURLOPT_URL, c->mail_server);
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	(void)curl_easy_setopt(curl, CURLOPT_USE_SSL,
		(long)(is_here(c->mail_server) ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	(void)curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, SEND_S);
	(void)curl_easy_setopt(curl, CURLOPT_MAIL_FROM, c->mail_from);
	(void)curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	(void)curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
	(void)curl_easy_setopt(curl, CURLOPT_READDATA, o);
	if (c->mail_user[0] != '\0') {
		(void)curl_easy_setopt(curl, CURLOPT_USERNAME, c->mail_user);
		(void)curl_easy_setopt(curl, CURLOPT_PASSWORD, p->password);
	}
	CURLcode code = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	curl_slist_free_all(to);
	return code;
}

/* --- the queue --- */

static int64_t again_at(int64_t now_s, uint64_t tries)
{
	int64_t wait_s = AGAIN_S;
	for (uint64_t i = 0; i < tries && wait_s < AGAIN_MAX_S; i++)
		wait_s *= 2;
	return now_s + (wait_s < AGAIN_MAX_S ? wait_s : AGAIN_MAX_S);
}

static void say_failed(const struct keel_desk_mail *m, const char *server, CURLcode code)
{
	(void)fprintf(stderr,
		"keel-fleet: the mail about %s did not go: %s\n"
		"  The case itself is kept; the mail is tried again.\n"
		"  Next: look at mail_server in config.yaml, and whether %s answers.\n",
		m->number, curl_easy_strerror(code), server);
}

/* KEEL_ENONE: nothing is due. */
static enum keel_err send_next(const struct post *p, struct keel_fleet_store *s)
{
	int64_t now_s = (int64_t)time(NULL);
	struct keel_desk_mail m;
	struct outgoing o;
	enum keel_err e = keel_desk_mail_next(s, now_s, &m);
	if (e != KEEL_OK)
		return e;
	write_mail(&p->config, &m, now_s, &o);
	CURLcode code = send_mail(p, &o);
	struct keel_desk_mailed j = { .row = m.row,
		.again_s = code == CURLE_OK ? 0 : again_at(now_s, m.tries) };
	if (code != CURLE_OK)
		say_failed(&m, p->config.mail_server, code);
	keel_desk_mailed(s, &j);
	return j.write.err;
}

/* --- opening --- */

/* An address in a head: no blank, no bracket, nothing that ends a line. */
static bool is_address(const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~' || *c == '<' || *c == '>')
			return false;
	return strchr(text, '@') != NULL;
}

static enum keel_err read_password(
	const struct keel_fleet_ask *ask, struct post *p, struct keel_fault *fault)
{
	char path[KEEL_FLEET_PATH_MAX];
	struct keel_bytes content;
	enum keel_err e = keel_fleet_path(ask->dir, p->config.mail_password, path, fault);
	if (e == KEEL_OK)
		e = keel_file_read(path, p->password, sizeof(p->password) - 1, &content, fault);
	if (e == KEEL_OK)
		p->password[content.n] = '\0';
	if (e == KEEL_OK)
		p->password[strcspn(p->password, "\r\n")] = '\0';
	return e;
}

static enum keel_err open_post(
	const struct keel_fleet_ask *ask, struct post *p, struct keel_fault *fault)
{
	const struct keel_fleet_config *c = &p->config;
	enum keel_err e = keel_fleet_config_load(ask->dir, &p->config, fault);
	if (e != KEEL_OK)
		return e;
	if (strncmp(c->mail_server, "smtp://", 7) != 0 &&
		strncmp(c->mail_server, "smtps://", 8) != 0)
		return keel_fault_fill(fault, KEEL_ERANGE, "config.yaml names no mail server",
			"write mail_server: \"smtps://mail.example:465\", mail_from and mail_to");
	if (!is_address(c->mail_from) || !is_address(c->mail_to))
		return keel_fault_fill(fault, KEEL_ERANGE,
			"mail_from or mail_to in config.yaml is no address",
			"write an address like desk@example.com");
	return c->mail_user[0] != '\0' ? read_password(ask, p, fault) : KEEL_OK;
}

/* A signal ends it, between two mails or two looks. */
static bool told_to_end(const sigset_t *ends, int wait_s)
{
	const struct timespec wait = { .tv_sec = wait_s };
	return sigtimedwait(ends, NULL, &wait) > 0;
}

enum keel_err keel_fleet_do_mail(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	struct post p = { 0 };
	sigset_t ends;
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	enum keel_err e = open_post(ask, &p, fault);
	if (e == KEEL_OK)
		e = keel_fleet_open(ask, &s, fault);
	if (e != KEEL_OK)
		return e;
	KEEL_MUST(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	(void)printf("keel-fleet: mail to %s by %s\n", p.config.mail_to, p.config.mail_server);
	(void)fflush(stdout);
	do
		e = send_next(&p, s);
	while ((e == KEEL_OK || e == KEEL_ENONE) && !told_to_end(&ends, e == KEEL_OK ? 0 : LOOK_S));
	keel_wipe(p.password, sizeof(p.password));
	curl_global_cleanup();
	return e == KEEL_OK || e == KEEL_ENONE
		       ? KEEL_OK
		       : keel_fault_fill(
				 fault, e, "the queue of mail cannot be read", "look at the disk");
}
