"""Principle 8: personal data protected."""

from day import CANARY, refused
from home import need

OTHER_WISHES = (("history", "temperature history"), ("kept",), ("export",), ("people",), ("delete", "all"),
                ("command", "clear schedule"), ("invite", "guest", "Eve", "1", "set temperature"))


def an_invitation_works_once(home):
    home.invitation = home.must("anna", "invite", "guest", "Bob", "2", "set temperature")["invitation"]
    home.must("bob", "join", home.invitation)
    refused(home, "an invitation used twice", home.owner("eve", "join", home.invitation), "used")
    return "an invitation works once"


def a_guest_sees_and_does_only_what_was_allowed(home):
    home.must("bob", "command", "set temperature", "celsius=21")
    for words in OTHER_WISHES:
        refused(home, "a guest without the right", home.owner("bob", *words), "right")
    return f"a guest's {len(OTHER_WISHES)} other wishes refused"


def a_stranger_learns_nothing(home):
    status, _, body = home.post("/v1/request", b"\x84\x43\xa1\x01\x03\xa1\x05\x4c" + bytes(12) + b"\x58\x20" + bytes(32) + b"\x80")
    need(status in (400, 403), f"rubbish was answered with {status}")
    for word in (CANARY, "Bob", home.anna):
        need(word.encode() not in body, f"a stranger learns a name: {body!r}")
    return "a stranger gets a refusal"


CHECKS = [an_invitation_works_once, a_guest_sees_and_does_only_what_was_allowed, a_stranger_learns_nothing]
