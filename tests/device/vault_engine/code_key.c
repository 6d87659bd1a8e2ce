/*
 * A claim code's key is slow to make, by intent, and ten times slower under a sanitizer. All homes
 * of a run have one label: its key is made once (linked with --wrap=keel_code_key), also for the
 * processes that this one forks.
 */
#include <string.h>

#include "owner/label.h"

void __real_keel_code_key(
	const struct keel_code *code, const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_key *out);
void __wrap_keel_code_key(
	const struct keel_code *code, const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_key *out);

void __wrap_keel_code_key(
	const struct keel_code *code, const uint8_t id[KEEL_DEVICE_ID_LEN], struct keel_key *out)
{
	static struct keel_code of;
	static uint8_t salt[KEEL_DEVICE_ID_LEN];
	static struct keel_key made;
	if (memcmp(&of, code, sizeof(of)) != 0 || memcmp(salt, id, sizeof(salt)) != 0) {
		__real_keel_code_key(code, id, &made);
		of = *code;
		memcpy(salt, id, sizeof(salt));
	}
	*out = made;
}
