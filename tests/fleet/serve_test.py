"""keel-fleet serve, from outside: sessions, reports, inbox, relay, and what is refused. EN 303 645 5.5, 5.7, 5.9."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import threading
import time

import fleet
from fleet import Device, need, until


def a_session_opens_and_reports_are_taken_once(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    status, result = d.open()
    need(status == 200 and result.split()[:2] == ["0", "0"], f"no session: {status} {result}")
    need(abs(int(result.split()[2]) - time.time()) < 5, "the service's time is another")
    need(d.report(1, 3) == (200, "3"), "three reports are not taken")
    need(d.report(2, 4) == (200, "5"), "what overlaps is not taken on")
    need(d.report(1, 5) == (200, "5"), "what was taken is not said so")
    status, result = d.open()
    need(result.split()[0] == "5", "a new session does not say what was taken")
    unit, = s.units()
    need((unit["reports"], unit["state"], unit["decision"]) == (5, "here", "accepted"), f"{unit}")
    d.end()


def prov_5_5_1_a_statement_for_interrogate_opens_no_session(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    status, why = d.open("interrogate")
    need(status == 403 and why.startswith("purpose:"), f"{status} {why}")
    d.end()


def prov_5_5_1_a_stolen_token_is_good_for_nobody(s):
    d, thief = Device(s.start(), "H1-1"), Device(s, "H1-2")
    s.enrol(d, thief)
    need(d.open()[0] == 200 and thief.open()[0] == 200, "no sessions")
    thief.say("steal", d.say("token"))
    status, why = thief.report(1, 1)
    need(status == 403, f"a stolen token reports: {status} {why}")
    need(d.report(1, 1) == (200, "1"), "its owner is not served any more")
    need(d.report(2, 1, 1, "/v1/inbox")[0] == 403, "a call for another path is taken")
    d.end(), thief.end()


def prov_5_7_1_a_changed_program_is_quarantined_with_the_reason(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    for how in ("changed", "debug"):
        status, result = d.open(how)
        need(status == 200 and result.split()[1] == "1", f"not only updates: {status} {result}")
        unit, = s.units()
        need(unit["state"] == "quarantined" and {"changed": "keeld", "debug": "debug"}[how] in unit["reasons"], f"{unit}")
        status, why = d.report(1, 1)
        need(status == 409 and "quarantine" in why, f"a device in quarantine reports: {status} {why}")
        need(d.inbox(0)[0] == 200 and d.relay("x")[0] == 409, "a device in quarantine is relayed for")
    need(d.open()[1].split()[1] == "0" and d.report(1, 1) == (200, "1"), "it does not come back")
    with open(f"{s.dir}/policy.yaml", "w") as f:
        f.write("debug: accept\n")
    s.end(), s.start()
    need(d.open("debug")[1].split()[1] == "0" and s.units()[0]["state"] == "here", "the maker's policy does not hold")
    d.end()


def an_unknown_unit_is_refused_and_shown(s):
    d = Device(s.start(), "H1-9")
    status, why = d.open()
    need(status == 403 and why.startswith("unknown:"), f"{status} {why}")
    until(5, "the stranger in the list", lambda: "H1-9" in s.must("odd", s.dir))
    d.end()


def a_revoked_unit_is_refused_in_its_open_session_too_and_shown(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    need(d.open()[0] == 200 and d.report(1, 1) == (200, "1"), "no session")
    s.must("revoke", s.dir, "H1-1", "--why", "stolen from the depot")
    status, why = d.report(2, 1)
    need(status == 403 and "right:" in why, f"a revoked unit reports: {status} {why}")
    need(d.inbox(0)[0] == 403, "a revoked unit has an inbox")
    need(d.relay("hello")[0] == 409, "a request is carried to a revoked unit")
    status, why = d.open()
    need(status == 403 and why.startswith("revoked:"), f"a revoked unit opens a session: {status} {why}")
    until(5, "the refusal in the list", lambda: "revoked" in s.must("odd", s.dir))
    need(s.units()[0]["revoked"] == "stolen from the depot", "the reason is not shown")
    s.must("reinstate", s.dir, "H1-1")
    need(d.open()[0] == 200 and d.report(2, 1) == (200, "2"), "a unit that was reinstated is refused")
    s.must("audit", "verify", s.dir)
    d.end()


def what_is_of_no_known_kind_is_refused_counted_and_its_number_taken(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    need(d.report(1, 2, 7) == (200, "2"), "its number is not taken")
    unit, = s.units()
    need(unit["refused"] == 2 and "kind" in s.must("odd", s.dir), f"not counted: {unit}")
    d.end()


def prov_6_4_only_declared_telemetry_is_kept_and_for_its_time(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    need(d.telemetry(1, "burner starts", "count", 7) == (200, "1"), "declared telemetry is not taken")
    need(d.telemetry(1, "burner starts", "count", 7) == (200, "1"), "what comes again is an error")
    for number, (name, unit, value) in enumerate((("presence", "count", 1), ("burner starts", "s", 1), ("burner starts", "count", -1)), 2):
        need(d.telemetry(number, name, unit, value) == (200, str(number)), "the number of what is refused is not taken")
    unit, = s.units()
    need((unit["reports"], unit["refused"], unit["state"]) == (4, 3, "odd"), f"{unit}")
    need(sorted(json.loads(line)["what"] for line in s.must("odd", s.dir, "--json").splitlines()) == ["range", "undeclared", "unit"], "the reasons")
    db = sqlite3.connect(f"file:{s.dir}/data/fleet.db?mode=ro", uri=True)
    rows = db.execute("SELECT number, until - came FROM reports").fetchall()
    db.close()
    need(rows == [(1, 365 * 86400)], f"not the one report, for its declared time: {rows}")
    s.end(), s.start()  # a token that is known, of a device that is not
    need(d.telemetry(5, "sensor faults", "count", 1) == (200, "5"), "not after a restart")
    need(s.units()[0]["refused"] == 3, "declared telemetry was refused after a restart")
    d.end()


def what_comes_again_is_not_one_more_measurement(s):
    """Hourly, the last one a little early: at the declared pace, if the first counts once although it came twice."""
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    for number, ago in ((1, 7200), (1, 7200), (2, 3600), (3, 600)):
        need(d.telemetry(number, "burner starts", "count", 1, ago) == (200, str(number)), f"{number} is not taken")
    need(s.units()[0]["refused"] == 0, s.must("odd", s.dir))
    for number in (4, 5):
        need(d.telemetry(number, "burner starts", "count", 1) == (200, str(number)), f"{number} is not taken")
    need(s.units()[0]["refused"] == 1 and "often" in s.must("odd", s.dir), "too often is not seen")
    d.end()


def a_new_home_begins_anew(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    d.report(1, 4)
    d.say("home", "b")
    status, why = d.report(5, 1)
    need(status in (403, 409), f"a call of another home than the token's: {status} {why}")
    status, result = d.open()
    need(status == 200 and result.split()[0] == "0", f"the old home's numbers go on: {result}")
    need(d.report(1, 1) == (200, "1"), "the new home's first report is not taken")
    d.end()


def an_older_list_of_owners_is_refused(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.say("number", 5)
    need(d.open()[0] == 200, "no session")
    d.say("number", 4)
    status, why = d.open()
    need(status == 403 and why.startswith("owners:"), f"{status} {why}")
    d.end()


# --- inbox and relay


class Away(threading.Thread):
    """An owner who waits for an answer."""

    def __init__(self, device, text):
        super().__init__(daemon=True)
        self.device, self.text, self.seen = device, text, None
        self.start()

    def run(self):
        with contextlib.suppress(OSError):  # the service ends before the answer
            self.seen = self.device.relay(self.text)


def a_request_goes_to_a_device_that_waits_and_its_answer_comes_back(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    polled = []
    poll = threading.Thread(target=lambda: polled.append(d.inbox(0, 20)), daemon=True)
    poll.start()
    time.sleep(0.5)
    began = time.monotonic()
    asked = Away(d, "sealed-1")
    poll.join(10)
    need(polled and polled[0][0] == 200, f"the poll is not answered: {polled}")
    need(time.monotonic() - began < 2, "the poll was not woken")
    number, text = polled[0][1].split(":")
    need(text == "sealed-1", f"another request: {text}")
    need(d.inbox(number)[1].startswith(number), "what was not answered does not come again")
    need(d.answer(number, "opened-1") == 200, "the answer is not taken")
    need(d.inbox(0)[1] == "", "what was answered comes again")
    asked.join(5)
    need(asked.seen is not None and asked.seen[0] == 200, f"the owner has no answer: {asked.seen}")
    status, body, heard = asked.seen[1].split()
    need((status, body) == ("200", "opened-1") and abs(int(heard) - time.time()) < 5, f"{asked.seen}")
    need(d.answer(number, "late") == 200, "an answer that nobody waits for is an error")
    d.end()


def a_request_that_waits_is_given_to_the_next_poll_at_once(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    asked = Away(d, "sealed-1")
    time.sleep(0.5)
    began = time.monotonic()
    status, items = d.inbox(0, 30)
    need(status == 200 and items.endswith(":sealed-1") and time.monotonic() - began < 2, f"{status} {items}")
    d.answer(items.split(":")[0], "opened-1")
    asked.join(5)
    need(asked.seen is not None and asked.seen[0] == 200, f"the owner has no answer: {asked.seen}")
    d.end()


def a_poll_ends_with_nothing_when_its_time_is_over(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    began = time.monotonic()
    need(d.inbox(0, 2) == (200, ""), "no empty answer")
    need(1.5 < time.monotonic() - began < 4, "not after its time")
    d.end()


def when_a_device_was_heard_is_written_down_while_it_serves(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    opened = s.units()[0]["heard"]
    s.end()
    time.sleep(1.1)
    s.start()  # it has written nothing down of this device yet: its first time is due at once, the next in a minute
    d.inbox(0)
    until(8, "the poll's time", lambda: s.units()[0]["heard"] > opened)
    d.end()


def only_an_owner_of_the_home_is_relayed_for(s):
    d, other = Device(s.start(), "H1-1"), Device(s, "H1-2")
    s.enrol(d, other)
    d.open()
    d.inbox(0)
    d.say("new-owner")
    status, stranger = d.relay("x")
    need(status == 403, f"a stranger is relayed for: {status}")
    status, nobody = other.relay("x")
    need((status, nobody) == (403, stranger), "a stranger learns which devices there are")
    d.say("number", 2)
    need(d.open()[0] == 200, "no session with the new owner")
    d.say("home", "c")
    need(d.relay("x")[0] == 403, "an owner of another home is relayed for")
    d.end(), other.end()


def a_device_that_is_away_is_told_of_with_its_time(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    s.end(), s.start()
    status, why = d.relay("x")
    need(status == 503 and "away" in why and time.strftime("%Y-%m-%d", time.gmtime()) in why, f"{status} {why}")
    d.end()


def what_is_of_one_home_is_in_no_other(s):
    """Two homes with two products: requests, answers, reports and keys. EN 303 645 5.5-5, 5.8."""
    d = Device(s, "H1-1")
    with open(f"{s.folder}/product.yaml") as f:
        text = f.read()
    need("hearth-h1" in text, "the example's declaration has changed")
    with open(f"{s.folder}/other.yaml", "w") as f:
        f.write(text.replace("hearth-h1", "hearth-h2"))
    s.product = f"{s.folder}/other.cbor"
    fleet.subprocess.run([fleet.KEEL, "compile", f"{s.folder}/other.yaml", "--maker-key", s.maker, "-o", s.product], check=True)
    s.must("product", "add", s.dir, s.product)
    s.start()
    other = Device(s, "H2-1")
    s.enrol(d, other)
    need(d.open()[0] == 200 and other.open()[0] == 200, "no sessions")
    need(other.report(1, 3) == (200, "3"), "no reports")
    units = {u["serial"]: (u["model"], u["reports"]) for u in s.units()}
    need(units == {"H1-1": ("hearth-h1", 0), "H2-1": ("hearth-h2", 3)}, f"{units}")
    d.inbox(0), other.inbox(0)
    asked = Away(d, "sealed-1")
    number = until(5, "the request", lambda: d.inbox(0)[1]).split(":")[0]
    need(other.inbox(0) == (200, ""), "a request is in another home's inbox")
    need(other.answer(number, "false") == 200 and other.inbox(number) == (200, ""), "another home takes its number")
    asked.join(0.5)
    need(asked.seen is None, f"another home answered: {asked.seen}")
    need(d.inbox(0)[1].endswith(":sealed-1") and d.answer(number, "opened-1") == 200, "another home took it away")
    asked.join(5)
    need(asked.seen[1].split()[:2] == ["200", "opened-1"], f"{asked.seen}")
    d.say("steal", other.say("token"))
    need(d.inbox(0)[0] == 403, "one home's key opens another's inbox")
    d.end(), other.end()


def relays_of_one_device_are_bounded(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    d.inbox(0)
    waiting = [Away(d, f"r{i}") for i in range(9)]
    until(5, "a refusal", lambda: any(w.seen is not None and w.seen[0] == 429 for w in waiting))
    need(sum(w.seen is not None for w in waiting) == 1, "more than one was refused")
    need(len(d.inbox(0)[1].split()) == 8, "not eight wait")
    d.end()


# --- everybody


def prov_5_2_1_everybody_finds_where_to_report_and_how_long_it_is_supported(s):
    s.start()
    status, _, text = s.get("/")
    need(status == 200 and "/p/hearth-h1/" in text, f"no list of products: {status}")
    status, fields, text = s.get("/p/hearth-h1/")
    need(status == 200 and "2033" in text and "default-src 'none'" in fields["Content-Security-Policy"], "no page of a product")
    status, fields, text = s.get("/.well-known/security.txt")
    need(status == 200 and "Contact: " in text and "Expires: " in text, f"{status} {text}")
    for path, kind in (("/style.css", "text/css"), ("/p/hearth-h1/product.json", "application/json"), ("/p/hearth-h1/mud.json", "application/mud+json")):
        status, fields, text = s.get(path)
        need(status == 200 and fields["Content-Type"].startswith(kind) and text, f"{path}: {status} {fields}")
    need(s.get("/p/other/")[0] == 404 and s.get("/p")[0] == 404 and s.get("/p/hearth-h1/../")[0] == 400, "what is not there")


def the_statement_of_compliance_is_there_when_somebody_signed_it(s):
    need("Ann Maker" not in s.start().get("/p/hearth-h1/statement")[2], "a statement that nobody signed")
    s.end()
    s.configure(statement_batch='"all"', statement_signature='"A. Maker"', statement_signatory='"Ann Maker"', statement_function='"Head of products"',
                statement_place='"Leeds"', statement_date="2026-11-02")
    status, _, text = s.start().get("/p/hearth-h1/statement")
    need(status == 200 and all(word in text for word in ("Ann Maker", "Head of products", "Leeds", "2026")), f"{status} {text}")
    need(s.get("/p/hearth-h1/statement.json")[0] == 200, "not for programs")


def prov_5_3_13_a_shorter_support_period_is_refused(s):
    with open(f"{s.folder}/product.yaml") as f:
        text = f.read()
    for until, status in (("2034-06-01", 0), ("2034-05-31", 1)):
        need("2033-12-01" in text, "the example's declaration has changed")
        with open(f"{s.folder}/next.yaml", "w") as f:
            f.write(text.replace("2033-12-01", until))
        fleet.subprocess.run([fleet.KEEL, "compile", f"{s.folder}/next.yaml", "--maker-key", s.maker, "-o", f"{s.folder}/next.cbor"], check=True)
        done = fleet.fleet("product", "add", s.dir, f"{s.folder}/next.cbor")
        need(done.returncode == status, f"{until}: {done}")
    need("never shortened" in done.stderr, f"{done}")
    text = s.start().get("/p/hearth-h1/")[2]
    need("2034" in text and "2033" in text, "the page does not show what was extended")


def it_listens_where_config_yaml_says_and_only_there(s):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    s.configure(address='"127.0.0.1 ::1"', port=str(port))
    s.start()
    for address in ("127.0.0.1", "::1"):
        socket.create_connection((address, s.port), timeout=5).close()
    try:
        socket.create_connection(("127.0.0.2", s.port), timeout=5).close()
        need(False, "it listens where nobody said")
    except ConnectionRefusedError:
        pass
    s.end()
    for address, why in (("here", "here is no address"), (" ", "names no address"), ("127.0.0.1 " * 9, "more than 8")):
        s.configure(address=f'"{address}"', port="0")
        done = fleet.fleet("serve", s.dir)
        need(done.returncode == 1 and why in done.stderr and "Next:" in done.stderr, f"{address}: {done}")


# --- an end


def prov_5_9_1_killed_amid_reports_it_loses_and_doubles_none(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    for _ in range(3):
        acknowledged = 0
        killer = threading.Timer(0.2, s.process.kill)
        first = int(d.open()[1].split()[0]) + 1
        try:
            while True:
                status, taken = d.report(first + acknowledged, 1)
                need(status == 200 and int(taken) == first + acknowledged, f"{status} {taken}")
                acknowledged += 1
                if acknowledged == 6:
                    killer.start()
        except OSError:
            pass
        s.end(signal.SIGKILL)
        s.start()
        taken = int(d.open()[1].split()[0])
        need(acknowledged > 5 and taken in (first + acknowledged - 1, first + acknowledged), f"{first} {acknowledged} {taken}")
        need(s.units()[0]["reports"] == taken, "the numbers differ")
    d.end()


def a_session_outlives_a_restart(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    need(s.end() == 0, "it does not end in order")
    s.start()
    need(d.report(1, 1) == (200, "1"), "a token is unknown after a restart")
    d.end()


def a_key_rolls_over_and_the_old_ones_tokens_are_known(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    d.open()
    s.end()
    s.must("key", "roll", s.dir)
    s.start()
    need(d.report(1, 1) == (200, "1"), "a token of the last key is refused")
    need(d.open()[0] == 200 and d.report(2, 1) == (200, "2"), "no session with the next key")
    os.remove(f"{s.dir}/keys/root.pem")
    refused = fleet.fleet("key", "roll", s.dir)
    need(refused.returncode == 1 and "root.pem" in refused.stderr, f"{refused}")
    d.end()


def walls_of(pid):
    with open(f"/proc/{pid}/status") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    return status["NoNewPrivs"], status["Seccomp"], status["Threads"]


def prov_5_6_7_both_processes_stand_behind_walls_and_none_goes_on_alone(s):
    s.start()
    children = os.popen(f"ps -o pid= --ppid {s.process.pid}").read().split()
    need(len(children) == 1, f"no signer, or more: {children}")
    for pid, threads in ((s.process.pid, "2"), (children[0], "1")):
        until(10, f"a filter on {threads} threads", lambda: walls_of(pid) == ("1", "2", threads))
    os.kill(int(children[0]), signal.SIGKILL)
    need(s.process.wait(10) == 1, "the worker goes on without a signer")
    with open(f"{s.folder}/log") as f:
        need("the signer has ended" in f.read(), "nobody is told")


if __name__ == "__main__":
    fleet.main([f for f in list(globals().values()) if getattr(f, "__module__", "") == "__main__" and f not in (Away, walls_of)])
