/*
 * The guard: the app's files come from here and from nowhere else, and they come here only in a bundle
 * that the offline release key signed; their headers are the guard's own (headers.js). It is the same
 * from release to release, on purpose: a new guard is rare, and the page says so when it sees one. docs/owner-app.md. EN 303 645 5.3-9, 5.3-10.
 *
 * RELEASE_KEY is set by the build: x ‖ y in base64url.
 */
import { fromB64url, hex } from '../src/bytes.js';
import { bundleKey, newer, readBundle, verifyBundle } from './bundle.js';
import { headersOf } from './headers.js';

const prefix = 'keel-bundle-';
const meta = 'keel-meta';
const patience = 4000;

const fresh = (path) => fetch(path, { cache: 'no-store', credentials: 'omit', redirect: 'error', signal: AbortSignal.timeout(20000) });
const bytesOf = async (response) => new Uint8Array(await response.arrayBuffer());

async function download(path) {
	const response = await fresh(path);
	if (!response.ok) throw new Error(`${path} is not there`);
	return bytesOf(response);
}

async function current() {
	const kept = await (await caches.open(meta)).match('/current');
	return kept?.json();
}

/* One file of a bundle: its bytes as signed, and nothing else of what came with them. */
async function fetchFile(cache, path, digest) {
	const bytes = await download(path);
	if (hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))) !== digest) throw new Error(`${path} is not the signed one`);
	await cache.put(path, new Response(bytes));
}

/* Looks for a bundle; takes it only if it is signed, whole and not older. Throws and changes nothing otherwise. */
async function update() {
	const [list, signature] = [await download('/bundle.json'), await download('/bundle.sig')];
	await verifyBundle(await bundleKey(fromB64url(RELEASE_KEY)), list, signature);
	const bundle = readBundle(list);
	const before = await current();
	if (before && newer(before.version, bundle.version)) throw new Error(`version ${bundle.version} is older than ${before.version}`);
	const digest = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', list)));
	if (before?.digest === digest) return { ...before, changed: false };
	const cache = await caches.open(prefix + digest);
	for (const [path, want] of Object.entries(bundle.files)) await fetchFile(cache, path, want);
	const now = { version: bundle.version, digest, previous: before?.digest };
	await (await caches.open(meta)).put('/current', new Response(JSON.stringify(now)));
	for (const name of await caches.keys())
		if (name.startsWith(prefix) && name !== prefix + digest && name !== prefix + before?.digest) await caches.delete(name);
	return { ...now, changed: before !== undefined };
}

let running;
/* Never two at once; gives what a page may show. */
function check() {
	running ??= update()
		.then((now) => ({ ...now, state: now.changed ? 'updated' : 'current' }),
			async (e) => ({ ...(await current()), state: e instanceof TypeError || e.name === 'TimeoutError' ? 'offline' : 'refused', why: e.message }))
		.finally(() => (running = undefined));
	return running;
}

async function tell(report) {
	for (const client of await self.clients.matchAll({ includeUncontrolled: true })) client.postMessage({ bundle: report });
}

/* Where the homes are: no program and no secret, and different in each installation, so not in the bundle. */
async function keptConfig() {
	const kept = await (await caches.open(meta)).match('/config.json');
	return (await kept?.json()) ?? { homes: [] };
}

/* Whatever the server calls it, it leaves here as JSON: served as a page it would be a program of this origin. */
async function config() {
	try {
		const response = await fetch('/config.json', { cache: 'no-store', redirect: 'error', signal: AbortSignal.timeout(patience) });
		if (response.ok) await (await caches.open(meta)).put('/config.json', new Response(JSON.stringify(await response.json())));
	} catch {
		/* the last one is as good as any */
	}
	const kept = await keptConfig();
	return new Response(JSON.stringify(kept), { headers: headersOf('/config.json', kept) });
}

/* A file of the current bundle, or of the one before for a page that began with it. Never the network. */
async function serve(path) {
	const now = await current();
	for (const digest of [now?.digest, now?.previous]) {
		const found = digest && (await (await caches.open(prefix + digest)).match(path));
		if (found) return new Response(found.body, { headers: headersOf(path, await keptConfig()) });
	}
	return new Response('Not part of the signed app.', { status: 404, headers: { 'Content-Type': 'text/plain' } });
}

self.addEventListener('install', (event) => {
	event.waitUntil((async () => {
		if (!(await current())) await update();
		await config();
		await self.skipWaiting();
	})());
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
	const url = new URL(event.request.url);
	if (url.origin !== self.location.origin) return; /* the home itself */
	if (event.request.method !== 'GET') return event.respondWith(Response.error());
	const navigates = event.request.mode === 'navigate';
	if (url.pathname === '/config.json' && !navigates) return event.respondWith(config());
	event.respondWith(serve(navigates ? '/index.html' : url.pathname));
	if (navigates) event.waitUntil(check().then((report) => report.state !== 'current' && tell(report)));
});

self.addEventListener('message', (event) => {
	if (event.data === 'check') event.waitUntil(check().then((report) => event.ports[0]?.postMessage(report)));
	if (event.data === 'which') event.waitUntil(current().then((now) => event.ports[0]?.postMessage({ ...now, state: 'current' })));
});
