/* The calls of docs/console.md. The page asks only when somebody does something, so that a session that nobody uses ends. */

export class Refused extends Error {
	constructor(status, sentence) {
		super(sentence);
		this.status = status;
	}
}

const otherwise = { 401: 'You are not signed in (any more).', 429: 'Too much at once: wait a moment.', 413: 'That is too long.' };

const stayMs = 300000;
let asked = 0;

export async function post(name, body = {}) {
	let answer;
	asked = Date.now();
	try {
		answer = await fetch(`/console/api/${name}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), cache: 'no-store' });
	} catch {
		throw new Refused(0, 'The service does not answer. Check your network, then try again.');
	}
	const said = await answer.json().catch(() => undefined);
	if (answer.ok && said) return said;
	if (answer.status === 401) dispatchEvent(new Event('signed-out'));
	throw new Refused(answer.status, said?.sentence ?? otherwise[answer.status] ?? `The service answered ${answer.status}.`);
}

/* Writing is use, too: a session does not end over a long answer. */
export function stay() {
	if (Date.now() - asked > stayMs) post('me').catch(() => {}); /* whoever sends it hears of what is wrong */
}
