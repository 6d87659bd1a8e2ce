/*
 * Group commit: one thread takes all jobs that wait, runs them in one transaction, each within a
 * savepoint of its own, and hands them back to the loop when the disk has them.
 */
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "fleet/db.h"

#define TOGETHER_MAX 512 /* jobs of one transaction: what the first of them waits for the last */

/* Jobs in the order in which they came. */
struct line {
	struct keel_fleet_write *first;
	struct keel_fleet_write **end;
};

struct fleet_commits {
	struct keel_fleet_store *store;
	pthread_t thread;
	pthread_mutex_t lock; /* for what follows, up to `over` */
	pthread_cond_t come;
	struct line waiting;
	struct line done;
	bool running;
	bool over;
	int news; /* eventfd: something is done */
	struct event *told;
};

static void line_clear(struct line *l)
{
	l->first = NULL;
	l->end = &l->first;
}

static void line_add(struct line *l, struct keel_fleet_write *w)
{
	w->next = NULL;
	*l->end = w;
	l->end = &w->next;
}

/* Takes up to so many off the front. */
static struct keel_fleet_write *line_take(struct line *l, size_t max)
{
	struct keel_fleet_write *first = l->first;
	struct keel_fleet_write **at = &l->first;
	for (size_t n = 0; n < max && *at != NULL; n++)
		at = &(*at)->next;
	l->first = *at;
	*at = NULL;
	if (l->first == NULL)
		l->end = &l->first;
	return first;
}

/* --- a transaction --- */

static enum keel_err plain(struct keel_fleet_store *s, enum fleet_stmt which)
{
	return fleet_run(fleet_stmt(&s->write, which));
}

/* A job that fails takes back its own changes only. */
static enum keel_err run_job(struct keel_fleet_store *s, struct keel_fleet_write *w)
{
	enum keel_err e = plain(s, FLEET_JOB);
	if (e != KEEL_OK)
		return e;
	w->err = w->run(s, w);
	if (w->err != KEEL_OK)
		e = plain(s, FLEET_JOB_BAD);
	return e == KEEL_OK ? plain(s, FLEET_JOB_GOOD) : e;
}

static void commit(struct keel_fleet_store *s, struct keel_fleet_write *first)
{
	enum keel_err e = plain(s, FLEET_BEGIN);
	bool begun = e == KEEL_OK;
	for (struct keel_fleet_write *w = first; e == KEEL_OK && w != NULL; w = w->next)
		e = run_job(s, w);
	if (e == KEEL_OK)
		e = plain(s, FLEET_COMMIT);
	if (e == KEEL_OK)
		return;
	/* A full disk rolls back by itself. */
	if (begun && sqlite3_get_autocommit(s->write.db) == 0)
		(void)plain(s, FLEET_ROLLBACK);
	for (struct keel_fleet_write *w = first; w != NULL; w = w->next)
		w->err = e;
}

/* --- the thread --- */

static void hand_back(struct fleet_commits *c, struct keel_fleet_write *first)
{
	const uint64_t one = 1;
	(void)pthread_mutex_lock(&c->lock);
	while (first != NULL) {
		struct keel_fleet_write *next = first->next;
		line_add(&c->done, first);
		first = next;
	}
	(void)pthread_mutex_unlock(&c->lock);
	KEEL_MUST(write(c->news, &one, sizeof(one)) == (ssize_t)sizeof(one));
}

static void *commit_all(void *arg)
{
	struct fleet_commits *c = arg;
	(void)pthread_mutex_lock(&c->lock);
	c->running = true;
	(void)pthread_cond_broadcast(&c->come);
	(void)pthread_mutex_unlock(&c->lock);
	for (;;) {
		(void)pthread_mutex_lock(&c->lock);
		while (c->waiting.first == NULL && !c->over)
			(void)pthread_cond_wait(&c->come, &c->lock);
		struct keel_fleet_write *first = line_take(&c->waiting, TOGETHER_MAX);
		(void)pthread_mutex_unlock(&c->lock);
		if (first == NULL)
			return NULL;
		commit(c->store, first);
		hand_back(c, first);
	}
}

/* --- the loop's side --- */

static void tell(struct fleet_commits *c)
{
	(void)pthread_mutex_lock(&c->lock);
	struct keel_fleet_write *first = line_take(&c->done, SIZE_MAX);
	(void)pthread_mutex_unlock(&c->lock);
	while (first != NULL) {
		struct keel_fleet_write *next = first->next; /* its owner may free it */
		first->done(first->self, first);
		first = next;
	}
}

static void on_news(evutil_socket_t fd, short what, void *arg)
{
	uint64_t n;
	(void)what;
	if (read(fd, &n, sizeof(n)) == (ssize_t)sizeof(n))
		tell(arg);
}

void fleet_submit(struct keel_fleet_store *s, struct keel_fleet_write *w,
	enum keel_err (*run)(struct keel_fleet_store *s, struct keel_fleet_write *w))
{
	struct fleet_commits *c = s->commits;
	w->run = run;
	w->err = KEEL_OK;
	w->next = NULL;
	/* Closing: what a job's end submits once more has no thread any longer. */
	if (c == NULL || c->over) {
		commit(s, w);
		if (w->done != NULL)
			w->done(w->self, w);
		return;
	}
	KEEL_MUST(w->done != NULL);
	(void)pthread_mutex_lock(&c->lock);
	line_add(&c->waiting, w);
	(void)pthread_cond_signal(&c->come);
	(void)pthread_mutex_unlock(&c->lock);
}

/*
 * Signals are the loop's: the thread is born with all of them blocked. It runs when this returns: what
 * a thread's own beginning calls (rseq, robust lists) is done before a filter may forbid it.
 */
static bool start(struct fleet_commits *c)
{
	sigset_t all;
	sigset_t before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	bool good = pthread_create(&c->thread, NULL, commit_all, c) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_mutex_lock(&c->lock);
	while (good && !c->running)
		(void)pthread_cond_wait(&c->come, &c->lock);
	(void)pthread_mutex_unlock(&c->lock);
	return good;
}

enum keel_err fleet_commits_open(struct keel_fleet_store *s, struct event_base *base)
{
	struct fleet_commits *c = calloc(1, sizeof(*c));
	KEEL_MUST(c != NULL);
	c->store = s;
	line_clear(&c->waiting);
	line_clear(&c->done);
	c->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->told = c->news < 0 ? NULL : event_new(base, c->news, EV_READ | EV_PERSIST, on_news, c);
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->come, NULL);
	if (c->told != NULL && event_add(c->told, NULL) == 0 && start(c)) {
		s->commits = c;
		return KEEL_OK;
	}
	if (c->told != NULL)
		event_free(c->told);
	if (c->news >= 0)
		(void)close(c->news);
	free(c);
	return KEEL_EIO;
}

void fleet_commits_close(struct keel_fleet_store *s)
{
	struct fleet_commits *c = s->commits;
	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&c->lock);
	c->over = true;
	(void)pthread_cond_signal(&c->come);
	(void)pthread_mutex_unlock(&c->lock);
	(void)pthread_join(c->thread, NULL);
	tell(c);
	event_free(c->told);
	(void)close(c->news);
	(void)pthread_mutex_destroy(&c->lock);
	(void)pthread_cond_destroy(&c->come);
	free(c);
	s->commits = NULL;
}
