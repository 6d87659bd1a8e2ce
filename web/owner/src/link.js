/* What is said to one home: a claim, sealed questions, signed changes, and what to do when it is away. */
import { hex, text } from './bytes.js';
import { db } from './db.js';
import * as p from './protocol.js';
import { Away, pause, post, Way } from './way.js';

const nameMax = 40; /* bytes */
const changeLife = 55000; /* a challenge lives 60 s: until then the same bytes may be asked again */

/* ---- becoming an owner ---- */

const claimKey = (how, label) => `${how} ${hex(label.id)}`;

/* Answers by which nothing was decided: what was sent may have been taken all the same, and is sent again with the same bytes. */
const undecided = (status) => status >= 500 || [408, 421].includes(status);

/* One claim, join, recovery or return, finished with the same bytes if it was cut before. Gives the home. */
export async function enter({ how, hub, label, code, invitation, me = '', homeName, tell }) {
	if (text(me).length > nameMax) throw new Error('This name is too long. Please give a shorter one.');
	if (invitation && await db.get('homes', hex(invitation.home))) throw new Error('This phone is in that home already.');
	tell('Looking for your home…');
	const key = claimKey(how, label);
	let record = await db.get('claims', key);
	const cut = record !== undefined;
	if (!cut) {
		const { hello, device } = await p.readHello(await post(hub, '/v1/hello', p.helloRequest), label);
		if (how === 'claim' && hello.homes === undefined)
			throw new Error('This device belongs to a home already. Ask somebody who lives there for an invitation, or recover it with its button.');
		if (how === 'claim' && !hello.claimOpen)
			throw new Error('The device is not waiting for an owner just now. Press its button, then try again.');
		tell('Making your keys…');
		const secret = invitation ? await p.invitationKey(invitation) : await p.codeKey(code, label.id);
		record = { key, me, claim: await p.makeClaim(how, secret, device, hello.nonce, invitation) };
		await db.put('claims', record);
	}
	tell('Waiting for its answer…');
	let welcome;
	try {
		welcome = await post(hub, '/v1/claim', record.claim.bytes);
	} catch (e) {
		if (!(e instanceof p.Refused) || undecided(e.status)) throw e;
		await db.delete('claims', key);
		if (!cut) throw e;
		return enter({ how, hub, label, code, invitation, me, homeName, tell }); /* that one is over: a new one */
	}
	const home = await p.readWelcome(welcome, record.claim);
	const known = await db.get('homes', hex(home.id));
	if (known && hex(known.device.thumbprint) !== hex(home.device.thumbprint)) {
		await db.delete('claims', key);
		throw new Error('This device calls itself a home that this phone knows by another device. Nothing of that home was touched.');
	}
	const kept = { ...home, key: hex(home.id), hub, name: homeName || 'My home', wish: me || record.me, counter: 0, since: Date.now() };
	/* A claim, a recovery or a return ended what this same phone was at the device before. A join ends nothing: whoever made the invitation chose its names. */
	if (how !== 'join')
		for (const old of await db.all('homes')) if (hex(old.device.thumbprint) === hex(home.device.thumbprint)) await db.delete('homes', old.key);
	await db.put('homes', kept);
	await db.delete('claims', key);
	return kept;
}

/* ---- asking and ordering ---- */

export class Link {
	/* service: the maker's, where the home has one. */
	constructor(home, service) {
		this.home = home;
		this.way = new Way(home, service);
		this.orders = Promise.resolve();
	}

	/*
	 * The name that was given at the entry, sealed: it stays a wish until the home has it or refuses it. Every visit
	 * may call this. Gives the home's no, where there is one.
	 */
	sayName() {
		this.naming ??= this.tryName().finally(() => (this.naming = undefined));
		return this.naming;
	}

	async tryName() {
		const { wish } = (await db.get('homes', this.home.key)) ?? {};
		if (!wish) return undefined;
		const no = await this.order('rename', { name: wish }).then(() => undefined, (e) => e);
		if (no && no.error === undefined) return undefined; /* no sealed answer: the next visit tries again */
		await db.update('homes', this.home.key, (h) => {
			if (h.wish === wish) h.wish = undefined; /* else the person has another by now */
		});
		return no;
	}

	async ask(op, args) {
		const r = await p.makeRequest(this.home, op, args);
		return this.way.send(r.bytes, (bytes) => p.readAnswer(this.home, op, r.nonce, bytes));
	}

	/* One change at a time, so that counters go up in the order of the person's wishes. */
	order(op, args) {
		const done = this.orders.then(() => this.change(op, args));
		this.orders = done.catch(() => {});
		return done;
	}

	async change(op, args) {
		const { challenge, lastCounter } = await this.ask('challenge');
		const until = Date.now() + changeLife;
		const kept = await db.update('homes', this.home.key, (h) => (h.counter = Math.max(h.counter, lastCounter) + 1));
		if (!kept) throw new Error('This home is no longer kept on this phone.');
		const signed = await p.signChange(this.home, op, args, challenge, kept.counter);
		for (let wait = 1000; ; wait *= 2) {
			try {
				const r = await p.makeChangeRequest(this.home, signed);
				return await this.way.send(r.bytes, (bytes) => p.readAnswer(this.home, op, r.nonce, bytes));
			} catch (e) {
				if (!(e instanceof Away) || Date.now() + wait > until) throw e;
			}
			await pause(wait);
		}
	}
}
