/* libevent takes our times as they are meant, also where its time_t is not ours (32-bit Arm). */
#include <event2/event.h>
#include <time.h>

#include "check.h"
#include "core/bytes.h"
#include "http/after.h"

static uint64_t now_ms(void)
{
	struct timespec t;
	KEEL_MUST(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void count(evutil_socket_t fd, short what, void *arg)
{
	unsigned *n = arg;
	(void)fd;
	(void)what;
	++*n;
}

/* Twice: once below a second and once above, with the part below it in another member. */
static void an_event_happens_when_its_time_has_passed_and_once(void)
{
	static const uint64_t waits_ms[] = { 150, 1150 };
	for (size_t i = 0; i < KEEL_COUNT(waits_ms); i++) {
		unsigned n = 0;
		struct event_base *base = event_base_new();
		struct event *e = event_new(base, -1, 0, count, &n);
		uint64_t before = now_ms();
		CHECK(keel_http_after(e, waits_ms[i]));
		CHECK(event_base_dispatch(base) == 1); /* no event is left to wait for */
		CHECK(n == 1 && now_ms() - before >= waits_ms[i]);
		CHECK(now_ms() - before < waits_ms[i] + 20000); /* this machine may be busy */
		event_free(e);
		event_base_free(base);
	}
}

TEST_MAIN(TEST(an_event_happens_when_its_time_has_passed_and_once))
