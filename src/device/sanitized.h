/* Whether this is a build with AddressSanitizer, whose shadow memory and leak tracer no wall knows. */
#ifndef KEEL_DEVICE_SANITIZED_H
#define KEEL_DEVICE_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define KEEL_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KEEL_SANITIZED 1
#endif
#endif

#endif
