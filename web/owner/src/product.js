/*
 * What the compiled declaration says, as the screens need it: names, units, ranges, purposes.
 * Labels are those of src/profile; what the screens do not use is passed over.
 */
import { decode } from './cbor.js';

export const labels = {
	root: { product: 2, data: 6, telemetry: 7, messages: 8 },
	message: { name: 1, from: 2, fields: 3 },
	field: { name: 1, unit: 2, min: 3, max: 4, step: 5 },
	datum: { name: 1, purpose: 2, unit: 3, keptFor: 4, history: 5 },
	telemetry: { name: 1, unit: 2 },
};

export const noProduct = { messages: [], data: [], telemetry: [] };

function members(map, names) {
	if (!(map instanceof Map)) return {};
	return Object.fromEntries(Object.entries(names).map(([name, label]) => [name, map.get(label)]));
}
const rows = (value, names) => (Array.isArray(value) ? value : []).map((m) => members(m, names)).filter((m) => typeof m.name === 'string');

/* Numbers of the declaration are thousandths, as everywhere. Without a range there is nothing to set. */
const settable = (f) => Number.isSafeInteger(f.min) && Number.isSafeInteger(f.max) && f.min <= f.max;

export function readProduct(bytes) {
	const root = members(decode(bytes), labels.root);
	const messages = rows(root.messages, labels.message).map((m) => ({ ...m, fields: rows(m.fields, labels.field) }));
	return { data: rows(root.data, labels.datum), telemetry: rows(root.telemetry, labels.telemetry),
		messages: messages.filter((m) => m.fields.every(settable)) };
}

/* The unit of a declared value; that of a message's field for a value that is named like the field's message. */
export function unitOf(product, name) {
	const declared = [...product.data, ...product.telemetry].find((d) => d.name === name)?.unit;
	if (declared) return declared;
	const set = product.messages.find((m) => m.name === `set ${name}` || (name === 'setpoint' && m.name.startsWith('set ')));
	return set?.fields[0]?.unit;
}

export function isSchedule(message, product) {
	const names = message.fields.map((f) => f.name);
	if (names.length === 3 && names.includes('day') && names.includes('minute')) return true;
	return message.fields.length === 0 && product.messages.some((m) => message.name === `clear ${m.name}` && isSchedule(m, { messages: [] }));
}

/* The one that the first screen is about: a message with a single number. */
export function mainMessage(product) {
	return product.messages.find((m) => m.fields.length === 1 && m.fields[0].min < m.fields[0].max);
}
