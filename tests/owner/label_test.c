#include <string.h>

#include "check.h"
#include "owner/label.h"

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static struct keel_code zero(void)
{
	struct keel_code c;
	memset(c.c, '0', sizeof(c.c));
	return c;
}

/* docs/protocol.md: the check is the sum of α^(i+1)·v_i; of a single 1 at i = 0 it is α = 2. */
static void check_character_is_the_documented_sum(void)
{
	char text[KEEL_CODE_TEXT_SIZE];
	struct keel_code c = zero();
	keel_code_write(&c, text);
	CHECK(strcmp(text, "0000-0000-0000-0000-0000-0") == 0);
	c.c[0] = '1';
	keel_code_write(&c, text);
	CHECK(strcmp(text, "1000-0000-0000-0000-0000-2") == 0);
	c.c[4] = '1'; /* α^5 = α^2 + 1 = 5, and 5 ^ 2 = 7 */
	keel_code_write(&c, text);
	CHECK(strcmp(text, "1000-1000-0000-0000-0000-7") == 0);
}

/* EN 303 645 5.1-1, 5.1-2: 100 random bits, nothing of the unit in them. */
static void prov_5_1_2_codes_are_random_in_every_character(void)
{
	struct keel_code first, next;
	unsigned changed[KEEL_CODE_CHARS] = { 0 };
	keel_code_make(&first);
	for (int i = 0; i < 200; i++) {
		keel_code_make(&next);
		for (size_t k = 0; k < KEEL_CODE_CHARS; k++) {
			CHECK(strchr(alphabet, next.c[k]) != NULL && next.c[k] != '\0');
			changed[k] += next.c[k] != first.c[k];
		}
	}
	for (size_t k = 0; k < KEEL_CODE_CHARS; k++)
		CHECK(changed[k] > 150);
}

static void code_is_read_as_people_write_it(void)
{
	struct keel_code made, read;
	char text[KEEL_CODE_TEXT_SIZE];
	made = zero();
	memcpy(made.c, "1A0Z", 4);
	keel_code_write(&made, text);
	CHECK(keel_code_read(keel_text(text), &read) == KEEL_OK);
	CHECK(memcmp(&made, &read, sizeof(made)) == 0);
	char loose[80] = " la";
	snprintf(loose + 3, sizeof(loose) - 3, "o z%s", text + 4);
	CHECK(keel_code_read(keel_text(loose), &read) == KEEL_OK);
	CHECK(memcmp(&made, &read, sizeof(made)) == 0);
	CHECK(keel_code_read(keel_text("0000-0000-0000-0000-0000"), &read) == KEEL_ESHORT);
	CHECK(keel_code_read(keel_text("0000-0000-0000-0000-0000-00"), &read) == KEEL_EFORM);
	CHECK(keel_code_read(keel_text("0000-0000-0000-0000-000U-0"), &read) == KEEL_EFORM);
	CHECK(keel_code_read((struct keel_bytes){ 0 }, &read) == KEEL_ESHORT);
}

static void every_wrong_character_and_every_swap_is_found(void)
{
	char good[KEEL_CODE_TEXT_SIZE], bad[KEEL_CODE_TEXT_SIZE];
	struct keel_code c, read;
	keel_code_make(&c);
	keel_code_write(&c, good);
	for (size_t i = 0; good[i] != '\0'; i++) {
		for (size_t v = 0; v < 32 && good[i] != '-'; v++) {
			strcpy(bad, good);
			bad[i] = alphabet[v];
			CHECK((keel_code_read(keel_text(bad), &read) == KEEL_OK) ==
				(bad[i] == good[i]));
		}
		for (size_t j = i + 1; good[j] != '\0' && good[i] != '-'; j++) {
			if (good[j] == '-' || good[j] == good[i])
				continue;
			strcpy(bad, good);
			bad[i] = good[j];
			bad[j] = good[i];
			CHECK(keel_code_read(keel_text(bad), &read) == KEEL_ERANGE);
		}
	}
}

/* EN 303 645 5.1-1: the key depends on the code and on the device's id, by 600,000 rounds. */
static void prov_5_1_1_key_depends_on_code_and_device(void)
{
	uint8_t id[KEEL_DEVICE_ID_LEN] = { 1 };
	struct keel_key a, b, plain;
	struct keel_code c = zero();
	keel_code_key(&c, id, &a);
	keel_pbkdf2(keel_text("00000000000000000000"), KEEL_VIEW(id), 600000, &plain);
	CHECK(memcmp(&a, &plain, sizeof(a)) == 0);
	id[0] = 2;
	keel_code_key(&c, id, &b);
	CHECK(memcmp(&a, &b, sizeof(a)) != 0);
}

static void label_survives_its_qr_text(void)
{
	struct keel_label a, b;
	char text[KEEL_LABEL_TEXT_SIZE];
	keel_random(a.id, sizeof(a.id));
	keel_random(a.thumbprint, sizeof(a.thumbprint));
	keel_code_make(&a.code);
	keel_label_write(&a, text);
	CHECK(strlen(text) == KEEL_LABEL_TEXT_SIZE - 1);
	CHECK(keel_label_read(keel_text(text), &b) == KEEL_OK);
	CHECK(memcmp(&a, &b, sizeof(a)) == 0);
	for (size_t n = 0; n < strlen(text); n++)
		CHECK(keel_label_read((struct keel_bytes){ (uint8_t *)text, n }, &b) != KEEL_OK);
	text[4] = '2';
	CHECK(keel_label_read(keel_text(text), &b) == KEEL_EFORM);
}

/* RFC 4648 §10: "foobar" is MZXW6YTBOI; here with zeros up to 16 bytes. */
static void id_is_base32_and_left_over_bits_are_zero(void)
{
	uint8_t id[KEEL_DEVICE_ID_LEN] = "foobar", read[KEEL_DEVICE_ID_LEN];
	char text[KEEL_ID_TEXT_SIZE];
	keel_id_write(id, text);
	CHECK(strcmp(text, "MZXW6YTBOIAAAAAAAAAAAAAAAA") == 0);
	CHECK(keel_id_read(keel_text("mzxw6ytboiaaaaaaaaaaaaaaaa"), read) == KEEL_OK);
	CHECK(memcmp(id, read, sizeof(id)) == 0);
	CHECK(keel_id_read(keel_text("MZXW6YTBOIAAAAAAAAAAAAAAAB"), read) == KEEL_EFORM);
	CHECK(keel_id_read(keel_text("MZXW6YTBOIAAAAAAAAAAAAAAA"), read) == KEEL_EFORM);
	CHECK(keel_id_read(keel_text("MZXW6YTBOIAAAAAAAAAAAAAAAAA"), read) == KEEL_EFORM);
	CHECK(keel_id_read(keel_text("MZXW6YTBOIAAAAAAAAAAAAAA0A"), read) == KEEL_EFORM);
}

TEST_MAIN(TEST(check_character_is_the_documented_sum),
	TEST(prov_5_1_2_codes_are_random_in_every_character), TEST(code_is_read_as_people_write_it),
	TEST(every_wrong_character_and_every_swap_is_found),
	TEST(prov_5_1_1_key_depends_on_code_and_device), TEST(label_survives_its_qr_text),
	TEST(id_is_base32_and_left_over_bits_are_zero))
