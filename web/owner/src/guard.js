/* The page's side of the service worker: registers it, asks it which bundle runs, tells what it reports. */

const policy = globalThis.trustedTypes?.createPolicy('keel', { createScriptURL: (path) => {
	if (path !== '/sw.js' && path !== SCANNER) throw new TypeError('not a script of this app');
	return path;
} });
export const script = (path) => policy?.createScriptURL(path) ?? path;

function askWorker(worker, question) {
	return new Promise((done) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = ({ data }) => done(data);
		setTimeout(() => done({ state: 'unknown' }), 30000);
		worker.postMessage(question, [port2]);
	});
}

/* What the worker says later does not make it good: 'replaced', or 'forced', where version and digest are not this page's. */
let standing;
const withStanding = (what) => (standing === 'forced' ? { state: standing } : standing ? { ...what, state: standing } : what);

/* A reload by force (Shift) comes from the server, though the guard is there and takes every other visit. */
const isForced = async (workers) => (await workers.getRegistration())?.active?.state === 'activated' && workers.controller === null;

/* Calls back with { state, version, digest, why }: current, updated, refused, offline, absent, replaced or forced. */
export async function watchGuard(report) {
	const tell = (what) => report(withStanding(what));
	const workers = navigator.serviceWorker;
	if (!workers) return tell({ state: 'absent', why: 'This browser has no service workers.' });
	const began = workers.controller !== null;
	if (await isForced(workers)) standing = 'forced';
	try {
		const registration = await workers.register(script('/sw.js'), { updateViaCache: 'none' });
		const seen = () => {
			if (!began) return;
			standing = 'replaced';
			tell({});
		};
		if (registration.installing) seen();
		registration.addEventListener('updatefound', seen);
		const ready = await workers.ready;
		tell(await askWorker(ready.active, 'which'));
	} catch (e) {
		if (began) tell({ state: 'offline', ...(await askWorker(workers.controller, 'which')) });
		else tell({ state: 'absent', why: e.message });
	}
	workers.addEventListener('message', ({ data }) => data?.bundle && tell(data.bundle));
}

export async function checkNow() {
	const registration = await navigator.serviceWorker?.ready;
	return withStanding(await askWorker(registration.active, 'check'));
}
