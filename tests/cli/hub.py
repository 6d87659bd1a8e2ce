"""A maker, their hubs on loopback, and the people who talk to them: for the tests of the command line."""

import contextlib
import http.client
import http.server
import json
import os
import pty
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.environ["KEEL_SOURCE"]
sys.path.insert(0, f"{TOP}/tests")
import network  # noqa: E402
from need import Failed, need, until  # noqa: E402

KEEL = os.environ["KEEL"]
network.own()


def keel(*words, **more):
    return subprocess.run([KEEL, *words], capture_output=True, text=True, timeout=60, **more)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Maker:
    """A unit-signing key, and the example product with it: another port, keys where they are wanted."""

    def __init__(self, folder, on_change="alert"):
        self.folder, self.on_change = folder, on_change
        os.makedirs(folder)
        self.key = f"{folder}/unit.pem"
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key)

    def product(self, out, port=8443, keys="file"):
        with open(f"{TOP}/products/heating/product.yaml") as f:
            text = f.read()
        for old, new in (("port: 8443", f"port: {port}"), ("keys: tpm", f"keys: {keys}"),
                         ("on_change: [alert]", f"on_change: [{self.on_change}]")):
            need(old in text, "the example's declaration has changed")
            text = text.replace(old, new)
        with open(out + ".yaml", "w") as f:
            f.write(text)
        done = keel("compile", out + ".yaml", "--maker-key", self.key, "-o", out)
        need(done.returncode == 0, f"no declaration: {done.stderr}")


class Hub:
    """One unit: provisioned, with a certificate of its own, and keeld when it is started."""

    def __init__(self, folder, maker, tpm=None, enrol=None):
        self.folder, self.maker, self.tpm = folder, maker, tpm
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.way = free_port()  # where Cut listens: a Host that the hub answers to
        self.home, self.hardware = f"{folder}/hub", f"{folder}/hardware"
        self.ca = f"{self.home}/door.crt"
        self.label = f"{folder}/label.txt"
        self.process = None
        for path in (folder, self.home, self.hardware):
            os.makedirs(path)
            os.chmod(path, 0o755)
        maker.product(f"{self.home}/product.cbor", self.port, "tpm" if tpm else "file")
        done = keel("provision", "--home", self.home, "--maker-key", maker.key, "--serial", "H1-000001",
                    "--label", f"{folder}/label", *(("--tpm", tpm) if tpm else ()),
                    *(("--enrol", enrol) if enrol else ()))
        need(done.returncode == 0, f"not provisioned: {done.stderr}")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", f"{self.home}/door.key", "-out", self.ca, "-subj", "/CN=hub", "-days", "2",
                "-addext", "subjectAltName=IP:127.0.0.1")
        shutil.copy(self.ca, f"{self.home}/maker-ca.crt")  # nobody answers by it: the uplink stays away
        for name, value in (("temp1_input", "20000"), ("pwm1", "0")):
            with open(f"{self.hardware}/{name}", "w") as f:
                f.write(value + "\n")
            os.chmod(f"{self.hardware}/{name}", 0o666)

    def start(self, program="KEELD"):
        self.log = open(f"{self.folder}/log", "a")
        self.process = subprocess.Popen(
            [os.environ[program], "--home", self.home, "--address", "127.0.0.1", "--hardware", self.hardware,
             "--app", os.environ["THERMOSTAT"], "--origin", "https://localhost:8444", "--host", f"127.0.0.1:{self.way}",
             *(("--tpm", self.tpm) if self.tpm else ())], stdout=self.log, stderr=self.log)
        until(15, "a hub that answers", lambda: keel("interrogate", self.url).returncode == 3)
        return self

    def stop(self):
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)
            self.process = None

    def press(self):
        self.process.send_signal(signal.SIGUSR1)
        time.sleep(0.3)

    def said(self):
        with open(f"{self.folder}/log", errors="replace") as f:
            return f.read()


class Person:
    """Somebody with a folder of keys, at one hub."""

    def __init__(self, folder, hub):
        self.keys, self.hub = folder, hub

    def run(self, *words, options=(), url=None):
        """keel owner, for a person's eyes."""
        return keel("owner", "--keys", self.keys, "--hub", url or self.hub.url, *options, *words)

    def ask(self, *words, options=(), url=None):
        """(exit, the answer's objects): with --json, each line of standard output is one."""
        done = self.run(*words, options=("--json", *options), url=url)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def must(self, *words, options=()):
        status, answers = self.ask(*words, options=options)
        need(status == 0 and len(answers) == 1, f"{' '.join(words)}: {status}, {answers}")
        return answers[0]

    def refused(self, *words, error, status=1, options=()):
        seen, answers = self.ask(*words, options=options)
        need(seen == status and len(answers) == 1 and answers[0].get("error") == error,
             f"{' '.join(words)} should be refused as {error} with {status}: {seen}, {answers}")
        need(answers[0]["sentence"] and answers[0]["next"], "a refusal says what happened and what to do")
        return answers[0]["sentence"]

    def told(self, *words, what, next, status=1, options=(), url=None):
        """It is refused, and a person is told this in the first and in the third line."""
        done = self.run(*words, options=options, url=url)
        lines = done.stderr.splitlines()
        need(done.returncode == status and done.stdout == "" and len(lines) == 3, f"{words}: {done}")
        need(what in lines[0] and next in lines[2], f"{words}: {lines}")
        return lines

    def on_a_terminal(self, *words, answer="", options=()):
        """(exit, all that was shown) where every end is a terminal."""
        child, terminal = pty.fork()
        if child == 0:
            os.execv(KEEL, [KEEL, "owner", "--keys", self.keys, "--hub", self.hub.url, *options, *words])
        os.write(terminal, answer.encode())
        shown = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while data := os.read(terminal, 4096):
                shown += data
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode(errors="replace")

    def claim(self, how="claim", label=None, name="Ann"):
        return self.must(how, options=("--label", label or self.hub.label, "--name", name))


class Cut(threading.Thread):
    """A way to a hub that carries a connection's request, and loses the answer to it. Then nothing goes there."""

    def __init__(self, to, connection=2):
        super().__init__(daemon=True)
        self.connection = connection
        self.to = to.port
        self.listener = socket.create_server(("127.0.0.1", to.way))
        self.url = f"https://127.0.0.1:{to.way}"
        self.lost = 0
        time.sleep(1.5)  # the door's allowance of new connections fills up again
        self.start()

    def run(self):
        for number in range(1, self.connection + 1):
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.to))
            back = threading.Thread(target=self.back, args=(far, near, number == self.connection), daemon=True)
            self.flights = 0
            back.start()
            self.forth(near, far)
            for end in (near, far):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def forth(self, near, far):
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                self.flights += 1
                far.sendall(data)

    def back(self, far, near, lossy):
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                if not lossy or self.flights < 2:
                    near.sendall(data)
                    continue
                self.lost += len(data)  # after the client's Finished come tickets, and the answer
                if self.lost > 700:
                    break
            near.shutdown(socket.SHUT_RDWR)


class Front(http.server.ThreadingHTTPServer):
    """A TLS server before a hub: carries every request there, and answers one path with a status instead, once.

    carried: whether that request reaches the hub all the same. The hub's answer to it is lost."""

    daemon_threads = True

    def __init__(self, to, path, status, carried=True):
        self.to, self.path, self.status, self.carried = to, path, status, carried
        super().__init__(("127.0.0.1", 0), Carrier)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(to.ca, f"{to.home}/door.key")
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # somebody who went away

    def close(self):
        self.shutdown()
        self.server_close()


def connected(to):
    """False where the door rations new connections: before TLS nothing was sent."""
    try:
        to.connect()
    except OSError:
        return False
    return True


def carry(to, path, body):
    """(status, answer) of a hub's door."""
    way = http.client.HTTPSConnection("127.0.0.1", to.port, timeout=20, context=ssl.create_default_context(cafile=to.ca))
    until(10, "a connection that the door takes", lambda: connected(way))
    way.request("POST", path, body, {"Content-Type": "application/cbor"})
    answer = way.getresponse()
    return answer.status, answer.read()


class Carrier(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = None, b""
        if self.path == self.server.path and self.server.status:
            status, self.server.status = self.server.status, None
        if status is None or self.server.carried:
            seen, answer = self.carry(body)
        self.send_response(status or seen)
        answer = b"" if status else answer
        self.send_header("Content-Type", "application/cbor")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def carry(self, body):
        return carry(self.server.to, self.path, body)

    def log_message(self, *_):
        pass


def main(tests, set_up):
    """Runs the functions in order over what set_up(folder) gives; prints as the C tests do."""
    folder = tempfile.mkdtemp(prefix="keel-cli-")
    os.chmod(folder, 0o755)  # the rooms have users of their own
    failed, world = 0, None
    try:
        world = set_up(folder)
        for test in tests:
            try:
                test(world)
            except (Failed, subprocess.TimeoutExpired, OSError, LookupError, ValueError, AttributeError) as e:
                failed += 1
                print(f"{test.__name__}: {type(e).__name__}: {e}", file=sys.stderr)
    finally:
        if world is not None:
            world.end()
        if failed:
            for at, _, names in os.walk(folder):
                for name in filter(lambda n: n == "log", names):
                    with open(f"{at}/{name}", errors="replace") as f:
                        print(f.read()[-3000:], file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
