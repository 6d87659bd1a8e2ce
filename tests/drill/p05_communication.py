"""Principle 5: communicate securely."""

import json
import pathlib
import socket
import ssl
import time

from cbor import cbor, read
from day import CANARY, attacker, events_since, last_event, refused
from home import need, until
from middle import Middle
from service import afar, from_afar, judged, memory, nowhere
from taken import Taken

COMMAND = ("set temperature", "celsius")
CHALLENGE_S = 60


def tls_is_1_3_only(home):
    context = ssl.create_default_context(cafile=home.ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    try:
        with socket.create_connection((home.address, 8443), timeout=5) as raw:
            with context.wrap_socket(raw, server_hostname=home.address):
                need(False, "TLS 1.2 was accepted")
    except (ssl.SSLError, ConnectionError):
        pass
    return "TLS 1.2 refused"


def old_and_foreign_commands_are_refused(home):
    early = f"{home.folder}/early"
    attacker(home, "hold", early, *COMMAND, "23000")
    need(attacker(home, "send", early)["error"] == "accepted", "a command in time was refused")
    home.must("anna", "command", "set temperature", "celsius=21")
    refused(home, "a replayed command", attacker(home, "send", early), "before")
    refused(home, "a stranger's command", attacker(home, "stranger", *COMMAND, "22000"), "know")
    refused(home, "a command under another signature", attacker(home, "signed-by-another", *COMMAND, "22000"), "sign")
    refused(home, "a command for another device", attacker(home, "other-device", *COMMAND, "22000"), "device")
    refused(home, "a command for another home", attacker(home, "other-home", *COMMAND, "22000"), "home")
    return "5 forged or replayed commands refused, each by its own sentence"


def a_relayed_visit_shows_nothing(home):
    """A whole visit, from the claim with a name on, goes through somebody with a valid certificate."""
    need(b"hearth-h1" in home.claim_seen, "the claim was not relayed: not even the device's model was seen")
    names = [p["name"] for p in home.must("anna", "people")["people"] if p["owner"] == home.anna]
    need(names == [CANARY], f"the name did not come with the claim: {names}")
    with Middle(home) as middle:
        home.must("anna", "rename", CANARY, hub=middle.url)
        for words in (("state",), ("people",), ("events",), ("statement",), ("export",),
                      ("command", "set temperature", "celsius=20.5")):
            home.must("anna", *words, hub=middle.url)
        clear = home.claim_seen + b"".join(middle.seen)
    need(len(clear) > 4000, "the visit was not relayed")
    for word in (CANARY.encode(), b"celsius", b"temperature"):
        need(word not in clear, f"{word!r} was readable in the middle")
    flipped = 0
    for at in (3, 20, 60, -70, -40, -1):
        with Middle(home, lambda path, body, at=at: flip(body, at)) as middle:
            answer = home.owner("anna", "command", "set temperature", "celsius=29", hub=middle.url)
            need("error" in answer, f"a request changed in the middle (byte {at}) was taken")
            flipped += 1
    need(home.value("anna", "setpoint") == 20.5, "somebody in the middle changed the setpoint")
    return f"a claim and a visit relayed by somebody with a valid certificate: {len(clear)} bytes, none readable, {flipped} changes refused"


def a_command_from_afar_is_carried(home):
    """Nobody is at home: the service carries question and answer, and knows neither."""
    judged(home, "a session", lambda u: u["state"] == "here")
    _, way = from_afar(home, "anna", "command", "set temperature", "celsius=24")
    need(way["way"] == "away", f"the command went another way: {way}")
    until(5, "the setpoint from afar", lambda: home.value("anna", "setpoint") == 24)
    from_afar(home, "anna", "rename", CANARY)
    held = memory(home)
    need(len(held) == 2 and all(home.service.encode() in part for part in held), "the service's memory was not read")
    for path, content in [*home.on_disk("fleet", "log"), *(("its memory", part) for part in held)]:
        need(CANARY.encode() not in content, f"her name lies readable in {path}")
    return "a command from afar and a name, carried by the service, which has neither, on disk or in memory"


def nothing_readable_was_captured(home):
    home.must("anna", "state")
    time.sleep(0.3)
    with open(home.capture, "rb") as f:
        packets = f.read()
    need(len(packets) > 2000, "nothing was captured")
    for word in (CANARY.encode(), b"set temperature", b"celsius", home.factory_label.rsplit(":", 1)[1][:20].encode()):
        need(word not in packets, f"{word!r} was readable on the wire")
    return f"{len(packets)} bytes captured, none of Anna's readable"


# --- the service, turned on its owners ----------------------------------------------------------------
def command(home, celsius):
    """Anna's, from afar. Commands are numbered as they are accepted: one that was done without her would show."""
    return from_afar(home, "anna", "command", "set temperature", f"celsius={celsius}")[0]["number"]


def refused_plainly(what, answers):
    """The hub opened none of them: {sentence}."""
    for status, _ in answers:
        need(status in (400, 403), f"{what} was taken: {status}")
    return {read(body)[0][2] for _, body in answers}


def forge(home, service):
    """By every key that there is, and with all that was signed for something else. (how many, answers to Anna)"""
    keys, commands, answers = f"{home.folder}/fleet/keys", [], []
    for sign, agree in (("1/sign", "1/agree"), ("root", "root")):
        made = home.tool("forger", f"{home.folder}/people/anna", f"{keys}/{sign}.pem", f"{keys}/{agree}.pem", *COMMAND, "29000").stdout
        as_anna, answer, as_itself = map(bytes.fromhex, made.split())
        commands += [as_anna, as_itself]
        answers.append(answer)
    with open(f"{keys}/1/voucher.cbor", "rb") as f:
        other = [f.read(), service.tokens[-1], service.asks[-1], service.answers[service.number][1]]
    said = refused_plainly("a forged command", service.tell(*commands, *other))
    need(len(said) == 4, f"not each by its own sentence: {said}")  # no message, a stranger, a broken seal, another device
    return len(commands) + len(other), answers


def alter(service):
    """A bit of each part: heads, names, nonces, cipher text, tag."""
    request = service.asked[-1]
    places = [i * len(request) // 48 for i in range(48)] + [len(request) - 1]
    changed = [request[:i] + bytes([request[i] ^ 1]) + request[i + 1:] for i in places]
    refused_plainly("a changed command", service.tell(*changed))
    return len(changed)


def repeat_and_reorder(home, service):
    """A change that the hub knows is answered as before, and an older one refused: neither is done."""
    number, last = command(home, 22), service.asked[-1]
    service.tell(last, last)
    need(command(home, 21) == number + 1, "a command that the service repeated was done once more")
    service.tell(last)
    held = []
    for celsius in ("29000", "20000"):
        attacker(home, "hold", f"{home.folder}/held", *COMMAND, celsius)
        held.append(pathlib.Path(home.folder, "held").read_bytes()[16:])
    service.tell(*reversed(held))
    need(home.value("anna", "setpoint") == 20, "a command was done after a later one")
    need(command(home, 20) == number + 3, "of a repeated one and two in the wrong order not one was done")


def lie(home, service, forged):
    """What her client makes of each answer that is none. {lie: its sentence}"""
    visit = []
    service.way = lambda _, request: visit.append(service.carry(request)) or visit[-1]
    from_afar(home, "anna", "state")
    asked, older = service.asked[-1], iter(visit)
    stranger = 403, cbor({1: "auth", 2: "The device does not know whoever sent this."})
    lies = {
        "an older answer": lambda request: next(older),
        "a changed answer": lambda request: (200, flip(service.carry(request)[1], 40)),
        "an answer with a changed end": lambda request: (200, flip(service.carry(request)[1], -1)),
        "an answer forged by S": lambda request: (200, forged[0]),
        "an answer forged by R": lambda request: (200, forged[1]),
        "her own question": lambda request: (200, request),
        "a question of before": lambda request: (200, asked),
        "a refusal": lambda request: stranger,
        "silence": lambda request: None,
    }
    said = {}
    for what, answer in lies.items():
        service.way = lambda _, request, answer=answer: answer(request)
        done = afar(home, "anna", "state")
        need(done.returncode == 1, f"{what} was taken for the hub's: {done.stdout}")
        said[what] = json.loads(done.stdout)["sentence"]
    service.way = lambda _, request: service.carry(request) if len(service.asked) == before + 1 else stranger
    before = len(service.asked)
    need(afar(home, "anna", "leave").returncode == 1, "she left her home by the service's word")
    service.way = Taken.carry
    from_afar(home, "anna", "state")  # the keys are still there
    return said


def flip(content, at):
    return bytes(v ^ (i == at % len(content)) for i, v in enumerate(content))


def a_service_that_turned_can_do_nothing(home):
    """Whoever has its folder: database, certificate, every key. EN 303 645 5.5-7."""
    with Taken(home) as service:
        command(home, 22)
        before = last_event(home)
        forged, answers = forge(home, service)
        changed = alter(service)
        until(10, "an event of the many refusals", lambda: events_since(home, before, "many-refused"))
        repeat_and_reorder(home, service)
        for name in ("device", "home"):
            refused(home, f"a command for another {name}", attacker(home, f"other-{name}", *COMMAND, "22000", hub=nowhere(home)), name)
        said = lie(home, service, answers)
        from_afar(home, "anna", "people")  # her name, sealed
        clear = b"".join(service.seen)
    need(all(len(request) % 256 == 0 for request in service.asked), "a size that tells")
    for word in (CANARY.encode(), b"celsius", b"set temperature", b"setpoint"):
        need(word not in clear, f"{word!r} was readable to the service")
    return (f"the service with all its keys, turned on them: {forged} forged, {changed} changed, repeated and reordered commands not done, "
            f"{len(said)} false answers refused, {len(clear)} bytes and none readable")


def a_command_held_back_is_refused(home):
    """A hub that was restarted has forgotten the challenge as well; time alone must do it: nobody is killed before."""
    time.sleep(max(0, home.held_at + CHALLENGE_S + 1 - time.monotonic()))
    def late(hub):
        answer = attacker(home, "send", f"{home.folder}/late", keys="hilda", hub=hub)
        return None if "is away" in answer.get("sentence", "") else answer

    refused(home, "a command held back", late(home.url), "too long")
    refused(home, "a command held back", until(60, "the hub at the service", lambda: late(nowhere(home))), "too long")
    return "one held back for a minute refused, from the middle and from the service"


def hold_one_back(home):
    """Hilda's, and her only one: no later change of hers makes its counter an old one."""
    invitation = home.must("anna", "invite", "guest", "Hilda", "1", "set temperature")["invitation"]
    home.must("hilda", "join", invitation, options=("--service", home.service, "--service-ca", home.ca))
    attacker(home, "hold", f"{home.folder}/late", *COMMAND, "29000", keys="hilda")
    home.held_at = time.monotonic()


a_command_held_back_is_refused.after_claim = hold_one_back

CHECKS = [tls_is_1_3_only, old_and_foreign_commands_are_refused, a_relayed_visit_shows_nothing, a_command_from_afar_is_carried,
          nothing_readable_was_captured, a_service_that_turned_can_do_nothing, a_command_held_back_is_refused]
