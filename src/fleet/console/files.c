/* The pages' files, in memory: the bundle is small, and behind the walls its folder cannot be read. */
#include "cli/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/fault.h"
#include "fleet/console/inside.h"

#define FILE_MAX ((size_t)4 << 20)

/* clang-format off */
static const struct {
	const char *end, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js",   "text/javascript; charset=utf-8" },
	{ ".css",  "text/css; charset=utf-8" },
	{ ".svg",  "image/svg+xml" },
	{ ".png",  "image/png" },
};
/* clang-format on */

static const char *type_of(const char *name)
{
	const char *end = strrchr(name, '.');
	for (size_t i = 0; end != NULL && i < KEEL_COUNT(types); i++)
		if (strcmp(end, types[i].end) == 0)
			return types[i].type;
	return NULL;
}

static enum keel_err read_one(
	struct keel_console *c, const char *folder, const char *name, struct keel_fault *fault)
{
	char path[512];
	struct console_file *f = &c->files[c->file_count];
	struct keel_bytes content;
	int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
	int m = snprintf(f->path, sizeof(f->path), KEEL_CONSOLE_PAGE "%s",
		strcmp(name, "index.html") == 0 ? "" : name);
	if (n >= (int)sizeof(path) || m >= (int)sizeof(f->path))
		return keel_fault_format(fault, KEEL_EFULL, "give it a shorter one",
			"the name of %.100s is too long", name);
	uint8_t *buf = malloc(FILE_MAX);
	KEEL_MUST(buf != NULL);
	enum keel_err e = keel_file_read(path, buf, FILE_MAX, &content, fault);
	if (e == KEEL_OK) {
		f->type = type_of(name);
		f->n = content.n;
		f->bytes = realloc(buf, content.n > 0 ? content.n : 1);
		KEEL_MUST(f->bytes != NULL);
		c->file_count++;
	} else {
		free(buf);
	}
	return e;
}

static bool has_page(const struct keel_console *c)
{
	for (size_t i = 0; i < c->file_count; i++)
		if (strcmp(c->files[i].path, KEEL_CONSOLE_PAGE) == 0)
			return true;
	return false;
}

enum keel_err keel_console_files(
	struct keel_console *c, const char *folder, struct keel_fault *fault)
{
	enum keel_err e = KEEL_OK;
	DIR *d = opendir(folder);
	struct dirent *entry;
	while (d != NULL && e == KEEL_OK && (entry = readdir(d)) != NULL)
		if (type_of(entry->d_name) != NULL && c->file_count < CONSOLE_FILES_MAX)
			e = read_one(c, folder, entry->d_name, fault);
	if (d != NULL)
		(void)closedir(d);
	if (e != KEEL_OK || has_page(c))
		return e;
	return keel_fault_format(fault, KEEL_ENONE,
		"build the console: npm run build -- --out DIR in web/console; or take console out "
		"of config.yaml",
		"%.100s has no index.html of the console", folder);
}

/* Nothing from elsewhere, nothing inline, in nobody's frame. */
static const char policy[] =
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
	"img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
	"frame-ancestors 'none'; require-trusted-types-for 'script'";

static const char *const fields[] = {
	policy,
	"Referrer-Policy: no-referrer",
	"Cross-Origin-Opener-Policy: same-origin",
	"Cross-Origin-Resource-Policy: same-origin",
	"Permissions-Policy: publickey-credentials-get=(self), publickey-credentials-create=(self)",
	NULL,
};

void console_serve_file(struct keel_console *c, struct keel_http_call *call)
{
	const struct keel_bytes path = keel_http_call_head(call)->path;
	for (size_t i = 0; i < c->file_count; i++) {
		const struct console_file *f = &c->files[i];
		if (!keel_bytes_is(path, f->path))
			continue;
		keel_http_answer(call, &(struct keel_http_answer){ .status = 200,
					       .type = f->type,
					       .body = { f->bytes, f->n },
					       .fields = fields });
		return;
	}
	keel_http_refuse(call, KEEL_HTTP_NO_ROUTE); /* its route is made of the same table */
}
