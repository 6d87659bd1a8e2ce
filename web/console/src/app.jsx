/* The frame: who is in, and which screen. */
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { post } from './api.js';
import { forget } from './desk.js';
import { Case } from './ui/case.jsx';
import { Cases } from './ui/cases.jsx';
import { Desk } from './ui/desk.jsx';
import { Device } from './ui/device.jsx';
import { Devices } from './ui/devices.jsx';
import { Join, SignIn } from './ui/entry.jsx';
import { Audit, Events, Policy } from './ui/lists.jsx';
import { Operators } from './ui/operators.jsx';
import { Act, Notice } from './ui/parts.jsx';

const screens = [['devices', 'Devices', Devices], ['events', 'Events', Events], ['cases', 'Cases', Cases], ['desk', 'Reading key', Desk], ['policy', 'Policy', Policy], ['operators', 'Operators', Operators], ['audit', 'Audit log', Audit]];

/* Of one thing: whose screen it belongs to, and how it is named behind #. */
const ones = { device: ['devices', 'Device', /^[0-9a-f]{32}$/, (id) => <Device key={id} id={id} />], case: ['cases', 'Case', /^[0-9]{4}-[0-9A-Z]{4}$/, (number) => <Case key={number} number={number} />] };

function readHash() {
	const [name, value] = location.hash.slice(1).split('=');
	return { name: name || 'devices', value };
}

function useHash() {
	const [at, setAt] = useState(readHash());
	useEffect(() => {
		const changed = () => setAt(readHash());
		addEventListener('hashchange', changed);
		return () => removeEventListener('hashchange', changed);
	}, []);
	return at;
}

function Frame({ me, at, left }) {
	const main = useRef();
	const first = useRef(true);
	const [list, one, form, show] = ones[at.name] ?? [];
	const whole = form?.test(at.value ?? '');
	const [name, title, Screen] = screens.find(([n]) => n === (list ?? at.name)) ?? screens[0];
	useEffect(() => {
		document.title = `${whole ? one : title} · Console`;
		if (!first.current) main.current.focus();
		first.current = false;
		scrollTo(0, 0);
	}, [at.name, at.value]);
	const out = async () => {
		await post('sign-out').catch((e) => { if (e.status !== 401) throw e; });
		left();
	};
	return (
		<div class="frame">
			<a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current.focus(); }}>To the content</a>
			<nav aria-label="Screens">
				<ul>{screens.map(([n, t]) => <li key={n}><a href={`#${n}`} aria-current={n === name ? 'page' : undefined}>{t}</a></li>)}</ul>
				<div class="me"><span>{me}</span><Act kind="quiet" run={out}>Sign out</Act></div>
			</nav>
			<main id="main" tabIndex={-1} ref={main}>{whole ? show(at.value) : <Screen key={name} />}</main>
		</div>
	);
}

function App() {
	const at = useHash();
	const [me, setMe] = useState();
	const [ended, setEnded] = useState(false);
	const [failed, setFailed] = useState('');
	const [secret, setSecret] = useState();
	const wasIn = useRef(false);
	const entered = (name) => {
		wasIn.current = true;
		setMe(name);
		if (secret) setSecret(undefined);
	};
	useEffect(() => {
		const out = () => {
			forget();
			setEnded(wasIn.current);
			setMe('');
		};
		addEventListener('signed-out', out);
		post('me').then(({ name }) => entered(name), (e) => e.status !== 401 && setFailed(e.message));
		return () => removeEventListener('signed-out', out);
	}, []);
	useEffect(() => { /* The secret stays in no history and on no screen. */
		if (at.name !== 'join' || !at.value) return;
		setSecret(at.value);
		history.replaceState(null, '', '#devices');
	}, [at]);
	if (failed) return <main class="front"><h1>Console</h1><Notice kind="bad"><p>{failed}</p></Notice><button type="button" onClick={() => location.reload()}>Try again</button></main>;
	if (me === undefined) return <main class="front"><p class="hint" role="status">Asking the service…</p></main>;
	if (secret) return <Join secret={secret} entered={entered} cancel={() => setSecret(undefined)} />;
	if (me === '') return <SignIn entered={entered} ended={ended} />;
	return <Frame me={me} at={at} left={() => { forget(); wasIn.current = false; setEnded(false); setMe(''); }} />;
}

render(<App />, document.getElementById('app'));
