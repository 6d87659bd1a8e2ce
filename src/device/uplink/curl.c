#include "device/uplink/curl.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libcurl.so.4"

static bool find(void *library, const char *name, void *out)
{
	void *call = dlsym(library, name);
	memcpy(out, &call,
		sizeof(call)); /* C knows no way from an object's pointer to a function's */
	return call != NULL;
}

bool keel_curl_load(struct keel_curl *out)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	bool good = library != NULL;
#define X(name) good = good && find(library, "curl_" #name, &out->name);
	KEEL_CURL_CALLS(X)
#undef X
	return good;
}
