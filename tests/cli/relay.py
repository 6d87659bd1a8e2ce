"""A small relay in the place of the maker's service: carries what docs/service.md says, and can verify nothing."""

import http.server
import ssl
import threading
import time

from hub import carry, openssl  # it also opens the way to tests/

from cbor import cbor, read


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
