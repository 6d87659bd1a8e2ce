/*
 * The public pages in real Chromium, with the head that the service gives them:
 *	KEEL_PAGES=BUILD/tests/fleet/public/public_pages node web/owner/test/run.mjs tests/fleet/public/browser.test.mjs
 * KEEL_SHOTS=DIR keeps a picture of every page.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';

const of = createRequire(new URL('../../../web/owner/package.json', import.meta.url));
const { chromium } = of('playwright-core');
const axe = readFileSync(of.resolve('axe-core/axe.min.js'), 'utf8');
const { KEEL_PAGES: program, KEEL_SHOTS: shots } = process.env;
const pages = ['/', '/p/hearth-h1/', '/p/hearth-h1/statement', '/after-its-end', '/no-statement', '/nowhere'];
let dir, answers, server, browser, origin;

const answerTo = (path) => answers.find((a) => a.path === path);

function serve(request, response) {
	const a = answerTo(request.url);
	if (!a) return response.writeHead(410).end();
	const head = Object.fromEntries(a.fields.map((f) => f.split(/: (.*)/s).slice(0, 2)));
	response.writeHead(a.status, { ...head, 'Content-Type': a.type, 'X-Content-Type-Options': 'nosniff' });
	response.end(readFileSync(join(dir, a.file)));
}

before(async () => {
	dir = mkdtempSync(join(tmpdir(), 'keel-pages-'));
	execFileSync(program, [dir]);
	answers = JSON.parse(readFileSync(join(dir, 'answers.json'), 'utf8'));
	server = createServer(serve);
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	origin = `http://127.0.0.1:${server.address().port}`;
	browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});

after(async () => {
	await browser?.close();
	server?.close();
	rmSync(dir, { recursive: true, force: true });
});

/* Every page in a context of its own kind: look(page, path). */
async function eachPage(options, look) {
	const context = await browser.newContext(options);
	const page = await context.newPage();
	for (const path of pages) {
		await page.goto(origin + path);
		await look(page, path);
	}
	await context.close();
}

test('without JavaScript every page has its look and its words', async () => {
	await eachPage({ javaScriptEnabled: false }, async (page, path) => {
		assert.equal(await page.locator('h1').count(), 1, path);
		assert.equal(await page.locator('main').count(), 1, path);
		const card = await page.locator('body').evaluate((b) => getComputedStyle(b).backgroundColor);
		assert.equal(card, 'rgb(246, 243, 238)', `${path} has no style`);
	});
});

test('nothing is asked for but page and style, and the policy is never broken', async () => {
	const asked = new Set(), complaints = [];
	await eachPage({}, async (page, path) => {
		page.removeAllListeners();
		page.on('request', (r) => asked.add(new URL(r.url()).pathname));
		page.on('console', (m) => /Content Security/.test(m.text()) && !/favicon/.test(m.text()) && complaints.push(`${path}: ${m.text()}`));
		await page.reload();
	});
	assert.deepEqual([...asked].filter((p) => p !== '/favicon.ico').sort(), [...pages, '/style.css'].sort());
	assert.deepEqual(complaints, []);
});

test('every link inside leads somewhere', async () => {
	await eachPage({}, async (page, path) => {
		const hrefs = await page.locator('a[href^="/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
		for (const href of hrefs) assert.equal(answerTo(href)?.status, 200, `${path} links to ${href}`);
		const inside = await page.locator('a[href^="#"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
		for (const id of inside) assert.equal(await page.locator(`section${id}`).count(), 1, `${path} has no ${id}`);
	});
});

for (const colorScheme of ['light', 'dark'])
	for (const [kind, width] of [['small phone', 320], ['phone', 390], ['tablet', 820], ['desktop', 1280]])
		test(`${kind}, ${colorScheme}: axe finds nothing, and nothing scrolls sideways`, async () => {
			await eachPage({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true }, async (page, path) => {
				const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				assert.ok(wide <= 0, `${path} is ${wide} pixels too wide`);
				await page.addScriptTag({ content: axe });
				const { violations } = await page.evaluate(() => globalThis.axe.run());
				assert.deepEqual(violations.map((v) => `${path}: ${v.id}: ${v.nodes[0].html}`), []);
				if (shots) await page.screenshot({ path: join(shots, `public${path.replaceAll('/', '-')}-${kind}-${colorScheme}.png`), fullPage: true });
			});
		});
