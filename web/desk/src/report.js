/* Makes the two pages more than plain forms: what is written is sealed here, before it leaves. */
import { fromB64url } from '../../owner/src/bytes.js';
import * as calls from './calls.js';
import * as s from './sealed.js';
import { prove } from './work.js';

const $ = (id) => document.getElementById(id);
const now = () => Math.floor(Date.now() / 1000);
const day = (time) => new Date(1000 * time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });

function element(name, content, className) {
	const e = document.createElement(name);
	e.textContent = content;
	if (className) e.className = className;
	return e;
}

/* One place says what goes on, and what went wrong. */
function tell(sentence, bad = false) {
	$('told').textContent = sentence;
	$('told').className = bad ? 'bad' : '';
}

function filesOf(form) {
	const files = [...form.elements.namedItem('files').files];
	if (files.reduce((n, f) => n + f.size, 0) > s.FILES_MAX)
		throw new calls.Refused('The files are larger than 25 MiB together. Choose fewer, or describe where they can be had.');
	return files;
}

/* Those that did not go, with the reason. */
async function sendFiles(made, files) {
	const total = files.reduce((n, f) => n + f.size, 0), bar = $('bar'), lost = [];
	let sent = 0;
	for (const file of files) {
		tell(`Sealing and sending ${file.name}…`);
		await calls.sendFile(made, file, (n) => {
			sent += n;
			bar.value = total > 0 ? sent / total : 1;
		}).catch((e) => lost.push(`${file.name}: ${e.message}`));
	}
	return lost;
}

/* The form's buttons wait while it works; what goes wrong is told, and nothing that was written is lost. */
function onSubmit(form, act) {
	form.addEventListener('submit', async (event) => {
		event.preventDefault();
		const button = form.querySelector('button'), bar = $('bar'); /* the form may be gone afterwards */
		button.disabled = true;
		bar.hidden = false;
		try {
			await act(form);
		} catch (e) {
			tell(e instanceof calls.Refused || e instanceof s.SealError ? e.message : `This page failed: ${e.message}`, true);
		}
		button.disabled = false;
		bar.hidden = true;
	});
}

/* --- the report --- */

/* Sealed once for what stands there: sent again after a lost answer, it is the same report. */
async function prepare(form, asked, before) {
	const said = form.elements.text.value, product = form.elements.product.value.trim(), contact = form.elements.contact.value.trim();
	const words = JSON.stringify([said, product, contact, asked.key]);
	if (before?.words === words) return before;
	const secret = crypto.getRandomValues(new Uint8Array(32)), desk = fromB64url(asked.key);
	const made = await s.derive(secret);
	return { words, secret, made, model: asked.models.includes(product) ? product : '', kid: await s.sha256(desk),
		digest: await s.sha256(made.token), opening: await s.opening(desk, made.raw),
		message: await s.sealMessage(made.key, { time: now(), said, product, contact }) };
}

function done(form, number, link, lost) {
	const a = element('a', link), copy = element('button', 'Copy the link');
	a.href = link;
	copy.type = 'button';
	copy.addEventListener('click', () => navigator.clipboard.writeText(link).then(() => { copy.textContent = 'Copied'; },
		() => { copy.textContent = 'Copy it by hand'; }));
	const box = element('section', '', 'done');
	box.tabIndex = -1;
	box.append(element('h2', 'Your report is kept'), element('p', 'Its number:'), element('strong', number),
		element('p', 'Your private link. Keep it: it shows the status and the maker\'s answers, and nobody can give it to you again.'),
		a, copy);
	for (const why of lost) box.append(element('p', `Not sent: ${why} You can add it behind the link.`, 'bad'));
	form.replaceWith(box);
	tell('');
	box.focus();
}

async function reportPage(form) {
	let prepared;
	const told = await calls.ask();
	$('promise').textContent = `The maker answers within ${Math.ceil(told.acknowledge_s / 86400)} days, and tells you how it stands at least every ` +
		`${Math.ceil(told.status_s / 86400)} days.`;
	$('models').replaceChildren(...[...new Set(told.models)].map((model) => Object.assign(element('option', ''), { value: model })));
	const wanted = new URLSearchParams(location.search).get('product');
	if (wanted && form.elements.product.value === '') form.elements.product.value = wanted.slice(0, 64);
	onSubmit(form, async () => {
		const files = filesOf(form);
		tell('Sealing your report…');
		const asked = await calls.ask();
		if (!asked.key) throw new calls.Refused('The maker\'s desk is not open yet. Use the contact in /.well-known/security.txt.');
		prepared = await prepare(form, asked, prepared);
		tell('Working, so that nobody can flood the desk. This takes a few seconds…');
		const number = await prove(asked.challenge, asked.bits, (share) => { $('bar').value = share; });
		const p = prepared;
		const r = await calls.report({ 1: asked.challenge, 2: number, 3: p.kid, 4: p.digest, 5: p.opening, 6: p.message, 7: p.model });
		done(form, r.get(1), s.linkOf(location.origin, p.made.token, p.secret), await sendFiles(p.made, files));
	});
}

/* --- the case --- */

async function showMessage(made, m) {
	const li = document.createElement('li');
	try {
		const { who, time, said } = await s.openMessage(made.key, m.sealed);
		li.className = who === s.DESK ? 'desk' : 'reporter';
		li.append(element('small', `${who === s.DESK ? 'The maker' : 'You'}, ${day(time)}`), element('p', said));
	} catch (e) {
		li.append(element('p', e.message, 'bad'));
	}
	return li;
}

async function show(made) {
	const c = await calls.read(made.token);
	$('messages').replaceChildren(...await Promise.all(c.messages.map((m) => showMessage(made, m))));
}

async function casePage(form) {
	if (!$('status')) return; /* the service found no case: it has said so */
	const made = await s.readLink(location);
	await show(made);
	$('conversation').hidden = false;
	onSubmit(form, async () => {
		const said = form.elements.text.value, files = filesOf(form);
		if (said.trim() === '' && files.length === 0) throw new calls.Refused('There is nothing to send yet.');
		const lost = await sendFiles(made, files);
		const names = files.map((f) => f.name).join(', ');
		await calls.say(made.token, await s.sealMessage(made.key, { time: now(), said: said.trim() === '' ? `(files: ${names})` : said }));
		form.reset();
		await show(made);
		tell(lost.length > 0 ? `Not sent: ${lost.join(' ')}` : 'Sent.', lost.length > 0);
	});
}

document.documentElement.classList.add('script');
const page = $('report') ? reportPage($('report')) : casePage($('more'));
page.catch((e) => tell(e.message, true));
