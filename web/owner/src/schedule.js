/*
 * A weekly schedule, for any product that declares a message with the fields day (0 Monday … 6) and
 * minute (of the day) and one more with a range, and a message "clear …" of the same name.
 * The device has no operation that lists it; its owner's export does: entries of four bytes, the minute
 * of the week and hundredths of the value, both little-endian.
 */

export function readEntries(bytes) {
	if (bytes.length % 4 !== 0) throw new Error('This schedule was written by another version of the device.');
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const entries = [];
	for (let at = 0; at < bytes.length; at += 4) {
		const minute = view.getUint16(at, true);
		entries.push({ day: Math.floor(minute / 1440), minute: minute % 1440, value: view.getInt16(at + 2, true) * 10 });
	}
	return entries;
}

const pages = 100;

/* What the device keeps, from its export. */
export async function askEntries(link, datum) {
	for (let cursor = 0, n = 0; n < pages; n++) {
		const page = await link.ask('export', { cursor });
		const found = page.data.find((d) => d.name === datum);
		if (found) return readEntries(found.value);
		if (page.next === 0) return [];
		cursor = page.next;
	}
	throw new Error('So much is kept that the schedule was not found in it.');
}
