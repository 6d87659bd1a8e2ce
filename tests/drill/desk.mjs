/*
 * Both ends of a vulnerability report, from outside: an operator with a passkey in software and the desk's keys, made as
 * the console's page makes them, and a reporter with a private link. Prints a line of JSON.
 *
 *   node desk.mjs STATE ORIGIN CA join LINK NAME     the first operator comes in and makes the desk's key
 *   node desk.mjs STATE ORIGIN CA read CASE          the case, opened
 *   node desk.mjs STATE ORIGIN CA answer CASE TEXT
 *   node desk.mjs STATE ORIGIN CA state CASE WORD
 *   node desk.mjs STATE ORIGIN CA report MODEL TEXT  a reporter, as the page without account does; {case, link}
 *   node desk.mjs STATE ORIGIN CA form MODEL TEXT    the same in plain, as docs/report.md has it for curl
 *   node desk.mjs STATE ORIGIN CA look LINK          what the reporter sees
 *
 * STATE is the operator's file: what a browser and an authenticator would keep.
 */
import { createHash, createSign, generateKeyPairSync, createPrivateKey, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { empty, fromB64url, toB64url } from '../../web/owner/src/bytes.js';
import { decode, encode, map } from '../../web/owner/src/cbor.js';
import * as desk from '../../web/desk/src/desk.js';
import { derive, linkOf, opening, openMessage, readLink, sealMessage } from '../../web/desk/src/sealed.js';

globalThis.crypto ??= (await import('node:crypto')).webcrypto; // Node 18

const [file, origin, ca, command, ...words] = process.argv.slice(2);
const { host, hostname, port } = new URL(origin);
const now = () => Math.floor(Date.now() / 1000);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/* --- calls --- */

/* The name leads to this machine, as in a browser. */
function call(method, path, type, body, fields = {}) {
	return new Promise((done, failed) => {
		const asked = request({ method, path, port, host: '127.0.0.1', servername: hostname, ca: readFileSync(ca), timeout: 20000,
			headers: { Host: host, ...(body ? { 'Content-Type': type, 'Content-Length': body.length } : {}), ...fields } }, (answer) => {
			const parts = [];
			answer.on('data', (part) => parts.push(part));
			answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
		});
		asked.on('error', failed);
		asked.end(body);
	});
}

async function cbor(path, body) {
	const answer = await call('POST', path, 'application/cbor', encode(body));
	const said = decode(new Uint8Array(answer.body));
	if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${said.get(2)}`);
	return said;
}

let cookie = '';

async function console_(name, body = {}) {
	const answer = await call('POST', `/console/api/${name}`, 'application/json', Buffer.from(JSON.stringify(body)),
		{ 'Sec-Fetch-Site': 'same-origin', ...(cookie ? { Cookie: cookie } : {}) });
	const said = JSON.parse(answer.body);
	if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${said.sentence}`);
	cookie = answer.headers['set-cookie']?.[0].split(';')[0] ?? cookie;
	return said;
}

/* --- a passkey in software (WebAuthn §6.1, §5.8.1) --- */

function authenticator(rp, flags, count, rest = empty) {
	const head = Buffer.alloc(5);
	head[0] = flags;
	head.writeUInt32BE(count, 1);
	return Buffer.concat([sha256(rp), head, rest]);
}

const clientData = (type, challenge) => Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

async function join(link, name) {
	const secret = new URL(link).hash.slice('#join='.length);
	const { challenge, rp } = await console_('challenge', { secret });
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const { x, y } = publicKey.export({ format: 'jwk' });
	const id = randomBytes(16), length = Buffer.from([0, id.length]);
	const key = encode(map({ 1: 2, 3: -7, '-1': 1, '-2': fromB64url(x), '-3': fromB64url(y) }));
	await console_('register', { secret, name, client: toB64url(clientData('webauthn.create', challenge)),
		authenticator: toB64url(authenticator(rp, 0x45, 0, Buffer.concat([Buffer.alloc(16), length, id, key]))) });
	return { id: toB64url(id), key: privateKey.export({ type: 'pkcs8', format: 'pem' }), count: 0 };
}

async function signIn(passkey) {
	const { challenge, rp } = await console_('challenge');
	const client = clientData('webauthn.get', challenge), said = authenticator(rp, 0x05, ++passkey.count);
	const signature = createSign('SHA256').update(said).update(sha256(client)).sign(createPrivateKey(passkey.key));
	await console_('sign-in', { credential: passkey.id, client: toB64url(client), authenticator: toB64url(said), signature: toB64url(signature) });
}

/* --- the operator --- */

/* Reader's key and the desk's, made here; what goes to the service is wrapped or sealed. */
async function makeKeys() {
	const code = desk.makeCode();
	const secret = await desk.readerSecret(desk.readCode(code));
	const reader = await desk.makeKey(), own = await desk.makeKey();
	await console_('desk-reader', { key: toB64url(reader.xy), sealed: toB64url(await desk.wrapKey(secret, reader)), how: 'code' });
	await console_('desk-key', { key: toB64url(own.xy), sealed: toB64url(await desk.copyFor(reader.xy, own)) });
	return { code, private: [toB64url(reader.d), toB64url(own.d)] };
}

/* From what the service keeps, and the code. */
async function deskKey(code) {
	const { me, keys: [{ key, copy }], readers } = await console_('desk');
	const mine = readers.find((r) => r.name === me);
	const reader = await desk.unwrapKey(await desk.readerSecret(desk.readCode(code)), fromB64url(mine.wrapped), fromB64url(mine.key));
	return desk.openCopy(reader, fromB64url(copy), fromB64url(key));
}

async function openCase(state, number) {
	const found = await console_('case', { case: number });
	return { found, key: await desk.openCase(await deskKey(state.code), fromB64url(found.opening)) };
}

const operator = {
	async read(state, number) {
		const { found, key } = await openCase(state, number);
		const said = [];
		for (const m of found.said) said.push({ from: m.from, said: (await openMessage(key, fromB64url(m.sealed))).said });
		return { state: found.state, created: found.created, due: found.due, said };
	},
	async answer(state, number, text) {
		const { key } = await openCase(state, number);
		return console_('case-answer', { case: number, sealed: toB64url(await desk.answer(key, now(), text)) });
	},
	state: (state, number, word) => console_('case-state', { case: number, state: word }),
};

/* --- the reporter --- */

function work({ challenge, bits }) {
	for (let n = 0; ; n++) {
		const digest = createHash('sha256').update(challenge + n).digest();
		if (digest.readUInt32BE(0) >>> (32 - bits) === 0) return String(n);
	}
}

async function report(model, said) {
	const told = JSON.parse((await call('GET', '/v1/report-vulnerability')).body);
	const xy = fromB64url(told.key), secret = new Uint8Array(randomBytes(32));
	const made = await derive(secret);
	const sent = await cbor('/v1/report-vulnerability/sealed', map({ 1: told.challenge, 2: work(told), 3: new Uint8Array(sha256(xy)),
		4: new Uint8Array(sha256(made.token)), 5: await opening(xy, made.raw), 6: await sealMessage(made.key, { time: now(), said, product: model }), 7: model }));
	return { case: sent.get(1), link: linkOf(origin, made.token, secret) };
}

/* Sealed by the service, when it arrives. */
async function form(product, text) {
	const told = JSON.parse((await call('GET', '/v1/report-vulnerability')).body);
	const fields = new URLSearchParams({ text, product, contact: '', challenge: told.challenge, number: work(told) });
	const answer = await call('POST', '/v1/report-vulnerability', 'application/x-www-form-urlencoded', Buffer.from(String(fields)));
	if (answer.status !== 200) throw new Error(`form: ${answer.status} ${answer.body}`);
	return JSON.parse(answer.body);
}

async function look(link) {
	const made = await readLink(new URL(link));
	const r = await cbor('/v1/case', map({ 1: made.token, 2: 0 }));
	const said = [];
	for (const [, from, , sealed] of r.get(7)) said.push({ from, said: (await openMessage(made.key, sealed)).said });
	return { case: r.get(1), state: r.get(2), acknowledged: r.get(4), said };
}

async function act() {
	if (command === 'report') return report(...words);
	if (command === 'form') return form(...words);
	if (command === 'look') return look(...words);
	if (command === 'join') {
		const state = { passkey: await join(...words), ...await makeKeys() };
		writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
		return { name: words[1] };
	}
	const state = JSON.parse(readFileSync(file));
	await signIn(state.passkey);
	writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
	return operator[command](state, ...words);
}

try {
	process.stdout.write(`${JSON.stringify(await act())}\n`);
} catch (e) {
	process.stderr.write(`${e.message}\n`);
	process.exitCode = 1;
}
