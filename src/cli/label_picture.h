/* A unit's label: text for a printer, and its QR code for a terminal, as SVG and as PNG. */
#ifndef KEEL_CLI_LABEL_PICTURE_H
#define KEEL_CLI_LABEL_PICTURE_H

#include "owner/label.h"

/** What stands on the label beside the code. Views of C strings. EN 303 645 5.3-16. */
struct keel_label_words {
	const char *maker;
	const char *model;
	const char *serial;
};

/**
 * Writes PREFIX.txt (the code's text alone, for keel owner --label), PREFIX-terminal.txt, PREFIX.svg
 * and PREFIX.png, each 0600: the claim code is a secret until the box is opened.
 */
KEEL_CHECKED enum keel_err keel_label_pictures(const char *prefix, const struct keel_label *label,
	const struct keel_label_words *words, struct keel_fault *fault);

#endif
