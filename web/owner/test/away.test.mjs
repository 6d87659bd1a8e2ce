/* An owner away from home, in real Chromium: what works by the maker's service, what it shows, and what is only done at home. KEEL_SHOTS=DIR keeps pictures. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { FakeHub, openDoor } from './fake-hub.mjs';
import { FakeService } from './fake-service.mjs';
import { Place } from './place.mjs';
import { heating } from './product.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const { KEEL_SHOTS: shots } = process.env;
const patience = { timeout: 20000 };
const place = new Place();
const asked = new Set(), complaints = [];
let hub, door, service, phone, page;

before(async () => {
	place.makeCa();
	place.homes('https://localhost:1');
	await place.serve();
	hub = await FakeHub.make({ product: heating });
	door = await openDoor(() => hub, { ...place.tls(), origin: place.origin });
	service = await new FakeService(hub).open({ ...place.tls(), origin: place.origin });
	place.homes(`https://localhost:${door.address().port}`, service.url);
	place.build();
	phone = await place.phone('ann');
	page = phone.pages()[0];
	page.setDefaultTimeout(patience.timeout);
	page.on('request', (r) => asked.add(new URL(r.url()).origin));
	page.on('pageerror', (e) => complaints.push(e.message));
	page.on('console', (m) => m.type() === 'error' && !/ERR_|status of [45]/.test(m.text()) && complaints.push(m.text()));
});

after(async () => {
	await phone?.close();
	door?.close();
	door?.closeAllConnections();
	service?.close();
	place.close();
});

async function clean(name) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		await page.waitForTimeout(150);
		await page.evaluate(() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))); // drawn in these colours
		if (shots) await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`), fullPage: true });
		const found = await page.evaluate(`(() => { ${readFileSync(axe, 'utf8')}; return axe.run(); })()`);
		assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`), [], `${name}, ${colorScheme}`);
		const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
		assert.ok(wide <= 0, `${name} is ${wide} pixels wider than the phone`);
	}
}

const tab = (name) => page.getByRole('navigation').getByRole('link', { name });
const confirmed = () => page.getByText('Confirmed by the device', { exact: true }).first().waitFor(patience);
const away = () => page.getByText(/You are away\. The maker’s service carries what you say, sealed; it heard your home (just now|\d+ seconds ago)/).waitFor(patience);
const atHome = () => page.getByText('You are at home, and speak to it directly.').waitFor({ timeout: 40000 });

test('a home is added at home, and only there; the screen says so', async () => {
	hub.silent = true;
	await page.goto(place.origin);
	await page.getByText('for this you are at home').waitFor(patience);
	await page.getByRole('button', { name: 'Type it instead' }).click();
	await page.getByLabel('Device id').fill(hub.label);
	await page.getByRole('button', { name: 'Add this home' }).click();
	await page.getByText('Your home does not answer').waitFor(patience);
	assert.equal(service.seen.length, 0, 'no claim goes by the service');
	hub.silent = false;
	await page.getByRole('button', { name: 'Add this home' }).click();
	await confirmed();
	await atHome();
	await page.getByRole('button', { name: 'Add a time' }).waitFor(patience);
	assert.equal(service.seen.length, 0, 'at home the service is not asked');
	await clean('way-home');
});

test('away the home is as at home: seen, set, its week read', async () => {
	hub.silent = true;
	await page.getByRole('heading', { name: 'Right now' }).waitFor(patience);
	await away();
	const before = hub.setpoint;
	await page.getByRole('button', { name: 'Set temperature: more' }).click();
	await page.getByText('Not confirmed by the device').waitFor(patience);
	await page.getByText('Not confirmed by the device').waitFor({ state: 'detached', ...patience });
	await confirmed();
	assert.notEqual(hub.setpoint, before);
	await page.getByRole('button', { name: 'Add a time' }).waitFor(patience);
	await page.getByText('What happened').waitFor(patience);
	await clean('way-away');
	await page.reload();
	await away();
	await confirmed();
	assert.ok(service.seen.every((request) => request.length % 256 === 0), 'sizes in whole steps');
});

test('every other screen works away', async () => {
	await tab('Privacy').click();
	await page.getByRole('heading', { name: /kept/ }).first().waitFor(patience);
	await page.getByText('temperature history', { exact: false }).first().waitFor(patience);
	await tab('Security').click();
	await page.getByRole('heading', { name: 'Is it set up securely?' }).waitFor(patience);
	await page.getByText('Security updates').waitFor(patience);
	await tab('People').click();
	await page.getByText('(you)').waitFor(patience);
	await page.getByRole('button', { name: /Let somebody in/ }).click();
	await page.getByLabel('Their name').fill('Gil');
	await page.getByRole('button', { name: 'Make an invitation' }).click();
	await page.getByText('They open it at your home.').waitFor(patience);
	await clean('invite-away');
	await page.keyboard.press('Escape');
	assert.equal(hub.invitations.size, 1);
});

test('a home that the service cannot reach is shown as last known, with when it was heard', async () => {
	await tab('Home').click();
	service.heard = Math.floor(Date.now() / 1000) - 7200;
	service.away = true;
	await page.getByText(/it was last heard \d{4}-\d\d-\d\d \d\d:\d\d UTC/).waitFor({ timeout: 30000 });
	await page.getByText('What you see is from').waitFor(patience);
	await page.getByText('Last known', { exact: true }).waitFor(patience);
	await clean('way-lost');
	service.away = false;
	await page.getByRole('button', { name: 'Try now' }).click();
	await confirmed();
	await away();
});

test('a service that changes what it carries shows nothing, and cannot keep anybody from the home', async () => {
	service.change = (body) => body.map((v, i) => (i === body.length >> 1 ? v ^ 1 : v));
	await page.getByText(/changed on its way|does not have the form/).first().waitFor({ timeout: 30000 });
	hub.silent = false;
	await atHome(); /* by itself */
	await confirmed();
	service.change = (body) => body;
});

test('the way home is found again by itself, and nobody else was asked', async () => {
	hub.silent = true;
	await away();
	hub.silent = false;
	await atHome();
	const home = `https://localhost:${door.address().port}`;
	assert.deepEqual([...asked].filter((o) => ![place.origin, home, service.url, 'null'].includes(o) && !o.startsWith('blob')), []);
	assert.deepEqual(complaints, []);
});
