/* What was reported: what is due first. Nothing here is sealed but what was said. */
import { caseStates, dueText, number } from '../words.js';
import { Head, More, Time, usePaged, Waiting } from './parts.jsx';

export function CaseState({ of }) {
	const [word, means] = caseStates[of] ?? [of, ''];
	return <span class={`state case-${of}`} title={means}>{word}</span>;
}

/* Late in words, and in red beside. */
export function Due({ of, now }) {
	if (!of.due) return <span class="hint">nothing</span>;
	const what = of.acknowledged ? 'a status' : 'an answer';
	return <span class={of.due < now ? 'late' : ''}>{dueText(what, of.due - now)}</span>;
}

function Table({ rows, now }) {
	return (
		<div class="scroll" role="region" aria-label="Cases" tabIndex={0}>
			<table>
				<thead><tr><th scope="col">Case</th><th scope="col">Due</th><th scope="col">State</th><th scope="col">Product</th><th scope="col">Reported</th><th scope="col">Reporter last wrote</th><th scope="col">Messages</th></tr></thead>
				<tbody>{rows.map((c) => (
					<tr key={c.number}>
						<th scope="row"><a href={`#case=${c.number}`}>{c.number}</a></th>
						<td><Due of={c} now={now} /></td>
						<td><CaseState of={c.state} /></td>
						<td>{c.model || <span class="hint">not named</span>}</td>
						<td><Time at={c.created} now={now} /></td>
						<td><Time at={c.heard} now={now} /></td>
						<td>{number(c.messages)}</td>
					</tr>
				))}</tbody>
			</table>
		</div>
	);
}

export function Cases() {
	const paged = usePaged('cases', 'cases', 'after');
	return (
		<>
			<Head title="Cases" asked={paged} />
			<p>What people reported of weaknesses. What is due first stands first. <a href="#desk">Your reading key</a> opens them.</p>
			<Waiting asked={paged}>{({ now }) => (
				<>
					{paged.rows.length > 0 ? <Table rows={paged.rows} now={now} /> : <p class="empty">Nothing was reported yet. Who finds something reports it at <code>{location.host}/report</code>; that page takes reports as soon as the desk has a key.</p>}
					<More paged={paged} />
				</>
			)}</Waiting>
		</>
	);
}
