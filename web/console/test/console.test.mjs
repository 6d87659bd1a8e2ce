/* An operator's day at the console, with a fleet of 1,000 devices: test/service.mjs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { built, clean as cleanOf, Service } from './service.mjs';

const service = new Service();
const { place, dir, complaints } = service;
const run = (...args) => service.run(...args);
let origin, context, page, authenticator;

before(async () => {
	await service.make();
	origin = service.origin;
	execFileSync(built('tests/fleet/fleet_seed'), [join(dir, 'data/fleet.db'), '1000']);
	await service.serve();
	({ context, page, authenticator } = await service.operator('ann'));
});

after(async () => {
	await context?.close();
	service.close();
});

const clean = (name) => cleanOf(page, name);
const button = (name) => page.getByRole('button', { name, exact: typeof name === 'string' });
const go = (screen) => page.getByRole('navigation').getByRole('link', { name: screen }).click();

test('nobody is in at first, and the sign-in says how', async () => {
	await page.goto(`${origin}/console/`);
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	await clean('sign-in');
	await button('Sign in with your passkey').click();
	await page.getByRole('alert').getByText('No passkey was used').waitFor();
});

test('the first operator comes in by the link that serve printed, once', async () => {
	const link = service.firstLink();
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
	await service.stop();
	await go('Audit log');
	await page.getByText('The service does not answer').waitFor();
	await clean('no-service');
	await service.serve();
	assert.ok(!/#join=/.test(service.printed), 'there is an operator: no link');
	await button('Try again').click();
	await page.getByText('made a link for Bob').waitFor();
	await button('Sign out').click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	await button('Sign in with your passkey').click();
	await page.getByText('signed out').first().waitFor();
});

test('who is removed is out at the next click', async () => {
	const made = JSON.parse(run('operator', 'add', dir, 'Carl', '--json'));
	const { context: other, page: carl } = await service.operator('carl');
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
	await service.stop();
});
