/* The service's calls (docs/report.md, Calls). What it refuses is an error with its sentence. */
import { decode, encode, map } from '../../owner/src/cbor.js';
import { PIECE, sealPiece } from './sealed.js';

export class Refused extends Error {}

async function post(path, body) {
	let answer;
	try {
		answer = await fetch(path, { method: 'POST', body: encode(body), headers: { 'Content-Type': 'application/cbor' } });
	} catch (e) {
		throw new Refused('The service cannot be reached.', { cause: e });
	}
	const result = decode(new Uint8Array(await answer.arrayBuffer()));
	if (!answer.ok) throw new Refused(`The service did not take it: ${result.get(2)}.`);
	return result;
}

export async function ask() {
	const answer = await fetch('/v1/report-vulnerability').catch(() => undefined);
	if (!answer?.ok) throw new Refused('The service cannot be reached.');
	return answer.json();
}

export const report = (fields) => post('/v1/report-vulnerability/sealed', map(fields));
export const say = (token, sealed) => post('/v1/case/message', map({ 1: token, 2: sealed }));

/* The whole case; messages by the page. */
export async function read(token) {
	const all = [];
	for (;;) {
		const r = await post('/v1/case', map({ 1: token, 2: all.at(-1)?.number ?? 0 }));
		for (const [number, from, came, sealed] of r.get(7)) all.push({ number, from, came, sealed });
		if (!r.get(8)) return { number: r.get(1), state: r.get(2), created: r.get(3), acknowledged: r.get(4), due: r.get(6), messages: all };
	}
}

/* A file in pieces; the same piece again is taken as one, so a piece is tried three times. */
export async function sendFile(made, file, progress) {
	const number = crypto.getRandomValues(new Uint16Array(1))[0] % 1000;
	const of = Math.max(1, Math.ceil(file.size / PIECE));
	for (let piece = 0; piece < of; piece++) {
		const bytes = new Uint8Array(await file.slice(piece * PIECE, (piece + 1) * PIECE).arrayBuffer());
		const sealed = await sealPiece(made.key, { file: number, piece, of, name: file.name, bytes });
		for (let tries = 1; ; tries++) {
			try {
				await post('/v1/case/piece', map({ 1: made.token, 2: number, 3: piece, 4: sealed }));
				break;
			} catch (e) {
				if (tries === 3) throw e;
				await new Promise((go) => setTimeout(go, 1000 * tries));
			}
		}
		progress(bytes.length);
	}
}
