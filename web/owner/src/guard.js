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

/* Calls back with { state, version, digest, why }: current, updated, refused, offline or absent. */
export async function watchGuard(report) {
	let replaced = false;
	const tell = (what) => report(replaced ? { ...what, state: 'replaced' } : what);
	const workers = navigator.serviceWorker;
	if (!workers) return tell({ state: 'absent', why: 'This browser has no service workers.' });
	const began = workers.controller !== null;
	try {
		const registration = await workers.register(script('/sw.js'), { updateViaCache: 'none' });
		const seen = () => {
			replaced = began;
			if (began) tell({});
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
	return askWorker(registration.active, 'check');
}
