/* What becomes of a broken promise on Linux: a line on stderr, and the process ends. */
#include <stdio.h>
#include <stdlib.h>

#include "core/err.h"

void keel_must_failed(const char *cond, const char *file, int line)
{
	(void)fprintf(stderr, "keel: broken promise: %s (%s:%d)\n", cond, file, line);
	abort();
}
