/* The service worker runs only a bundle that the release key signed; without a server it runs the last one. */
import './setup.mjs';
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { Place } from './place.mjs';

const place = new Place();
const patience = { timeout: 20000 };
let phone, page, good;

before(async () => {
	place.makeCa();
	place.homes('https://localhost:1');
	await place.serve();
	place.build('1.2.0');
	good = place.file('good');
	cpSync(place.web, good, { recursive: true });
	phone = await place.phone('ann');
	page = phone.pages()[0];
	await page.goto(place.origin);
	await page.getByText('signed by its maker’s release key').waitFor(patience);
});

after(async () => {
	await phone?.close();
	place.close();
});

const restore = () => {
	rmSync(place.web, { recursive: true, force: true });
	cpSync(good, place.web, { recursive: true });
};
const find = (start, end) => join(place.web, readdirSync(place.web).find((f) => f.startsWith(start) && f.endsWith(end)));
const app = () => find('app-', '.js');
const version = () => page.locator('dd').first().textContent();

async function press() {
	await page.getByRole('button', { name: 'Look for a newer version' }).click();
	await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'), null, patience);
}

async function look(sentence) {
	await page.reload(); /* what was said before is gone */
	await press();
	await page.getByText(sentence).first().waitFor(patience);
}

/* The page comes back as it was, from the phone, whatever the server now holds. */
async function unharmed() {
	await page.reload();
	await page.getByRole('heading', { name: 'Add your home' }).waitFor(patience);
	assert.equal(await page.evaluate(() => window.changed), undefined);
	assert.equal(await version(), '1.2.0');
}

test('a page with a changed script is refused, though its list is signed', async () => {
	appendFileSync(app(), ';window.changed = 1;');
	await unharmed();
	restore();
});

test('a changed list is refused', async () => {
	appendFileSync(app(), ';window.changed = 1;');
	const list = JSON.parse(readFileSync(join(place.web, 'bundle.json')));
	list.version = '9.0.0';
	const { createHash } = await import('node:crypto');
	list.files[`/${app().split('/').pop()}`] = createHash('sha256').update(readFileSync(app())).digest('hex');
	writeFileSync(join(place.web, 'bundle.json'), JSON.stringify(list));
	await unharmed();
	await look('It was refused');
	await page.getByText('not signed by the release key').first().waitFor(patience);
	restore();
});

test('a whole bundle under another key is refused', async () => {
	const key = place.key;
	const worker = readFileSync(join(place.web, 'sw.js'));
	place.key = place.file('thief.pem');
	place.build('9.0.0');
	writeFileSync(join(place.web, 'sw.js'), worker);
	place.key = key;
	await unharmed();
	await look('It was refused');
	restore();
});

test('a file that the list names but the server changed is not taken into a new version', async () => {
	place.build('1.3.0');
	const styles = find('app-', '.css');
	const { createHash, createPrivateKey, sign } = await import('node:crypto');
	const { signedBytes } = await import('../sw/bundle.js');
	const list = JSON.parse(readFileSync(join(place.web, 'bundle.json')));
	assert.equal(list.files[`/${styles.split('/').pop()}`], createHash('sha256').update(readFileSync(styles)).digest('hex'));
	const bytes = readFileSync(join(place.web, 'bundle.json'));
	const signature = sign('sha256', signedBytes(bytes), { key: createPrivateKey(readFileSync(place.key)), dsaEncoding: 'ieee-p1363' });
	writeFileSync(join(place.web, 'bundle.sig'), signature);
	appendFileSync(styles, 'body{display:none}');
	await look('It was refused');
	await unharmed();
	restore();
});

test('an older version is refused, though it is signed', async () => {
	place.build('1.1.9');
	await look('It was refused');
	await page.getByText('older than 1.2.0').first().waitFor(patience);
	await unharmed();
	restore();
});

test('a path that is not in the bundle is never fetched from the server', async () => {
	writeFileSync(join(place.web, 'extra.js'), 'window.changed = 1;');
	assert.equal(await page.evaluate(async () => (await fetch('/extra.js')).status), 404);
});

test('without its server the app opens', async () => {
	place.down = true;
	await unharmed();
	place.down = false;
});

/* docs/threats.md, Not defended: a browser gives no means against it. What can be done is not to call such a page signed. */
test('a reload by force goes past the guard: the page says so, and the next one is the signed one again', async () => {
	const browser = await phone.newCDPSession(page);
	appendFileSync(app(), ';window.changed = 1;');
	await browser.send('Page.reload', { ignoreCache: true }); /* as Ctrl-Shift-R */
	const said = page.getByText('nobody checked its signature');
	await said.waitFor(patience);
	assert.equal(await page.evaluate(() => window.changed), 1, 'the server’s script ran');
	await press();
	await said.waitFor(patience);
	assert.equal(await page.getByText('signed by its maker’s release key').count(), 0);
	await unharmed();
	await page.getByText('signed by its maker’s release key').waitFor(patience);
	restore();
});

test('a newer signed version is taken, and runs when the app is opened again', async () => {
	place.build('1.2.1');
	await page.reload();
	const told = page.getByText('A newer signed version is here').first();
	await told.waitFor(patience);
	await press();
	assert.ok(await told.isVisible(), 'it is still the older one that runs');
	await page.reload();
	await page.getByRole('heading', { name: 'Add your home' }).waitFor(patience);
	await page.getByText('1.2.1').waitFor(patience);
});

/* A signature covers bytes, not headers: the page's policy and type are the guard's own. */
test('headers that the server changes reach no page', async () => {
	place.headers = { 'Content-Type': 'text/plain', 'Content-Security-Policy': "default-src * 'unsafe-inline' 'unsafe-eval' data: blob:",
		'Permissions-Policy': 'camera=*', 'Referrer-Policy': 'unsafe-url', 'Access-Control-Allow-Origin': '*', 'X-Strange': '1' };
	place.build('1.2.2');
	await look('A newer signed version is here');
	await page.reload();
	await page.getByText('1.2.2').waitFor(patience);
	const seen = await page.evaluate(async () => {
		const scripts = [...document.scripts].map((s) => new URL(s.src).pathname);
		const files = await Promise.all(['/index.html', ...scripts].map(async (f) => Object.fromEntries((await fetch(f)).headers)));
		const refused = await new Promise((done) => {
			addEventListener('securitypolicyviolation', (e) => done(`${e.effectiveDirective} ${e.disposition}`), { once: true });
			fetch('https://elsewhere.example/').catch(() => {});
			setTimeout(() => done('nothing'), 2000);
		});
		return { files, refused };
	});
	assert.deepEqual(seen.files.map((f) => f['content-type']), ['text/html; charset=utf-8', 'text/javascript']);
	for (const headers of seen.files) {
		assert.match(headers['content-security-policy'], /^default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
		assert.deepEqual(Object.keys(headers).sort(), ['cache-control', 'content-security-policy', 'content-type', 'permissions-policy', 'referrer-policy', 'x-content-type-options']);
	}
	assert.equal(seen.refused, 'connect-src enforce', 'only the homes of config.json');
	place.headers = undefined;
});

/* It is not signed, since it differs from place to place: so it must never be a page. */
test('the list of homes is no page, whatever the server makes of it', async () => {
	const kept = readFileSync(place.file('config.json'));
	place.headers = { 'Content-Type': 'text/html' };
	writeFileSync(place.file('config.json'), '<script>window.changed = 1</script>');
	await page.goto(`${place.origin}/config.json`);
	await page.getByRole('heading', { name: 'Add your home' }).waitFor(patience);
	assert.equal(await page.evaluate(() => window.changed), undefined);
	assert.deepEqual(await page.evaluate(async () => (await fetch('/config.json')).json()), JSON.parse(kept), 'the last good one');
	writeFileSync(place.file('config.json'), JSON.stringify({ homes: [{ name: 'x', url: "https://home.example; script-src *" }, { name: 'y', url: "javascript:1" }, { name: 'z', url: 'https://z.example:8443/a', service: 'https://s.example' },
		{ name: 'z', url: 'https://z.example:8443', service: "https://e.example; script-src *" }] }));
	await page.evaluate(() => fetch('/config.json'));
	const policy = await page.evaluate(async () => (await fetch('/index.html')).headers.get('content-security-policy'));
	assert.match(policy, /; connect-src 'self' https:\/\/z\.example:8443 https:\/\/s\.example; media-src/);
	writeFileSync(place.file('config.json'), kept);
	place.headers = undefined;
	await page.goto(place.origin);
	await page.getByRole('heading', { name: 'Add your home' }).waitFor(patience);
});

test('a replaced guard is seen by the page that runs, and said', async () => {
	appendFileSync(join(place.web, 'sw.js'), '\n/* another */\n');
	await page.reload();
	await page.getByText('The server replaced the guard of this app').waitFor(patience);
});

test('a script that is not the app’s does not run: Content-Security-Policy and Trusted Types', async () => {
	const refused = await page.evaluate(() => {
		const tried = [];
		for (const run of [() => (document.createElement('script').text = '1'), () => (document.body.innerHTML = '<b>x</b>'), () => new Worker('/x.js'), () => trustedTypes.createPolicy('other', {})])
			try {
				run();
				tried.push('ran');
			} catch {
				tried.push('refused');
			}
		return tried;
	});
	assert.deepEqual(refused, ['refused', 'refused', 'refused', 'refused']);
});
