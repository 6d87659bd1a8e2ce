/*
 * Builds the console into one folder of static files, which keel-fleet serves:
 *
 *	npm run build -- --out DIR
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

function readArguments() {
	try {
		const { values } = parseArgs({ options: { out: { type: 'string' } } });
		if (!values.out) throw new Error('--out DIR is needed');
		return values;
	} catch (e) {
		console.error(`build: ${e.message}`);
		return process.exit(2);
	}
}

/* One bundle by esbuild; gives the name of the file that it made. */
async function bundle(entry, out) {
	const made = await esbuild.build({ entryPoints: [join(here, entry)], outdir: out, bundle: true, minify: true,
		format: 'iife', target: ['chrome109', 'firefox115', 'safari16.4'], entryNames: '[name]-[hash]', metafile: true,
		legalComments: 'none', logLevel: 'warning', jsx: 'automatic', jsxImportSource: 'preact' });
	return `/console/${Object.keys(made.metafile.outputs)[0].split('/').pop()}`;
}

const out = resolve(readArguments().out);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const name of readdirSync(join(here, 'public'))) writeFileSync(join(out, name), readFileSync(join(here, 'public', name)));
const style = await bundle('src/style/console.css', out);
const app = await bundle('src/app.jsx', out);
writeFileSync(join(out, 'index.html'), readFileSync(join(out, 'index.html'), 'utf8').replace('@STYLE@', style).replace('@APP@', app));
