#include "place.h"

#include <stdlib.h>

static char body[KEEL_SITE_PRODUCT_MAX + 4 * KEEL_SITE_LINE_MAX + 1];

static size_t read_file(const char *path, char *out, size_t cap)
{
	FILE *f = fopen(path, "rb");
	size_t n = f != NULL ? fread(out, 1, cap, f) : 0;
	if (f != NULL)
		(void)fclose(f);
	return n;
}

void place_open(struct place *p)
{
	static char yaml[65536];
	struct keel_yaml_fault fault = { 0 };
	size_t n = read_file(HEATING, yaml, sizeof(yaml));
	struct keel_bytes file = { (const uint8_t *)yaml, n };
	*p = (struct place){ .history = { { 20780, 22980 }, { 20788, 23345 } } };
	KEEL_MUST(keel_declaration_read(file, NULL, &p->declaration, &fault) == KEEL_OK);
	p->product = (struct keel_site_product){
		.product = &p->declaration.product,
		.published = p->history,
		.published_count = 2,
		.declared_s = 20788 * (int64_t)86400 + 45296,
		.statement = { .batch = keel_text("all units"),
			.signature = keel_text("Ada Example"),
			.signatory = keel_text("Ada Example"),
			.function = keel_text("Head of Products"),
			.place = keel_text("Exampletown"),
			.date = 20780 },
	};
	p->site = (struct keel_site){
		.origin = keel_text(PLACE_ORIGIN),
		.products = &p->product,
		.count = 1,
		.now_s = PLACE_DAY * (int64_t)86400 + 3600,
	};
}

void place_close(struct place *p)
{
	keel_declaration_clear(&p->declaration);
}

struct keel_http_answer place_get(const struct place *p, const char *path)
{
	struct keel_http_answer a =
		keel_site_answer(&p->site, keel_text(path), body, sizeof(body) - 1);
	body[a.body.n] = '\0';
	return a;
}

json_t *place_json(const struct place *p, const char *path)
{
	struct keel_http_answer a = place_get(p, path);
	return json_loadb((const char *)a.body.p, a.body.n, JSON_REJECT_DUPLICATES, NULL);
}

bool place_says(const struct keel_http_answer *a, const char *text)
{
	return a->body.n > 0 && strstr((const char *)a->body.p, text) != NULL;
}
