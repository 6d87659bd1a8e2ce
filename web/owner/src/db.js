/*
 * What the app remembers: homes with their keys (CryptoKey objects that no script can read out), and
 * claims that were sent but not answered. IndexedDB, of this origin only.
 */

const request = (r) => new Promise((done, failed) => {
	r.onsuccess = () => done(r.result);
	r.onerror = () => failed(r.error);
});

let opened;
function open() {
	opened ??= new Promise((done, failed) => {
		const r = indexedDB.open('keel-owner', 1);
		r.onupgradeneeded = () => {
			r.result.createObjectStore('homes', { keyPath: 'key' });
			r.result.createObjectStore('claims', { keyPath: 'key' });
		};
		r.onsuccess = () => done(r.result);
		r.onerror = () => failed(new Error('This browser does not let the app keep your keys. Private windows often do not.'));
	});
	return opened;
}

async function store(name, mode) {
	return (await open()).transaction(name, mode, { durability: 'strict' }).objectStore(name);
}

export const db = {
	all: async (name) => request((await store(name, 'readonly')).getAll()),
	get: async (name, key) => request((await store(name, 'readonly')).get(key)),
	put: async (name, record) => request((await store(name, 'readwrite')).put(record)),
	delete: async (name, key) => request((await store(name, 'readwrite')).delete(key)),
	/* Reads, changes and writes one record in one transaction; nothing where it is gone. */
	async update(name, key, change) {
		const s = await store(name, 'readwrite');
		const record = await request(s.get(key));
		if (!record) return undefined;
		change(record);
		await request(s.put(record));
		return record;
	},
};
