import '../setup.mjs';
import assert from 'node:assert/strict';
import test from 'node:test';
import { hex, random } from '../../src/bytes.js';
import { decode, encode, map } from '../../src/cbor.js';
import { makeKeys, mac0, seal, sealedLength } from '../../src/cose.js';
import { readQr } from '../../src/label.js';
import * as p from '../../src/protocol.js';
import { FakeHub } from '../fake-hub.mjs';

const product = encode(new Map());

async function claimed(hub, how = 'claim') {
	const label = readQr(hub.label);
	const { hello, device } = await p.readHello((await hub.serve('/v1/hello', p.helloRequest)).body, label);
	const claim = await p.makeClaim(how, await p.codeKey(label.code, label.id), device, hello.nonce);
	const { status, body } = await hub.serve('/v1/claim', claim.bytes);
	assert.equal(status, 200, status === 200 ? '' : p.readRefusal(body).sentence);
	return { claim, welcome: body, home: await p.readWelcome(body, claim) };
}

async function ask(hub, home, op, args) {
	const r = await p.makeRequest(home, op, args);
	const { status, body } = await hub.serve('/v1/request', r.bytes);
	if (status !== 200) throw new p.Refused(p.readRefusal(body).sentence, status);
	return p.readAnswer(home, op, r.nonce, body);
}

async function send(hub, home, op, change) {
	const r = await p.makeChangeRequest(home, change);
	return p.readAnswer(home, op, r.nonce, (await hub.serve('/v1/request', r.bytes)).body);
}

async function order(hub, home, op, args) {
	const { challenge, lastCounter } = await ask(hub, home, 'challenge');
	return send(hub, home, op, await p.signChange(home, op, args, challenge, lastCounter + 1));
}

const set = (celsius) => ({ message: 'set temperature', fields: [['celsius', celsius]] });

test('a claim makes a home, and the same bytes get the same welcome', async () => {
	const hub = await FakeHub.make({ product });
	const { claim, welcome, home } = await claimed(hub);
	assert.deepEqual(home.id, hub.home);
	assert.equal(home.role, p.role.owner);
	assert.deepEqual((await hub.serve('/v1/claim', claim.bytes)).body, welcome);
});

test('a claim has no place for a name: whoever relays it reads keys and nonces', async () => {
	const hub = await FakeHub.make({ product });
	const { claim } = await claimed(hub);
	const [, , , , , body] = decode(decode(claim.bytes)[2]);
	assert.deepEqual([...body.keys()], [1, 2, 3, 4, 5]);
	assert.ok([...body.values()].every((v) => v instanceof Uint8Array));
});

test('a sealed message of any size is whole steps of 256 bytes, and no more of them than it needs', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	const names = { device: home.device.id, home: home.id, recipient: home.device.thumbprint };
	const bare = (n) => p.writeEnvelope(p.purpose.request, names, map({ 3: new Uint8Array(n) })).length;
	for (let n = 0; n < 3000; n++) {
		const length = sealedLength(p.writePadded(p.purpose.request, names, { 3: new Uint8Array(n) }).length);
		assert.ok(length % 256 === 0 && length - sealedLength(bare(n)) < 256 + 30, `${n}: ${length}`);
	}
	for (const n of [0, 1, 100, 255, 256, 4000]) {
		const payload = p.writePadded(p.purpose.request, names, { 3: new Uint8Array(n) });
		assert.equal((await seal(home.keys, home.device, payload)).length, sealedLength(payload.length));
	}
	const r = await p.makeRequest(home, 'state');
	assert.equal(r.bytes.length, (await p.makeRequest(home, 'events', { after: 7 })).bytes.length);
	assert.equal((await hub.serve('/v1/request', r.bytes)).body.length % 256, 0);
});

test('an answer without padding is read, one with other than zeros is not', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	const names = { device: home.device.id, home: home.id, recipient: home.keys.thumbprint };
	const answer = async (padding) => {
		const nonce = random(16);
		const body = map({ 1: nonce, 2: 0, 3: map({ 1: random(16), 2: 60, 3: 0 }), 5: padding });
		const owner = { agree: home.keys.agree, thumbprint: home.keys.thumbprint };
		const sealed = await seal(hub.keys, owner, p.writeEnvelope(p.purpose.answer, names, body));
		return p.readAnswer(home, 'challenge', nonce, sealed);
	};
	for (const good of [undefined, new Uint8Array(0), new Uint8Array(9)]) await answer(good);
	await assert.rejects(answer(Uint8Array.of(0, 0, 1)));
	await assert.rejects(answer(new Uint8Array(512)));
});

test('private keys cannot be taken out', async () => {
	const keys = await makeKeys();
	for (const key of [keys.signKey, keys.agreeKey]) {
		assert.equal(key.extractable, false);
		await assert.rejects(crypto.subtle.exportKey('pkcs8', key));
	}
});

test('another device at the address is refused before anything is sent to it', async () => {
	const hub = await FakeHub.make({ product }), other = await FakeHub.make({ product, id: hub.id });
	const hello = (await other.serve('/v1/hello', p.helloRequest)).body;
	await assert.rejects(p.readHello(hello, readQr(hub.label)), p.ProofError);
});

test('a wrong code gets the device’s own sentence', async () => {
	const hub = await FakeHub.make({ product });
	const label = readQr(hub.label);
	const { hello, device } = await p.readHello((await hub.serve('/v1/hello', p.helloRequest)).body, label);
	const claim = await p.makeClaim('claim', await p.codeKey('ZZZZZZZZZZZZZZZZZZZZ', label.id), device, hello.nonce);
	const { status, body } = await hub.serve('/v1/claim', claim.bytes);
	assert.equal(status, 403);
	assert.match(p.readRefusal(body).sentence, /code on the label/);
});

test('a welcome of another claim, or with one bit changed, is refused', async () => {
	const hub = await FakeHub.make({ product });
	const { claim, welcome } = await claimed(hub);
	const other = await p.makeClaim('claim', claim.key, claim.device, random(32));
	await assert.rejects(p.readWelcome(welcome, other), p.ProofError);
	for (let i = 0; i < welcome.length; i += 7) {
		const bad = welcome.slice();
		bad[i] ^= 1;
		await assert.rejects(p.readWelcome(bad, claim), `byte ${i} changed`);
	}
});

test('state is read, a command changes it, and the same change has one effect', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	assert.equal((await ask(hub, home, 'state')).alive, true);
	const { challenge } = await ask(hub, home, 'challenge');
	const change = await p.signChange(home, 'command', set(21500), challenge, 1);
	assert.equal((await send(hub, home, 'command', change)).number, 1);
	assert.equal((await send(hub, home, 'command', change)).number, 1);
	assert.equal(hub.commands, 1);
	const { accepted } = await ask(hub, home, 'state');
	assert.deepEqual(accepted, [{ message: 'set temperature', fields: [{ name: 'celsius', value: 21500 }] }]);
});

test('what the device refuses comes with its sentence and number', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	await assert.rejects(order(hub, home, 'command', set(99000)), (e) => e instanceof p.Refused && e.error === 3 && /5 to 30/.test(e.message));
	const stale = await p.signChange(home, 'command', set(20000), random(16), 9);
	await assert.rejects(send(hub, home, 'command', stale), (e) => e.error === 7);
});

test('an answer to another question, home or person, or with any byte changed, is refused', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	const r = await p.makeRequest(home, 'state');
	const { body } = await hub.serve('/v1/request', r.bytes);
	await assert.rejects(p.readAnswer(home, 'state', random(16), body), p.ProofError);
	await assert.rejects(p.readAnswer({ ...home, id: random(16) }, 'state', r.nonce, body), p.ProofError);
	await assert.rejects(p.readAnswer({ ...home, keys: await makeKeys() }, 'state', r.nonce, body), p.ProofError);
	for (let i = 0; i < body.length; i += 11) {
		const bad = body.slice();
		bad[i] ^= 0x40;
		await assert.rejects(p.readAnswer(home, 'state', r.nonce, bad), `byte ${i} changed`);
	}
});

test('an answer whose result has an undeclared label is refused', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	const names = { device: hub.id, home: hub.home, recipient: home.keys.thumbprint };
	const nonce = random(16);
	const answer = async (result) => seal(hub.keys, home.keys, p.writeEnvelope(p.purpose.answer, names, map({ 1: nonce, 2: 0, 3: result })));
	const good = { 1: [], 2: true, 3: 0, 4: 0, 5: 0, 6: [] };
	await p.readAnswer(home, 'state', nonce, await answer(map(good)));
	await assert.rejects(p.readAnswer(home, 'state', nonce, await answer(map({ ...good, 7: 1 }))));
	await assert.rejects(p.readAnswer(home, 'state', nonce, await answer(map({ ...good, 2: 1 }))));
});

test('an invitation lets a guest in, who may do what was named and nothing else', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	const { invitation } = await order(hub, home, 'invite', { role: 1, name: 'Bo', messages: ['set temperature'], until: 0 });
	const inv = p.readInvitation(p.writeInvitation(invitation));
	const { hello, device } = await p.readHello((await hub.serve('/v1/hello', p.helloRequest)).body, inv);
	const claim = await p.makeClaim('join', await p.invitationKey(inv), device, hello.nonce, inv);
	const guest = await p.readWelcome((await hub.serve('/v1/claim', claim.bytes)).body, claim);
	assert.equal(guest.role, p.role.guest);
	await order(hub, guest, 'command', set(18000));
	await assert.rejects(order(hub, guest, 'command', { message: 'schedule', fields: [] }), (e) => e.error === 6);
	await assert.rejects(ask(hub, guest, 'people'), (e) => e.error === 6);
	await order(hub, home, 'rename', { name: 'Ann' });
	const people = await ask(hub, home, 'people');
	assert.deepEqual(people.people.map((x) => x.name), ['Ann', 'Bo']);
	await order(hub, guest, 'rename', { name: 'Bodo' });
	assert.deepEqual((await ask(hub, home, 'people')).people.map((x) => x.name), ['Ann', 'Bodo']);
	assert.equal((await p.readOwners(home, people.owners)).owners.length, 2);
});

test('who lost their phone returns by another owner’s word, as who they were', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	const { invitation } = await order(hub, home, 'invite', { role: 0, name: 'Bo', messages: [], until: 0 });
	const inv = p.readInvitation(p.writeInvitation(invitation));
	const { hello, device } = await p.readHello((await hub.serve('/v1/hello', p.helloRequest)).body, inv);
	const claim = await p.makeClaim('join', await p.invitationKey(inv), device, hello.nonce, inv);
	const lost = await p.readWelcome((await hub.serve('/v1/claim', claim.bytes)).body, claim);
	await assert.rejects(claimed(hub, 'return'), /No owner has vouched/);
	await assert.rejects(order(hub, home, 'vouch', { thumbprint: home.keys.thumbprint }), (e) => e.error === 4);
	assert.equal((await order(hub, home, 'vouch', { thumbprint: lost.keys.thumbprint })).valid, 900);
	assert.equal((await order(hub, home, 'vouch', {})).valid, 0);
	await assert.rejects(claimed(hub, 'return'), /No owner has vouched/);
	await order(hub, home, 'vouch', { thumbprint: lost.keys.thumbprint });
	const back = (await claimed(hub, 'return')).home;
	assert.deepEqual(back.id, home.id);
	await assert.rejects(ask(hub, lost, 'state'), /does not know you/);
	assert.deepEqual((await ask(hub, back, 'people')).people.map((x) => x.name), ['', 'Bo']);
});

test('receipts and statements are verified, and made for us', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	const { receipt } = await order(hub, home, 'delete', { what: 1 });
	assert.deepEqual((await p.readReceipt(home, receipt)).gone, ['presence', 'temperature history', 'schedule']);
	await assert.rejects(p.readReceipt({ ...home, keys: await makeKeys() }, receipt), p.ProofError);
	const nonce = random(32);
	const { statement } = await ask(hub, home, 'statement', { nonce, aud: 'app' });
	assert.equal((await p.readStatement(home, statement, nonce, 'app')).version.text, '1.0.0');
	await assert.rejects(p.readStatement(home, statement, random(32), 'app'), p.ProofError);
	await assert.rejects(p.readStatement(home, statement, nonce, 'else'), p.ProofError);
	await assert.rejects(p.readReceipt(home, statement));
});

test('nothing made for one purpose passes for another', async () => {
	const hub = await FakeHub.make({ product });
	const { claim, home } = await claimed(hub);
	for (const [name, number] of Object.entries(p.purpose)) {
		if (number === p.purpose.claimed) continue;
		const body = map({ 1: claim.device.thumbprint, 2: claim.keys.thumbprint, 3: claim.deviceNonce, 4: claim.appNonce });
		const forged = await mac0(claim.key, p.writeEnvelope(number, { device: hub.id, home: home.id }, body));
		const welcome = encode(map({ 1: decode(forged), 2: decode(forged) }));
		await assert.rejects(p.readWelcome(welcome, claim), `${name} as claimed`);
	}
});

test('leaving gives a receipt of the home that was', async () => {
	const hub = await FakeHub.make({ product });
	const { home } = await claimed(hub);
	const { receipt } = await order(hub, home, 'leave');
	assert.equal((await p.readReceipt(home, receipt)).how, 0);
	assert.equal(hex(hub.home), '');
});
