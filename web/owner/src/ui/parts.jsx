/* The pieces that every screen is made of. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Away } from '../way.js';

const paths = {
	home: 'M4 11.5 12 5l8 6.5M6.5 10v9h11v-9',
	people: 'M9 11a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 9 11Zm-6 8.5c.4-3.6 2.8-5.5 6-5.5s5.6 1.9 6 5.5M16 11a2.6 2.6 0 1 0-.6-5.1M17.5 14c2 .5 3.3 2.2 3.6 4.7',
	privacy: 'M7.5 11V8.5a4.5 4.5 0 0 1 9 0V11M5.5 11h13v9h-13zM12 14.500v2',
	shield: 'M12 3.5 19 6v6c0 4.3-2.9 7.2-7 8.800C7.9 19.2 5 16.3 5 12V6l7-2.500ZM9 12l2.2 2.200L15.2 10',
	plus: 'M12 5.500v13M5.5 12h13',
	minus: 'M5.5 12h13',
	camera: 'M4 8V5h3M17 5h3v3M20 16v3h-3M7 19H4v-3M8 8h3v3H8zM13.5 8H16v2.500h-2.500zM8 13.500h2.500V16H8zM14 14h2v2h-2z',
	close: 'M6 6l12 12M18 6 6 18',
	alert: 'M12 8.500v4.500M12 16.200v.1M12 4 3.5 19h17L12 4Z',
	check: 'M5 12.5 10 17 19 7.5',
	globe: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM4 12h16M12 4c-4.500 4.500-4.500 11.500 0 16M12 4c4.500 4.500 4.500 11.500 0 16',
	clock: 'M12 7.500V12l3 2M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z',
};

export function Icon({ name }) {
	return <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d={paths[name]} /></svg>;
}

export function Card({ title, children, aside, quiet }) {
	return (
		<section class={quiet ? 'card quiet' : 'card'}>
			{title && <header><h2>{title}</h2>{aside}</header>}
			{children}
		</section>
	);
}

/* kind: 'info', 'good', 'warn' or 'bad'. Read out when it appears. */
export function Notice({ kind = 'info', children }) {
	if (!children) return null;
	return (
		<div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>
			<Icon name={kind === 'good' ? 'check' : kind === 'info' ? 'clock' : 'alert'} />
			<div>{children}</div>
		</div>
	);
}

/* A button that is busy while its work lasts; done is said after it, or made of what it gave. What goes wrong is shown under it, in the device's words. */
export function Act({ run, children, kind = 'plain', done, disabled }) {
	const [busy, setBusy] = useState(false);
	const [said, setSaid] = useState();
	const alive = useRef(true);
	useEffect(() => () => (alive.current = false), []);
	const go = async () => {
		setBusy(true);
		setSaid(undefined);
		let word;
		try {
			const got = await run();
			word = done && { kind: 'good', text: typeof done === 'function' ? done(got) : done };
		} catch (e) {
			word = { kind: 'bad', text: e.message };
		}
		if (!alive.current) return;
		setBusy(false);
		setSaid(word);
	};
	return (
		<>
			<button type="button" class={kind} onClick={go} disabled={busy || disabled} aria-busy={busy}>{children}</button>
			{said && <Notice kind={said.kind}>{said.text}</Notice>}
		</>
	);
}

export function Field({ label, hint, error, ...input }) {
	const id = `f-${label.replace(/\W+/g, '-').toLowerCase()}`;
	const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<input id={id} aria-describedby={about} aria-invalid={error ? true : undefined} autocomplete="off" {...input} />
			{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
			{error && <p class="error" id={`${id}-error`}>{error}</p>}
		</div>
	);
}

export function Switch({ label, on, change, disabled }) {
	return (
		<label class="switch">
			<span>{label}</span>
			<input type="checkbox" role="switch" checked={on} disabled={disabled} onChange={(e) => change(e.currentTarget.checked)} />
		</label>
	);
}

export function Dialog({ title, close, children }) {
	const box = useRef();
	useEffect(() => {
		box.current.showModal();
	}, []);
	return (
		<dialog ref={box} aria-labelledby="dialog-title" onClose={close}>
			<header>
				<h2 id="dialog-title">{title}</h2>
				<button type="button" class="round small" aria-label="Close" onClick={() => box.current.close()}><Icon name="close" /></button>
			</header>
			{children}
		</dialog>
	);
}

export function Facts({ rows }) {
	return (
		<dl class="facts">
			{rows.filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => (
				<div key={name}><dt>{name}</dt><dd>{value}</dd></div>
			))}
		</dl>
	);
}

const retry = 5000;

/* Something asked of the home once, and again for as long as it is away: { value, error, again }. */
export function useAsked(ask, inputs) {
	const [got, setGot] = useState({});
	const [turn, setTurn] = useState(0);
	useEffect(() => {
		let alive = true, timer;
		ask().then((value) => alive && setGot({ value }), (error) => {
			if (!alive) return;
			setGot((old) => ({ ...old, error }));
			if (error instanceof Away) timer = setTimeout(() => setTurn((n) => n + 1), retry);
		});
		return () => {
			alive = false;
			clearTimeout(timer);
		};
	}, [...inputs, turn]);
	return { ...got, again: () => setTurn((n) => n + 1) };
}

/* That the home is away is said once, on top of the screen. */
export function Waiting({ asked, children }) {
	if (asked.error instanceof Away) return asked.value ? children(asked.value) : <p class="hint" role="status">This is shown as soon as your home answers.</p>;
	if (asked.error) return <><Notice kind="bad">{asked.error.message}</Notice>{asked.value && children(asked.value)}<button type="button" onClick={asked.again}>Try again</button></>;
	if (!asked.value) return <p class="hint" role="status">Asking your home…</p>;
	return children(asked.value);
}

export function save(name, type, content) {
	const url = URL.createObjectURL(new Blob([content], { type }));
	const a = Object.assign(document.createElement('a'), { href: url, download: name });
	a.click();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}
