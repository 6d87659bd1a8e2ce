/* Is it set up securely: the device's signed statement, in words; and which app this is. */
import { useState } from 'preact/hooks';
import { random } from '../bytes.js';
import { checkNow } from '../guard.js';
import { readStatement } from '../protocol.js';
import { day, groups, sentenceCase, states, when } from '../words.js';
import { Act, Card, Facts, Notice, useAsked, Waiting } from './parts.jsx';

const audience = 'keel owner app';

async function askStatement(link, home) {
	const nonce = random(32);
	const { statement } = await link.ask('statement', { nonce, aud: audience });
	return readStatement(home, statement, nonce, audience);
}

function Verdict({ st }) {
	if (st.state === 3) return <Notice kind="bad">The device isolated itself because something on it was changed. Press its button for ten seconds to start anew, or ask its maker.</Notice>;
	if (!st.toDo?.length) return <Notice kind="good">It is set up securely.</Notice>;
	return <Notice kind="warn"><p>Something is left to do:</p><ul>{st.toDo.map((t) => <li key={t}>{sentenceCase(t)}</li>)}</ul></Notice>;
}

const supported = (until) => (until < new Date().toISOString().slice(0, 10) ? `Ended on ${until}` : `Until ${day(Date.parse(until) / 1000)}`);

function About({ st }) {
	return (
		<Card title="The device">
			<Facts rows={[['Model', `${st.name} (${new TextDecoder().decode(st.model)})`], ['Maker', st.maker], ['Serial number', st.serial],
				['Software', st.version?.text], ['Security updates', supported(st.supportUntil)], ['State', sentenceCase(states[st.state] ?? 'unknown')],
				['Its keys are kept in', { tpm: 'A security chip (TPM)', file: 'A file: this model has no security chip' }[st.keysIn] ?? st.keysIn],
				['Who vouches for this', st.grade === 'self-reported' ? 'The device says it of itself' : sentenceCase(st.grade ?? 'not known')]]} />
		</Card>
	);
}

const list = (title, words, none) => <div><h3>{title}</h3>{words?.length ? <ul class="dots">{words.map((w) => <li key={w}>{sentenceCase(w)}</li>)}</ul> : <p class="hint">{none}</p>}</div>;

const guards = {
	current: ['good', 'This app is signed by its maker’s release key.'],
	updated: ['info', 'A newer signed version is here. It runs when you open the app again.'],
	refused: ['bad', 'The server offered an app that is not signed by the release key. It was refused; you are using the last signed one.'],
	replaced: ['bad', 'The server replaced the guard of this app. If its maker did not announce that, do not use the app until you have asked.'],
	forced: ['warn', 'This page came from the server, and nobody checked its signature: it was reloaded by force (with Shift). Close it and open the app again: then the signed one runs.'],
	offline: ['info', 'There is no connection to the app’s server. The signed app on this phone goes on working.'],
	absent: ['warn', 'This browser does not guard the app: it runs what the server sends.'],
};

export function AppCard({ guard, setGuard }) {
	const [kind, sentence] = guards[guard?.state] ?? ['info', 'Finding out which app this is…'];
	return (
		<Card title="This app">
			<Notice kind={kind}>{sentence}{guard?.why && kind === 'bad' && <p class="hint">{sentenceCase(guard.why)}.</p>}</Notice>
			<Facts rows={[['Version', guard?.version], ['Its fingerprint', guard?.digest && <code>{groups(guard.digest, 8)}</code>]]} />
			<p class="hint">Compare the fingerprint with the one that the maker published, if you want to be sure.</p>
			<Act kind="wide" run={async () => setGuard(await checkNow())}>Look for a newer version</Act>
		</Card>
	);
}

export function Security({ view }) {
	const { link, home, guard, setGuard } = view;
	const asked = useAsked(() => askStatement(link, home), []);
	return (
		<>
			<Waiting asked={asked}>{(st) => (
				<>
					<Card title="Is it set up securely?">
						<Verdict st={st} />
						{list('What it keeps open', st.open, 'Nothing is open.')}
						{list('Protections that are missing', st.missing, 'None.')}
						<p class="hint">Signed by the device{st.time ? `, ${when(st.time)}` : ''}; the signature fits the key on your label.</p>
					</Card>
					<About st={st} />
				</>
			)}</Waiting>
			<AppCard guard={guard} setGuard={setGuard} />
		</>
	);
}
