/* The heating product's declaration, compiled, for tests without a real hub. */
import { encode, map } from '../src/cbor.js';
import { labels as l } from '../src/product.js';

const row = (names, members) => map(Object.fromEntries(Object.entries(members).map(([name, value]) => [names[name], value])));
const field = (name, unit, min, max, step) => row(l.field, { name, unit, min, max, step });
const message = (name, fields) => row(l.message, { name, from: name === 'set temperature' ? 1 : 0, fields });
const value = (name, unit, min, max, history) => row(l.value, { name, unit, min, max, history });
const datum = (name, purpose, of, seconds) => row(l.datum, { name, purpose, basis: of, of, for: seconds, leaves: 'never' });

export const heating = encode(row(l.root, {
	model: row(l.model, { identifier: 'hearth-h1', name: 'Hearth H1', type: 'smart heating hub' }),
	data: [datum('temperature history', 'Shows how warm the home was.', 0, 30 * 86400), datum('schedule', 'Heats when the household wants it.', 0),
		datum('presence', 'Heats when somebody is home.', 1, 30 * 86400)],
	values: [value('temperature', 'Cel', -40000, 80000, 'temperature history'), value('setpoint', 'Cel', 5000, 30000), value('burner power', '%', 0, 100000),
		value('schedule running', '1', 0, 1000), value('sensor fault', '1', 0, 1000)],
	messages: [message('set temperature', [field('celsius', 'Cel', 5000, 30000, 500)]),
		message('schedule', [field('day', 'd', 0, 6000, 1000), field('minute', 'min', 0, 1439000, 1000), field('celsius', 'Cel', 5000, 30000, 500)]),
		message('clear schedule', [])],
}));
