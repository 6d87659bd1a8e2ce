#include "device/home.h"

#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cbor.h"
#include "keel/profile.h"

static struct keel_list one(struct keel_wr *w, const struct keel_row *row, const void *item)
{
	size_t at = w->n;
	keel_schema_write(row->of, item, w);
	return (struct keel_list){ .cbor = { w->p + at, w->n - at }, .count = 1 };
}

static void join(struct keel_list *to, struct keel_list next)
{
	to->cbor.n += next.cbor.n;
	to->count += next.count;
}

struct keel_bytes home_product(uint8_t *buf, size_t cap, uint16_t port)
{
	static const uint8_t states[] = { 1, 2 }; /* setup, operation */
	static uint8_t parts[1024];
	static const char key[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct keel_wr w = keel_wr_of(parts, sizeof(parts));
	struct keel_interface door = { .has = 1u << 2,
		.name = keel_text("door"),
		.port = port,
		.transport = KEEL_TRANSPORT_TCP,
		.protocol = keel_text("https"),
		.open = { .cbor = KEEL_VIEW(states), .count = 2 },
		.people = keel_text("owners"),
		.purpose = keel_text("a test") };
	struct keel_hardware sensor = { .name = keel_text("room sensor"),
		.file = keel_text("sensor"),
		.access = KEEL_ACCESS_READ };
	struct keel_hardware burner = { .name = keel_text("burner"),
		.file = keel_text("burner"),
		.access = KEEL_ACCESS_WRITE };
	struct keel_product p = { .version = 1,
		.maker = { .name = keel_text("Test"),
			.address = keel_text("Test Street 1"),
			.key = keel_text(key) },
		.model = { .identifier = keel_text("t-1"),
			.name = keel_text("T"),
			.type = keel_text("test"),
			.version = keel_text("1.0") },
		.support = { .from = 20000, .until = 22000 } };
	p.interfaces = one(&w, &keel_interface_row, &door);
	p.hardware = one(&w, &keel_hardware_row, &sensor);
	join(&p.hardware, one(&w, &keel_hardware_row, &burner));
	p.has = 1u << KEEL_PRODUCT_INTERFACES | 1u << KEEL_PRODUCT_HARDWARE;
	struct keel_wr out = keel_wr_of(buf, cap);
	keel_schema_write(&keel_product_schema, &p, &out);
	struct keel_bytes b;
	KEEL_MUST(keel_wr_end(&out, &b) == KEEL_OK);
	return b;
}

void home_write(const struct home *h, const char *name, struct keel_bytes content)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/%s", h->path, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	KEEL_MUST(fd >= 0 && write(fd, content.p, content.n) == (ssize_t)content.n);
	(void)close(fd);
}

void home_make(struct home *h, uint16_t port)
{
	uint8_t buf[4096];
	char folder[128];
	(void)snprintf(h->path, sizeof(h->path), "/tmp/keel-home-XXXXXX");
	KEEL_MUST(mkdtemp(h->path) != NULL);
	home_write(h, "product.cbor", home_product(buf, sizeof(buf), port));
	home_write(h, "door.crt", keel_text("certificate"));
	home_write(h, "door.key", keel_text("key"));
	(void)snprintf(folder, sizeof(folder), "%s/hardware", h->path);
	KEEL_MUST(mkdir(folder, 0755) == 0);
	home_write(h, "hardware/sensor", keel_text("20.5"));
	home_write(h, "hardware/burner", keel_text("0"));
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void home_remove(const struct home *h)
{
	(void)nftw(h->path, drop, 8, FTW_DEPTH | FTW_PHYS);
}

uint16_t home_free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	KEEL_MUST(fd >= 0 && bind(fd, (struct sockaddr *)&a, n) == 0);
	KEEL_MUST(getsockname(fd, (struct sockaddr *)&a, &n) == 0);
	(void)close(fd);
	return ntohs(a.sin_port);
}
