/* The heating product's declaration, compiled, for tests without a real hub. */
import { encode, map } from '../src/cbor.js';
import { labels as l } from '../src/product.js';

const row = (names, members) => map(Object.fromEntries(Object.entries(members).map(([name, value]) => [names[name], value])));
const field = (name, unit, min, max, step) => row(l.field, { name, unit, min, max, step });
const message = (name, fields) => row(l.message, { name, fields });
const datum = (name, purpose, more) => row(l.datum, { name, purpose, ...more });

export const heating = encode(row(l.root, {
	data: [datum('temperature', 'show how warm it was', { unit: 'Cel', keptFor: '30 days', history: true }),
		datum('schedule', 'heat by the week'), datum('presence', 'heat when somebody is home', { keptFor: '30 days' })],
	telemetry: [row(l.telemetry, { name: 'burner power', unit: '%' })],
	messages: [message('set temperature', [field('celsius', 'Cel', 5000, 30000, 500)]),
		message('schedule', [field('day', '/', 0, 6000, 1000), field('minute', 'min', 0, 1439000, 1000), field('celsius', 'Cel', 5000, 30000, 500)]),
		message('clear schedule', [])],
}));
