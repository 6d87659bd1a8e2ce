/* An operator's browser against the same in C (tests/fleet/desk_peer.c). KEEL_BUILD: a build folder (build-gcc). */
import '../../owner/test/setup.mjs';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { fromHex, hex } from '../../owner/src/bytes.js';
import * as d from '../src/desk.js';
import { derive, openMessage, sealPiece } from '../src/sealed.js';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const peer = resolve(top, process.env.KEEL_BUILD ?? 'build-gcc', 'tests/fleet/desk_peer');
const inC = (...words) => execFileSync(peer, words, { encoding: 'utf8' }).trim().split('\n');

test('what C seals to a desk that was made here opens here', async () => {
	const desk = await d.makeKey(), secret = 'ab'.repeat(32);
	const [, opening, message] = inC('seal', secret, hex(desk.xy), 'port 23');
	const key = await d.openCase(desk, fromHex(opening));
	assert.equal((await openMessage(key, fromHex(message))).said, 'port 23');
	await assert.rejects(d.openCase(await d.makeKey(), fromHex(opening)), /does not open with your key/);
	const answer = await d.answer(key, 7, 'thank you');
	assert.equal(execFileSync(peer, ['open', secret], { input: answer, encoding: 'utf8' }).split('\n')[1], '1: thank you');
});

test('a colleague gets the key by a copy, and C reads both as they were wrapped', async () => {
	const desk = await d.makeKey(), reader = await d.makeKey(), code = d.makeCode();
	const secret = await d.readerSecret(d.readCode(code.toLowerCase().replaceAll('-', ' ')));
	const wrapped = await d.wrapKey(secret, reader), copy = await d.copyFor(reader.xy, desk);
	assert.deepEqual(inC('unwrap', hex(secret), hex(wrapped), hex(copy)), [hex(desk.d)]);
	const back = await d.unwrapKey(secret, wrapped, reader.xy);
	assert.deepEqual((await d.openCopy(back, copy, desk.xy)).d, desk.d);
	await assert.rejects(d.unwrapKey(await d.readerSecret(d.readCode(d.makeCode())), wrapped, reader.xy), /does not open/);
	await assert.rejects(d.openCopy(desk, copy, desk.xy), /does not open/);
});

test('a note opens by the desk only, a piece by its case, and nothing for something else', async () => {
	const desk = await d.makeKey(), { key } = await derive(new Uint8Array(32));
	assert.deepEqual(await d.openNote(desk, await d.sealNote(desk.xy, 7, 'true')), { time: 7, said: 'true' });
	await assert.rejects(d.openNote(desk, await d.copyFor(desk.xy, desk)), /does not open/);
	const piece = { file: 3, piece: 0, of: 1, name: 'poc.bin', bytes: Uint8Array.of(1, 2) };
	assert.deepEqual(await d.openPiece(key, await sealPiece(key, piece)), piece);
	await assert.rejects(d.openPiece(key, await d.answer(key, 7, 'x')), /does not open/);
});

test('a code is read as people write it, and a wrong one is told', () => {
	assert.equal(d.readCode('7ZZZZ-zzzzz zzzzz ZZZZZ ZZZZZ Z').every((v) => v === 255), true);
	assert.deepEqual(d.readCode('O'.repeat(25) + 'l'), Uint8Array.from({ length: 16 }, (_, i) => i === 15 ? 1 : 0));
	for (const wrong of ['', '8' + 'Z'.repeat(25), 'U'.repeat(26), '0'.repeat(27)]) assert.throws(() => d.readCode(wrong), /A code has/);
});
