/*
 * What reporter and desk seal, as who holds the keys may write it: each payload that a reader takes
 * survives write and read. The first byte chooses the kind; the rest is sealed by the fuzzer's own hand.
 */
#include <string.h>

#include "desk/sealed.h"

static uint8_t sealed[131072], plain[131072], again[131072], more[131072];

static void message(const struct keel_key *key, struct keel_bytes in)
{
	struct keel_case_message a, b;
	struct keel_wr w = keel_wr_of(again, sizeof(again));
	struct keel_bytes out;
	if (keel_case_message_read(key, in, plain, &a) != KEEL_OK)
		return;
	KEEL_MUST(keel_case_message_write(key, &a, &w) == KEEL_OK &&
		  keel_wr_end(&w, &out) == KEEL_OK);
	KEEL_MUST(keel_case_message_read(key, out, more, &b) == KEEL_OK);
	KEEL_MUST(a.who == b.who && a.time_s == b.time_s && keel_bytes_equal(a.text, b.text) &&
		  keel_bytes_equal(a.product, b.product) && keel_bytes_equal(a.contact, b.contact));
}

static void piece(const struct keel_key *key, struct keel_bytes in)
{
	struct keel_case_piece a, b;
	struct keel_wr w = keel_wr_of(again, sizeof(again));
	struct keel_bytes out;
	if (keel_case_piece_read(key, in, plain, &a) != KEEL_OK)
		return;
	KEEL_MUST(a.piece < a.of);
	KEEL_MUST(
		keel_case_piece_write(key, &a, &w) == KEEL_OK && keel_wr_end(&w, &out) == KEEL_OK);
	KEEL_MUST(keel_case_piece_read(key, out, more, &b) == KEEL_OK);
	KEEL_MUST(a.file == b.file && a.piece == b.piece && a.of == b.of &&
		  keel_bytes_equal(a.name, b.name) && keel_bytes_equal(a.bytes, b.bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const struct keel_key key = { { 1 } };
	struct keel_wr w = keel_wr_of(sealed, sizeof(sealed));
	struct keel_bytes in;
	if (n < 1 || n > 65536)
		return 0;
	const struct keel_bytes body = { p + 1, n - 1 };
	if (p[0] > 1) { /* as it came */
		message(&key, body);
		piece(&key, body);
		return 0;
	}
	KEEL_MUST(keel_cose_encrypt0(&key, (struct keel_bytes){ 0 }, body, &w) == KEEL_OK &&
		  keel_wr_end(&w, &in) == KEEL_OK);
	if (p[0] == 0)
		message(&key, in);
	else
		piece(&key, in);
	return 0;
}
