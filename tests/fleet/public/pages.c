/* pages DIR: writes every answer of the example's site, and answers.json, for a browser's test. */
#include <stdlib.h>

#include "place.h"

static const char *dir;
static json_t *answers;

static void must(bool fine, const char *what)
{
	if (fine)
		return;
	perror(what);
	exit(1);
}

static json_t *fields_of(const struct keel_http_answer *a)
{
	json_t *all = json_array();
	for (size_t i = 0; a->fields[i] != NULL; i++)
		must(json_array_append_new(all, json_string(a->fields[i])) == 0, "answers");
	return all;
}

/* `as` is where a browser finds what the site answers at `path`. */
static void keep(const struct place *p, const char *path, const char *as)
{
	char name[32];
	char file[512];
	struct keel_http_answer a = place_get(p, path);
	(void)snprintf(name, sizeof(name), "%zu", json_array_size(answers));
	(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
	FILE *f = fopen(file, "wb");
	must(f != NULL && fwrite(a.body.p, 1, a.body.n, f) == a.body.n && fclose(f) == 0, file);
	must(json_array_append_new(answers,
		     json_pack("{s:s,s:i,s:s,s:s,s:o}", "path", as, "status", (int)a.status, "type",
			     a.type, "file", name, "fields", fields_of(&a))) == 0,
		"answers");
}

int main(int argc, char **argv)
{
	static const char *const paths[] = { "/", "/style.css", "/.well-known/security.txt",
		PLACE_HUB, PLACE_HUB "product.json", PLACE_HUB "statement",
		PLACE_HUB "statement.json", PLACE_HUB "mud.json", "/nowhere" };
	static struct place p;
	char file[512];
	if (argc != 2) {
		(void)fprintf(stderr, "usage: pages DIR\n");
		return 2;
	}
	dir = argv[1];
	answers = json_array();
	place_open(&p);
	for (size_t i = 0; i < KEEL_COUNT(paths); i++)
		keep(&p, paths[i], paths[i]);
	p.site.now_s = (p.history[1].until + 1) * (int64_t)86400;
	p.product.statement = (struct keel_statement_facts){ 0 };
	keep(&p, PLACE_HUB, "/after-its-end");
	keep(&p, PLACE_HUB "statement", "/no-statement");
	place_close(&p);
	(void)snprintf(file, sizeof(file), "%s/answers.json", dir);
	must(json_dump_file(answers, file, JSON_INDENT(2)) == 0, file);
	json_decref(answers);
	return 0;
}
