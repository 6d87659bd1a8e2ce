"""The maker's service of a home, from outside: its commands, its bytes, its kill and its return, and a net that is cut."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess

from home import need, until


def fleet(home, command, *words):
    """keel-fleet on the home's service; its JSON, one a line."""
    done = home.run("keel-fleet", *command.split(), f"{home.folder}/fleet", *words, "--json")
    need(done.returncode == 0, f"keel-fleet {command}: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def unit(home):
    """The hub, as the service's operator sees it."""
    return fleet(home, "units")[0]


def judged(home, what, found, seconds=45):
    """Waits for a session that is judged so."""
    return until(seconds, what, lambda: (u := unit(home)).get("decision") and found(u) and u)


LARGEST = 1 << 30  # a sanitizer's shadow is terabytes


def nowhere(home):
    """Where no hub answers."""
    return f"https://{home.host}:9"


def afar(home, who, *words):
    """`keel owner` of somebody who is not at home."""
    return home.run("keel", "owner", "--json", "--yes", "--keys", f"{home.folder}/people/{who}", "--hub", nowhere(home),
                    "--ca", home.ca, "--service", home.service, "--service-ca", home.ca, *words)


def from_afar(home, who, *words):
    """(answer, which way it went)"""
    done = afar(home, who, *words)
    need(done.returncode == 0, f"{who}, from afar: {' '.join(words)}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout), json.loads(done.stderr)


def complaint(home):
    """What a sanitizer said of the service in all its lives, or None."""
    said = re.search(r"^.*(?:ERROR: \w*Sanitizer|runtime error):.*$", home.log("fleet"), re.MULTILINE)
    return said and f"{said[0].strip()} (the rest is in {home.folder}/log/fleet)"


def memory(home):
    """All that the service's two processes hold now: [worker's, signer's]"""
    pid = pid_of(home)
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [memory_of(one) for one in (pid, *map(int, f.read().split()))]


def memory_of(pid):
    parts = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            place, rights = line.split()[:2]
            start, end = (int(x, 16) for x in place.split("-"))
            if rights.startswith("rw") and end - start < LARGEST:  # what only it can have put there
                mem.seek(start)
                parts.append(mem.read(end - start))
    return b"".join(parts)


def reports(home):
    """[(number, kind, payload)] as the database has them, whoever writes meanwhile."""
    path = f"file:{home.folder}/fleet/data/fleet.db?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True, timeout=5)) as db:
        return db.execute("SELECT number, kind, payload FROM reports ORDER BY row").fetchall()


def pid_of(home):
    with open(f"{home.folder}/pid/fleet") as f:
        return int(f.read())


def held_in_memory(home, what):
    return any(what in held for held in memory(home))


def fetch(home, path):
    """(status, Content-Type, text) of what anybody gets, by the service's name."""
    context = ssl.create_default_context(cafile=home.ca)
    name, port = home.service.removeprefix("https://").split(":")
    to = http.client.HTTPSConnection(name, int(port), timeout=20, context=context)
    to.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", int(port)), 20), server_hostname=name)
    with contextlib.closing(to):
        to.request("GET", path)
        answer = to.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()


def kill(home):
    """kill -9, as a power cut would: nothing is put away."""
    os.kill(pid_of(home), signal.SIGKILL)


def start(home):
    done = home.shell("home_start_fleet", stdin=subprocess.DEVNULL)
    need(done.returncode == 0, "the service did not come back")


@contextlib.contextmanager
def cut(home):
    """While the hub's network leads nowhere."""
    subprocess.run(["ip", "link", "set", home.network, "down"], check=True)
    try:
        yield
    finally:
        subprocess.run(["ip", "link", "set", home.network, "up"], check=True)
