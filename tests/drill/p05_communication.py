"""Principle 5: communicate securely."""

import socket
import ssl
import time

from day import CANARY, attacker, refused
from home import need, until
from middle import Middle
from service import from_afar, judged

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
        def change(path, body, at=at):
            return bytes(body[i] ^ (i == at % len(body)) for i in range(len(body)))
        with Middle(home, change) as middle:
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
    for path, content in home.on_disk("fleet", "log"):
        need(CANARY.encode() not in content, f"her name lies readable in {path}")
    return "a command from afar and a name, carried by the service, which has neither"


def nothing_readable_was_captured(home):
    home.must("anna", "state")
    time.sleep(0.3)
    with open(home.capture, "rb") as f:
        packets = f.read()
    need(len(packets) > 2000, "nothing was captured")
    for word in (CANARY.encode(), b"set temperature", b"celsius", home.factory_label.rsplit(":", 1)[1][:20].encode()):
        need(word not in packets, f"{word!r} was readable on the wire")
    return f"{len(packets)} bytes captured, none of Anna's readable"


def a_command_held_back_is_refused(home):
    """A hub that was restarted has forgotten the challenge as well; time alone must do it: nobody is killed before."""
    time.sleep(max(0, home.held_at + CHALLENGE_S + 1 - time.monotonic()))
    refused(home, "a command held back", attacker(home, "send", f"{home.folder}/late", keys="hilda"), "too long")
    return "one held back for a minute refused"


def hold_one_back(home):
    """Hilda's, and her only one: no later change of hers makes its counter an old one."""
    invitation = home.must("anna", "invite", "guest", "Hilda", "1", "set temperature")["invitation"]
    home.must("hilda", "join", invitation)
    attacker(home, "hold", f"{home.folder}/late", *COMMAND, "29000", keys="hilda")
    home.held_at = time.monotonic()


a_command_held_back_is_refused.after_claim = hold_one_back

CHECKS = [tls_is_1_3_only, old_and_foreign_commands_are_refused, a_relayed_visit_shows_nothing, a_command_from_afar_is_carried,
          nothing_readable_was_captured, a_command_held_back_is_refused]
