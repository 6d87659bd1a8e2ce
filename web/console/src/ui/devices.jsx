/* The fleet: searched, filtered by state, a page at a time. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { number, states } from '../words.js';
import { Head, More, State, Time, usePaged, Waiting } from './parts.jsx';

function useLater(value, ms) {
	const [later, setLater] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setLater(value), ms);
		return () => clearTimeout(timer);
	}, [value]);
	return later;
}

function Filter({ counts, state, choose }) {
	const all = Object.values(counts).reduce((a, b) => a + b, 0);
	return (
		<div class="chips" role="group" aria-label="By state">
			<button type="button" aria-pressed={state === ''} onClick={() => choose('')}>All <b>{number(all)}</b></button>
			{Object.entries(states).filter(([name]) => counts[name] > 0 || name === state).map(([name, [word, means]]) => (
				<button key={name} type="button" class={name.replace(' ', '-')} aria-pressed={state === name} title={means} onClick={() => choose(state === name ? '' : name)}>{word} <b>{number(counts[name])}</b></button>
			))}
		</div>
	);
}

function Table({ rows, now }) {
	return (
		<div class="scroll" role="region" aria-label="Devices" tabIndex={0}>
			<table>
				<thead><tr><th scope="col">Serial</th><th scope="col">State</th><th scope="col">Version</th><th scope="col">Last heard</th><th scope="col">Model</th><th scope="col">Why</th></tr></thead>
				<tbody>{rows.map((d) => (
					<tr key={d.id}>
						<th scope="row"><a href={`#device=${d.id}`}>{d.serial}</a></th>
						<td><State of={d.state} /></td>
						<td>{d.version ?? '–'}</td>
						<td>{d.heard ? <Time at={d.heard} now={now} /> : '–'}</td>
						<td>{d.model}</td>
						<td class="why">{d.why}{d.refused > 0 && <span class="hint"> {number(d.refused)} refused</span>}</td>
					</tr>
				))}</tbody>
			</table>
		</div>
	);
}

export function Devices() {
	const [search, setSearch] = useState('');
	const [state, setState] = useState('');
	const box = useRef();
	const paged = usePaged('devices', 'devices', 'after', { search: useLater(search, 200), state });
	useEffect(() => {
		const slash = (e) => {
			if (e.key !== '/' || /INPUT|TEXTAREA/.test(document.activeElement.tagName)) return;
			e.preventDefault();
			box.current.focus();
		};
		addEventListener('keydown', slash);
		return () => removeEventListener('keydown', slash);
	}, []);
	return (
		<>
			<Head title="Devices" asked={paged}>
				<div class="search"><label class="sr" for="search">Search by serial, model or id</label>
					<input id="search" type="search" ref={box} placeholder="Serial, model or id  ( / )" maxLength={64} value={search} onInput={(e) => setSearch(e.currentTarget.value)} /></div>
			</Head>
			<Waiting asked={paged}>{(first) => (
				<>
					<Filter counts={first.counts} state={state} choose={setState} />
					{paged.rows.length > 0 ? <Table rows={paged.rows} now={first.now} /> : <p class="empty">{search || state ? 'No device is like this.' : <>No device is enrolled yet: <code>keel-fleet enrol DIR units.csv</code></>}</p>}
					<p class="sr" role="status">{`${paged.rows.length} devices are shown`}</p>
					<More paged={paged} />
				</>
			)}</Waiting>
		</>
	);
}
