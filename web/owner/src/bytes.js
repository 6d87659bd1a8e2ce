/* Byte strings: views, texts and comparisons that every other module shares. */

const utf8 = new TextEncoder();
const b32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const empty = new Uint8Array(0);
export const text = (s) => utf8.encode(s);

export function concat(...parts) {
	const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;
	for (const p of parts) {
		out.set(p, at);
		at += p.length;
	}
	return out;
}

/* Not in constant time: only for what is no secret (MACs are checked by WebCrypto). */
export function equal(a, b) {
	return a.length === b.length && a.every((v, i) => v === b[i]);
}

export function random(n) {
	return crypto.getRandomValues(new Uint8Array(n));
}

export function hex(bytes) {
	return Array.from(bytes, (v) => v.toString(16).padStart(2, '0')).join('');
}

export function fromHex(s) {
	if (!/^([0-9a-f]{2})*$/i.test(s)) throw new Error('not hexadecimal');
	return Uint8Array.from(s.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function toB64url(bytes) {
	const s = Array.from(bytes, (v) => String.fromCharCode(v)).join('');
	return btoa(s).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

export function fromB64url(s) {
	if (!/^[A-Za-z0-9_-]*$/.test(s) || s.length % 4 === 1) throw new Error('not base64url');
	const out = Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
	if (toB64url(out) !== s) throw new Error('not base64url');
	return out;
}

/* RFC 4648 §6, without padding. */
export function toB32(bytes) {
	let out = '', bits = 0, have = 0;
	for (const v of bytes) {
		bits = ((bits << 8) | v) & 0xfff;
		for (have += 8; have >= 5; have -= 5) out += b32[(bits >> (have - 5)) & 31];
	}
	return have > 0 ? out + b32[(bits << (5 - have)) & 31] : out;
}

export function fromB32(s) {
	const out = [];
	let bits = 0, have = 0;
	for (const c of s.toUpperCase()) {
		const v = b32.indexOf(c);
		if (v < 0) throw new Error('not base 32');
		bits = ((bits << 5) | v) & 0xfff;
		have += 5;
		if (have >= 8) {
			have -= 8;
			out.push((bits >> have) & 255);
		}
	}
	if (have >= 5 || (bits & ((1 << have) - 1)) !== 0) throw new Error('not base 32');
	return Uint8Array.from(out);
}
