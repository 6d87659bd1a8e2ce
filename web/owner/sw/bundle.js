/* The signed list of the app's files: { version, files: { path: SHA-256 in hex } }, and its ES256 signature. */
import { concat } from '../src/bytes.js';

const p256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ecdsa = { name: 'ECDSA', hash: 'SHA-256' };
/* What is signed begins with what it is for, so that the release key's other signatures do not fit. */
const purpose = new TextEncoder().encode('keel owner app bundle 1\n');

export const signedBytes = (list) => concat(purpose, list);

export function bundleKey(xy) {
	return crypto.subtle.importKey('raw', concat(Uint8Array.of(4), xy), p256, true, ['verify']);
}

export async function verifyBundle(key, list, signature) {
	if (signature.length !== 64 || !(await crypto.subtle.verify(ecdsa, key, signature, signedBytes(list))))
		throw new Error('the bundle is not signed by the release key');
}

export function readBundle(list) {
	const bundle = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(list));
	const paths = Object.entries(bundle.files ?? {});
	if (!/^\d+\.\d+\.\d+$/.test(bundle.version) || !bundle.files['/index.html'] ||
		paths.some(([path, digest]) => !/^\/[\w.-]+$/.test(path) || !/^[0-9a-f]{64}$/.test(digest)))
		throw new Error('the bundle has not the form of one');
	return bundle;
}

/* Whether version a is newer than b; both are numbers with dots. */
export function newer(a, b) {
	const [x, y] = [a.split('.').map(Number), b.split('.').map(Number)];
	for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return x[i] > y[i];
	return false;
}
