"""keel new DIR: what it writes passes keel check, builds against libkeel, and obeys its owner under keeld."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import network  # noqa: E402

KEEL, KEELD, BUILD, CC = (os.environ[n] for n in ("KEEL", "KEELD", "BUILD", "CC"))
ADDRESS = "127.0.0.1"
URL = f"https://{ADDRESS}:8443"


def run(*args, status=0, **more):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=60, **more)
    if done.returncode != status:
        sys.exit(f"{args[0]} {args[1]}: exit {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
    return done.stdout


def build(at, new):
    """As its README says, with libkeel as it is installed: header, library and pkg-config's file."""
    installed = at / "installed"
    run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", installed)
    env = {**os.environ, "PKG_CONFIG_PATH": str(next(installed.rglob("keel.pc")).parent),
           "PKG_CONFIG_SYSROOT_DIR": str(installed), "LDFLAGS": os.environ["LINK"], "CC": CC}
    run("meson", "setup", "--werror", new / "build", new, env=env)
    run("meson", "compile", "-C", new / "build", env=env)


def make_door(unit):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
        "9", "-subj", "/CN=lamp", "-keyout", unit / "door.key", "-out", unit / "door.crt")


def until(what, seconds=20):
    """Tries until it gives something; keeld and its rooms take a moment."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.2)
    return None


def owner(at, *args):
    done = subprocess.run([KEEL, "owner", "--keys", at / "me", "--json", *args], capture_output=True, text=True,
                          timeout=60)
    return done.stdout if done.returncode == 0 else None


def light(at):
    state = owner(at, "state")
    values = json.loads(state).get("values", []) if state else []
    return next((float(v["value"]) for v in values if v["name"] == "light"), None)


def live(at):
    """Claims the lamp, sees full light, dims it, sees it dimmed."""
    label = at / "label.txt"
    if until(lambda: owner(at, "--hub", URL, "--label", label, "claim")) is None:
        sys.exit("the lamp cannot be claimed")
    if until(lambda: light(at) == 100) is None:
        sys.exit(f"the light is {light(at)}, not 100")
    if owner(at, "command", "dim", "light=30") is None or until(lambda: light(at) == 30) is None:
        sys.exit(f"the light is {light(at)}, not 30")
    if owner(at, "command", "dim", "light=101") is not None:
        sys.exit("a light of 101 % was taken")


def main():
    network.own()
    at = pathlib.Path(tempfile.mkdtemp(prefix="keel-new-"))
    at.chmod(0o755)
    new = at / "lamp-1"
    unit = new / "unit"
    run(KEEL, "new", new)
    run(KEEL, "new", new, status=1)
    run(KEEL, "new", at / "a b", status=2)
    run(KEEL, "check", new / "product.yaml")
    if re.search("@[A-Z]+@", "".join(f.read_text() for f in new.iterdir())):
        sys.exit("a place in the files was not filled")
    build(at, new)
    unit.mkdir()
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", at / "unit.pem")
    run(KEEL, "compile", new / "product.yaml", "--maker-key", at / "unit.pem", "-o", unit / "product.cbor")
    run(KEEL, "provision", "--home", unit, "--maker-key", at / "unit.pem", "--serial", "A-000001", "--label",
        at / "label")
    make_door(unit)
    with open(at / "log", "w", encoding="utf-8") as log:
        keeld = subprocess.Popen([KEELD, "--home", unit, "--address", ADDRESS, "--host", ADDRESS, "--app",
                                  new / "build/program"], stdout=log, stderr=log)
        try:
            live(at)
        except SystemExit:
            sys.stderr.write((at / "log").read_text()[-3000:])
            raise
        finally:
            keeld.terminate()
            keeld.wait(20)
    shutil.rmtree(at)


main()
