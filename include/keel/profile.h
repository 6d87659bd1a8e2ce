/*
 * A product's declaration as programs see it: product.yaml, compiled to deterministic CBOR by
 * `keel compile`, read here without YAML and without a heap. product.yaml(5) tells what each field
 * means to a maker. One table (src/profile/product.c) serves YAML, CBOR and this struct.
 *
 * Views and lists live as long as the compiled bytes.
 */
#ifndef KEEL_PROFILE_H
#define KEEL_PROFILE_H

#include "core/schema.h"

#define KEEL_PRODUCT_MAX                                                                           \
	15360 /* compiled: fits whole into an answer to an owner (docs/protocol.md) */
#define KEEL_DECLARATION_FORM 1 /* keel: 1, in its first line */

/* clang-format off */
enum { KEEL_TRANSPORT_TCP, KEEL_TRANSPORT_UDP, KEEL_TRANSPORT_SERIAL, KEEL_TRANSPORT_USB,
	KEEL_TRANSPORT_RADIO, KEEL_TRANSPORT_BUTTON };
/* clang-format on */
enum { KEEL_KEPT_TPM, KEEL_KEPT_FILE };
enum { KEEL_BASIS_CONSENT, KEEL_BASIS_CONTRACT, KEEL_BASIS_INTEREST };
enum { KEEL_DATUM_OF_HOME, KEEL_DATUM_OF_PERSON };
enum { KEEL_FROM_OWNER, KEEL_FROM_GUEST };
enum { KEEL_ACCESS_READ, KEEL_ACCESS_WRITE };
enum { KEEL_ON_CHANGE_ALERT, KEEL_ON_CHANGE_ISOLATE };
enum { KEEL_TRUST_MAKER, KEEL_TRUST_SYSTEM };

struct keel_maker {
	uint32_t has;
	struct keel_bytes name, address, key; /* key: 128 hexadecimal digits, x ‖ y */
};

struct keel_model {
	uint32_t has;
	struct keel_bytes identifier, name, type, version;
};

struct keel_support {
	uint32_t has;
	int64_t from, until; /* days since 1970-01-01 */
	struct keel_bytes published;
};

struct keel_vulnerabilities {
	uint32_t has;
	struct keel_bytes contact, policy;
	uint64_t acknowledge_s, status_s;
	struct keel_bytes action, monitoring;
};

struct keel_interface {
	uint32_t has;
	struct keel_bytes name;
	uint64_t transport;
	uint64_t port; /* optional: tcp, udp */
	struct keel_bytes protocol;
	/* Choices: states, in the order factory, setup, operation, isolated. */
	struct keel_list open;
	struct keel_bytes people, purpose;
	bool debug;
};

struct keel_parameter {
	uint32_t has;
	struct keel_bytes name;
	uint64_t critical; /* choice public, critical */
	uint64_t kept;
	struct keel_bytes origin, purpose;
};

struct keel_personal_datum {
	uint32_t has;
	struct keel_bytes name, purpose;
	uint64_t basis, of;
	uint64_t for_s; /* 0: until it is deleted */
	struct keel_bytes leaves;
	bool sensitive;
};

struct keel_telemetry {
	uint32_t has;
	struct keel_bytes name, unit, purpose;
	bool consent;
	uint64_t every_s;
	int64_t min, max; /* thousandths */
	uint64_t for_s;   /* how long the service keeps it */
};

struct keel_value {
	uint32_t has;
	struct keel_bytes name, unit;
	int64_t min, max;          /* thousandths */
	struct keel_bytes history; /* optional: the personal datum that keeps it */
};

struct keel_message_field {
	uint32_t has;
	struct keel_bytes name, unit;
	int64_t min, max, step; /* thousandths */
};

struct keel_message {
	uint32_t has;
	struct keel_bytes name;
	uint64_t from;
	struct keel_list fields; /* keel_message_field_row */
	uint64_t may_wait_s;     /* optional */
	bool remembered;
};

struct keel_hardware {
	uint32_t has;
	struct keel_bytes name, file;
	uint64_t access;
};

struct keel_autonomy {
	uint32_t has;
	struct keel_bytes function, without_network, after_power_cut, fallback;
};

struct keel_integrity {
	uint32_t has;
	struct keel_list on_change;
	struct keel_bytes boot;
};

struct keel_update {
	uint32_t has;
	bool automatic;
	uint64_t check_s, postpone_s;
	struct keel_bytes mechanism, notice;
};

struct keel_decision {
	uint32_t has;
	struct keel_bytes ask;
	bool preset;
	struct keel_bytes datum; /* optional: whose consent it is */
};

struct keel_setup {
	uint32_t has;
	struct keel_list decisions;
	struct keel_bytes guide, check;
};

struct keel_sensing {
	uint32_t has;
	struct keel_bytes sensor, purpose;
};

struct keel_deletion {
	uint32_t has;
	struct keel_bytes how, instructions;
};

struct keel_exception {
	uint32_t has;
	struct keel_bytes provision, reason;
};

/** What the maker confirms about its own house (EN 303 645 IXIT 4-Conf, 5, 8, 14, 19). */
struct keel_practice {
	uint32_t has;
	struct keel_bytes development, updates, components, cryptography, parameters, hardware;
};

/** What a session's token has room for (docs/service.md). */
#define KEEL_SERVICE_URL_MAX 128

/** The maker's service that the device calls (docs/service.md). */
struct keel_service {
	uint32_t has;
	struct keel_bytes url; /* an origin: https, host and perhaps a port */
	uint64_t trust; /* who vouches for its TLS certificate: KEEL_TRUST_MAKER or _SYSTEM */
	struct keel_bytes key; /* the service root: 128 hexadecimal digits, x ‖ y */
	int64_t drift;         /* of the device's clock: thousandths of a second a day */
};

struct keel_product {
	uint32_t has;
	uint64_t version; /* of the declaration's form: 1 */
	struct keel_maker maker;
	struct keel_model model;
	uint64_t keys; /* where the device keeps its keys: KEEL_KEPT_TPM or _FILE */
	struct keel_support support;
	struct keel_vulnerabilities vulnerabilities;
	struct keel_list interfaces, parameters, personal_data, telemetry, values, messages,
		hardware, autonomy;
	struct keel_integrity integrity;
	struct keel_update update;
	struct keel_setup setup;
	struct keel_list sensing;
	struct keel_deletion deletion;
	struct keel_practice practice;
	struct keel_list exceptions;
	struct keel_service service; /* optional */
};

/* Rows of the whole, for keel_has. */
/* clang-format off */
enum { KEEL_PRODUCT_VERSION, KEEL_PRODUCT_MAKER, KEEL_PRODUCT_MODEL, KEEL_PRODUCT_KEYS,
	KEEL_PRODUCT_SUPPORT, KEEL_PRODUCT_VULNERABILITIES, KEEL_PRODUCT_INTERFACES,
	KEEL_PRODUCT_PARAMETERS, KEEL_PRODUCT_PERSONAL_DATA, KEEL_PRODUCT_TELEMETRY,
	KEEL_PRODUCT_VALUES, KEEL_PRODUCT_MESSAGES, KEEL_PRODUCT_HARDWARE, KEEL_PRODUCT_AUTONOMY,
	KEEL_PRODUCT_INTEGRITY, KEEL_PRODUCT_UPDATE, KEEL_PRODUCT_SETUP, KEEL_PRODUCT_SENSING,
	KEEL_PRODUCT_DELETION, KEEL_PRODUCT_PRACTICE, KEEL_PRODUCT_EXCEPTIONS,
	KEEL_PRODUCT_SERVICE };
/* clang-format on */

extern const struct keel_schema keel_product_schema;
/* To walk the lists with keel_list_next. */
extern const struct keel_row keel_interface_row, keel_parameter_row, keel_personal_datum_row,
	keel_telemetry_row, keel_value_row, keel_message_row, keel_message_field_row,
	keel_hardware_row, keel_autonomy_row, keel_decision_row, keel_sensing_row,
	keel_exception_row, keel_open_row, keel_on_change_row;

/** Reads a compiled declaration, checked whole. KEEL_ESHORT, KEEL_EFORM, KEEL_ERANGE. */
KEEL_CHECKED enum keel_err keel_product_read(struct keel_bytes compiled, struct keel_product *out);

/** The maker's unit-signing key. KEEL_EFORM: no 128 hexadecimal digits. */
KEEL_CHECKED enum keel_err keel_product_maker_key(const struct keel_product *p, uint8_t xy[64]);
/** The service root's key. KEEL_EFORM: no 128 hexadecimal digits, or no service is declared. */
KEEL_CHECKED enum keel_err keel_product_service_key(const struct keel_product *p, uint8_t xy[64]);

/** Whether an interface is declared open in a state (0 factory, 1 setup, 2 operation, 3 isolated). */
bool keel_interface_is_open(const struct keel_interface *i, uint64_t state);

/** A date as text, 2033-12-01 and NUL. */
void keel_date_write(int64_t days, char out[11]);

#endif
