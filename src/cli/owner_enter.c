/* How somebody comes into a home: claim, recover, return, join. docs/protocol.md, Claim. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/fault.h"
#include "cli/files.h"
#include "cli/owner.h"
#include "cli/show.h"
#include "core/base64url.h"

struct entered {
	uint32_t has;
	struct keel_bytes id, you, role;
	struct keel_bytes name; /* where the hub took one */
};
enum { ENTERED_NAME = 3, NAME_TRIES = 4 };
/* clang-format off */
static const struct keel_row entered_rows[] = {
	{ .label = 1, .name = "device", .kind = KEEL_BYTES, KEEL_AT(struct entered, id) },
	{ .label = 2, .name = "you",    .kind = KEEL_BYTES, KEEL_AT(struct entered, you) },
	{ .label = 3, .name = "role",   .kind = KEEL_TEXT,  KEEL_AT(struct entered, role) },
	{ .label = 4, .name = "name",   .kind = KEEL_TEXT,  .optional = true, KEEL_AT(struct entered, name) },
};
/* clang-format on */
static const struct keel_schema entered_schema =
	KEEL_SCHEMA("entered", KEEL_AS_MAP, entered_rows, struct entered);

static enum keel_err hello(
	struct keel_owner_run *run, struct keel_bytes *out, struct keel_fault *fault)
{
	static const uint8_t empty_map[] = { 0xa0 };
	const struct keel_door_at door = keel_keys_door(&run->talk.keys);
	return keel_talk_post(
		&door, "/v1/hello", KEEL_VIEW(empty_map), run->talk.answer, out, NULL, fault);
}

/*
 * The name comes sealed, once we are somebody: a claim is only proved, and whoever sits in the middle
 * with a good certificate reads it. A door that has no place for now is asked again.
 */
static enum keel_err say_name(struct keel_owner_run *run, struct keel_fault *fault)
{
	struct keel_nothing r;
	const struct keel_rename_args args = { .name = keel_text(run->name) };
	enum keel_err e = KEEL_EIO;
	for (int i = 0; i < NAME_TRIES && e == KEEL_EIO; i++) {
		if (i > 0)
			(void)sleep(1);
		*fault = (struct keel_fault){ 0 };
		e = keel_talk_change(&run->talk, KEEL_OP_RENAME, &args, &r, fault);
	}
	return e;
}

/* Who somebody is now. Without their name they are in all the same: they are told, and may say it later. */
static void show_entered(struct keel_owner_run *run)
{
	const struct keel_member *m = &run->talk.member;
	struct keel_fault why = { 0 };
	struct keel_fault told = { 0 };
	struct entered shown = { .id = KEEL_VIEW(m->id),
		.you = KEEL_VIEW(m->thumbprint),
		.role = keel_text(keel_role_word(m->role)) };
	enum keel_err e = run->name != NULL ? say_name(run, &why) : KEEL_OK;
	if (run->name != NULL && e == KEEL_OK) {
		shown.name = keel_text(run->name);
		shown.has = 1u << ENTERED_NAME;
	}
	keel_show(stdout, &entered_schema, &shown, run->json);
	if (e == KEEL_OK)
		return;
	(void)snprintf(told.what, sizeof(told.what), "you are in, but without your name: %.160s",
		why.what);
	(void)snprintf(told.next, sizeof(told.next), "say it again: keel owner rename NAME");
	keel_fault_tell(&told, e, false);
}

static enum keel_err not_known(enum keel_err e, struct keel_fault *fault)
{
	fault->means = "Whether the hub has taken it is not known; the keys are kept until it is";
	(void)snprintf(fault->next, sizeof(fault->next),
		"run the same command again: it finishes what was begun");
	return e;
}

/* Sends the claim, and on its welcome keeps who we are now. */
static enum keel_err finish(struct keel_owner_run *run, const struct keel_entry *entry,
	struct keel_bytes claim, struct keel_fault *fault)
{
	struct keel_bytes welcome;
	struct keel_talk *t = &run->talk;
	const struct keel_door_at door = keel_keys_door(&t->keys);
	bool undecided;
	enum keel_err e =
		keel_talk_post(&door, "/v1/claim", claim, t->answer, &welcome, &undecided, fault);
	if (e != KEEL_OK) {
		/* Its keys may be the hub's already: they go only where it decided otherwise. */
		if (!undecided)
			keel_keys_drop_entry(&t->keys);
		return undecided ? not_known(e, fault) : e;
	}
	e = keel_entry_welcome(entry, welcome, &t->member);
	if (e != KEEL_OK)
		return keel_fault_fill(fault, e,
			"the welcome was not made by the device on the label",
			"check the hub's address, then run the same command again");
	e = keel_keys_save(&t->keys, &t->member, fault);
	if (e == KEEL_OK)
		e = keel_keys_save_hub(&t->keys, fault);
	if (e != KEEL_OK)
		return e;
	keel_keys_drop_entry(&t->keys);
	show_entered(run);
	return KEEL_OK;
}

static enum keel_err not_the_device(enum keel_err e, struct keel_fault *fault)
{
	if (e == KEEL_EAUTH)
		return keel_fault_fill(fault, e,
			"another device answers than the one on this label or invitation",
			"check the hub's address, and that the label is this hub's");
	return keel_fault_fill(fault, e, "no claim could be made of what the hub said",
		"check the hub's address; the invitation must be whole");
}

/* Keys of another hub, or of a home that is being joined a second time, are not written over. */
static enum keel_err not_in_use(
	struct keel_owner_run *run, const uint8_t *id, bool joining, struct keel_fault *fault)
{
	keel_auto(keel_member_wipe) struct keel_member m = { 0 };
	enum keel_err e = keel_keys_load(&run->talk.keys, &m, fault);
	bool other = e == KEEL_OK && !keel_bytes_equal(KEEL_VIEW(m.id),
					     (struct keel_bytes){ id, KEEL_DEVICE_ID_LEN });
	if (other || (e == KEEL_OK && joining))
		return keel_fault_fill(fault, KEEL_ESTATE,
			"this folder holds the keys of a home already",
			"name another folder with --keys, or throw these away: keel owner forget");
	*fault = (struct keel_fault){ 0 };
	return e == KEEL_ENONE ? KEEL_OK : e;
}

/* Before anything is sent: afterwards it is too late to say that the name is none. */
static enum keel_err check_name(struct keel_owner_run *run, struct keel_fault *fault)
{
	return run->name == NULL ? KEEL_OK
				 : keel_owner_check_name(
					   run, run->name, KEEL_PERSON_NAME_MAX, "--name", fault);
}

static enum keel_err enter(struct keel_owner_run *run, const struct keel_entry *entry,
	struct keel_wr *w, struct keel_fault *fault)
{
	struct keel_bytes claim;
	enum keel_err e = keel_wr_end(w, &claim);
	if (e == KEEL_OK)
		e = keel_keys_save_entry(&run->talk.keys, entry, claim, fault);
	return e == KEEL_OK ? finish(run, entry, claim, fault) : e;
}

static enum keel_err no_label(struct keel_fault *fault, enum keel_err e)
{
	return keel_fault_fill(fault, e, "this is not a label's text",
		"name the file that holds the label's one line, KEEL1:ID:THUMBPRINT:CODE");
}

static enum keel_err read_label(
	struct keel_owner_run *run, struct keel_label *out, struct keel_fault *fault)
{
	char text[256];
	struct keel_bytes content;
	if (run->label == NULL)
		return keel_owner_misread(run, fault, "the device's label is needed",
			"add --label FILE, with the text that the label's code holds (KEEL1:…)");
	run->misread = true; /* until it is a label's */
	enum keel_err e = keel_file_read(strcmp(run->label, "-") == 0 ? "/dev/stdin" : run->label,
		text, sizeof(text), &content, fault);
	if (e == KEEL_EFULL)
		return no_label(fault, KEEL_EFORM);
	if (e != KEEL_OK)
		return e;
	while (content.n > 0 &&
		(content.p[content.n - 1] == '\n' || content.p[content.n - 1] == '\r'))
		content.n--;
	e = keel_label_read(content, out);
	keel_wipe(text, sizeof(text));
	if (e == KEEL_ERANGE)
		return keel_fault_fill(fault, e, "one of the code's characters is wrong",
			"compare the code with the label");
	if (e != KEEL_OK)
		return no_label(fault, e);
	run->misread = false;
	return KEEL_OK;
}

/* What a claim under way must be of, to be finished rather than forgotten. */
struct wanted {
	enum keel_purpose purpose;
	struct keel_bytes id, key;
};

static bool is_wanted(const struct keel_entry *e, const struct wanted *w)
{
	return e->purpose == w->purpose && keel_bytes_equal(KEEL_VIEW(e->member.id), w->id) &&
	       keel_ct_equal((struct keel_bytes){ e->key, (size_t)e->key_len }, w->key);
}

/*
 * A claim that was cut is finished with the same bytes before a new one is begun; one of another
 * label, code or invitation is dropped unsent: it would count as a wrong code. KEEL_ENONE: none.
 */
static enum keel_err finish_cut(
	struct keel_owner_run *run, const struct wanted *wanted, struct keel_fault *fault)
{
	keel_auto(keel_entry_wipe) struct keel_entry entry = { 0 };
	uint8_t buf[KEEL_ENTRY_FILE_MAX + 1];
	struct keel_bytes claim;
	enum keel_err e = keel_keys_load_entry(&run->talk.keys, buf, &entry, &claim, fault);
	if (e == KEEL_OK && !is_wanted(&entry, wanted)) {
		keel_keys_drop_entry(&run->talk.keys);
		e = KEEL_ENONE;
	}
	if (e == KEEL_OK)
		e = finish(run, &entry, claim, fault);
	keel_wipe(buf, sizeof(buf));
	return e;
}

/* Whether finish_cut's answer is the last word, or a claim has to be made anew. */
static bool is_done(enum keel_err e, struct keel_fault *fault)
{
	if (e == KEEL_OK || e == KEEL_EIO)
		return true;
	*fault = (struct keel_fault){ 0 };
	return false;
}

static enum keel_err begin_by_label(struct keel_owner_run *run, const struct keel_label *label,
	enum keel_purpose purpose, struct keel_fault *fault)
{
	keel_auto(keel_entry_wipe) struct keel_entry entry = { 0 };
	uint8_t buf[KEEL_CLAIM_BYTES_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes hi;
	enum keel_err e = hello(run, &hi, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_entry_claim(label, purpose, hi, &entry, &w);
	return e == KEEL_OK ? enter(run, &entry, &w, fault) : not_the_device(e, fault);
}

static enum keel_err by_label(
	struct keel_owner_run *run, enum keel_purpose purpose, struct keel_fault *fault)
{
	keel_auto(keel_label_wipe) struct keel_label label = { 0 };
	keel_auto(keel_key_wipe) struct keel_key key = { 0 };
	enum keel_err e = check_name(run, fault);
	if (e == KEEL_OK)
		e = read_label(run, &label, fault);
	if (e == KEEL_OK)
		e = not_in_use(run, label.id, false, fault);
	if (e != KEEL_OK)
		return e;
	if (keel_keys_has_entry(&run->talk.keys)) {
		keel_code_key(&label.code, label.id, &key); /* slow, by intent */
		const struct wanted wanted = { purpose, KEEL_VIEW(label.id), KEEL_VIEW(key.b) };
		e = finish_cut(run, &wanted, fault);
		if (is_done(e, fault))
			return e;
	}
	return begin_by_label(run, &label, purpose, fault);
}

static enum keel_err claim(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv;
	return by_label(run, KEEL_FOR_CLAIM, fault);
}

static enum keel_err recover(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv;
	return by_label(run, KEEL_FOR_RECOVER, fault);
}

static enum keel_err come_back(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv;
	return by_label(run, KEEL_FOR_RETURN, fault);
}

static enum keel_err begin_by_invitation(
	struct keel_owner_run *run, struct keel_bytes invitation, struct keel_fault *fault)
{
	keel_auto(keel_entry_wipe) struct keel_entry entry = { 0 };
	uint8_t buf[KEEL_CLAIM_BYTES_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes hi;
	enum keel_err e = hello(run, &hi, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_entry_join(invitation, hi, &entry, &w);
	return e == KEEL_OK ? enter(run, &entry, &w, fault) : not_the_device(e, fault);
}

static enum keel_err by_invitation(
	struct keel_owner_run *run, struct keel_bytes invitation, struct keel_fault *fault)
{
	struct keel_invitation in;
	enum keel_err e = check_name(run, fault);
	if (e == KEEL_OK &&
		keel_schema_read(&keel_invitation_schema, invitation, &in, NULL) != KEEL_OK)
		e = keel_owner_misread(run, fault, "this is not an invitation",
			"take the text as it was sent to you, whole");
	if (e == KEEL_OK)
		e = not_in_use(run, in.id.p, true, fault);
	if (e != KEEL_OK)
		return e;
	const struct wanted wanted = { KEEL_FOR_JOIN, in.id, in.secret };
	e = finish_cut(run, &wanted, fault);
	return is_done(e, fault) ? e : begin_by_invitation(run, invitation, fault);
}

static enum keel_err join(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc;
	uint8_t invitation[512];
	struct keel_wr text = keel_wr_of(invitation, sizeof(invitation));
	struct keel_bytes in;
	keel_base64url_read(keel_text(argv[1]), &text);
	enum keel_err e = keel_wr_end(&text, &in);
	if (e == KEEL_OK)
		e = by_invitation(run, in, fault);
	else
		e = keel_owner_misread(run, fault, "this is not an invitation",
			"take the text as it was sent to you, whole");
	keel_wipe(invitation, sizeof(invitation)); /* its secret is good for one join */
	return e;
}

static enum keel_err forget(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv, (void)fault;
	keel_keys_drop(&run->talk.keys);
	if (run->json)
		(void)puts("{}");
	else
		(void)printf(
			"The keys in %s are gone; the hub was told nothing.\n", run->talk.keys.dir);
	return KEEL_OK;
}

const struct keel_owner_command keel_owner_entering[] = {
	{ "claim", "", "a new hub becomes yours (--hub, --label)", KEEL_NEEDS_HUB, 0, 0, claim },
	{ "return", "", "after a lost phone: an owner vouches, press the button (--hub, --label)",
		KEEL_NEEDS_HUB, 0, 0, come_back },
	{ "recover", "", "with nobody to vouch: press the button; all others and personal data go",
		KEEL_NEEDS_HUB, 0, 0, recover },
	{ "join", "INVITATION", "enter a home you were invited to (--hub)", KEEL_NEEDS_HUB, 1, 1,
		join },
	{ "forget", "", "throw the keys in this folder away; the hub is told nothing",
		KEEL_NEEDS_NOTHING, 0, 0, forget },
};
const size_t keel_owner_entering_count = KEEL_COUNT(keel_owner_entering);
