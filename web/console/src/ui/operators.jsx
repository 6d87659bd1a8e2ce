/* Who operates the service: invited, and removed. */
import { useState } from 'preact/hooks';
import { post } from '../api.js';
import { Act, Dialog, Head, Notice, Time, useAsked, Waiting } from './parts.jsx';

function Invite({ again }) {
	const [name, setName] = useState('');
	const [link, setLink] = useState();
	const invite = async () => {
		const { link: made } = await post('invite', { name: name.trim() });
		setLink({ for: name.trim(), url: made });
		setName('');
		again();
	};
	return (
		<section class="card">
			<h2>Invite somebody</h2>
			<form onSubmit={(e) => e.preventDefault()}>
				<div class="field"><label for="invite">Name</label><input id="invite" value={name} maxLength={40} autocomplete="off" onInput={(e) => setName(e.currentTarget.value)} /></div>
				<Act type="submit" disabled={name.trim() === ''} run={invite}>Make a link</Act>
			</form>
			{link && <Notice kind="good"><p>{link.for} comes in by this link, once, within a day. It is shown only now; give it to nobody else.</p>
				<p><code class="link-text">{link.url}</code></p><button type="button" onClick={() => navigator.clipboard.writeText(link.url)}>Copy</button></Notice>}
		</section>
	);
}

function Remove({ op, close, done }) {
	return (
		<Dialog title={`Remove ${op.name}?`} close={close}>
			<p>They are signed out at once, and their passkey lets them in no more. What they did stays in the audit log.</p>
			<div class="row">
				<button type="button" onClick={close}>Leave it</button>
				<Act kind="danger" run={async () => { await post('remove', { name: op.name }); done(); }}>Remove</Act>
			</div>
		</Dialog>
	);
}

export function Operators() {
	const asked = useAsked(() => post('operators'), []);
	const [asking, setAsking] = useState();
	return (
		<>
			<Head title="Operators" asked={asked} />
			<Waiting asked={asked}>{({ me, operators }) => (
				<div class="scroll" role="region" aria-label="Operators" tabIndex={0}><table>
					<thead><tr><th scope="col">Name</th><th scope="col">Signed in</th><th scope="col">Since</th><th scope="col"><span class="sr">What can be done</span></th></tr></thead>
					<tbody>{operators.map((op, i) => (
						<tr key={i} class={op.removed ? 'gone' : ''}>
							<th scope="row">{op.name}{op.name === me && !op.removed && <small>you</small>}</th>
							<td><Time at={op.seen} exact /></td><td><Time at={op.added} exact /></td>
							<td>{op.removed ? <>removed <Time at={op.removed} exact /></> : <button type="button" class="quiet" onClick={() => setAsking(op)} aria-label={`Remove ${op.name}`}>Remove…</button>}</td>
						</tr>
					))}</tbody>
				</table></div>
			)}</Waiting>
			<Invite again={asked.again} />
			{asking && <Remove op={asking} close={() => setAsking(undefined)} done={() => { setAsking(undefined); asked.again(); }} />}
		</>
	);
}
