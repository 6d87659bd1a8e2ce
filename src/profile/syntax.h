/* What libyaml refuses, in the words of the person who wrote the file. */
#ifndef KEEL_PROFILE_SYNTAX_H
#define KEEL_PROFILE_SYNTAX_H

#include <yaml.h>

#include "profile/tree.h"

/** Fills the fault after yaml_parser_parse failed on `file`: where, what, and what to write. */
void keel_syntax_fault(
	const yaml_parser_t *p, struct keel_bytes file, struct keel_yaml_fault *fault);

#endif
