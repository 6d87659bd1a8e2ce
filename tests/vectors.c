#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void give_up(const char *what, const char *name)
{
	(void)fprintf(stderr, "vectors: %s: %s\n", what, name);
	exit(EXIT_FAILURE);
}

static json_t *load(const char *file, size_t flags)
{
	char path[512];
	json_error_t error;
	(void)snprintf(path, sizeof(path), "%s/%s", VECTORS_DIR, file);
	json_t *all = json_load_file(path, flags, &error);
	if (all == NULL)
		give_up(error.text, path);
	return all;
}

json_t *vectors_load(const char *file)
{
	return load(file, 0);
}

json_t *vectors_load_reals(const char *file)
{
	return load(file, JSON_DECODE_INT_AS_REAL);
}

static unsigned digit(char c, const char *hex)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;
	if (at == NULL)
		give_up("not hex", hex);
	return (unsigned)(at - digits);
}

struct keel_bytes vectors_hex(const char *hex, uint8_t *buf, size_t cap)
{
	size_t n = strlen(hex) / 2;
	if (strlen(hex) % 2 != 0 || n > cap)
		give_up("odd or too long", hex);
	for (size_t i = 0; i < n; i++)
		buf[i] = (uint8_t)(digit(hex[2 * i], hex) << 4 | digit(hex[2 * i + 1], hex));
	return (struct keel_bytes){ buf, n };
}

const char *vectors_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	if (text == NULL)
		give_up("no such text", name);
	return text;
}

struct keel_bytes vectors_field(const json_t *object, const char *name, uint8_t *buf, size_t cap)
{
	return vectors_hex(vectors_text(object, name), buf, cap);
}
