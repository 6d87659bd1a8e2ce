"""What the maker tells owners by the device's inbox: kept, given again until it is taken, and not to whom it is not for. EN 303 645 5.3-11, 5.9-3."""

import contextlib
import http.client
import signal
import sqlite3
import threading
import time

import fleet
from fleet import Device, need


def prepare(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    need(d.open()[0] == 200, "no session")
    return d


def tell(s, what, about, to="H1-1"):
    done = fleet.fleet("notice", s.dir, to, what, about)
    return done.returncode, done.stdout + done.stderr


def poll(d, taken, wait=0):
    """{number: what} of what is kept."""
    status, text = d.inbox(taken, wait)
    need(status == 200, f"{status} {text}")
    return {int(number): what for number, what in (item.split(":", 1) for item in text.split())}


def prov_5_3_11_a_notice_wakes_the_poll_and_is_given_until_it_is_taken(s):
    d, got = prepare(s), []
    waiting = threading.Thread(target=lambda: got.append(poll(d, 0, 20)), daemon=True)
    waiting.start()
    time.sleep(0.5)
    status, said = tell(s, "update", "2.4.1", to="hearth-h1")
    need(status == 0 and "1 units" in said, said)
    waiting.join(5)
    need(got and list(got[0].values()) == ["update=2.4.1"], f"{got}")
    number = next(iter(got[0]))
    need(poll(d, 0) == got[0], "what was not taken does not come again")
    need(poll(d, number) == {}, "what was taken comes again")
    tell(s, "vulnerability", "CVE-2026-1"), tell(s, "vulnerability", "CVE-2026-2")
    later = poll(d, number)
    need(list(later.values()) == ["vulnerability=CVE-2026-2"] and min(later) > number, f"{later}")
    need("notice  hearth-h1: update 2.4.1" in s.must("audit", s.dir), "the log does not say who told it")


def prov_5_9_3_a_service_killed_at_each_step_loses_no_notice(s):
    """Between being told, given and taken; the device keeps no more than the last number it took."""
    d, taken, seen = prepare(s), 0, []

    def killed():
        s.end(signal.SIGKILL)
        s.start()

    for at in ("told", "given", "taken", "told given taken"):
        need(tell(s, "vulnerability", f"AT-{len(seen)}")[0] == 0, "not told")
        if "told" in at:
            killed()
        given = poll(d, taken)
        if "given" in at:
            killed()
            need(poll(d, taken) == given, "what was given and not taken is gone")
        seen += given.values()
        taken = max(given)
        need(poll(d, taken) == {}, "it is given once more")
        if "taken" in at:
            killed()
            need(poll(d, taken) == {}, "it is given once more, after a kill")
    need(seen == [f"vulnerability=AT-{i}" for i in range(4)], f"{seen}")


def a_service_killed_at_any_time_loses_no_notice(s):
    d, taken, seen = prepare(s), 0, []

    def ask():
        nonlocal taken
        given = poll(d, taken)
        seen.extend(given.values())
        taken = max([taken, *given])

    for i in range(12):
        need(tell(s, "update", str(i))[0] == 0, "not told")
        threading.Timer(0.003 * i, s.process.kill).start()
        with contextlib.suppress(OSError, http.client.HTTPException):
            while True:
                ask()
        s.end()
        s.start()
        ask()
    need(seen == [f"update={i}" for i in range(12)], f"{seen}")


def an_owner_who_waits_when_the_service_dies_knows_at_once(s):
    """Requests are not kept: the connection breaks, nothing comes of it later, and asking again is enough."""
    d, ends = prepare(s), []
    poll(d, 0)

    def ask():
        try:
            ends.append(d.relay("sealed-1"))
        except (OSError, http.client.HTTPException):
            ends.append("broken")

    asked = threading.Thread(target=ask, daemon=True)
    asked.start()
    time.sleep(0.5)
    s.end(signal.SIGKILL)
    asked.join(2)
    need(ends == ["broken"], f"{ends}")
    s.start()
    need(poll(d, 0) == {}, "what nobody waits for is given")
    again = threading.Thread(target=ask, daemon=True)
    again.start()
    (number, text), = poll(d, 0, 10).items()
    need(text == "sealed-1" and d.answer(number, "opened-1") == 200, text)
    again.join(5)
    need(ends[-1][0] == 200 and "opened-1" in ends[-1][1], f"{ends}")


def what_is_no_notice_is_not_told(s):
    prepare(s)
    for what, about, why in (("update", "evil.example", "digits and dots"), ("vulnerability", "call 0800", "capitals"),
                             ("support", "soon", "name the day"), ("alarm", "1", "update, vulnerability or support"),
                             ("support", "2030-01-01", "was published")):
        status, said = tell(s, what, about)
        need(status == 1 and why in said, f"{what} {about}: {said}")
    need(tell(s, "update", "1", to="H1-2")[0] == 1, "a stranger is told")


def what_holds_now_counts_and_not_what_a_token_said(s):
    """Revoked, judged otherwise, in another home: from the next call on, in a session that is open."""
    d = prepare(s)
    tell(s, "update", "2")
    for change, status in (("UPDATE homes SET decision = 2", 409), ("UPDATE homes SET decision = 0, home = x'00'", 409),
                           ("UPDATE units SET revoked = 1", 403)):
        with sqlite3.connect(f"{s.dir}/data/fleet.db") as db:
            db.execute(change)
        need(d.inbox(0)[0] == status, f"inbox after {change}")
        need(d.answer(1, "x") == status, f"answer after {change}")
        need(d.report(1, 1)[0] == status, f"report after {change}")


def a_device_in_quarantine_is_told_once_it_is_out_of_it(s):
    d = prepare(s)
    need(d.open("changed")[1].split()[1] == "1", "not in quarantine")
    tell(s, "update", "2")
    need(poll(d, 0) == {}, "it is told")
    need(d.open()[0] == 200 and list(poll(d, 0).values()) == ["update=2"], "and now it is not")


if __name__ == "__main__":
    fleet.main([prov_5_3_11_a_notice_wakes_the_poll_and_is_given_until_it_is_taken,
                prov_5_9_3_a_service_killed_at_each_step_loses_no_notice, a_service_killed_at_any_time_loses_no_notice,
                an_owner_who_waits_when_the_service_dies_knows_at_once,
                what_is_no_notice_is_not_told, what_holds_now_counts_and_not_what_a_token_said,
                a_device_in_quarantine_is_told_once_it_is_out_of_it])
