"""What every test in Python says it with: it must see something, now or within a time."""

import time


class Failed(Exception):
    """A test that did not see what it must see."""


def need(condition, what):
    if not condition:
        raise Failed(what)


def until(seconds, what, look):
    """The first true result of look() within so many seconds; else the test has failed."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        need(time.monotonic() < end, f"{what} was not seen within {seconds} s")
        time.sleep(0.05)
