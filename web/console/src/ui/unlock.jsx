/* The operator's own reading key: made once, and unlocked in each session. */
import { useState } from 'preact/hooks';
import { makeCode, readCode, readerSecret } from '../../../desk/src/desk.js';
import { SealError } from '../../../desk/src/sealed.js';
import { makeReader, unlock } from '../desk.js';
import { secretOf } from '../passkey.js';
import { Act, Notice } from './parts.jsx';

/* What asked is gone then, and the focus with it. */
function toContent(done) {
	document.getElementById('main').focus();
	done();
}

function Code({ done, close }) {
	const [code] = useState(makeCode);
	return (
		<Notice kind="warn">
			<p>Your recovery code. It is shown only now, and nobody can give it to you again: write it down, or keep it where you keep your passwords.</p>
			<p><code class="link-text">{code}</code></p>
			<div class="row">
				<Act kind="primary" run={async () => { await makeReader(await readerSecret(readCode(code)), 'code'); toContent(done); }}>I have kept it: make the key</Act>
				<button type="button" onClick={close}>Not now</button>
			</div>
		</Notice>
	);
}

export function MakeReader({ credential, done }) {
	const [asking, setAsking] = useState(false);
	const [none, setNone] = useState(false);
	const byPasskey = async () => {
		const secret = await secretOf(credential);
		setNone(!secret);
		setAsking(!secret);
		if (!secret) return;
		await makeReader(await readerSecret(secret), 'passkey');
		toContent(done);
	};
	return (
		<section class="card">
			<h2>Make your reading key</h2>
			<p>Reports are sealed, so that nobody who breaks into the service reads them. You read them by a key of your own, which is made in this browser; the service keeps it wrapped.</p>
			{none && <Notice><p>Your passkey can sign you in, and cannot wrap a key. A recovery code does that instead.</p></Notice>}
			{asking ? <Code done={done} close={() => setAsking(false)} /> : (
				<div class="row">
					{!none && <Act kind="primary" run={byPasskey}>Make it with your passkey</Act>}
					<button type="button" onClick={() => setAsking(true)}>Make it with a recovery code…</button>
				</div>
			)}
		</section>
	);
}

function ByCode({ mine, done }) {
	const [code, setCode] = useState('');
	return (
		<form onSubmit={(e) => e.preventDefault()}>
			<div class="field"><label for="code">Your recovery code</label>
				<input id="code" value={code} maxLength={60} autocomplete="off" spellcheck={false} autocapitalize="characters" onInput={(e) => setCode(e.currentTarget.value)} /></div>
			<Act kind="primary" type="submit" disabled={code.trim() === ''} run={async () => { await open(readCode(code), mine, 'code'); toContent(done); }}>Unlock</Act>
		</form>
	);
}

function ByPasskey({ credential, mine, done }) {
	const run = async () => {
		const secret = await secretOf(credential);
		if (!secret) throw new Error('This browser or passkey gives no secret for your reading key. Use the browser that you made it in.');
		await open(secret, mine, 'passkey');
		toContent(done);
	};
	return <Act kind="primary" run={run}>Unlock with your passkey</Act>;
}

export function Unlock({ mine, ...how }) {
	return (
		<section class="card">
			<h2>Unlock your reading key</h2>
			<p>It stays unlocked in this page until you sign out, reload or close it.</p>
			{mine.how === 'passkey' ? <ByPasskey mine={mine} {...how} /> : <ByCode mine={mine} {...how} />}
		</section>
	);
}

/* Of a key that does not unwrap, there is one reason that a person can do something about. */
const otherwise = {
	code: 'This is not the code that the key was made with. O and 0 count as the same, and so do I, L and 1.',
	passkey: 'This is not the passkey that the key was made with.',
};

async function open(bytes, mine, how) {
	await unlock(await readerSecret(bytes), mine).catch((e) => { throw e instanceof SealError ? new Error(otherwise[how]) : e; });
}
