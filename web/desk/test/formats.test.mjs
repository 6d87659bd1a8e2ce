import '../../owner/test/setup.mjs';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { hex, text } from '../../owner/src/bytes.js';
import { derive, openMessage, sealMessage } from '../src/sealed.js';
import { hasher } from '../src/sha256.js';
import { prove } from '../src/work.js';

const wordsOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
const hexOf = (words) => Array.from(words, (v) => v.toString(16).padStart(8, '0')).join('');

test('our SHA-256 is the one of everybody, at every length around its blocks', () => {
	for (let n = 0; n < 140; n++)
		for (const tail of ['', '7', '12345678901234567890'])
			assert.equal(hexOf(hasher(text('x'.repeat(n)))(tail)), wordsOf('x'.repeat(n) + tail), `${n} and ${tail.length}`);
});

test('a proof of work is what the service demands', async () => {
	const number = await prove('challenge', 10);
	const first = createHash('sha256').update(`challenge${number}`).digest().readUInt32BE();
	assert.ok(first < 2 ** 22, number);
});

/* The numbers of tests/desk/sealed_test.c. */
test('token and key follow from the link', async () => {
	const { token, raw } = await derive(Uint8Array.from({ length: 32 }, (_, i) => i < 3 ? i + 1 : 0));
	assert.equal(hex(token.slice(0, 4)), '22ad63cd');
	assert.equal(hex(raw.slice(0, 4)), '1a86f34f');
});

test('a message comes back, and does not where a bit is another', async () => {
	const { key } = await derive(new Uint8Array(32));
	const sealed = await sealMessage(key, { time: 7, said: 'häslich\n' });
	assert.deepEqual(await openMessage(key, sealed), { who: 0, time: 7, said: 'häslich\n', product: '', contact: '' });
	for (const at of [1, 8, 20, sealed.length - 1]) {
		const other = Uint8Array.from(sealed);
		other[at] ^= 1;
		await assert.rejects(openMessage(key, other), /does not open/);
	}
});
