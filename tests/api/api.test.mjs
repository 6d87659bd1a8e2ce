/*
 * docs/openapi.yaml: an independent validator takes it for OpenAPI 3.1, and the real service is as it says: every path and method,
 * and for each call that is wrong a status and a type that stand there. KEEL_BUILD: where it was built (../../build-gcc).
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { parse } from 'yaml';

const top = fileURLToPath(new URL('../..', import.meta.url));
const build = resolve(process.env.KEEL_BUILD ?? join(top, 'build-gcc'));
const text = readFileSync(join(top, 'docs/openapi.yaml'), 'utf8');
const api = parse(text);
const folder = mkdtempSync(join(tmpdir(), 'keel-api-'));
const dir = join(folder, 'fleet');
const model = 'hearth-h1';
let service, port, ca;

const run = (program, ...args) => execFileSync(join(build, program), args, { encoding: 'utf8' });
const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });

before(async () => {
	const maker = join(folder, 'maker.pem'), product = join(folder, 'product.cbor');
	run('src/fleet/keel-fleet', 'init', dir, '--origin', 'https://localhost:8450');
	openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', join(dir, 'tls.key'), '-out',
		join(dir, 'tls.crt'), '-subj', '/CN=localhost', '-days', '2', '-addext', 'subjectAltName=DNS:localhost');
	ca = readFileSync(join(dir, 'tls.crt'));
	openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', maker);
	run('src/cli/keel', 'compile', join(top, 'products/heating/product.yaml'), '--maker-key', maker, '-o', product);
	run('src/fleet/keel-fleet', 'product', 'add', dir, product);
	execFileSync(process.execPath, ['build.mjs', '--out', join(dir, 'desk')], { cwd: join(top, 'web/desk') });
	const config = readFileSync(join(dir, 'config.yaml'), 'utf8').replace('port: 8450', 'port: 0').replace('"::"', '"127.0.0.1"').replace('desk: ""', 'desk: "desk"');
	writeFileSync(join(dir, 'config.yaml'), config);
	service = spawn(join(build, 'src/fleet/keel-fleet'), ['serve', dir], { stdio: ['ignore', 'pipe', 'inherit'] });
	let printed = '';
	service.stdout.on('data', (b) => (printed += b));
	for (let i = 0; i < 100 && !/, port \d+/.test(printed); i++) await new Promise((done) => setTimeout(done, 100));
	port = Number(/, port (\d+)/.exec(printed)[1]);
});

after(() => {
	service?.kill('SIGKILL');
	rmSync(folder, { recursive: true, force: true });
});

/* {status, headers}; a client of its own for each, as strangers are. */
const ask = (method, path, type, body) => new Promise((done, failed) => {
	const headers = { Host: 'localhost:8450', ...(type ? { 'Content-Type': type, 'Content-Length': body.length } : {}) };
	const r = request({ host: '127.0.0.1', servername: 'localhost', port, ca, method, path, headers, agent: false }, (answer) => {
		answer.resume();
		answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers }));
	});
	r.on('error', failed);
	r.end(body);
});

const concrete = (path) => path.replace('{model}', model);
const operations = () => Object.entries(api.paths).flatMap(([path, item]) =>
	['get', 'post'].filter((m) => item[m]).map((method) => ({ path, method: method.toUpperCase(), said: item[method] })));
const resolved = (response) => response.$ref ? api.components.responses[response.$ref.split('/').pop()] : response;

test('an independent validator takes it for OpenAPI 3.1', async () => {
	const validator = new Validator();
	const { valid, errors } = await validator.validate(text);
	assert.ok(valid, JSON.stringify(errors));
	assert.equal(validator.version, '3.1');
	assert.ok(operations().length > 20);
});

test('every route of the service stands in it', () => {
	const source = (name) => readFileSync(join(top, name), 'utf8');
	const named = Object.fromEntries(['src/session/call.h', 'src/fleet/desk.h'].flatMap((name) =>
		[...source(name).matchAll(/#define (KEEL_\w+)\s+"(\/[^"]*)"/g)].map((m) => [m[1], m[2]])));
	const table = source('src/fleet/routes.c').split('keel_fleet_routes[] = {')[1];
	const routes = [...table.matchAll(/\{ (?:PAGE|GET|POST|FORM)\((KEEL_\w+|"[^"]*")/g)].map((m) => named[m[1]] ?? m[1].slice(1, -1));
	assert.ok(routes.length > 15);
	for (const route of routes)
		assert.ok(Object.keys(api.paths).some((path) => path === route || (route === '/p/' && path.startsWith(route))), `${route} is not described`);
});

test('the service takes the methods that it names, and no other', async () => {
	for (const [path, item] of Object.entries(api.paths)) {
		const { headers } = await ask('OPTIONS', concrete(path));
		const allowed = headers.allow.split(', ').filter((m) => m === 'GET' || m === 'POST').sort();
		assert.deepEqual(allowed, ['get', 'post'].filter((m) => item[m]).map((m) => m.toUpperCase()), path);
	}
	assert.equal((await ask('GET', '/v1/nothing')).status, 404);
});

test('what is wrong is answered as it says', async () => {
	const wrong = { 'application/cbor': [Buffer.from([0xa1, 0x01]), Buffer.alloc(0), Buffer.alloc(200000)], 'application/x-www-form-urlencoded': [Buffer.from('text=&x'), Buffer.alloc(200000)] };
	for (const { path, method, said } of operations()) {
		const type = said.requestBody && Object.keys(said.requestBody.content)[0];
		const calls = type ? [...wrong[type].map((body) => [type, body]), ['text/plain', Buffer.from('x')]] : [[]];
		for (const [how, body] of calls) {
			const { status, headers } = await ask(method, concrete(path), how, body);
			const response = said.responses[status];
			assert.ok(response, `${method} ${path} with ${body?.length ?? 0} bytes of ${how}: ${status} is not described`);
			const types = Object.keys(resolved(response).content ?? {});
			assert.ok(types.includes(headers['content-type']?.split(';')[0]), `${method} ${path}: ${status} as ${headers['content-type']}, described: ${types}`);
			assert.ok(type ? status >= 400 : true, `${method} ${path}: ${status}`);
		}
	}
});
