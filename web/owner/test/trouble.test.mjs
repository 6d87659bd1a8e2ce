/* What goes wrong between phone and home, and what the app makes of it. With the fake hub: it can fail on demand. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { hex, random } from '../src/bytes.js';
import { encode, map } from '../src/cbor.js';
import { macKey } from '../src/cose.js';
import { FakeHub, openDoor } from './fake-hub.mjs';
import { Place } from './place.mjs';
import { heating } from './product.mjs';

const place = new Place();
const patience = { timeout: 20000 };
let hub, answers, door, phone, page; /* answers: the device that is at the home's address now */

before(async () => {
	place.makeCa();
	place.homes('https://localhost:1');
	await place.serve();
	hub = await FakeHub.make({ product: heating });
	answers = hub;
	door = await openDoor(() => answers, { ...place.tls(), origin: place.origin });
	place.homes(`https://localhost:${door.address().port}`);
	place.build();
	phone = await place.phone('ann');
	page = phone.pages()[0];
	page.setDefaultTimeout(patience.timeout);
	await page.goto(place.origin);
});

after(async () => {
	await phone?.close();
	door?.close();
	door?.closeAllConnections();
	place.close();
});

async function type(label, how = 'Add this home') {
	/* Just after a reload neither is there yet. */
	const typed = page.getByRole('button', { name: 'Type it instead' }), id = page.getByLabel('Device id');
	await typed.or(id).waitFor(patience);
	if (await typed.isVisible()) await typed.click();
	await id.fill(label);
	await page.getByRole('button', { name: how }).click();
}
const confirmed = () => page.getByText('Confirmed by the device', { exact: true }).first().waitFor(patience);
const kept = (store) => page.evaluate((name) => new Promise((done) => {
	indexedDB.open('keel-owner').onsuccess = ({ target }) => {
		target.result.transaction(name).objectStore(name).count().onsuccess = ({ target: t }) => done(t.result);
	};
}), store);
const homesKept = () => kept('homes');

test('a device that is not the one of the label gets nothing', async () => {
	const other = await FakeHub.make({ product: heating });
	const calls = hub.calls;
	await type(other.label);
	await page.getByText('is not the device on the label').waitFor(patience);
	assert.equal(hub.calls, calls + 1, 'only its greeting was asked for');
});

test('a refused claim shows the device’s own sentence', async () => {
	hub.claimOpen = false;
	await type(hub.label);
	await page.getByText('Press its button').waitFor(patience);
	hub.claimOpen = true;
	const { writeQr } = await import('../src/label.js');
	await type(writeQr({ id: hub.id, thumbprint: hub.keys.thumbprint, code: 'ZZZZZZZZZZZZZZZZZZZZ' }));
	await page.getByText('The code on the label is another one').waitFor(patience);
	assert.equal(hub.owners.size, 0);
});

/* Nothing was decided by such an answer: the keys of the claim are the only ones that the device will know. */
test('a claim whose answer was lost, or was that the door cannot wait, is finished with the same bytes, even after a restart of the app', async () => {
	const claimed = (path) => path === '/v1/claim';
	const again = async () => {
		assert.equal(hub.owners.size, 1, 'the device took it');
		assert.equal(await kept('claims'), 1, 'the app keeps it');
		await page.reload();
		await type(hub.label);
	};
	hub.late = (path) => (claimed(path) ? 503 : undefined);
	await page.getByLabel('Your name').fill('Ann');
	await type(hub.label);
	for (const [said, next] of [[503, 408], [408, 421], [421, undefined]]) {
		await page.getByText(`The door says ${said}.`).waitFor(patience);
		hub.late = (path) => (claimed(path) ? next : undefined);
		if (!next) hub.cut = claimed;
		await again();
	}
	await page.getByText('Your home does not answer').waitFor(patience);
	hub.cut = undefined;
	await again();
	await confirmed();
	assert.equal(hub.owners.size, 1);
	assert.equal(await homesKept(), 1);
	assert.equal(await kept('claims'), 0);
});

test('a name that did not come through stays a wish, is said by the next visit, and is told where it is refused', async () => {
	const name = () => [...hub.owners.values()][0].name;
	const wish = (text) => page.evaluate((w) => new Promise((done) => {
		indexedDB.open('keel-owner').onsuccess = ({ target }) => {
			const s = target.result.transaction('homes', 'readwrite').objectStore('homes');
			s.getAll().onsuccess = ({ target: t }) => (s.put({ ...t.result[0], wish: w }).onsuccess = () => done());
		};
	}), text);
	const said = async (text) => {
		for (let i = 0; i < 200 && name() !== text; i++) await page.waitForTimeout(200);
		assert.equal(name(), text);
	};
	await said('Ann'); /* after the claim that was cut */
	hub.cut = (path) => path === '/v1/request';
	await wish('Anna');
	await page.waitForTimeout(6000);
	hub.cut = undefined;
	await said('Anna');
	hub.noName = 'This name is taken.';
	await wish('Bea');
	await page.getByText('Your home did not take your name: This name is taken.').waitFor(patience);
	assert.equal(name(), 'Anna');
	hub.noName = undefined;
});

test('a command whose answer was lost is asked again, and has one effect', async () => {
	const before = hub.commands;
	let lost = 0;
	hub.cut = () => hub.commands > before && lost++ === 0;
	const seen = page.getByText('Not confirmed by the device').waitFor(patience);
	await page.getByRole('button', { name: 'Set temperature: more' }).click();
	await seen;
	await page.getByText('Not confirmed by the device').waitFor({ state: 'detached', ...patience });
	hub.cut = undefined;
	assert.equal(lost > 0, true);
	assert.equal(hub.commands, before + 1);
});

test('a refused command shows the device’s sentence, and the device’s value comes back', async () => {
	hub.refuse = 'Heating is off while a window is open.';
	await page.getByRole('button', { name: 'Set temperature: more' }).click();
	await page.getByText('Heating is off while a window is open.').waitFor(patience);
	assert.equal(Number(await page.getByRole('slider', { name: 'Set temperature' }).inputValue()) * 1000, hub.setpoint);
	hub.refuse = undefined;
	await page.getByRole('button', { name: 'Leave it as it is' }).click();
});

test('a lost phone: button and label make a new owner', async () => {
	hub.owners.clear();
	await page.getByRole('button', { name: 'Try now' }).waitFor({ timeout: 40000 });
	await page.getByText('does not know you').first().waitFor(patience);
	await page.getByRole('link', { name: 'Add another home' }).click();
	await page.getByRole('button', { name: 'Lost your phone' }).click();
	await page.getByText('come back as who you were').waitFor(patience);
	await type(hub.label, 'Recover this home');
	await page.getByRole('alert').filter({ hasText: 'No owner has vouched' }).waitFor(patience);
	assert.equal(hub.owners.size, 0, 'nothing was erased by it');
	await page.getByLabel('No, nobody can').check();
	await page.getByText('makes you the only owner').waitFor(patience);
	hub.pressed = false;
	await type(hub.label, 'Recover this home');
	await page.getByRole('alert').filter({ hasText: 'within two minutes' }).waitFor(patience);
	hub.pressed = true;
	await page.getByRole('button', { name: 'Recover this home' }).click();
	await confirmed();
	assert.equal(await homesKept(), 1, 'the home before is replaced');
	assert.equal(hub.owners.size, 1);
});

test('an answer that was changed on its way is not shown', async () => {
	const request = hub.request;
	hub.request = async function tampered(body) {
		const answer = await request.call(this, body);
		answer[answer.length >> 1] ^= 1;
		return answer;
	};
	await page.reload();
	await page.getByText(/changed on its way|does not have the form/).first().waitFor(patience);
	delete hub.request;
});

/* Whoever makes an invitation chooses every name in it. */
async function invite(by, names) {
	const id = random(8), secret = random(16);
	by.invitations.set(hex(id), { key: await macKey(secret), role: 0, name: 'Eve' });
	const text = Buffer.from(encode(map({ 1: by.id, 2: by.keys.thumbprint, 3: by.home, 4: id, 5: secret, ...names }))).toString('base64url');
	await page.goto('about:blank');
	await page.goto(`${place.origin}/#join=${text}&hub=${encodeURIComponent(`https://localhost:${door.address().port}`)}`);
	await page.getByLabel('Your name').fill('Ann');
	await page.getByRole('button', { name: 'Join' }).click();
}

async function stranger() {
	const evil = await FakeHub.make({ product: heating, id: hub.id }); /* another device that calls itself ours */
	evil.home = random(16);
	return evil;
}

async function backHome() {
	answers = hub;
	await page.goto('about:blank');
	await page.goto(place.origin);
	await confirmed();
	await page.getByRole('button', { name: 'Set temperature: more' }).click();
	await confirmed();
}

test('an invitation that names the home of this phone is refused before anything is sent', async () => {
	const evil = await stranger();
	answers = evil;
	await invite(evil, { 3: hub.home });
	await page.getByText('This phone is in that home already').waitFor(patience);
	assert.equal(evil.owners.size, 0);
	assert.equal(await homesKept(), 1);
	await backHome();
});

test('an invitation of a device that calls itself ours takes no home off the phone', async () => {
	const evil = await stranger();
	answers = evil;
	await invite(evil);
	await confirmed();
	assert.equal(evil.owners.size, 1, 'it was joined');
	assert.equal(await homesKept(), 2, 'and ours is still there');
	await backHome();
});

test('a device that calls its home by the name of ours is not taken: no key of ours is put in its place', async () => {
	const evil = await FakeHub.make({ product: heating }); /* with a label of its own, and a claim that is as it should be */
	const newHome = evil.newHome;
	evil.newHome = function ours(claim) {
		const owner = newHome.call(this, claim);
		this.home = hub.home;
		return owner;
	};
	answers = evil;
	await page.getByRole('link', { name: 'Add another home' }).click();
	const before = await homesKept();
	await type(evil.label);
	await page.getByText('calls itself a home that this phone knows by another device').waitFor(patience);
	assert.equal(evil.owners.size, 1, 'it was claimed');
	assert.equal(await homesKept(), before);
	assert.equal(await kept('claims'), 0);
	await backHome();
});
