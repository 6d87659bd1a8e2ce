/* One case: what was said, opened in this page; answer, note, state, files. */
import { useRef, useState } from 'preact/hooks';
import { post, stay } from '../api.js';
import { look, readCase, readFile, sealed } from '../desk.js';
import { caseStates, duration, size } from '../words.js';
import { CaseState, Due } from './cases.jsx';
import { Act, Facts, Head, Notice, Time, useAsked, Waiting } from './parts.jsx';
import { MakeReader, Unlock } from './unlock.jsx';

const who = { reporter: 'The reporter', desk: 'The desk', note: 'Note for colleagues' };

function Said({ of }) {
	return (
		<li class={`said ${of.from}`}>
			<small>{who[of.from]}, <Time at={of.time ?? of.came} exact /></small>
			{of.wrong ? <p class="late">{of.wrong}</p> : <p>{of.said}</p>}
			{of.product && <small>Product, in their words: {of.product}</small>}
			{of.contact && <small>To be reached at: {of.contact}</small>}
		</li>
	);
}

/* What is written stays until the service has it; the same words go as the same bytes. */
function Write({ of, call, label, hint, act, again }) {
	const [said, setSaid] = useState('');
	const last = useRef();
	const send = async () => {
		if (last.current?.said !== said) last.current = { said, bytes: await sealed(of, said, call === 'case-note') };
		await post(call, { case: of.number, sealed: last.current.bytes });
		last.current = undefined;
		setSaid('');
		again();
	};
	return (
		<form onSubmit={(e) => e.preventDefault()}>
			<div class="field"><label for={call}>{label}</label>
				<textarea id={call} rows={4} maxLength={32000} value={said} aria-describedby={`${call}-hint`} onInput={(e) => { setSaid(e.currentTarget.value); stay(); }} />
				<p class="hint" id={`${call}-hint`}>{hint}</p></div>
			<Act type="submit" disabled={said.trim() === ''} run={send}>{act}</Act>
		</form>
	);
}

async function save(of, file) {
	const { name, bytes } = await readFile(of, file);
	const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
	const link = Object.assign(document.createElement('a'), { href: url, download: name || `${of.number}-${file.file}` });
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function Files({ of }) {
	if (of.files.length === 0) return null;
	return (
		<section class="card">
			<h2>Files</h2>
			<p class="hint">From somebody you do not know: open them where they can do no harm.</p>
			<ul class="row">{of.files.map((f, i) => <li key={f.file}><Act run={() => save(of, f)}>Save file {i + 1} ({size(f.bytes)})</Act></li>)}</ul>
		</section>
	);
}

function Turn({ of, again }) {
	const to = Object.entries(caseStates).filter(([state]) => state !== 'new' && state !== of.state);
	return (
		<section class="card">
			<h2>State</h2>
			<p class="hint">The reporter sees it at once, behind their link.</p>
			<ul class="turns">{to.map(([state, [, means, act]]) => <li key={state}><Act run={async () => { await post('case-state', { case: of.number, state }); again(); }}>{act}</Act><span class="hint">{means}</span></li>)}</ul>
		</section>
	);
}

function Locked({ why, done }) {
	const asked = useAsked(look, []);
	return (
		<>
			<Notice kind="warn"><p>What was said is sealed. {why}</p></Notice>
			<Waiting asked={asked}>{({ credential, mine, open }) => (open ? <p><a href="#desk">To the reading keys</a></p> : mine ? <Unlock credential={credential} mine={mine} done={done} /> : <MakeReader credential={credential} done={done} />)}</Waiting>
		</>
	);
}

function Opened({ of, again }) {
	return (
		<>
			<section class="card">
				<h2>What was said</h2>
				<div role="log" aria-label="What was said"><ol class="talk">{of.said.map((m) => <Said key={m.number} of={m} />)}</ol></div>
				<Write of={of} call="case-answer" label="Answer" hint="Sealed here: the reporter’s link opens it, and the desk." act="Send the answer" again={again} />
			</section>
			<Files of={of} />
			<section class="card"><Write of={of} call="case-note" label="Private note" hint="For colleagues who read reports. The reporter never sees it." act="Keep the note" again={again} /></section>
		</>
	);
}

export function Case({ number }) {
	const asked = useAsked(() => readCase(number), [number]);
	return (
		<>
			<Head title={`Case ${number}`} asked={asked}>{asked.value && <CaseState of={asked.value.state} />}</Head>
			<p><a href="#cases">All cases</a></p>
			<Waiting asked={asked}>{(c) => (
				<>
					<section class="card"><h2>What is due</h2>
						<Facts rows={[['Due', <Due of={c} now={c.now} />], ['Product', c.model], ['Reported', <Time at={c.created} exact />], ['Acknowledged', c.acknowledged ? <Time at={c.acknowledged} exact /> : 'not yet'],
							['The desk last said something', c.told ? <Time at={c.told} exact /> : 'never'], ['The reporter last wrote', <Time at={c.heard} exact />],
							['Promised', `an answer within ${duration(c.acknowledge_s)}, then a status every ${duration(c.status_s)}`]]} /></section>
					{c.locked ? <Locked why={c.locked} done={asked.again} /> : <Opened of={c} again={asked.again} />}
					<Turn of={c} again={asked.again} />
				</>
			)}</Waiting>
		</>
	);
}
