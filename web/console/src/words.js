/* What the service's words mean to a person. Times, amounts and a device's events are the owner's app's words. */
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
};
