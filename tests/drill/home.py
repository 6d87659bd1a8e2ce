"""The example home from outside: its programs, its files, its network, and what can be seen of them."""

import json
import os
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROOMS = ("vault", "door", "monitor", "app")


class Failed(Exception):
    """A check that did not see what it must see."""


def need(condition, what):
    if not condition:
        raise Failed(what)


def until(seconds, what, look):
    """The first true result of look() within so many seconds; else the check has failed."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        need(time.monotonic() < end, f"{what} was not seen within {seconds} s")
        time.sleep(0.1)


class Home:
    def __init__(self, folder, build, fault=None):
        self.folder = folder
        self.bin = os.path.join(TOP, build, "bin")
        self.env = dict(
            os.environ,
            KEEL_HOME=folder,
            KEEL_BIN=self.bin,
            KEEL_NETNS="keel-drill",
            KEEL_APP_PORT="8445",
        )
        if fault:
            self.env["KEEL_BREAK"] = fault
        self.url = "https://10.213.77.2:8443"
        self.maker = os.path.join(TOP, ".maker")
        self.ca = os.path.join(self.maker, "ca.crt")
        self.label = os.path.join(folder, "hub/label.txt")

    # --- its life -------------------------------------------------------------------------------
    def shell(self, script, **more):
        return subprocess.run(
            ["bash", "-c", ". tools/home.sh; " + script], cwd=TOP, env=self.env, **more
        )

    def start(self):
        done = self.shell("home_start", stdin=subprocess.DEVNULL)
        need(done.returncode == 0, "the home did not start")

    def stop(self):
        self.shell("home_stop", stderr=subprocess.DEVNULL)

    def wipe(self):
        self.stop()
        subprocess.run(["rm", "-rf", self.folder], check=True)

    # --- its processes --------------------------------------------------------------------------
    def keeld(self):
        """The parent's pid, or None."""
        try:
            with open(f"{self.folder}/pid/keeld") as f:
                pid = int(f.read())
            os.kill(pid, 0)
            return pid
        except (OSError, ValueError):
            return None

    def rooms(self):
        """{room: pid} of the living rooms, as /proc has them."""
        parent, found = self.keeld(), {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/status") as f:
                    status = dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    words = f.read().decode().split("\0")
            except (OSError, UnicodeDecodeError):
                continue
            if status.get("PPid", "").strip() != str(parent) or status["State"].startswith("Z"):
                continue
            if "--room" in words:
                found[words[words.index("--room") + 1]] = int(pid)
            elif words[0].endswith("thermostat"):
                found["app"] = int(pid)
        return found

    def room(self, name):
        return until(10, f"a living {name}", lambda: self.rooms().get(name))

    def kill(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def press(self, held=False):
        os.kill(self.keeld(), signal.SIGUSR2 if held else signal.SIGUSR1)

    def lives(self, pid):
        """A process that ended and that nobody has waited for yet lives no more."""
        try:
            return self.status(pid)["State"][0] not in "ZX"
        except (OSError, KeyError):
            return False

    def status(self, pid):
        with open(f"/proc/{pid}/status") as f:
            return {k: v.strip() for k, v in (line.split(":", 1) for line in f if ":" in line)}

    # --- its witnesses --------------------------------------------------------------------------
    def witness(self):
        """The room's own lines: (seconds, temperature, power, silence of the thermostat)."""
        with open(f"{self.folder}/log/room") as f:
            rows = [line.split() for line in f.read().splitlines()]
        return [tuple(map(float, r)) for r in rows if len(r) == 4]

    def log(self, name="loop"):
        try:
            with open(f"{self.folder}/log/{name}", errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def on_disk(self, *folders):
        """Every byte of every file of these folders."""
        for folder in folders:
            for at, _, names in os.walk(os.path.join(self.folder, folder)):
                for name in names:
                    path = os.path.join(at, name)
                    if os.path.isfile(path):
                        with open(path, "rb") as f:
                            yield path, f.read()

    # --- asking it ------------------------------------------------------------------------------
    def run(self, *words, **more):
        return subprocess.run(
            [os.path.join(self.bin, words[0]), *words[1:]],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=60,
            **more,
        )

    def owner(self, who, *words, options=(), hub=None):
        """`keel owner` of somebody, as JSON. An error of the hub is {"error", "sentence"}."""
        keys = f"{self.folder}/people/{who}"
        done = self.run(
            "keel", "owner", "--json", "--keys", keys, "--hub", hub or self.url, "--ca", self.ca, *options, *words
        )
        need(done.returncode in (0, 1), f"keel owner {words[0]}: {done.stderr.strip()}")
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
        return lines[0] if len(lines) == 1 else lines

    def must(self, who, *words, **more):
        answer = self.owner(who, *words, **more)
        need("error" not in answer, f"{who}: {' '.join(words)}: {answer.get('sentence') if isinstance(answer, dict) else ''}")
        return answer

    def claim(self, who):
        return self.owner(who, "claim", options=("--label", self.label, "--name", who))

    def value(self, who, name):
        for v in self.must(who, "state")["values"]:
            if v["name"] == name:
                return v["value"]
        return None

    def post(self, path, body, headers=None, context=None):
        """A request of any client: (status, headers, body)."""
        context = context or ssl.create_default_context(cafile=self.ca)
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {})
        request.add_unredirected_header("Content-Type", "application/cbor") if body is not None else None
        for _ in range(20):
            try:
                with urllib.request.urlopen(request, context=context, timeout=20) as answer:
                    return answer.status, answer.headers, answer.read()
            except urllib.error.HTTPError as e:
                return e.code, e.headers, e.read()
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.5)  # more new connections than the door takes from one address
        raise Failed(f"the door gave no answer to {path}")

    def inside(self, *words, **more):
        """A process in the hub's network."""
        return subprocess.Popen(["ip", "netns", "exec", "keel-drill", *words], **more)
