/*
 * What the app and a device's vault say to each other. docs/protocol.md.
 *
 * device  { id, sign, agree, thumbprint }: D's public halves, once they fit the label
 * keys    { signKey, agreeKey, sign, agree, thumbprint }: O, made for one claim, not extractable
 * home    { device, keys, id }: id is the home id that the welcome gave
 */
import { empty, equal, fromB64url, random, text, toB64url } from './bytes.js';
import { decode, encode, headLength, map } from './cbor.js';
import { mac0, macKey, makeKeys, openMac0, openSealed, openSign1, ProofError, seal, sealedLength, sha256, sign1, thumbprint } from './cose.js';
import * as s from './schema.js';
import { argsOf, ops } from './ops.js';

export { ProofError };

export const rounds = 600000;
export const purpose = { endorsement: 1, claim: 2, claimed: 3, welcome: 4, join: 5, joined: 6, request: 7,
	answer: 8, change: 9, receipt: 10, owners: 11, recover: 13, recovered: 14, return: 16, returned: 17,
	ask: 21 };
export const role = { owner: 0, guest: 1 };

const envelopeType = s.tuple({ purpose: s.uint, version: s.constant(1), device: s.bytes(16),
	home: s.bytes(0, 16), recipient: s.bytes(0, 32), body: s.anyMap });

export function writeEnvelope(purpose, names, body) {
	return encode([purpose, 1, names.device, names.home ?? empty, names.recipient ?? empty, body]);
}

/* The body, once the envelope is seen to be of this purpose, device, home and recipient. */
export function readEnvelope(purpose, names, type, payload, what) {
	const e = s.read(envelopeType, payload, what);
	if (e.purpose !== purpose || !equal(e.device, names.device) || !equal(e.recipient, names.recipient ?? empty) ||
		(names.home !== undefined && !equal(e.home, names.home)))
		throw new ProofError(`The ${what} was made for something else.`);
	return { ...type(e.body, what), home: e.home };
}

/* ---- hello, claim, join, recover, return ---- */

const helloType = s.map({ id: [1, s.bytes(16)], sign: [2, s.bytes(64)], agree: [3, s.bytes(64)],
	endorsement: [4, s.embedded], nonce: [5, s.bytes(32)], claimOpen: [7, s.bool],
	homes: [8, s.optional(s.uint)] });
const refusalType = s.map({ word: [1, s.text(1, 64)], sentence: [2, s.text(1, 300)], wait: [3, s.optional(s.uint)] });
export const helloRequest = encode(new Map());
export const readRefusal = (bytes) => s.read(refusalType, bytes, 'refusal');

/* hello, and the device in it: refused where it is not the one of the label (or invitation). */
export async function readHello(bytes, label) {
	const hello = s.read(helloType, bytes, 'greeting');
	const device = { id: hello.id, sign: hello.sign, agree: hello.agree, thumbprint: await thumbprint(hello) };
	if (!equal(device.id, label.id) || !equal(device.thumbprint, label.thumbprint))
		throw new ProofError('What answers at this address is not the device on the label. Nothing was sent to it.');
	return { hello, device };
}

/* K: all that the device keeps of the code. Slow by intent. */
export async function codeKey(code, id) {
	const base = await crypto.subtle.importKey('raw', text(code), 'PBKDF2', false, ['deriveKey']);
	const pbkdf2 = { name: 'PBKDF2', hash: 'SHA-256', salt: id, iterations: rounds };
	const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 };
	return crypto.subtle.deriveKey(pbkdf2, base, hmac, false, ['sign', 'verify']);
}

const claims = {
	claim: { ask: purpose.claim, answer: purpose.claimed },
	recover: { ask: purpose.recover, answer: purpose.recovered },
	return: { ask: purpose.return, answer: purpose.returned },
	join: { ask: purpose.join, answer: purpose.joined },
};

/*
 * A claim that is ready to be sent, and sent again with the same bytes if it was cut. Keys and nonces
 * only: it is proved, not sealed, so a name comes with a sealed request afterwards.
 * how: 'claim' | 'recover' | 'return' | 'join'; key: K, or the invitation's secret as an HMAC key.
 */
export async function makeClaim(how, key, device, deviceNonce, invitation) {
	const keys = await makeKeys();
	const appNonce = random(32);
	const body = map({ 1: device.thumbprint, 2: keys.sign, 3: keys.agree, 4: deviceNonce, 5: appNonce,
		7: invitation?.invitation });
	const payload = writeEnvelope(claims[how].ask, { device: device.id, home: invitation?.home }, body);
	return { how, key, device, keys, deviceNonce, appNonce, home: invitation?.home, bytes: await mac0(key, payload) };
}

const welcomeType = s.map({ claimed: [1, s.embedded], welcome: [2, s.embedded] });
const claimedType = s.map({ device: [1, s.bytes(32)], owner: [2, s.bytes(32)], deviceNonce: [3, s.bytes(32)],
	appNonce: [4, s.bytes(32)] });
const welcomedType = s.map({ owner: [1, s.bytes(32)], appNonce: [2, s.bytes(32)], role: [3, s.uint] });

/* The home, once both proofs of the welcome are seen to answer this very claim. */
export async function readWelcome(bytes, claim) {
	const { claimed, welcome } = s.read(welcomeType, bytes, 'welcome');
	const names = { device: claim.device.id, home: claim.home };
	const c = readEnvelope(claims[claim.how].answer, names, claimedType,
		await openMac0(claimed, claim.key, 'welcome'), 'welcome');
	const w = readEnvelope(purpose.welcome, { ...names, home: c.home }, welcomedType,
		await openSign1(welcome, claim.device, 'welcome'), 'welcome');
	if (c.home.length !== 16 || !equal(c.device, claim.device.thumbprint) || !equal(c.owner, claim.keys.thumbprint) ||
		!equal(c.deviceNonce, claim.deviceNonce) || !equal(c.appNonce, claim.appNonce) ||
		!equal(w.owner, claim.keys.thumbprint) || !equal(w.appNonce, claim.appNonce))
		throw new ProofError('The welcome answers another claim than this one.');
	return { device: claim.device, keys: claim.keys, id: c.home, role: w.role };
}

const invitationType = s.map({ id: [1, s.bytes(16)], thumbprint: [2, s.bytes(32)], home: [3, s.bytes(16)],
	invitation: [4, s.bytes(8)], secret: [5, s.bytes(16)] });

export const writeInvitation = toB64url;
export function readInvitation(typed) {
	try {
		return s.read(invitationType, fromB64url(typed), 'invitation');
	} catch {
		throw new Error('This invitation is not complete. Please copy the whole link.');
	}
}
export const invitationKey = (invitation) => macKey(invitation.secret);

/* ---- requests ---- */

export const padding = s.optional(s.zeros(511));
const answerType = s.map({ nonce: [1, s.bytes(16)], error: [2, s.uint], result: [3, s.optional(s.anyMap)],
	sentence: [4, s.optional(s.text(0, 300))], padding: [5, padding] });

/*
 * A request's or an answer's envelope with as many zeros in its body that, sealed, it is whole steps of 256 bytes: whoever
 * relays it learns no more of its size. A string's head grows with it, so some lengths are never met: then it is the next step.
 */
export function writePadded(purpose, names, members) {
	const padded = (n) => writeEnvelope(purpose, names, map({ ...members, 5: new Uint8Array(n) }));
	const without = padded(0).length - headLength(0);
	let n = 0;
	while (sealedLength(without + headLength(n) + n) % 256 !== 0) n++;
	return padded(n);
}

/* The device's no: its own sentence, and the number of enum keel_err. */
export class Refused extends Error {
	constructor(sentence, error, more) {
		super(sentence);
		Object.assign(this, { error }, more);
	}
}

async function sealRequest(home, rest) {
	const nonce = random(16);
	const names = { device: home.device.id, home: home.id, recipient: home.device.thumbprint };
	const payload = writePadded(purpose.request, names, { 1: nonce, ...rest });
	return { nonce, bytes: await seal(home.keys, home.device, payload) };
}

export function makeRequest(home, op, args) {
	return sealRequest(home, { 2: ops[op].number, 3: argsOf(op, args) });
}

/* A signed change: the same bytes may be asked again, and have one effect. */
export function signChange(home, op, args, challenge, counter) {
	const body = map({ 1: ops[op].number, 2: challenge, 3: counter, 4: argsOf(op, args) ?? new Map() });
	return sign1(home.keys, writeEnvelope(purpose.change, { device: home.device.id, home: home.id }, body));
}

export function makeChangeRequest(home, change) {
	return sealRequest(home, { 4: decode(change) });
}

export async function readAnswer(home, op, nonce, bytes) {
	const payload = await openSealed(bytes, home.keys, home.device, 'answer');
	const names = { device: home.device.id, home: home.id, recipient: home.keys.thumbprint };
	const a = readEnvelope(purpose.answer, names, answerType, payload, 'answer');
	if (!equal(a.nonce, nonce)) throw new ProofError('The answer belongs to another question.');
	if (a.error !== 0) throw new Refused(a.sentence || `The home refused (${a.error}).`, a.error);
	return ops[op].result(a.result ?? new Map(), `answer to ${op}`);
}

/* ---- by way of the service ---- */

/* What the service is given: the sealed request, and the owner's word that it is to be carried. It reads neither more nor less. */
export async function makeRelay(home, request) {
	const ask = await sign1(home.keys, writeEnvelope(purpose.ask, { device: home.device.id, home: home.id }, map({ 1: await sha256(request) })));
	return encode(map({ 1: decode(ask), 2: home.keys.sign, 3: home.keys.agree, 4: request }));
}

const relayedType = s.map({ status: [1, s.uint], body: [2, s.anyBytes], heard: [3, s.uint] });
export const readRelayed = (bytes) => s.read(relayedType, bytes, 'answer of the service');

/* ---- what D signed ---- */

const receiptType = s.map({ time: [1, s.int], gone: [2, s.list(s.text(0, 64))], generation: [3, s.uint],
	how: [4, s.uint], by: [5, s.bytes(32)] });
const ownersType = s.map({ owners: [1, s.list(s.tuple({ thumbprint: s.bytes(32), role: s.uint }))], number: [2, s.uint] });

export async function readReceipt(home, bytes) {
	const r = readEnvelope(purpose.receipt, { device: home.device.id, home: home.id }, receiptType,
		await openSign1(bytes, home.device, 'receipt'), 'receipt');
	if (!equal(r.by, home.keys.thumbprint)) throw new ProofError('The receipt was made for somebody else.');
	return r;
}

export async function readOwners(home, bytes) {
	return readEnvelope(purpose.owners, { device: home.device.id, home: home.id }, ownersType,
		await openSign1(bytes, home.device, 'list of owners'), 'list of owners');
}

export const statementProfile = 'tag:keel,2026:interrogate';
const o = s.optional, words = s.list(s.text(1, 200));
const statementType = s.map({ aud: [3, s.text(1, 128)], time: [6, o(s.int)], nonce: [10, s.bytes(16, 64)],
	ueid: [256, s.bytes(17)], model: [259, s.bytes(1, 64)], profile: [265, s.constant(statementProfile)],
	version: [271, o(s.tuple({ text: s.text(1, 64) }))], maker: [-70001, s.text(1, 200)],
	name: [-70002, s.text(1, 200)], supportUntil: [-70003, s.text(10, 10)], state: [-70004, s.uint],
	serial: [-70005, o(s.text(1, 64))], open: [-70006, o(words)], missing: [-70007, o(words)],
	grade: [-70008, o(s.text(1, 32))], toDo: [-70009, o(words)],
	measured: [-70010, o(s.list(s.tuple({ name: s.text(1, 100), digest: s.bytes(32) })))],
	keysIn: [-70011, o(s.text(1, 16))] });

/* The EAT over our nonce and audience: its profile and audience stand for the envelope. */
export async function readStatement(home, bytes, nonce, aud) {
	const payload = await openSign1(bytes, home.device, 'statement');
	const st = s.read(statementType, payload, 'statement');
	if (st.aud !== aud || !equal(st.nonce, nonce) || st.ueid[0] !== 1 || !equal(st.ueid.slice(1), home.device.id))
		throw new ProofError('The statement was made for somebody else.');
	return st;
}
