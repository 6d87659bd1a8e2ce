/*
 * The operator's side (docs/report.md, Keys), for the console: its keys are made in the browser, and leave it sealed or
 * wrapped only. A key for sealing is {xy, d}: both as bytes; nothing here is kept, the caller forgets it.
 */
import { concat, empty, equal, fromB64url, text, toB64url } from '../../owner/src/bytes.js';
import { decode, map } from '../../owner/src/cbor.js';
import { DESK, SealError, openEnvelope, sealMessage, sealTo, sealUnder, sha256, openUnder } from './sealed.js';

const ecdh = { name: 'ECDH', namedCurve: 'P-256' };
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/* A fresh pair: the desk's key, or an operator's own. */
export async function makeKey() {
	const pair = await crypto.subtle.generateKey(ecdh, true, ['deriveBits']);
	const { x, y, d } = await crypto.subtle.exportKey('jwk', pair.privateKey);
	return { xy: concat(fromB64url(x), fromB64url(y)), d: fromB64url(d) };
}

/* What to compare with a colleague by another way, before giving them a copy. */
export async function fingerprint(xy) {
	const hex = Array.from(await sha256(xy), (v) => v.toString(16).padStart(2, '0')).join('');
	return hex.slice(0, 32).match(/.{4}/g).join(' ');
}

/* 128 bits for who has no passkey with PRF: shown once. */
export function makeCode() {
	let bits = 0n;
	for (const v of crypto.getRandomValues(new Uint8Array(16))) bits = (bits << 8n) | BigInt(v);
	let out = '';
	for (let i = 0; i < 26; i++, bits >>= 5n) out = letters[Number(bits & 31n)] + out;
	return out.match(/.{1,5}/g).join('-');
}

export function readCode(typed) {
	const plain = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
	let bits = 0n;
	for (const c of plain) {
		if (!letters.includes(c)) throw new SealError(`A code has no letter ${c}.`);
		bits = (bits << 5n) | BigInt(letters.indexOf(c));
	}
	if (plain.length !== 26 || bits >> 128n !== 0n) throw new SealError('A code has 26 letters and digits.');
	return Uint8Array.from({ length: 16 }, (_, i) => Number((bits >> BigInt(8 * (15 - i))) & 255n));
}

/* From the passkey's PRF output or the code's bytes: raw, for wrapKey and unwrapKey. */
export async function readerSecret(bytes) {
	const base = await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits']);
	return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: empty, info: text('keel reader key') }, base, 256));
}

const aes = (raw) => crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

export const wrapKey = async (secret, reader) => sealUnder(await aes(secret), 28, map({ 1: reader.d }));
export const unwrapKey = async (secret, wrapped, xy) => ({ xy, d: (await openUnder(await aes(secret), 28, wrapped)).get(1) });

/* The desk's key for a colleague, by the public half of theirs; and back. */
export const copyFor = (readerXy, desk) => sealTo(readerXy, 27, map({ 1: desk.d }));
export const openCopy = async (reader, copy, deskXy) => ({ xy: deskXy, d: (await openTo(reader, 27, copy)).get(1) });

/* What was sealed to a key that one holds. */
async function openTo({ xy, d }, purpose, sealed) {
	try {
		const [, open, cipher, [[, who]]] = decode(sealed);
		const epk = who.get(-1), point = concat(Uint8Array.of(4), epk.get(-2), epk.get(-3));
		const own = await crypto.subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x: toB64url(xy.slice(0, 32)), y: toB64url(xy.slice(32)),
			d: toB64url(d) }, ecdh, false, ['deriveBits']);
		const other = await crypto.subtle.importKey('raw', point, ecdh, false, []);
		const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: other }, own, 256);
		const [recipient, body] = await openEnvelope(shared, purpose, open.get(5), cipher);
		if (!equal(recipient, await sha256(xy))) throw new Error('for another key');
		return body;
	} catch (e) {
		throw new SealError('This does not open with your key: it was changed, or is for somebody else.', { cause: e });
	}
}

/* The case's key, to read (openMessage, openPiece) and answer by. */
export const openCase = async (desk, opening) => aes((await openTo(desk, 23, opening)).get(1));

export const answer = (key, time, said) => sealMessage(key, { who: DESK, time, said });
export const sealNote = (deskXy, time, said) => sealTo(deskXy, 26, map({ 1: time, 2: text(said) }));

export async function openNote(desk, sealed) {
	const body = await openTo(desk, 26, sealed);
	return { time: body.get(1), said: new TextDecoder().decode(body.get(2)) };
}

export async function openPiece(key, sealed) {
	const body = await openUnder(key, 25, sealed);
	return { file: body.get(1), piece: body.get(2), of: body.get(3), name: new TextDecoder().decode(body.get(4)), bytes: body.get(5) };
}
