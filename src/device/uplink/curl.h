/*
 * libcurl, loaded by the one room that needs it. Linked, it and the thirty libraries behind it would stand in
 * every room of keeld, the vault's among them, and cost each 0.7 MiB of memory of its own.
 */
#ifndef KEEL_DEVICE_UPLINK_CURL_H
#define KEEL_DEVICE_UPLINK_CURL_H

/* Its checks of an option's type are macros by its functions' names. */
#ifndef CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_TYPECHECK
#endif
#include <curl/curl.h>
#include <stdbool.h>

#define KEEL_CURL_CALLS(X)                                                                         \
	X(global_init)                                                                             \
	X(easy_init)                                                                               \
	X(easy_setopt)                                                                             \
	X(easy_getinfo)                                                                            \
	X(easy_cleanup)                                                                            \
	X(multi_init)                                                                              \
	X(multi_setopt)                                                                            \
	X(multi_add_handle)                                                                        \
	X(multi_remove_handle)                                                                     \
	X(multi_perform)                                                                           \
	X(multi_poll)                                                                              \
	X(multi_info_read)                                                                         \
	X(multi_cleanup)                                                                           \
	X(slist_append)                                                                            \
	X(slist_free_all)                                                                          \
	X(url)                                                                                     \
	X(url_set)                                                                                 \
	X(url_get)                                                                                 \
	X(url_cleanup)                                                                             \
	X(free)

/** curl_easy_init is easy_init here, and so on. */
struct keel_curl {
#define X(name) __typeof__(curl_##name) *(name);
	KEEL_CURL_CALLS(X)
#undef X
};

/** Before the walls; it stays for the process's life. False: it is not installed. */
bool keel_curl_load(struct keel_curl *out);

#endif
