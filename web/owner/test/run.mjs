/* Runs test files one after another and ends with one line: N passed, N failed. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { run } from 'node:test';

const here = new URL('.', import.meta.url).pathname;
const unit = () => readdirSync(join(here, 'unit')).map((f) => join(here, 'unit', f));
const files = process.argv.length > 2 ? process.argv.slice(2).map((f) => resolve(f)) : unit();
let passed = 0, failed = 0;

run({ files, concurrency: 1 }).on('test:pass', (t) => {
	if (t.details?.type === 'suite' || files.includes(t.name)) return;
	if (t.skip !== undefined) return console.log(`skipped ${t.name}: ${t.skip}`);
	passed++;
	console.log(`ok      ${t.name}`);
}).on('test:fail', (t) => {
	failed++;
	console.log(`FAILED  ${t.name}\n`, t.details?.error?.cause ?? t.details?.error ?? '');
}).on('end', () => {
	console.log(`${passed} passed, ${failed} failed`);
	process.exitCode = failed ? 1 : 0;
}).resume();
