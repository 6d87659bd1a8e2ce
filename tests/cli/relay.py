"""A small relay in the place of the maker's service: carries what docs/service.md says, and can verify nothing."""

import http.server
import ssl
import threading
import time

from hub import carry, openssl


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    size = 1 if n < 1 << 8 else 2 if n < 1 << 16 else 4
    return bytes([major << 5 | 23 + size.bit_length()]) + n.to_bytes(size, "big")


def cbor(v):
    """Whole numbers, byte strings, texts, maps in order: all that a relay writes."""
    if isinstance(v, int):
        return head(0, v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    if isinstance(v, str):
        return head(3, len(v.encode())) + v.encode()
    return head(5, len(v)) + b"".join(cbor(k) + cbor(x) for k, x in v.items())


def read(data, at=0):
    """(value, where it ends); of a structure inside only where it ends matters."""
    major, n = data[at] >> 5, data[at] & 31
    at += 1
    if n >= 24:
        size = 1 << n - 24
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major in (2, 3):
        return data[at:at + n], at + n
    if major in (4, 5):
        items = []
        for _ in range(n * (major - 3)):
            item, at = read(data, at)
            items.append(item)
        return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at
    return n, at


class Relay(http.server.ThreadingHTTPServer):
    """By HTTPS under a certificate of its own. seen: the sealed requests that came. hub None: the home is away."""

    daemon_threads = True

    def __init__(self, folder, hub):
        self.hub, self.seen, self.change = hub, [], None
        self.heard = int(time.time()) - 7200
        self.ca = f"{folder}/service.crt"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                f"{folder}/service.key", "-out", self.ca, "-subj", "/CN=service", "-days", "2",
                "-addext", "subjectAltName=IP:127.0.0.1")
        super().__init__(("127.0.0.1", 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.minimum_version = ssl.TLSVersion.TLSv1_3
        tls.load_cert_chain(self.ca, f"{folder}/service.key")
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # somebody who went away

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.relay(read(body)[0][4]) if self.path == "/v1/relay" else (404, b"")
        self.send_response(status)
        self.send_header("Content-Type", "application/cbor")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def relay(self, request):
        service = self.server
        service.seen.append(request)
        if service.hub is None:
            when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(service.heard))
            return 503, cbor({1: "away", 2: f"Your home does not answer; it was last heard {when}.", 3: 30})
        status, body = carry(service.hub, "/v1/request", request)
        service.heard = int(time.time())
        return 200, (service.change or (lambda x: x))(cbor({1: status, 2: body, 3: service.heard}))

    def log_message(self, *_):
        pass
