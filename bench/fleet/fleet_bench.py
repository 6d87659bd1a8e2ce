#!/usr/bin/env python3
"""keel-fleet under load: sessions, durable reports, held polls, beside nginx and SQLite, in turns.

    fleet_bench.py BUILD       a release build with -Dbench=true

The service runs as it does anywhere: its walls up, its signer beside it, TLS 1.3, in a folder of its own on
a disk. The units are fleet_load's (load.c); both ends share this machine's cores. Each figure is its best turn.
"""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

TURNS = 5
UNITS = int(os.environ.get("KEEL_BENCH_UNITS", "10000"))  # fewer: to try the bench itself
LANES = 64
REPORTS = 100  # of each of them, a turn
ORIGIN = "https://fleet.example"


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


class Load:
    """fleet_load: a command, an answer."""

    def __init__(self, build):
        self.process = subprocess.Popen([f"{build}/bench/fleet_load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if not answer:
            sys.exit(f"fleet_load ended at: {' '.join(map(str, words))}")
        return answer

    def figures(self, *words):
        return [float(word) for word in self(*words)]


class Fleet:
    """A maker's service that knows the load's units."""

    def __init__(self, build, folder, load):
        self.dir, self.program = f"{folder}/fleet", f"{build}/src/fleet/keel-fleet"
        self.root = run(self.program, "init", self.dir, "--origin", ORIGIN, "--json").split('"key":"')[1][:128]
        certificate(f"{self.dir}/tls.crt", f"{self.dir}/tls.key")
        # All of them come from one address here, which is more than one address may.
        self.configure(address='"127.0.0.1"', port=0, address_connections=100000, address_requests=1000000)
        load("make", folder, UNITS)
        run(self.program, "product", "add", self.dir, f"{folder}/product.cbor", "--measures", f"{folder}/measures.cbor")
        run(self.program, "enrol", self.dir, f"{folder}/units.csv")
        self.process = subprocess.Popen([self.program, "serve", self.dir], stdout=subprocess.PIPE, text=True)
        load("at", self.process.stdout.readline().split("port ")[1].strip(), self.root)

    def configure(self, **values):
        with open(f"{self.dir}/config.yaml") as f:
            lines = f.read().splitlines()
        for name, value in values.items():
            lines = [f"{name}: {value}" if line.startswith(f"{name}:") else line for line in lines]
        with open(f"{self.dir}/config.yaml", "w") as f:
            f.write("\n".join(lines) + "\n")

    def memory(self):
        """PSS of the worker, kB."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))

    def kept(self):
        """Reports in the database."""
        with contextlib.closing(sqlite3.connect(f"file:{self.dir}/data/fleet.db?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM reports").fetchone()[0]

    def end(self):
        self.process.terminate()
        self.process.wait(30)


def certificate(chain, key):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=fleet.example", "-keyout", key, "-out", chain)


class Nginx:
    """A static file of an answer's size over the same TLS."""

    def __init__(self, folder):
        self.dir, self.port = f"{folder}/nginx", 18446
        os.mkdir(self.dir, 0o755)
        os.chmod(folder, 0o755)
        certificate(f"{self.dir}/chain.pem", f"{self.dir}/key.pem")
        with open(f"{self.dir}/file", "w") as f:
            f.write("abc")
        temp = " ".join(f"{name}_temp_path {self.dir}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(f"{self.dir}/nginx.conf", "w") as f:
            f.write(f"""worker_processes 1; daemon off; pid {self.dir}/pid; error_log {self.dir}/error.log;
events {{ worker_connections 2048; }}
http {{
	access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=10; {temp}
	server {{
		listen 127.0.0.1:{self.port} ssl; root {self.dir}; ssl_protocols TLSv1.3;
		ssl_certificate {self.dir}/chain.pem; ssl_certificate_key {self.dir}/key.pem;
	}}
}}
""")
        self.process = subprocess.Popen(["nginx", "-c", f"{self.dir}/nginx.conf"], stderr=subprocess.DEVNULL)
        time.sleep(0.5)

    def end(self):
        self.process.terminate()
        self.process.wait(30)


def ticks_us(pid):
    """Processor time of a process and of those it started."""
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        pids = [str(pid), *f.read().split()]
    all = 0
    for one in pids:
        with open(f"/proc/{one}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        all += int(fields[11]) + int(fields[12])
    return all * 1e6 / os.sysconf("SC_CLK_TCK")


class Best:
    """Of several turns of (a second, p50, p99, longest): each by itself, and the processor's time."""

    def __init__(self):
        self.rate, self.p50, self.p99, self.longest, self.us = 0, 1e9, 1e9, 1e9, 1e9

    def take(self, load, pid, count, *words):
        before = ticks_us(pid)
        rate, p50, p99, longest = load.figures(*words)
        self.us = min(self.us, (ticks_us(pid) - before) / count)
        self.rate, self.p50 = max(self.rate, rate), min(self.p50, p50)
        self.p99, self.longest = min(self.p99, p99), min(self.longest, longest)


def reports(load, fleet, best):
    best.take(load, fleet.process.pid, LANES * REPORTS, "report", LANES, REPORTS)
    return LANES * REPORTS


def bench(load, fleet, nginx, folder):
    sessions, alone, beside, static, rows = Best(), Best(), Best(), Best(), 0
    each, sent = UNITS // TURNS, 0
    for turn in range(TURNS):
        sessions.take(load, fleet.process.pid, each, "open", turn * each, each, LANES)
    for _ in range(TURNS):
        static.take(load, nginx.process.pid, 20000, "get", nginx.port, "/file", LANES, 20000)
        rows = max(rows, load.figures("rows", f"{folder}/rows.db", LANES, LANES * REPORTS)[0])
        sent += reports(load, fleet, alone)
    before = fleet.memory()
    began = time.monotonic()
    held = int(load("hold", LANES, UNITS - LANES)[0])
    took = time.monotonic() - began
    time.sleep(0.5)
    polls = (fleet.memory() - before) / held
    for _ in range(TURNS):
        sent += reports(load, fleet, beside)
    load("drop")
    kept = fleet.kept()
    if kept != sent:
        sys.exit(f"{sent} reports were acknowledged, and {kept} are in the database")
    slower, name = min((static.rate, "nginx"), (rows, "SQLite"))
    print(f"sessions, attested    {sessions.rate:8.0f} a second, p99 {sessions.p99:.1f} ms; {sessions.us:.0f} us of the service's processor time each")
    print(f"nginx, a static file  {static.rate:8.0f} a second, p99 {static.p99:.1f} ms; {static.us:.0f} us each")
    print(f"SQLite's own rows     {rows:8.0f} a second, {LANES} a commit")
    print(f"reports, each durable {alone.rate:8.0f} a second, p50 {alone.p50:.1f}, p99 {alone.p99:.1f} ms; {alone.us:.0f} us each; "
          f"{alone.rate / slower:.2f} of {name} (aim 0.5)")
    print(f"held polls            {held:8d}, {polls:.1f} KiB each, TLS included (aim under 20); {held / took:.0f} connect and ask a second")
    print(f"beside them           {beside.rate:8.0f} reports a second, p50 {beside.p50:.1f}, p99 {beside.p99:.1f} ms, longest {beside.longest:.0f}; "
          f"p99 {beside.p99 / alone.p99:.2f} of that without them (aim 1)")


def main(build):
    folder = tempfile.mkdtemp(prefix="keel-bench-", dir="/var/tmp")
    load = Load(os.path.abspath(build))
    ends = [lambda: shutil.rmtree(folder, ignore_errors=True), load.process.terminate]
    try:
        fleet = Fleet(os.path.abspath(build), folder, load)
        ends.append(fleet.end)
        nginx = Nginx(folder)
        ends.append(nginx.end)
        bench(load, fleet, nginx, folder)
    finally:
        for end in reversed(ends):
            end()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
