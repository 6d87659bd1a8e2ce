/*
 * The operator's keys while the page is open (docs/report.md, Keys), and what they open. They are kept in this module's memory only:
 * `forget` when the session ends. The service brings public halves and sealed ones, and neither is believed without the other.
 */
import { concat, fromB64url, toB64url } from '../../owner/src/bytes.js';
import { answer, copyFor, fingerprint, makeKey, openCase, openCopy, openNote, openPiece, sealNote, unwrapKey, wrapKey } from '../../desk/src/desk.js';
import { DESK, openMessage, REPORTER, sha256, TEXT_MAX } from '../../desk/src/sealed.js';
import { post } from './api.js';

let reader;
const desks = new Map(); /* by kid, in base64url */

const now = () => Math.floor(Date.now() / 1000);
const kidOf = async (xy) => toB64url(await sha256(xy));

export function forget() {
	reader = undefined;
	desks.clear();
}

/* The curve's own arithmetic says whether a public half belongs to a private one: importKey refuses what does not. */
async function belonging({ xy, d }) {
	const jwk = { kty: 'EC', crv: 'P-256', x: toB64url(xy.slice(0, 32)), y: toB64url(xy.slice(32)), d: toB64url(d) };
	await crypto.subtle.importKey('jwk', jwk, { name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']).catch(() => {
		throw new Error('The service shows another public key than yours: trust nothing that it shows, and tell your colleagues.');
	});
	return { xy, d };
}

/* What the desk has, with what of it is mine: { me, credential, keys, readers, mine, open, print, latest, wrong }. */
export async function look() {
	const d = await post('desk');
	const mine = d.readers.find((r) => r.name === d.me);
	const wrong = reader && await openCopies(d.keys);
	return { ...d, mine, open: reader !== undefined, print: reader && await fingerprint(reader.xy), latest: d.keys[0] && desks.get(await kidOf(fromB64url(d.keys[0].key))), wrong };
}

/* One that does not open keeps none of the others closed: what is wrong with it is given back, in words. */
async function openCopies(keys) {
	let wrong;
	for (const { key, copy } of keys) {
		const xy = fromB64url(key), kid = await kidOf(xy);
		if (!copy || desks.has(kid)) continue;
		await openCopy(reader, fromB64url(copy), xy).then(belonging).then((desk) => desks.set(kid, desk), () => {
			wrong = 'A copy of the desk’s key that was given to you does not open, or is of another key: ask a colleague who reads to give it again, and compare fingerprints.';
		});
	}
	return wrong;
}

/* how: "passkey" or "code"; secret: what readerSecret made of it. */
export async function makeReader(secret, how) {
	const made = await makeKey();
	await post('desk-reader', { key: toB64url(made.xy), sealed: toB64url(await wrapKey(secret, made)), how });
	reader = made;
}

export async function unlock(secret, mine) {
	reader = await belonging(await unwrapKey(secret, fromB64url(mine.wrapped), fromB64url(mine.key)));
}

export async function makeDesk() {
	const made = await makeKey();
	await post('desk-key', { key: toB64url(made.xy), sealed: toB64url(await copyFor(reader.xy, made)) });
	desks.set(await kidOf(made.xy), made);
}

/* All that I read by, for a colleague: `key` is the one whose fingerprint was compared. */
export async function giveCopies({ name, key }) {
	for (const desk of desks.values())
		await post('desk-copy', { name, key: toB64url(desk.xy), sealed: toB64url(await copyFor(fromB64url(key), desk)) });
}

/* --- a case --- */

async function whole(number) {
	const first = await post('case', { case: number });
	for (let page = first; page.behind !== undefined; first.said.push(...page.said))
		page = await post('case', { case: number, behind: page.behind });
	return first;
}

/* What is sealed says itself who said it and when; the service's word for it has to be the same. */
async function openSaid(desk, key, { number, from, came, sealed }) {
	try {
		const bytes = fromB64url(sealed);
		const said = from === 'note' ? await openNote(desk, bytes) : await openMessage(key, bytes);
		if (from !== 'note' && said.who !== (from === 'desk' ? DESK : REPORTER)) throw new Error('This message is not from whom the service says: who keeps the link can write it, or the service mixes things up.');
		return { number, from, came, ...said };
	} catch (e) {
		return { number, from, came, wrong: e.message };
	}
}

/* The case with what was said in plain; `locked` in words where it cannot be opened here. */
export async function readCase(number) {
	const d = await look();
	const c = await whole(number);
	const desk = desks.get(c.kid);
	if (!desk) return { ...c, locked: d.open ? d.wrong ?? 'It is sealed to a key of the desk that you have no copy of: a colleague who reads it gives you one.' : 'Your reading key is locked.' };
	const key = await openCase(desk, fromB64url(c.opening));
	return { ...c, desk, key, said: await Promise.all(c.said.map((m) => openSaid(desk, key, m))) };
}

/* Sealed once for what stands there: after a lost answer the same bytes go again, and are not said twice. */
export async function sealed(c, said, privately) {
	if (new TextEncoder().encode(said).length > TEXT_MAX) throw new Error('That is too long for one message: 32 KiB at most.');
	return toB64url(privately ? await sealNote(c.desk.xy, now(), said) : await answer(c.key, now(), said));
}

/* {name, bytes}: all pieces, each of them of this file and at its place. */
export async function readFile(c, { file, pieces }) {
	const parts = [];
	let name = '';
	for (let piece = 0; piece < pieces; piece++) {
		const got = await openPiece(c.key, fromB64url((await post('case-piece', { case: c.number, file, piece })).sealed));
		if (got.file !== file || got.piece !== piece || got.of !== pieces) throw new Error('The file is not whole: its reporter has not sent all of it, or a piece is at another’s place.');
		name = got.name;
		parts.push(got.bytes);
	}
	return { name, bytes: concat(...parts) };
}
