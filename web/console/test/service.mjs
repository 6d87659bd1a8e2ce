/*
 * The real keel-fleet behind its walls, with the built console, and operators' browsers (real Chromium, virtual authenticators).
 * KEEL_BUILD: where it was built (../../build). KEEL_SHOTS=DIR keeps a picture of every screen. Place, browser and axe are the owner's app's.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Place } from '../../owner/test/place.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const build = resolve(process.env.KEEL_BUILD ?? join(here, '../../build'));
const axe = readFileSync(createRequire(new URL('../../owner/package.json', import.meta.url)).resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.KEEL_SHOTS;

export const built = (program) => join(build, program);

async function freePort() {
	const server = createServer();
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	const { port } = server.address();
	await new Promise((done) => server.close(done));
	return port;
}

export class Service {
	constructor() {
		this.place = new Place();
		this.dir = this.place.file('fleet');
		this.complaints = [];
		this.printed = '';
	}

	run(...args) {
		return execFileSync(built('src/fleet/keel-fleet'), args, { encoding: 'utf8' });
	}

	/* pages: what else than the console is served, of web/, by config.yaml's word for it. */
	async make(pages = []) {
		this.place.makeCa();
		const port = await freePort();
		this.origin = `https://localhost:${port}`;
		this.run('init', this.dir, '--origin', this.origin);
		for (const name of ['tls.crt', 'tls.key']) copyFileSync(this.place.file(name), join(this.dir, name));
		let config = readFileSync(join(this.dir, 'config.yaml'), 'utf8').replace('port: 8450', `port: ${port}`).replace('"::"', '"127.0.0.1"');
		for (const name of ['console', ...pages]) {
			execFileSync(process.execPath, ['build.mjs', '--out', join(this.dir, name)], { cwd: join(here, '..', name) });
			config = config.replace(`${name}: ""`, `${name}: "${name}"`);
		}
		writeFileSync(join(this.dir, 'config.yaml'), config);
	}

	async serve() {
		this.printed = '';
		this.service = spawn(built('src/fleet/keel-fleet'), ['serve', this.dir], { stdio: ['ignore', 'pipe', 'pipe'] });
		const heard = (b) => (this.printed += b);
		this.service.stdout.on('data', heard);
		this.service.stderr.on('data', heard);
		for (let i = 0; i < 100 && !/, port \d+/.test(this.printed); i++) await new Promise((done) => setTimeout(done, 100));
		assert.match(this.printed, /, port \d+/);
	}

	firstLink() {
		return /https:\S+#join=\S+/.exec(this.printed)[0];
	}

	async stop() {
		const ended = new Promise((done) => this.service.once('exit', done));
		this.service.kill('SIGTERM');
		assert.equal(await ended, 0, this.printed);
	}

	/* A browser of somebody's, whose page may complain of nothing. */
	async browser(name, height = 860) {
		const context = await this.place.phone(name, { viewport: { width: 1280, height }, hasTouch: false, deviceScaleFactor: 1 });
		const page = context.pages()[0];
		page.setDefaultTimeout(Number(process.env.KEEL_PATIENCE_MS ?? 20000));
		page.on('pageerror', (e) => this.complaints.push(e.message));
		page.on('console', (m) => m.type() === 'error' && !/ERR_|status of 4/.test(m.text()) && this.complaints.push(m.text()));
		return { context, page };
	}

	/* One with an authenticator; more: WebAuthn.addVirtualAuthenticator's options. */
	async operator(name, more = {}) {
		const { context, page } = await this.browser(name);
		const cdp = await context.newCDPSession(page);
		await cdp.send('WebAuthn.enable');
		const { authenticatorId: id } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true,
			hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...more } });
		return { context, page, authenticator: { cdp, id } };
	}

	close() {
		this.service?.kill('SIGKILL');
		this.place.close();
	}
}

/* axe, light and dark, and nothing wider than the window. */
export async function clean(page, name) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
		await page.waitForTimeout(150);
		await page.evaluate(() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))); // drawn in these colours
		if (shots) await page.screenshot({ path: join(shots, `${name}-${colorScheme}.png`), fullPage: true });
		const found = await page.evaluate(`(() => { ${axe}; return axe.run(); })()`);
		assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`), [], `${name}, ${colorScheme}`);
		const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
		assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
	}
}
