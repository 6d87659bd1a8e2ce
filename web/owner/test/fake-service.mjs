/*
 * A small relay in the place of the maker's service, for tests: carries what docs/service.md says to a fake hub, for one
 * origin, and can verify nothing. Its switches say what goes wrong with it.
 */
import { createServer } from 'node:https';
import { decode, encode, map } from '../src/cbor.js';

export class FakeService {
	constructor(hub) {
		/* seen: the sealed requests that came. silent: nobody answers. away: the home does not. change: what it makes of an answer. */
		Object.assign(this, { hub, seen: [], silent: false, away: false, change: (body) => body, heard: Math.floor(Date.now() / 1000) - 7200 });
	}

	async relay(body) {
		const request = decode(body).get(4);
		this.seen.push(request);
		if (this.away) {
			const when = new Date(this.heard * 1000).toISOString().slice(0, 16).replace('T', ' ');
			return { status: 503, body: encode(map({ 1: 'away', 2: `Your home does not answer the service; it was last heard ${when} UTC.`, 3: 30 })) };
		}
		const answer = await this.hub.serve('/v1/request', request);
		this.heard = Math.floor(Date.now() / 1000);
		return { status: 200, body: encode(map({ 1: answer.status, 2: this.change(answer.body), 3: this.heard })) };
	}

	async open({ origin, ...tls }) {
		const cors = { 'Access-Control-Allow-Origin': origin, Vary: 'Origin', 'Cache-Control': 'no-store' };
		this.server = createServer(tls, async (request, response) => {
			if (this.silent) return request.socket.destroy();
			if (request.method === 'OPTIONS')
				return response.writeHead(204, { ...cors, 'Access-Control-Allow-Methods': 'POST', 'Access-Control-Allow-Headers': 'content-type' }).end();
			const chunks = [];
			for await (const chunk of request) chunks.push(chunk);
			if (request.url !== '/v1/relay') return response.writeHead(404, cors).end();
			const { status, body } = await this.relay(new Uint8Array(Buffer.concat(chunks)));
			response.writeHead(status, { ...cors, 'Content-Type': 'application/cbor' }).end(body);
		});
		await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
		this.url = `https://localhost:${this.server.address().port}`;
		return this;
	}

	close() {
		this.server?.close();
		this.server?.closeAllConnections();
	}
}
