/* The known answers that the C is tested with, too. */
import '../setup.mjs';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { fromHex, hex, toB64url } from '../../src/bytes.js';
import { decode, encode } from '../../src/cbor.js';
import { macKey, openMac0, openSealed, openSign1, sha256, thumbprint } from '../../src/cose.js';
import { checkCharacter, readCode, readQr, writeQr } from '../../src/label.js';
import { codeKey, purpose, writeEnvelope, writePadded } from '../../src/protocol.js';

const v = JSON.parse(readFileSync(new URL('../../../../tests/vectors/protocol.json', import.meta.url)));
const rfc8949 = JSON.parse(readFileSync(new URL('../../../../tests/vectors/cbor-appendix-a.json', import.meta.url)));
const publicOf = (who) => ({ sign: fromHex(who.sign.xy), agree: fromHex(who.agree.xy), thumbprint: fromHex(who.thumbprint) });

async function agreeKey({ d, xy }) {
	const jwk = { kty: 'EC', crv: 'P-256', d: toB64url(fromHex(d)), x: toB64url(fromHex(xy).slice(0, 32)), y: toB64url(fromHex(xy).slice(32)) };
	return crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
}

test('the label: code, check character, QR text, K', async () => {
	assert.equal(checkCharacter(v.label.code), v.label.check);
	assert.equal(readCode(v.label.text), v.label.code);
	const label = readQr(v.label.qr);
	assert.equal(hex(label.id), v.id);
	assert.equal(hex(label.thumbprint), v.keys.device.thumbprint);
	assert.equal(writeQr(label), v.label.qr);
	const key = await codeKey(v.label.code, fromHex(v.id));
	const payload = fromHex(v.mac0.payload);
	assert.equal(v.label.k, v.mac0.key);
	assert.deepEqual(await openMac0(fromHex(v.mac0.message), key, 'claim'), payload);
});

test('thumbprints', async () => {
	for (const who of ['owner', 'device']) assert.equal(hex(await thumbprint(publicOf(v.keys[who]))), v.keys[who].thumbprint);
});

test('envelopes', () => {
	for (const e of v.envelopes) {
		const names = { device: fromHex(v.id), home: fromHex(e.home), recipient: fromHex(e.recipient) };
		assert.equal(hex(writeEnvelope(e.purpose, names, decode(fromHex(e.body)))), e.bytes);
	}
});

test('Sign1 and Mac0 open, and do not with a bit changed', async () => {
	for (const m of v.sign1) {
		const who = { sign: fromHex(m.xy), thumbprint: fromHex(m.kid) };
		assert.equal(hex(await openSign1(fromHex(m.message), who, 'message')), m.payload);
		const bad = fromHex(m.message);
		bad[bad.length - 1] ^= 1;
		await assert.rejects(openSign1(bad, who, 'message'));
	}
	const bad = fromHex(v.mac0.message);
	bad[bad.length - 1] ^= 1;
	await assert.rejects(openMac0(bad, await macKey(fromHex(v.mac0.key)), 'message'));
});

test('a sealed message opens at the device', async () => {
	const me = { agreeKey: await agreeKey(v.keys.device.agree), thumbprint: fromHex(v.keys.device.thumbprint) };
	const plain = await openSealed(fromHex(v.sealed.message), me, publicOf(v.keys.owner), 'request');
	assert.equal(hex(plain), v.sealed.plain);
});

test('a request is filled up by the same zeros', () => {
	const { body } = v.envelopes.find((e) => e.purpose === purpose.request);
	const names = { device: fromHex(v.id), home: fromHex(v.home), recipient: fromHex(v.sealed.recipient_kid) };
	const { 1: nonce, 2: op } = Object.fromEntries(decode(fromHex(body)));
	assert.equal(hex(writePadded(purpose.request, names, { 1: nonce, 2: op })), v.sealed.plain);
	assert.equal((v.sealed.message.length / 2) % 256, 0);
});

test('an ask names the request that is carried', async () => {
	const relay = decode(fromHex(v.relay.body)), request = fromHex(v.sealed.message);
	assert.deepEqual(relay.get(4), request);
	const names = { device: fromHex(v.id), home: fromHex(v.home) };
	assert.equal(hex(writeEnvelope(purpose.ask, names, new Map([[1, await sha256(request)]]))), v.relay.ask.payload);
	assert.equal(hex(await openSign1(encode(relay.get(1)), publicOf(v.keys.owner), 'ask')), v.relay.ask.payload);
});

test('what RFC 8949 encodes deterministically is read and written unchanged', () => {
	let same = 0;
	for (const { hex: h } of rfc8949) {
		let value;
		try {
			value = decode(fromHex(h));
		} catch {
			continue; /* tags, indefinite lengths, NaN, simple values: the protocol has none */
		}
		assert.equal(hex(encode(value)), h);
		same++;
	}
	assert.ok(same > 35, `${same} of ${rfc8949.length}`);
});
