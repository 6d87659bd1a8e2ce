/* @NAME@ over libkeel: keel/keel.h is the manual. Names are those of product.yaml. */
#include <keel/keel.h>

struct lamp {
	double light; /* percent */
};

/* A command comes here only if an owner signed it and it lies in the declared range. */
static void dim(struct keel *k, const struct keel_command *c, void *self)
{
	struct lamp *lamp = self;
	(void)k;
	lamp->light = keel_field(c, "light");
}

/* Every second, and after each command: here the hardware would be driven. */
static void step(struct keel *k, void *self)
{
	const struct lamp *lamp = self;
	keel_report(k, "light", lamp->light);
}

int main(void)
{
	static struct lamp lamp = { .light = 100 };
	static const struct keel_on on[] = { { "dim", dim } };
	return keel_run(&(struct keel_program){
		.period_ms = 1000, .step = step, .on = on, .on_count = 1, .self = &lamp });
}
