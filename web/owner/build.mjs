/*
 * Builds the app into one folder of static files, signed by the release key.
 *
 *	npm run build -- --out DIR --release-key FILE [--make-key] [--version N.N.N]
 *
 * FILE is a P-256 private key in PEM; --make-key makes an example one where there is none. A real one
 * stays off line: then build with --public-key FILE, and put in place bundle.sig, the ES256 signature
 * (r ‖ s) over "keel owner app bundle 1\n" and the bytes of bundle.json.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';
import { signedBytes } from './sw/bundle.js';

const here = dirname(fileURLToPath(import.meta.url));
const options = { out: { type: 'string' }, 'release-key': { type: 'string' }, 'public-key': { type: 'string' }, 'make-key': { type: 'boolean' },
	version: { type: 'string' } };

function fail(sentence) {
	console.error(`build: ${sentence}`);
	process.exit(2);
}

function readArguments() {
	try {
		const { values } = parseArgs({ options });
		if (!values.out || !(values['release-key'] || values['public-key'])) throw new Error('--out DIR and --release-key FILE are needed');
		return values;
	} catch (e) {
		return fail(e.message);
	}
}

function makeKey(file) {
	const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
	console.log(`made an example release key: ${file}`);
}

function keys(values) {
	const file = values['release-key'] ?? values['public-key'];
	if (!existsSync(file) && values['make-key']) makeKey(file);
	if (!existsSync(file)) fail(`there is no key at ${file}; --make-key makes an example one`);
	const pem = readFileSync(file);
	const secret = values['release-key'] ? createPrivateKey(pem) : undefined;
	const { crv, x, y } = createPublicKey(pem).export({ format: 'jwk' });
	if (crv !== 'P-256') fail('the release key is not a P-256 key');
	const xy = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]).toString('base64url');
	return { secret, xy };
}

/* One bundle by esbuild; gives the name of the file that it made. */
async function bundle(entry, out, more = {}) {
	const made = await esbuild.build({ entryPoints: [join(here, entry)], outdir: out, bundle: true, minify: true,
		format: 'iife', target: ['chrome109', 'firefox115', 'safari16.4'], entryNames: '[name]-[hash]', metafile: true,
		legalComments: 'none', logLevel: 'warning', jsx: 'automatic', jsxImportSource: 'preact', ...more });
	return Object.keys(made.metafile.outputs).map((path) => `/${path.split('/').pop()}`);
}

/* Every file but those that carry the signature itself. sw.js is listed: the page compares it. */
function listFiles(out, version) {
	const files = {};
	for (const name of readdirSync(out).sort())
		files[`/${name}`] = createHash('sha256').update(readFileSync(join(out, name))).digest('hex');
	return Buffer.from(`${JSON.stringify({ version, files }, null, '\t')}\n`);
}

const values = readArguments();
const out = resolve(values.out);
const version = values.version ?? JSON.parse(readFileSync(join(here, 'package.json'))).version;
const { secret, xy } = keys(values);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const name of readdirSync(join(here, 'public'))) writeFileSync(join(out, name), readFileSync(join(here, 'public', name)));
const [scanner] = await bundle('src/scan-worker.js', out);
const [style] = await bundle('src/style/app.css', out);
const [app] = await bundle('src/app.jsx', out, { define: { SCANNER: JSON.stringify(scanner) } });
await bundle('sw/sw.js', out, { entryNames: '[name]', define: { RELEASE_KEY: JSON.stringify(xy) } });
const page = readFileSync(join(out, 'index.html'), 'utf8').replace('@STYLE@', style).replace('@APP@', app);
writeFileSync(join(out, 'index.html'), page);
const list = listFiles(out, version);
writeFileSync(join(out, 'bundle.json'), list);
if (secret) writeFileSync(join(out, 'bundle.sig'), sign('sha256', signedBytes(list), { key: secret, dsaEncoding: 'ieee-p1363' }));
console.log(`version ${version}, ${createHash('sha256').update(list).digest('hex')}`);
