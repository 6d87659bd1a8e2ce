/*
 * The ways to a home: its own door, and from afar the maker's service, which carries the same sealed bytes and can do no
 * more with them. docs/service.md, An owner, away from home.
 */
import * as p from './protocol.js';

const patience = 12000, relayPatience = 40000; /* the service itself waits 30 s for the home */
const headStart = 2500; /* at home the door answers sooner, and the service is not asked */

/* Nothing of the home answered: no network, no hub, or no trust in its certificate. */
export class Away extends Error {
	constructor(sentence = 'Your home does not answer. Check that this phone is in the same network and that the device has power.') {
		super(sentence);
	}
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function exchange(url, body, ms, stop) {
	const end = new AbortController();
	const timer = setTimeout(() => end.abort(), ms);
	stop?.addEventListener('abort', () => end.abort());
	try {
		const r = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/cbor' }, body,
			signal: end.signal, credentials: 'omit', cache: 'no-store', redirect: 'error' });
		return { status: r.status, body: new Uint8Array(await r.arrayBuffer()) };
	} catch {
		throw new Away();
	} finally {
		clearTimeout(timer);
	}
}

function refusalOf({ status, body }) {
	let refusal;
	try {
		refusal = p.readRefusal(body);
	} catch {
		return new Away();
	}
	const wait = refusal.wait ? ` Try again in ${refusal.wait} seconds.` : '';
	return new p.Refused(refusal.sentence + wait, undefined, { status, wait: refusal.wait, sentence: refusal.sentence });
}

/* At the door itself: all that a claim has, for whoever makes one is beside the device. */
export async function post(hub, path, body, stop) {
	const answer = await exchange(hub + path, body, patience, stop);
	if (answer.status === 200) return answer.body;
	throw refusalOf(answer);
}

/* What the home says, once it is opened: its answer, or its no. Anything else is not the home's. */
const said = (open) => open().then((answer) => ({ answer }), (no) => {
	if (no instanceof p.Refused) return { no };
	throw no;
});

/* By the service. Its own no is not the home's, and a plain one that it carries may be its own as well. */
async function relay(service, home, request, open, stop) {
	const answer = await exchange(`${service}/v1/relay`, await p.makeRelay(home, request), relayPatience, stop).catch(() => {
		throw new Away('Neither your home nor the service that carries to it answers. Check that this phone has a network.');
	});
	if (answer.status !== 200) {
		const no = refusalOf(answer);
		throw Object.assign(new Away(no.sentence), { status: no.status });
	}
	const { status, body, heard } = p.readRelayed(answer.body);
	if (status !== 200) throw refusalOf({ status, body });
	return { ...(await said(() => open(body))), heard };
}

/* What is said first; a way on which nothing is said leaves it to the other. */
function first(ways) {
	return new Promise((done, failed) => {
		const errors = [];
		let left = ways.length;
		ways.forEach((way, i) => way.then(done, (e) => {
			errors[i] = e;
			if (--left === 0) failed(errors.find((x) => !(x instanceof Away)) ?? errors.at(-1));
		}));
	});
}

/* How one home's sealed requests go. away: whether the last answer came by the service; heard: when that last heard the home. */
export class Way {
	constructor(home, service) {
		Object.assign(this, { home, service, away: undefined, heard: undefined });
	}

	/*
	 * Gives what `open` makes of the home's answer. The door has a head start; without its answer the same bytes go by the
	 * service, too: they have one effect however often they come. Away, both are tried at once, so the way home is found again.
	 */
	async send(request, open) {
		const { hub } = this.home;
		const atDoor = async (stop) => open(await post(hub, '/v1/request', request, stop));
		if (!this.service) return atDoor();
		const stop = new AbortController();
		const direct = said(() => atDoor(stop.signal));
		const spoke = Promise.race([direct.then(() => true, () => false), pause(this.away ? 0 : headStart).then(() => false)]);
		const afar = spoke.then((yes) => {
			if (yes) throw new Away();
			return relay(this.service, this.home, request, open, stop.signal);
		});
		try {
			const { answer, no, heard } = await first([direct, afar]);
			Object.assign(this, { away: heard !== undefined, heard });
			if (no) throw no;
			return answer;
		} finally {
			stop.abort();
		}
	}
}
