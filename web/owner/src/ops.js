/* The table of operations: number, whether it changes anything, args, and the form of the result. */
import { map } from './cbor.js';
import * as s from './schema.js';

const name = s.text(1, 64), anyName = s.text(0, 64);
const nothing = s.map({});
const fields = s.list(s.tuple({ name, value: s.int }));
const receipt = s.map({ receipt: [1, s.embedded] });

/* args: their names, in the order of their labels from 1 on. */
export const ops = {
	challenge: { number: 1, args: [], result: s.map({ challenge: [1, s.bytes(16)], valid: [2, s.uint], lastCounter: [3, s.uint] }) },
	state: { number: 2, args: [], result: s.map({ values: [1, s.list(s.tuple({ name, value: s.int, age: s.uint }))],
		alive: [2, s.bool], time: [3, s.int], role: [4, s.uint], events: [5, s.uint],
		accepted: [6, s.list(s.tuple({ message: name, fields }))] }) },
	history: { number: 3, args: ['datum', 'from', 'to'], result: s.map({ points: [1, s.list(s.tuple({ time: s.int, value: s.int }))], more: [2, s.bool] }) },
	kept: { number: 4, args: [], result: s.map({ data: [1, s.list(s.tuple({ name, items: s.uint, oldest: s.int, of: s.uint, consent: s.uint }))] }) },
	export: { number: 5, args: ['cursor'], result: s.map({ data: [1, s.list(s.tuple({ name, time: s.int, value: s.anyBytes }))], next: [2, s.uint] }) },
	people: { number: 6, args: [], result: s.map({ people: [1, s.list(s.tuple({ thumbprint: s.bytes(32), role: s.uint, name: anyName, until: s.int, since: s.int }))], owners: [2, s.embedded] }) },
	events: { number: 7, args: ['after'], result: s.map({ events: [1, s.list(s.tuple({ number: s.uint, time: s.int, word: anyName, detail: s.text(0, 300) }))] }) },
	statement: { number: 8, args: ['nonce', 'aud'], result: s.map({ statement: [1, s.embedded], endorsement: [2, s.embedded] }) },
	product: { number: 9, args: [], result: s.map({ product: [1, s.anyBytes] }) },
	command: { number: 32, changes: true, args: ['message', 'fields'], result: s.map({ number: [1, s.uint] }) },
	invite: { number: 33, changes: true, args: ['role', 'name', 'messages', 'until'], result: s.map({ invitation: [1, s.anyBytes], valid: [2, s.uint] }) },
	remove: { number: 34, changes: true, args: ['thumbprint'], result: nothing },
	delete: { number: 35, changes: true, args: ['what'], result: receipt },
	rename: { number: 36, changes: true, args: ['name'], result: nothing },
	consent: { number: 37, changes: true, args: ['datum', 'given'], result: nothing },
	leave: { number: 38, changes: true, args: [], result: receipt },
	vouch: { number: 39, changes: true, args: ['thumbprint'], result: s.map({ valid: [1, s.uint] }) },
};

/* The args map of an operation from an object with its names; undefined where it has none. */
export function argsOf(op, given = {}) {
	const { args } = ops[op];
	if (args.length === 0) return undefined;
	return map(Object.fromEntries(args.map((arg, i) => [i + 1, given[arg]])));
}
