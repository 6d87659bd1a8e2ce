/*
 * The door's one page: plain HTML, no script, no style. It says what device this is, until when it
 * is supported, where to report a weakness and where the app is. EN 303 645 5.2-1, 5.3-13, 5.6-5.
 */
#ifndef KEEL_DEVICE_DOOR_PAGE_H
#define KEEL_DEVICE_DOOR_PAGE_H

#include "http/answer.h"
#include "keel/profile.h"

#define KEEL_PAGE_MAX 16384

struct keel_page {
	char html[KEEL_PAGE_MAX];
	size_t n;
};

/**
 * Whether this is an origin as browsers write it: "https://app.example" or "https://app.example:8443".
 * Nothing that such an origin may hold means anything in HTML.
 */
bool keel_page_is_origin(const char *origin);

/**
 * origin   the app's, checked; NULL: nobody has said where it is
 * product  as declared; its texts are escaped. NULL: nothing is said about it
 */
void keel_page_make(struct keel_page *page, const char *origin, const struct keel_product *product);
/** The page as an answer; a view into page. */
struct keel_http_answer keel_page_answer(const struct keel_page *page);

#endif
