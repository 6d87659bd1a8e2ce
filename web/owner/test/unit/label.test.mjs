import '../setup.mjs';
import assert from 'node:assert/strict';
import test from 'node:test';
import { fromB32, fromB64url, random, toB32, toB64url } from '../../src/bytes.js';
import { checkCharacter, LabelError, readCode, readLabel, readQr, writeCode, writeQr } from '../../src/label.js';

const code = 'ABCDEFGH0123456789JK';
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const whole = code + checkCharacter(code);

test('a code is read as people write it', () => {
	for (const typed of [whole, writeCode(code), whole.toLowerCase(), ` ${writeCode(code).replace(/-/g, ' ')} `,
		writeCode(code).replace(/0/g, 'o').replace(/1/g, 'l')])
		assert.equal(readCode(typed), code);
});

test('every wrong character and every swap of neighbours is found', () => {
	for (let i = 0; i < whole.length; i++)
		for (const c of alphabet)
			if (c !== whole[i]) assert.throws(() => readCode(whole.slice(0, i) + c + whole.slice(i + 1)), LabelError);
	for (let i = 0; i + 1 < whole.length; i++)
		if (whole[i] !== whole[i + 1])
			assert.throws(() => readCode(whole.slice(0, i) + whole[i + 1] + whole[i] + whole.slice(i + 2)), LabelError);
});

test('too short, too long and impossible characters each have a sentence', () => {
	assert.throws(() => readCode(code), /21 characters; these are 20/);
	assert.throws(() => readCode(`${whole}00`), /too many/);
	assert.throws(() => readCode(whole.replace('A', 'U')), /never has the character “U”/);
});

test('a label survives writing and reading, as QR text and as lines', () => {
	const label = { id: random(16), thumbprint: random(32), code };
	assert.deepEqual(readQr(writeQr(label)), label);
	assert.deepEqual(readLabel(`scan: ${writeQr(label)}\n`), label);
	const lines = `Device: ${toB32(label.id)}\nFingerprint: ${toB32(label.thumbprint).replace(/(.{4})/g, '$1 ')}\nCode: ${writeCode(code)}`;
	assert.deepEqual(readLabel(lines), label);
	assert.throws(() => readLabel('hello'), /three lines/);
	assert.throws(() => readQr('KEEL2:A:B:C'), LabelError);
});

test('base 32 and base64url refuse bits that stand for nothing', () => {
	for (let n = 0; n < 40; n++) {
		const bytes = random(n);
		assert.deepEqual(fromB32(toB32(bytes)), bytes);
		assert.deepEqual(fromB64url(toB64url(bytes)), bytes);
	}
	assert.throws(() => fromB32('AB'));
	assert.throws(() => fromB32('A'));
	assert.throws(() => fromB64url('AB'));
	assert.throws(() => fromB64url('A'));
});
