/* keel-fleet notice: what the maker tells owners, of a closed list. EN 303 645 5.2, 5.3-11, 5.3-13. */
#include "session/notice.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fleet/command.h"
#include "fleet/inbox.h"
#include "keel/profile.h"
#include "session/inbox.h"

static enum keel_err read_notice(
	const char *word, const char *about, struct keel_notice *n, struct keel_fault *fault)
{
	static const char *const forms[KEEL_NOTICE_CODES] = {
		[KEEL_NOTICE_UPDATE] = "name the version by digits and dots: update 2.4.1",
		[KEEL_NOTICE_VULNERABILITY] =
			"name it by digits, capitals and hyphens: vulnerability CVE-2026-12345",
		[KEEL_NOTICE_SUPPORT] = "name the day: support 2033-12-01",
	};
	*n = (struct keel_notice){ .about = keel_text(about) };
	while (n->code < KEEL_NOTICE_CODES && strcmp(word, keel_notice_word(n->code)) != 0)
		n->code++;
	if (n->code == KEEL_NOTICE_CODES)
		return keel_fault_format(fault, KEEL_ENONE, "say update, vulnerability or support",
			"no notice says %.40s", word);
	return keel_notice_check(n) == KEEL_OK
		       ? KEEL_OK
		       : keel_fault_format(fault, KEEL_ERANGE, forms[n->code],
				 "a notice of this kind cannot be about %.60s", about);
}

/* EN 303 645 5.3-13: a day that was promised is not taken back; the device would not tell it either. */
static enum keel_err check_promise(struct keel_fleet_store *s, const char *to,
	const struct keel_notice *n, struct keel_fault *fault)
{
	struct keel_published all[KEEL_FLEET_PUBLISHED_MAX];
	struct keel_fleet_unit unit;
	size_t count = 0;
	char day[11];
	if (n->code != KEEL_NOTICE_SUPPORT)
		return KEEL_OK;
	bool one = keel_fleet_unit_by_serial(s, to, &unit) == KEEL_OK;
	enum keel_err e = keel_fleet_published(s, keel_text(one ? unit.model : to), all, &count);
	if (e != KEEL_OK || count == 0)
		return e;
	keel_date_write(all[count - 1].until, day);
	return keel_bytes_is(n->about, day) ? KEEL_OK
					    : keel_fault_format(fault, KEEL_ERANGE,
						      "name that day; a later one is published by "
						      "keel-fleet product add",
						      "support until %s was published", day);
}

static enum keel_err tell_all(
	struct keel_fleet_store *s, struct keel_fleet_tell *j, struct keel_fault *fault)
{
	do
		keel_fleet_tell(s, j);
	while (j->write.err == KEEL_OK && j->more);
	if (j->write.err == KEEL_ENONE)
		return keel_fault_format(fault, KEEL_ENONE, "list them: keel-fleet units DIR",
			"no unit has the serial or the model %.80s", j->to);
	if (j->write.err == KEEL_ESTATE)
		return keel_fault_format(fault, KEEL_ESTATE, "wait until it has an owner",
			"nobody owns a unit that %.80s names, so there is nobody to tell", j->to);
	return j->write.err;
}

enum keel_err keel_fleet_do_notice(const struct keel_fleet_ask *ask, struct keel_fault *fault)
{
	struct keel_notice n;
	char detail[KEEL_FLEET_DETAIL_MAX + 1];
	uint8_t buf[KEEL_NOTICE_MAX];
	struct keel_wr w = keel_wr_of(buf, sizeof(buf));
	struct keel_fleet_tell j = { .who = ask->who,
		.action = "notice",
		.detail = detail,
		.now_s = ask->now_s,
		.to = ask->words[0],
		.kind = KEEL_INBOX_NOTICE };
	keel_auto(keel_fleet_close) struct keel_fleet_store *s = NULL;
	enum keel_err e = read_notice(ask->words[1], ask->words[2], &n, fault);
	if (e == KEEL_OK)
		e = keel_fleet_open(ask, &s, fault);
	if (e == KEEL_OK)
		e = check_promise(s, ask->words[0], &n, fault);
	if (e != KEEL_OK)
		return e;
	keel_schema_write(&keel_notice_schema, &n, &w);
	KEEL_MUST(keel_wr_end(&w, &j.payload) == KEEL_OK);
	j.about = n.code;
	(void)snprintf(detail, sizeof(detail), "%.80s: %s %s", j.to, ask->words[1], ask->words[2]);
	e = tell_all(s, &j, fault);
	if (e == KEEL_OK)
		(void)printf(
			ask->json
				? "{\"units\":%zu}\n"
				: "the owners of %zu units are told when their device next asks\n",
			j.told);
	return e;
}
