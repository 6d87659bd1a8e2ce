/*
 * Builds the pages into one folder, which config.yaml of keel-fleet names as `desk`:
 *
 *	npm run build -- --out DIR
 *
 * Bytes and CBOR are the owner's app's modules, and so are all packages: npm ci in web/owner comes first.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const esbuild = createRequire(new URL('../owner/package.json', import.meta.url))('esbuild');
const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({ options: { out: { type: 'string' } } });
if (!values.out) {
	console.error('build: --out DIR is needed');
	process.exit(2);
}
mkdirSync(values.out, { recursive: true });
for (const name of ['report.html', 'case.html']) copyFileSync(join(here, 'public', name), join(values.out, name));
await esbuild.build({ entryPoints: [join(here, 'src/report.js'), join(here, 'src/style/report.css')], outdir: values.out, entryNames: '[name]', bundle: true,
	minify: true, format: 'iife', target: ['chrome109', 'firefox115', 'safari16.4'], legalComments: 'none', logLevel: 'warning' });
