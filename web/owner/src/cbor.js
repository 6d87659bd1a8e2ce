/* Deterministic CBOR (RFC 8949 §4.2.1), written and read strictly, over cborg. */
import { decode as decodeAny, encode as encodeAny, rfc8949EncodeOptions } from 'cborg';
import { equal } from './bytes.js';

const strict = { useMaps: true, strict: true, allowIndefinite: false, allowUndefined: false,
	allowNaN: false, allowInfinity: false, rejectDuplicateMapKeys: true };

export function encode(value) {
	return encodeAny(value, rfc8949EncodeOptions);
}

/* cborg does not look at the order of keys or the form of floats: written again, it must be the same. */
export function decode(bytes) {
	const value = decodeAny(bytes, strict);
	if (!equal(encode(value), bytes)) throw new Error('CBOR is not deterministic');
	return value;
}

/* How long the head of an item is that has this argument. */
export function headLength(n) {
	return n < 24 ? 1 : n < 0x100 ? 2 : n < 0x10000 ? 3 : 5;
}

/* A map from an object whose keys are integer labels; undefined members stay out. */
export function map(members) {
	const out = new Map();
	for (const [label, value] of Object.entries(members))
		if (value !== undefined) out.set(Number(label), value);
	return out;
}
