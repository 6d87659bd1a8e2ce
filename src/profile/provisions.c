#include "profile/provisions.h"

#include <stdio.h>
#include <string.h>

#include "profile/secure.h"

static enum keel_verdict met_if(bool met)
{
	return met ? KEEL_VERDICT_MET : KEEL_VERDICT_UNMET;
}

/* A judge that asks one thing of the declaration. */
#define JUDGE(name, verdict)                                                                       \
	static enum keel_verdict name(const struct keel_product *p, struct keel_place *at)         \
	{                                                                                          \
		(void)p;                                                                           \
		(void)at;                                                                          \
		return verdict;                                                                    \
	}
#define HAS(text) met_if((text).n > 0)

JUDGE(met, KEEL_VERDICT_MET) /* a field that no declaration can leave out */
JUDGE(keeld, KEEL_VERDICT_KEELD)
JUDGE(assess, KEEL_VERDICT_ASSESS)
JUDGE(action, HAS(p->vulnerabilities.action))
JUDGE(monitoring, HAS(p->vulnerabilities.monitoring))
JUDGE(components, HAS(p->practice.components))
JUDGE(update, met_if(keel_has(p, KEEL_PRODUCT_UPDATE)))
JUDGE(automatic, met_if(p->update.automatic))
JUDGE(asked, p->update.automatic ? KEEL_VERDICT_ASSESS : KEEL_VERDICT_UNMET)
JUDGE(postpone, met_if(p->update.postpone_s > 0))
JUDGE(timely, HAS(p->practice.updates))
JUDGE(notice, HAS(p->update.notice))
JUDGE(updatable, keel_has(p, KEEL_PRODUCT_UPDATE) ? KEEL_VERDICT_ABSENT : KEEL_VERDICT_UNMET)
JUDGE(parameters, met_if(p->parameters.count > 0))
JUDGE(cryptography, HAS(p->practice.cryptography))
JUDGE(managed, HAS(p->practice.parameters))
JUDGE(hardware, HAS(p->practice.hardware))
JUDGE(development, HAS(p->practice.development))
JUDGE(boot, HAS(p->integrity.boot))
JUDGE(autonomy, met_if(p->autonomy.count > 0))
JUDGE(telemetry, p->telemetry.count > 0 ? KEEL_VERDICT_ASSESS : KEEL_VERDICT_ABSENT)
JUDGE(told, p->telemetry.count > 0 ? KEEL_VERDICT_MET : KEEL_VERDICT_ABSENT)
JUDGE(deletion, met_if(keel_has(p, KEEL_PRODUCT_DELETION)))
JUDGE(setup, met_if(keel_has(p, KEEL_PRODUCT_SETUP) && p->setup.decisions.count <= 5))
JUDGE(personal, p->personal_data.count > 0 ? KEEL_VERDICT_MET : KEEL_VERDICT_ABSENT)
JUDGE(anonymous, p->personal_data.count > 0 ? KEEL_VERDICT_ASSESS : KEEL_VERDICT_ABSENT)

static enum keel_verdict unmet_at(
	struct keel_place *at, const char *list, size_t i, const char *field)
{
	(void)snprintf(at->path, sizeof(at->path), "%s[%zu]%s", list, i, field);
	return KEEL_VERDICT_UNMET;
}

/* A judge of words that an owner follows, perhaps to a page. */
#define TOLD(name, words)                                                                          \
	static enum keel_verdict name(const struct keel_product *p, struct keel_place *at)         \
	{                                                                                          \
		const char *next = keel_secure_words(words);                                       \
		at->next = next == NULL ? at->next : next;                                         \
		return met_if((words).n > 0 && next == NULL);                                      \
	}

TOLD(published, p->support.published)
TOLD(instructions, p->deletion.instructions)
TOLD(guide, p->setup.guide)
TOLD(setup_check, p->setup.check)

struct part {
	const char *name;
	bool there;
};

/* "write policy and status under vulnerabilities": what is there is not asked for again. */
static bool lacks_some(
	const struct part *parts, size_t n, const char *mapping, struct keel_place *at)
{
	size_t left = 0;
	int used = snprintf(at->made, sizeof(at->made), "write");
	for (size_t i = 0; i < n; i++)
		left += !parts[i].there;
	bool lacks = left > 0;
	for (size_t i = 0; i < n; i++)
		if (!parts[i].there) {
			left--;
			used += snprintf(at->made + used, sizeof(at->made) - (size_t)used, " %s%s",
				parts[i].name,
				left > 1    ? ","
				: left == 1 ? " and"
					    : "");
		}
	(void)snprintf(at->made + used, sizeof(at->made) - (size_t)used, " under %s", mapping);
	if (lacks)
		at->next = at->made;
	return lacks;
}

/* A report has to reach the maker unread by others, and the policy's readers unchanged. */
static enum keel_verdict reporting(const struct keel_product *p, struct keel_place *at)
{
	const struct keel_vulnerabilities *v = &p->vulnerabilities;
	const struct part parts[] = { { "contact", v->contact.n > 0 },
		{ "policy", v->policy.n > 0 }, { "acknowledge", v->acknowledge_s > 0 },
		{ "status", v->status_s > 0 } };
	if (lacks_some(parts, KEEL_COUNT(parts), "vulnerabilities", at))
		return KEEL_VERDICT_UNMET;
	const char *contact = keel_secure_contact(v->contact);
	const char *policy = keel_secure_page(v->policy);
	if (contact == NULL && policy == NULL)
		return KEEL_VERDICT_MET;
	at->next = contact != NULL ? contact : policy;
	(void)snprintf(at->path, sizeof(at->path), "vulnerabilities.%s",
		contact != NULL ? "contact" : "policy");
	return KEEL_VERDICT_UNMET;
}

/* 5.5-1: what is open to a network says how it protects what it carries. */
static enum keel_verdict spoken(const struct keel_product *p, struct keel_place *at)
{
	struct keel_list rest = p->interfaces;
	struct keel_interface x;
	for (size_t n = 0; keel_list_next(&keel_interface_row, &rest, &x); n++) {
		bool network = x.transport == KEEL_TRANSPORT_TCP ||
			       x.transport == KEEL_TRANSPORT_UDP ||
			       x.transport == KEEL_TRANSPORT_RADIO;
		const char *lacks = keel_secure_protocol(x.protocol);
		if (!network || x.open.count == 0 || lacks == NULL)
			continue;
		at->next = lacks;
		return unmet_at(at, "interfaces", n, ".protocol");
	}
	return KEEL_VERDICT_KEELD;
}

/* 5.0-1: a reason excuses a recommendation, never what is mandatory. */
static enum keel_verdict reasons(const struct keel_product *p, struct keel_place *at)
{
	struct keel_list rest = p->exceptions;
	struct keel_exception x;
	for (size_t n = 0; keel_list_next(&keel_exception_row, &rest, &x); n++) {
		bool recommended = false;
		for (size_t i = 0; i < keel_provision_count; i++)
			recommended = recommended || (!keel_provisions[i].mandatory &&
							     keel_bytes_is(x.provision,
								     keel_provisions[i].number));
		if (!recommended)
			return unmet_at(at, "exceptions", n, ".provision");
	}
	return KEEL_VERDICT_MET;
}

enum { PARAMETER_CRITICAL = 1, PARAMETER_IN_PROGRAM = 4, PARAMETER_IN_APP = 5 };

static enum keel_verdict critical_outside(
	const struct keel_product *p, struct keel_place *at, uint64_t from, uint64_t to)
{
	struct keel_list rest = p->parameters;
	struct keel_parameter x;
	for (size_t n = 0; keel_list_next(&keel_parameter_row, &rest, &x); n++)
		if (x.critical == PARAMETER_CRITICAL && x.kept >= from && x.kept <= to)
			return unmet_at(at, "security_parameters", n, ".kept");
	return KEEL_VERDICT_MET;
}

static enum keel_verdict stored(const struct keel_product *p, struct keel_place *at)
{
	return critical_outside(p, at, PARAMETER_IN_PROGRAM, PARAMETER_IN_APP);
}

static enum keel_verdict hard_coded(const struct keel_product *p, struct keel_place *at)
{
	return critical_outside(p, at, PARAMETER_IN_PROGRAM, PARAMETER_IN_PROGRAM);
}

static enum keel_verdict debug(const struct keel_product *p, struct keel_place *at)
{
	struct keel_list rest = p->interfaces;
	struct keel_interface x;
	enum keel_verdict v = KEEL_VERDICT_ABSENT;
	for (size_t n = 0; keel_list_next(&keel_interface_row, &rest, &x); n++) {
		if (x.debug && x.open.count > 0)
			return unmet_at(at, "interfaces", n, ".open");
		if (x.debug)
			v = KEEL_VERDICT_MET;
	}
	return v;
}

static enum keel_verdict debug_port(const struct keel_product *p, struct keel_place *at)
{
	struct keel_list rest = p->interfaces;
	struct keel_interface x;
	while (keel_list_next(&keel_interface_row, &rest, &x))
		if (x.debug &&
			(x.transport == KEEL_TRANSPORT_SERIAL || x.transport == KEEL_TRANSPORT_USB))
			return hardware(p, at);
	return KEEL_VERDICT_ABSENT;
}

static enum keel_verdict alert(const struct keel_product *p, struct keel_place *at)
{
	struct keel_list rest = p->integrity.on_change;
	uint64_t reaction;
	(void)at;
	while (keel_list_next(&keel_on_change_row, &rest, &reaction))
		if (reaction == KEEL_ON_CHANGE_ALERT)
			return KEEL_VERDICT_MET;
	return KEEL_VERDICT_UNMET;
}

/* 5.8-3: what reads its surroundings is listed. */
static enum keel_verdict sensing(const struct keel_product *p, struct keel_place *at)
{
	struct keel_list rest = p->hardware;
	struct keel_hardware x;
	(void)at;
	if (p->sensing.count > 0)
		return KEEL_VERDICT_MET;
	while (keel_list_next(&keel_hardware_row, &rest, &x))
		if (x.access == KEEL_ACCESS_READ)
			return KEEL_VERDICT_UNMET;
	return KEEL_VERDICT_ABSENT;
}

/* 5.9-3: what calls nobody joins no storm; the uplink waits longer each time, by chance, and as it is told. */
static enum keel_verdict orderly(const struct keel_product *p, struct keel_place *at)
{
	if (!keel_has(p, KEEL_PRODUCT_SERVICE))
		return KEEL_VERDICT_ASSESS;
	at->next = "it comes back to the service after a wait that grows and that chance shortens";
	(void)snprintf(at->path, sizeof(at->path), "service");
	return KEEL_VERDICT_KEELD;
}

/* 5.11-2: whether anybody but the owners gets a datum. Telemetry that needs consent is one. */
static enum keel_verdict services(const struct keel_product *p, struct keel_place *at)
{
	struct keel_list rest = p->personal_data;
	struct keel_list sent = p->telemetry;
	struct keel_personal_datum x;
	struct keel_telemetry t;
	(void)at;
	while (keel_list_next(&keel_telemetry_row, &sent, &t))
		if (t.consent)
			return KEEL_VERDICT_ASSESS;
	while (keel_list_next(&keel_personal_datum_row, &rest, &x))
		if (!keel_bytes_is(x.leaves, "never") && !keel_bytes_is(x.leaves, "to owners"))
			return KEEL_VERDICT_ASSESS;
	return KEEL_VERDICT_ABSENT;
}

/* A decision asks for it, and nobody has agreed before being asked. */
static bool is_asked(const struct keel_product *p, struct keel_bytes datum)
{
	struct keel_list rest = p->setup.decisions;
	struct keel_decision x;
	while (keel_list_next(&keel_decision_row, &rest, &x))
		if (keel_bytes_equal(x.datum, datum))
			return !x.preset;
	return false;
}

static enum keel_verdict consent(const struct keel_product *p, struct keel_place *at)
{
	struct keel_list rest = p->personal_data;
	struct keel_personal_datum x;
	enum keel_verdict v = KEEL_VERDICT_ABSENT;
	for (size_t n = 0; keel_list_next(&keel_personal_datum_row, &rest, &x); n++) {
		if (x.basis != KEEL_BASIS_CONSENT)
			continue;
		if (!is_asked(p, x.name))
			return unmet_at(at, "personal_data", n, ".basis");
		v = KEEL_VERDICT_MET;
	}
	rest = p->telemetry;
	struct keel_telemetry t;
	for (size_t n = 0; keel_list_next(&keel_telemetry_row, &rest, &t); n++) {
		if (!t.consent)
			continue;
		if (!is_asked(p, t.name))
			return unmet_at(at, "telemetry", n, ".consent");
		v = KEEL_VERDICT_MET;
	}
	return v;
}

static enum keel_verdict withdrawn(const struct keel_product *p, struct keel_place *at)
{
	struct keel_place unused;
	(void)at;
	return consent(p, &unused) == KEEL_VERDICT_ABSENT ? KEEL_VERDICT_ABSENT
							  : KEEL_VERDICT_KEELD;
}

static bool is_history(const struct keel_product *p, struct keel_bytes datum)
{
	struct keel_list rest = p->values;
	struct keel_value x;
	while (keel_list_next(&keel_value_row, &rest, &x))
		if (keel_bytes_equal(x.history, datum))
			return true;
	return false;
}

/* 6-6: a history grows, so it has an end, as telemetry always has; what is replaced is kept until it is deleted. */
static enum keel_verdict kept(const struct keel_product *p, struct keel_place *at)
{
	struct keel_list rest = p->personal_data;
	struct keel_personal_datum x;
	for (size_t n = 0; keel_list_next(&keel_personal_datum_row, &rest, &x); n++)
		if (x.for_s == 0 && is_history(p, x.name))
			return unmet_at(at, "personal_data", n, "");
	return p->personal_data.count + p->telemetry.count > 0 ? KEEL_VERDICT_MET
							       : KEEL_VERDICT_ABSENT;
}

/* clang-format off */
const struct keel_provision keel_provisions[] = {
	{ "5.0-1", true, "For each recommendation not met or not applicable, the reason is written down",
	  "name in exceptions only provisions that are recommended; a mandatory one has to be met", "exceptions", reasons },
	{ "5.1-1", true, "Past factory state, any password (user login or machine to machine) is unique per unit or chosen by the user",
	  "there is no password; the claim code is random and of one unit", "interfaces", keeld },
	{ "5.1-2", true, "Pre-installed unique passwords come from a generator resisting class-wide automated guessing: no counters, public facts or patterns, enough complexity",
	  "claim codes have 100 random bits", "interfaces", keeld },
	{ "5.1-2A", false, "Machines do not use passwords to authenticate to each other",
	  "rooms and services know keys, no passwords", "interfaces", keeld },
	{ "5.1-3", true, "User and machine authentication uses best-practice cryptography suited to technology, environment, risk and use",
	  "COSE with P-256 and AES-GCM", "interfaces", keeld },
	{ "5.1-4", true, "Whoever can log in (user or administrator) can change the credential by a simple mechanism",
	  "an owner is removed, and recovers by button and label", "interfaces", keeld },
	{ "5.1-5", true, "Brute force over network interfaces is made impracticable, unless a use-case resource constraint prevents building the defence",
	  "a wrong code costs its sender time", "interfaces", keeld },
	{ "5.2-1", true, "Public disclosure policy: contact, time to first acknowledgement, times of status updates until the issue is resolved",
	  "write contact, policy, acknowledge and status under vulnerabilities", "vulnerabilities", reporting },
	{ "5.2-2", false, "Vulnerabilities that were disclosed are acted on in good time",
	  "say under vulnerabilities.action what happens to a report, and how soon", "vulnerabilities.action", action },
	{ "5.2-3", false, "Maker keeps watching for, finding and mending vulnerabilities in products and their services throughout the support period",
	  "say under vulnerabilities.monitoring how you watch for weaknesses", "vulnerabilities.monitoring", monitoring },
	{ "5.3-1", false, "Every software component can be updated securely, save those immutable for security reasons",
	  "say under practice.components how each component is updated", "practice.components", components },
	{ "5.3-2", true, "The device has a secure update mechanism, unless a use-case resource constraint prevents one",
	  "declare how it is updated under update", "update", update },
	{ "5.3-3", true, "Applying an update is simple for the user",
	  "declare how it is updated under update", "update", update },
	{ "5.3-4A", false, "At least one secure update mechanism can be configured to run automatically",
	  "write automatic: yes under update", "update.automatic", automatic },
	{ "5.3-4B", false, "At set-up the device turns an automatic secure update mechanism on, with the user's consent",
	  "write automatic: yes under update; the set-up is seen on the device", "update.automatic", asked },
	{ "5.3-5", false, "Device or associated service looks for security updates after set-up (V2.1.1: the device, and then periodically)",
	  "declare under update.check how often it looks for updates", "update", update },
	{ "5.3-6A", false, "User can enable, disable automatic updates and postpone their installation",
	  "declare under update.postpone how long an owner may wait", "update.postpone", postpone },
	{ "5.3-6B", false, "User can enable and disable update notifications",
	  "seen on the device", "update", assess },
	{ "5.3-7", true, "Update mechanisms rest on best-practice cryptography",
	  "declare under update.mechanism what an update is signed with", "update", update },
	{ "5.3-8", true, "Security updates come in time",
	  "say under practice.updates how soon a security update comes", "practice.updates", timely },
	{ "5.3-9", false, "The device itself verifies authenticity and integrity of updates",
	  "tried on the device with a changed update", "update", assess },
	{ "5.3-10", true, "Network-delivered updates are each verified for authenticity and integrity through a trust relationship",
	  "tried on the device with a changed update", "update", assess },
	{ "5.3-11", false, "User is told, recognisably, that a security update is needed and which risks it mitigates",
	  "say under update.notice how the owner learns what an update mends", "update.notice", notice },
	{ "5.3-12", false, "User is warned when applying an update will disrupt basic function",
	  "say under update.notice how the owner is warned of an interruption", "update.notice", notice },
	{ "5.3-13", true, "The support period is published, accessibly, clearly and transparently",
	  "write under support.published where the support period can be read", "support.published", published },
	{ "5.3-14", false, "Non-updatable device: reason, and period and method of hardware replacement, are published accessibly (V2.1.1 also: support period)",
	  "declare under update how it is updated", "update", updatable },
	{ "5.3-15A", false, "A non-updatable device can be isolated",
	  "declare under update how it is updated", "update", updatable },
	{ "5.3-15B", false, "A non-updatable device's hardware can be replaced",
	  "declare under update how it is updated", "update", updatable },
	{ "5.3-16", true, "Model designation is clearly recognisable on a label or through a user interface (V2.1.1: physical interface)",
	  "name the model under model", "model", met },
	{ "5.4-1", true, "Sensitive security parameters in persistent storage are stored securely",
	  "keep it in tpm, sealed store or memory", "security_parameters", stored },
	{ "5.4-2", true, "A hard-coded per-unit identity used for security resists tampering by physical, electrical or software means",
	  "the device key is endorsed, and in the TPM where there is one", "security_parameters", keeld },
	{ "5.4-3", true, "No critical security parameter is hard-coded in source code",
	  "make it on each device instead of keeping it in the program", "security_parameters", hard_coded },
	{ "5.4-4", true, "Critical parameters for update checks and service communication are unique per unit and generated to resist class-wide attack",
	  "list what the product keeps under security_parameters", "security_parameters", parameters },
	{ "5.5-1", true, "Secure communication uses best-practice cryptography",
	  "TLS 1.3, and COSE inside it", "interfaces", spoken },
	{ "5.5-2", false, "Network and security functions, cryptography above all, use reviewed or evaluated implementations",
	  "name under practice.cryptography the implementations and who reviewed them", "practice.cryptography", cryptography },
	{ "5.5-3", false, "Cryptographic algorithms and primitives can be replaced (V2.1.1: updated)",
	  "say under practice.cryptography how algorithms are replaced", "practice.cryptography", cryptography },
	{ "5.5-4", false, "In the initialised state, device functions over a network are reachable only after authentication on that interface",
	  "the door answers nobody but owners", "interfaces", keeld },
	{ "5.5-5", true, "Security-relevant configuration over a network needs authentication; excepted: network protocols the device relies on, of unknown configuration",
	  "a change is signed by its owner", "interfaces", keeld },
	{ "5.5-6", false, "Critical security parameters are encrypted in transit, suitably to technology, risk and use",
	  "sealed in transit", "interfaces", keeld },
	{ "5.5-7", true, "Critical security parameters stay confidential when sent over remotely accessible interfaces",
	  "sealed in transit", "interfaces", keeld },
	{ "5.5-8", true, "Maker manages critical security parameters by secure processes over their entire life cycle",
	  "say under practice.parameters how the keys of the maker are managed", "practice.parameters", managed },
	{ "5.6-1", true, "Unused network interfaces, and unused logical interfaces reachable through a network interface, are disabled",
	  "what is not declared is not opened, and the monitor watches", "interfaces", keeld },
	{ "5.6-2", true, "In the initialised state, unauthenticated network peers learn as little security-relevant information as possible",
	  "the statement to strangers is short", "interfaces", keeld },
	{ "5.6-3", false, "Hardware exposes no physical interface needlessly",
	  "say under practice.hardware which ports the case exposes, and why", "practice.hardware", hardware },
	{ "5.6-4A", true, "Debug interfaces are disabled, or protected by best-practice authentication or access control",
	  "write open: [] for the debug interface", "interfaces", debug },
	{ "5.6-4B", false, "Debug interfaces that are physical ports are physically protected by the device",
	  "say under practice.hardware how the debug port is protected", "practice.hardware", debug_port },
	{ "5.6-5", false, "Only software services used or needed for intended use are enabled",
	  "only the rooms of the table run", "interfaces", keeld },
	{ "5.6-6", false, "Code is reduced to what the device needs",
	  "seen in what is installed", "interfaces", assess },
	{ "5.6-7", false, "Software runs with least privilege, weighing security and function",
	  "each room has its own user and filter", "interfaces", keeld },
	{ "5.6-8", false, "Hardware enforces access control on memory",
	  "a property of the processor and its kernel", "interfaces", assess },
	{ "5.6-9", false, "Device software is developed by a secure development process",
	  "say under practice.development how the software is made", "practice.development", development },
	{ "5.7-1", false, "Device verifies its software by secure boot",
	  "say under integrity.boot how the start is verified", "integrity.boot", boot },
	{ "5.7-2", false, "On an unauthorised software change, alert user or administrator and connect only as widely as the alert requires",
	  "write on_change: [alert] or [alert, isolate] under integrity", "integrity.on_change", alert },
	{ "5.8-1", false, "Personal data between device and associated services is confidential by best-practice cryptography",
	  "personal data leaves sealed for owners", "interfaces", keeld },
	{ "5.8-2", true, "Sensitive personal data between device and associated services is confidential by best-practice cryptography fitting technology, environment, risk and use",
	  "personal data leaves sealed for owners", "interfaces", keeld },
	{ "5.8-3", true, "All external sensing is documented, accessibly and clearly for the user",
	  "list each sensor and its purpose under sensing", "sensing", sensing },
	{ "5.9-1", false, "Products are built to withstand outages of data network and power",
	  "say under autonomy what goes on without network and after a power cut", "autonomy", autonomy },
	{ "5.9-2", false, "Without network the device keeps running locally; after power loss it recovers cleanly",
	  "say under autonomy what goes on without network and after a power cut", "autonomy", autonomy },
	{ "5.9-3", false, "Device joins networks in an expected, operational, stable state and orderly, minding the infrastructure's capacity (no reconnection storms)",
	  "seen when many devices come back at once", "interfaces", orderly },
	{ "5.10-1", false, "Telemetry, if collected, is examined for security anomalies",
	  "seen where it arrives: what is not declared or out of its range is refused, and the device flagged", "telemetry", telemetry },
	{ "5.11-1", true, "Users can simply erase all their own data from the device",
	  "say under deletion.how an owner erases the data", "deletion", deletion },
	{ "5.11-2", false, "From the device, a consumer can simply delete personal data held by associated services",
	  "tried with the service that gets the data", "personal_data", services },
	{ "5.11-3", false, "Clear instructions tell users how to delete, where possible erase, personal data on device and services",
	  "write under deletion.instructions where the instructions are", "deletion.instructions", instructions },
	{ "5.11-4", false, "Users get clear confirmation that personal data was deleted, where possible erased, from devices and services",
	  "the owner gets a signed receipt", "interfaces", keeld },
	{ "5.12-1", false, "Installation and maintenance ask few decisions and follow security best practice on usability",
	  "list under setup at most five decisions", "setup", setup },
	{ "5.12-2", false, "Users get guidance on setting the device up securely",
	  "write under setup.guide where the guidance is", "setup.guide", guide },
	{ "5.12-3", false, "Users get guidance on checking that the device is securely set up and kept secure",
	  "say under setup.check how an owner sees that it is set up securely", "setup.check", setup_check },
	{ "5.13-1A", true, "Application-layer input from user interfaces is validated by the device, so unexpected data cause neither manipulation nor failure",
	  "a command is checked against the declared range", "interfaces", keeld },
	{ "5.13-1B", true, "Application-layer input from network interfaces is validated by the device, so unexpected data cause neither manipulation nor failure",
	  "each message is checked by its schema", "interfaces", keeld },
	{ "6-1", true, "Consumers are told clearly which personal data, why, by whom (third parties, advertisers too) and how long, per device and service",
	  "list each datum under personal_data", "personal_data", personal },
	{ "6-2", true, "Where processing rests on consent, the device offers a valid way to obtain it",
	  "ask under setup.decisions with datum: its name and default: no", "personal_data", consent },
	{ "6-3A", true, "Where processing rests on consent, the device lets it be withdrawn at any time",
	  "the owner consents and withdraws in the app", "personal_data", withdrawn },
	{ "6-3B", true, "Where processing rests on consent, the device can store information about that consent",
	  "the vault keeps each consent", "personal_data", withdrawn },
	{ "6-4", false, "With telemetry, personal data is limited to what the stated function needs",
	  "compared with what really leaves the device", "telemetry", telemetry },
	{ "6-5", true, "With telemetry, consumers are told what is collected, how and by whom it is used, and why",
	  "each telemetry has its purpose, and for: how long the service keeps it", "telemetry", told },
	{ "6-6", true, "Data on the device or given to services is limited to what the stated purposes need, and deleted when no longer needed",
	  "write under for: how long the history is kept", "personal_data", kept },
	{ "6-7", false, "Aggregate-only data: collect the minimum, aggregate as early as possible, keep inputs and result as briefly as possible",
	  "compared with what really leaves the device", "telemetry", telemetry },
	{ "6-8", false, "Anonymisation protects privacy in collection, processing and storage",
	  "seen in what leaves the device", "personal_data", anonymous },
};
/* clang-format on */
const size_t keel_provision_count = KEEL_COUNT(keel_provisions);

const char *keel_verdict_word(enum keel_verdict v)
{
	static const char *const words[] = {
		[KEEL_VERDICT_MET] = "met",
		[KEEL_VERDICT_UNMET] = "unmet",
		[KEEL_VERDICT_EXCUSED] = "excused",
		[KEEL_VERDICT_ABSENT] = "not applicable",
		[KEEL_VERDICT_KEELD] = "keeld",
		[KEEL_VERDICT_ASSESS] = "assess",
	};
	_Static_assert(KEEL_COUNT(words) == KEEL_VERDICT_COUNT, "a word for each verdict");
	return words[v];
}

struct keel_judgement keel_provision_judge(
	const struct keel_provision *row, const struct keel_declaration *d)
{
	struct keel_place at = { .next = row->next };
	(void)snprintf(at.path, sizeof(at.path), "%s", row->path);
	struct keel_judgement j = { .verdict = row->judge(&d->product, &at) };
	j.at = keel_declaration_where(d, at.path);
	(void)snprintf(j.next, sizeof(j.next), "%s", at.next);
	struct keel_list rest = d->product.exceptions;
	struct keel_exception x;
	while (j.verdict == KEEL_VERDICT_UNMET && !row->mandatory &&
		keel_list_next(&keel_exception_row, &rest, &x)) {
		if (!keel_bytes_is(x.provision, row->number))
			continue;
		j.verdict = KEEL_VERDICT_EXCUSED;
		j.reason = x.reason;
	}
	return j;
}
