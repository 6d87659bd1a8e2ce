"""Principle 6: minimal attack surface."""

import os
import shutil
import subprocess

from home import ROOMS, need, until

# /proc/net's tables, and the state in which a socket waits for somebody.
WAITS = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}
SECRET = "whoever reads this has no wall\n"


def listeners(home):
    """{(table, port or name)} of what can be reached in the hub's network, whoever opened it, from /proc."""
    found = set()
    for table in (*WAITS, "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6"):
        for row in rows_of(home, table):
            if row[3] == WAITS.get(table, row[3]):
                found.add((table, int(row[1].rsplit(":", 1)[1], 16)))
    for row in rows_of(home, "packet"):
        found.add(("packet", row[3]))
    for row in rows_of(home, "unix"):
        listens, datagrams = int(row[3], 16) & 0x10000, row[4] == "0002" and len(row) > 7
        if listens or datagrams:
            found.add(("unix", " ".join(row[7:])))
    return found


def rows_of(home, table):
    try:
        with open(f"/proc/{home.keeld()}/net/{table}") as f:
            return [line.split() for line in f.read().splitlines()[1:]]
    except FileNotFoundError:
        return []  # a kernel without this protocol


def only_the_declared_port_is_open(home):
    found = listeners(home)
    need(("tcp", 8443) in found, f"the declared port is not open: {sorted(found)}")
    need(found == {("tcp", 8443)}, f"undeclared sockets are open: {sorted(found - {('tcp', 8443)})}")
    return "the one declared port is open, and no socket of another kind"


def every_room_has_its_walls(home):
    users = {}
    for room in ROOMS:
        status = home.status(home.room(room))
        users[room] = status["Uid"].split()[0]
        need(status["Seccomp"] == "2", f"{room} runs without a system call filter")
        need(status["NoNewPrivs"] == "1", f"{room} may gain privileges")
        need(int(status["CapEff"], 16) == 0, f"{room} holds capabilities")
        shares = os.readlink(f"/proc/{home.room(room)}/ns/net") == os.readlink(f"/proc/{home.keeld()}/ns/net")
        need(shares == (room == "uplink"), f"{room} {'shares' if shares else 'lacks'} the hub's network")
    need("0" not in users.values() and len(set(users.values())) == len(ROOMS), f"rooms share a user: {users}")
    return "each room has a user and a filter of its own, and all but the uplink an empty network"


def a_program_touches_no_foreign_file(home):
    """Landlock shows nowhere in /proc: a second hub runs a product's program that tries what it forbids."""
    folder = f"{home.folder}/intruder"
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("hub", "hardware"):
        shutil.copytree(f"{home.folder}/{part}", f"{folder}/{part}")
    shutil.rmtree(f"{folder}/hub/vault")
    program = shutil.copy(f"{home.build}/tests/drill/intruder", folder)
    with open(f"{folder}/open-to-all", "w") as f:
        f.write(SECRET)
    os.chmod(folder, 0o777)
    hub = home.inside(f"{home.bin}/keeld", "--home", f"{folder}/hub", "--address", "127.0.0.1", "--hardware",
                      f"{folder}/hardware", "--app", program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                      env=home.env)
    try:
        said = until(10, "the intruder's word", lambda: word_in(f"{folder}/hardware/pwm1"))
    finally:
        hub.terminate()
        hub.wait()
    need(SECRET.strip() not in said, "the product's program read a file that is not its own")
    need(not os.path.exists(f"{folder}/was-here"), "the product's program made a file")
    return "a program that tries reads and makes no file of others"


def word_in(burner):
    with open(burner) as f:
        text = f.read()
    return text if "read" in text else None


def the_door_says_nothing_needless(home):
    status, headers, body = home.post("/", None)
    need(status == 200 and b"<script" not in body.lower(), "the door's page has a script")
    need("Server" not in headers, "the door says which server it is")
    status, _, _ = home.post("/", None, headers={"Host": "evil.example"})
    need(status in (400, 403, 421), f"a foreign Host was taken ({status})")
    status, _, _ = home.post("/v1/hello", b"\xa0", headers={"Origin": "https://evil.example"})
    need(status == 403, f"a foreign Origin was taken ({status})")
    return "no script, no Server header, no foreign Host or Origin"


CHECKS = [only_the_declared_port_is_open, every_room_has_its_walls, a_program_touches_no_foreign_file,
          the_door_says_nothing_needless]
