/* Every refusal of the vault has what it means and what to do; a sentence of another hub has neither. */
#include <string.h>

#include "check.h"
#include "cli/next.h"

static void every_refusal_says_what_to_do(void)
{
	for (enum vault_no no = NO_NOT + 1; no < NO_COUNT; no++) {
		const struct keel_next n = keel_next_of(no);
		const char *sentence = vault_refusal_of(no)->sentence;
		if (no == NO_RANGE) /* said by the field's own sentence; its kind's next fits */
			continue;
		CHECK_ROW(n.means != NULL && n.next != NULL, sentence);
		struct keel_fault f = { 0 };
		keel_next_fill(keel_text(sentence), &f);
		CHECK_ROW(f.means == n.means && strcmp(f.next, n.next) == 0, sentence);
		CHECK_ROW(strlen(n.next) < sizeof(f.next), n.next);
		CHECK_ROW(n.means[strlen(n.means) - 1] != '.' && n.next[strlen(n.next) - 1] != '.',
			sentence); /* keel_fault_tell ends them */
	}
}

static void a_next_that_is_known_better_stays(void)
{
	struct keel_fault f = { .next = "try again in 4 s" };
	keel_next_fill(keel_text(vault_refusal_of(NO_WAIT)->sentence), &f);
	CHECK(strcmp(f.next, "try again in 4 s") == 0 && f.means != NULL);
}

static void another_hubs_sentence_is_left_alone(void)
{
	static const char *const others[] = { "", "celsius may be 5 to 30 Cel.",
		"The code is wrong", "The code is wrong.." };
	for (size_t i = 0; i < KEEL_COUNT(others); i++) {
		struct keel_fault f = { 0 };
		keel_next_fill(keel_text(others[i]), &f);
		CHECK_ROW(f.means == NULL && f.next[0] == '\0', others[i]);
	}
}

TEST_MAIN(TEST(every_refusal_says_what_to_do), TEST(a_next_that_is_known_better_stays),
	TEST(another_hubs_sentence_is_left_alone))
