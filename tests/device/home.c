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
#include "device/measure.h"
#include "keel/profile.h"
#include "profile/measures.h"

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

struct keel_bytes home_product(
	uint8_t *buf, size_t cap, uint16_t port, const struct keel_p256_pub *maker)
{
	static const uint8_t states[] = { 1, 2 }; /* setup, operation */
	static const uint8_t reactions[] = { KEEL_ON_CHANGE_ALERT };
	static uint8_t parts[1024];
	char key[2 * sizeof(maker->xy) + 1];
	for (size_t i = 0; i < sizeof(maker->xy); i++)
		(void)snprintf(key + 2 * i, 3, "%02x", maker->xy[i]);
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
	p.integrity.on_change = (struct keel_list){ .cbor = KEEL_VIEW(reactions), .count = 1 };
	p.has = 1u << KEEL_PRODUCT_INTERFACES | 1u << KEEL_PRODUCT_HARDWARE |
		1u << KEEL_PRODUCT_INTEGRITY;
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
	keel_p256_generate(&h->maker);
	home_write(h, "product.cbor", home_product(buf, sizeof(buf), port, &h->maker.pub));
	home_write(h, "door.crt", keel_text("certificate"));
	home_write(h, "door.key", keel_text("key"));
	(void)snprintf(folder, sizeof(folder), "%s/hardware", h->path);
	KEEL_MUST(mkdir(folder, 0755) == 0);
	home_write(h, "hardware/sensor", keel_text("20.5"));
	home_write(h, "hardware/burner", keel_text("0"));
}

struct keel_bytes home_read(const struct home *h, const char *name, uint8_t *buf, size_t cap)
{
	char path[256];
	(void)snprintf(path, sizeof(path), "%s/%s", h->path, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, cap);
	KEEL_MUST(n >= 0);
	(void)close(fd);
	return (struct keel_bytes){ buf, (size_t)n };
}

void home_measure(
	const struct home *h, const struct keel_p256_key *by, const char *const *paths, size_t n)
{
	uint8_t product[4096], items[KEEL_MEASURES_MAX], out[KEEL_MEASURES_MAX];
	struct keel_bytes bytes = home_read(h, "product.cbor", product, sizeof(product));
	struct keel_wr listed = keel_wr_of(items, sizeof(items));
	struct keel_wr w = keel_wr_of(out, sizeof(out));
	struct keel_digest digest;
	uint64_t size;
	struct keel_measures list = { .product = KEEL_VIEW(digest.b) };
	for (size_t i = 0; i < n; i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		KEEL_MUST(fd >= 0 && keel_measure_fd(fd, UINT64_MAX, &size, &digest) == KEEL_OK);
		(void)close(fd);
		keel_list_add(&keel_measured_file_row,
			&(struct keel_measured_file){ .path = keel_text(paths[i]),
				.size = size,
				.sha256 = KEEL_VIEW(digest.b) },
			&listed, &list.files);
	}
	keel_sha256(&bytes, 1, &digest);
	KEEL_MUST(keel_measures_write(by, &list, &w) == KEEL_OK);
	KEEL_MUST(keel_wr_end(&w, &bytes) == KEEL_OK);
	home_write(h, "measures.cbor", bytes);
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
