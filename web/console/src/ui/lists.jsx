/* Events of the whole fleet, what was refused, the policy, and the audit log. */
import { useState } from 'preact/hooks';
import { post } from '../api.js';
import { actions, acts, eventText, isSerious, number, reasons, sentenceCase } from '../words.js';
import { Head, More, Time, useAsked, usePaged, Waiting } from './parts.jsx';

function Happened({ paged }) {
	return (
		<Waiting asked={paged}>{() => (
			<>
				{paged.rows.length === 0 && <p class="empty">No device has told of anything yet.</p>}
				<ol class="story wide">{paged.rows.map((e, i) => (
					<li key={i} class={isSerious(e) ? 'serious' : ''}><Time at={e.time || e.came} exact /><span>{eventText(e)}<small><a href={`#device=${e.id}`}>{e.serial}</a></small></span></li>
				))}</ol>
				<More paged={paged} />
			</>
		)}</Waiting>
	);
}

function Refusals({ asked }) {
	return (
		<Waiting asked={asked}>{({ odd, more }) => (
			<>
				{odd.length === 0 && <p class="empty">Nothing was refused.</p>}
				{odd.length > 0 && <div class="scroll" role="region" aria-label="What was refused" tabIndex={0}><table>
					<thead><tr><th scope="col">Serial</th><th scope="col">What</th><th scope="col">Times</th><th scope="col">Last</th><th scope="col">First</th></tr></thead>
					<tbody>{odd.map((o) => <tr key={o.id + o.what}><th scope="row">{/session of an unknown/.test(o.what) ? o.serial : <a href={`#device=${o.id}`}>{o.serial}</a>}</th>
						<td>{sentenceCase(o.what)}</td><td>{number(o.count)}</td><td><Time at={o.last} exact /></td><td><Time at={o.first} exact /></td></tr>)}</tbody>
				</table></div>}
				{more && <p class="hint">The latest are shown; <code>keel-fleet odd</code> has them all.</p>}
			</>
		)}</Waiting>
	);
}

export function Events() {
	const [refused, setRefused] = useState(false);
	const paged = usePaged('events', 'events', 'before');
	const odd = useAsked(() => post('odd'), []);
	return (
		<>
			<Head title="Events" asked={refused ? odd : paged} />
			<div class="chips" role="group" aria-label="Which">
				<button type="button" aria-pressed={!refused} onClick={() => setRefused(false)}>What devices told</button>
				<button type="button" aria-pressed={refused} onClick={() => setRefused(true)}>What was refused{odd.value ? <> <b>{number(odd.value.odd.length)}</b></> : ''}</button>
			</div>
			{refused ? <Refusals asked={odd} /> : <Happened paged={paged} />}
		</>
	);
}

export function Policy() {
	const asked = useAsked(() => post('policy'), []);
	return (
		<>
			<Head title="Policy" />
			<p>What a session’s opening leads to where something speaks against the device. It stands in <code>policy.yaml</code> in the service’s folder, and holds from the service’s next start on.</p>
			<Waiting asked={asked}>{({ rules }) => (
				<div class="scroll" role="region" aria-label="Policy" tabIndex={0}><table>
					<thead><tr><th scope="col">What</th><th scope="col">Then it is</th></tr></thead>
					<tbody>{rules.map((r) => <tr key={r.reason}><th scope="row">{reasons[r.reason] ?? r.reason}<small><code>{r.reason}</code></small></th><td class={r.action}>{actions[r.action] ?? r.action}</td></tr>)}</tbody>
				</table></div>
			)}</Waiting>
		</>
	);
}

export function Audit() {
	const paged = usePaged('audit', 'rows', 'before');
	return (
		<>
			<Head title="Audit log" asked={paged} />
			<p>Who did what. Each row’s hash covers the one before it: <code>keel-fleet audit verify DIR</code> checks that none was changed.</p>
			<Waiting asked={paged}>{() => (
				<div class="scroll" role="region" aria-label="Audit log" tabIndex={0}><table>
					<thead><tr><th scope="col">No.</th><th scope="col">Time</th><th scope="col">Who</th><th scope="col">Did</th></tr></thead>
					<tbody>{paged.rows.map((r) => <tr key={r.number}><th scope="row">{r.number}</th><td><Time at={r.time} exact /></td><td>{r.who}</td><td>{acts[r.action] ?? r.action} {r.action === 'operator.add' ? '' : r.detail}</td></tr>)}</tbody>
				</table></div>
			)}</Waiting>
			<More paged={paged} />
		</>
	);
}
