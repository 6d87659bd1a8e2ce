#include "fleet/public/security_txt.h"

#include <string.h>

#include "core/break.h"
#include "profile/say.h"

enum { DAY_S = 86400 };

typedef struct keel_bytes of_product(const struct keel_product *p);

static struct keel_bytes contact_of(const struct keel_product *p)
{
	return p->vulnerabilities.contact;
}

static struct keel_bytes policy_of(const struct keel_product *p)
{
	return p->vulnerabilities.policy;
}

static bool begins(struct keel_bytes text, const char *scheme)
{
	size_t n = strlen(scheme);
	return text.n > n && memcmp(text.p, scheme, n) == 0;
}

/* RFC 3986 §2: no other character stands in a URI, so no line can end inside one. */
static bool of_uri(struct keel_bytes text)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		"-._~:/?#[]@!$&'()*+,;=%";
	for (size_t i = 0; i < text.n; i++)
		if (memchr(allowed, text.p[i], sizeof(allowed) - 1) == NULL)
			return false;
	return true;
}

/* §2.5.3: the web by https, mail, telephone. */
static bool is_contact(struct keel_bytes text)
{
	return of_uri(text) &&
	       (begins(text, "https://") || begins(text, "mailto:") || begins(text, "tel:"));
}

static bool is_page(struct keel_bytes text)
{
	return of_uri(text) && begins(text, "https://");
}

/* §2.5.4: the key is named, never written out; so it may be where such keys are. */
static bool is_key(struct keel_bytes text)
{
	return of_uri(text) &&
	       (begins(text, "https://") || begins(text, "openpgp4fpr:") || begins(text, "dns:"));
}

static void write_line(struct keel_wr *w, const char *name, struct keel_bytes value)
{
	keel_wr_text(w, name);
	keel_wr_text(w, ": ");
	keel_wr_bytes(w, value);
	keel_wr_text(w, "\n");
}

static bool said_before(const struct keel_site *site, size_t now, of_product *of)
{
	struct keel_bytes text = of(site->products[now].product);
	for (size_t i = 0; i < now; i++)
		if (keel_bytes_equal(of(site->products[i].product), text))
			return true;
	return false;
}

static size_t write_each(struct keel_wr *w, const struct keel_site *site, const char *name,
	of_product *of, bool (*is)(struct keel_bytes))
{
	size_t written = 0;
	for (size_t i = 0; i < site->count; i++) {
		struct keel_bytes text = of(site->products[i].product);
		if (!is(text) || said_before(site, i, of) || keel_bytes_equal(text, site->form))
			continue;
		write_line(w, name, text);
		written++;
	}
	return written;
}

/* The same for a whole day, so that two who ask see one file. */
static void write_expires(struct keel_wr *w, int64_t now_s)
{
	int64_t days = keel_broken("security-txt-ended") ? -1 : KEEL_SECURITY_TXT_DAYS;
	keel_wr_text(w, "Expires: ");
	keel_say_moment(w, (now_s / DAY_S + days) * DAY_S);
	keel_wr_text(w, "\n");
}

enum keel_err keel_security_txt_write(struct keel_wr *w, const struct keel_site *site)
{
	const bool form = is_page(site->form);
	if (form)
		write_line(w, "Contact", site->form);
	if (write_each(w, site, "Contact", contact_of, is_contact) == 0 && !form)
		return KEEL_ENONE;
	write_expires(w, site->now_s);
	if (is_key(site->encryption))
		write_line(w, "Encryption", site->encryption);
	(void)write_each(w, site, "Policy", policy_of, is_page);
	keel_wr_text(w, "Preferred-Languages: en\nCanonical: ");
	keel_wr_bytes(w, site->origin);
	keel_wr_text(w, KEEL_SECURITY_TXT_PATH "\n");
	return KEEL_OK;
}
