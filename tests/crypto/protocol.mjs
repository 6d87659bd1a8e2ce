/*
 * Makes tests/vectors/protocol.json: known answers to docs/protocol.md with fixed keys, nonces and
 * ivs, for both its implementations (src/crypto, src/owner; web/owner/src/protocol.js). Written
 * against the document and Node's own crypto only, so that it shares no mistake with either.
 *
 *	node tests/crypto/protocol.mjs          writes the file
 *	node tests/crypto/protocol.mjs --check  exit 1 if it would change
 *
 * An ECDSA signature is random, so the one in the file is kept for as long as it verifies.
 */
import crypto from "node:crypto";
import fs from "node:fs";

const file = new URL("../vectors/protocol.json", import.meta.url);
const before = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
const old = before ? JSON.parse(before) : {};

const hex = (b) => Buffer.from(b).toString("hex");
const sha256 = (b) => crypto.createHash("sha256").update(b).digest();
const hmac = (key, b) => crypto.createHmac("sha256", key).update(b).digest();
const none = Buffer.alloc(0);

/* Deterministic CBOR (RFC 8949 §4.2.1): integers, Buffers, strings, arrays, Maps, null. */
function head(major, n) {
	if (n < 24) return Buffer.from([(major << 5) | n]);
	if (n < 256) return Buffer.from([(major << 5) | 24, n]);
	if (n < 65536) return Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
	throw new Error("larger than any example");
}
function cbor(v) {
	if (v === null) return Buffer.from([0xf6]);
	if (typeof v === "number") return v < 0 ? head(1, -1 - v) : head(0, v);
	if (typeof v === "string") return Buffer.concat([head(3, Buffer.byteLength(v)), Buffer.from(v)]);
	if (Buffer.isBuffer(v)) return Buffer.concat([head(2, v.length), v]);
	if (Array.isArray(v)) return Buffer.concat([head(4, v.length), ...v.map(cbor)]);
	const pairs = [...v].map(([k, x]) => [cbor(k), cbor(x)]).sort((a, b) => Buffer.compare(a[0], b[0]));
	return Buffer.concat([head(5, pairs.length), ...pairs.flat()]);
}
/* An item that is encoded already, inside another. */
const array = (...encoded) => Buffer.concat([head(4, encoded.length), ...encoded]);

/* A key pair from a name: its private number is the name's SHA-256 (none of these is n or more). */
function pair(name) {
	const d = sha256(Buffer.from(name));
	const ecdh = crypto.createECDH("prime256v1");
	ecdh.setPrivateKey(d);
	const point = ecdh.getPublicKey();
	return { d, xy: point.subarray(1), point, ecdh };
}
const owner = { sign: pair("owner sign"), agree: pair("owner agree") };
const device = { sign: pair("device sign"), agree: pair("device agree") };
const maker = pair("maker");
const ephemeral = pair("ephemeral");
const thumbprint = (k) => sha256(cbor([k.sign.xy, k.agree.xy]));
const OT = thumbprint(owner);
const DT = thumbprint(device);
const id = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
const home = Buffer.from("f0e0d0c0b0a090807060504030201000", "hex");
const nonce = (name) => sha256(Buffer.from(name));

/* The label. */
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const times2 = (a) => (a & 16 ? ((a << 1) ^ 0b100101) : a << 1); /* x^5 + x^2 + 1 */
function checkCharacter(code) {
	let power = 1, sum = 0;
	for (const c of code) {
		power = times2(power);
		for (let i = 0, a = crockford.indexOf(c); i < 5; i++, a = times2(a))
			if (power & (1 << i)) sum ^= a;
	}
	return crockford[sum];
}
function base32(b) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	let out = "", bits = 0, v = 0;
	for (const byte of b) {
		v = (v << 8) | byte;
		for (bits += 8; bits >= 5; bits -= 5) out += alphabet[(v >> (bits - 5)) & 31];
		v &= 255;
	}
	return bits > 0 ? out + alphabet[(v << (5 - bits)) & 31] : out;
}
const code = "7HKQ2V9XTB0M4NRZ6WDC";
const check = checkCharacter(code);
const K = crypto.pbkdf2Sync(code, id, 600000, 32, "sha256");

/* The envelope. */
const envelope = (purpose, homeId, recipient, body) =>
	array(cbor(purpose), cbor(1), cbor(id), cbor(homeId), cbor(recipient), cbor(body));

/* COSE. */
const ES256 = Buffer.from("a10126", "hex");
const HMAC256 = Buffer.from("a10105", "hex");
const A256GCM = Buffer.from("a10103", "hex");
const ECDH_SS = Buffer.from("a101381a", "hex");
const ECDH_ES = Buffer.from("a1013818", "hex");

function sign1(key, kid, payload, kept) {
	const tbs = cbor(["Signature1", ES256, none, payload]);
	const jwk = { kty: "EC", crv: "P-256", x: key.xy.subarray(0, 32).toString("base64url"),
		y: key.xy.subarray(32).toString("base64url"), d: key.d.toString("base64url") };
	const priv = { key: crypto.createPrivateKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
	const pub = { key: crypto.createPublicKey(priv.key), dsaEncoding: "ieee-p1363" };
	let signature = kept ? Buffer.from(kept, "hex") : none;
	if (signature.length !== 64 || !crypto.verify("sha256", tbs, pub, signature))
		signature = crypto.sign("sha256", tbs, priv);
	return { xy: hex(key.xy), kid: hex(kid), payload: hex(payload), sig_structure: hex(tbs),
		signature: hex(signature),
		message: hex(cbor([ES256, new Map([[4, kid]]), payload, signature])) };
}

function mac0(key, payload) {
	const tbm = cbor(["MAC0", HMAC256, none, payload]);
	const tag = hmac(key, tbm);
	return { key: hex(key), payload: hex(payload), mac_structure: hex(tbm), tag: hex(tag),
		message: hex(cbor([HMAC256, new Map(), payload, tag])) };
}

function gcm(key, iv, aad, plain) {
	const c = crypto.createCipheriv("aes-256-gcm", key, iv);
	c.setAAD(aad);
	return Buffer.concat([c.update(plain), c.final(), c.getAuthTag()]);
}

/* RFC 5869 with one block of output. */
const hkdf = (secret, info) => hmac(hmac(Buffer.alloc(32), secret), Buffer.concat([info, Buffer.from([1])]));

function sealed(secret, protect, partyU, unprotected, iv, plain) {
	const info = cbor([3, [null, partyU, null], [null, null, null], [256, protect]]);
	const key = hkdf(secret, info);
	const aad = cbor(["Encrypt", A256GCM, none]);
	const cipher = gcm(key, iv, aad, plain);
	const message = cbor([A256GCM, new Map([[5, iv]]), cipher, [[protect, unprotected, none]]]);
	return { shared: hex(secret), iv: hex(iv), kdf_context: hex(info), key: hex(key), aad: hex(aad),
		plain: hex(plain), message: hex(message) };
}

/* The examples: a claim, the request that asks for a challenge, a change, an endorsement. */
const claimBody = new Map([[1, DT], [2, owner.sign.xy], [3, owner.agree.xy],
	[4, nonce("device nonce")], [5, nonce("app nonce")]]);
const question = [[1, nonce("request").subarray(0, 16)], [2, 1]];
const changeBody = new Map([[1, 36], [2, nonce("challenge").subarray(0, 16)], [3, 7],
	[4, new Map([[1, "Ada"]])]]);
const endorsementBody = new Map([[1, device.sign.xy], [2, device.agree.xy], [3, "hearth-h1"],
	[4, "H1-000042"]]);
const claim = envelope(2, none, none, claimBody);
/* As many zeros as make the sealed message whole steps of 256 bytes; as few as do. */
function padded(write, seal, rows) {
	for (let n = 0; ; n++) {
		const body = new Map([...rows, [5, Buffer.alloc(n)]]);
		if ((seal(write(body)).message.length / 2) % 256 === 0) return body;
	}
}
const change = envelope(9, home, none, changeBody);
const endorsement = envelope(1, none, none, endorsementBody);

const requestIv = nonce("request iv").subarray(0, 12);
const requestNonce = nonce("request nonce");
const secretOf = (a, b) => a.ecdh.computeSecret(b.point);
const sealRequest = (plain) => sealed(secretOf(owner.agree, device.agree), ECDH_SS, requestNonce,
	new Map([[4, DT], [-3, OT], [-22, requestNonce]]), requestIv, plain);
const requestBody = padded((body) => envelope(7, home, DT, body), sealRequest, question);
const request = envelope(7, home, DT, requestBody);
const encrypt0Key = nonce("encrypt0 key");
const encrypt0Iv = nonce("encrypt0 iv").subarray(0, 12);
const external = Buffer.from("presence/3");
const keyOf = (p) => ({ d: hex(p.d), xy: hex(p.xy) });

/* By way of the service: the owner's word for that very request, and what is posted. */
const relayed = sealRequest(request).message;
const ask = sign1(owner.sign, OT, envelope(21, home, none, new Map([[1, sha256(Buffer.from(relayed, "hex"))]])),
	old.relay?.ask.signature);
const relay = Buffer.concat([head(5, 4), cbor(1), Buffer.from(ask.message, "hex"), cbor(2), cbor(owner.sign.xy),
	cbor(3), cbor(owner.agree.xy), cbor(4), cbor(Buffer.from(relayed, "hex"))]);

const out = {
	about: "Known answers to docs/protocol.md; made by tests/crypto/protocol.mjs. All bytes in hex.",
	keys: {
		owner: { sign: keyOf(owner.sign), agree: keyOf(owner.agree), thumbprint: hex(OT) },
		device: { sign: keyOf(device.sign), agree: keyOf(device.agree), thumbprint: hex(DT) },
		maker: { sign: keyOf(maker), thumbprint: hex(sha256(maker.xy)) },
	},
	id: hex(id),
	home: hex(home),
	label: { code, check, text: (code + check).match(/.{1,4}/g).join("-"), rounds: 600000, k: hex(K),
		qr: `KEEL1:${base32(id)}:${base32(DT)}:${code}${check}` },
	envelopes: [
		{ purpose: 1, home: "", recipient: "", body: hex(cbor(endorsementBody)), bytes: hex(endorsement) },
		{ purpose: 2, home: "", recipient: "", body: hex(cbor(claimBody)), bytes: hex(claim) },
		{ purpose: 7, home: hex(home), recipient: hex(DT), body: hex(cbor(requestBody)), bytes: hex(request) },
		{ purpose: 9, home: hex(home), recipient: "", body: hex(cbor(changeBody)), bytes: hex(change) },
	],
	sign1: [
		sign1(owner.sign, OT, change, old.sign1?.[0]?.signature),
		sign1(maker, sha256(maker.xy), endorsement, old.sign1?.[1]?.signature),
	],
	mac0: mac0(K, claim),
	sealed: { sender_kid: hex(OT), recipient_kid: hex(DT), nonce: hex(requestNonce),
		...sealRequest(request) },
	relay: { ask, body: hex(relay) },
	sealed_to: { ephemeral: keyOf(ephemeral), recipient_kid: hex(DT),
		...sealed(secretOf(ephemeral, device.agree), ECDH_ES, null,
			new Map([[4, DT], [-1, new Map([[1, 2], [-1, 1], [-2, ephemeral.xy.subarray(0, 32)],
				[-3, ephemeral.xy.subarray(32)]])]]), requestIv, request) },
	encrypt0: { key: hex(encrypt0Key), iv: hex(encrypt0Iv), external: hex(external), plain: hex(request),
		message: hex(cbor([A256GCM, new Map([[5, encrypt0Iv]]),
			gcm(encrypt0Key, encrypt0Iv, cbor(["Encrypt0", A256GCM, external]), request)])) },
};

const text = JSON.stringify(out, null, "\t") + "\n";
if (process.argv.includes("--check")) {
	if (text !== before) {
		console.error("tests/vectors/protocol.json is not what docs/protocol.md gives");
		process.exit(1);
	}
} else {
	fs.writeFileSync(file, text);
}
