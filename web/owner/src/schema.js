/*
 * What a message may look like, as tables: a map with labelled rows becomes an object with names.
 * An unknown label, a missing row, a wrong type or length throws, before anything uses a value.
 */
import { decode, encode } from './cbor.js';

class FormError extends Error {}

function fail(what) {
	throw new FormError(`The answer does not have the form that it should have (${what}).`);
}

export const bytes = (min, max = min) => (v, at) =>
	v instanceof Uint8Array && v.length >= min && v.length <= max ? v : fail(at);
export const anyBytes = bytes(0, Infinity);
/* Padding: zeros, and no place to hide something in. */
export const zeros = (max) => (v, at) => (bytes(0, max)(v, at).every((b) => b === 0) ? v : fail(at));
export const text = (min, max) => (v, at) =>
	typeof v === 'string' && v.length >= min && v.length <= max ? v : fail(at);
export const int = (v, at) => (Number.isSafeInteger(v) ? v : fail(at));
export const uint = (v, at) => (Number.isSafeInteger(v) && v >= 0 ? v : fail(at));
export const bool = (v, at) => (typeof v === 'boolean' ? v : fail(at));
export const constant = (want) => (v, at) => (v === want ? v : fail(at));
/* A structure that stands inside another as it is (a Sign1 in an answer), as its own bytes again. */
export const embedded = (v) => encode(v);
export const anyMap = (v, at) => (v instanceof Map ? v : fail(at));
export const list = (item) => (v, at) => (Array.isArray(v) ? v.map((x) => item(x, at)) : fail(at));
export const optional = (type) => Object.assign((v, at) => type(v, at), { optional: true });

/* An array of fixed places: tuple({ name: type, ... }), in this order. */
export const tuple = (rows) => {
	const names = Object.entries(rows);
	return (v, at) => {
		if (!Array.isArray(v) || v.length !== names.length) fail(at);
		return Object.fromEntries(names.map(([name, type], i) => [name, type(v[i], `${at}, ${name}`)]));
	};
};

/* A map with integer labels: map({ name: [label, type], ... }). */
export const map = (rows) => {
	const labels = new Set(Object.values(rows).map(([label]) => label));
	return (v, at) => {
		if (!(v instanceof Map)) fail(at);
		for (const label of v.keys()) if (!labels.has(label)) fail(`${at}, label ${label}`);
		const out = {};
		for (const [name, [label, type]] of Object.entries(rows)) {
			if (v.has(label)) out[name] = type(v.get(label), `${at}, ${name}`);
			else if (!type.optional) fail(`${at}, ${name} is missing`);
		}
		return out;
	};
};

/* Bytes that were decoded and checked in one step. */
export function read(type, encoded, at) {
	let value;
	try {
		value = decode(encoded);
	} catch {
		fail(at);
	}
	return type(value, at);
}
