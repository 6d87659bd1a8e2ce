"""A whole hub without root: it is claimed, commanded and heats, and says itself which walls it lacks. EN 303 645 5.6-7.

Started by root, the test becomes a user that may nothing and owns nothing but its copies of the programs."""

import os
import re
import shutil
import tempfile

import hub
from hub import Hub, Maker, Person, need, until

NOBODY = 65534
ROOMS = ("vault", "door", "monitor", "app", "uplink")
PROGRAMS = ("KEEL", "KEELD", "THERMOSTAT")


def become_a_user():
    """Everything that is needed stands in a folder that the user can reach, wherever the build is."""
    if os.geteuid() != 0:
        return None
    folder = tempfile.mkdtemp(prefix="keel-user-")
    os.chmod(folder, 0o755)
    for name in PROGRAMS:
        os.environ[name] = shutil.copy(os.environ[name], folder)
    os.makedirs(f"{folder}/products/heating")
    shutil.copy(f"{hub.TOP}/products/heating/product.yaml", f"{folder}/products/heating")
    hub.TOP, hub.KEEL = folder, os.environ["KEEL"]
    os.chdir("/")
    os.environ["HOME"] = folder
    os.chown(folder, NOBODY, NOBODY)
    for at, folders, names in os.walk(folder):
        for name in folders + names:
            os.chown(f"{at}/{name}", NOBODY, NOBODY)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    return folder


class World:
    def __init__(self, folder):
        self.hub = Hub(f"{folder}/hub", Maker(f"{folder}/maker")).start()
        self.ann = Person(f"{folder}/ann", self.hub)

    def end(self):
        self.hub.stop()


def lacking(w):
    """What the log told: ("door", "user") for a room and a wall that it could not have."""
    return set(re.findall(r" warn (\S+) wall\.missing wall=(\S+)", w.hub.said()))


def every_room_is_this_user(w):
    need(os.geteuid() != 0, "this test is no user")
    with open(f"/proc/{w.hub.process.pid}/task/{w.hub.process.pid}/children") as f:
        children = f.read().split()
    need(len(children) == len(ROOMS), f"{len(children)} rooms")
    for pid in children:
        with open(f"/proc/{pid}/status") as f:
            need(f"Uid:\t{os.geteuid()}\t{os.geteuid()}\t" in f.read(), f"process {pid} is another user's")


def it_is_claimed_commanded_and_heats(w):
    w.ann.claim()
    w.ann.must("command", "set temperature", "celsius=29.5")
    until(30, "a burner that burns", lambda: int(open(f"{w.hub.hardware}/pwm1").read()) > 0)


def prov_5_6_7_log_and_statement_name_the_same_missing_walls(w):
    told = lacking(w)
    need({(room, "user") for room in ROOMS} <= told, f"the log names {told}")
    stated = set(w.ann.must("statement")["missing"])
    need(stated == {f"{room}: {wall}" for room, wall in told}, f"stated {stated}, logged {told}")


def a_person_reads_them_too(w):
    shown = w.ann.run("statement").stdout
    need("door: user" in shown, f"not shown: {shown}")


copies = become_a_user()
try:
    hub.main([every_room_is_this_user, it_is_claimed_commanded_and_heats,
              prov_5_6_7_log_and_statement_name_the_same_missing_walls, a_person_reads_them_too], World)
finally:
    if copies is not None:
        shutil.rmtree(copies)
