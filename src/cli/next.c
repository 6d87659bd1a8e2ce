#include "cli/next.h"

#include <stdio.h>

/*
 * By the reason, not by its kind: a used invitation and a wrong code are of one kind, and help against
 * them is not the same. The vault's table has what happened, this one what a person types.
 */
/* clang-format off */
static const struct keel_next nexts[NO_COUNT] = {
	[NO_FORM]           = { "The hub is of another version than this keel, or the message was changed on its way", "use the keel of the hub's version, and check the address" },
	[NO_STRANGER]       = { "Whoever has these keys is not in this home, or no longer", "ask an owner for an invitation; keel owner forget throws the keys away that are of no use" },
	[NO_OTHER_DEVICE]   = { "What was sent names the device that it is for", "check the hub's address: these keys or this claim are another hub's" },
	[NO_OTHER_HOME]     = { "The hub has begun a new home since these keys were made", "throw them away with keel owner forget, then claim the hub or ask for an invitation" },
	[NO_SEAL]           = { "Nothing of it was used", "try again; if it stays, check the address: somebody between here and the hub changes it" },
	[NO_SIGNATURE]      = { "Nothing of it was used", "name the folder of your own keys with --keys; where they are spoiled, keel owner return" },
	[NO_REPLAYED]       = { "The same bytes count once, so that nobody can repeat your words", "run the command again; use a folder of keys from one place at a time" },
	[NO_HELD_BACK]      = { "What comes late is not done, so that nobody can hold your words back", "run the command again" },
	[NO_RIGHT]          = { "A guest may do what their invitation names, and no more", "ask an owner to do it, or for an invitation that allows it" },
	[NO_TIME_OVER]      = { "A guest's invitation says until when they may come", "ask an owner for a new invitation; where your time is not over, tell them that the hub's clock is wrong" },
	[NO_UNDECLARED]     = { "A hub takes the messages that its maker declared, and no other", "check the message's name" },
	[NO_DATUM]          = { "A hub keeps the data that its maker declared, and no other", "take a name from keel owner kept" },
	[NO_CONSENT_NEEDED] = { "It is kept because the product cannot work without it, or by another right than consent", "see with keel owner kept which data ask for consent" },
	[NO_HISTORY]        = { "Only values over time are a history", "see it with keel owner export" },
	[NO_PERSON]         = { "They were removed, or came back with other keys", "take the thumbprint from keel owner people" },
	[NO_LAST_OWNER]     = { "A home without an owner could be entered by nobody", "invite another owner first; or end the home with keel owner leave" },
	[NO_FULL]           = { "A home has at most 16 people", "ask an owner to remove somebody, then join again" },
	[NO_BUSY]           = { "The product's program does one command after the other", "wait some seconds, then try again; keel owner state says whether the program runs" },
	[NO_CODE]           = { "Each wrong code makes whoever sends it wait longer", "compare the label's text with the label on this hub, character by character" },
	[NO_WAIT]           = { "Nobody gets to try many codes", "wait some minutes, then compare the code with the label and try again" },
	[NO_NONCE]          = { "A claim is good for some minutes", "run the same command again" },
	[NO_CLAIM_CLOSED]   = { "Only somebody beside the hub makes it theirs", "press the hub's button, then run the same command" },
	[NO_HAS_OWNERS]     = { "A hub that belongs to somebody is not claimed a second time", "ask an owner for an invitation and join; or press the button and recover: all others go, and personal data" },
	[NO_BUTTON]         = { "Only somebody beside the hub comes in without an owner", "press the hub's button, then run the same command within 2 minutes" },
	[NO_NOBODY]         = { "There is nothing to come back to", "claim it: keel owner --hub URL --label FILE claim" },
	[NO_VOUCH]          = { "Button and label alone do not make anybody who they were", "ask an owner to run keel owner vouch for you; where there is none, keel owner recover" },
	[NO_VOUCH_SELF]     = { "Whoever stole your phone could vouch as well", "ask another owner to vouch; where there is none, press the button and recover" },
	[NO_INVITATION]     = { "An invitation serves once, and for 15 minutes", "ask an owner for a new one: keel owner invite" },
	[NO_INVITES_OPEN]   = { "Each open invitation is a way in", "wait until one is used: each is over after 15 minutes" },
	[NO_NOT_FOR_GUESTS] = { "The maker declares who may send which message", "leave that message out, or invite them as an owner" },
	[NO_STORE]          = { "The hub's storage refused", "try again; if it stays, read the hub's log" },
};
/* clang-format on */

struct keel_next keel_next_of(enum vault_no no)
{
	return nexts[no < NO_COUNT ? no : NO_NOT];
}

void keel_next_fill(struct keel_bytes sentence, struct keel_fault *fault)
{
	enum vault_no no = NO_NOT + 1;
	while (no < NO_COUNT && !keel_bytes_is(sentence, vault_refusal_of(no)->sentence))
		no++;
	const struct keel_next n = keel_next_of(no);
	fault->means = n.means;
	if (n.next != NULL && fault->next[0] == '\0')
		(void)snprintf(fault->next, sizeof(fault->next), "%s", n.next);
}
