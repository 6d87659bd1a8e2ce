#include "device/declared.h"

#include <string.h>

#include "keel/profile.h"

static enum keel_err name_copy(struct keel_bytes name, char *out, size_t size)
{
	if (name.n >= size)
		return KEEL_EFULL;
	memcpy(out, name.p, name.n);
	out[name.n] = '\0';
	return KEEL_OK;
}

static enum keel_err add_port(struct keel_declared *d, const struct keel_interface *i)
{
	bool socket = i->transport == KEEL_TRANSPORT_TCP || i->transport == KEEL_TRANSPORT_UDP;
	if (!socket || i->port == 0)
		return KEEL_OK; /* no socket: nothing to open, nothing to watch */
	if (d->port_count == KEEL_PORTS_MAX)
		return KEEL_EFULL;
	struct keel_port *p = &d->ports[d->port_count++];
	p->udp = i->transport == KEEL_TRANSPORT_UDP;
	p->https = keel_bytes_is(i->protocol, "https");
	p->port = (uint16_t)i->port;
	for (unsigned state = 0; state < STATE_COUNT; state++)
		p->states |= keel_interface_is_open(i, state) ? 1u << state : 0;
	return name_copy(i->name, p->name, sizeof(p->name));
}

static enum keel_err add_thing(struct keel_declared *d, const struct keel_hardware *h)
{
	if (d->thing_count == KEEL_THINGS_MAX)
		return KEEL_EFULL;
	struct keel_thing *t = &d->things[d->thing_count++];
	t->writes = h->access == KEEL_ACCESS_WRITE;
	enum keel_err e = name_copy(h->name, t->name, sizeof(t->name));
	return e == KEEL_OK ? name_copy(h->file, t->path, sizeof(t->path)) : e;
}

enum keel_err keel_declared_read(struct keel_bytes product, struct keel_declared *out)
{
	struct keel_product p;
	struct keel_interface i;
	struct keel_hardware h;
	struct keel_declared d = { 0 };
	enum keel_err e = keel_product_read(product, &p);
	if (e != KEEL_OK)
		return e;
	d.integrity = keel_has(&p, KEEL_PRODUCT_INTEGRITY);
	d.service = keel_has(&p, KEEL_PRODUCT_SERVICE);
	d.trust = p.service.trust;
	struct keel_list rest = p.interfaces;
	while (e == KEEL_OK && keel_list_next(&keel_interface_row, &rest, &i))
		e = add_port(&d, &i);
	rest = p.hardware;
	while (e == KEEL_OK && keel_list_next(&keel_hardware_row, &rest, &h))
		e = add_thing(&d, &h);
	if (e == KEEL_OK)
		*out = d;
	return e;
}
