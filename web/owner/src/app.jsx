/* The frame: which home, which screen, and whether the home answers. */
import { render } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { db } from './db.js';
import { watchGuard } from './guard.js';
import { Link } from './link.js';
import { noProduct, readProduct } from './product.js';
import { Add, Join } from './ui/add.jsx';
import { Home } from './ui/home.jsx';
import { Icon, Notice } from './ui/parts.jsx';
import { People } from './ui/people.jsx';
import { Privacy } from './ui/privacy.jsx';
import { AppCard, Security } from './ui/security.jsx';
import { Away } from './way.js';
import { ago } from './words.js';

const every = 5000, longest = 60000;
const screens = [
	{ name: 'home', title: 'Home', icon: 'home', show: Home },
	{ name: 'privacy', title: 'Privacy', icon: 'privacy', show: Privacy },
	{ name: 'people', title: 'People', icon: 'people', show: People, owners: true },
	{ name: 'security', title: 'Security', icon: 'shield', show: Security, owners: true },
];

const https = (url) => typeof url === 'string' && url.startsWith('https://');

/* The homes of this place, and the service that carries to each. A phone keeps it: away there may be nothing else to ask. */
async function readConfig() {
	const { homes } = await (await fetch('/config.json', { cache: 'no-store' })).json();
	const known = homes.filter((h) => https(h.url)).map((h) => ({ ...h, service: https(h.service) ? h.service : undefined }));
	for (const home of await db.all('homes')) {
		const here = known.find((h) => h.url === home.hub);
		if (here && here.service !== home.service) await db.update('homes', home.key, (h) => (h.service = here.service));
	}
	return known;
}

const route = () => new URLSearchParams(location.hash.slice(1).replace(/^([a-z]+)$/, 'screen=$1'));
const goTo = (screen) => (location.hash = screen);

function useRoute() {
	const [r, setR] = useState(route());
	useEffect(() => {
		const changed = () => setR(route());
		addEventListener('hashchange', changed);
		return () => removeEventListener('hashchange', changed);
	}, []);
	return r;
}

/* Reads the state again and again; waits longer while nothing answers, and keeps what was known last. */
function useHomeState(home, link) {
	const [got, setGot] = useState(home.last ?? {});
	const failures = useRef(0);
	const refresh = useCallback(async () => {
		try {
			const state = await link.ask('state');
			failures.current = 0;
			let { product } = (await db.get('homes', home.key)) ?? {};
			if (!product) product = (await link.ask('product')).product;
			const last = { state, at: Date.now() };
			await db.update('homes', home.key, (h) => Object.assign(h, { last, product }));
			const { away, heard } = link.way;
			setGot((old) => ({ ...last, product, unnamed: old.unnamed, way: { away, heard } }));
			link.sayName().then((no) => no && setGot((old) => ({ ...old, unnamed: no.message })));
		} catch (error) {
			failures.current++;
			setGot((old) => ({ ...old, product: old.product ?? home.product, error, away: error instanceof Away }));
		}
	}, [home.key, link]);
	useEffect(() => {
		let timer, alive = true;
		const turn = async () => {
			if (!document.hidden) await refresh();
			if (alive) timer = setTimeout(turn, Math.min(longest, every * 2 ** Math.max(0, failures.current - 1)));
		};
		const seen = () => {
			if (document.hidden) return;
			clearTimeout(timer);
			turn();
		};
		turn();
		document.addEventListener('visibilitychange', seen);
		addEventListener('online', seen);
		return () => {
			alive = false;
			clearTimeout(timer);
			document.removeEventListener('visibilitychange', seen);
			removeEventListener('online', seen);
		};
	}, [refresh]);
	return { ...got, refresh };
}

function Bar({ home, homes, choose, screen }) {
	return (
		<header class="bar">
			{homes.length > 1 ? (
				<select aria-label="Which home" value={home.key} onChange={(e) => choose(e.currentTarget.value)}>
					{homes.map((h) => <option key={h.key} value={h.key}>{h.name}</option>)}
				</select>
			) : <span class="name">{home.name}</span>}
			<h1 class={screen.name === 'home' ? 'sr' : ''}>{screen.title}</h1>
			<a class="round small" href="#add" aria-label="Add another home"><Icon name="plus" /></a>
		</header>
	);
}

function Tabs({ screen, owner }) {
	return (
		<nav class="tabs" aria-label="Screens">
			{screens.filter((s) => owner || !s.owners).map((s) => (
				<a key={s.name} href={`#${s.name}`} aria-current={s === screen ? 'page' : undefined}><Icon name={s.icon} /><span>{s.title}</span></a>
			))}
		</nav>
	);
}

/* What is shown of a home that is away is old; the other screens wait for it. */
function Trouble({ got, old }) {
	if (!got.error) return null;
	return (
		<Notice kind={got.away ? 'warn' : 'bad'}>
			<p>{got.error.message}</p>
			{got.error.status === 403 && <p class="hint">If you were removed, or others recovered the device, ask an owner for an invitation.</p>}
			<p class="hint">{old && got.at && `What you see is from ${ago((Date.now() - got.at) / 1000)}. `}The app keeps trying.</p>
			<button type="button" onClick={got.refresh}>Try now</button>
		</Notice>
	);
}

/* Which way it went, where there are two. */
function WayHere({ got, service }) {
	if (!service || !got.way || got.error) return null;
	return got.way.away ? (
		<p class="way"><Icon name="globe" /><span>You are away. The maker’s service carries what you say, sealed; it heard your home {ago(Date.now() / 1000 - got.way.heard)}.</span></p>
	) : <p class="way"><Icon name="home" /><span>You are at home, and speak to it directly.</span></p>;
}

function OneHome({ home, service, homes, choose, screenName, guard, setGuard, leftHome }) {
	const link = useMemo(() => new Link(home, service), [home.key, service]);
	const got = useHomeState(home, link);
	const product = useMemo(() => (got.product || home.product ? readProduct(got.product ?? home.product) : noProduct), [got.product]);
	const owner = (got.state?.role ?? home.role) === 0;
	const screen = screens.find((s) => s.name === screenName && (owner || !s.owners)) ?? screens[0];
	const main = useRef();
	const first = useRef(true);
	useEffect(() => {
		document.title = `${screen.title} · ${home.name}`;
		if (!first.current) main.current.focus();
		first.current = false;
	}, [screen]);
	const view = { link, home, product, state: got.state, away: Boolean(got.error), refresh: got.refresh, owner, guard, setGuard, leftHome };
	const Screen = screen.show;
	return (
		<>
			<a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current.focus(); }}>To the content</a>
			<Bar home={home} homes={homes} choose={choose} screen={screen} />
			<main id="main" tabIndex={-1} ref={main}>
				<Trouble got={got} old={screen.name === 'home'} />
				<WayHere got={got} service={service} />
				{got.unnamed && <Notice kind="warn"><p>Your home did not take your name: {got.unnamed}</p>
					<p class="hint">You are in all the same. {owner ? 'You can give your name again under People.' : 'The name in your invitation stays.'}</p></Notice>}
				{screen.name !== 'home' || got.state ? <Screen key={screen.name} view={view} /> : !got.error && <p class="hint" role="status">Asking your home…</p>}
				{!owner && <AppCard guard={guard} setGuard={setGuard} />}
			</main>
			<Tabs screen={screen} owner={owner} />
		</>
	);
}

function App() {
	const [homes, setHomes] = useState();
	const [known, setKnown] = useState([]);
	const [chosen, setChosen] = useState();
	const [guard, setGuard] = useState();
	const [failed, setFailed] = useState('');
	const [invited, setInvited] = useState();
	const at = useRoute();
	const load = (key) => db.all('homes').then((all) => {
		setHomes(all.sort((a, b) => a.since - b.since));
		if (key) setChosen(key);
	}, (e) => setFailed(e.message));
	useEffect(() => {
		load();
		watchGuard(setGuard);
		readConfig().then(setKnown, () => {});
	}, []);
	useEffect(() => {
		if (!at.get('join')) return;
		setInvited({ invitation: at.get('join'), hub: at.get('hub') ?? '' });
		history.replaceState(null, '', '#join');
	}, [at]);
	if (failed) return <main class="narrow"><Notice kind="bad">{failed}</Notice></main>;
	if (!homes) return null;
	const joined = async (home) => {
		setInvited(undefined);
		await load(home.key);
		goTo('home');
	};
	const back = () => {
		setInvited(undefined);
		goTo('home');
	};
	if (invited) return <Join {...invited} joined={joined} cancel={back} />;
	if (homes.length === 0 || at.get('screen') === 'add')
		return (
			<Add homes={known} joined={joined} cancel={homes.length > 0 ? back : undefined}>
				{homes.length === 0 && <AppCard guard={guard} setGuard={setGuard} />}
			</Add>
		);
	const home = homes.find((h) => h.key === chosen) ?? homes[0];
	const { service } = known.find((h) => h.url === home.hub) ?? home;
	const warn = guard?.state === 'refused' || guard?.state === 'replaced';
	return (
		<>
			{warn && <aside class="strip" aria-label="Warning"><p role="alert">The server offers an app that is not the signed one. <a href="#security">What that means</a></p></aside>}
			<OneHome key={home.key} home={home} service={service} homes={homes} choose={setChosen} screenName={at.get('screen')} guard={guard} setGuard={setGuard}
				leftHome={() => { setChosen(undefined); load(); goTo('home'); }} />
		</>
	);
}

render(<App />, document.getElementById('app'));
