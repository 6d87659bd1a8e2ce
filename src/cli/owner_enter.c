/* How somebody comes into a home: claim, recover, join. docs/protocol.md, Claim. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/base64url.h"
#include "cli/files.h"
#include "cli/owner.h"
#include "cli/show.h"

enum { CLAIM_MAX = 2048 };

struct entered {
	uint32_t has;
	struct keel_bytes id, you, role;
};
/* clang-format off */
static const struct keel_row entered_rows[] = {
	{ .label = 1, .name = "device", .kind = KEEL_BYTES, KEEL_AT(struct entered, id) },
	{ .label = 2, .name = "you",    .kind = KEEL_BYTES, KEEL_AT(struct entered, you) },
	{ .label = 3, .name = "role",   .kind = KEEL_TEXT,  KEEL_AT(struct entered, role) },
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
		&door, "/v1/hello", KEEL_VIEW(empty_map), run->talk.answer, out, fault);
}

/* Sends the claim, and on its welcome keeps who we are now. */
static enum keel_err finish(struct keel_owner_run *run, const struct keel_entry *entry,
	struct keel_bytes claim, struct keel_fault *fault)
{
	struct keel_bytes welcome;
	struct keel_talk *t = &run->talk;
	const struct keel_door_at door = keel_keys_door(&t->keys);
	enum keel_err e = keel_talk_post(&door, "/v1/claim", claim, t->answer, &welcome, fault);
	if (e != KEEL_OK) {
		/* Refused is an answer: only where none came is the claim worth sending again. */
		if (e != KEEL_EIO)
			keel_keys_drop_entry(&t->keys);
		return e;
	}
	e = keel_entry_welcome(entry, welcome, &t->member);
	if (e != KEEL_OK) {
		(void)snprintf(fault->what, sizeof(fault->what),
			"the welcome was not made by the device on the label");
		return e;
	}
	e = keel_keys_save(&t->keys, &t->member, fault);
	if (e == KEEL_OK)
		e = keel_keys_save_hub(&t->keys, fault);
	if (e != KEEL_OK)
		return e;
	keel_keys_drop_entry(&t->keys);
	keel_show(stdout, &entered_schema,
		&(struct entered){ .id = KEEL_VIEW(t->member.id),
			.you = KEEL_VIEW(t->member.thumbprint),
			.role = keel_text(keel_role_word(t->member.role)) },
		run->json);
	return KEEL_OK;
}

static enum keel_err not_the_device(enum keel_err e, struct keel_fault *fault)
{
	if (e == KEEL_EAUTH)
		(void)keel_owner_usage(fault, "another device answers than the one on this label",
			"check the hub's address, and that the label is this hub's");
	else
		(void)snprintf(fault->what, sizeof(fault->what), "no claim could be made: %s",
			keel_err_text(e));
	return e;
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

static enum keel_err read_label(
	const struct keel_owner_run *run, struct keel_label *out, struct keel_fault *fault)
{
	char text[256];
	struct keel_bytes content;
	if (run->label == NULL)
		return keel_owner_usage(fault, "the device's label is needed",
			"add --label FILE, with the text that the label's code holds (KEEL1:…)");
	enum keel_err e = keel_file_read(strcmp(run->label, "-") == 0 ? "/dev/stdin" : run->label,
		text, sizeof(text), &content, fault);
	if (e != KEEL_OK)
		return e;
	while (content.n > 0 &&
		(content.p[content.n - 1] == '\n' || content.p[content.n - 1] == '\r'))
		content.n--;
	e = keel_label_read(content, out);
	keel_wipe(text, sizeof(text));
	if (e == KEEL_ERANGE)
		return keel_owner_usage(fault,
			"the code's check character does not fit: one of its "
			"characters is wrong",
			"compare the code with the label");
	return e == KEEL_OK ? e
			    : keel_owner_usage(fault, "this is not a label's text",
				      "it looks like KEEL1:ID:THUMBPRINT:CODE");
}

/* A claim that was cut is finished with the same bytes before a new one is begun. */
static enum keel_err finish_cut(struct keel_owner_run *run, struct keel_fault *fault)
{
	keel_auto(keel_entry_wipe) struct keel_entry entry;
	uint8_t buf[CLAIM_MAX];
	struct keel_bytes claim;
	enum keel_err e =
		keel_keys_load_entry(&run->talk.keys, &entry, buf, sizeof(buf), &claim, fault);
	return e == KEEL_OK ? finish(run, &entry, claim, fault) : e;
}

static enum keel_err by_label(
	struct keel_owner_run *run, enum keel_purpose purpose, struct keel_fault *fault)
{
	keel_auto(keel_entry_wipe) struct keel_entry entry;
	keel_auto(keel_label_wipe) struct keel_label label;
	uint8_t buf[CLAIM_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes hi;
	struct keel_bytes name =
		run->name == NULL ? (struct keel_bytes){ 0 } : keel_text(run->name);
	enum keel_err e = read_label(run, &label, fault);
	if (e != KEEL_OK)
		return e;
	e = finish_cut(run, fault);
	if (e == KEEL_OK || e == KEEL_EIO)
		return e;
	*fault = (struct keel_fault){ 0 };
	e = hello(run, &hi, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_entry_claim(&label, purpose, hi, name, &entry, &w);
	return e == KEEL_OK ? enter(run, &entry, &w, fault) : not_the_device(e, fault);
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

static enum keel_err join(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc;
	keel_auto(keel_entry_wipe) struct keel_entry entry;
	uint8_t invitation[512];
	uint8_t buf[CLAIM_MAX];
	struct keel_wr text = keel_wr_of(invitation, sizeof(invitation));
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_bytes in;
	struct keel_bytes hi;
	struct keel_bytes name =
		run->name == NULL ? (struct keel_bytes){ 0 } : keel_text(run->name);
	keel_base64url_read(keel_text(argv[1]), &text);
	if (keel_wr_end(&text, &in) != KEEL_OK)
		return keel_owner_usage(
			fault, "this is not an invitation", "take the text as it was sent to you");
	enum keel_err e = hello(run, &hi, fault);
	if (e != KEEL_OK)
		return e;
	e = keel_entry_join(in, hi, name, &entry, &w);
	return e == KEEL_OK ? enter(run, &entry, &w, fault) : not_the_device(e, fault);
}

static enum keel_err forget(
	struct keel_owner_run *run, int argc, char **argv, struct keel_fault *fault)
{
	(void)argc, (void)argv, (void)fault;
	keel_keys_drop(&run->talk.keys);
	return KEEL_OK;
}

const struct keel_owner_command keel_owner_entering[] = {
	{ "claim", "", "a new hub becomes yours (--hub, --label)", true, 0, 0, claim },
	{ "recover", "", "after a lost phone: press the hub's button first (--hub, --label)", true,
		0, 0, recover },
	{ "join", "INVITATION", "enter a home you were invited to (--hub)", true, 1, 1, join },
	{ "forget", "", "throw the keys in this folder away; the hub is told nothing", true, 0, 0,
		forget },
};
const size_t keel_owner_entering_count = KEEL_COUNT(keel_owner_entering);
