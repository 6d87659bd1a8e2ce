"""
The maker's service, taken over: whoever has its folder (database, certificate, every key) stands at its
address. Sessions and reports go on to the real keel-fleet, which knows nothing of it; what owners and hub
say to each other goes through these hands alone, and `way` says what becomes of it.
"""

import http.client
import http.server
import pathlib
import socket
import ssl
import threading
import time

from cbor import cbor, read
from home import until
from service import kill, start

BEHIND = 10  # so far behind its port the real one listens
POLL_S = 20
AWAY = 503, cbor({1: "state", 2: "the device does not answer; it was last heard today", 3: 5})


class Taken:
    """seen: all bytes of both directions, out of TLS. asked, asks: owners' sealed requests, and what they signed for it. tokens: the hub's."""

    def __init__(self, home):
        self.home, self.seen, self.asked, self.asks, self.tokens = home, [], [], [], []
        self.waiting, self.answers, self.number = {}, {}, 0
        self.changed, self.over, self.polled = threading.Condition(), False, False
        self.way = Taken.carry
        self.port = int(home.service.rsplit(":", 1)[1])
        self.behind_port = self.port + BEHIND
        self.servers = []
        self.config = pathlib.Path(f"{home.folder}/fleet/config.yaml")
        self.pem = [f"{home.folder}/fleet/tls.{end}" for end in ("crt", "key")]

    # --- its life -------------------------------------------------------------------------------
    def __enter__(self):
        self.move(self.port, self.behind_port)
        for address in ("127.0.0.1", self.home.host):  # owners', the hub's
            server = until(10, "its port, free", lambda address=address: self.stand(address))
            self.servers.append(server)
            threading.Thread(target=server.serve_forever, daemon=True).start()
        self.home.shell(f"fleet_port={self.behind_port}; home_start_fleet", check=True)
        until(40, "the hub at the service that was taken over", lambda: self.polled)
        return self

    def stand(self, address):
        try:
            return Front((address, self.port), self)
        except OSError:  # who was killed still goes
            return None

    def __exit__(self, *_):
        with self.changed:
            self.over = True
            self.changed.notify_all()
        for server in self.servers:
            server.close()
        self.move(self.behind_port, self.port)
        start(self.home)

    def move(self, old, new):
        kill(self.home)
        self.config.write_text(self.config.read_text().replace(f"\nport: {old}\n", f"\nport: {new}\n"))

    # --- what it does ---------------------------------------------------------------------------
    def tell(self, *requests):
        """Puts them into the hub's inbox, all in one answer: what the hub says to each, (status, body)."""
        with self.changed:
            numbers = []
            for request in requests:
                self.number = max(self.number + 1, int(time.time()) * 1000)  # as the real one counts
                self.waiting[self.number] = request
                numbers.append(self.number)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.over or all(n in self.answers for n in numbers), 20)
            return [self.answers[n] for n in numbers]

    def carry(self, request):
        """What an honest service does."""
        return self.tell(request)[0]

    # --- what is asked of it --------------------------------------------------------------------
    def serve(self, path, body, host):
        known = {"/v1/relay": self.relay, "/v1/inbox": self.inbox, "/v1/answer": self.answer}
        return known[path](body) if path in known else self.behind(path, body, host)

    def relay(self, body):
        fields = read(body)[0]
        request = fields[4]
        self.asked.append(request)
        self.asks.append(cbor(fields[1]))
        answer = self.way(self, request)
        if answer is None:
            return AWAY
        status, body = answer
        return 200, cbor({1: status, 2: body, 3: int(time.time())})

    def inbox(self, body):
        self.tokens.append(cbor(read(body)[0][0]))
        with self.changed:
            self.polled = True
            self.changed.wait_for(lambda: self.over or self.waiting, POLL_S)
            items = [[number, 0, request] for number, request in sorted(self.waiting.items())]
        return 200, cbor({1: items[:16]})

    def answer(self, body):
        payload = read(body)[0][1][2]
        said = read(payload)[0][5]
        with self.changed:
            self.waiting.pop(said[1], None)
            self.answers[said[1]] = said[2], said[3]
            self.changed.notify_all()
        return 200, cbor({})

    def behind(self, path, body, host):
        context = ssl.create_default_context(cafile=self.home.ca)
        name = host.rsplit(":", 1)[0]
        to = http.client.HTTPSConnection(name, self.behind_port, timeout=20, context=context)
        try:
            to.sock = context.wrap_socket(socket.create_connection((self.home.host, self.behind_port), 20), server_hostname=name)
            to.request("POST", path, body, {"Content-Type": "application/cbor", "Host": host})
            answer = to.getresponse()
            return answer.status, answer.read()
        except ConnectionRefusedError:  # not up yet: the hub comes again
            return AWAY
        finally:
            to.close()


class Front(http.server.ThreadingHTTPServer):
    """HTTPS at the service's address, under its certificate."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, taken):
        super().__init__(address, Handler)
        self.taken, self.lines = taken, []
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*taken.pem)
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request, client_address):
        self.lines.append(request)
        super().process_request(request, client_address)

    def handle_error(self, request, client_address):
        pass  # somebody who went away

    def close(self):
        """The hub's lines end as well: they would be served on."""
        self.shutdown()
        self.server_close()
        for line in self.lines:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # ended before


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.taken.serve(self.path, body, self.headers["Host"])
        self.server.taken.seen += [body, answer]
        self.send_response(status)
        self.send_header("Content-Type", "application/cbor")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass
