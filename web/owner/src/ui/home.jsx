/* The first screen: what the home is like now, what it is asked to be, what happened. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { from, isSchedule, isYesNo, mainMessage, unitOf, valueOf, valuesFor } from '../product.js';
import { ago, amount, eventText, isSerious, sentenceCase, when } from '../words.js';
import { History } from './chart.jsx';
import { Dial } from './dial.jsx';
import { Act, Card, Notice, useAsked, Waiting } from './parts.jsx';
import { Schedule } from './schedule.jsx';

const settle = 900; /* ms after the last touch until the wish is sent */

const report = 8000; /* ms within which the product's program has told the value that it was given */

/* A wish on its way: { value, state, error }; waiting, sent, then taken (confirmed), refused, or unknown. */
function useWish(link, message, field, refresh) {
	const [wish, setWish] = useState();
	const timer = useRef();
	const turn = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	const send = async (value, mine) => {
		setWish({ value, state: 'sent' });
		try {
			await link.order('command', { message: message.name, fields: [[field.name, value]] });
			if (mine !== turn.current) return;
			setWish({ value, state: 'taken' });
			await refresh();
			timer.current = setTimeout(() => mine === turn.current && setWish(undefined), report);
		} catch (error) {
			if (mine === turn.current) setWish({ value, error, state: error.error === undefined ? 'unknown' : 'refused' });
		}
	};
	const change = (value) => {
		clearTimeout(timer.current);
		const mine = ++turn.current;
		setWish({ value, state: 'waiting' });
		timer.current = setTimeout(() => send(value, mine), settle);
	};
	return { wish, change, again: () => change(wish.value), forget: () => setWish(undefined) };
}

function Setting({ link, message, state, product, refresh, away }) {
	const field = message.fields[0];
	const { wish, change, again, forget } = useWish(link, message, field, refresh);
	const { now, target } = valuesFor(product, field, state.values);
	const told = state.accepted.find((a) => a.message === message.name)?.fields.find((f) => f.name === field.name)?.value;
	const device = target ? target.value : told;
	const shown = wish && wish.state !== 'refused' ? wish.value : device;
	const word = { waiting: 'Not confirmed by the device', sent: 'Not confirmed by the device', unknown: 'Not confirmed by the device: it did not answer' }[wish?.state];
	return (
		<section class="card main" aria-label={sentenceCase(message.name)}>
			<Dial field={field} label={sentenceCase(message.name)} value={shown} now={now?.value} change={change}
				grey={away || (now && now.age > 300)} />
			<p class={word ? 'confirm open' : 'confirm'} role="status">
				{word ?? (away ? 'Last known' : device === undefined ? '' : 'Confirmed by the device')}
			</p>
			{wish?.error && (
				<Notice kind={wish.state === 'refused' ? 'bad' : 'warn'}>
					<p>{wish.error.message}</p>
					{wish.state === 'unknown' && <button type="button" onClick={again}>Send it again</button>}
					<button type="button" onClick={forget}>Leave it as it is</button>
				</Notice>
			)}
		</section>
	);
}

/* Any other declared message: its fields with their ranges, and a button. */
function Message({ link, message, refresh }) {
	const [values, setValues] = useState({});
	const read = (f) => Math.round(Number(values[f.name]) * 1000);
	const send = async () => {
		await link.order('command', { message: message.name, fields: message.fields.map((f) => [f.name, read(f)]) });
		await refresh();
	};
	return (
		<Card title={sentenceCase(message.name)} quiet>
			{message.fields.map((f) => (
				<div class="field" key={f.name}>
					<label for={`${message.name}-${f.name}`}>{sentenceCase(f.name)} ({amount(f.min, f.unit)} to {amount(f.max, f.unit)})</label>
					<input id={`${message.name}-${f.name}`} type="number" min={f.min / 1000} max={f.max / 1000} step={f.step ? f.step / 1000 : 'any'}
						value={values[f.name] ?? ''} onInput={(e) => setValues({ ...values, [f.name]: e.currentTarget.value })} />
				</div>
			))}
			<Act run={send} done="Confirmed by the device" disabled={message.fields.some((f) => values[f.name] === undefined || values[f.name] === '')}>Send</Act>
		</Card>
	);
}

function Readings({ state, product, main, away }) {
	const { now, target } = main ? valuesFor(product, main.fields[0], state.values) : {};
	const rest = main ? state.values.filter((v) => v !== now && v !== target) : [];
	if (rest.length === 0) return null;
	const shown = (v) => (isYesNo(valueOf(product, v.name)) ? (v.value ? 'yes' : 'no') : amount(v.value, unitOf(product, v.name), 0));
	return (
		<Card title="Right now">
			<ul class={away ? 'readings grey' : 'readings'}>
				{rest.map((v) => <li key={v.name}><span>{sentenceCase(v.name)}</span><strong>{shown(v)}</strong>{v.age > 60 && <small>{ago(v.age)}</small>}</li>)}
			</ul>
		</Card>
	);
}

function Events({ asked }) {
	return (
		<Card title="What happened">
			<Waiting asked={asked}>{({ events }) => (events.length === 0 ? <p class="hint">Nothing out of the ordinary.</p> : (
				<ul class="events">{[...events].reverse().map((e) => (
					<li key={e.number} class={isSerious(e) ? 'serious' : ''}><span>{eventText(e)}</span><small>{when(e.time)}</small></li>
				))}</ul>
			))}</Waiting>
		</Card>
	);
}

/* The latest serious event of the last day, where an owner cannot miss it. */
function Alert({ asked, now }) {
	const last = asked.value?.events.filter((e) => isSerious(e) && now - e.time < 86400).pop();
	return last ? <Notice kind="bad"><p>{eventText(last)}.</p><p class="hint">{when(last.time)}. <a href="#security">Is it set up securely?</a></p></Notice> : null;
}

export function Home({ view }) {
	const { link, state, product, away, refresh, owner, home } = view;
	const main = mainMessage(product);
	const events = useAsked(() => (owner ? link.ask('events', { after: Math.max(0, state.events - 20) }) : Promise.resolve({ events: [] })), [state.events, owner]);
	const mine = product.messages.filter((m) => owner || m.from === from.guest);
	const others = mine.filter((m) => m !== main && !isSchedule(m, product));
	const week = mine.find((m) => isSchedule(m, product) && m.fields.length > 0);
	const chart = product.values.find((v) => v.history && state.values.some((s) => s.name === v.name));
	return (
		<>
			{!away && <Alert asked={events} now={state.time} />}
			{!state.alive && <Notice kind="warn">The program of the device is not running at the moment. It is being started again.</Notice>}
			{state.values.some((v) => /fault/.test(v.name) && v.value !== 0) && <Notice kind="warn">The device reports a fault of its sensor. It goes on carefully.</Notice>}
			{main && <Setting link={link} message={main} state={state} product={product} refresh={refresh} away={away} />}
			{!main && state.values.map((v) => <Card key={v.name} title={sentenceCase(v.name)}><p class="big">{amount(v.value, unitOf(product, v.name))}</p></Card>)}
			{owner && chart && !away && <History link={link} value={chart} time={state.time || Math.floor(Date.now() / 1000)} />}
			{week && !away && <Schedule link={link} message={week} product={product} home={home} refresh={refresh} owner={owner} />}
			<Readings state={state} product={product} main={main} away={away} />
			{!away && others.map((m) => <Message key={m.name} link={link} message={m} refresh={refresh} />)}
			{owner && !away && <Events asked={events} />}
		</>
	);
}
