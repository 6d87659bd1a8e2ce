/* Who reads reports: the operator's reading key, the desk's key, and its copies for colleagues. */
import { useState } from 'preact/hooks';
import { fingerprint } from '../../../desk/src/desk.js';
import { fromB64url } from '../../../owner/src/bytes.js';
import { giveCopies, look, makeDesk } from '../desk.js';
import { Act, Dialog, Facts, Head, Notice, Time, useAsked, Waiting } from './parts.jsx';
import { MakeReader, Unlock } from './unlock.jsx';

function Give({ to, close, done }) {
	const asked = useAsked(() => fingerprint(fromB64url(to.key)), [to.key]);
	return (
		<Dialog title={`Let ${to.name} read reports?`} close={close}>
			<p>Ask {to.name}, in person or by telephone, for the fingerprint that this screen shows them. Is it this one?</p>
			<p><code class="print">{asked.value}</code></p>
			<p class="hint">If it is another, somebody else would read: do not give it, and tell whoever runs the service.</p>
			<div class="row">
				<button type="button" onClick={close}>Leave it</button>
				<Act kind="primary" run={async () => { await giveCopies(to); done(); }}>It is the same: give the key</Act>
			</div>
		</Dialog>
	);
}

function Renew({ close, done }) {
	return (
		<Dialog title="Make a new key for the desk?" close={close}>
			<p>Do it when somebody who reads has left, or may have lost their key to others. What is reported from now on is sealed to the new key; what is there stays sealed to the old one, which you keep.</p>
			<p>Only you read new reports then, until you let your colleagues, one by one.</p>
			<div class="row">
				<button type="button" onClick={close}>Leave it</button>
				<Act kind="danger" run={async () => { await makeDesk(); done(); }}>Make a new key</Act>
			</div>
		</Dialog>
	);
}

function Readers({ desk, again }) {
	const [to, setTo] = useState();
	const [renewing, setRenewing] = useState(false);
	const done = () => {
		setTo(undefined);
		setRenewing(false);
		again();
	};
	const may = (r) => desk.latest && !r.reads && r.name !== desk.me;
	return (
		<section class="card">
			<h2>Who reads</h2>
			<div class="scroll" role="region" aria-label="Who reads" tabIndex={0}><table>
				<thead><tr><th scope="col">Name</th><th scope="col">Reads new reports</th><th scope="col">Key made</th><th scope="col"><span class="sr">What can be done</span></th></tr></thead>
				<tbody>{desk.readers.map((r) => (
					<tr key={r.name}><th scope="row">{r.name}{r.name === desk.me && <small>you</small>}</th><td>{r.reads ? 'yes' : 'not yet'}</td><td><Time at={r.made} exact /></td>
						<td>{may(r) && <button type="button" class="quiet" onClick={() => setTo(r)} aria-label={`Let ${r.name} read`}>Let them read…</button>}</td></tr>
				))}</tbody>
			</table></div>
			{desk.latest && <button type="button" onClick={() => setRenewing(true)}>Make a new key for the desk…</button>}
			{to && <Give to={to} close={() => setTo(undefined)} done={done} />}
			{renewing && <Renew close={() => setRenewing(false)} done={done} />}
		</section>
	);
}

/* The key that reports are sealed to: none yet, one that I read by, or one that I do not. */
function Sealed({ desk, again }) {
	if (desk.keys.length === 0)
		return <Notice kind="warn"><p>The desk has no key yet: nobody can report anything by the page. Make it, and then let a colleague read as well, so that reports are not lost with one person’s key.</p>
			<Act kind="primary" run={async () => { await makeDesk(); again(); }}>Make the desk’s key</Act></Notice>;
	if (!desk.latest)
		return <Notice kind="warn"><p>You do not read reports yet. Ask a colleague who does to open this screen and let you; they compare your fingerprint with you first.</p></Notice>;
	return <Notice kind="good"><p>You read what is reported. Reports are sealed to the desk’s key, of which you have a copy.</p></Notice>;
}

export function Desk() {
	const asked = useAsked(look, []);
	return (
		<>
			<Head title="Reading key" asked={asked} />
			<p><a href="#cases">To the cases</a></p>
			<Waiting asked={asked}>{(desk) => (
				<>
					{!desk.mine && <MakeReader credential={desk.credential} done={asked.again} />}
					{desk.mine && !desk.open && <Unlock credential={desk.credential} mine={desk.mine} done={asked.again} />}
					{desk.wrong && <Notice kind="bad"><p>{desk.wrong}</p></Notice>}
					{desk.open && <Sealed desk={desk} again={asked.again} />}
					{desk.open && <section class="card"><h2>Yours</h2><Facts rows={[['Its fingerprint', <code class="print">{desk.print}</code>], ['Made', desk.mine && <Time at={desk.mine.made} exact />]]} /></section>}
					{desk.readers.length > 0 && <Readers desk={desk} again={asked.again} />}
				</>
			)}</Waiting>
		</>
	);
}
