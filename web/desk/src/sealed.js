/* What reporter and desk seal (docs/report.md, Keys), over WebCrypto. src/desk/sealed.c is the same in C. */
import { concat, empty, equal, fromB64url, text, toB64url } from '../../owner/src/bytes.js';
import { decode, encode, map } from '../../owner/src/cbor.js';

const a256gcm = Uint8Array.of(0xa1, 0x01, 0x03);
const ecdhEs = Uint8Array.of(0xa1, 0x01, 0x38, 0x18);
const noDevice = new Uint8Array(16);
const ecdh = { name: 'ECDH', namedCurve: 'P-256' };

export const REPORTER = 0, DESK = 1;
export const TEXT_MAX = 32768, PIECE = 61440, FILES_MAX = 25 * 1024 * 1024;

export class SealError extends Error {}

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/* From the link's secret: token (bytes) and the case's key (raw, and as a key of WebCrypto). */
export async function derive(secret) {
	const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
	const bits = async (info) => new Uint8Array(await crypto.subtle.deriveBits(
		{ name: 'HKDF', hash: 'SHA-256', salt: empty, info: text(info) }, base, 256));
	const raw = await bits('keel case key');
	return { token: await bits('keel case token'), raw,
		key: await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']) };
}

const envelope = (purpose, recipient, body) => encode([purpose, 1, noDevice, empty, recipient, body]);
const aad = (kind) => encode([kind, a256gcm, empty]);

async function gcm(key, kind, plain) {
	const iv = crypto.getRandomValues(new Uint8Array(12));
	const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: aad(kind) }, key, plain);
	return [a256gcm, map({ 5: iv }), new Uint8Array(cipher)];
}

const agreed = encode([3, [null, null, null], [null, null, null], [256, ecdhEs]]);

async function keyOf(shared, use) {
	const base = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
	return crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: empty, info: agreed }, base, { name: 'AES-GCM', length: 256 }, false, [use]);
}

/* To a public key (x ‖ y): COSE Encrypt, ECDH-ES. */
export async function sealTo(xy, purpose, body) {
	const other = await crypto.subtle.importKey('raw', concat(Uint8Array.of(4), xy), ecdh, false, []);
	const own = await crypto.subtle.generateKey(ecdh, false, ['deriveBits']);
	const point = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
	const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: other }, own.privateKey, 256);
	const parts = await gcm(await keyOf(shared, 'encrypt'), 'Encrypt', envelope(purpose, await sha256(xy), body));
	const epk = map({ 1: 2, '-1': 1, '-2': point.slice(1, 33), '-3': point.slice(33) });
	return encode([...parts, [[ecdhEs, map({ '-1': epk }), empty]]]);
}

/* [recipient, body] of what was sealed to a public key, by the secret that was agreed on. */
export async function openEnvelope(shared, purpose, iv, cipher) {
	const gcmOf = { name: 'AES-GCM', iv, additionalData: aad('Encrypt') };
	return read(purpose, await crypto.subtle.decrypt(gcmOf, await keyOf(shared, 'decrypt'), cipher));
}

function read(purpose, plain) {
	const [is, version, , , recipient, body] = decode(new Uint8Array(plain));
	if (is !== purpose || version !== 1) throw new Error('for another purpose');
	return [recipient, body];
}

/* The case's key, sealed to the desk. */
export const opening = (deskXy, raw) => sealTo(deskXy, 23, map({ 1: raw }));

/* Under a key that both have: COSE Encrypt0. */
export async function sealUnder(key, purpose, body) {
	return encode(await gcm(key, 'Encrypt0', envelope(purpose, empty, body)));
}

export async function openUnder(key, purpose, sealed) {
	try {
		const [protect, open, cipher] = decode(sealed);
		if (!equal(protect, a256gcm)) throw new Error('of another kind');
		return read(purpose, await crypto.subtle.decrypt({ name: 'AES-GCM', iv: open.get(5), additionalData: aad('Encrypt0') }, key, cipher))[1];
	} catch (e) {
		throw new SealError('This message does not open with this key: it was changed, or is not of this case.', { cause: e });
	}
}

export function sealMessage(key, { who = REPORTER, time, said, product = '', contact = '' }) {
	return sealUnder(key, 24, map({ 1: who, 2: time, 3: text(said), 4: text(product), 5: text(contact) }));
}

export function sealPiece(key, { file, piece, of, name, bytes }) {
	return sealUnder(key, 25, map({ 1: file, 2: piece, 3: of, 4: text(name).slice(0, 100), 5: bytes }));
}

/* {who, time, said, product, contact} of a sealed message. */
export async function openMessage(key, sealed) {
	const body = await openUnder(key, 24, sealed);
	const word = (label) => new TextDecoder().decode(body.get(label));
	return { who: body.get(1), time: body.get(2), said: word(3), product: word(4), contact: word(5) };
}

/* The two halves of a private link. */
export const linkOf = (origin, token, secret) => `${origin}/case?${toB64url(token)}#${toB64url(secret)}`;

export async function readLink({ search, hash }) {
	const secret = fromB64url(hash.slice(1));
	if (secret.length !== 32) throw new SealError('The link is not whole: it has two parts, with # between them.');
	const made = await derive(secret);
	if (toB64url(made.token) !== search.slice(1)) throw new SealError('The two parts of the link do not belong together.');
	return made;
}
