/* Before anybody is in: a passkey made behind a one-time link, or used. */
import { useEffect, useState } from 'preact/hooks';
import { register, signIn, whose } from '../passkey.js';
import { Act, Notice } from './parts.jsx';

function Front({ title, children }) {
	useEffect(() => { document.title = `${title} · Console`; }, [title]);
	return <main class="front" id="main" tabIndex={-1}><h1>{title}</h1>{children}</main>;
}

export function SignIn({ entered, ended }) {
	return (
		<Front title="Sign in">
			{ended && <Notice kind="warn"><p>You were signed out: a session ends after 15 minutes without use, and after 8 hours anyway.</p></Notice>}
			<p>The console of the maker’s service. You come in by your passkey; there is no password.</p>
			<Act kind="primary wide" run={async () => entered((await signIn()).name)}>Sign in with your passkey</Act>
			<p class="hint">No passkey yet, or lost it? An operator makes you a link; so does <code>keel-fleet operator add</code>.</p>
		</Front>
	);
}

export function Join({ secret, entered, cancel }) {
	const [name, setName] = useState();
	const [named, setNamed] = useState(false);
	const [wrong, setWrong] = useState('');
	useEffect(() => {
		whose(secret).then((n) => { setName(n); setNamed(n !== ''); }, (e) => setWrong(e.message));
	}, [secret]);
	if (wrong) return <Front title="This link does not work"><Notice kind="bad"><p>{wrong}</p></Notice><button type="button" onClick={cancel}>To the sign-in</button></Front>;
	if (name === undefined) return <Front title="Welcome"><p class="hint" role="status">Asking the service…</p></Front>;
	const ready = name.trim() !== '' && new TextEncoder().encode(name.trim()).length <= 40;
	return (
		<Front title={named ? `Welcome, ${name}` : 'Welcome'}>
			<p>{named ? 'You are invited to operate this service.' : 'You are the first to operate this service.'} Make a passkey on this device, or on a key or phone that you carry: it is how you come in from now on.</p>
			<form onSubmit={(e) => e.preventDefault()}>
				{!named && <div class="field"><label for="name">Your name, as others see it</label>
					<input id="name" value={name} maxLength={40} autocomplete="off" onInput={(e) => setName(e.currentTarget.value)} aria-describedby="name-hint" />
					<p class="hint" id="name-hint">It stands beside everything you do, in the audit log.</p></div>}
				<Act kind="primary wide" type="submit" disabled={!ready} run={async () => entered((await register(secret, name.trim())).name)}>Make my passkey</Act>
			</form>
		</Front>
	);
}
