"""A maker's service on loopback, and devices and owners who talk to it: for the tests of keel-fleet."""

import http.client
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading

TOP = os.environ["KEEL_SOURCE"]
sys.path.insert(0, f"{TOP}/tests")
from need import Failed, need, until  # noqa: E402

KEEL, FLEET, PEER = (os.environ[name] for name in ("KEEL", "KEEL_FLEET", "PEER"))


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def fleet(*words):
    return subprocess.run([FLEET, *words], capture_output=True, text=True, timeout=60)


def walled():
    """The environment of a process with walls: a sanitizer looks for leaks by tracing, which they forbid; and it keeps what was freed for a while."""
    return {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=64"}


class Service:
    """A folder that init made, with a product in it, and keel-fleet when it is started."""

    def __init__(self, folder):
        self.folder, self.dir, self.process = folder, f"{folder}/fleet", None
        self.maker, self.product, self.csv = f"{folder}/unit.pem", f"{folder}/product.cbor", f"{folder}/units.csv"
        self.origin = "https://fleet.example:8450"
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.maker)
        made = fleet("init", self.dir, "--origin", self.origin, "--json")
        need(made.returncode == 0, f"no service: {made.stderr}")
        self.root = made.stdout.split('"key":"')[1][:128]
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", f"{self.dir}/tls.key", "-out", f"{self.dir}/tls.crt", "-subj", "/CN=fleet.example",
                "-days", "2", "-addext", "subjectAltName=DNS:fleet.example")
        self.configure(address='"127.0.0.1"', port="0")
        with open(f"{TOP}/products/heating/product.yaml") as f:
            text = f.read().replace("keys: tpm", "keys: file")
        with open(f"{folder}/product.yaml", "w") as f:
            f.write(text)
        subprocess.run([KEEL, "compile", f"{folder}/product.yaml", "--maker-key", self.maker, "-o", self.product],
                       check=True, timeout=60)
        self.measures = f"{folder}/measures.cbor"
        os.makedirs(f"{folder}/root/usr/sbin")
        with open(f"{folder}/root/usr/sbin/keeld", "w") as f:
            f.write("keeld\n")  # what the peer measures
        subprocess.run([KEEL, "measure", "--maker-key", self.maker, "--product", self.product, "--root", f"{folder}/root",
                        "-o", self.measures, "/usr/sbin/keeld"], check=True, timeout=60)
        self.must("product", "add", self.dir, self.product, "--measures", self.measures)

    def configure(self, **values):
        with open(f"{self.dir}/config.yaml") as f:
            lines = f.read().splitlines()
        for name, value in values.items():
            need(any(line.startswith(f"{name}:") for line in lines), f"config.yaml has no {name}")
            lines = [f"{name}: {value}" if line.startswith(f"{name}:") else line for line in lines]
        with open(f"{self.dir}/config.yaml", "w") as f:
            f.write("\n".join(lines) + "\n")

    def must(self, *words):
        done = fleet(*words)
        need(done.returncode == 0, f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def start(self):
        self.log = open(f"{self.folder}/log", "a")
        self.process = subprocess.Popen([FLEET, "serve", self.dir], stdout=subprocess.PIPE, stderr=self.log, text=True, env=walled())
        line = self.process.stdout.readline()
        need("port" in line, f"it does not serve: {line!r}")
        self.port = int(line.split("port ")[1])
        return self

    def end(self, how=signal.SIGTERM):
        if self.process is None:
            return 0
        self.process.send_signal(how)
        status = self.process.wait(20)
        self.process.stdout.close()
        self.log.close()
        self.process = None
        return status

    def enrol(self, *devices):
        with open(self.csv, "w") as f:
            f.write("serial,id,endorsement\n" + "".join(d.row + "\n" for d in devices))
        self.must("enrol", self.dir, self.csv)

    def post(self, path, body, timeout=40):
        """(status, body): one connection a request."""
        context = ssl.create_default_context(cafile=f"{self.dir}/tls.crt")
        context.check_hostname = False  # its name is an example's
        to = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=context)
        try:
            to.request("POST", path, body, {"Content-Type": "application/cbor", "Host": "fleet.example:8450"})
            answer = to.getresponse()
            return answer.status, answer.read()
        finally:
            to.close()

    def get(self, path):
        """(status, its fields, text)"""
        context = ssl.create_default_context(cafile=f"{self.dir}/tls.crt")
        context.check_hostname = False
        to = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)
        try:
            to.request("GET", path, headers={"Host": "fleet.example:8450"})
            answer = to.getresponse()
            return answer.status, answer.headers, answer.read().decode(errors="replace")
        finally:
            to.close()

    def units(self, search=""):
        """Lines of units --json, as the fields that a test looks for."""
        import json
        return [json.loads(line) for line in self.must("units", self.dir, search, "--json").splitlines()]


class Device:
    """A unit and its owner: a process that makes and reads their bytes."""

    def __init__(self, service, serial):
        self.service, self.serial = service, serial
        self.process = subprocess.Popen([PEER, service.maker, service.product, serial], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()
        self.row = self.process.stdout.readline().strip()
        need(self.row.startswith(serial + ","), f"no unit: {self.row}")

    def say(self, *words):
        with self.lock:
            self.process.stdin.write(" ".join(map(str, words)) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline().strip()
        need(not line.startswith("!"), f"{words[0]}: {line}")
        return line

    def post(self, path, *words, timeout=40):
        return self.service.post(path, bytes.fromhex(self.say(*words)), timeout)

    def open(self, *how):
        """(status, what the result says or the refusal)."""
        status, nonce = self.service.post("/v1/session/nonce", b"\xa0")
        need(status == 200, f"no nonce: {status}")
        self.say("voucher", nonce.hex(), self.service.root)
        status, answer = self.post("/v1/session", "open", nonce.hex(), self.service.origin, *how)
        return status, self.read(status, answer, "opened", self.service.origin)

    def read(self, status, answer, word, *more):
        return self.say(word, answer.hex(), *more) if status == 200 else self.say("refusal", answer.hex())

    def report(self, first, count, *more):
        status, answer = self.post("/v1/report", "report", first, count, *more)
        return status, self.read(status, answer, "read-report")

    def telemetry(self, number, name, unit, value, ago=0):
        status, answer = self.post("/v1/report", "telemetry", number, name.replace(" ", "_"), unit, value, ago)
        return status, self.read(status, answer, "read-report")

    def inbox(self, taken, wait=0):
        status, answer = self.post("/v1/inbox", "inbox", taken, wait, timeout=70)
        return status, self.read(status, answer, "read-inbox")

    def answer(self, number, text):
        return self.post("/v1/answer", "answer", number, text)[0]

    def relay(self, text):
        status, answer = self.post("/v1/relay", "relay", text)
        return status, self.read(status, answer, "read-relayed")

    def end(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def main(tests):
    """Each test with a service of its own folder; prints as the C tests do."""
    failed = 0
    for test in tests:
        folder = tempfile.mkdtemp(prefix="keel-fleet-")
        service = None
        try:
            service = Service(folder)
            test(service)
        except (Failed, subprocess.SubprocessError, OSError, LookupError, ValueError, AttributeError) as e:
            failed += 1
            print(f"{test.__name__}: {type(e).__name__}: {e}", file=sys.stderr)
            if os.path.exists(f"{folder}/log"):
                with open(f"{folder}/log", errors="replace") as f:
                    print(f.read()[-2000:], file=sys.stderr)
        finally:
            if service is not None:
                service.end(signal.SIGKILL)
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
