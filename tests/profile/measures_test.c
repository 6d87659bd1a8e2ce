/* The maker's list of a device's files: who may have signed it, what for, and what it may name. */
#include <stdio.h>

#include "check.h"
#include "crypto/purpose.h"
#include "profile/measures.h"

struct made {
	struct keel_p256_key maker;
	struct keel_digest product, digest;
	uint8_t items[KEEL_MEASURES_MAX], buf[KEEL_MEASURES_MAX];
	struct keel_measures list;
	struct keel_bytes bytes;
};

static enum keel_err write(struct made *m, const char *const *paths, size_t n)
{
	struct keel_wr items = keel_wr_of(m->items, sizeof(m->items));
	struct keel_wr w = keel_wr_of(m->buf, sizeof(m->buf));
	m->list = (struct keel_measures){ .product = KEEL_VIEW(m->product.b) };
	for (size_t i = 0; i < n; i++)
		keel_list_add(&keel_measured_file_row,
			&(struct keel_measured_file){ .path = keel_text(paths[i]),
				.size = 1000 + i,
				.sha256 = KEEL_VIEW(m->digest.b) },
			&items, &m->list.files);
	enum keel_err e = keel_measures_write(&m->maker, &m->list, &w);
	return e == KEEL_OK ? keel_wr_end(&w, &m->bytes) : e;
}

static void make(struct made *m)
{
	static const char *const paths[] = { "/usr/sbin/keeld", "/usr/lib/hearth/thermostat" };
	keel_p256_generate(&m->maker);
	keel_random(&m->product, sizeof(m->product));
	keel_random(&m->digest, sizeof(m->digest));
	CHECK(write(m, paths, KEEL_COUNT(paths)) == KEEL_OK);
}

static void the_list_comes_back_as_it_was(void)
{
	static struct made m;
	struct keel_measures list;
	struct keel_measured_file f;
	make(&m);
	CHECK(keel_measures_verify(m.bytes, &m.maker.pub, &m.product, &list) == KEEL_OK);
	struct keel_list rest = list.files;
	CHECK(keel_list_next(&keel_measured_file_row, &rest, &f));
	CHECK(keel_bytes_is(f.path, "/usr/sbin/keeld"));
	CHECK(keel_bytes_equal(f.sha256, KEEL_VIEW(m.digest.b)));
	CHECK(keel_list_next(&keel_measured_file_row, &rest, &f));
	CHECK(keel_bytes_is(f.path, "/usr/lib/hearth/thermostat") && f.size == 1001);
	CHECK(!keel_list_next(&keel_measured_file_row, &rest, &f));
}

/* EN 303 645 5.7-1: whoever can change a file cannot change the list with it. */
static void prov_5_7_1_another_makers_or_another_products_list_is_refused(void)
{
	static struct made m;
	struct keel_measures list = { 0 };
	struct keel_p256_key other;
	struct keel_digest product;
	make(&m);
	keel_p256_generate(&other);
	product = m.product;
	product.b[31] ^= 1;
	CHECK(keel_measures_verify(m.bytes, &other.pub, &m.product, &list) == KEEL_EAUTH);
	CHECK(keel_measures_verify(m.bytes, &m.maker.pub, &product, &list) == KEEL_EAUTH);
	CHECK(list.files.count == 0); /* untouched on error */
}

static void every_changed_byte_is_refused(void)
{
	static struct made m;
	struct keel_measures list;
	make(&m);
	for (size_t i = 0; i < m.bytes.n; i++) {
		m.buf[i] ^= (uint8_t)(1u << i % 8);
		CHECK(keel_measures_verify(m.bytes, &m.maker.pub, &m.product, &list) != KEEL_OK);
		m.buf[i] ^= (uint8_t)(1u << i % 8);
		CHECK(keel_measures_verify((struct keel_bytes){ m.buf, i }, &m.maker.pub,
			      &m.product, &list) != KEEL_OK);
	}
}

/* Signs any payload with the maker's key, as it signs other things of its own. */
static enum keel_err verify_signed(
	struct made *m, enum keel_purpose purpose, struct keel_bytes id, struct keel_bytes body)
{
	static uint8_t payload[1024], out[2048];
	struct keel_wr inner = keel_wr_of(payload, sizeof(payload));
	struct keel_wr w = keel_wr_of(out, sizeof(out));
	struct keel_bytes view, point = KEEL_VIEW(m->maker.pub.xy), none = { 0 };
	struct keel_digest kid;
	struct keel_measures list;
	const struct keel_signer signer = keel_signer_of(&m->maker);
	keel_sha256(&point, 1, &kid);
	keel_envelope_write(purpose, id, none, none, body, &inner);
	CHECK(keel_wr_end(&inner, &view) == KEEL_OK);
	CHECK(keel_cose_sign1(&signer, KEEL_VIEW(kid.b), none, view, &w) == KEEL_OK);
	CHECK(keel_wr_end(&w, &view) == KEEL_OK);
	return keel_measures_verify(view, &m->maker.pub, &m->product, &list);
}

static void another_purpose_or_one_device_alone_is_refused(void)
{
	static struct made m;
	static const uint8_t every[KEEL_DEVICE_ID_LEN] = { 0 }, one[KEEL_DEVICE_ID_LEN] = { 1 };
	struct keel_bytes payload, none = { 0 };
	struct keel_envelope env;
	make(&m);
	CHECK(keel_cose_verify1(&m.maker.pub, m.bytes, none, &payload) == KEEL_OK);
	CHECK(keel_envelope_read(KEEL_FOR_MEASURES, payload, &env) == KEEL_OK);
	CHECK(verify_signed(&m, KEEL_FOR_MEASURES, KEEL_VIEW(every), env.body) == KEEL_OK);
	CHECK(verify_signed(&m, KEEL_FOR_MEASURES, KEEL_VIEW(one), env.body) == KEEL_EAUTH);
	for (enum keel_purpose p = KEEL_FOR_ENDORSEMENT; p < KEEL_FOR_MEASURES; p++)
		CHECK(verify_signed(&m, p, KEEL_VIEW(every), env.body) == KEEL_EAUTH);
}

static void a_path_that_is_not_the_devices_is_refused(void)
{
	static struct made m;
	static const char *const relative[] = { "/usr/sbin/keeld", "keeld" };
	static const char *const feed[] = { "/usr/sbin/keeld\nx" };
	static const char *const whole[] = { "/" };
	static const char *const in_no_folder[] = { "/init" };
	make(&m);
	CHECK(write(&m, relative, 2) == KEEL_ERANGE);
	CHECK(write(&m, feed, 1) != KEEL_OK);
	CHECK(write(&m, whole, 1) == KEEL_ERANGE);
	CHECK(write(&m, in_no_folder, 1) == KEEL_ERANGE);
	CHECK(write(&m, relative, 0) == KEEL_ERANGE);
}

/* The monitor's wall names each folder: what it could not read is not signed, and not taken. */
static void files_in_more_folders_than_the_monitor_reads_are_refused(void)
{
	static struct made m;
	static char text[KEEL_MEASURES_FOLDERS + 2][16];
	const char *paths[KEEL_MEASURES_FOLDERS + 2];
	for (size_t i = 0; i < KEEL_COUNT(paths); i++) {
		(void)snprintf(text[i], sizeof(text[i]), "/d%zu/x", i);
		paths[i] = text[i];
	}
	make(&m);
	paths[KEEL_MEASURES_FOLDERS] = "/d0/y"; /* a file more, and no folder */
	CHECK(write(&m, paths, KEEL_MEASURES_FOLDERS + 1) == KEEL_OK);
	CHECK(keel_measures_folders(&m.list.files) == KEEL_MEASURES_FOLDERS);
	CHECK(write(&m, paths, KEEL_MEASURES_FOLDERS + 2) == KEEL_ERANGE);
	CHECK(keel_measures_folders(&m.list.files) == KEEL_MEASURES_FOLDERS + 1);
}

TEST_MAIN(TEST(the_list_comes_back_as_it_was),
	TEST(prov_5_7_1_another_makers_or_another_products_list_is_refused),
	TEST(every_changed_byte_is_refused), TEST(another_purpose_or_one_device_alone_is_refused),
	TEST(a_path_that_is_not_the_devices_is_refused),
	TEST(files_in_more_folders_than_the_monitor_reads_are_refused))
