"""Principle 7: software integrity."""

import hashlib
import json
import os
import time

from day import events_since, last_event
from home import ROOMS, digest_of, exe, need, until
from service import judged


def what_runs_is_what_was_built(home):
    """Three things are the same: what the build made, what /proc says that each process runs, what is stated."""
    measured = {m["name"]: m["digest"] for m in home.must("anna", "statement")["measured"]}
    built = {name: digest_of(f"{home.build}/{path}") for name, path in
             (("keeld", "src/device/keeld"), ("app", "products/heating/thermostat"))}
    for room, pid in {"parent": home.keeld(), **{room: home.room(room) for room in ROOMS}}.items():
        program = built["app" if room == "app" else "keeld"]
        need(digest_of(f"/proc/{pid}/exe") == program, f"the {room} runs another program than was built: {exe(pid)}")
    for program, digest in built.items():
        need(measured.get(program) == digest, f"the statement's hash of {program} is not the program's")
    return "the build's programs, the running ones and the signed hashes are the same"


def the_maker_vouches_for_the_device(home):
    done = home.run("keel", "interrogate", home.url, "--ca", home.ca, "--maker", f"{home.folder}/hub/product.cbor", "--json")
    need(done.returncode == 0, f"the endorsement does not verify: {done.stderr}")
    need("version" not in json.loads(done.stdout), "a claimed hub tells its version to anyone")
    done = home.run("keel", "interrogate", home.url, "--ca", home.ca, "--json")
    need(done.returncode == 3 and "was not checked" in done.stderr, "an unvouched statement passes as checked")
    return "endorsed by the maker; unvouched says so"


def replace(path, content):
    """As whoever breaks in does it: what runs goes on, what starts next is another one."""
    mode = os.stat(path).st_mode
    with open(path + ".new", "wb") as f:
        f.write(content)
    os.chmod(path + ".new", mode)
    os.replace(path + ".new", path)


def a_changed_file_is_noticed(home):
    path = f"{home.folder}/installed/thermostat"
    before = last_event(home)
    with open(path, "rb") as f:
        content = f.read()
    try:
        replace(path, content + b"x")
        began = time.monotonic()
        event = until(5, "an event of the changed file", lambda: event_since(home, before, "file-changed"))
        took = time.monotonic() - began
        until(5, "a word of repair", lambda: any("repaired" in what for what in home.must("anna", "statement")["to_do"]))
    finally:
        replace(path, content)
    need(event["detail"] == path, f"another file was told: {event['detail']}")
    until(5, "the end of it", lambda: not any("repaired" in what for what in home.must("anna", "statement")["to_do"]))
    return f"a changed program told after {took:.1f} s"


def a_list_changed_with_the_file_is_refused(home):
    """Whoever can change a file can put its new hash into the list, but cannot sign that."""
    program, listed = f"{home.folder}/installed/thermostat", f"{home.folder}/hub/measures.cbor"
    with open(program, "rb") as f, open(listed, "rb") as g:
        content, signed = f.read(), g.read()
    old, new = hashlib.sha256(content).digest(), hashlib.sha256(content + b"x").digest()
    need(signed.count(old) == 1, "the program's hash does not stand in the list")
    before = last_event(home)
    try:
        replace(program, content + b"x")
        replace(listed, signed.replace(old, new))
        home.kill(home.room("monitor"))  # the list is read when it starts
        event = until(10, "an event of the false list", lambda: event_since(home, before, "file-changed"))
        need(event["detail"] == "measures.cbor", f"the list was taken, and only this was told: {event['detail']}")
        until(5, "a word of the list", lambda: any("list" in what for what in home.must("anna", "statement")["to_do"]))
    finally:
        replace(program, content)
        replace(listed, signed)
        home.kill(home.room("monitor"))
    until(10, "the end of it", lambda: not any("list" in what for what in home.must("anna", "statement")["to_do"]))
    return f"a list forged with it told as {event['detail']}"


def a_session_is_opened_by_what_runs(home):
    """The service holds what the device says of itself against the maker's list, before it lets it in."""
    seen = judged(home, "a session", lambda u: u["decision"] == "accepted" or u["grade"] != QUOTED)
    need(seen["grade"] == QUOTED, f"its evidence is {seen['grade']}")
    need(seen["version"] == "1.0.0", f"of another version: {seen}")
    return f"an attested session, {seen['decision']}, its evidence {seen['grade']}"


QUOTED = "quoted by TPM"

# A word of each that nobody reads while it runs, and so the same program but for one byte.
PROGRAMS = {"thermostat": ("thermostat", b"burner.unreachable"), "monitor": ("keeld", b"monitor.files-not-told"),
            "vault": ("keeld", b"vault.report-not-read"), "keeld": ("keeld", b"room.unheard")}


def one_changed_byte_is_flagged(home):
    """In four runs; each gets nothing but updates, and the operator sees by which program, and who vouches for that."""
    for name, (file, word) in PROGRAMS.items():
        path = f"{home.folder}/installed/{file}"
        with open(path, "rb") as f:
            content = f.read()
        need(word in content, f"{path} has no {word!r}")
        at = content.index(word) + len(word) - 1
        try:
            with home.hold_still():
                replace(path, content[:at] + bytes([content[at] ^ 1]) + content[at + 1:])
            seen = judged(home, f"a flag for the changed {name}", lambda u: "measurement" in u["reasons"])
            need(seen["decision"] == "quarantined", f"a changed {name} is {seen['decision']}")
            need(seen["grade"] == QUOTED, f"a changed {name} is told by evidence that is {seen['grade']}")
        finally:
            with home.hold_still():
                replace(path, content)
        after = judged(home, "the end of it", lambda u: "measurement" not in u["reasons"])
        need("ran_before" in after["reasons"], f"nobody knows that another {name} ran: {after}")
    with home.hold_still():
        home.reset_tpm()
    judged(home, "a clean start", lambda u: u["decision"] == "accepted")
    return (f"one byte changed in {', '.join(PROGRAMS)}: each {seen['decision']} ({seen['reasons'].split(';')[0]}), "
            f"the evidence {seen['grade']}; put back, {after['decision']} until it is switched off")


def event_since(home, after, word):
    return next(iter(events_since(home, after, word)), None)


CHECKS = [what_runs_is_what_was_built, the_maker_vouches_for_the_device, a_changed_file_is_noticed,
          a_list_changed_with_the_file_is_refused, a_session_is_opened_by_what_runs, one_changed_byte_is_flagged]
