/*
 * A place to test in: a CA in a fresh profile's own store, the built app on an origin of its own, a
 * browser that trusts nothing else, and a home (the fake hub, or the real one of KEEL_HUB_URL).
 */
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const owner = fileURLToPath(new URL('..', import.meta.url));
const types = { html: 'text/html', js: 'text/javascript', css: 'text/css', json: 'application/json', svg: 'image/svg+xml', png: 'image/png',
	webmanifest: 'application/manifest+json' };
const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });

export class Place {
	constructor() {
		this.dir = mkdtempSync(join(tmpdir(), 'keel-app-'));
		this.web = join(this.dir, 'web');
		this.key = join(this.dir, 'release.pem');
	}

	file(name) {
		return join(this.dir, name);
	}

	/* The maker's CA, and a certificate under it for this machine. KEEL_CA and its key stand in for it. */
	makeCa() {
		openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', this.file('ca.key'), '-out', this.file('ca.crt'),
			'-subj', '/CN=Keel test CA', '-days', '30', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign');
		openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', this.file('tls.key'), '-out', this.file('tls.csr'), '-subj', '/CN=Keel test');
		writeFileSync(this.file('tls.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
		openssl('x509', '-req', '-in', this.file('tls.csr'), '-CA', this.file('ca.crt'), '-CAkey', this.file('ca.key'), '-CAcreateserial', '-days', '30',
			'-extfile', this.file('tls.ext'), '-out', this.file('tls.crt'));
	}

	tls() {
		return { key: readFileSync(this.file('tls.key')), cert: readFileSync(this.file('tls.crt')), minVersion: 'TLSv1.3' };
	}

	/* The app's files as products/heating/nginx.conf serves them. */
	async serve(port = 0) {
		const server = createServer(this.tls(), (request, response) => {
			const path = new URL(request.url, 'https://localhost').pathname;
			this.asked?.push(path);
			if (this.down) return request.socket.destroy();
			const file = path === '/config.json' ? this.file('config.json') : join(this.web, path === '/' ? 'index.html' : path);
			if (!existsSync(file)) return response.writeHead(404).end();
			response.writeHead(200, this.headers ?? { 'Content-Type': types[file.split('.').pop()] ?? 'application/octet-stream', 'Cache-Control': 'no-cache',
				'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Permissions-Policy': 'camera=(self)',
				'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; manifest-src 'self'; worker-src 'self'; connect-src 'self' ${this.reached}; media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'` });
			createReadStream(file).pipe(response);
		});
		await new Promise((done) => server.listen(port, '127.0.0.1', done));
		this.server = server;
		this.origin = `https://localhost:${server.address().port}`;
	}

	build(version) {
		const args = ['build.mjs', '--out', this.web, '--release-key', this.key, '--make-key'];
		if (version) args.push('--version', version);
		execFileSync(process.execPath, args, { cwd: owner, stdio: 'ignore' });
	}

	homes(url, service) {
		this.reached = service ? `${url} ${service}` : url;
		writeFileSync(this.file('config.json'), JSON.stringify({ homes: [{ name: 'Elm Street', url, service }] }));
	}

	/* A phone with a profile of its own that trusts the CA. more: Playwright's options. */
	async phone(name, more = {}) {
		const home = this.file(name);
		const nss = join(home, '.pki/nssdb');
		mkdirSync(nss, { recursive: true });
		execFileSync('certutil', ['-d', `sql:${nss}`, '-N', '--empty-password']);
		execFileSync('certutil', ['-d', `sql:${nss}`, '-A', '-t', 'C,,', '-n', 'keel', '-i', process.env.KEEL_CA ?? this.file('ca.crt')]);
		if (process.env.KEEL_CA) execFileSync('certutil', ['-d', `sql:${nss}`, '-A', '-t', 'C,,', '-n', 'keel app', '-i', this.file('ca.crt')]);
		const { args = [], ...rest } = more;
		return chromium.launchPersistentContext(join(home, 'profile'), { executablePath: '/usr/bin/chromium',
			env: { ...process.env, HOME: home }, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, acceptDownloads: true,
			args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', ...args], ...rest });
	}

	close() {
		this.server?.close();
		this.server?.closeAllConnections();
		rmSync(this.dir, { recursive: true, force: true });
	}
}
