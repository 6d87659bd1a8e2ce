/* What spans the fields of a declaration, and so stands in no row of its table. */
#ifndef KEEL_PROFILE_CROSS_H
#define KEEL_PROFILE_CROSS_H

#include "profile/declaration.h"

/** KEEL_EFORM: fault tells what, where and what to do. */
KEEL_CHECKED enum keel_err keel_declaration_cross(
	const struct keel_declaration *d, struct keel_yaml_fault *fault);

#endif
