/* What the service's words mean to a person. Times, amounts and a device's events are the owner's app's words. */
import { sentenceCase } from '../../owner/src/words.js';
export { ago, eventText, isSerious, sentenceCase, unitWord } from '../../owner/src/words.js';

export const states = {
	here: ['Here', 'heard in time'],
	away: ['Away', 'not heard when it should have been'],
	odd: ['Odd', 'something it sent was refused'],
	flagged: ['Flagged', 'accepted, and something speaks against it'],
	quarantined: ['Quarantined', 'gets nothing but updates'],
	revoked: ['Revoked', 'gets no session'],
	'never heard': ['Never heard', 'enrolled, and silent since'],
};

export const when = (s) => (s ? new Date(s * 1000).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }) : 'time not known');
export const number = (n) => n.toLocaleString();

/* Of a case: its word, what it means, and what an operator does to bring it there. */
export const caseStates = {
	new: ['New', 'nobody has answered yet', ''],
	acknowledged: ['Acknowledged', 'it was read, and is being looked at', 'Acknowledge'],
	confirmed: ['Confirmed', 'it is a weakness, and is being worked on', 'Confirm'],
	fixed: ['Fixed', 'an update mends it', 'Set to fixed'],
	closed: ['Closed', 'it is none, or was told before', 'Close'],
};

export function duration(seconds) {
	const [n, unit] = seconds < 5400 ? [seconds / 60, 'minute'] : seconds < 129600 ? [seconds / 3600, 'hour'] : [seconds / 86400, 'day'];
	return `${Math.max(1, Math.round(n))} ${unit}${Math.round(n) > 1 ? 's' : ''}`;
}
export const dueText = (what, seconds) => (seconds < 0 ? `Late: ${what} was due ${duration(-seconds)} ago` : `${sentenceCase(what)} within ${duration(seconds)}`);
export const size = (bytes) => (bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`);

export const actions = { accept: 'accepted', flag: 'accepted, and flagged', quarantine: 'quarantined: nothing but updates' };
export const reasons = {
	measurement: 'A program runs that the maker’s list does not have',
	unmeasured: 'No maker’s list of its version is known to the service',
	files: 'The device says that its files are not as the maker’s list has them',
	debug: 'A debug interface is enabled',
	interface: 'An interface is open that the declaration has closed, or not at all',
	walls: 'A room stands without a wall',
	rollback: 'An older version than it had before',
	self_reported: 'No TPM quoted the evidence: the device speaks for itself',
	unquoted: 'Its TPM can vouch for the evidence, and did not',
	quote: 'It claims that a TPM vouches for the evidence, and the quote does not prove it',
	ran_before: 'Since it was switched on, a program ran there that is none of the maker’s list',
};
export const grades = { 'quoted by TPM': 'Quoted by its TPM', 'self-reported': 'Self-reported: the device speaks for itself' };

export const acts = {
	'unit.enrol': 'enrolled', 'unit.revoke': 'revoked', 'unit.reinstate': 'reinstated', 'product.add': 'added the product', 'measures.add': 'added a list of files for',
	'operator.invite': 'made a link for', 'operator.add': 'came in as the new operator', 'operator.remove': 'removed the operator', 'operator.sign-in': 'signed in', 'operator.sign-out': 'signed out', 'operator.copied-passkey': 'was kept out: there is a copy of their passkey',
	'desk.reader': 'made a reading key, by', 'desk.key': 'made a key for the desk', 'desk.copy': 'let read what is reported:', 'case.open': 'reported the case', 'case.answer': 'answered in the case', 'case.note': 'noted something in the case', 'case.state': 'set the case’s state:',
};
