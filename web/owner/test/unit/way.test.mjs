/* The two ways to a home, over a network that is made here: a door, a service, and what is wrong with either. */
import '../setup.mjs';
import assert from 'node:assert/strict';
import test from 'node:test';
import { hex } from '../../src/bytes.js';
import { encode, map } from '../../src/cbor.js';
import { readQr } from '../../src/label.js';
import * as p from '../../src/protocol.js';
import { Away, pause, Way } from '../../src/way.js';
import { FakeHub } from '../fake-hub.mjs';
import { FakeService } from '../fake-service.mjs';

const hubUrl = 'https://hub.example', serviceUrl = 'https://service.example';

/* door: 'here', 'gone', or how many ms it takes. What was sent to the door stands in atDoor. */
async function place(door = 'here') {
	const hub = await FakeHub.make({ product: encode(new Map()) });
	const label = readQr(hub.label);
	const { hello, device } = await p.readHello((await hub.serve('/v1/hello', p.helloRequest)).body, label);
	const claim = await p.makeClaim('claim', await p.codeKey(label.code, label.id), device, hello.nonce);
	const home = { ...(await p.readWelcome((await hub.serve('/v1/claim', claim.bytes)).body, claim)), hub: hubUrl };
	const at = { hub, home, service: new FakeService(hub), door, atDoor: [], way: new Way(home, serviceUrl) };
	globalThis.fetch = async (url, { body, signal }) => {
		const { origin, pathname } = new URL(url);
		if (origin === serviceUrl) {
			if (at.service.silent) throw new TypeError('no network');
			const { status, body: b } = await at.service.relay(body);
			return new Response(b, { status });
		}
		at.atDoor.push(body);
		if (at.door > 0) await pause(at.door);
		if (at.door === 'gone' || signal.aborted) throw new TypeError('no route');
		const { status, body: b } = await hub.serve(pathname, body);
		return new Response(at.lost ? 'nothing of the kind' : b, { status: at.lost ? 502 : status });
	};
	return at;
}

async function ask(at, op = 'state', args = undefined) {
	const r = await p.makeRequest(at.home, op, args);
	return at.way.send(r.bytes, (bytes) => p.readAnswer(at.home, op, r.nonce, bytes));
}

async function order(at, celsius) {
	const { challenge, lastCounter } = await ask(at, 'challenge');
	const change = await p.signChange(at.home, 'command', { message: 'set temperature', fields: [['celsius', celsius]] }, challenge, lastCounter + 1);
	const r = await p.makeChangeRequest(at.home, change);
	return at.way.send(r.bytes, (bytes) => p.readAnswer(at.home, 'command', r.nonce, bytes));
}

test('at home the service is not asked', async () => {
	const at = await place();
	assert.equal((await ask(at)).role, 0);
	assert.equal(at.way.away, false);
	await pause(50);
	assert.equal(at.service.seen.length, 0);
});

test('away the very same bytes go by the service, and the way home is found again', async () => {
	const at = await place('gone');
	await order(at, 23000);
	assert.equal(at.hub.setpoint, 23000);
	assert.equal(at.way.away, true);
	assert.equal(at.way.heard, at.service.heard);
	assert.deepEqual(at.service.seen.map(hex), at.atDoor.map(hex));
	assert.ok(at.service.seen.every((r) => r.length % 256 === 0));
	at.door = 'here';
	for (let i = 0; i < 50 && at.way.away; i++) {
		await ask(at);
		await pause(20);
	}
	assert.equal(at.way.away, false);
});

test('what was taken at home, and its answer lost, has one effect', async () => {
	const at = await place();
	const before = at.hub.commands;
	const { challenge, lastCounter } = await ask(at, 'challenge');
	at.lost = true;
	const change = await p.signChange(at.home, 'command', { message: 'set temperature', fields: [['celsius', 22000]] }, challenge, lastCounter + 1);
	const r = await p.makeChangeRequest(at.home, change);
	await at.way.send(r.bytes, (bytes) => p.readAnswer(at.home, 'command', r.nonce, bytes));
	assert.equal(at.way.away, true);
	assert.equal(hex(at.service.seen.at(-1)), hex(at.atDoor.at(-1)));
	assert.equal(at.hub.commands, before + 1);
});

/* EN 303 645 5.9: the service can be silent, and cannot make the home so. */
test('a service that lies does not keep anybody from the home', async () => {
	const lies = [
		(at) => (at.service.change = (b) => b.map((v, i) => (i === b.length - 50 ? v ^ 1 : v))),
		(at) => (at.service.change = () => Uint8Array.of(0xa0)),
		(at) => (at.service.relay = async () => ({ status: 200, body: new Uint8Array(7) })),
		(at) => (at.service.relay = async () => ({ status: 403, body: encode(map({ 1: 'auth', 2: 'You are nobody.' })) })),
		(at) => (at.service.relay = async () => ({ status: 200, body: encode(map({ 1: 403, 2: encode(map({ 1: 'auth', 2: 'You are nobody.' })), 3: 1 })) })),
		(at) => (at.service.silent = true),
	];
	for (const lie of lies) {
		const at = await place('gone');
		await ask(at);
		lie(at);
		await assert.rejects(ask(at));
		at.door = 200; /* the lie is there first */
		assert.equal((await ask(at)).role, 0);
		assert.equal(at.way.away, false);
	}
});

test('a door that is slow is waited for where the service has no answer, and its answer is as good', async () => {
	const at = await place(3500);
	at.service.away = true;
	assert.equal((await ask(at)).role, 0);
	assert.equal(at.way.away, false);
	assert.equal(at.service.seen.length, 1, 'after the head start it was asked');
});

test('the home’s own no is final on either way', async () => {
	for (const door of ['here', 'gone']) {
		const at = await place(door);
		at.hub.refuse = 'Heating is off while a window is open.';
		await assert.rejects(order(at, 20000), { message: at.hub.refuse, error: 4 });
		assert.equal(at.way.away, door === 'gone');
	}
	const at = await place();
	at.hub.owners.clear();
	await assert.rejects(ask(at), { message: /does not know you/, status: 403 });
	assert.equal(at.service.seen.length, 0, 'a plain one of the door, too');
	at.door = 'gone';
	await assert.rejects(ask(at), { message: /does not know you/, status: 403 });
});

test('a home that is away is told with when it was last heard; without a network that is what is said', async () => {
	const at = await place('gone');
	at.service.away = true;
	await assert.rejects(ask(at), (e) => e instanceof Away && /last heard \d{4}-\d\d-\d\d \d\d:\d\d UTC/.test(e.message));
	at.service.silent = true;
	await assert.rejects(ask(at), (e) => e instanceof Away && /Neither your home nor the service/.test(e.message));
	at.way = new Way(at.home, undefined);
	await assert.rejects(ask(at), (e) => e instanceof Away && /same network/.test(e.message));
});
