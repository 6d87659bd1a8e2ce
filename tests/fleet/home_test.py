"""A home and its maker's service, both whole: keeld and keel-fleet on loopback, and an owner who is away. EN 303 645 5.5, 5.9."""

import atexit
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys

import fleet
from fleet import FLEET, TOP, need, openssl, until

sys.path.insert(0, f"{TOP}/tests/cli")
from hub import Hub, Maker, Person, free_port  # noqa: E402


class Product(Maker):
    """The example, with this service in its declaration."""

    def __init__(self, folder, service):
        super().__init__(folder)
        self.service = service

    def product(self, out, port=8443, keys="file"):
        super().product(out, port, keys)
        done = subprocess.run([fleet.KEEL, "compile", out + ".yaml", "--maker-key", self.key, "--service-key",
                               f"{self.service.dir}/keys/root.pem", "--service-url", self.service.origin, "-o", out],
                              capture_output=True, text=True, timeout=60)
        need(done.returncode == 0, f"no declaration: {done.stderr}")


class Service:
    def __init__(self, folder):
        self.folder, self.dir, self.process = folder, f"{folder}/fleet", None
        self.origin = f"https://localhost:{free_port()}"
        self.must("init", self.dir, "--origin", self.origin)
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", f"{self.dir}/tls.key", "-out", f"{self.dir}/tls.crt", "-subj", "/CN=localhost", "-days", "2",
                "-addext", "subjectAltName=DNS:localhost")
        with open(f"{self.dir}/config.yaml") as f:
            text = f.read()
        text = re.sub(r"(?m)^address:.*", 'address: "127.0.0.1"', text)
        text = re.sub(r"(?m)^port:.*", f"port: {self.origin.split(':')[2]}", text)
        with open(f"{self.dir}/config.yaml", "w") as f:
            f.write(text)

    def must(self, *words):
        done = fleet.fleet(*words)
        need(done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        self.log = open(f"{self.folder}/fleet.log", "a")
        self.process = subprocess.Popen([FLEET, "serve", self.dir], stdout=subprocess.PIPE, stderr=self.log, text=True)
        need("port" in self.process.stdout.readline(), "it does not serve")

    def end(self, how=signal.SIGTERM):
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process.stdout.close()
            self.process = None

    def unit(self):
        return json.loads(self.must("units", self.dir, "", "--json").splitlines()[0])


class World:
    def __init__(self, folder):
        self.folder, self.tpm = folder, None
        self.service = Service(folder)
        maker = Product(f"{folder}/maker", self.service)
        # Programs of its own, for a test that changes one: and where the monitor, who is not root, can read them.
        self.program = os.environ["THERMOSTAT"] = shutil.copy(os.environ["THERMOSTAT"], f"{folder}/thermostat")
        os.environ["KEELD"] = shutil.copy(os.environ["KEELD"], f"{folder}/keeld")
        self.start_tpm()
        atexit.register(self.end_tpm)
        self.hub = Hub(f"{folder}/hub", maker, tpm=f"{folder}/tpm/socket", enrol=f"{folder}/units.csv")
        home, listed = self.hub.home, [os.environ["KEELD"], self.program]
        shutil.copy(f"{self.service.dir}/tls.crt", f"{home}/maker-ca.crt")
        subprocess.run([fleet.KEEL, "measure", "--maker-key", maker.key, "--product", f"{home}/product.cbor", "-o",
                        f"{home}/measures.cbor", *listed], check=True, capture_output=True, timeout=60)
        self.service.must("product", "add", self.service.dir, f"{home}/product.cbor", "--measures", f"{home}/measures.cbor")
        self.service.must("enrol", self.service.dir, f"{folder}/units.csv")
        self.service.start()
        self.hub.start()
        self.ann = Person(f"{folder}/ann", self.hub)
        self.nowhere = f"https://127.0.0.1:{free_port()}"

    def start_tpm(self):
        """Its PCRs are empty then, as after a hub was switched off and on."""
        os.makedirs(f"{self.folder}/tpm", exist_ok=True)
        self.tpm = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.folder}/tpm", "--server",
                                     f"type=unixio,path={self.folder}/tpm/socket", "--flags", "not-need-init,startup-clear"],
                                    stderr=subprocess.DEVNULL)
        until(10, "the TPM's socket", lambda: os.path.exists(f"{self.folder}/tpm/socket"))

    def end_tpm(self):
        self.tpm.terminate()
        self.tpm.wait(10)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{self.folder}/tpm/socket")

    def end(self):
        self.hub.stop()
        self.service.end(signal.SIGKILL)

    def away(self, *words):
        done = self.ann.run(*words, options=("--json",), url=self.nowhere)
        return json.loads(done.stdout.splitlines()[0]) if done.returncode == 0 else None


def connected(w):
    return w.hub.said().count("uplink.connected")


def the_hub_attests_and_is_accepted(w):
    until(25, "a session", lambda: connected(w) > 0)
    unit = w.service.unit()
    need(unit["state"] == "here" and unit["decision"] in ("accepted", "flagged"), f"{unit}")
    need(unit["grade"] == "quoted by TPM" and "quote" not in unit["reasons"], f"{unit}")


def an_owner_who_is_away_is_heard(w):
    w.ann.must("claim", options=("--label", w.hub.label, "--name", "Ann", "--ca", w.hub.ca, "--service", w.service.origin,
                                 "--service-ca", f"{w.service.dir}/tls.crt"))
    # A claim makes a new home: the hub opens a session for it, and tells who owns it.
    until(40, "the state from afar", lambda: (w.away("state") or {}).get("role") == 0)
    need(w.away("command", "set temperature", "celsius=23.5") is not None, "no command from afar")
    until(20, "the new setpoint", lambda: next(
        v["value"] for v in w.away("state")["values"] if v["name"] == "setpoint") == 23.5)


def prov_5_9_3_a_service_that_was_killed_is_found_again_and_told(w):
    taken = w.service.unit()["reports"]
    with socket.create_server(("127.0.0.1", 0)):  # undeclared: the owner hears of it, and so does the maker
        until(60, "its report", lambda: w.service.unit()["reports"] > taken)
    before, seen = w.service.unit()["reports"], connected(w)
    w.service.end(signal.SIGKILL)
    until(20, "the hub to notice", lambda: "uplink.away" in w.hub.said().rsplit("uplink.connected", 1)[1])
    need(w.ann.must("state")["role"] == 0, "the home does not go on")
    w.service.start()
    until(60, "another session", lambda: connected(w) > seen)
    need(w.service.unit()["reports"] >= before, "reports that were taken are gone")
    need((w.away("state") or {}).get("role") == 0, "away again")


def run_another(w, content):
    """The product's program is another one, and what runs of it ends: the parent starts what it finds."""
    with open(w.program + ".new", "wb") as f:
        f.write(content)
    os.chmod(w.program + ".new", 0o755)
    os.replace(w.program + ".new", w.program)
    mine = [pid for pid in os.listdir("/proc") if pid.isdigit() and exe(pid).removesuffix(" (deleted)") == w.program]
    for pid in mine:
        os.kill(int(pid), signal.SIGKILL)


def exe(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def found(w, reasons):
    unit = w.service.unit()
    return unit if reasons(unit["reasons"]) else None


def prov_5_7_1_what_ran_is_quoted_until_the_hub_is_switched_off(w):
    """The TPM is told of another program while the hub runs; nobody takes it back but a reset of the TPM."""
    with open(w.program, "rb") as f:
        content = f.read()
    run_another(w, content + b"x")
    until(10, "a new vault", lambda: "room.started room=vault" in w.hub.said().rsplit("room=app", 1)[1])
    again(w)
    unit = until(30, "a quoted finding", lambda: found(w, lambda r: "measurement: app" in r))
    need(unit["decision"] == "quarantined" and unit["grade"] == "quoted by TPM", f"{unit}")
    run_another(w, content)
    again(w)
    unit = until(30, "the end of it", lambda: found(w, lambda r: "measurement" not in r and "ran_before: another app" in r))
    need(unit["decision"] == "flagged" and unit["grade"] == "quoted by TPM", f"{unit}")
    again(w, switched_off=True)
    unit = until(30, "a clean start", lambda: found(w, lambda r: "ran_before" not in r))
    need(unit["grade"] == "quoted by TPM", f"{unit}")


def again(w, switched_off=False):
    """A new start, so that its session does not wait for its turn."""
    w.hub.stop()
    if switched_off:
        w.end_tpm()
        w.start_tpm()
    w.hub.start()


def prov_5_3_11_the_maker_tells_the_owner_and_once_whoever_is_killed(w):
    def told(kind):
        return [e["detail"] for e in w.ann.must("events")["events"] if e["word"] == f"notice-{kind}"]

    def tell(*words):
        w.service.must("notice", w.service.dir, "H1-000001", *words)

    def waits():
        with sqlite3.connect(f"{w.service.dir}/data/fleet.db") as db:
            return db.execute("SELECT count(*) FROM inbox").fetchone()[0]

    tell("update", "2.4.1")
    until(20, "the notice", lambda: told("update") == ["2.4.1"])
    until(20, "it to be taken", lambda: waits() == 0)
    tell("vulnerability", "CVE-2026-7")
    w.service.end(signal.SIGKILL)  # told, perhaps given
    w.service.start()
    w.hub.process.kill()  # and its rooms with it
    w.hub.process.wait(20)
    w.hub.start()
    until(60, "the other", lambda: told("vulnerability") == ["CVE-2026-7"])
    until(60, "it to be taken", lambda: waits() == 0)
    need(told("update") == ["2.4.1"], "the first is gone, or told again")


def main(tests):
    import tempfile
    folder, failed, w = tempfile.mkdtemp(prefix="keel-home-"), 0, None
    os.chmod(folder, 0o755)
    try:
        w = World(folder)
        for test in tests:
            try:
                test(w)
            except (fleet.Failed, OSError, LookupError, ValueError, TypeError, StopIteration, subprocess.SubprocessError) as e:
                failed += 1
                print(f"{test.__name__}: {type(e).__name__}: {e}", file=sys.stderr)
        if failed:
            print(w.hub.said()[-3000:], open(f"{folder}/fleet.log", errors="replace").read()[-2000:], file=sys.stderr)
    finally:
        if w is not None:
            w.end()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main([the_hub_attests_and_is_accepted, an_owner_who_is_away_is_heard,
      prov_5_9_3_a_service_that_was_killed_is_found_again_and_told,
      prov_5_3_11_the_maker_tells_the_owner_and_once_whoever_is_killed,
      prov_5_7_1_what_ran_is_quoted_until_the_hub_is_switched_off])
