/* What a device measures: drawn by uPlot, and as a table for who cannot see it. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { sentenceCase, unitWord, when } from '../words.js';

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function draw(box, { times, values, unit }) {
	const line = colour('--accent'), ink = colour('--muted');
	const axis = { stroke: ink, grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
	const options = { width: box.clientWidth, height: 160, legend: { show: false }, cursor: { y: false },
		axes: [{ ...axis, size: 28, space: 84, values: (u, splits, i, space, incr) => splits.map((t) => new Date(t * 1000).toLocaleString(undefined,
			incr >= 86400 ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' })) }, { ...axis, size: 58, values: (u, splits) => splits.map((v) => `${v} ${unitWord(unit)}`.trim()) }],
		series: [{}, { stroke: line, width: 2, fill: `${line}1f`, points: { show: times.length < 40, size: 5, fill: line } }] };
	return new uPlot(options, [times, values], box);
}

export function Chart({ name, series }) {
	const box = useRef();
	const { times, values, unit } = series;
	const [low, high] = [Math.min(...values), Math.max(...values)];
	const word = unitWord(unit);
	const said = `${sentenceCase(name)}: between ${low} and ${high}${word && ` ${word}`}, lately ${values[values.length - 1]}${word && ` ${word}`}.`;
	useEffect(() => {
		const place = box.current;
		let plot = draw(place, series);
		const again = () => {
			plot.destroy();
			plot = draw(place, series);
		};
		const dark = matchMedia('(prefers-color-scheme: dark)');
		dark.addEventListener('change', again);
		const size = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: 160 }));
		size.observe(place);
		return () => {
			dark.removeEventListener('change', again);
			size.disconnect();
			plot.destroy();
		};
	}, [series]);
	const step = Math.ceil(times.length / 24);
	return (
		<section class="chart" aria-label={sentenceCase(name)}>
			<h3>{sentenceCase(name)}</h3>
			<div class="plot" role="img" aria-label={said} ref={box} />
			<p class="hint">{said}</p>
			<details><summary>As a table</summary>
				<table><thead><tr><th scope="col">Time</th><th scope="col">{sentenceCase(name)}</th></tr></thead>
					<tbody>{times.map((t, i) => i % step === 0 && <tr key={i}><td>{when(t)}</td><td>{values[i]} {word}</td></tr>)}</tbody></table>
			</details>
		</section>
	);
}

/* Points of the service into a series for each name, in the order of time. */
export function seriesOf(points) {
	const all = new Map();
	for (const [time, name, value, unit] of [...points].sort((a, b) => a[0] - b[0])) {
		if (!all.has(name)) all.set(name, { times: [], values: [], unit });
		const s = all.get(name);
		s.times.push(time);
		s.values.push(value);
	}
	return all;
}
