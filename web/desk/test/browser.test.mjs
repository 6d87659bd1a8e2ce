/*
 * The pages for reporters in a real Chromium, against the real keel-fleet. KEEL_BUILD: a build folder (build-gcc); KEEL_SHOTS: a
 * folder for screenshots.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const build = resolve(top, process.env.KEEL_BUILD ?? 'build-gcc');
const owner = createRequire(new URL('../../owner/package.json', import.meta.url));
const { chromium } = owner('playwright-core');
const axe = readFileSync(owner.resolve('axe-core/axe.min.js'), 'utf8');
const dir = mkdtempSync(join(tmpdir(), 'keel-desk-')), fleet = join(dir, 'fleet');
const run = (program, ...words) => execFileSync(join(build, program), words, { encoding: 'utf8', maxBuffer: 64 << 20 });
const desk = (act, ...words) => run('tests/fleet/desk_peer', act, join(fleet, 'data/fleet.db'), join(dir, 'desk.keys'), ...words);
const canary = 'canary-91ab2c <b>the heater</b> answers port 23\nand more';
let service, browser, origin;

async function freePort() {
	const s = createServer();
	await new Promise((done) => s.listen(0, '127.0.0.1', done));
	const { port } = s.address();
	await new Promise((done) => s.close(done));
	return port;
}

function start() {
	service = spawn(join(build, 'src/fleet/keel-fleet'), ['serve', fleet], { stdio: ['ignore', 'pipe', 'inherit'] });
	return new Promise((done) => service.stdout.once('data', done));
}

before(async () => {
	const port = await freePort();
	origin = `https://localhost:${port}`;
	execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', join(dir, 'unit.pem')]);
	run('src/fleet/keel-fleet', 'init', fleet, '--origin', origin);
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(fleet, 'tls.key'),
		'-out', join(fleet, 'tls.crt'), '-subj', '/CN=localhost', '-days', '2', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
	execFileSync('node', [join(top, 'web/desk/build.mjs'), '--out', join(fleet, 'desk')]);
	const config = readFileSync(join(fleet, 'config.yaml'), 'utf8').replace(/^address:.*$/m, 'address: "127.0.0.1"')
		.replace(/^port:.*$/m, `port: ${port}`).replace(/^desk:.*$/m, 'desk: "desk"');
	writeFileSync(join(fleet, 'config.yaml'), config);
	run('src/cli/keel', 'compile', join(top, 'products/heating/product.yaml'), '--maker-key', join(dir, 'unit.pem'), '-o', join(dir, 'product.cbor'));
	run('src/fleet/keel-fleet', 'product', 'add', fleet, join(dir, 'product.cbor'));
	desk('make');
	await start();
	browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});

after(async () => {
	await browser?.close();
	service?.kill();
	rmSync(dir, { recursive: true, force: true });
});

async function open(path, more = {}) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1000, height: 900 }, ...more });
	const page = await context.newPage();
	page.problems = [];
	page.on('pageerror', (e) => page.problems.push(e.message));
	page.on('console', (m) => { if (m.type() === 'error') page.problems.push(m.text()); });
	await page.goto(path.startsWith('https:') ? path : origin + path);
	return page;
}

/* axe and, where somebody wants to look, a picture: light and dark, phone and desktop. */
async function look(page, name) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		const found = await page.evaluate(`(() => { ${axe}; return axe.run(); })()`);
		assert.deepEqual(found.violations.map((v) => `${name} ${colorScheme}: ${v.id} ${v.nodes[0].html}`), []);
		for (const [size, width] of [['desktop', 1000], ['phone', 380]]) {
			await page.setViewportSize({ width, height: 900 });
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} ${size} is too wide`);
			if (process.env.KEEL_SHOTS) await page.screenshot({ path: join(process.env.KEEL_SHOTS, `${name}-${colorScheme}-${size}.png`), fullPage: true });
		}
	}
}

async function report(page, text, files = []) {
	await page.fill('#text', text);
	if (files.length > 0) await page.setInputFiles('#files', files);
	await page.click('button[type=submit]');
	await page.waitForSelector('.done', { timeout: 60000 });
	return { number: await page.textContent('.done strong'), link: await page.getAttribute('.done a', 'href') };
}

test('a report is sealed in the page, kept, answered, and the conversation follows by the link', async () => {
	const page = await open('/report?product=hearth-h1'), sent = [];
	page.on('request', (r) => sent.push(r.url(), r.postDataBuffer()?.toString('latin1') ?? ''));
	await page.waitForFunction(() => document.getElementById('promise').textContent !== '');
	assert.match(await page.textContent('#promise'), /answers within 2 days.*every 14 days/);
	await look(page, 'report');
	const file = { name: 'poc.bin', mimeType: 'application/octet-stream', buffer: randomBytes(200000) };
	const { number, link } = await report(page, canary, [file]);
	await look(page, 'kept');
	assert.match(number, /^20\d\d-[0-9A-Z]{4}$/);
	assert.equal(desk('read', number), `0: ${canary}|hearth-h1|\n`);
	const secret = link.split('#')[1];
	assert.ok(sent.length > 4 && !sent.some((s) => s.includes('canary') || s.includes(secret)), 'something left the page unsealed');
	desk('answer', number, 'we see it, too');
	const its = await open(link), asked = [];
	its.on('request', (r) => asked.push(r.url()));
	await its.waitForSelector('li.desk');
	assert.equal(await its.textContent('li.desk p'), 'we see it, too');
	assert.equal(await its.textContent('li.reporter p'), canary, 'the report is not shown as text');
	assert.match(await its.textContent('#status'), /acknowledged/);
	await look(its, 'case');
	await its.fill('#text', 'and the valve, too');
	await its.click('button[type=submit]');
	await its.waitForSelector('li:nth-child(3)');
	assert.ok(!asked.some((u) => u.includes(secret)), 'the secret was sent');
	assert.match(desk('read', number), /\n0: and the valve, too\|\|\n$/);
	assert.deepEqual([...page.problems, ...its.problems], []);
});

test('25 MiB of files come out whole, and a byte more is not taken', async () => {
	const page = await open('/report'), whole = randomBytes(25 << 20);
	const at = join(dir, 'large.bin');
	writeFileSync(at, Buffer.concat([whole, Buffer.from('x')]));
	await page.fill('#text', 'large');
	await page.setInputFiles('#files', at);
	await page.click('button[type=submit]');
	await page.waitForSelector('#told.bad');
	assert.match(await page.textContent('#told'), /larger than 25 MiB/);
	writeFileSync(at, whole);
	const { number } = await report(page, 'large', [at]);
	assert.equal(await page.locator('.done .bad').count(), 0);
	const [file] = desk('files', number).split(' ');
	const out = execFileSync(join(build, 'tests/fleet/desk_peer'), ['file', join(fleet, 'data/fleet.db'), join(dir, 'desk.keys'), number, file], { maxBuffer: 64 << 20 });
	assert.equal(createHash('sha256').update(out).digest('hex'), createHash('sha256').update(whole).digest('hex'));
});

test('a lost answer leaves what was written, and the same report is not kept twice', async () => {
	const page = await open('/report'), before = desk('cases').split('\n').length;
	await page.route('**/sealed', async (route) => { await route.fetch(); await route.abort(); }, { times: 1 });
	await page.fill('#text', 'once');
	await page.click('button[type=submit]');
	await page.waitForSelector('#told.bad', { timeout: 60000 });
	assert.match(await page.textContent('#told'), /cannot be reached/);
	assert.equal(await page.inputValue('#text'), 'once');
	const { number } = await report(page, 'once');
	assert.equal(desk('read', number), '0: once||\n');
	assert.equal(desk('cases').split('\n').length, before + 1);
});

test('without script a form is taken, and the link shows the status and says why no more', async () => {
	const page = await open('/report', { javaScriptEnabled: false });
	assert.match(await page.textContent('noscript'), /four reports an hour/);
	assert.equal(await page.locator('#files').isVisible(), false);
	await page.fill('#text', 'by a plain form');
	await page.click('button[type=submit]');
	const link = await page.getAttribute('main a', 'href'), number = await page.textContent('strong');
	assert.equal(desk('read', number), '0: by a plain form||\n');
	desk('turn', number, '3');
	await page.goto(link);
	assert.match(await page.textContent('#status'), /fixed/);
	assert.match(await page.textContent('noscript'), /the status alone/);
	if (process.env.KEEL_SHOTS) await page.screenshot({ path: join(process.env.KEEL_SHOTS, 'plain.png') });
	const scripted = await open(link);
	await scripted.waitForSelector('li.reporter');
	assert.equal(await scripted.textContent('li.reporter p'), 'by a plain form');
});

test('half a link, or one of another case, opens nothing and says so', async () => {
	const page = await open('/case?AAAA#AAAA');
	assert.match(await page.textContent('main'), /There is no case by this link/);
	await look(page, 'no-case');
	const { link } = await report(await open('/report'), 'x');
	const wrong = await open(`${link.split('#')[0]}#${'A'.repeat(43)}`);
	await wrong.waitForSelector('#told.bad');
	assert.match(await wrong.textContent('#told'), /do not belong together/);
	assert.equal(await wrong.locator('#conversation').isVisible(), false);
});
