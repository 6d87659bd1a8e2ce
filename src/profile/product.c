/*
 * The declaration's one table: product.yaml is checked by it, compiled by it, and read on the device
 * by it. Names are the YAML's keys; labels are the compiled form's. EN 303 645, the IXIT tables.
 */
#include "core/hex.h"
#include "keel/profile.h"

#define NAME(l, n, s, m)                                                                           \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_TEXT, .min = 1, .max = 64, KEEL_AT(s, m)   \
	}
#define WORDS(l, n, s, m)                                                                          \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_TEXT, .min = 3, .max = 1000, KEEL_AT(s, m) \
	}
#define SOME_WORDS(l, n, s, m)                                                                     \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_TEXT, .min = 3, .max = 1000,               \
		.optional = true, KEEL_AT(s, m)                                                    \
	}
#define CHOICE(l, n, c, s, m)                                                                      \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_CHOICE, .choices = (c), KEEL_AT(s, m)      \
	}
#define NUMBER(l, n, s, m)                                                                         \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_NUMBER, .min = -1000000000000,             \
		.max = 1000000000000, KEEL_AT(s, m)                                                \
	}
#define PART(l, n, o, s, m)                                                                        \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_MAP, .of = (o), KEEL_AT(s, m)              \
	}
#define SOME_PART(l, n, o, s, m)                                                                   \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_MAP, .of = (o), .optional = true,          \
		KEEL_AT(s, m)                                                                      \
	}
#define LIST(l, n, i, lo, hi, s, m)                                                                \
	{                                                                                          \
		.label = (l), .name = (n), .kind = KEEL_LIST, .item = (i), .min = (lo),            \
		.max = (hi), .optional = (lo) == 0, KEEL_AT(s, m)                                  \
	}
#define TABLE(id, n, type)                                                                         \
	static const struct keel_schema id##_schema =                                              \
		KEEL_SCHEMA(n, KEEL_AS_MAP, id##_rows, struct type)
#define ITEM(id, n, type)                                                                          \
	TABLE(id, n, type);                                                                        \
	const struct keel_row keel_##id##_row = {                                                  \
		.name = (n), .kind = KEEL_MAP, .of = &id##_schema                                  \
	}

static const char *const transports[] = { "tcp", "udp", "serial", "usb", "radio", "button", NULL };
static const char *const states[] = { "factory", "setup", "operation", "isolated", NULL };
static const char *const classes[] = { "public", "critical", NULL };
static const char *const places[] = { "tpm", "file", NULL };
static const char *const parameter_places[] = { "tpm", "sealed store", "memory", "file", "program",
	"app", NULL };
static const char *const bases[] = { "consent", "contract", "legitimate interest", NULL };
static const char *const whose[] = { "home", "person", NULL };
static const char *const senders[] = { "owner", "guest", NULL };
static const char *const accesses[] = { "read", "write", NULL };
static const char *const reactions[] = { "alert", "isolate", NULL };
static const char *const vouchers[] = { "maker", "system", NULL };

/* clang-format off */
static const struct keel_row maker_rows[] = {
	NAME(1, "name", struct keel_maker, name),
	WORDS(2, "address", struct keel_maker, address),
	{ .label = 3, .name = "key", .kind = KEEL_TEXT, .min = 128, .max = 128, KEEL_AT(struct keel_maker, key),
	  .hint = "the unit-signing key's public point, x and y, as 128 hexadecimal digits" },
};
TABLE(maker, "maker", keel_maker);

static const struct keel_row model_rows[] = {
	NAME(1, "identifier", struct keel_model, identifier),
	NAME(2, "name", struct keel_model, name),
	NAME(3, "type", struct keel_model, type),
	NAME(4, "version", struct keel_model, version),
};
TABLE(model, "model", keel_model);

static const struct keel_row support_rows[] = {
	{ .label = 1, .name = "from", .kind = KEEL_DATE, .min = 10957, .max = 73049, KEEL_AT(struct keel_support, from) },
	{ .label = 2, .name = "until", .kind = KEEL_DATE, .min = 10957, .max = 73049, KEEL_AT(struct keel_support, until) },
	SOME_WORDS(3, "published", struct keel_support, published),
};
TABLE(support, "support", keel_support);

static const struct keel_row vulnerabilities_rows[] = {
	SOME_WORDS(1, "contact", struct keel_vulnerabilities, contact),
	SOME_WORDS(2, "policy", struct keel_vulnerabilities, policy),
	{ .label = 3, .name = "acknowledge", .kind = KEEL_DURATION, .min = 60, .max = 31536000, .optional = true, KEEL_AT(struct keel_vulnerabilities, acknowledge_s) },
	{ .label = 4, .name = "status", .kind = KEEL_DURATION, .min = 60, .max = 31536000, .optional = true, KEEL_AT(struct keel_vulnerabilities, status_s) },
	SOME_WORDS(5, "action", struct keel_vulnerabilities, action),
	SOME_WORDS(6, "monitoring", struct keel_vulnerabilities, monitoring),
};
TABLE(vulnerabilities, "vulnerabilities", keel_vulnerabilities);

const struct keel_row keel_open_row = { .name = "state", .kind = KEEL_CHOICE, .choices = states };
static const struct keel_row interface_rows[] = {
	NAME(1, "name", struct keel_interface, name),
	CHOICE(2, "transport", transports, struct keel_interface, transport),
	{ .label = 3, .name = "port", .kind = KEEL_UINT, .min = 1, .max = 65535, .optional = true, KEEL_AT(struct keel_interface, port) },
	NAME(4, "protocol", struct keel_interface, protocol),
	{ .label = 5, .name = "open", .kind = KEEL_LIST, .item = &keel_open_row, .max = 4, KEEL_AT(struct keel_interface, open) },
	NAME(6, "for", struct keel_interface, people),
	WORDS(7, "purpose", struct keel_interface, purpose),
	{ .label = 8, .name = "debug", .kind = KEEL_BOOL, .optional = true, KEEL_AT(struct keel_interface, debug) },
};
ITEM(interface, "interface", keel_interface);

static const struct keel_row parameter_rows[] = {
	NAME(1, "name", struct keel_parameter, name),
	CHOICE(2, "class", classes, struct keel_parameter, critical),
	CHOICE(3, "kept", parameter_places, struct keel_parameter, kept),
	WORDS(4, "origin", struct keel_parameter, origin),
	WORDS(5, "purpose", struct keel_parameter, purpose),
};
ITEM(parameter, "security parameter", keel_parameter);

static const struct keel_row personal_datum_rows[] = {
	NAME(1, "name", struct keel_personal_datum, name),
	WORDS(2, "purpose", struct keel_personal_datum, purpose),
	CHOICE(3, "basis", bases, struct keel_personal_datum, basis),
	CHOICE(4, "of", whose, struct keel_personal_datum, of),
	{ .label = 5, .name = "for", .kind = KEEL_DURATION, .max = 3153600000, .optional = true, KEEL_AT(struct keel_personal_datum, for_s) },
	NAME(6, "leaves", struct keel_personal_datum, leaves),
	{ .label = 7, .name = "sensitive", .kind = KEEL_BOOL, .optional = true, KEEL_AT(struct keel_personal_datum, sensitive) },
};
ITEM(personal_datum, "personal datum", keel_personal_datum);

static const struct keel_row telemetry_rows[] = {
	NAME(1, "name", struct keel_telemetry, name),
	{ .label = 2, .name = "unit", .kind = KEEL_TEXT, .min = 1, .max = 16, KEEL_AT(struct keel_telemetry, unit) },
	WORDS(3, "purpose", struct keel_telemetry, purpose),
	{ .label = 4, .name = "consent", .kind = KEEL_BOOL, KEEL_AT(struct keel_telemetry, consent) },
	{ .label = 5, .name = "every", .kind = KEEL_DURATION, .min = 1, .max = 31536000, KEEL_AT(struct keel_telemetry, every_s) },
	NUMBER(6, "min", struct keel_telemetry, min),
	NUMBER(7, "max", struct keel_telemetry, max),
	{ .label = 8, .name = "for", .kind = KEEL_DURATION, .min = 60, .max = 3153600000, KEEL_AT(struct keel_telemetry, for_s) },
};
ITEM(telemetry, "telemetry", keel_telemetry);

static const struct keel_row value_rows[] = {
	NAME(1, "name", struct keel_value, name),
	{ .label = 2, .name = "unit", .kind = KEEL_TEXT, .min = 1, .max = 16, KEEL_AT(struct keel_value, unit) },
	NUMBER(3, "min", struct keel_value, min),
	NUMBER(4, "max", struct keel_value, max),
	{ .label = 5, .name = "history", .kind = KEEL_TEXT, .min = 1, .max = 64, .optional = true, KEEL_AT(struct keel_value, history) },
};
ITEM(value, "value", keel_value);

static const struct keel_row message_field_rows[] = {
	NAME(1, "name", struct keel_message_field, name),
	{ .label = 2, .name = "unit", .kind = KEEL_TEXT, .min = 1, .max = 16, KEEL_AT(struct keel_message_field, unit) },
	NUMBER(3, "min", struct keel_message_field, min),
	NUMBER(4, "max", struct keel_message_field, max),
	{ .label = 5, .name = "step", .kind = KEEL_NUMBER, .min = 1, .max = 1000000000, KEEL_AT(struct keel_message_field, step) },
};
ITEM(message_field, "field", keel_message_field);

static const struct keel_row message_rows[] = {
	NAME(1, "name", struct keel_message, name),
	CHOICE(2, "from", senders, struct keel_message, from),
	{ .label = 3, .name = "fields", .kind = KEEL_LIST, .item = &keel_message_field_row, .max = 16, KEEL_AT(struct keel_message, fields) },
	{ .label = 4, .name = "may_wait", .kind = KEEL_DURATION, .min = 1, .max = 86400, .optional = true, KEEL_AT(struct keel_message, may_wait_s) },
	{ .label = 5, .name = "remembered", .kind = KEEL_BOOL, .optional = true, KEEL_AT(struct keel_message, remembered) },
};
ITEM(message, "message", keel_message);

static const struct keel_row hardware_rows[] = {
	NAME(1, "name", struct keel_hardware, name),
	NAME(2, "file", struct keel_hardware, file),
	CHOICE(3, "access", accesses, struct keel_hardware, access),
};
ITEM(hardware, "hardware", keel_hardware);

static const struct keel_row autonomy_rows[] = {
	NAME(1, "function", struct keel_autonomy, function),
	WORDS(2, "without_network", struct keel_autonomy, without_network),
	WORDS(3, "after_power_cut", struct keel_autonomy, after_power_cut),
	SOME_WORDS(4, "fallback", struct keel_autonomy, fallback),
};
ITEM(autonomy, "function", keel_autonomy);

const struct keel_row keel_on_change_row = { .name = "reaction", .kind = KEEL_CHOICE, .choices = reactions };
static const struct keel_row integrity_rows[] = {
	{ .label = 1, .name = "on_change", .kind = KEEL_LIST, .item = &keel_on_change_row, .max = 2, KEEL_AT(struct keel_integrity, on_change) },
	SOME_WORDS(2, "boot", struct keel_integrity, boot),
};
TABLE(integrity, "integrity", keel_integrity);

static const struct keel_row update_rows[] = {
	{ .label = 1, .name = "automatic", .kind = KEEL_BOOL, KEEL_AT(struct keel_update, automatic) },
	{ .label = 2, .name = "check", .kind = KEEL_DURATION, .min = 60, .max = 31536000, KEEL_AT(struct keel_update, check_s) },
	{ .label = 3, .name = "postpone", .kind = KEEL_DURATION, .max = 31536000, .optional = true, KEEL_AT(struct keel_update, postpone_s) },
	WORDS(4, "mechanism", struct keel_update, mechanism),
	SOME_WORDS(5, "notice", struct keel_update, notice),
};
TABLE(update, "update", keel_update);

static const struct keel_row decision_rows[] = {
	WORDS(1, "ask", struct keel_decision, ask),
	{ .label = 2, .name = "default", .kind = KEEL_BOOL, KEEL_AT(struct keel_decision, preset) },
	{ .label = 3, .name = "datum", .kind = KEEL_TEXT, .min = 1, .max = 64, .optional = true, KEEL_AT(struct keel_decision, datum) },
};
ITEM(decision, "decision", keel_decision);

static const struct keel_row setup_rows[] = {
	LIST(1, "decisions", &keel_decision_row, 0, 16, struct keel_setup, decisions),
	SOME_WORDS(2, "guide", struct keel_setup, guide),
	SOME_WORDS(3, "check", struct keel_setup, check),
};
TABLE(setup, "setup", keel_setup);

static const struct keel_row sensing_rows[] = {
	NAME(1, "sensor", struct keel_sensing, sensor),
	WORDS(2, "purpose", struct keel_sensing, purpose),
};
ITEM(sensing, "sensor", keel_sensing);

static const struct keel_row deletion_rows[] = {
	WORDS(1, "how", struct keel_deletion, how),
	SOME_WORDS(2, "instructions", struct keel_deletion, instructions),
};
TABLE(deletion, "deletion", keel_deletion);

static const struct keel_row practice_rows[] = {
	SOME_WORDS(1, "development", struct keel_practice, development),
	SOME_WORDS(2, "updates", struct keel_practice, updates),
	SOME_WORDS(3, "components", struct keel_practice, components),
	SOME_WORDS(4, "cryptography", struct keel_practice, cryptography),
	SOME_WORDS(5, "parameters", struct keel_practice, parameters),
	SOME_WORDS(6, "hardware", struct keel_practice, hardware),
};
TABLE(practice, "practice", keel_practice);

static const struct keel_row exception_rows[] = {
	{ .label = 1, .name = "provision", .kind = KEEL_TEXT, .min = 3, .max = 8, KEEL_AT(struct keel_exception, provision) },
	WORDS(2, "reason", struct keel_exception, reason),
};
ITEM(exception, "exception", keel_exception);

static const struct keel_row service_rows[] = {
	{ .label = 1, .name = "url", .kind = KEEL_TEXT, .min = 9, .max = KEEL_SERVICE_URL_MAX, KEEL_AT(struct keel_service, url),
	  .hint = "its origin, https:// and a host, like https://fleet.example, and nothing behind but perhaps a port, 128 bytes in all" },
	CHOICE(2, "trust", vouchers, struct keel_service, trust),
	{ .label = 3, .name = "key", .kind = KEEL_TEXT, .min = 128, .max = 128, KEEL_AT(struct keel_service, key),
	  .hint = "the service root key's public point, x and y, as 128 hexadecimal digits" },
	{ .label = 4, .name = "drift", .kind = KEEL_NUMBER, .min = 1, .max = 3600000, KEEL_AT(struct keel_service, drift),
	  .hint = "how many seconds a day the clock may be wrong, from 0.001 to 3600" },
};
TABLE(service, "service", keel_service);

static const struct keel_row product_rows[] = {
	{ .label = 1, .name = "keel", .kind = KEEL_UINT, .min = KEEL_DECLARATION_FORM, .max = KEEL_DECLARATION_FORM, KEEL_AT(struct keel_product, version) },
	PART(2, "maker", &maker_schema, struct keel_product, maker),
	PART(3, "model", &model_schema, struct keel_product, model),
	CHOICE(4, "keys", places, struct keel_product, keys),
	PART(5, "support", &support_schema, struct keel_product, support),
	SOME_PART(6, "vulnerabilities", &vulnerabilities_schema, struct keel_product, vulnerabilities),
	LIST(7, "interfaces", &keel_interface_row, 1, 64, struct keel_product, interfaces),
	LIST(8, "security_parameters", &keel_parameter_row, 0, 64, struct keel_product, parameters),
	LIST(9, "personal_data", &keel_personal_datum_row, 0, 16, struct keel_product, personal_data),
	LIST(10, "telemetry", &keel_telemetry_row, 0, 64, struct keel_product, telemetry),
	LIST(11, "values", &keel_value_row, 0, 32, struct keel_product, values),
	LIST(12, "messages", &keel_message_row, 0, 32, struct keel_product, messages),
	LIST(13, "hardware", &keel_hardware_row, 0, 32, struct keel_product, hardware),
	LIST(14, "autonomy", &keel_autonomy_row, 0, 32, struct keel_product, autonomy),
	SOME_PART(15, "integrity", &integrity_schema, struct keel_product, integrity),
	SOME_PART(16, "update", &update_schema, struct keel_product, update),
	SOME_PART(17, "setup", &setup_schema, struct keel_product, setup),
	LIST(18, "sensing", &keel_sensing_row, 0, 32, struct keel_product, sensing),
	SOME_PART(19, "deletion", &deletion_schema, struct keel_product, deletion),
	SOME_PART(20, "practice", &practice_schema, struct keel_product, practice),
	LIST(21, "exceptions", &keel_exception_row, 0, 80, struct keel_product, exceptions),
	SOME_PART(22, "service", &service_schema, struct keel_product, service),
};
const struct keel_schema keel_product_schema = KEEL_SCHEMA("product", KEEL_AS_MAP, product_rows, struct keel_product);
/* clang-format on */

enum keel_err keel_product_read(struct keel_bytes compiled, struct keel_product *out)
{
	return keel_schema_read(&keel_product_schema, compiled, out, NULL);
}

enum keel_err keel_product_maker_key(const struct keel_product *p, uint8_t xy[64])
{
	return keel_hex_read(p->maker.key, xy, 64);
}

enum keel_err keel_product_service_key(const struct keel_product *p, uint8_t xy[64])
{
	return keel_hex_read(p->service.key, xy, 64);
}

bool keel_interface_is_open(const struct keel_interface *i, uint64_t state)
{
	struct keel_list rest = i->open;
	uint64_t open;
	while (keel_list_next(&keel_open_row, &rest, &open))
		if (open == state)
			return true;
	return false;
}

/* Days to a civil date, by years that begin in March. */
void keel_date_write(int64_t days, char out[11])
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t parts[3] = { 0, mp < 10 ? mp + 3 : mp - 9, doy - (153 * mp + 2) / 5 + 1 };
	parts[0] = yoe + era * 400 + (parts[1] <= 2);
	for (int i = 3; i >= 0; i--, parts[0] /= 10)
		out[i] = (char)('0' + parts[0] % 10);
	out[4] = out[7] = '-';
	out[5] = (char)('0' + parts[1] / 10);
	out[6] = (char)('0' + parts[1] % 10);
	out[8] = (char)('0' + parts[2] / 10);
	out[9] = (char)('0' + parts[2] % 10);
	out[10] = '\0';
}
