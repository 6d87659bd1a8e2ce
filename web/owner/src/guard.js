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

/* What stands for as long as this page runs, whatever the worker says later: 'updated' until another page begins,
 * 'replaced', and 'forced', where the worker's version and digest are not this page's. */
let standing;
function withStanding(what) {
	if (!standing && what.state === 'updated') standing = 'updated';
	if (standing === 'forced') return { state: standing };
	return standing === 'replaced' || (standing && what.state === 'current') ? { ...what, state: standing } : what;
}

/* Heard from the first line on: the worker may be quicker than the page, and says it once. */
let told, report = () => {};
navigator.serviceWorker?.addEventListener('message', ({ data }) => {
	if (data?.bundle) report((told = withStanding(data.bundle)));
});

/* A reload by force (Shift) comes from the server, though the guard is there and takes every other visit. */
const isForced = async (workers) => (await workers.getRegistration())?.active?.state === 'activated' && workers.controller === null;

/* Calls back with { state, version, digest, why }: current, updated, refused, offline, absent, replaced or forced. */
export async function watchGuard(listener) {
	report = listener;
	const tell = (what) => report(withStanding(what));
	if (told) report(told);
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
		tell(told ?? (await askWorker(ready.active, 'which')));
	} catch (e) {
		if (began) tell({ state: 'offline', ...(await askWorker(workers.controller, 'which')) });
		else tell({ state: 'absent', why: e.message });
	}
}

export async function checkNow() {
	const registration = await navigator.serviceWorker?.ready;
	return withStanding(await askWorker(registration.active, 'check'));
}
