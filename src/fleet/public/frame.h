/* What the HTML pages share: head and end, links to products, dates. */
#ifndef KEEL_FLEET_PUBLIC_FRAME_H
#define KEEL_FLEET_PUBLIC_FRAME_H

#include "fleet/public/site.h"

/** Up to the beginning of what is the page's own; "title – by" is the window's. */
void keel_frame_open(struct keel_wr *w, struct keel_bytes title, struct keel_bytes by);
void keel_frame_close(struct keel_wr *w);

/** <a href="/p/MODEL/FILE">words</a> */
void keel_frame_link(
	struct keel_wr *w, const struct keel_product *p, const char *file, const char *words);
/** 1 December 2033, readable for programs, too. */
void keel_frame_date(struct keel_wr *w, int64_t days);

/* A line of a list of terms: <dt>term<dd>, and what it is. */
void keel_frame_term(struct keel_wr *w, const char *term);
void keel_frame_text(struct keel_wr *w, const char *term, struct keel_bytes text);
void keel_frame_address(struct keel_wr *w, const char *term, struct keel_bytes text);
void keel_frame_day(struct keel_wr *w, const char *term, int64_t days);

#endif
