/* The four COSE structures of the protocol (RFC 9052, 9053), untagged, over WebCrypto. */
import { concat, empty, equal, random } from './bytes.js';
import { encode, headLength, map } from './cbor.js';
import * as s from './schema.js';

const es256 = Uint8Array.of(0xa1, 0x01, 0x26);
const hs256 = Uint8Array.of(0xa1, 0x01, 0x05);
const a256gcm = Uint8Array.of(0xa1, 0x01, 0x03);
const ecdhSs = Uint8Array.of(0xa1, 0x01, 0x38, 0x1a);
const ecdsa = { name: 'ECDSA', hash: 'SHA-256' };
const curve = { ECDSA: { name: 'ECDSA', namedCurve: 'P-256' }, ECDH: { name: 'ECDH', namedCurve: 'P-256' } };

/* A signature, MAC or seal that does not verify. */
export class ProofError extends Error {}

export async function sha256(bytes) {
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/* x ‖ y as a key that verifies (ECDSA) or agrees (ECDH). */
export async function publicKey(xy, name) {
	try {
		return await crypto.subtle.importKey('raw', concat(Uint8Array.of(4), xy), curve[name], true,
			name === 'ECDSA' ? ['verify'] : []);
	} catch {
		throw new ProofError('A key of the device is not a point of its curve.');
	}
}

export async function makeKeys() {
	const [sign, agree] = await Promise.all([
		crypto.subtle.generateKey(curve.ECDSA, false, ['sign', 'verify']),
		crypto.subtle.generateKey(curve.ECDH, false, ['deriveBits']),
	]);
	const xy = async (key) => new Uint8Array(await crypto.subtle.exportKey('raw', key)).slice(1);
	const keys = { signKey: sign.privateKey, agreeKey: agree.privateKey,
		sign: await xy(sign.publicKey), agree: await xy(agree.publicKey) };
	return { ...keys, thumbprint: await thumbprint(keys) };
}

export function thumbprint({ sign, agree }) {
	return sha256(encode([sign, agree]));
}

export function macKey(secret) {
	return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

const sign1Type = s.tuple({ protect: s.anyBytes, open: s.map({ kid: [4, s.bytes(32)] }),
	payload: s.anyBytes, signature: s.bytes(64) });
const signed = (payload) => encode(['Signature1', es256, empty, payload]);

export async function sign1(keys, payload) {
	const signature = await crypto.subtle.sign(ecdsa, keys.signKey, signed(payload));
	return encode([es256, map({ 4: keys.thumbprint }), payload, new Uint8Array(signature)]);
}

/* The payload, once `who` ({sign, thumbprint}) is seen to have signed it. */
export async function openSign1(encoded, who, what) {
	const m = s.read(sign1Type, encoded, what);
	const key = await publicKey(who.sign, 'ECDSA');
	if (!equal(m.protect, es256) || !equal(m.open.kid, who.thumbprint) ||
		!(await crypto.subtle.verify(ecdsa, key, m.signature, signed(m.payload))))
		throw new ProofError(`The signature on the ${what} is not the device's.`);
	return m.payload;
}

const mac0Type = s.tuple({ protect: s.anyBytes, open: s.map({}), payload: s.anyBytes, tag: s.bytes(32) });
const maced = (payload) => encode(['MAC0', hs256, empty, payload]);

export async function mac0(key, payload) {
	const tag = await crypto.subtle.sign('HMAC', key, maced(payload));
	return encode([hs256, new Map(), payload, new Uint8Array(tag)]);
}

export async function openMac0(encoded, key, what) {
	const m = s.read(mac0Type, encoded, what);
	if (!equal(m.protect, hs256) || !(await crypto.subtle.verify('HMAC', key, m.tag, maced(m.payload))))
		throw new ProofError(`The proof in the ${what} does not fit the label.`);
	return m.payload;
}

const recipientType = s.tuple({ protect: s.anyBytes, open: s.map({ to: [4, s.bytes(32)],
	from: [-3, s.bytes(32)], nonce: [-22, s.bytes(32)] }), wrapped: s.bytes(0) });
const sealedType = s.tuple({ protect: s.anyBytes, open: s.map({ iv: [5, s.bytes(12)] }),
	cipher: s.bytes(16, Infinity), recipients: s.list(recipientType) });
const sealedAad = encode(['Encrypt', a256gcm, empty]);

/* ECDH-SS + HKDF-256, RFC 9053 §6.3: a fresh AES key for each nonce. */
async function sealingKey(agreeKey, otherXy, nonce, use) {
	const other = await publicKey(otherXy, 'ECDH');
	const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: other }, agreeKey, 256);
	const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
	const info = encode([3, [null, nonce, null], [null, null, null], [256, ecdhSs]]);
	return crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: empty, info }, base,
		{ name: 'AES-GCM', length: 256 }, false, [use]);
}

/* From `me` (keys) to `peer` ({agree, thumbprint}). */
export async function seal(me, peer, payload) {
	const nonce = random(32), iv = random(12);
	const key = await sealingKey(me.agreeKey, peer.agree, nonce, 'encrypt');
	const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: sealedAad }, key, payload);
	return encode([a256gcm, map({ 5: iv }), new Uint8Array(cipher),
		[[ecdhSs, map({ 4: peer.thumbprint, '-3': me.thumbprint, '-22': nonce }), empty]]]);
}

/* How long that becomes: 134 bytes, the tag, the head of the cipher and the payload. docs/protocol.md, COSE. */
export function sealedLength(n) {
	const cipher = n + 16;
	return 134 + headLength(cipher) + cipher;
}

export async function openSealed(encoded, me, peer, what) {
	const m = s.read(sealedType, encoded, what);
	const [r] = m.recipients;
	if (m.recipients.length !== 1 || !equal(m.protect, a256gcm) || !equal(r.protect, ecdhSs) ||
		!equal(r.open.to, me.thumbprint) || !equal(r.open.from, peer.thumbprint))
		throw new ProofError(`The ${what} is not sealed for this app by this device.`);
	const key = await sealingKey(me.agreeKey, peer.agree, r.open.nonce, 'decrypt');
	const gcm = { name: 'AES-GCM', iv: m.open.iv, additionalData: sealedAad };
	try {
		return new Uint8Array(await crypto.subtle.decrypt(gcm, key, m.cipher));
	} catch {
		throw new ProofError(`The ${what} was changed on its way.`);
	}
}
