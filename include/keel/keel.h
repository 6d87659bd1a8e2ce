/*
 * libkeel: what a product's own program needs, and nothing else.
 *
 * The program runs as keeld's app room: no network, no files but the hardware that product.yaml
 * gives it. Commands have passed the owner's signature, the declaration's ranges and the replay
 * check before they come here. Whatever else is down, the program goes on (EN 303 645 5.9-2).
 *
 *	static void set(struct keel *k, const struct keel_command *c, void *self) { ... }
 *	static void step(struct keel *k, void *self) { ... keel_report(k, "temperature", 20.5); }
 *
 *	int main(void)
 *	{
 *		static struct state s;
 *		static const struct keel_on on[] = { { "set temperature", set } };
 *		return keel_run(&(struct keel_program){ .period_ms = 10000, .step = step, .on = on,
 *			.on_count = 1, .self = &s });
 *	}
 */
#ifndef KEEL_KEEL_H
#define KEEL_KEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct keel;

/** One command of an owner, already authorised and within the declared ranges. */
struct keel_command {
	const char *message;
	size_t count;
	struct keel_field {
		const char *name;
		double value; /* in the declared unit */
	} field[16];
	time_t time; /* when the device accepted it; 0: it did not know the time */
};

/** The value of a declared field; 0 where the command has no such field. */
double keel_field(const struct keel_command *c, const char *name);

/** What to do on a message of the declaration. Valid during the call: the command. */
struct keel_on {
	const char *message;
	void (*act)(struct keel *k, const struct keel_command *c, void *self);
};

struct keel_program {
	unsigned period_ms; /* between two steps: the control period */
	/** Called at once at the start, every period, and after each command. */
	void (*step)(struct keel *k, void *self);
	/** The data that it wants back at its start, by name, NULL at the end. May be NULL. */
	const char *const *recall;
	/** Gets each of them, once the vault is there; n is 0 where nothing is kept. */
	void (*recalled)(
		struct keel *k, const char *datum, const void *value, size_t n, void *self);
	const struct keel_on *on; /* at most 8 */
	size_t on_count;
	/**
	 * Up to KEEL_MEMORY_MAX bytes that survive a restart of this program (not a power cut: what
	 * must survive that is kept, or is a command that the declaration marks as remembered).
	 * Zero at the first start, and after the owner deleted the home's data. May be NULL.
	 */
	void *memory;
	size_t memory_size;
	void *self; /* handed to the functions above */
};
#define KEEL_MEMORY_MAX 2000

/**
 * Connects to keeld, takes away the rights that the program does not need, and runs it until keeld
 * ends it. Returns the exit status for main; 2 with a sentence on stderr where it is not keeld
 * that started it.
 */
int keel_run(const struct keel_program *p);

/**
 * Tells a declared value ("temperature", 20.5) or telemetry ("burner starts", 7), together with what else
 * is reported until the step ends. A name that is declared as both is both: owners see it, and the
 * maker's service gets the last one, as often as declared. Never blocks; lost while the vault is away.
 */
void keel_report(struct keel *k, const char *name, double value);

/** Keeps a declared datum in its compartment (at most 4096 bytes); replaces the one before. Tried
 * again by itself while the vault is away. */
void keel_keep(struct keel *k, const char *datum, const void *value, size_t n);

/** The descriptor of a declared piece of hardware; -1 where the declaration has none so named. */
int keel_hardware(const struct keel *k, const char *name);

/** A line in the device's log: a constant word and a number; never a personal datum. */
void keel_log(struct keel *k, const char *event, double number);

/** The local time. False while the device does not know it (no clock set since power-on). */
bool keel_time(const struct keel *k, struct tm *out);

/** Milliseconds since some start; never goes back. */
uint64_t keel_uptime_ms(const struct keel *k);

#ifdef __cplusplus
}
#endif

#endif
