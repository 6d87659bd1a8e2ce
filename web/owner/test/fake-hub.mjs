/*
 * The device's side of docs/protocol.md in Node, for the tests of this app only: what keeld does,
 * without rooms, store or hardware. It is no part of the bundle.
 */
import './setup.mjs';
import { createServer } from 'node:https';
import { concat, empty, equal, hex, random, text } from '../src/bytes.js';
import { decode, encode, map } from '../src/cbor.js';
import { mac0, macKey, makeKeys, openMac0, openSealed, openSign1, seal, sign1, thumbprint } from '../src/cose.js';
import { writeQr } from '../src/label.js';
import { ops } from '../src/ops.js';
import { codeKey, padding, purpose, readEnvelope, statementProfile, writeEnvelope, writePadded } from '../src/protocol.js';
import * as s from '../src/schema.js';

const err = { form: 2, range: 3, state: 4, auth: 5, right: 6, stale: 7, none: 9 };
const claimType = s.map({ device: [1, s.bytes(32)], sign: [2, s.bytes(64)], agree: [3, s.bytes(64)],
	deviceNonce: [4, s.bytes(32)], appNonce: [5, s.bytes(32)],
	invitation: [7, s.optional(s.bytes(8))] });
const requestType = s.map({ nonce: [1, s.bytes(16)], op: [2, s.optional(s.uint)], args: [3, s.optional(s.anyMap)],
	change: [4, s.optional(s.embedded)], padding: [5, padding] });
const changeType = s.map({ op: [1, s.uint], challenge: [2, s.bytes(16)], counter: [3, s.uint], args: [4, s.anyMap] });
const opNames = new Map(Object.entries(ops).map(([name, op]) => [op.number, name]));

const refusal = (word, sentence, wait) => encode(map({ 1: word, 2: sentence, 3: wait }));

class Refusal extends Error {
	constructor(status, word, sentence, wait) {
		super(sentence);
		Object.assign(this, { status, body: refusal(word, sentence, wait) });
	}
}
class No extends Error {
	constructor(error, sentence) {
		super(sentence);
		this.error = error;
	}
}

export class FakeHub {
	static async make({ product, code = '0123456789ABCDEFGHJK', id = random(16) }) {
		const hub = new FakeHub();
		Object.assign(hub, { id, code, product, keys: await makeKeys(), maker: await makeKeys(), k: await codeKey(code, id),
			home: empty, homes: 0, claimOpen: true, owners: new Map(), invitations: new Map(), nonces: new Set(),
			welcomes: new Map(), accepted: new Map(), commands: 0, events: [], consent: new Map(), silent: false,
			pressed: true, week: new Map([[360, 2100]]), temperature: 19300, setpoint: 20000, generation: 4, listNumber: 1, calls: 0 });
		hub.device = { id, sign: hub.keys.sign, agree: hub.keys.agree, thumbprint: hub.keys.thumbprint };
		const endorsed = writeEnvelope(purpose.endorsement, { device: id },
			map({ 1: hub.keys.sign, 2: hub.keys.agree, 3: 'hearth-h1', 4: 'H1-000001' }));
		hub.endorsement = await sign1(hub.maker, endorsed);
		return hub;
	}

	get label() {
		return writeQr({ id: this.id, thumbprint: this.keys.thumbprint, code: this.code });
	}

	/* What the door does with one body. Gives { status, body }. */
	async serve(path, body) {
		this.calls++;
		await this.gate; /* a promise, where a test holds the answers back */
		const routes = { '/v1/hello': this.hello, '/v1/claim': this.claim, '/v1/request': this.request };
		try {
			if (!routes[path]) throw new Refusal(400, 'form', 'There is no such path here.');
			return { status: 200, body: await routes[path].call(this, body) };
		} catch (e) {
			if (e instanceof Refusal) return { status: e.status, body: e.body };
			return { status: 400, body: encode(map({ 1: 'form', 2: `This is not what the protocol allows: ${e.message}` })) };
		}
	}

	hello() {
		const nonce = random(32);
		this.nonces.add(hex(nonce));
		return encode(map({ 1: this.id, 2: this.keys.sign, 3: this.keys.agree, 4: decode(this.endorsement), 5: nonce,
			7: this.claimOpen, 8: this.home.length ? undefined : this.homes }));
	}

	async claim(body) {
		const again = this.welcomes.get(hex(body));
		if (again) return again;
		const [p, , , , , members] = decode(decode(body)[2]);
		const asked = { [purpose.claim]: this.newHome, [purpose.recover]: this.recover, [purpose.return]: this.comeBack, [purpose.join]: this.join }[p];
		if (!asked) throw new Refusal(400, 'form', 'This is not a claim.');
		const invited = p === purpose.join && this.invitations.get(hex(members.get(7) ?? empty));
		if (p === purpose.join && !invited) throw new Refusal(403, 'auth', 'This invitation is used up or too old. Ask for a new one.');
		const key = invited ? invited.key : this.k;
		const c = await openMac0(body, key, 'claim').catch(() => {
			throw new Refusal(403, 'auth', 'The code on the label is another one. Please compare each character.');
		});
		const claim = readEnvelope(p, { device: this.id, home: invited ? this.home : empty }, claimType, c, 'claim');
		if (!this.nonces.delete(hex(claim.deviceNonce))) throw new Refusal(409, 'stale', 'This took too long. Please start again.');
		const owner = await asked.call(this, claim, invited);
		const welcome = await this.welcome(claim, owner, key, { 2: 3, 5: 6, 13: 14, 16: 17 }[p]);
		this.welcomes.set(hex(body), welcome);
		return welcome;
	}

	async addOwner(claim, role, more = {}) {
		const owner = { sign: claim.sign, agree: claim.agree, thumbprint: await thumbprint(claim), role,
			name: '', until: 0, since: now(), counter: 0, done: new Map(), ...more };
		this.owners.set(hex(owner.thumbprint), owner);
		this.listNumber++;
		return owner;
	}

	newHome(claim) {
		if (this.home.length) throw new Refusal(409, 'state', 'This device belongs to a home already.');
		if (!this.claimOpen) throw new Refusal(409, 'state', 'Press the button of the device, then try again.');
		this.home = random(16);
		this.homes++;
		return this.addOwner(claim, 0);
	}

	recover(claim) {
		if (!this.pressed) throw new Refusal(409, 'state', 'Press the button of the device, then try again within two minutes.');
		this.owners.clear();
		this.home = random(16);
		return this.addOwner(claim, 0);
	}

	comeBack(claim) {
		const lost = this.vouched && this.owners.get(this.vouched);
		if (!lost) throw new Refusal(409, 'state', 'No owner has vouched for a lost phone within the last 15 minutes: ask one to, then try again.');
		if (!this.pressed) throw new Refusal(409, 'state', 'Press the device’s button, then try again within 2 minutes.');
		this.owners.delete(this.vouched);
		this.vouched = undefined;
		return this.addOwner(claim, lost.role, { name: lost.name, messages: lost.messages, until: lost.until });
	}

	join(claim, invited) {
		this.invitations.delete(hex(claim.invitation));
		return this.addOwner(claim, invited.role, { name: invited.name, messages: invited.messages, until: invited.until });
	}

	async welcome(claim, owner, key, answer) {
		const names = { device: this.id, home: this.home };
		const body = map({ 1: this.keys.thumbprint, 2: owner.thumbprint, 3: claim.deviceNonce, 4: claim.appNonce });
		const claimed = await mac0(key, writeEnvelope(answer, names, body));
		const signed = await sign1(this.keys, writeEnvelope(purpose.welcome, names,
			map({ 1: owner.thumbprint, 2: claim.appNonce, 3: owner.role })));
		return encode(map({ 1: decode(claimed), 2: decode(signed) }));
	}

	async request(body) {
		const from = decode(body)[3]?.[0]?.[1]?.get(-3);
		const owner = from && this.owners.get(hex(from));
		if (!owner) throw new Refusal(403, 'auth', 'This home does not know you (any more).');
		const names = { device: this.id, home: this.home };
		const payload = await openSealed(body, this.keys, owner, 'request');
		const r = readEnvelope(purpose.request, { ...names, recipient: this.keys.thumbprint }, requestType, payload, 'request');
		let answer;
		try {
			const result = r.change ? await this.change(owner, r.change) : await this.act(owner, opNames.get(r.op), r.args ?? new Map());
			answer = { 1: r.nonce, 2: 0, 3: result };
		} catch (e) {
			if (!(e instanceof No)) throw e;
			answer = { 1: r.nonce, 2: e.error, 4: e.message };
		}
		return seal(this.keys, owner, writePadded(purpose.answer, { ...names, recipient: owner.thumbprint }, answer));
	}

	async change(owner, signed) {
		const done = owner.done.get(hex(signed));
		if (done) return done;
		const names = { device: this.id, home: this.home };
		const c = readEnvelope(purpose.change, names, changeType, await openSign1(signed, owner, 'change'), 'change');
		if (!owner.challenge || !equal(c.challenge, owner.challenge)) throw new No(err.stale, 'The command came too late. Please give it again.');
		if (c.counter <= owner.counter) throw new No(err.stale, 'This command was given before.');
		owner.counter = c.counter;
		const result = await this.act(owner, opNames.get(c.op), c.args);
		owner.done.set(hex(signed), result);
		return result;
	}

	async act(owner, op, args) {
		if (owner.role === 1 && !['challenge', 'state', 'product', 'command', 'delete', 'rename'].includes(op))
			throw new No(err.right, 'Guests may not do this. An owner of the home may.');
		if (!acts[op]) throw new No(err.none, 'This device does not know this question.');
		return acts[op](this, owner, ...ops[op].args.map((_, i) => args.get(i + 1)));
	}
}

const now = () => Math.floor(Date.now() / 1000);

async function receiptOf(hub, owner, gone, home) {
	const body = map({ 1: now(), 2: gone, 3: ++hub.generation, 4: 0, 5: owner.thumbprint });
	return map({ 1: decode(await sign1(hub.keys, writeEnvelope(purpose.receipt, { device: hub.id, home }, body))) });
}

/* As products/heating keeps it: minute of the week and hundredths of a degree, little-endian. */
function weekOf(hub) {
	const bytes = new DataView(new ArrayBuffer(hub.week.size * 4));
	[...hub.week].sort(([a], [b]) => a - b).forEach(([minute, centi], i) => {
		bytes.setUint16(i * 4, minute, true);
		bytes.setInt16(i * 4 + 2, centi, true);
	});
	return new Uint8Array(bytes.buffer);
}

const acts = {
	challenge(hub, owner) {
		owner.challenge = random(16);
		return map({ 1: owner.challenge, 2: 60, 3: owner.counter });
	},
	state(hub, owner) {
		const accepted = [...hub.accepted].map(([message, fields]) => [message, fields]);
		return map({ 1: [['temperature', hub.temperature, 4], ['setpoint', hub.setpoint, 4], ['burner power', 31000, 4],
			['schedule running', 0, 4], ['sensor fault', 0, 4]],
			2: true, 3: now(), 4: owner.role, 5: hub.events.length, 6: accepted });
	},
	history(hub, owner, datum, from, to) {
		const points = [];
		for (let t = Math.max(from, to - 86400); t <= to && points.length < 300; t += 600)
			points.push([t, Math.round(19500 + 1300 * Math.sin(t / 9000) + 300 * Math.sin(t / 1300))]);
		return map({ 1: points, 2: false });
	},
	kept(hub) {
		const consent = hub.consent.get('presence') ? 1 : 2;
		return map({ 1: [['temperature history', 4031, now() - 30 * 86400, 0, 0], ['schedule', 1, now() - 86400, 0, 0],
			['presence', consent === 1 ? 12 : 0, consent === 1 ? now() - 3600 : 0, 1, consent]] });
	},
	export(hub, owner, cursor) {
		const page = cursor < 2 ? [['temperature history', now() - 60 * cursor, encode(19500)]] : [['schedule', now(), weekOf(hub)]];
		return map({ 1: page, 2: cursor < 2 ? cursor + 1 : 0 });
	},
	async people(hub) {
		const rows = [...hub.owners.values()].map((o) => [o.thumbprint, o.role, o.name, o.until, o.since]);
		const body = map({ 1: rows.map(([thumbprint, role]) => [thumbprint, role]), 2: hub.listNumber });
		const signed = await sign1(hub.keys, writeEnvelope(purpose.owners, { device: hub.id, home: hub.home }, body));
		return map({ 1: rows, 2: decode(signed) });
	},
	events(hub, owner, after) {
		return map({ 1: hub.events.map((e, i) => [i + 1, ...e]).filter(([number]) => number > after) });
	},
	async statement(hub, owner, nonce, aud) {
		const claims = map({ 3: aud, 6: now(), 10: nonce, 256: concat(Uint8Array.of(1), hub.id), 259: text('hearth-h1'),
			265: statementProfile, 271: ['1.0.0'], '-70001': 'Example Heating Ltd', '-70002': 'Hearth H1', '-70003': '2033-12-01',
			'-70004': 2, '-70005': 'H1-000001', '-70006': ['door: https on tcp port 8443, for owners'], '-70007': ['Landlock network rules'],
			'-70008': 'self-reported', '-70009': hub.toDo ?? [], '-70010': [['vault', new Uint8Array(32).fill(7)]], '-70011': 'tpm' });
		return map({ 1: decode(await sign1(hub.keys, encode(claims))), 2: decode(hub.endorsement) });
	},
	product(hub) {
		return map({ 1: hub.product });
	},
	command(hub, owner, message, fields) {
		if (hub.refuse) throw new No(err.state, hub.refuse);
		if (owner.messages && !owner.messages.includes(message)) throw new No(err.right, `A guest was not given “${message}”.`);
		const celsius = fields.find(([name]) => name === 'celsius')?.[1];
		if (message === 'set temperature' && (celsius < 5000 || celsius > 30000))
			throw new No(err.range, 'celsius must be from 5 to 30 Cel.');
		hub.accepted.set(message, fields);
		if (message === 'set temperature') hub.setpoint = celsius;
		/* The product's program keeps it after it took it; on a busy device, a while after. */
		if (message === 'schedule') setTimeout(() => hub.week.set((fields[0][1] * 1440 + fields[1][1]) / 1000, celsius / 10), 1500);
		if (message === 'clear schedule') setTimeout(() => hub.week.clear(), 1500);
		return map({ 1: ++hub.commands });
	},
	async invite(hub, owner, role, name, messages, until) {
		const id = random(8), secret = random(16);
		hub.invitations.set(hex(id), { key: await macKey(secret), role, name, until, messages: role === 1 ? messages : undefined });
		const invitation = map({ 1: hub.id, 2: hub.keys.thumbprint, 3: hub.home, 4: id, 5: secret });
		return map({ 1: encode(invitation), 2: 900 });
	},
	remove(hub, owner, thumbprint) {
		const others = [...hub.owners.values()].filter((o) => o.role === 0 && !equal(o.thumbprint, thumbprint));
		if (!others.length) throw new No(err.state, 'The last owner cannot be removed. Leave the home instead.');
		if (!hub.owners.delete(hex(thumbprint))) throw new No(err.none, 'There is nobody with this key.');
		return new Map();
	},
	delete(hub, owner, what) {
		return receiptOf(hub, owner, what === 1 ? ['presence', 'temperature history', 'schedule'] : ['presence'], hub.home);
	},
	rename(hub, owner, name) {
		if (hub.noName) throw new No(err.state, hub.noName);
		owner.name = name;
		return new Map();
	},
	vouch(hub, owner, thumbprint) {
		if (thumbprint && equal(thumbprint, owner.thumbprint)) throw new No(err.state, 'Nobody vouches for themselves: another owner can.');
		hub.vouched = thumbprint && hex(thumbprint);
		return map({ 1: thumbprint ? 900 : 0 });
	},
	consent(hub, owner, datum, given) {
		hub.consent.set(datum, given);
		return new Map();
	},
	async leave(hub, owner) {
		const receipt = await receiptOf(hub, owner, ['presence', 'temperature history', 'schedule'], hub.home);
		hub.home = empty;
		setTimeout(() => hub.owners.clear(), 0);
		return receipt;
	},
};

/*
 * The door: HTTPS with CORS for one origin. Gives the server, listening on 127.0.0.1. who() is the hub that answers; its
 * switches silent, late and cut say how the way to it fails.
 */
export function openDoor(who, { key, cert, origin, port = 0 }) {
	const cors = { 'Access-Control-Allow-Origin': origin, Vary: 'Origin', 'Cache-Control': 'no-store' };
	const server = createServer({ key, cert, minVersion: 'TLSv1.3' }, async (request, response) => {
		const hub = who();
		if (hub.silent) return request.socket.destroy();
		if (request.method === 'OPTIONS')
			return response.writeHead(204, { ...cors, 'Access-Control-Allow-Methods': 'POST', 'Access-Control-Allow-Headers': 'content-type' }).end();
		const chunks = [];
		for await (const chunk of request) chunks.push(chunk);
		const { status, body } = await hub.serve(request.url, new Uint8Array(Buffer.concat(chunks)));
		/* It was done, and nobody heard of it: the line was cut, or the door could not wait for it. */
		if (hub.cut?.(request.url)) return request.socket.destroy();
		const late = hub.late?.(request.url);
		response.writeHead(late ?? status, { ...cors, 'Content-Type': 'application/cbor' }).end(late ? refusal('late', `The door says ${late}.`) : body);
	});
	return new Promise((done) => server.listen(port, '127.0.0.1', () => done(server)));
}
