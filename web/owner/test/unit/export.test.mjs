import '../setup.mjs';
import assert from 'node:assert/strict';
import test from 'node:test';
import { encode } from '../../src/cbor.js';
import { exported } from '../../src/export.js';
import { readProduct } from '../../src/product.js';
import { heating } from '../product.mjs';

const product = readProduct(heating);
const of = (name, value) => exported({ name, time: 1764300000, value }, product);
const raw = (bytes, base64url) => ({ time: '2025-11-28T03:20:00.000Z', encoding: 'the product’s own', bytes, base64url });

test('a point of a history is exported as a number with its unit', () => {
	assert.deepEqual(of('temperature history', encode(19500)), { name: 'temperature history', time: '2025-11-28T03:20:00.000Z', value: 19.5, unit: 'Cel' });
});

/* 0x01 alone is CBOR for 1: what a program keeps is not to be taken for a number that it is not. */
test('what the product kept in its own encoding is called that, with its length, even where it looks like CBOR', () => {
	assert.deepEqual(of('presence', Uint8Array.of(1)), { name: 'presence', ...raw(1, 'AQ'), read: undefined });
	assert.deepEqual(of('presence', new Uint8Array(0)), { name: 'presence', ...raw(0, ''), read: undefined });
	assert.deepEqual(of('temperature history', Uint8Array.of(0xff)), { name: 'temperature history', ...raw(1, '_w'), read: undefined });
});

test('a schedule is given whole, and as a person reads it', () => {
	const { read, ...row } = of('schedule', Uint8Array.of(0x68, 0x01, 0x34, 0x08));
	assert.deepEqual(row, { name: 'schedule', ...raw(4, 'aAE0CA') });
	assert.deepEqual(read, [{ day: 'Monday', time: '06:00', value: 21 }]);
	assert.equal(of('schedule', Uint8Array.of(1, 2, 3)).read, undefined);
});
