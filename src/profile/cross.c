#include "profile/cross.h"

#include <stdio.h>

enum keel_err keel_declaration_cross(
	const struct keel_declaration *d, struct keel_yaml_fault *fault)
{
	if (d->product.support.from < d->product.support.until)
		return KEEL_OK;
	fault->at = keel_declaration_where(d, "support.until");
	(void)snprintf(fault->what, sizeof(fault->what), "support ends before it begins");
	(void)snprintf(fault->next, sizeof(fault->next), "write a later date than support.from");
	return KEEL_EFORM;
}
