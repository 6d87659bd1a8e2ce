/* The pieces that every screen is made of. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { post } from '../api.js';
import { ago, states, when } from '../words.js';

export function Notice({ kind = 'info', children }) {
	if (!children) return null;
	return <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : 'status'}>{children}</div>;
}

/* A button that is busy while its work lasts; what goes wrong is shown under it, in the service's words. */
export function Act({ run, children, kind = '', disabled, type = 'button' }) {
	const [busy, setBusy] = useState(false);
	const [wrong, setWrong] = useState('');
	const alive = useRef(true);
	useEffect(() => () => (alive.current = false), []);
	const go = async () => {
		setBusy(true);
		setWrong('');
		const said = await run().then(() => '', (e) => e.message);
		if (!alive.current) return;
		setBusy(false);
		setWrong(said);
	};
	return (
		<div class="act">
			<button type={type} class={kind} onClick={go} disabled={busy || disabled} aria-busy={busy}>{children}</button>
			<Notice kind="bad">{wrong}</Notice>
		</div>
	);
}

export function State({ of }) {
	const [word, means] = states[of] ?? [of, ''];
	return <span class={`state ${of.replace(' ', '-')}`} title={means}>{word}</span>;
}

/* Exact on hovering, and for who listens. */
export function Time({ at, now = Date.now() / 1000, exact }) {
	if (!at) return <span class="hint">time not known</span>;
	return <time dateTime={new Date(at * 1000).toISOString()} title={when(at)}>{exact ? when(at) : ago(Math.max(0, now - at))}</time>;
}

/* Something asked once, and again by `again`: { value, error, busy, again }. What was known stays while it is asked anew. */
export function useAsked(ask, inputs) {
	const [got, setGot] = useState({ busy: true });
	const [turn, setTurn] = useState(0);
	useEffect(() => {
		let alive = true;
		setGot((old) => ({ ...old, busy: true }));
		ask().then((value) => alive && setGot({ value }), (error) => alive && setGot((old) => ({ value: old.value, error })));
		return () => (alive = false);
	}, [...inputs, turn]);
	return { ...got, again: () => setTurn((n) => n + 1) };
}

/* A list that comes a page at a time: rows of `list`, and where it goes on as `mark`. */
export function usePaged(name, list, mark, body = {}) {
	const asked = useAsked(() => post(name, body), [name, JSON.stringify(body)]);
	const [rest, setRest] = useState({});
	const mine = rest.of === asked.value ? rest : { rows: [], mark: asked.value?.[mark] };
	const more = useCallback(async () => {
		const next = await post(name, { ...body, [mark]: mine.mark });
		setRest({ of: asked.value, rows: [...mine.rows, ...next[list]], mark: next[mark] });
	}, [asked.value, mine]);
	return { ...asked, rows: asked.value ? [...asked.value[list], ...mine.rows] : [], more: mine.mark === undefined ? undefined : more };
}

export function Waiting({ asked, children }) {
	return (
		<>
			{asked.error && <Notice kind="bad"><p>{asked.error.message}</p><button type="button" onClick={asked.again}>Try again</button></Notice>}
			{asked.value ? children(asked.value) : !asked.error && <p class="hint" role="status">Asking the service…</p>}
		</>
	);
}

export function More({ paged }) {
	return paged.more ? <Act run={paged.more} kind="wide">Show more</Act> : null;
}

export function Head({ title, asked, children }) {
	return (
		<header class="head">
			<h1>{title}</h1>
			{children}
			{asked && <button type="button" class="quiet" onClick={asked.again} aria-busy={asked.busy}>Refresh</button>}
		</header>
	);
}

export function Facts({ rows }) {
	return <dl class="facts">{rows.filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

export function Dialog({ title, close, children }) {
	const box = useRef();
	useEffect(() => box.current.showModal(), []);
	return (
		<dialog ref={box} aria-labelledby="dialog-title" onClose={close}>
			<h2 id="dialog-title">{title}</h2>
			{children}
		</dialog>
	);
}
