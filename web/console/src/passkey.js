/* Coming in: a passkey made behind a one-time link, or used. No password anywhere. And the secret that a passkey gives for the reading key. */
import { post } from './api.js';

const minutes = 60000;

export const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
export const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));

/* What browsers say when a person turned away, or has no such key, is the same: on purpose. */
function plainly(e, act) {
	if (e.name === 'NotAllowedError') return new Error(`No passkey was ${act}: it was cancelled, took too long, or this device has none for the console.`);
	if (e.name === 'InvalidStateError') return new Error('This device has a passkey for the console already.');
	if (e.name === 'SecurityError') return new Error('The browser does not make passkeys at this address.');
	return e;
}

export async function whose(secret) {
	return (await post('challenge', { secret })).name;
}

export async function register(secret, name) {
	const { challenge, rp } = await post('challenge', { secret });
	const publicKey = { challenge: decode(challenge), rp: { id: rp, name: 'Console' }, attestation: 'none', timeout: 4 * minutes,
		user: { id: crypto.getRandomValues(new Uint8Array(16)), name, displayName: name }, pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
		authenticatorSelection: { residentKey: 'required', userVerification: 'required' }, extensions: { prf: {} } };
	const made = await navigator.credentials.create({ publicKey }).catch((e) => { throw plainly(e, 'made'); });
	return post('register', { secret, name, client: encode(made.response.clientDataJSON), authenticator: encode(made.response.getAuthenticatorData()) });
}

export async function signIn() {
	const { challenge, rp } = await post('challenge');
	const publicKey = { challenge: decode(challenge), rpId: rp, userVerification: 'required', timeout: 4 * minutes };
	const got = await navigator.credentials.get({ publicKey }).catch((e) => { throw plainly(e, 'used'); });
	return post('sign-in', { credential: encode(got.rawId), client: encode(got.response.clientDataJSON),
		authenticator: encode(got.response.authenticatorData), signature: encode(got.response.signature) });
}

/* 32 bytes that only this passkey gives, the same each time and for this page only; undefined where it gives none (docs/report.md, Keys). Nobody checks the signature: it goes nowhere. */
export async function secretOf(credential) {
	const publicKey = { challenge: crypto.getRandomValues(new Uint8Array(32)), allowCredentials: [{ type: 'public-key', id: decode(credential) }], userVerification: 'required', timeout: 4 * minutes,
		extensions: { prf: { eval: { first: new TextEncoder().encode('keel reader key') } } } };
	const got = await navigator.credentials.get({ publicKey }).catch((e) => { throw plainly(e, 'used'); });
	const first = got.getClientExtensionResults().prf?.results?.first;
	return first && new Uint8Array(first);
}
