import '../setup.mjs';
import assert from 'node:assert/strict';
import test from 'node:test';
import { encode } from '../../src/cbor.js';
import { guestMay, isSchedule, isYesNo, mainMessage, readProduct, unitOf, valueOf, valuesFor } from '../../src/product.js';
import { readEntries } from '../../src/schedule.js';
import { heating } from '../product.mjs';

const product = readProduct(heating);
const values = ['temperature', 'setpoint', 'burner power'].map((name) => ({ name, value: 0, age: 0 }));

test('the declaration gives the screens their controls, units and ranges', () => {
	const main = mainMessage(product);
	assert.equal(main.name, 'set temperature');
	assert.deepEqual(main.fields, [{ name: 'celsius', unit: 'Cel', min: 5000, max: 30000, step: 500 }]);
	const { now, target } = valuesFor(product, main.fields[0], values);
	assert.deepEqual([now.name, target.name], ['temperature', 'setpoint']);
	assert.equal(unitOf(product, 'burner power'), '%');
	assert.equal(unitOf(product, 'unheard of'), undefined);
	assert.deepEqual(['temperature', 'sensor fault'].map((n) => isYesNo(valueOf(product, n))), [false, true]);
	assert.deepEqual(guestMay(product).map((m) => m.name), ['set temperature']);
});

test('a week is known by its fields, whatever its name', () => {
	assert.deepEqual(product.messages.filter((m) => isSchedule(m, product)).map((m) => m.name), ['schedule', 'clear schedule']);
});

test('a declaration without messages, or another map, gives no controls', () => {
	assert.deepEqual(readProduct(encode(new Map())).messages, []);
	assert.equal(mainMessage(readProduct(encode(new Map()))), undefined);
	assert.throws(() => readProduct(Uint8Array.of(0xa1)));
});

test('a week is read from the device’s export', () => {
	assert.deepEqual(readEntries(Uint8Array.of(0x68, 0x01, 0x34, 0x08)), [{ day: 0, minute: 360, value: 21000 }]);
	assert.deepEqual(readEntries(Uint8Array.of(0x44, 0x23, 0x0c, 0xfe)), [{ day: 6, minute: 388, value: -5000 }]);
	assert.throws(() => readEntries(Uint8Array.of(1, 2, 3)));
});
