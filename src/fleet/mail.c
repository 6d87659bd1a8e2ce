/*
 * keel-fleet mail: tells the desk by mail that something came in. A process of its own, so that a slow
 * mail server holds up nobody: what waits is in the database, and goes when it can. A mail has the
 * case's number and where to read it, never what was reported. EN 303 645 5.2-1.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/fault.h"
#include "cli/files.h"
#include "fleet/command.h"
#include "fleet/config.h"
#include "fleet/desk.h"
#include "fleet/smtp.h"
#include "fleet/walls.h"

#define LOOK_S       5
#define AGAIN_S      60    /* after the first failure; twice as long after each one more, */
#define AGAIN_MAX_S  21600 /* up to this */
#define MAIL_MAX     2048
#define PASSWORD_MAX 256

struct post {
	struct keel_fleet_config config;
	char password[PASSWORD_MAX];
	struct keel_smtp smtp; /* views into the others */
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
	int64_t now_s, char out[MAIL_MAX])
{
	char date[40];
	const char *host = c->origin + sizeof("https://") - 1;
	write_date(now_s, date);
	int n = snprintf(out, MAIL_MAX,
		"Date: %s\r\nFrom: <%s>\r\nTo: <%s>\r\nMessage-ID: <%lld.%s@%.*s>\r\n"
		"Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Subject: Vulnerability report %s\r\n\r\n"
		"%s\r\n\r\nRead it in the console: %s/console/\r\n",
		date, c->mail_from, c->mail_to, (long long)m->row, m->number,
		(int)strcspn(host, ":"), host, m->number,
		m->first ? "Somebody reported a vulnerability." : "The reporter wrote once more.",
		c->origin);
	KEEL_MUST(n > 0 && n < MAIL_MAX);
}

/* --- the queue --- */

static int64_t again_at(int64_t now_s, uint64_t tries)
{
	int64_t wait_s = AGAIN_S;
	for (uint64_t i = 0; i < tries && wait_s < AGAIN_MAX_S; i++)
		wait_s *= 2;
	return now_s + (wait_s < AGAIN_MAX_S ? wait_s : AGAIN_MAX_S);
}

static void say_failed(const struct keel_desk_mail *m, const char *server, const char *why)
{
	(void)fprintf(stderr,
		"keel-fleet: the mail about %s did not go: %s\n"
		"  The case itself is kept; the mail is tried again.\n"
		"  Next: look at mail_server in config.yaml, and whether %s answers.\n",
		m->number, why, server);
}

/* KEEL_ENONE: nothing is due. KEEL_ESTATE: only a new start knows the name servers again. */
static enum keel_err send_next(const struct post *p, struct keel_fleet_store *s)
{
	int64_t now_s = (int64_t)time(NULL);
	struct keel_desk_mail m;
	char mail[MAIL_MAX];
	const char *why = "";
	enum keel_err e = keel_desk_mail_next(s, now_s, &m);
	if (e != KEEL_OK)
		return e;
	write_mail(&p->config, &m, now_s, mail);
	e = keel_smtp_send(&p->smtp, keel_text(mail), &why);
	if (e == KEEL_ESTATE)
		return e;
	struct keel_desk_mailed j = { .row = m.row,
		.again_s = e == KEEL_OK ? 0 : again_at(now_s, m.tries) };
	if (e != KEEL_OK)
		say_failed(&m, p->config.mail_server, why);
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
	p->smtp = (struct keel_smtp){ .url = c->mail_server,
		.from = c->mail_from,
		.to = c->mail_to,
		.user = c->mail_user,
		.password = p->password };
	if (keel_smtp_read(&p->smtp) != KEEL_OK)
		return keel_fault_fill(fault, KEEL_ERANGE, "config.yaml names no mail server",
			"write mail_server: \"smtps://mail.example:465\", mail_from and mail_to");
	if (!is_address(c->mail_from) || !is_address(c->mail_to))
		return keel_fault_fill(fault, KEEL_ERANGE,
			"mail_from or mail_to in config.yaml is no address",
			"write an address like desk@example.com");
	return c->mail_user[0] != '\0' ? read_password(ask, p, fault) : KEEL_OK;
}

/* What every mail needs of the system is loaded; then no file but these, and no call that mail does not need. */
static enum keel_err wall_in(const struct keel_fleet_ask *ask, struct post *p,
	struct keel_fleet_store **s, struct keel_fault *fault)
{
	char data[KEEL_FLEET_PATH_MAX];
	keel_smtp_open();
	enum keel_err e = keel_fleet_path(ask->dir, KEEL_FLEET_DATA, data, fault);
	if (e != KEEL_OK)
		return e;
	keel_fleet_wall_mail(data, p->smtp.port);
	e = keel_fleet_open(ask, s, fault);
	if (e == KEEL_OK)
		keel_fleet_wall_calls(KEEL_FLEET_MAIL);
	return e;
}

static volatile sig_atomic_t ended;

static void on_end(int signal)
{
	(void)signal;
	ended = 1;
}

/* Blocked but for the wait between two mails or two looks: none is cut off. */
static void hear_ends(void)
{
	const struct sigaction end = { .sa_handler = on_end };
	sigset_t ends;
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	(void)sigaction(SIGTERM, &end, NULL);
	(void)sigaction(SIGINT, &end, NULL);
}

static bool told_to_end(int wait_s)
{
	const struct timespec wait = { .tv_sec = wait_s };
	sigset_t none;
	(void)sigemptyset(&none);
	(void)ppoll(NULL, 0, &wait, &none);
	return ended != 0;
}

static enum keel_err explain(enum keel_err e, struct keel_fault *fault)
{
	if (e == KEEL_OK || e == KEEL_ENONE)
		return KEEL_OK;
	if (e == KEEL_ESTATE)
		return keel_fault_fill(fault, e, "the system's list of name servers was replaced",
			"start it again, or let a service manager do so");
	return keel_fault_fill(fault, e, "the queue of mail cannot be read", "look at the disk");
}

enum keel_err keel_fleet_do_mail(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	struct post p = { 0 };
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	hear_ends();
	enum keel_err e = open_post(ask, &p, fault);
	if (e == KEEL_OK)
		e = wall_in(ask, &p, &s, fault);
	if (e != KEEL_OK)
		return e;
	(void)printf("keel-fleet: mail to %s by %s\n", p.config.mail_to, p.config.mail_server);
	(void)fflush(stdout);
	do
		e = send_next(&p, s);
	while ((e == KEEL_OK || e == KEEL_ENONE) && !told_to_end(e == KEEL_OK ? 0 : LOOK_S));
	keel_wipe(p.password, sizeof(p.password));
	keel_smtp_close();
	return explain(e, fault);
}
