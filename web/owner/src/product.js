/*
 * What the compiled declaration says, as the screens need it: names, units, ranges, purposes.
 * Labels are those of src/profile; what the screens do not use is passed over.
 */
import { decode } from './cbor.js';

export const labels = {
	root: { model: 3, data: 9, values: 11, messages: 12 },
	model: { identifier: 1, name: 2, type: 3 },
	datum: { name: 1, purpose: 2, basis: 3, of: 4, for: 5, leaves: 6, sensitive: 7 },
	value: { name: 1, unit: 2, min: 3, max: 4, history: 5 },
	message: { name: 1, from: 2, fields: 3, mayWait: 4, remembered: 5 },
	field: { name: 1, unit: 2, min: 3, max: 4, step: 5 },
};
export const from = { owner: 0, guest: 1 };

export const noProduct = { model: {}, messages: [], data: [], values: [] };

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
	return { model: members(root.model, labels.model), data: rows(root.data, labels.datum), values: rows(root.values, labels.value),
		messages: messages.filter((m) => m.fields.every(settable)) };
}

export const valueOf = (product, name) => product.values.find((v) => v.name === name);
export const unitOf = (product, name) => valueOf(product, name)?.unit;

export function isSchedule(message, product) {
	const names = message.fields.map((f) => f.name);
	if (names.length === 3 && names.includes('day') && names.includes('minute')) return true;
	return message.fields.length === 0 && product.messages.some((m) => message.name === `clear ${m.name}` && isSchedule(m, { messages: [] }));
}

/* The one that the first screen is about: a message with a single number. */
export function mainMessage(product) {
	return product.messages.find((m) => m.fields.length === 1 && m.fields[0].min < m.fields[0].max);
}

/*
 * The values that belong to a message's field: the one that the product is asked for has the field's own
 * unit and range (a setpoint), the one that is so now shares the unit only.
 */
export function valuesFor(product, field, values) {
	const same = values.filter((v) => unitOf(product, v.name) === field.unit);
	const isTarget = ({ name }) => valueOf(product, name).min === field.min && valueOf(product, name).max === field.max;
	return { target: same.find(isTarget), now: same.find((v) => !isTarget(v)) };
}

export const isYesNo = (value) => value?.unit === '1' && value.min === 0 && value.max === 1000;
export const guestMay = (product) => product.messages.filter((m) => m.from === from.guest);
