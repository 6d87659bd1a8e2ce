/*
 * SHA-256 of a text that begins alike each time (FIPS 180-4): WebCrypto gives a promise for each hash, which
 * costs ten times what the hash does. Only for proof of work; everything else is WebCrypto's.
 */
const k = new Uint32Array(64), start = new Uint32Array(8);
for (let n = 2, i = 0; i < 64; n++) {
	let prime = true;
	for (let d = 2; d * d <= n; d++) prime &&= n % d !== 0;
	if (!prime) continue;
	const part = (root) => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
	k[i] = part(Math.cbrt(n));
	if (i < 8) start[i] = part(Math.sqrt(n));
	i++;
}

const turn = (x, n) => (x >>> n) | (x << (32 - n));
const w = new Uint32Array(64);

function compress(state, bytes, at) {
	const view = new DataView(bytes.buffer, bytes.byteOffset + at, 64);
	for (let i = 0; i < 16; i++) w[i] = view.getUint32(4 * i);
	for (let i = 16; i < 64; i++) {
		const a = w[i - 15], b = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
	}
	let [a, b, c, d, e, f, g, h] = state;
	for (let i = 0; i < 64; i++) {
		const t = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
		const u = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
		[h, g, f, e, d, c, b, a] = [g, f, e, (d + t) | 0, c, b, a, (t + u) | 0];
	}
	[a, b, c, d, e, f, g, h].forEach((v, i) => { state[i] += v; });
}

/* A function that gives the digest's eight words of `prefix` and the ASCII text that it is given, up to 50 characters. */
export function hasher(prefix) {
	const whole = prefix.length - (prefix.length % 64);
	const middle = Uint32Array.from(start), state = new Uint32Array(8), block = new Uint8Array(128);
	for (let at = 0; at < whole; at += 64) compress(middle, prefix, at);
	return (tail) => {
		let n = prefix.length - whole;
		block.fill(0);
		block.set(prefix.subarray(whole));
		for (let i = 0; i < tail.length; i++) block[n++] = tail.charCodeAt(i);
		block[n] = 0x80;
		const blocks = n < 56 ? 1 : 2;
		new DataView(block.buffer).setUint32(64 * blocks - 4, 8 * (whole + n));
		state.set(middle);
		for (let i = 0; i < blocks; i++) compress(state, block, 64 * i);
		return state;
	};
}
