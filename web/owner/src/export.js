/*
 * What is kept, as a person's file shows it. A history is numbers of a declared unit; everything else was kept by the
 * product's program in an encoding of its own: said so, given whole, and a schedule is read as well.
 */
import { toB64url } from './bytes.js';
import { decode } from './cbor.js';
import { isSchedule } from './product.js';
import { readEntries } from './schedule.js';
import { clock, days } from './words.js';

const number = (bytes) => {
	const thousandths = decode(bytes);
	if (!Number.isSafeInteger(thousandths)) throw new Error('not a number');
	return thousandths / 1000;
};

const week = (bytes) => readEntries(bytes).map((e) => ({ day: days[e.day], time: clock(e.minute), value: e.value / 1000 }));

const orNothing = (read, bytes) => {
	try {
		return read(bytes);
	} catch {
		return undefined;
	}
};

export function exported({ name, time, value }, product) {
	const row = { name, time: time ? new Date(time * 1000).toISOString() : null };
	const history = product.values.find((v) => v.history === name);
	const point = history && orNothing(number, value);
	if (point !== undefined) return { ...row, value: point, unit: history.unit };
	const message = product.messages.find((m) => m.name === name && isSchedule(m, product));
	return { ...row, encoding: 'the product’s own', bytes: value.length, base64url: toB64url(value), read: message && orNothing(week, value) };
}
