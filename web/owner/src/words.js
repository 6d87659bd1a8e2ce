/* Names, units, times and events in plain words. Numbers of the protocol are thousandths. */

const units = { Cel: '°C', '%': '%', '%RH': '%', 1: '', d: '', W: 'W', min: 'min', s: 's', h: 'h' };

export const sentenceCase = (s) => s.charAt(0).toUpperCase() + s.slice(1);
export const unitWord = (unit) => (unit === undefined ? '' : (units[unit] ?? unit));

export function amount(thousandths, unit, digits) {
	const value = thousandths / 1000;
	const text = value.toLocaleString(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits ?? 1 });
	const word = unitWord(unit);
	return word ? `${text}\u202f${word}` : text;
}

export function ago(seconds) {
	if (seconds < 10) return 'just now';
	if (seconds < 90) return `${Math.round(seconds)} seconds ago`;
	if (seconds < 5400) return `${Math.round(seconds / 60)} minutes ago`;
	if (seconds < 129600) return `${Math.round(seconds / 3600)} hours ago`;
	return `${Math.round(seconds / 86400)} days ago`;
}

/* A time of the device; it does not always know the time. */
export function when(seconds) {
	if (!seconds) return 'time not known';
	return new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

export function day(seconds) {
	return seconds ? new Date(seconds * 1000).toLocaleDateString(undefined, { dateStyle: 'medium' }) : 'not known';
}

export function duration(seconds) {
	const parts = [[86400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']];
	const [size, word] = parts.find(([s]) => seconds >= s) ?? parts[3];
	const n = Math.round(seconds / size);
	return `${n} ${word}${n === 1 ? '' : 's'}`;
}

export const states = ['as from the factory', 'being set up', 'in operation', 'isolated: something was changed'];
export const roles = ['Owner', 'Guest'];
export const groups = (s, n = 4) => s.match(new RegExp(`.{1,${n}}`, 'g')).join(' ');

/* The device's event words in a sentence; serious ones are shown on top for a day. */
const events = {
	claimed: ['The first owner came'],
	joined: ['Somebody came by an invitation'],
	recovered: ['The home was recovered with button and label; all others were removed'],
	vouched: ['Somebody may come back with another phone', true],
	returned: ['Somebody came back with another phone; the one before is out', true],
	removed: ['Somebody was removed'],
	left: ['The home was left'],
	deleted: ['Personal data was deleted'],
	reset: ['The device was reset'],
	'wrong-code': ['Somebody tried a wrong claim code', true],
	'many-wrong-codes': ['Somebody tries one claim code after another', true],
	'undeclared-port': ['The device opened something to the network that its maker did not declare', true],
	'port-gone': ['What was opened without being declared is closed again'],
	'file-changed': ['The software on the device was changed', true],
	'file-missing': ['A part of the software on the device is missing', true],
	'undeclared-process': ['A program runs on the device that does not belong there', true],
	'room-restarted': ['A part of the device was started anew'],
	'room-restless': ['A part of the device stops again and again', true],
	'many-refused': ['The device refused many requests', true],
	'many-malformed': ['The device got many malformed requests', true],
	'notice-update': ['The maker says: a security hole is closed by version', true],
	'notice-vulnerability': ['The maker says: a vulnerability of this device was published, under the name', true],
	'notice-support': ['The maker says: security updates end on'],
	'many-limited': ['Somebody keeps the device very busy', true],
};
const details = { deleted: { home: 'of a person and of the home', person: 'of one person' } };

export function eventText({ word, detail }) {
	const plain = events[word]?.[0] ?? sentenceCase(word.replace(/[._-]/g, ' '));
	const more = details[word]?.[detail] ?? detail;
	return more ? `${plain}: ${more}` : plain;
}
export const isSerious = ({ word }) => events[word]?.[1] === true;

export const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
export const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
