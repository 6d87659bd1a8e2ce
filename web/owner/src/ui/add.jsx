/* Becoming an owner: claim, recover, return, join. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { hex, toB32 } from '../bytes.js';
import { enter } from '../link.js';
import { LabelError, readCode, readId, readLabel, readQr, readThumbprint } from '../label.js';
import { readInvitation } from '../protocol.js';
import { Act, Card, Dialog, Field, Icon, Notice } from './parts.jsx';
import { Scan } from './scan.jsx';

/* https, a host, perhaps a port; nothing behind it. */
export function hubUrl(typed) {
	const text = typed.trim();
	let url;
	try {
		url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
	} catch {
		throw new Error('This is not an address. It looks like https://hub.home.arpa:8443');
	}
	if (url.protocol !== 'https:') throw new Error('The address begins with https://');
	return url.origin;
}

function Address({ homes, value, change }) {
	return (
		<>
			<Field label="Address of the device" value={value} inputMode="url" list="homes" placeholder="https://hub.home.arpa:8443"
				hint="In your own network: for this you are at home. It is in the guide that came with the device." onInput={(e) => change(e.currentTarget.value)} />
			<datalist id="homes">{homes.map((h) => <option key={h.url} value={h.url}>{h.name}</option>)}</datalist>
		</>
	);
}

const tries = { id: readId, thumbprint: readThumbprint, code: readCode };
function problem(name, typed) {
	if (!typed) return '';
	try {
		tries[name](typed);
		return '';
	} catch (e) {
		return e.message;
	}
}

/* Three lines of a label, typed. A whole label pasted into any of them fills all. */
function Typed({ lines, change }) {
	const [left, setLeft] = useState({});
	const input = (name) => (e) => {
		const typed = e.currentTarget.value;
		try {
			const l = readLabel(typed);
			change({ id: toB32(l.id), thumbprint: toB32(l.thumbprint), code: typed.match(/[0-9A-Z-]+\s*$/i)[0] });
		} catch {
			change({ ...lines, [name]: typed });
		}
	};
	const row = (name, label, hint) => (
		<Field label={label} hint={hint} class="code" spellcheck={false} autocapitalize="characters" value={lines[name]}
			onInput={input(name)} onBlur={() => setLeft({ ...left, [name]: true })} error={left[name] && problem(name, lines[name])} />
	);
	return (
		<div class="typed">
			{row('id', 'Device id', '26 letters and digits. Or paste the whole label here: KEEL1:…')}
			{row('thumbprint', 'Fingerprint', '52 letters and digits: they prove that it is your device that answers')}
			{row('code', 'Claim code', 'Five groups of four and one more. Dashes and case do not matter.')}
		</div>
	);
}

const modes = {
	claim: { title: 'Add your home', go: 'Add this home', lead: 'The label is on the device, or on the card that came with it.' },
	recover: { title: 'Recover your home', go: 'Recover this home',
		lead: 'For a lost or stolen phone. Press the button on the device first, then scan its label within two minutes.' },
};

/* Who lost their phone says whether somebody vouches for them: without it everything personal is erased. */
function Vouched({ value, change }) {
	const row = (vouched, text) => <label class="tick"><input type="radio" name="vouched" checked={value === vouched} onChange={() => change(vouched)} />{text}</label>;
	return (
		<>
			<fieldset><legend>Is there another owner?</legend>
				{row(true, 'Yes, and they vouched for me: under People, next to my name')}
				{row(false, 'No, nobody can')}
			</fieldset>
			{value ? <Notice>You come back as who you were. Your phone of before is removed; nothing else changes.</Notice>
				: <Notice kind="warn">This makes you the only owner. Everybody else is removed, and personal data that is kept in the home is erased.</Notice>}
		</>
	);
}

export function Add({ homes, joined, cancel, children }) {
	const [how, setHow] = useState('claim');
	const [hub, setHub] = useState(homes[0]?.url ?? '');
	const [lines, setLines] = useState({ id: '', thumbprint: '', code: '' });
	const [vouched, setVouched] = useState(true);
	const [me, setMe] = useState('');
	const [camera, setCamera] = useState(false);
	const [typing, setTyping] = useState(false);
	const [step, setStep] = useState('');
	const mode = modes[how];
	useEffect(() => {
		if (!hub && homes[0]) setHub(homes[0].url);
	}, [homes]);

	const found = (text) => {
		try {
			const l = readQr(text);
			setLines({ id: toB32(l.id), thumbprint: toB32(l.thumbprint), code: text.trim().split(':')[3] });
			setTyping(true);
			setCamera(false);
		} catch (e) {
			return e.message;
		}
	};
	const go = async () => {
		try {
			const label = { id: readId(lines.id), thumbprint: readThumbprint(lines.thumbprint) };
			const url = hubUrl(hub);
			const name = homes.find((h) => h.url === url)?.name;
			joined(await enter({ how: how === 'recover' && vouched ? 'return' : how, hub: url, label, code: readCode(lines.code), me: me.trim(), homeName: name, tell: setStep }));
		} catch (e) {
			if (e instanceof LabelError) setTyping(true);
			throw e;
		} finally {
			setStep('');
		}
	};
	const missing = [[lines.id, 'device id'], [lines.thumbprint, 'fingerprint'], [lines.code, 'claim code'], [hub, 'address']].filter(([v]) => !v).map(([, n]) => n);
	return (
		<main class="narrow" id="main">
			<div class="hero"><div class="mark"><Icon name={how === 'claim' ? 'home' : 'shield'} /></div><h1>{mode.title}</h1><p>{mode.lead}</p></div>
			<Card>
				<button type="button" class={typing ? 'wide' : 'primary wide'} onClick={() => setCamera(true)}><Icon name="camera" />Scan the label</button>
				{!typing && <button type="button" class="wide" onClick={() => setTyping(true)}>Type it instead</button>}
				{typing && <Typed lines={lines} change={setLines} />}
				<Address homes={homes} value={hub} change={setHub} />
				<Field label="Your name" hint="So that others who live here know who you are. You may leave it empty." maxLength={40}
					value={me} onInput={(e) => setMe(e.currentTarget.value)} />
				{how === 'recover' && <Vouched value={vouched} change={setVouched} />}
				<Act run={go} kind="primary wide" disabled={missing.length > 0}>{mode.go}</Act>
				{typing && missing.length > 0 && <p class="hint">Still to fill in: {missing.join(', ')}.</p>}
				<p class="hint" role="status" aria-live="polite">{step}</p>
			</Card>
			<p class="foot">
				<button type="button" class="link" onClick={() => setHow(how === 'claim' ? 'recover' : 'claim')}>
					{how === 'claim' ? 'Lost your phone? Recover your home' : 'Add a new home instead'}
				</button>
				{cancel && <button type="button" class="link" onClick={cancel}>Back to my home</button>}
			</p>
			{children}
			{camera && <Dialog title="Scan the label" close={() => setCamera(false)}><Scan found={found} /></Dialog>}
		</main>
	);
}

/* An invitation link: #join=…&hub=… The link itself is the secret; it is taken out of the address at once. */
export function Join({ invitation, hub, joined, cancel }) {
	const [me, setMe] = useState('');
	const [step, setStep] = useState('');
	const read = useRef();
	if (!read.current) {
		try {
			read.current = { inv: readInvitation(invitation), url: hubUrl(hub) };
		} catch (e) {
			read.current = { error: e.message };
		}
	}
	const { inv, url, error } = read.current;
	const go = async () => {
		try {
			joined(await enter({ how: 'join', hub: url, label: inv, invitation: inv, me: me.trim(), tell: setStep }));
		} finally {
			setStep('');
		}
	};
	return (
		<main class="narrow" id="main">
			<div class="hero"><div class="mark"><Icon name="people" /></div><h1>{error ? 'This invitation is not whole' : 'You are invited'}</h1>
				{!error && <p>Somebody lets you into their home. Your keys are made on this phone and stay here. For this you are there: the device is asked directly.</p>}</div>
			<Card>
				{error ? <Notice kind="bad">{error}</Notice> : (
					<>
						<Field label="Your name" maxLength={40} value={me} onInput={(e) => setMe(e.currentTarget.value)} />
						<Act run={go} kind="primary wide">Join</Act>
						<p class="hint" role="status" aria-live="polite">{step}</p>
						<p class="hint">The device at {url}, {hex(inv.id).slice(0, 8)}…</p>
					</>
				)}
			</Card>
			<p class="foot"><button type="button" class="link" onClick={cancel}>Not now</button></p>
		</main>
	);
}
