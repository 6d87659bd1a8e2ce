/* pages DIR: writes the example's pages as files, for a browser's tests and a person's eyes. */
#include <stdlib.h>

#include "place.h"

static void write_file(const struct place *p, const char *dir, const char *name, const char *path)
{
	char file[512];
	struct keel_http_answer a = place_get(p, path);
	(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
	FILE *f = fopen(file, "wb");
	if (f == NULL || fwrite(a.body.p, 1, a.body.n, f) != a.body.n || fclose(f) != 0) {
		perror(file);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static struct place p;
	if (argc != 2) {
		(void)fprintf(stderr, "usage: pages DIR\n");
		return 2;
	}
	place_open(&p);
	write_file(&p, argv[1], "index.html", "/");
	write_file(&p, argv[1], "style.css", "/style.css");
	write_file(&p, argv[1], "security.txt", "/.well-known/security.txt");
	write_file(&p, argv[1], "product.html", PLACE_HUB);
	write_file(&p, argv[1], "product.json", PLACE_HUB "product.json");
	write_file(&p, argv[1], "statement.html", PLACE_HUB "statement");
	write_file(&p, argv[1], "mud.json", PLACE_HUB "mud.json");
	write_file(&p, argv[1], "nowhere.html", "/nowhere");
	p.site.now_s = (p.history[1].until + 1) * (int64_t)86400;
	p.product.statement = (struct keel_statement_facts){ 0 };
	write_file(&p, argv[1], "ended.html", PLACE_HUB);
	write_file(&p, argv[1], "no-statement.html", PLACE_HUB "statement");
	place_close(&p);
	return 0;
}
