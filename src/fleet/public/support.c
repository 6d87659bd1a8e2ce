#include "fleet/public/support.h"

int64_t keel_support_until(const struct keel_published *history, size_t count, int64_t declared)
{
	int64_t until = count > 0 ? history[0].until : declared;
	for (size_t i = 1; i < count; i++)
		if (history[i].until > until)
			until = history[i].until;
	return until;
}

enum keel_support_step keel_support_judge(
	const struct keel_published *history, size_t count, int64_t until)
{
	int64_t promised = keel_support_until(history, count, until);
	if (count == 0 || until > promised)
		return KEEL_SUPPORT_PUBLISH;
	return until == promised ? KEEL_SUPPORT_SAME : KEEL_SUPPORT_REFUSE;
}
