/* Reports at the desk, end to end: what is reported on the public page, operators read and answer, and the reporter sees it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { clean, Service } from './service.mjs';

const service = new Service();
const canary = 'canary-5d1f <b>port 23</b> answers\nwithout a password';
let ann, page, reporter, code, number;

const button = (name, on = page) => on.getByRole('button', { name, exact: typeof name === 'string' });
const go = (screen, on = page) => on.getByRole('navigation').getByRole('link', { name: screen }).click();

async function onPhone(name) {
	await page.setViewportSize({ width: 390, height: 844 });
	await clean(page, name);
	await page.setViewportSize({ width: 1280, height: 860 });
}

async function comeIn(name, link, more) {
	const op = await service.operator(name.toLowerCase(), more);
	await op.page.goto(link);
	if (name === 'Ann') await op.page.getByLabel('Your name').fill(name);
	await button('Make my passkey', op.page).click();
	await op.page.getByRole('heading', { name: 'Devices' }).waitFor();
	return op;
}

/* The service's next answer to a call comes otherwise. `by` runs in the page. */
const change = (call, by) => page.evaluate(`((call, by) => {
	const real = fetch;
	fetch = async (url, how) => {
		const answer = await real(url, how);
		if (!url.endsWith('/api/' + call)) return answer;
		fetch = real;
		const said = await answer.json();
		by(said);
		return new Response(JSON.stringify(said));
	};
})(${JSON.stringify(call)}, ${by})`);

/* A reading key by recovery code, where the passkey gives no secret; gives the code. */
async function makeReader(on) {
	await button('Make it with your passkey', on).click();
	await on.getByText('cannot wrap a key').waitFor();
	const made = await on.locator('.link-text').textContent();
	await button('I have kept it: make the key', on).click();
	await on.getByText('Its fingerprint').waitFor();
	return made;
}

before(async () => {
	await service.make(['desk']);
	await service.serve();
	ann = await comeIn('Ann', service.firstLink());
	page = ann.page;
});

after(async () => {
	await ann?.context.close();
	await reporter?.context.close();
	service.close();
});

test('the first operator makes a reading key and the desk’s key', async () => {
	await go('Cases');
	await page.getByText('Nothing was reported yet').waitFor();
	await clean(page, 'cases-none');
	await page.getByRole('link', { name: 'Your reading key' }).click();
	await button('Make it with a recovery code…').waitFor();
	await clean(page, 'desk-none');
	code = await makeReader(page);
	assert.match(code, /^([0-9A-Z]{5}-){5}[0-9A-Z]$/);
	await button('Make the desk’s key').click();
	await page.getByText('You read what is reported').waitFor();
	await onPhone('desk-mine');
});

test('a report by the public page is read, answered, noted, and its state set', async () => {
	reporter = await service.browser('reporter');
	const its = reporter.page;
	await its.goto(`${service.origin}/report`);
	await its.fill('#text', canary);
	await its.locator('[name=contact]').fill('finder@example.org');
	await its.setInputFiles('#files', { name: 'poc.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(70000, 7) });
	await its.click('button[type=submit]');
	await its.waitForSelector('.done', { timeout: 60000 });
	number = await its.textContent('.done strong');
	await go('Cases');
	await page.getByText(/^An answer within/).waitFor();
	await clean(page, 'cases');
	await onPhone('cases-phone');
	await page.getByRole('link', { name: number }).focus();
	await page.keyboard.press('Enter');
	await page.getByText('canary-5d1f').waitFor();
	assert.equal(await page.locator('.said.reporter p').textContent(), canary, 'what was reported is text');
	await page.getByText('finder@example.org').waitFor();
	const [saved] = await Promise.all([page.waitForEvent('download'), button(/^Save file 1/).click()]);
	assert.equal(saved.suggestedFilename(), 'poc.bin');
	assert.deepEqual(readFileSync(await saved.path()), Buffer.alloc(70000, 7));
	await page.getByLabel('Private note').fill('canary-note: it is the old image');
	await button('Keep the note').click();
	await page.locator('.said.note').getByText('the old image').waitFor();
	await page.getByLabel('Answer').fill('canary-answer: thank you, we see it, too');
	await button('Send the answer').click();
	await page.locator('.said.desk').getByText('we see it, too').waitFor();
	assert.equal(await page.getByLabel('Answer').inputValue(), '');
	await page.locator('.head .state').getByText('Acknowledged').waitFor();
	await button('Confirm').click();
	await page.locator('.head .state').getByText('Confirmed').waitFor();
	await page.getByText(/^A status within/).waitFor();
	await clean(page, 'case');
	await onPhone('case-phone');
});

test('the reporter sees state and answer, and no note', async () => {
	const its = reporter.page;
	await its.goto(await its.getAttribute('.done a', 'href'));
	await its.locator('li.desk').getByText('we see it, too').waitFor();
	assert.match(await its.textContent('#status'), /confirmed/);
	assert.equal(await its.locator('#messages li').count(), 2);
});

test('the key is of this page only: the recovery code unlocks it, and no other', async () => {
	await button('Sign out').click();
	await button('Sign in with your passkey').click();
	await page.getByText('Your reading key is locked').waitFor();
	await page.reload();
	await page.getByText('Your reading key is locked').waitFor();
	assert.equal(await page.getByText('canary').count(), 0);
	await page.getByLabel('Your recovery code').fill(`0${code.slice(1)}`.replace(/.$/, (c) => (c === '0' ? '1' : '0')));
	await button('Unlock').click();
	await page.getByText('This is not the code').waitFor();
	await clean(page, 'case-locked');
	await page.getByLabel('Your recovery code').fill(code.toLowerCase());
	await page.keyboard.press('Enter');
	await page.getByText('canary-5d1f').waitFor();
	assert.equal(await page.evaluate('document.activeElement.id'), 'main');
});

test('what is late stands there in words and red, and a case that is none is told', async () => {
	await change('cases', (said) => { for (const c of said.cases) Object.assign(c, { acknowledged: undefined, due: said.now - 3 * 86400 }); });
	await go('Cases');
	const late = page.getByText('Late: an answer was due 3 days ago');
	await late.waitFor();
	await clean(page, 'cases-late');
	await page.emulateMedia({ colorScheme: 'light' });
	assert.equal(await late.evaluate((e) => getComputedStyle(e).color), 'rgb(161, 31, 42)');
	await page.goto(`${service.origin}/console/#case=2026-0000`);
	await page.getByText('There is no case of this number').waitFor();
	await clean(page, 'case-none');
});

test('a service that is not honest is told from an honest one', async () => {
	await change('case', (said) => {
		said.said.find((m) => m.from === 'desk').from = 'reporter';
		said.files[0].pieces--;
	});
	await page.goto(`${service.origin}/console/#case=${number}`);
	await page.getByText('not from whom the service says').waitFor();
	assert.equal(await page.getByText('we see it, too').count(), 0);
	await button(/^Save file 1/).click();
	await page.getByText('The file is not whole').waitFor();
	await page.reload();
	await page.getByText('Your reading key is locked').waitFor();
	await change('desk', (said) => { said.readers[0].key = said.keys[0].key; });
	await go('Reading key');
	await page.getByLabel('Your recovery code').fill(code);
	await button('Unlock').click();
	await page.getByText('another public key than yours').waitFor();
	await page.reload();
	await page.getByLabel('Your recovery code').waitFor();
	await change('desk', (said) => { said.keys[0].copy = said.readers[0].wrapped; });
	await page.getByLabel('Your recovery code').fill(code);
	await button('Unlock').click();
	await page.getByText('A copy of the desk’s key that was given to you does not open').waitFor();
	await page.reload();
	await page.goto(`${service.origin}/console/#case=${number}`);
	await page.getByText('Your reading key is locked').waitFor();
	await page.getByLabel('Your recovery code').fill(code);
	await button('Unlock').click();
	await page.getByText('canary-5d1f').waitFor();
});

test('a session does not end over a long answer', async () => {
	await page.evaluate('{ const real = Date.now; Date.now = () => real() + 301000; }');
	const asked = page.waitForRequest('**/api/me');
	await page.getByLabel('Answer').pressSequentially('we');
	await asked;
	await page.getByLabel('Answer').fill('');
});

test('a second operator reads once the first has compared and given the key', async () => {
	const bob = await comeIn('Bob', JSON.parse(service.run('operator', 'add', service.dir, 'Bob', '--json')).link, { ctap2Version: 'ctap2_1', hasPrf: true });
	await go('Reading key', bob.page);
	await button('Make it with your passkey', bob.page).click();
	await bob.page.getByText('You do not read reports yet').waitFor();
	const print = await bob.page.locator('.print').textContent();
	await go('Reading key');
	await button('Let Bob read').click();
	await page.getByRole('dialog').locator('.print').getByText(print).waitFor();
	await clean(page, 'desk-give');
	await button('It is the same: give the key').click();
	await page.getByRole('dialog').waitFor({ state: 'detached' });
	await bob.page.reload();
	await go('Cases', bob.page);
	await bob.page.getByRole('link', { name: number }).click();
	await button('Unlock with your passkey', bob.page).click();
	await bob.page.locator('.said.note').getByText('the old image').waitFor();
	await bob.page.getByText('canary-5d1f').waitFor();
	await bob.context.close();
});

test('a new key for the desk is for what comes, and the old one opens what was there', async () => {
	const sealedTo = () => page.evaluate(async () => (await (await fetch('/v1/report-vulnerability')).json()).key);
	const old = await sealedTo();
	await button('Make a new key for the desk…').click();
	await clean(page, 'desk-renew');
	await button('Make a new key').click();
	await button('Let Bob read').waitFor();
	assert.notEqual(await sealedTo(), old);
	await page.goto(`${service.origin}/console/#case=${number}`);
	await page.getByText('canary-5d1f').waitFor();
});

test('nothing that was said lies in the service’s files, and the pages complained of nothing', async () => {
	await service.stop();
	for (const name of ['fleet.db', 'fleet.db-wal']) {
		let bytes;
		try { bytes = readFileSync(join(service.dir, 'data', name)); } catch { continue; }
		assert.equal(bytes.indexOf('canary'), -1, name);
	}
	assert.deepEqual(service.complaints, []);
});
