/* What is kept about me, and how to have it gone. EN 303 645 5.11-1, 6-1 to 6-3A. */
import { useState } from 'preact/hooks';
import { hex } from '../bytes.js';
import { db } from '../db.js';
import { exported } from '../export.js';
import { readReceipt } from '../protocol.js';
import { day, duration, sentenceCase, when } from '../words.js';
import { Act, Card, Dialog, Facts, Notice, save, Switch, useAsked, Waiting } from './parts.jsx';

async function exportAll(link, home, product) {
	const rows = [];
	let cursor = 0;
	do {
		const page = await link.ask('export', { cursor });
		rows.push(...page.data.map((d) => exported(d, product)));
		cursor = page.next;
	} while (cursor !== 0);
	const file = { home: home.name, device: hex(home.device.id), exported: new Date().toISOString(), data: rows };
	save(`${home.name.replace(/\W+/g, '-').toLowerCase()}-${new Date().toISOString().slice(0, 10)}.json`, 'application/json', `${JSON.stringify(file, null, '\t')}\n`);
	return rows.length;
}

const entries = (n) => `${n.toLocaleString()} ${n === 1 ? 'entry' : 'entries'}`;

function Kept({ row, about, consent }) {
	return (
		<li class="kept">
			<h3>{sentenceCase(row.name)}</h3>
			{about?.purpose && <p>{about.purpose}</p>}
			<p class="hint">
				{row.of === 1 ? 'About you alone' : 'About the home'}{about?.for ? `, for at most ${duration(about.for)}` : ''}.<br />
				{row.items === 0 ? 'Nothing is kept at the moment.' : `Now ${entries(row.items)}${row.oldest ? ` since ${day(row.oldest)}` : ''}.`}
			</p>
			{row.consent !== 0 && <Switch label="May be kept" on={row.consent === 1} change={consent} />}
		</li>
	);
}

const how = ['Its key was destroyed in the security chip: no copy can be read any more.',
	'Its key was overwritten in a file. A copy of the device’s memory that was made before could still be read.'];

function Receipt({ receipt, bytes, left }) {
	return (
		<>
			<Notice kind="good">Deleted. The device signed a receipt, and this app checked its signature.</Notice>
			<Facts rows={[['When', when(receipt.time)], ['Gone', receipt.gone.map(sentenceCase).join(', ') || 'There was nothing'], ['How', how[receipt.how]],
				['Receipt number', String(receipt.generation)]]} />
			<button type="button" class="wide" onClick={() => save('keel-receipt.cbor', 'application/cbor', bytes)}>Keep the receipt as a file</button>
			{left && <p class="hint">This phone’s keys for the home are gone too.</p>}
		</>
	);
}

/* What each choice takes and what it leaves, in words; names come from the device's own list. */
function choices(data) {
	const names = (of) => data.filter((d) => d.of === of).map((d) => d.name).join(', ') || 'nothing is kept at the moment';
	return [
		{ op: 'delete', args: { what: 0 }, title: 'Delete what is mine', goes: `What is kept about you alone: ${names(1)}.`,
			stays: `What belongs to the home (${names(0)}), your right to enter, and the device’s settings. It goes on working.` },
		{ op: 'delete', args: { what: 1 }, title: 'Delete mine and the home’s', goes: `What is kept about you and about the home: ${names(1)}; ${names(0)}.`,
			stays: 'Who may enter, and the device itself: it goes on working, and it keeps its identity and its updates.' },
		{ op: 'leave', title: 'Delete everything, for everybody', goes: 'All personal data of everybody, all owners and guests, and the keys on this phone. The device is as from the factory.',
			stays: 'The device, its software and its identity. To use it again somebody needs its label.' },
	];
}

function Confirm({ choice, view, close, changed }) {
	const [sure, setSure] = useState(false);
	const [got, setGot] = useState();
	const { link, home } = view;
	const leave = choice.op === 'leave';
	const go = async () => {
		const { receipt: bytes } = await link.order(choice.op, choice.args);
		const receipt = await readReceipt(home, bytes);
		if (leave) await db.delete('homes', home.key);
		setGot({ receipt, bytes });
	};
	const end = () => {
		close();
		if (got) changed(leave);
	};
	return (
		<Dialog title={choice.title} close={end}>
			{got ? <Receipt {...got} left={leave} /> : (
				<>
					<div><h3>This goes</h3><p>{choice.goes}</p></div>
					<div><h3>This stays</h3><p>{choice.stays}</p></div>
					<p class="hint">It cannot be undone. Export first if you want to keep a copy.</p>
					<label class="tick"><input type="checkbox" checked={sure} onChange={(e) => setSure(e.currentTarget.checked)} />I understand what goes and what stays</label>
					<Act run={go} kind="danger wide" disabled={!sure}>{choice.title}</Act>
				</>
			)}
		</Dialog>
	);
}

export function Privacy({ view }) {
	const { link, product, owner, home, leftHome } = view;
	const [choice, setChoice] = useState();
	const asked = useAsked(() => (owner ? link.ask('kept') : Promise.resolve({ data: product.data.filter((d) => d.of === 1) })), []);
	const consent = (name) => async (given) => {
		await link.order('consent', { datum: name, given });
		asked.again();
	};
	const [said, setSaid] = useState('');
	const tell = (p) => p.then(() => setSaid(''), (e) => setSaid(e.message));
	return (
		<Waiting asked={asked}>{({ data }) => (
			<>
				{owner && <Card title="What is kept about me">
					<p>It is kept in your home, on the device. It leaves it only when you export it here.</p>
					<ul class="plain">{data.map((row) => <Kept key={row.name} row={row} about={product.data.find((d) => d.name === row.name)} consent={(v) => tell(consent(row.name)(v))} />)}</ul>
					{said && <Notice kind="bad">{said}</Notice>}
				</Card>}
				{owner && <Card title="Take it with you">
					<p>All of it as one file on this phone.</p>
					<Act kind="wide" run={() => exportAll(link, home, product)} done={(n) => `Exported ${entries(n)}.`}>Export as a file</Act>
				</Card>}
				<Card title="Delete">
					<p>Before anything is deleted you see what goes and what stays.</p>
					{choices(data).filter((c) => owner || c.args?.what === 0).map((c) => <button key={c.title} type="button" class="wide soft" onClick={() => setChoice(c)}>{c.title}…</button>)}
				</Card>
				{choice && <Confirm choice={choice} view={view} close={() => setChoice(undefined)} changed={(left) => (left ? leftHome() : asked.again())} />}
			</>
		)}</Waiting>
	);
}
