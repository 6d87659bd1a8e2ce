/* The week: from when on which temperature. */
import { useState } from 'preact/hooks';
import { askEntries } from '../schedule.js';
import { amount, clock, days, sentenceCase } from '../words.js';
import { Act, Card, Dialog, useAsked, Waiting } from './parts.jsx';

const workdays = [0, 1, 2, 3, 4], weekend = [5, 6];
const sets = [['Every day', [...workdays, ...weekend]], ['Monday to Friday', workdays], ['Saturday and Sunday', weekend], ...days.map((d, i) => [d, [i]])];

function Entry({ link, message, value, done, close }) {
	const [set, setSet] = useState(0);
	const [time, setTime] = useState('07:00');
	const [wanted, setWanted] = useState(Math.round((value.min + value.max) / 2 / 500) * 500);
	const send = async () => {
		const [h, m] = time.split(':').map(Number);
		for (const day of sets[set][1])
			await link.order('command', { message: message.name, fields: message.fields.map((f) =>
				[f.name, f.name === 'day' ? day * 1000 : f.name === 'minute' ? (h * 60 + m) * 1000 : wanted]) });
		done();
		close();
	};
	return (
		<Dialog title="Add a time" close={close}>
			<div class="field"><label for="s-days">Days</label>
				<select id="s-days" value={set} onChange={(e) => setSet(Number(e.currentTarget.value))}>
					{sets.map(([word], i) => <option key={word} value={i}>{word}</option>)}
				</select></div>
			<div class="field"><label for="s-time">Time</label>
				<input id="s-time" type="time" value={time} onInput={(e) => setTime(e.currentTarget.value)} /></div>
			<div class="field"><label for="s-value">From then on {amount(wanted, value.unit)}</label>
				<input id="s-value" type="range" min={value.min} max={value.max} step={value.step || 500} value={wanted}
					aria-valuetext={amount(wanted, value.unit)} onInput={(e) => setWanted(Number(e.currentTarget.value))} /></div>
			<Act run={send} kind="primary wide" disabled={!/^\d\d:\d\d/.test(time)}>Add to the week</Act>
		</Dialog>
	);
}

function Week({ entries, unit }) {
	if (entries.length === 0) return <p class="hint">No schedule: the home keeps what you set.</p>;
	return (
		<ul class="week">
			{days.map((d, i) => {
				const today = entries.filter((e) => e.day === i).sort((a, b) => a.minute - b.minute);
				return today.length > 0 && (
					<li key={d}><span>{d}</span>
						<ol>{today.map((e) => <li key={e.minute}><time>{clock(e.minute)}</time> {amount(e.value, unit)}</li>)}</ol></li>
				);
			})}
		</ul>
	);
}

export function Schedule({ link, message, product, owner, refresh }) {
	const [adding, setAdding] = useState(false);
	const asked = useAsked(() => (owner ? askEntries(link, message.name) : Promise.resolve([])), []);
	const value = message.fields.find((f) => f.name !== 'day' && f.name !== 'minute');
	const clear = product.messages.find((m) => m.name === `clear ${message.name}`);
	const changed = () => {
		for (const ms of [700, 2500, 8000]) setTimeout(asked.again, ms); /* the device's program keeps it a moment after it took it */
		refresh();
	};
	return (
		<Card title={sentenceCase(message.name)}>
			{owner && <Waiting asked={asked}>{(entries) => <Week entries={entries} unit={value.unit} />}</Waiting>}
			<div class="row">
				<button type="button" onClick={() => setAdding(true)}>Add a time</button>
				{clear && asked.value?.length > 0 && <Act kind="plain" run={async () => {
					await link.order('command', { message: clear.name, fields: [] });
					changed();
				}}>Clear the week</Act>}
			</div>
			{adding && <Entry link={link} message={message} value={value} done={changed} close={() => setAdding(false)} />}
		</Card>
	);
}
