/* Text into HTML: whatever a declaration says stays text. */
#ifndef KEEL_HTTP_HTML_H
#define KEEL_HTTP_HTML_H

#include "core/bytes.h"

/** Escaped: as the content of an element, and between quotes as the value of an attribute. */
void keel_html_text(struct keel_wr *w, struct keel_bytes text);

/** A link where the text is an address to follow (https, mailto, tel); else the text alone. */
void keel_html_link(struct keel_wr *w, struct keel_bytes text);

#endif
