import '../setup.mjs';
import assert from 'node:assert/strict';
import test from 'node:test';
import { fromHex, hex } from '../../src/bytes.js';
import { decode, encode, map } from '../../src/cbor.js';

test('keys stand in bytewise order of their encodings: 4, -3, -22', () => {
	assert.equal(hex(encode(map({ '-22': 1, '-3': 2, 4: 3 }))), 'a304032202' + '3501');
	assert.equal(hex(encode(map({ 265: 1, 10: 2, '-70001': 3, 3: 4 }))), 'a403040a02190109013a0001117003');
});

const refused = [
	['1801', 'a longer form of 1'],
	['5f4100ff', 'an indefinite byte string'],
	['9fff', 'an indefinite array'],
	['a2010101 02'.replace(' ', ''), 'a duplicate key'],
	['a202010101', 'keys out of order'],
	['f97e00', 'not a number'],
	['f7', 'undefined'],
	['fb3ff0000000000000', 'a float that has a shorter form'],
	['c000', 'a tag'],
	['0000', 'a tail'],
	['43 0102'.replace(' ', ''), 'too short'],
	['62c328', 'a text that is not UTF-8'],
	['', 'nothing'],
];
for (const [bytes, why] of refused) test(`CBOR is refused: ${why}`, () => assert.throws(() => decode(fromHex(bytes))));

test('big integers keep their value', () => {
	assert.equal(decode(fromHex('1bffffffffffffffff')), 18446744073709551615n);
});
