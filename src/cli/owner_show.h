/*
 * What a hub tells its owner, as tables: names first, values in their declared units, moments in local
 * time. Scripts get keel_show's JSON.
 */
#ifndef KEEL_CLI_OWNER_SHOW_H
#define KEEL_CLI_OWNER_SHOW_H

#include "cli/table.h"
#include "keel/profile.h"
#include "owner/ops.h"

void keel_state_show(
	FILE *out, const struct keel_state_result *state, const struct keel_product *product);
/** The values of now in one line, with the time of day. */
void keel_state_show_line(
	FILE *out, const struct keel_state_result *state, const struct keel_product *product);
void keel_history_show(FILE *out, struct keel_bytes datum, const struct keel_history_result *r,
	const struct keel_product *product);

/** me: the thumbprint of who asks. owners: the signed list, verified. */
void keel_people_show(FILE *out, const struct keel_people_result *r,
	const struct keel_owners_list *owners, struct keel_bytes me);

/** An export comes in pages: open, a page each, print. */
void keel_export_open(struct keel_table *t);
void keel_export_page(struct keel_table *t, const struct keel_export_result *page,
	const struct keel_product *product);

#endif
