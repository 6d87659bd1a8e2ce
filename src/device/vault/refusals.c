#include "device/vault/refusals.h"

/* clang-format off */
static const struct vault_refusal refusals[NO_COUNT] = {
	[NO_NOT]            = { 200, KEEL_OK,     "" },
	[NO_FORM]           = { 400, KEEL_EFORM,  "This is not a message that the device understands." },
	[NO_STRANGER]       = { 403, KEEL_EAUTH,  "The device does not know whoever sent this." },
	[NO_OTHER_DEVICE]   = { 403, KEEL_EAUTH,  "This is meant for another device." },
	[NO_OTHER_HOME]     = { 403, KEEL_EAUTH,  "This is meant for another home: the device had other owners then." },
	[NO_SEAL]           = { 403, KEEL_EAUTH,  "The seal of this is broken: it was changed on its way." },
	[NO_SIGNATURE]      = { 403, KEEL_EAUTH,  "The signature of this is not the one of whoever sent it." },
	[NO_REPLAYED]       = { 403, KEEL_ESTALE, "The device has seen this, or a later one, before." },
	[NO_HELD_BACK]      = { 403, KEEL_ESTALE, "This took too long to come: its challenge is not valid any more." },
	[NO_RIGHT]          = { 403, KEEL_ERIGHT, "You have no right to do this; an owner can give it." },
	[NO_TIME_OVER]      = { 403, KEEL_ERIGHT, "Your time as a guest is over, or the device does not know what time it is." },
	[NO_UNDECLARED]     = { 403, KEEL_ENONE,  "The device knows no such message." },
	[NO_RANGE]          = { 403, KEEL_ERANGE, "A value in this is outside what the device allows." },
	[NO_DATUM]          = { 403, KEEL_ENONE,  "The device keeps nothing of that name." },
	[NO_CONSENT_NEEDED] = { 403, KEEL_ERANGE, "This needs nobody's consent." },
	[NO_HISTORY]        = { 403, KEEL_ERANGE, "What is kept under that name is no history of values." },
	[NO_PERSON]         = { 403, KEEL_ENONE,  "There is nobody of that key in this home." },
	[NO_LAST_OWNER]     = { 403, KEEL_ESTATE, "The last owner cannot be removed; leave the home instead." },
	[NO_FULL]           = { 403, KEEL_EFULL,  "There is no room for more people in this home." },
	[NO_BUSY]           = { 403, KEEL_EFULL,  "The device has not done the commands before this one yet." },
	[NO_CODE]           = { 403, KEEL_EAUTH,  "The code is wrong." },
	[NO_WAIT]           = { 429, KEEL_ESTATE, "Too many wrong codes came; wait before the next one." },
	[NO_NONCE]          = { 409, KEEL_ESTALE, "This took too long; begin again." },
	[NO_CLAIM_CLOSED]   = { 409, KEEL_ESTATE, "The device takes nobody now: press its button, then try again within 15 minutes." },
	[NO_HAS_OWNERS]     = { 409, KEEL_ESTATE, "The device has owners already: ask one for an invitation, or press its button and recover." },
	[NO_BUTTON]         = { 409, KEEL_ESTATE, "Press the device's button, then try again within 2 minutes." },
	[NO_NOBODY]         = { 409, KEEL_ESTATE, "The device has no owner yet: claim it." },
	[NO_VOUCH]          = { 409, KEEL_ESTATE, "No owner has vouched for a lost phone within the last 15 minutes: ask one to, then try again." },
	[NO_VOUCH_SELF]     = { 403, KEEL_ESTATE, "Nobody vouches for themselves: another owner can." },
	[NO_INVITATION]     = { 403, KEEL_EAUTH,  "This invitation was used or is over; ask for a new one." },
	[NO_INVITES_OPEN]   = { 403, KEEL_EFULL,  "Four invitations are open already; wait until one is used or over." },
	[NO_NOT_FOR_GUESTS] = { 403, KEEL_ERIGHT, "The maker does not let guests send this." },
	[NO_STORE]          = { 403, KEEL_EIO,    "The device could not keep this; nothing was changed. Try again." },
};
/* clang-format on */

const struct vault_refusal *vault_refusal_of(enum vault_no no)
{
	return &refusals[no < NO_COUNT ? no : NO_FORM];
}
