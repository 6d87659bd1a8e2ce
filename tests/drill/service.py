"""The maker's service of a home, from outside: its commands, its bytes, its kill and its return, and a net that is cut."""

import contextlib
import json
import os
import re
import signal
import sqlite3
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


def from_afar(home, who, *words):
    """As somebody who is not at home: no hub answers there. (answer, which way it went)"""
    done = home.run("keel", "owner", "--json", "--keys", f"{home.folder}/people/{who}", "--hub", f"https://{home.host}:9",
                    "--ca", home.ca, "--service", home.service, "--service-ca", home.ca, *words)
    need(done.returncode == 0, f"{who}, from afar: {' '.join(words)}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout), json.loads(done.stderr)


def complaint(home):
    """What a sanitizer said of the service in all its lives, or None."""
    said = re.search(r"^.*(?:ERROR: \w*Sanitizer|runtime error):.*$", home.log("fleet"), re.MULTILINE)
    return said and f"{said[0].strip()} (the rest is in {home.folder}/log/fleet)"


def reports(home):
    """[(number, kind, payload)] as the database has them, whoever writes meanwhile."""
    path = f"file:{home.folder}/fleet/data/fleet.db?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True, timeout=5)) as db:
        return db.execute("SELECT number, kind, payload FROM reports ORDER BY row").fetchall()


def kill(home):
    """kill -9, as a power cut would: nothing is put away."""
    with open(f"{home.folder}/pid/fleet") as f:
        os.kill(int(f.read()), signal.SIGKILL)


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
