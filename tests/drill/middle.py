"""Somebody in the middle, with a certificate that the owner's side trusts: reads, keeps and may change all."""

import http.client
import http.server
import ssl
import threading


class Middle:
    """Relays every request to the hub; `seen` is all clear text of both directions. change(path, body) may alter."""

    def __init__(self, home, change=None):
        self.seen, self.change = [], change
        home.shell('mkdir -p "$home/middle"; cert middle/tls DNS:localhost', check=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{home.folder}/middle/tls.crt", f"{home.folder}/middle/tls.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.relay(home))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_address[1]}"

    def relay(self, home):
        middle = self

        class Relay(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                middle.seen.append(body)
                if middle.change:
                    body = middle.change(self.path, body)
                context = ssl.create_default_context(cafile=home.ca)
                hub = http.client.HTTPSConnection(home.address, 8443, context=context, timeout=10)
                hub.request("POST", self.path, body, {"Content-Type": "application/cbor"})
                answer = hub.getresponse()
                content = answer.read()
                middle.seen.append(content)
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/cbor")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                hub.close()

            def log_message(self, *_):
                pass

        return Relay

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
