"""Principle 10: telemetry examined."""

import time

from day import events_since, last_event
from home import need, until
from p01_passwords import try_three_wrong_codes

# One of each kind, opened at once by a program that nobody declared.
OPEN_FOUR = """
import socket, time
for kind, how, at in ((socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 9996)),
                      (socket.AF_INET6, socket.SOCK_STREAM, ("::", 9997)),
                      (socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", 9998)),
                      (socket.AF_UNIX, socket.SOCK_STREAM, "\\0somebody")):
    s = socket.socket(kind, how)
    if kind == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(at)
    if how == socket.SOCK_STREAM:
        s.listen()
    globals()["keep%d" % s.fileno()] = s
time.sleep(30)
"""
FOUR = ("tcp 0.0.0.0:9996", "tcp6 [::]:9997", "udp 0.0.0.0:9998", "unix @somebody")


def an_undeclared_listener_is_reported(home):
    before = last_event(home)
    program = home.inside("python3", "-c", OPEN_FOUR)
    began = time.monotonic()
    try:
        until(5, f"an event of each of {', '.join(FOUR)}", lambda: all_told(home, before))
        took = time.monotonic() - began
    finally:
        program.kill()
        program.wait()
    return f"four undeclared listeners (TCP, IPv6, UDP, abstract) reported after {took:.1f} s"


def all_told(home, before):
    told = [e["detail"] for e in events_since(home, before, "undeclared-port")]
    return all(any(one in detail for detail in told) for one in FOUR)


def wrong_codes_are_counted(home):
    events = home.must("anna", "events")["events"]
    need(any("code" in e["word"] for e in events), "the wrong codes of this morning were not told to the owner")
    return "this morning's wrong codes told to the owner"


wrong_codes_are_counted.before_claim = try_three_wrong_codes

CHECKS = [an_undeclared_listener_is_reported, wrong_codes_are_counted]
