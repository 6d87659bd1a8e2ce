/* A value's history: drawn by uPlot, and as a table for who cannot see it. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { amount, sentenceCase, unitWord, when } from '../words.js';
import { Card, useAsked, Waiting } from './parts.jsx';

const spans = [['Day', 86400], ['Week', 7 * 86400], ['Month', 30 * 86400]];
const pages = 12;

/* All points from a time on; a page that is full says that there are more. */
async function points(link, datum, from, to) {
	const all = [];
	for (let n = 0; n < pages; n++) {
		const page = await link.ask('history', { datum, from, to });
		const rows = page.points.filter((p) => !all.length || p.time > all[all.length - 1].time);
		all.push(...rows);
		if (!page.more || rows.length === 0) break;
		from = rows[rows.length - 1].time;
	}
	return all;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function draw(box, rows, unit) {
	const line = colour('--accent'), grid = colour('--line'), ink = colour('--muted');
	const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
	const options = {
		width: box.clientWidth, height: 190, legend: { show: false }, cursor: { y: false, points: { size: 8 } },
		scales: { y: { range: (u, min, max) => [Math.floor(min - 0.5), Math.ceil(max + 0.5)] } },
		axes: [{ ...axis, size: 30, space: 84, values: (u, splits, i, space, incr) => splits.map((t) => new Date(t * 1000).toLocaleString(undefined,
			incr >= 86400 ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' })) },
		{ ...axis, size: 44, values: (u, splits) => splits.map((v) => `${v}\u202f${unitWord(unit)}`) }],
		series: [{}, { stroke: line, width: 2, fill: `${line}1f`, spanGaps: false, points: { show: false } }],
	};
	return new uPlot(options, [rows.map((p) => p.time), rows.map((p) => p.value / 1000)], box);
}

function Drawing({ rows, unit, label }) {
	const box = useRef();
	useEffect(() => {
		const place = box.current;
		let plot = draw(place, rows, unit);
		const again = () => {
			plot.destroy();
			plot = draw(place, rows, unit);
		};
		const dark = matchMedia('(prefers-color-scheme: dark)');
		dark.addEventListener('change', again);
		const size = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: 190 }));
		size.observe(place);
		return () => {
			dark.removeEventListener('change', again);
			size.disconnect();
			plot.destroy();
		};
	}, [rows, unit]);
	return <div class="plot" role="img" aria-label={label} ref={box} />;
}

function Table({ rows, unit, name }) {
	const step = Math.ceil(rows.length / 24);
	return (
		<details>
			<summary>As a table</summary>
			<table>
				<thead><tr><th scope="col">Time</th><th scope="col">{name}</th></tr></thead>
				<tbody>{rows.filter((_, i) => i % step === 0).map((p) => <tr key={p.time}><td>{when(p.time)}</td><td>{amount(p.value, unit)}</td></tr>)}</tbody>
			</table>
		</details>
	);
}

export function History({ link, value, time }) {
	const { history: datum, unit } = value;
	const [span, setSpan] = useState(86400);
	const from = useMemo(() => Math.max(0, time - span), [span, Math.floor(time / 300)]);
	const asked = useAsked(() => points(link, datum, from, time), [datum, from]);
	const name = sentenceCase(value.name);
	const choice = (
		<div class="segments" role="group" aria-label="How far back">
			{spans.map(([word, s]) => <button key={s} type="button" aria-pressed={s === span} onClick={() => setSpan(s)}>{word}</button>)}
		</div>
	);
	return (
		<Card title="History" aside={choice}>
			<Waiting asked={asked}>{(rows) => {
				if (rows.length < 2) return <p class="hint">Nothing is kept for this time yet.</p>;
				const values = rows.map((p) => p.value);
				const [low, high] = [Math.min(...values), Math.max(...values)];
				const label = `${name}: between ${amount(low, unit)} and ${amount(high, unit)}, lately ${amount(values[values.length - 1], unit)}.`;
				return <><Drawing rows={rows} unit={unit} label={label} /><p class="hint">{label}</p><Table rows={rows} unit={unit} name={name} /></>;
			}}</Waiting>
		</Card>
	);
}
