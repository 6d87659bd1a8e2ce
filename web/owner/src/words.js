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

/* Event words are the device's log words, "part.what"; detail is its own sentence or name. */
export function eventText({ word, detail }) {
	const plain = sentenceCase(word.replace(/[._-]/g, ' '));
	return detail ? `${plain}: ${detail}` : plain;
}

export const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
export const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
