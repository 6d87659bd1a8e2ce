/*
 * An operator's day at the console, in real Chromium with its virtual authenticator, against the real
 * keel-fleet behind its walls, with a fleet of 1,000 devices. KEEL_BUILD: where it was built (../../build).
 * KEEL_SHOTS=DIR keeps a picture of every screen. The place, the browser and axe are the owner's app's.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Place } from '../../owner/test/place.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const build = resolve(process.env.KEEL_BUILD ?? join(here, '../../build'));
const fleet = join(build, 'src/fleet/keel-fleet'), seed = join(build, 'tests/fleet/fleet_seed');
const axe = createRequire(new URL('../../owner/package.json', import.meta.url)).resolve('axe-core/axe.min.js');
const shots = process.env.KEEL_SHOTS;
const place = new Place();
const dir = place.file('fleet');
const complaints = [];
let service, printed = '', origin, context, page, authenticator;

const run = (...args) => execFileSync(fleet, args, { encoding: 'utf8' });

async function freePort() {
	const server = createServer();
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	const { port } = server.address();
	await new Promise((done) => server.close(done));
	return port;
}

async function serve() {
	printed = '';
	service = spawn(fleet, ['serve', dir], { stdio: ['ignore', 'pipe', 'pipe'] });
	const heard = (b) => (printed += b);
	service.stdout.on('data', heard);
	service.stderr.on('data', heard);
	for (let i = 0; i < 100 && !/, port \d+/.test(printed); i++) await new Promise((done) => setTimeout(done, 100));
	assert.match(printed, /, port \d+/);
}

async function stop() {
	const ended = new Promise((done) => service.once('exit', done));
	service.kill('SIGTERM');
	assert.equal(await ended, 0, printed);
}

before(async () => {
	place.makeCa();
	const port = await freePort();
	origin = `https://localhost:${port}`;
	run('init', dir, '--origin', origin);
	execFileSync(seed, [join(dir, 'data/fleet.db'), '1000']);
	for (const name of ['tls.crt', 'tls.key']) copyFileSync(place.file(name), join(dir, name));
	execFileSync(process.execPath, ['build.mjs', '--out', join(dir, 'console')], { cwd: here });
	const config = readFileSync(join(dir, 'config.yaml'), 'utf8').replace('console: ""', 'console: "console"').replace('port: 8450', `port: ${port}`).replace('"::"', '"127.0.0.1"');
	writeFileSync(join(dir, 'config.yaml'), config);
	await serve();
	context = await place.phone('ann', { viewport: { width: 1280, height: 860 }, hasTouch: false, deviceScaleFactor: 1 });
	page = context.pages()[0];
	page.setDefaultTimeout(Number(process.env.KEEL_PATIENCE_MS ?? 20000));
	page.on('pageerror', (e) => complaints.push(e.message));
	page.on('console', (m) => m.type() === 'error' && !/ERR_|status of 4/.test(m.text()) && complaints.push(m.text()));
	const cdp = await context.newCDPSession(page);
	await cdp.send('WebAuthn.enable');
	authenticator = { cdp, id: (await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true,
		hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } })).authenticatorId };
});

after(async () => {
	await context?.close();
	service?.kill('SIGKILL');
	place.close();
});

/* axe, light and dark, and nothing wider than the window. */
async function clean(name) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		await page.waitForTimeout(150);
		if (shots) await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`), fullPage: true });
		const found = await page.evaluate(`(() => { ${readFileSync(axe, 'utf8')}; return axe.run(); })()`);
		assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`), [], `${name}, ${colorScheme}`);
		const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
		assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
	}
}

const button = (name) => page.getByRole('button', { name, exact: typeof name === 'string' });
const firstLink = () => /https:\S+#join=\S+/.exec(printed)[0];
const go = (screen) => page.getByRole('navigation').getByRole('link', { name: screen }).click();

test('nobody is in at first, and the sign-in says how', async () => {
	await page.goto(`${origin}/console/`);
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	await clean('sign-in');
	await button('Sign in with your passkey').click();
	await page.getByRole('alert').getByText('No passkey was used').waitFor();
});

test('the first operator comes in by the link that serve printed, once', async () => {
	const link = firstLink();
	await page.goto(link);
	await page.reload();
	await page.goto('about:blank');
	await page.goto(link);
	await page.getByLabel('Your name').fill('Ann');
	await clean('join');
	await button('Make my passkey').click();
	await page.getByRole('heading', { name: 'Devices' }).waitFor();
	assert.ok(!page.url().includes('join'), 'the secret is in the address no more');
	await page.goto('about:blank');
	await page.goto(link);
	await page.getByRole('heading', { name: 'This link does not work' }).waitFor();
	await clean('used-link');
	await button('To the sign-in').click();
	await page.getByRole('heading', { name: 'Devices' }).waitFor();
});

test('a thousand devices are searched and filtered without delay', async () => {
	await page.getByText('Quarantined').first().waitFor();
	await clean('devices');
	for (let rows = 100; rows < 1000; rows += 100) {
		assert.equal(await page.locator('tbody tr').count(), rows);
		await button('Show more').click();
		await page.waitForFunction((n) => document.querySelectorAll('tbody tr').length > n, rows);
	}
	assert.equal(await page.locator('tbody tr').count(), 1000);
	await page.keyboard.press('/');
	const begun = Date.now();
	await page.keyboard.type('000017');
	await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
	assert.ok(Date.now() - begun < 3000, `${Date.now() - begun} ms to search`);
	await page.getByLabel('Search').fill('');
	await button(/^Quarantined/).click();
	await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
	await page.getByText('debug: enabled').waitFor();
	await page.getByLabel('Search').fill('none of these');
	await page.getByText('No device is like this.').waitFor();
	await clean('no-devices');
});

test('a device shows its measurements and its story', async () => {
	await page.getByLabel('Search').fill('H1-000007');
	await button(/^All/).click();
	await page.getByRole('link', { name: 'H1-000007' }).click();
	await page.getByRole('heading', { name: 'H1-000007' }).waitFor();
	await page.getByRole('img', { name: /Boiler starts: between 1 and 7/ }).waitFor();
	await page.getByText('did not declare: tcp 0.0.0.0:4444').waitFor();
	await page.getByText('measurement: keeld').first().waitFor();
	await page.getByText('Quoted by its TPM').waitFor();
	await page.getByText('Undeclared telemetry').waitFor();
	assert.equal(await page.locator('.plot canvas').count(), 2);
	await clean('device');
	await page.setViewportSize({ width: 390, height: 844 });
	await clean('device-phone');
	await page.setViewportSize({ width: 1280, height: 860 });
});

test('a device is taken out of the fleet for a reason, and back', async () => {
	await button('Take it out of the fleet…').click();
	assert.ok(await button('Take it out').isDisabled());
	await page.getByLabel('Why, for the next operator').fill('returned by its owner');
	await clean('revoke');
	await button('Take it out').click();
	await page.locator('h1 ~ .state').getByText('Revoked').waitFor();
	assert.match(run('units', dir, 'H1-000007'), /revoked.*returned by its owner/);
	await button('Take it back into the fleet').click();
	await page.locator('h1 ~ .state').getByText('Flagged').waitFor();
});

test('events, what was refused, policy and audit log are shown', async () => {
	await go('Events');
	await page.getByText('The software on the device was changed: /usr/sbin/keeld').waitFor();
	await clean('events');
	await button(/What was refused/).click();
	await page.getByText('Session of an unknown unit').waitFor();
	await clean('refused');
	await go('Policy');
	await page.getByText('A debug interface is enabled').waitFor();
	await clean('policy');
	await go('Audit log');
	await page.getByText('reinstated').first().waitFor();
	await page.getByText('came in as the new operator').waitFor({ state: 'attached' });
	await clean('audit');
	assert.match(run('audit', 'verify', dir), /each follows from the one before/);
});

test('another operator is invited and removed', async () => {
	await go('Operators');
	await page.getByLabel('Name').fill('Bob');
	await button('Make a link').click();
	await page.getByText('Bob comes in by this link').waitFor();
	const link = await page.locator('.link-text').textContent();
	assert.ok(link.startsWith(`${origin}/console/#join=`));
	await clean('operators');
	await button('Remove Ann').click();
	await button('Remove').last().click();
	await page.getByText('The last operator stays').waitFor();
	await button('Leave it').click();
});

test('the secret of a link, a cookie and a passkey are not in the database', async () => {
	const link = await page.locator('.link-text').textContent();
	const [cookie] = await context.cookies(origin);
	assert.equal(cookie.name, '__Host-keel');
	assert.ok(cookie.secure && cookie.httpOnly && cookie.sameSite === 'Strict');
	const bytes = Buffer.concat(['fleet.db', 'fleet.db-wal'].map((f) => readFileSync(join(dir, 'data', f))));
	for (const secret of [link.split('=')[1], cookie.value])
		for (const form of [Buffer.from(secret), Buffer.from(secret, 'base64url')]) assert.equal(bytes.indexOf(form), -1);
});

test('a session outlives a restart of the service, and ends when its operator signs out', async () => {
	await stop();
	await go('Audit log');
	await page.getByText('The service does not answer').waitFor();
	await clean('no-service');
	await serve();
	assert.ok(!/#join=/.test(printed), 'there is an operator: no link');
	await button('Try again').click();
	await page.getByText('made a link for Bob').waitFor();
	await button('Sign out').click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	await button('Sign in with your passkey').click();
	await page.getByText('signed out').first().waitFor();
});

test('who is removed is out at the next click', async () => {
	const made = JSON.parse(run('operator', 'add', dir, 'Carl', '--json'));
	const other = await place.phone('carl', { viewport: { width: 1280, height: 860 }, hasTouch: false });
	const carl = other.pages()[0];
	const cdp = await other.newCDPSession(carl);
	await cdp.send('WebAuthn.enable');
	await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true } });
	await carl.goto(made.link);
	await carl.getByRole('heading', { name: 'Welcome, Carl' }).waitFor();
	await carl.getByRole('button', { name: 'Make my passkey' }).click();
	await carl.getByRole('heading', { name: 'Devices' }).waitFor();
	await go('Operators');
	await button('Remove Carl').click();
	await button('Remove').last().click();
	await page.getByText('removed').first().waitFor();
	await carl.getByRole('link', { name: 'Events' }).click();
	await carl.getByText('You were signed out').waitFor();
	await carl.getByRole('button', { name: 'Sign in with your passkey' }).click();
	await carl.getByText('This passkey was not accepted').waitFor();
	await other.close();
});

test('a user who is not verified does not come in', async () => {
	await button('Sign out').click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	await authenticator.cdp.send('WebAuthn.setUserVerified', { authenticatorId: authenticator.id, isUserVerified: false });
	await button('Sign in with your passkey').click();
	await page.getByRole('alert').waitFor();
	await authenticator.cdp.send('WebAuthn.setUserVerified', { authenticatorId: authenticator.id, isUserVerified: true });
	await button('Sign in with your passkey').click();
	await page.getByRole('heading', { name: 'Operators' }).waitFor();
});

test('another page of the same machine asks in vain', async () => {
	const status = await page.evaluate(async (url) => (await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })).status, `${origin}/console/api/me`);
	assert.equal(status, 200); /* this page may */
	const node = await import('node:https');
	const [cookie] = await context.cookies(origin);
	const asked = await new Promise((done) => node.request(`${origin}/console/api/me`, { method: 'POST', ca: readFileSync(place.file('ca.crt')),
		headers: { 'Content-Type': 'application/json', Cookie: `__Host-keel=${cookie.value}` } }, (r) => done(r.statusCode)).end('{}'));
	assert.equal(asked, 403);
});

test('it works by keyboard alone', async () => {
	await page.goto(`${origin}/console/`);
	await page.getByRole('heading', { name: 'Devices' }).waitFor();
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate('document.activeElement.textContent'), 'To the content');
	await page.keyboard.press('Enter');
	assert.equal(await page.evaluate('document.activeElement.id'), 'main');
	await page.locator('tbody a').first().focus();
	await page.keyboard.press('Enter');
	await page.getByRole('heading', { name: 'H1-000001' }).waitFor();
	assert.equal(await page.evaluate('document.activeElement.id'), 'main');
});

test('the page complained of nothing, and the service ends cleanly', async () => {
	assert.deepEqual(complaints, []);
	await stop();
});
