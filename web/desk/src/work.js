/* The proof of work (docs/report.md), in slices, so that the page goes on while it is made. */
import { text } from '../../owner/src/bytes.js';
import { hasher } from './sha256.js';

const SLICE_MS = 20;

function zeroBits(words) {
	let n = 0;
	for (const word of words) {
		n += Math.clz32(word);
		if (word !== 0) break;
	}
	return n;
}

/* The number, as text. */
export async function prove(challenge, bits, progress = () => {}) {
	const hash = hasher(text(challenge));
	for (let n = 0; ;) {
		const until = performance.now() + SLICE_MS;
		do {
			if (zeroBits(hash(String(n))) >= bits) return String(n);
			n++;
		} while (n % 256 !== 0 || performance.now() < until);
		progress(1 - Math.exp(-n / 2 ** bits)); /* the chance to be done by now */
		await new Promise((go) => setTimeout(go));
	}
}
