"""keel owner: every command of an owner and of a guest at a real hub, and each way to be refused."""

import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import socket
import threading
import time

import hub
from hub import Cut, Front, Hub, Maker, Person, need, until


class World:
    def __init__(self, folder):
        self.folder = folder
        maker = Maker(f"{folder}/maker")
        Maker(f"{folder}/stranger").product(f"{folder}/stranger/product.cbor")
        self.hub = Hub(f"{folder}/one", maker)
        self.other = Hub(f"{folder}/two", maker)  # only its label is needed
        self.hub.start()
        self.ann, self.bob, self.guest = (Person(f"{folder}/people/{n}", self.hub) for n in ("ann", "bob", "guest"))

    def end(self):
        self.hub.stop()

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w") as f:
            f.write(text)
        return f"{self.folder}/{name}"


def bad_arguments_are_not_understood(w):
    for words in (("dance",), (), ("state", "now"), ("command",), ("history",), ("join", "not an invitation"),
                  ("join", "AAAA"), ("claim",)):
        need(w.ann.run(*words).returncode == 2, f"{words} was understood")
        status, answers = w.ann.ask(*words)
        need(status == 2 and len(answers) == 1 and answers[0]["error"] == "form", f"{words}: {status} {answers}")
    need(hub.keel("owner", "--keys", w.ann.keys, "--hub", "http://127.0.0.1", "--label", w.hub.label, "claim").returncode == 2,
         "an address without TLS")
    for url in ("https://", "https://127.0.0.1:1/path", "https://user@127.0.0.1", "https://127.0.0.1 x"):
        need(w.ann.run("claim", options=("--label", w.hub.label), url=url).returncode == 2, f"{url} was taken")
    need(hub.keel("owner", "--help").returncode == 0, "no help")
    need(hub.keel("owner", "--unknown").returncode == 2, "an unknown option")


def what_is_not_understood_is_named(w):
    """The first line names the word, the third what would be right; the same mistake has the same exit."""
    label = ("--label", w.hub.label)
    nowhere, no_label = f"{w.folder}/nowhere", w.write("no label", "hello\n")
    for options, words, what, next in (
            (("--what",), ("state",), "there is no option --what", "keel owner --help"),
            (("-x",), ("state",), "there is no option -x", "keel owner --help"),
            (("--json=1",), ("state",), "--json=1: this option takes no value", "keel owner --help"),
            (("--label",), (), "--label needs a value", "keel owner --help"),
            ((), (), "no command was named", "keel owner --help"),
            ((), ("dance",), "there is no command dance", "keel owner --help"),
            ((), ("history",), "history needs more words", "keel owner history DATUM [FROM [TO]]"),
            ((), ("state", "now"), "state has more words", "keel owner state."),
            ((), ("claim",), "label is needed", "add --label FILE"),
            (("--label", nowhere), ("claim",), f"cannot open {nowhere}", "check the path"),
            (("--label", w.folder), ("claim",), f"cannot read {w.folder}", "name a file"),
            (("--label", no_label), ("claim",), "not a label's text", "KEEL1:"),
            (("--ca", nowhere, *label), ("claim",), f"cannot open the CA's file {nowhere}", "name with --ca"),
            (("--ca", no_label, *label), ("claim",), f"{no_label} holds no certificate", "name with --ca"),
            (("--hub", "http://127.0.0.1", *label), ("claim",), "http://127.0.0.1 is not a hub's address", "name it like https://"),
            (("--hub", "", *label), ("claim",), "no hub is named", "name it like https://")):
        w.ann.told(*words, options=options, status=2, what=what, next=next)
    done = hub.keel("owner", "--keys", f"{w.folder}/people/none", *label, "claim")
    need(done.returncode == 2 and "no hub is named" in done.stderr, f"without --hub: {done}")


def a_fault_is_three_lines(w):
    lines = w.ann.run("state").stderr.splitlines()
    need(len(lines) == 3 and lines[0].startswith("keel: no home is known") and lines[2].startswith("  Next: "),
         f"not three lines: {lines}")


def another_hubs_label_is_refused(w):
    sentence = w.ann.refused("claim", error="auth", options=("--label", w.other.label))
    need("another device answers" in sentence, sentence)


def a_label_is_read_strictly(w):
    with open(w.hub.label) as f:
        text = f.read().strip()
    wrong = text[:-1] + ("0" if text[-1] != "0" else "1")
    sentence = w.ann.refused("claim", error="range", status=2, options=("--label", w.write("check", wrong)))
    need("characters is wrong" in sentence, sentence)
    for name, content in (("short", text[:40]), ("empty", ""), ("words", "my label\n"), ("twice", text + text)):
        w.ann.refused("claim", error="form", status=2, options=("--label", w.write(name, content)))
    w.ann.refused("claim", error="none", status=2, options=("--label", f"{w.folder}/nowhere"))
    w.ann.refused("claim", error="form", status=2, options=("--label", w.hub.label, "--name", "x" * 41))


def a_wrong_code_is_refused_and_costs_time(w):
    with open(w.hub.label) as f:
        ours = f.read().strip().split(":")
    with open(w.other.label) as f:
        code = f.read().strip().split(":")[3]
    mixed = w.write("mixed", ":".join(ours[:3] + [code]))
    for wrong in range(6):  # a slow machine may take longer over a code than the hub makes it wait
        status, answers = w.bob.ask("claim", options=("--label", mixed))
        if "wait" in answers[0]["sentence"]:
            break
        need(status == 1 and answers[0]["error"] == "auth", f"a wrong code was taken: {answers}")
    need(wrong >= 1 and "wait" in answers[0]["sentence"] and " s" in answers[0]["next"], f"no time was lost: {answers}")
    time.sleep(2 ** wrong + 0.2)


def a_cut_claim_is_finished(w):
    way = Cut(w.hub)
    status, answers = w.ann.ask("claim", options=("--label", w.hub.label, "--name", "Ann"), url=way.url)
    need(status == 1 and answers[0]["error"] == "io" and way.lost > 0, f"the claim was not cut: {status} {answers}")
    entry = f"{w.ann.keys}/entry"
    need(os.stat(entry).st_mode & 0o777 == 0o600 and os.stat(w.ann.keys).st_mode & 0o777 == 0o700, "others can read it")
    with open(entry, "rb") as f:
        need(f.read(1) == b"\xac", "the claim under way is not the map of 12 that it should be")
    need(hub.keel("interrogate", w.hub.url, "--json").stdout.find('"state":0') < 0, "the hub did not take the claim")
    me = w.ann.claim()
    need(me["role"] == "owner" and me["name"] == "Ann" and not os.path.exists(entry), f"not finished: {me}")
    need([p["name"] for p in w.ann.must("people")["people"]] == ["Ann"], "the name did not come after the claim")
    need(os.stat(f"{w.ann.keys}/member").st_mode & 0o777 == 0o600, "others can read the keys")
    w.ann.me = me["you"]


def a_claimed_hub_is_not_claimed_again(w):
    w.bob.refused("claim", error="state", options=("--label", w.hub.label))
    w.bob.told("claim", options=("--label", w.hub.label), what="has owners already", next="ask an owner for an invitation")
    sentence = w.ann.refused("claim", error="state", options=("--label", w.other.label))
    need("keys of a home already" in sentence, sentence)


def state_is_shown(w):
    values = until(10, "the temperature", lambda: [v for v in w.ann.must("state")["values"] if v["name"] == "temperature"])
    need(values[0]["value"] == 20, f"20000 thousandths are 20 degrees: {values}")
    text = w.ann.run("state").stdout
    need("role: owner" in text and re.search(r"^temperature +20 °C +\d+ s$", text, re.M), f"for a person: {text}")
    line = next(v for v in text.splitlines() if v.startswith("time: "))
    need(line.count("-") == 2 and line.count(":") == 3, f"no date and time: {line}")


def a_busy_hub_is_asked_again(w):
    """More than wait for the vault at once, or come within a second: each gets its answer, later."""
    with concurrent.futures.ThreadPoolExecutor(24) as many:
        done = [r.result() for r in [many.submit(w.ann.run, "kept") for _ in range(24)]]
    need(all(d.returncode == 0 for d in done), f"24 at once: {[d.stderr for d in done if d.returncode]}")


def a_door_that_stays_closed_is_told(w):
    """What a door does to whoever comes too often: it takes the connection, and closes it before TLS."""
    tries = []
    with socket.create_server(("127.0.0.1", 0)) as closed:
        def close_each():
            with contextlib.suppress(OSError):
                while True:
                    closed.accept()[0].close()
                    tries.append(time.monotonic())

        threading.Thread(target=close_each, daemon=True).start()
        done = w.ann.run("state", url=f"https://127.0.0.1:{closed.getsockname()[1]}")
    need(done.returncode == 1 and "rations new connections" in done.stderr and "Next: wait" in done.stderr, f"not told: {done}")
    need(len(tries) == 5 and 1 < tries[-1] - tries[0] < 10, f"tries: {tries}")


def watch_is_a_line_a_second(w):
    lines = w.ann.run("watch", "2").stdout.splitlines()
    need(len(lines) == 2 and all("temperature 20 °C" in line for line in lines), f"watch: {lines}")
    status, answers = w.ann.ask("watch", "1")
    need(status == 0 and len(answers) == 1 and answers[0]["app_alive"] is True, f"watch as JSON: {answers}")
    w.ann.refused("watch", "soon", error="form", status=2)


def a_command_is_accepted_within_its_range(w):
    first = w.ann.must("command", "set temperature", "celsius=21.5")["number"]
    need(w.ann.must("command", "set temperature", "celsius=22")["number"] > first, "commands are not counted")
    need("30" in w.ann.refused("command", "set temperature", "celsius=45", error="range"), "the range is not said")
    w.ann.refused("command", "set temperature", "celsius=21.3", error="range")
    says = w.ann.run("command", "set temperature", "celsius=22").stdout
    need(re.fullmatch(r"The hub accepted it, as command \d+; keel owner state shows what comes of it\.\n", says), f"accepted: {says}")
    for bad in ("celsius", "celsius=", "celsius=warm", "celsius=1.2345", "celsius=1.", "celsius=--1", "=21", "celsius=21 ",
                "x" * 65 + "=1", "cel\u0080sius=1"):
        w.ann.refused("command", "set temperature", bad, error="form", status=2)
    for words in (("command", "set temperature", "\udcff=1"), ("command", "\udcff"), ("invite", "guest", "Eve", "1", "\udcff"),
                  ("invite", "owner", "\udcff"), ("rename", "\udcff"), ("history", "\udcff"), ("consent", "\udcff", "yes")):
        done = hub.keel("owner", "--keys", w.ann.keys, *words, errors="replace")
        need(done.returncode == 2, f"what is no text: {done}")
    form = "keel owner command 'set temperature' celsius=NUMBER"
    w.ann.told("command", "open the door", what="knows no message open the door", next="set temperature, schedule, clear schedule")
    w.ann.told("command", "set temperature", "kelvin=290", what="there is no field kelvin in set temperature", next=form)
    w.ann.told("command", "set temperature", "celsius=20", "celsius=21", what="there are two of celsius", next=form)
    w.ann.told("command", "set temperature", what="needs celsius", next=form)
    w.ann.told("command", "set temperature", "celsius=45", what="5 to 30", next="name a value within the range")
    w.ann.told("command", "", what="an empty word is no name", next="1 to 64 bytes", status=2)
    need(w.ann.refused("command", "open the door", error="none") and w.ann.refused("command", "set temperature", "kelvin=290", error="range"),
         "their kinds stay")
    need(re.search(r"^set temperature +celsius 22 °C$", w.ann.run("state").stdout, re.M), "what was asked for, with its unit")
    accepted = {a["message"]: a["fields"] for a in w.ann.must("state")["accepted"]}
    need(accepted["set temperature"][0]["value"] == 22, f"last accepted: {accepted}")


def what_is_kept_is_shown_and_exported(w):
    w.ann.must("command", "schedule", "day=1", "minute=420", "celsius=20")
    kept = {k["datum"]: k for k in w.ann.must("kept")["data"]}
    need(kept["heating history"]["consent"] == 2 and "temperature history" in kept, f"kept: {kept}")
    need(re.search(r"^heating history +0 +none +the home +not given$", w.ann.run("kept").stdout, re.M), "consent is not said in words")
    # The vault writes one a minute: the first can be that of the minute after the claim.
    points = until(90, "a point of history", lambda: w.ann.must("history", "temperature history")["points"])
    need(points[0]["value"] == 20 and abs(points[0]["time"] - time.time()) < 100, f"history: {points}")
    need(w.ann.must("history", "temperature history", "1", "2")["points"] == [], "history outside the asked time")
    w.ann.told("history", "no such datum", what="keeps nothing of that name", next="keel owner kept")
    w.ann.told("history", "schedule", what="no history", next="keel owner export")
    w.ann.told("history", "x" * 65, what="no name", next="1 to 64 bytes", status=2)
    w.ann.refused("history", "temperature history", "yesterday", error="form", status=2)
    point = re.compile(time.strftime("%Y-%m-%d ", time.localtime(points[0]["time"])) + r"\d\d:\d\d:\d\d +20 °C$", re.M)
    need(point.search(w.ann.run("history", "temperature history").stdout), "history in local time, with its unit")
    text = w.ann.run("export").stdout
    need(text.startswith("DATUM ") and point.search(text), f"the export for a person: {text}")
    need(re.search(r"^schedule +\S+ \S+ +4 bytes: 4407d007$", text, re.M), f"what only the program reads: {text}")
    need(all(line == line.rstrip() for line in text.splitlines()), "blanks at a line's end")
    status, pages = w.ann.ask("export")
    data = [d["datum"] for page in pages for d in page["data"]]
    need(status == 0 and pages[-1]["next"] == 0 and "temperature history" in data, f"export: {pages}")


def consent_and_name_are_given(w):
    need(w.ann.must("consent", "heating history", "yes") == {}, "consent says nothing more")
    need({k["datum"]: k["consent"] for k in w.ann.must("kept")["data"]}["heating history"] == 1, "consent was not kept")
    w.ann.refused("consent", "heating history", "maybe", error="form", status=2)
    w.ann.told("consent", "no such datum", "yes", what="keeps nothing of that name", next="keel owner kept")
    w.ann.told("consent", "temperature history", "yes", what="needs nobody's consent", next="which data ask for consent")
    need("may be kept from now on" in w.ann.run("consent", "heating history", "yes").stdout, "a consent is not said in words")
    w.ann.must("rename", 'Ann "A" \\ Önn')
    names = [p["name"] for p in w.ann.must("people")["people"]]
    need(names == ['Ann "A" \\ Önn'], f"renamed: {names}")
    w.ann.told("rename", "x" * 41, what="no name", next="1 to 40 bytes", status=2)
    need(w.ann.run("rename", "Ann").stdout == "The others see you as Ann.\n", "a name is not said in words")


def an_owner_is_invited(w):
    text = w.ann.must("invite", "owner", "Bob")["invitation"]
    w.ann.refused("join", text, error="state")
    cut = Cut(w.hub)
    status, answers = w.bob.ask("join", text, url=cut.url, options=("--name", "Bob"))
    need(status == 1 and answers[0]["error"] == "io" and cut.lost > 0, f"the join was not cut: {answers}")
    me = w.bob.must("join", text, options=("--name", "Bob"))
    need(me["role"] == "owner" and [p["role"] for p in w.bob.must("people")["people"]] == [0, 0], f"bob: {me}")
    third = Person(f"{w.folder}/people/third", w.hub)
    third.told("join", text, what="used or is over", next="ask an owner for a new one")
    need("serves once" in third.run("join", text).stderr, "what an invitation is")
    people = w.bob.run("people").stdout
    need(re.search(f"^Bob \\(you\\) +owner +\\S+ \\S+ +always +{me['you']}$", people, re.M), f"people in words: {people}")
    need("The hub signed this list" in people and "owners:" not in people, f"a signature for a person: {people}")
    w.bob.me = me["you"]


def a_name_that_was_cut_is_said_later(w):
    text = w.ann.must("invite", "owner", "Cy")["invitation"]
    cy = Person(f"{w.folder}/people/cy", w.hub)
    way = Cut(w.hub, connection=3)  # hello, the join, and then the challenge for the name
    done = cy.run("join", text, url=way.url, options=("--json", "--name", "Cyril"))
    me = json.loads(done.stdout)
    need(done.returncode == 0 and me["role"] == "owner" and "name" not in me, f"the join does not stand: {done}")
    need("without your name" in done.stderr and "keel owner rename NAME" in done.stderr, f"nobody was told: {done.stderr}")
    names = lambda: [p["name"] for p in w.ann.must("people")["people"] if p["owner"] == me["you"]]
    need(names() == ["Cy"], f"the invitation's name stays until then: {names()}")
    cy.must("rename", "Cyril")
    need(names() == ["Cyril"], f"the name was not taken: {names()}")
    w.ann.must("remove", me["you"])


def an_owner_comes_back_with_another_phone(w):
    phone = Person(f"{w.folder}/people/bob2", w.hub)
    options = ("--label", w.hub.label)
    need("vouched" in phone.refused("return", error="state", options=options), "nobody vouched")
    w.ann.refused("vouch", "somebody", error="form", status=2)
    w.ann.told("vouch", w.ann.me, what="Nobody vouches for themselves", next="ask another owner")
    w.ann.refused("vouch", "0" * 64, error="none")
    w.ann.told("vouch", "0" * 64, what="nobody of that key", next="keel owner people")
    phone.told("return", options=options, what="has vouched", next="keel owner vouch")
    need(w.ann.must("vouch", w.bob.me) == {"valid_s": 900} and w.ann.must("vouch", "nobody") == {"valid_s": 0}, "how long")
    need("nobody may return" in w.ann.run("vouch", "nobody").stdout, "a vouch taken back is not said in words")
    need("within 15 minutes" in w.ann.run("vouch", w.bob.me).stdout, "a vouch is not said in words")
    before = w.ann.must("state")["events"]
    need("button" in phone.refused("return", error="state", options=options), "nobody pressed")
    w.hub.press()
    way = Cut(w.hub)
    status, answers = phone.ask("return", url=way.url, options=options)
    need(status == 1 and answers[0]["error"] == "io" and way.lost > 0, f"the return was not cut: {answers}")
    me = phone.must("return", options=options)
    people = {p["owner"]: p["name"] for p in w.ann.must("people")["people"]}
    need(people == {w.ann.me: people[w.ann.me], me["you"]: "Bob"}, f"not in Bob's place: {people}")
    need(w.bob.ask("state")[0] == 1, "the lost phone still reads the state")
    events = w.ann.must("events", str(before))["events"]
    need([e["word"] for e in events].count("returned") == 1, f"nobody was told: {events}")
    w.bob = phone
    w.bob.me = me["you"]


def a_guest_has_limits(w):
    for words in (("guest", "Gil"), ("guest", "Gil", "set temperature"), ("guest", "Gil", "-1"), ("friend", "Gil"),
                  ("owner", "Gil", "1"), ("guest", "", "1"), ("guest", "Gil", "99999999999")):
        w.ann.refused("invite", *words, error="form", status=2)
    for words, what in ((("friend", "Gil"), "friend is neither owner nor guest"), (("owner", "Gil", "1"), "an owner has no hours"),
                        (("guest", "Gil"), "how many hours is not said"), (("guest", "Gil", "soon"), "soon is no number of hours")):
        w.ann.told("invite", *words, what=what, next="invite guest NAME HOURS", status=2)
    w.ann.told("invite", "guest", "", "1", what="no name", next="1 to 40 bytes", status=2)
    w.ann.told("invite", "guest", "Gil", "1", "set temperature", "clear schedule", what="lets no guest send clear schedule",
               next="take of these, or none: set temperature")
    w.ann.told("invite", "guest", "Gil", "1", "open the door", what="knows no message open the door", next="set temperature")
    says = w.ann.run("invite", "guest", "Eve", "1").stdout
    need("It lets Eve in, once, within 15 minutes, as a guest:" in says and "send nothing" in says, f"a guest who may nothing: {says}")
    says = w.ann.run("invite", "guest", "Eve", "0", "set temperature").stdout
    need("Until: always." in says and "send those that you named" in says, f"a guest: {says}")
    text = w.ann.must("invite", "guest", "Gil", "1", "set temperature")["invitation"]
    me = w.guest.must("join", text, options=("--name", "Gilbert"))
    need(me["role"] == "guest" and me["name"] == "Gilbert", f"no guest: {me}")
    w.guest.must("state")
    w.guest.must("command", "set temperature", "celsius=19")
    w.guest.refused("command", "clear schedule", error="right")
    w.guest.told("command", "clear schedule", what="no right", next="ask an owner")
    w.guest.told("invite", "guest", "Eve", "1", "clear schedule", what="no right", next="ask an owner")
    for words in (("kept",), ("export",), ("people",), ("history", "temperature history"), ("invite", "owner", "Eve"),
                  ("delete", "all"), ("leave",), ("remove", w.ann.me)):
        need(w.guest.ask(*words)[0] == 1, f"a guest may {words}")
    gil = [p for p in w.ann.must("people")["people"] if p["role"] == 1]
    need(len(gil) == 1 and gil[0]["name"] == "Gilbert" and 0 < gil[0]["until"] - time.time() <= 3600, f"the guest's time: {gil}")
    need(w.ann.ask("invite", "guest", "Gil", "1", "open the door")[0] == 1, "a guest for an undeclared message")
    need("They are removed" in w.ann.run("remove", gil[0]["owner"]).stdout, "a removal is not said in words")
    w.guest.told("state", what="does not know whoever sent this", next="keel owner forget")
    w.ann.told("remove", gil[0]["owner"], what="nobody of that key", next="keel owner people")
    for bad in ("0" * 63, "0" * 62 + "-1", "g" * 64):
        w.ann.refused("remove", bad, error="form", status=2)
    need(w.ann.ask("remove", "0" * 64)[0] == 1, "nobody was removed")


def a_claim_that_was_not_answered_is_finished(w):
    """A door that says that a room is away may have handed the claim over before: the keys stay until the hub decides."""
    entry = f"{w.folder}/people/dan/entry"
    for status in (503, 500, 421, 408):
        text = w.ann.must("invite", "owner", "Dan")["invitation"]
        dan = Person(f"{w.folder}/people/dan", w.hub)
        front = Front(w.hub, "/v1/claim", status)
        lines = dan.told("join", text, url=front.url, what=f"status {status}", next="run the same command again")
        need("is not known" in lines[1] and os.path.exists(entry), f"{status}: the keys are gone, or nobody was told: {lines}")
        need(len(w.ann.must("people")["people"]) == 3, "the hub did not take the claim")
        me = dan.must("join", text)
        need(me["role"] == "owner" and not os.path.exists(entry), f"{status}: not finished: {me}")
        front.close()
        w.ann.must("remove", me["you"])
        dan.must("forget")
    text = w.ann.must("invite", "owner", "Dan")["invitation"]
    for status in (404, 409):
        front = Front(w.hub, "/v1/claim", status, carried=False)
        dan.told("join", text, url=front.url, what=f"status {status}", next="check that the address is a hub's")
        need(not os.path.exists(entry), f"{status}: keys of a claim that was refused are kept")
        front.close()
    me = dan.must("join", text)
    w.ann.must("remove", me["you"])


def all_events_are_told(w):
    """More than one page of them, in one answer; a person reads them as one table."""
    for _ in range(52 - len(w.ann.must("events")["events"])):  # what came again has one place, and many numbers
        w.ann.must("vouch", w.bob.me)
    last = w.ann.must("state")["events"]
    numbers = [e["number"] for e in w.ann.must("events")["events"]]
    need(len(numbers) > 48 and numbers == sorted(set(numbers)) and numbers[-1] >= last, f"{last} events: {numbers}")
    # The home runs meanwhile: a later answer may have an event more at its end.
    later = [e["number"] for e in w.ann.must("events", str(numbers[2]))["events"]]
    need(later[:len(numbers) - 3] == numbers[3:], f"those after {numbers[2]}: {later}")
    text = w.ann.run("events").stdout.splitlines()
    need(len(text) > len(numbers) and text[0].startswith("NUMBER "), f"{len(text)} lines for {len(numbers)} events")
    w.ann.must("vouch", "nobody")


def events_are_told(w):
    events = w.ann.must("events")["events"]
    need(events and events[0]["number"] >= 1 and all(e["word"] for e in events), f"events: {events}")
    later = w.ann.must("events", str(events[0]["number"]))["events"]
    need(all(e["number"] > events[0]["number"] for e in later), "an event before the one named")
    w.ann.refused("events", "last", error="form", status=2)


def the_statement_tells_owners_all(w):
    s = w.ann.must("statement")
    need(s["serial"] == "H1-000001" and s["hwmodel"] == "hearth-h1" and s["keys_in"] == "file", f"statement: {s}")
    need(s["version"]["text"] == "1.0.0" and "door" in " ".join(s["open"]), f"statement: {s}")
    text = w.ann.run("statement").stdout
    need("hwmodel: hearth-h1" in text and ("state: operation" in text or "state: setup" in text), f"in words: {text}")
    vouched = w.ann.must("statement", f"{w.hub.home}/product.cbor")
    need(vouched["serial"] == "H1-000001", f"vouched for: {vouched}")
    status, answers = w.ann.ask("statement", f"{w.folder}/stranger/product.cbor")
    need(status == 1 and "did not endorse" in answers[0]["sentence"], f"another maker's: {answers}")
    for path, what in ((f"{w.folder}/nowhere", "cannot open"), (w.hub.label, "is no compiled declaration")):
        w.ann.told("statement", path, what=what, next="", status=2)


def the_declaration_is_given(w):
    done = w.ann.must("product")
    with open(f"{w.hub.home}/product.cbor", "rb") as f:
        whole = f.read()
    need(len(done["product"]) > 100 and bytes.fromhex(done["product"])[:1] == whole[:1], "no declaration")
    status, shown = w.ann.on_a_terminal("product")
    need(status == 2 and "not for a terminal" in shown and "keel owner product > product.cbor" in shown, f"on a terminal: {shown!r}")
    need(w.ann.on_a_terminal("product", options=("--json",))[0] == 0, "its hexadecimal on a terminal")


def a_deletion_has_a_receipt(w):
    receipt = w.ann.must("delete", "mine")
    need(receipt["by"] == w.ann.me and receipt["how"] == 1, f"receipt: {receipt}")
    second = w.ann.must("delete", "all")
    need(second["generation"] > receipt["generation"] and "temperature history" in second["gone"], f"receipt: {second}")
    need("overwritten in a file" in w.ann.run("delete", "mine").stdout, "how is not said in words")
    w.ann.refused("delete", "everything", error="form", status=2)


def what_cannot_be_undone_is_asked_first(w):
    """On a terminal, once, with what goes and what stays; a script is taken at its word."""
    deleted = lambda: [e["word"] for e in w.ann.must("events")["events"]].count("deleted")
    before = deleted()
    for words in (("delete", "all"), ("delete", "mine"), ("leave",)):
        for answer in ("n\n", "\n", "\4"):
            status, shown = w.ann.on_a_terminal(*words, answer=answer)
            need(status == 1 and shown.count("Go on? [y/N]") == 1 and "nothing was done" in shown, f"{words}, {answer!r}: {shown}")
            need("go" in shown and "stay" in shown and "--yes" in shown, f"what goes and stays: {shown}")
    need(deleted() == before, "it was deleted all the same")
    status, shown = w.ann.on_a_terminal("delete", "all", answer="y\n")
    need(status == 0 and "Go on?" in shown and "temperature history" in shown and deleted() > before, f"after yes: {shown}")
    status, shown = w.ann.on_a_terminal("delete", "mine", options=("--yes",))
    need(status == 0 and "Go on?" not in shown, f"--yes: {shown}")


def a_lost_phone_is_recovered(w):
    new = Person(f"{w.folder}/people/new", w.hub)
    sentence = new.refused("recover", error="state", options=("--label", w.hub.label))
    need(sentence, "nothing is said about the button")
    new.told("recover", options=("--label", w.hub.label), what="button", next="press the hub's button")
    w.hub.press()
    me = new.claim("recover", name="New")
    people = new.must("people")["people"]
    need([p["owner"] for p in people] == [me["you"]], f"others are still in: {people}")
    need(w.ann.ask("state")[0] == 1 and w.bob.ask("state")[0] == 1, "a lost phone still reads the state")
    w.new = new


def what_stood_on_disk_stays_after_a_restart(w):
    w.hub.stop()
    sentence = w.new.ask("state", url=w.hub.url)[1][0]
    need(sentence["error"] == "io" and "gave no answer" in sentence["sentence"], f"a hub that is away: {sentence}")
    w.hub.start()
    w.new.must("state")


def leaving_ends_it(w):
    shutil.copytree(w.new.keys, f"{w.folder}/people/unanswered")
    receipt = w.new.must("leave")
    need(receipt["gone"] and not os.path.exists(f"{w.new.keys}/member"), f"left: {receipt}")
    status, answers = w.new.ask("state")
    need(status == 1 and answers[0]["error"] == "none", f"after leaving: {answers}")
    need('"state":0' in hub.keel("interrogate", w.hub.url, "--json").stdout, "the hub is not as new")
    # Whoever had no answer is told how to know, and keeps the keys: anybody between could have said no.
    unanswered = Person(f"{w.folder}/people/unanswered", w.hub)
    last = unanswered.run("leave").stderr.splitlines()[2]
    need(last.startswith("  Next: ") and "keel interrogate" in last and "keel owner forget" in last, f"next: {last}")
    need(os.path.exists(f"{unanswered.keys}/member"), "a plain refusal took the keys")


def keys_can_be_thrown_away(w):
    need("are gone" in w.bob.run("forget").stdout, "forgetting is not said in words")
    need(w.ann.must("forget") == {} and os.listdir(w.ann.keys) == [], "keys are left")
    spoiled = Person(f"{w.folder}/people/spoiled", w.hub)
    os.makedirs(spoiled.keys)
    for content in (b"", b"\xa0", os.urandom(300), b"x" * 2000):
        with open(f"{spoiled.keys}/member", "wb") as f:
            f.write(content)
        need(spoiled.ask("state")[0] == 1, "keys that are none")
    need(spoiled.ask("state")[1][0]["next"], "and what to do")


def nothing_secret_is_logged(w):
    with open(w.hub.label) as f:
        code = f.read().strip().split(":")[3]
    log = w.hub.said()
    need(log and code not in log and code.lower() not in log, "the claim code is in the log")
    need(json.dumps(log).find("Ann") < 0, "a name is in the log")


if __name__ == "__main__":
    hub.main([bad_arguments_are_not_understood, what_is_not_understood_is_named, a_fault_is_three_lines, another_hubs_label_is_refused,
              a_label_is_read_strictly, a_wrong_code_is_refused_and_costs_time, a_cut_claim_is_finished,
              a_claimed_hub_is_not_claimed_again, state_is_shown, a_busy_hub_is_asked_again,
              a_door_that_stays_closed_is_told, watch_is_a_line_a_second, a_command_is_accepted_within_its_range,
              what_is_kept_is_shown_and_exported, consent_and_name_are_given, an_owner_is_invited,
              a_name_that_was_cut_is_said_later,
              an_owner_comes_back_with_another_phone, a_guest_has_limits, a_claim_that_was_not_answered_is_finished,
              all_events_are_told, events_are_told,
              the_statement_tells_owners_all, the_declaration_is_given, a_deletion_has_a_receipt,
              what_cannot_be_undone_is_asked_first,
              a_lost_phone_is_recovered, what_stood_on_disk_stays_after_a_restart, leaving_ends_it,
              keys_can_be_thrown_away, nothing_secret_is_logged], World)
