#include <stdlib.h>
#include <string.h>

#include "fleet/console/inside.h"

static void finish(void *self, struct keel_fleet_write *w)
{
	struct console_job *j = self;
	if (j->call != NULL) {
		keel_http_call_keep(j->call, NULL);
		if (w->err == KEEL_OK)
			j->done(j);
		else if (j->failed != NULL)
			j->failed(j, w->err);
		else
			console_refuse_err(j->call, w->err);
	}
	free(j);
}

struct console_job *console_job_new(
	const struct console_act *a, void (*done)(struct console_job *j))
{
	const struct keel_bytes sealed = a->ask.sealed;
	struct console_job *j = calloc(1, sizeof(*j) + sealed.n);
	KEEL_MUST(j != NULL);
	j->sealed_n = sealed.n;
	memcpy(j->sealed, sealed.p != NULL ? sealed.p : j->sealed, sealed.n);
	j->job.write.done = finish;
	j->job.write.self = j;
	j->c = a->c;
	j->call = a->call;
	j->op = a->op;
	j->done = done;
	keel_http_call_keep(a->call, j);
	return j;
}

void console_done(struct console_job *j)
{
	struct keel_wr w;
	struct keel_json json = console_json(j->c, &w);
	keel_json_open(&json, NULL, '{');
	keel_json_close(&json, '}');
	console_reply(j->call, &w, NULL);
}

/* The job goes on; its answer is for nobody. */
void keel_console_over(struct keel_http_call *call, enum keel_http_over why)
{
	struct console_job *j = keel_http_call_kept(call);
	if (j != NULL)
		j->call = NULL;
	keel_http_call_keep(call, NULL);
	if (why == KEEL_HTTP_WAITED)
		console_refuse_err(call, KEEL_EIO);
}
