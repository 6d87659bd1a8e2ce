/* The operator's own reading key: made once, and unlocked in each session. */
import { useState } from 'preact/hooks';
import { makeCode, readCode, readerSecret } from '../../../desk/src/desk.js';
import { SealError } from '../../../desk/src/sealed.js';
import { makeReader, unlock } from '../desk.js';
import { Act, Notice } from './parts.jsx';

function Code({ done, close }) {
	const [code] = useState(makeCode);
	return (
		<Notice kind="warn">
			<p>Your recovery code. It is shown only now, and nobody can give it to you again: write it down, or keep it where you keep your passwords.</p>
			<p><code class="link-text">{code}</code></p>
			<div class="row">
				<Act kind="primary" run={async () => { await makeReader(await readerSecret(readCode(code)), 'code'); done(); }}>I have kept it: make the key</Act>
				<button type="button" onClick={close}>Not now</button>
			</div>
		</Notice>
	);
}

export function MakeReader({ done }) {
	const [asking, setAsking] = useState(false);
	return (
		<section class="card">
			<h2>Make your reading key</h2>
			<p>Reports are sealed, so that nobody who breaks into the service reads them. You read them by a key of your own, which is made in this browser; the service keeps it wrapped.</p>
			{asking ? <Code done={done} close={() => setAsking(false)} /> : <button type="button" onClick={() => setAsking(true)}>Make it with a recovery code…</button>}
		</section>
	);
}

export function Unlock({ mine, done }) {
	const [code, setCode] = useState('');
	return (
		<section class="card">
			<h2>Unlock your reading key</h2>
			<p>It stays unlocked in this page until you sign out, reload or close it.</p>
			<form onSubmit={(e) => e.preventDefault()}>
				<div class="field"><label for="code">Your recovery code</label>
					<input id="code" value={code} maxLength={60} autocomplete="off" spellcheck={false} autocapitalize="characters" onInput={(e) => setCode(e.currentTarget.value)} /></div>
				<Act kind="primary" type="submit" disabled={code.trim() === ''} run={async () => { await unlock(await readerSecret(readCode(code)), mine).catch(plainly); done(); }}>Unlock</Act>
			</form>
		</section>
	);
}

/* Of a key that does not unwrap, there is one reason that a person can do something about. */
function plainly(e) {
	throw e instanceof SealError ? new Error('This is not the code that the key was made with. Look for O and 0, I and 1: they count as the same.') : e;
}
