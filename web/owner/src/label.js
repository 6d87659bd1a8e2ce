/* The label of a unit: id, thumbprint and claim code. docs/protocol.md, The label. */
import { fromB32, toB32 } from './bytes.js';

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const codeChars = 20;

export class LabelError extends Error {}

const timesAlpha = (v) => (v & 16 ? (v << 1) ^ 37 : v << 1);

/* Sum of α^(i+1)·v_i, by Horner's rule. */
export function checkCharacter(code) {
	let sum = 0;
	for (let i = codeChars - 1; i >= 0; i--) sum = timesAlpha(sum ^ crockford.indexOf(code[i]));
	return crockford[sum];
}

/* What a person typed, as the 20 characters of PBKDF2's password. */
export function readCode(typed) {
	const chars = typed.toUpperCase().replace(/[-\s]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
	for (const c of chars)
		if (!crockford.includes(c)) throw new LabelError(`The claim code never has the character “${c}”.`);
	if (chars.length <= codeChars)
		throw new LabelError(`The claim code has ${codeChars + 1} characters; these are ${chars.length}.`);
	if (chars.length > codeChars + 1) throw new LabelError('These are too many characters for a claim code.');
	if (checkCharacter(chars) !== chars[codeChars])
		throw new LabelError('One character of the claim code is wrong. Please compare it with the label.');
	return chars.slice(0, codeChars);
}

export function writeCode(code) {
	return `${code.match(/.{4}/g).join('-')}-${checkCharacter(code)}`;
}

function field(s, length, name) {
	const chars = s.replace(/[-\s]/g, '');
	const want = Math.ceil((length * 8) / 5);
	if (chars.length !== want) throw new LabelError(`The ${name} has ${want} characters; these are ${chars.length}.`);
	try {
		return fromB32(chars);
	} catch {
		throw new LabelError(`The ${name} has a character that no label has.`);
	}
}

export const readId = (s) => field(s, 16, 'device id');
export const readThumbprint = (s) => field(s, 32, 'fingerprint');

/* KEEL1:id:thumbprint:code, as the QR code holds it. */
export function readQr(scanned) {
	const parts = scanned.trim().split(':');
	if (parts.length !== 4 || parts[0].toUpperCase() !== 'KEEL1')
		throw new LabelError('This is not the label of the device. The code on the label begins with KEEL1.');
	return { id: readId(parts[1]), thumbprint: readThumbprint(parts[2]), code: readCode(parts[3]) };
}

export function writeQr({ id, thumbprint, code }) {
	return `KEEL1:${toB32(id)}:${toB32(thumbprint)}:${code}${checkCharacter(code)}`;
}

/* The text of a label: the QR code's, or lines of which three hold id, fingerprint and code. */
export function readLabel(typed) {
	const qr = /KEEL1:[A-Z2-7]+:[A-Z2-7]+:[0-9A-Z-]+/i.exec(typed);
	if (qr) return readQr(qr[0]);
	const byLength = {};
	for (const line of typed.split('\n')) {
		const value = line.replace(/^[^:]*:/, '').replace(/[-\s]/g, '');
		byLength[value.length] ??= value;
	}
	if (!byLength[26] || !byLength[52] || !byLength[21])
		throw new LabelError('A label has three lines: device id, fingerprint and claim code.');
	return { id: readId(byLength[26]), thumbprint: readThumbprint(byLength[52]), code: readCode(byLength[21]) };
}
