/* One device: what is known of it, what it measures, and its story in time. */
import { useMemo, useState } from 'preact/hooks';
import { post } from '../api.js';
import { eventText, grades, isSerious, number, sentenceCase } from '../words.js';
import { Chart, seriesOf } from './chart.jsx';
import { Act, Dialog, Facts, Head, More, Notice, State, Time, useAsked, usePaged, Waiting } from './parts.jsx';

const measuredPages = 5;

async function measured(id) {
	const all = [];
	let before;
	for (let n = 0; n < measuredPages; n++) {
		const page = await post('telemetry', before === undefined ? { id } : { id, before });
		all.push(...page.points);
		before = page.before;
		if (before === undefined) break;
	}
	return { points: all, more: before !== undefined };
}

function Revoke({ device, close, done }) {
	const [why, setWhy] = useState('');
	return (
		<Dialog title={`Take ${device.serial} out of the fleet?`} close={close}>
			<p>It gets no session any more, from its next call on, and what it sends is refused. At home it goes on working; its owner reaches it there.</p>
			<form method="dialog" onSubmit={(e) => e.preventDefault()}>
				<div class="field"><label for="why">Why, for the next operator</label>
					<input id="why" value={why} maxLength={200} autocomplete="off" onInput={(e) => setWhy(e.currentTarget.value)} /></div>
				<div class="row">
					<button type="button" onClick={close}>Leave it</button>
					<Act kind="danger" type="submit" disabled={why.trim() === ''} run={async () => { await post('revoke', { id: device.id, why: why.trim() }); done(); }}>Take it out</Act>
				</div>
			</form>
		</Dialog>
	);
}

function Change({ device, again }) {
	const [asking, setAsking] = useState(false);
	if (device.revoked) return <Act run={async () => { await post('reinstate', { id: device.id }); again(); }}>Take it back into the fleet</Act>;
	return (
		<>
			<button type="button" onClick={() => setAsking(true)}>Take it out of the fleet…</button>
			{asking && <Revoke device={device} close={() => setAsking(false)} done={() => { setAsking(false); again(); }} />}
		</>
	);
}

function Known({ device }) {
	return (
		<Facts rows={[['Model', device.model], ['Version', device.version], ['Evidence', device.grade && grades[device.grade]], ['Last heard', device.heard && <Time at={device.heard} now={device.now} />],
			['Expected again', device.next && <Time at={device.next} now={device.now} exact />], ['Reports taken', device.reports !== undefined ? number(device.reports) : undefined],
			['Lost for want of room', device.dropped ? number(device.dropped) : undefined], ['Owned', device.owned === undefined ? undefined : device.owned ? 'yes' : 'no: as from the factory'],
			['Enrolled', <Time at={device.added} exact />], ['Device id', <code>{device.id}</code>], ['Declaration', device.product && <code>{device.product}</code>]]} />
	);
}

function Measured({ id }) {
	const asked = useAsked(() => measured(id), [id]);
	const series = useMemo(() => seriesOf(asked.value?.points ?? []), [asked.value]);
	return (
		<section class="card">
			<h2>What it measures</h2>
			<Waiting asked={asked}>{({ more }) => (
				<>
					{series.size === 0 && <p class="empty">Nothing is kept. What a device tells, and for how long it is kept, its declaration says.</p>}
					<div class="charts">{[...series].map(([name, s]) => <Chart key={name} name={name} series={s} />)}</div>
					{more && <p class="hint">The latest are shown.</p>}
				</>
			)}</Waiting>
		</section>
	);
}

/* Decisions and events, the latest first. */
function Story({ device }) {
	const paged = usePaged('device-events', 'events', 'before', { id: device.id });
	const told = [...device.decisions.map((d) => ({ at: d.time, text: `${sentenceCase(d.decision)} at the opening of a session, by evidence that is ${d.grade}`, more: d.reasons, serious: d.decision !== 'accepted' })),
		...paged.rows.map((e) => ({ at: e.time || e.came, text: eventText(e), serious: isSerious(e) })),
		...(device.revoked ? [{ at: device.revoked, text: 'Taken out of the fleet', more: device.why, serious: true }] : []),
		{ at: device.added, text: 'Enrolled' }].sort((a, b) => b.at - a.at);
	return (
		<section class="card">
			<h2>Its story</h2>
			<Waiting asked={paged}>{() => (
				<ol class="story">{told.map((t, i) => <li key={i} class={t.serious ? 'serious' : ''}><Time at={t.at} exact /><span>{t.text}{t.more && <small>{t.more}</small>}</span></li>)}</ol>
			)}</Waiting>
			<More paged={paged} />
		</section>
	);
}

function Odd({ rows }) {
	if (rows.length === 0) return null;
	return (
		<section class="card">
			<h2>What was refused of it</h2>
			<ul class="story">{rows.map((o) => <li key={o.what}><Time at={o.last} exact /><span>{sentenceCase(o.what)}<small>{o.count === 1 ? 'once' : <>{number(o.count)} times, first <Time at={o.first} exact /></>}</small></span></li>)}</ul>
		</section>
	);
}

export function Device({ id }) {
	const asked = useAsked(() => post('device', { id }), [id]);
	return (
		<>
			<Head title={asked.value?.serial ?? 'Device'} asked={asked}>{asked.value && <State of={asked.value.state} />}</Head>
			<p><a href="#devices">All devices</a></p>
			<Waiting asked={asked}>{(device) => (
				<>
					{device.why && <Notice kind={device.state === 'here' ? 'info' : 'warn'}><p>{device.why}</p></Notice>}
					<section class="card"><h2>What is known of it</h2><Known device={device} /><Change device={device} again={asked.again} /></section>
					<Measured id={id} />
					<Story device={device} />
					<Odd rows={device.odd} />
				</>
			)}</Waiting>
		</>
	);
}
