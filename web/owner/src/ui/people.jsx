/* Who may enter: people, invitations, removal, another phone. */
import { useState } from 'preact/hooks';
import qrcode from 'qrcode-generator';
import { equal, hex } from '../bytes.js';
import { db } from '../db.js';
import { guestMay } from '../product.js';
import { readOwners, writeInvitation } from '../protocol.js';
import { day, roles, sentenceCase } from '../words.js';
import { Act, Card, Dialog, Field, Notice, useAsked, Waiting } from './parts.jsx';

/* A QR code as one SVG path: no image, no style. */
function Qr({ text }) {
	const qr = qrcode(0, 'M');
	qr.addData(text);
	qr.make();
	const n = qr.getModuleCount();
	let d = '';
	for (let y = 0; y < n; y++) for (let x = 0; x < n; x++) if (qr.isDark(y, x)) d += `M${x + 4} ${y + 4}h1v1h-1z`;
	return <svg class="qr" viewBox={`0 0 ${n + 8} ${n + 8}`} role="img" aria-label="The invitation as a QR code"><rect width="100%" height="100%" fill="#fff" /><path d={d} fill="#000" /></svg>;
}

function Ready({ link, valid }) {
	const share = navigator.share ? <Act kind="primary wide" run={() => navigator.share({ url: link }).catch(() => {})}>Send it</Act> : undefined;
	return (
		<>
			<p>It works once, for {Math.round(valid / 60)} minutes. Whoever has it gets in: show it only to the person you mean. They open it at your home.</p>
			<Qr text={link} />
			{share}
			<Act kind="wide" run={() => navigator.clipboard.writeText(link)} done="Copied.">Copy the link</Act>
		</>
	);
}

const lasts = [['Always', 0], ['A day', 86400], ['A week', 7 * 86400], ['A month', 30 * 86400]];

function Invite({ view, close }) {
	const { link, home, product } = view;
	const [name, setName] = useState('');
	const [role, setRole] = useState(1);
	const [last, setLast] = useState(0);
	const [may, setMay] = useState(guestMay(product).map((m) => m.name));
	const [ready, setReady] = useState();
	const toggle = (m) => setMay(may.includes(m) ? may.filter((x) => x !== m) : [...may, m]);
	const go = async () => {
		const until = last ? Math.floor(Date.now() / 1000) + last : 0;
		const { invitation, valid } = await link.order('invite', { role, name: name.trim(), messages: role === 1 ? may : [], until });
		setReady({ valid, link: `${location.origin}/#join=${writeInvitation(invitation)}&hub=${encodeURIComponent(home.hub)}` });
	};
	return (
		<Dialog title={ready ? `For ${name}` : 'Let somebody in'} close={close}>
			{ready ? <Ready {...ready} /> : (
				<>
					<Field label="Their name" maxLength={40} value={name} onInput={(e) => setName(e.currentTarget.value)} />
					<fieldset><legend>They come as</legend>
						<label class="tick"><input type="radio" name="role" checked={role === 1} onChange={() => setRole(1)} />Guest: sees the home and does what you choose</label>
						<label class="tick"><input type="radio" name="role" checked={role === 0} onChange={() => setRole(0)} />Owner: may do all that you may, also let others in</label>
					</fieldset>
					{role === 1 && (
						<>
							<fieldset><legend>They may</legend>
								{guestMay(product).map((m) => <label key={m.name} class="tick"><input type="checkbox" checked={may.includes(m.name)} onChange={() => toggle(m.name)} />{sentenceCase(m.name)}</label>)}
							</fieldset>
							<div class="field"><label for="until">For how long</label>
								<select id="until" value={last} onChange={(e) => setLast(Number(e.currentTarget.value))}>{lasts.map(([word, s]) => <option key={s} value={s}>{word}</option>)}</select></div>
						</>
					)}
					<Act run={go} kind="primary wide" disabled={!name.trim()}>Make an invitation</Act>
				</>
			)}
		</Dialog>
	);
}

function Person({ person, mine, remove, rename, vouch }) {
	const initial = (person.name || '?').charAt(0).toUpperCase();
	return (
		<li class="person">
			<span class="avatar" aria-hidden="true">{initial}</span>
			<div><strong>{person.name || 'Without a name'}{mine && ' (you)'}</strong>
				<small>{roles[person.role]}{person.since ? ` · since ${day(person.since)}` : ''}{person.until ? ` · until ${day(person.until)}` : ''}</small></div>
			{mine ? <button type="button" class="link" onClick={rename}>Rename</button> : (
				<span class="acts">
					<button type="button" class="link" aria-label={`${person.name} lost their phone`} onClick={vouch}>Lost phone</button>
					<button type="button" class="link" aria-label={`Remove ${person.name}`} onClick={remove}>Remove</button>
				</span>
			)}
		</li>
	);
}

function Removal({ person, link, close, done }) {
	return (
		<Dialog title={`Remove ${person.name || 'this person'}?`} close={close}>
			<p>Their keys stop working at once. What is kept about them alone is deleted.</p>
			<Act kind="danger wide" run={async () => {
				await link.order('remove', { thumbprint: person.thumbprint });
				done();
				close();
			}}>Remove</Act>
		</Dialog>
	);
}

/* An owner's word, beside button and label: who lost their phone comes back, and nothing is erased. */
function Vouch({ person, link, close }) {
	const [valid, setValid] = useState();
	const name = person.name || 'this person';
	return (
		<Dialog title={`Did ${name} lose their phone?`} close={close}>
			{valid ? (
				<>
					<Notice>For {Math.round(valid / 60)} minutes. On the new phone: “Lost your phone? Recover your home”, then press the button on the device and scan its label.</Notice>
					<Act kind="wide" run={async () => {
						await link.order('vouch', {});
						close();
					}}>Take it back</Act>
				</>
			) : (
				<>
					<p>Vouch for {name}, and they come back with another phone: their rights and what is kept about them stay. The lost phone is out as soon as the new one is in.</p>
					<p>Whoever presses the button and scans the label comes in as {name}. Do it only when you are sure that it is them. Everybody sees that you vouched.</p>
					<Act kind="primary wide" run={async () => setValid((await link.order('vouch', { thumbprint: person.thumbprint })).valid)}>Vouch for {name}</Act>
				</>
			)}
		</Dialog>
	);
}

function Rename({ view, name, close, done }) {
	const [text, setText] = useState(name);
	return (
		<Dialog title="Your name" close={close}>
			<Field label="Your name in this home" maxLength={40} value={text} onInput={(e) => setText(e.currentTarget.value)} />
			<Act kind="primary wide" disabled={!text.trim()} run={async () => {
				await view.link.order('rename', { name: text.trim() });
				await db.update('homes', view.home.key, (h) => (h.wish = undefined)); /* this one counts */
				done();
				close();
			}}>Save</Act>
		</Dialog>
	);
}

/* The list, and whether it is what the device signed. */
async function askPeople(link, home) {
	const { people, owners } = await link.ask('people');
	const signed = await readOwners(home, owners);
	const same = signed.owners.every((o) => people.some((p) => equal(p.thumbprint, o.thumbprint) && p.role === o.role)) &&
		people.filter((p) => p.role === 0).every((p) => signed.owners.some((o) => equal(p.thumbprint, o.thumbprint)));
	return { people, same };
}

export function People({ view }) {
	const { link, home } = view;
	const [open, setOpen] = useState();
	const asked = useAsked(() => askPeople(link, home), []);
	const close = () => {
		setOpen(undefined);
		asked.again();
	};
	return (
		<Waiting asked={asked}>{({ people, same }) => (
			<>
				<Card title="Who may enter">
					{!same && <Notice kind="bad">This list is not the one that the device signed. Do not rely on it.</Notice>}
					<ul class="plain">{people.map((p) => (
						<Person key={hex(p.thumbprint)} person={p} mine={equal(p.thumbprint, home.keys.thumbprint)}
							remove={() => setOpen({ remove: p })} vouch={() => setOpen({ vouch: p })} rename={() => setOpen({ rename: p.name })} />
					))}</ul>
					<button type="button" class="primary wide" onClick={() => setOpen({ invite: true })}>Let somebody in</button>
				</Card>
				<p class="hint foot">Each person has keys of their own, made on their phone. There are no passwords.</p>
				{open?.invite && <Invite view={view} close={close} />}
				{open?.remove && <Removal person={open.remove} link={link} close={() => setOpen(undefined)} done={asked.again} />}
				{open?.vouch && <Vouch person={open.vouch} link={link} close={() => setOpen(undefined)} />}
				{open?.rename !== undefined && <Rename view={view} name={open.rename} close={() => setOpen(undefined)} done={asked.again} />}
			</>
		)}</Waiting>
	);
}
