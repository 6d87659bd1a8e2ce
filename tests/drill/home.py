"""The example home from outside: its programs, its files, its network, and what can be seen of them."""

import hashlib
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, f"{TOP}/tests")
from need import Failed, need, until  # noqa: E402

ROOMS = ("vault", "door", "monitor", "app", "uplink")
# A sanitizer looks for leaks by tracing and for names by another program: the service's walls forbid both.
SANITIZED = {"ASAN_OPTIONS": "detect_leaks=0:symbolize=0", "UBSAN_OPTIONS": "print_stacktrace=1:symbolize=0"}
PACE_S = 0.2  # from one asking to the next: the door takes ten new connections a second from one address


class Home:
    """One home in a network and a folder of its own: each lane of a drill has another."""

    def __init__(self, folder, build, fault=None, lane=0, service=None):
        self.folder = f"{folder}/{lane}"
        self.build = os.path.join(TOP, build)
        self.bin = f"{self.build}/bin"
        self.programs = {"keel": f"{self.bin}/keel", "keel-fleet": os.path.abspath(service or f"{self.bin}/keel-fleet")}
        self.network = f"keel-drill-{lane}"
        self.address = f"10.213.{78 + lane}.2"
        self.host = f"10.213.{78 + lane}.1"
        self.url = f"https://{self.address}:8443"
        self.env = dict(os.environ, **SANITIZED, KEEL_HOME=self.folder, KEEL_BIN=self.bin, KEEL_FLEET=self.programs["keel-fleet"],
                        KEEL_NETNS=self.network, KEEL_NET=f"10.213.{78 + lane}", KEEL_APP_PORT=str(8445 + lane),
                        KEEL_FLEET_PORT=str(8451 + lane))
        self.service = f"https://fleet.localhost:{8451 + lane}"
        if fault:
            self.env["KEEL_BREAK"] = fault
        self.maker = os.path.join(TOP, ".maker")
        self.ca = os.path.join(self.maker, "ca.crt")
        self.label = f"{self.folder}/hub/label.txt"
        self.burner = f"{self.folder}/hardware/pwm1"
        self.tcpdump = None
        self.next_ask = 0.0
        self.refusals = {}  # what was refused: by which sentence

    # --- its life -------------------------------------------------------------------------------
    def shell(self, script, **more):
        return subprocess.run(["bash", "-c", ". tools/home.sh; " + script], cwd=TOP, env=self.env, **more)

    def start(self):
        """A capture runs from the first packet on."""
        os.makedirs(self.folder)
        os.chmod(os.path.dirname(self.folder), 0o755)  # the rooms have users of their own
        need(self.shell("home_make_network").returncode == 0, "the hub got no network")
        self.capture = f"{self.folder}/capture.pcap"
        self.tcpdump = subprocess.Popen(
            ["tcpdump", "-i", self.network, "-w", self.capture, "-U", "-s", "0", "--immediate-mode"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(5, "the capture", lambda: os.path.exists(self.capture) and os.path.getsize(self.capture) >= 24)
        done = self.shell("home_start", stdin=subprocess.DEVNULL)
        need(done.returncode == 0, "the home did not start")

    def stop(self):
        if self.tcpdump:
            self.tcpdump.terminate()
            self.tcpdump.wait()
            self.tcpdump = None
        self.shell("home_stop", stderr=subprocess.DEVNULL)
        for pid in self.apps():  # an orphan belongs to nobody who would end it
            self.kill(pid)

    def wipe(self):
        self.stop()
        subprocess.run(["rm", "-rf", self.folder], check=True)

    def hold_still(self):
        """keeld is ended and not started anew until the return of what is done meanwhile."""
        return Still(self)

    def reset_tpm(self):
        """As a hub that was switched off and on has it: what it was told since is gone. While keeld is away."""
        done = self.shell("""
            kill "$(cat $home/pid/tpm)"
            for i in $(seq 100); do [ -S "$home/tpm.sock" ] || break; sleep 0.05; done
            rm -f "$home/tpm.sock"
            home_start_tpm""", stdin=subprocess.DEVNULL)
        need(done.returncode == 0, "the TPM did not come back")

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
        """{room: pid} of the living rooms, as /proc has them: the parent's children."""
        parent, found = self.keeld(), {}
        for pid in pids():
            try:
                status = self.status(pid)
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    words = f.read().decode().split("\0")
            except (OSError, UnicodeDecodeError):
                continue
            if status.get("PPid") != str(parent) or status["State"].startswith("Z"):
                continue
            if "--room" in words:
                found[words[words.index("--room") + 1]] = pid
            elif words[0].endswith("thermostat"):
                found["app"] = pid
        return found

    def apps(self):
        """Every process of the machine that runs the product's program on this home's burner, whoever its parent."""
        # Within a changed root /proc shows the paths of another mount namespace with what stands before that root.
        return [pid for pid in pids() if f"{self.folder}/installed/thermostat" in (exe(pid) or "")
                and any(path.endswith(self.burner) for path in open_files(pid))]

    def room(self, name):
        return until(10, f"a living {name}", lambda: self.rooms().get(name))

    def kill(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def status(self, pid):
        with open(f"/proc/{pid}/status") as f:
            return {k: v.strip() for k, v in (line.split(":", 1) for line in f if ":" in line)}

    # --- its witnesses --------------------------------------------------------------------------
    def witness(self):
        """The room's own lines: (seconds, temperature, power, silence of the thermostat)."""
        with open(f"{self.folder}/log/room") as f:
            rows = [line.split() for line in f.read().splitlines()]
        return [tuple(map(float, r)) for r in rows if len(r) == 4]

    def driven_since(self, moment):
        """When the burner was last told anything, if that was after this moment; by the file, not by its writer."""
        written = os.stat(self.burner).st_mtime
        return written if written > moment else None

    def burning_since(self, moment):
        """The same, if it was told to burn."""
        with open(self.burner) as f:
            power = f.read().strip()
        return self.driven_since(moment) if power.isdigit() and int(power) > 0 else None

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
    def run(self, *words, timeout=60):
        return subprocess.run([self.programs[words[0]], *words[1:]], env=self.env, capture_output=True,
                              text=True, timeout=timeout)

    def tool(self, name, *words, env=None):
        """One of the drill's own programs (this folder's C files)."""
        return subprocess.run([f"{self.build}/tests/drill/{name}", *words], env=env or self.env, capture_output=True,
                              text=True, timeout=30, check=True)

    def wait_its_turn(self):
        time.sleep(max(0.0, self.next_ask - time.monotonic()))
        self.next_ask = time.monotonic() + PACE_S

    def owner(self, who, *words, options=(), hub=None):
        """`keel owner` of somebody, as JSON. An error of the hub is {"error", "sentence"}."""
        self.wait_its_turn()
        keys = f"{self.folder}/people/{who}"
        done = self.run("keel", "owner", "--json", "--keys", keys, "--hub", hub or self.url, "--ca", self.ca,
                        *options, *words)
        need(done.returncode in (0, 1), f"keel owner {words[0]}: {done.stderr.strip()}")
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
        return lines[0] if len(lines) == 1 else lines

    def must(self, who, *words, **more):
        answer = self.owner(who, *words, **more)
        need("error" not in answer,
             f"{who}: {' '.join(words)}: {answer.get('sentence') if isinstance(answer, dict) else ''}")
        return answer

    def answers_again(self, who="anna"):
        until(20, "the home's answer", lambda: "error" not in self.owner(who, "state"))

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
        return subprocess.Popen(["ip", "netns", "exec", self.network, *words], **more)


class Still:
    """While keeld is away: `with home.hold_still(): …` changes its files."""

    def __init__(self, home):
        self.home = home

    def __enter__(self):
        self.home.shell("kill -STOP $(cat $home/pid/loop)")
        rooms = self.home.rooms()
        self.home.kill(self.home.keeld())
        until(5, "the end of the rooms", lambda: not any(map(alive, rooms.values())))

    def __exit__(self, *_):
        self.home.shell("kill -CONT $(cat $home/pid/loop)")


class Counting(threading.Thread):
    """Counts the apps all day long; `most` is what it saw at once, in so many `looks`."""

    def __init__(self, home):
        super().__init__(daemon=True)
        self.home, self.most, self.looks, self.over = home, 0, 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.1):
            self.most = max(self.most, len(self.home.apps()))
            self.looks += 1


# --- /proc ------------------------------------------------------------------------------------------
def pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def exe(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def alive(pid):
    """A process that ended and that nobody has waited for yet lives no more."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def open_files(pid):
    found = set()
    try:
        for fd in os.listdir(f"/proc/{pid}/fd"):
            found.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    except OSError:
        pass  # it ended meanwhile
    return found


def digest_of(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()
