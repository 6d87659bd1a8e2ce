"""How every day of the drill begins and ends, and what its attackers say."""

import json
import time

from home import Counting, Failed, need, until
from middle import Middle

CANARY = "Anna Quendolin"  # a name that must never be seen outside her app


def attacker(home, *words, keys="anna", hub=None):
    """attacker.c, with the keys of somebody of this home."""
    home.wait_its_turn()
    return json.loads(home.tool("attacker", f"{home.folder}/people/{keys}", hub or home.url, *words).stdout)


def refused(home, what, answer, *fragments):
    """It was refused, by a sentence of its own: nothing else was refused by the same."""
    need(answer.get("error", "accepted") != "accepted", f"{what} was accepted")
    sentence = answer["sentence"]
    need(any(f in sentence for f in fragments), f"{what} was refused with another sentence: {sentence}")
    same = [other for other, said in home.refusals.items() if said == sentence and other != what]
    need(not same, f"{what} and {same} are refused with the same sentence: {sentence}")
    home.refusals[what] = sentence
    return sentence


def last_event(home):
    return home.must("anna", "state")["events"]


def events_since(home, after, word):
    return [e for e in home.must("anna", "events", str(after))["events"] if e["word"] == word]


# --- the morning -------------------------------------------------------------------------------------
def open_day(home, checks):
    """Anna claims the hub, through somebody who records it. What a check has to do before or after that is its before_claim or after_claim."""
    home.start()
    home.counting = Counting(home)
    with open(home.label) as f:
        home.factory_label = f.read().strip()
    home.before_claim = home.run("keel", "interrogate", home.url, "--ca", home.ca, "--json")
    prepare(home, checks, "before_claim")
    began = time.monotonic()
    with Middle(home) as middle:  # who has a certificate that her app trusts may carry it: see principle 5
        claim(home, middle.url)
        home.claim_seen = b"".join(middle.seen)
    home.claim_took = time.monotonic() - began
    prepare(home, checks, "after_claim")


def prepare(home, checks, when):
    for act in {getattr(check, when) for check in checks if hasattr(check, when)}:
        act(home)


def close_day(home):
    if hasattr(home, "counting"):
        home.counting.over.set()
        home.counting.join()
    home.stop()


def claim(home, hub):
    """The delay after wrong codes holds for the right one too: it is waited out."""
    answer = {}

    def attempt():
        nonlocal answer
        answer = home.owner("anna", "claim", options=("--label", home.label, "--name", CANARY), hub=hub)
        return "error" not in answer

    try:
        until(40, "Anna's claim", attempt)
    except Failed as e:
        raise Failed(f"{e}: {answer.get('sentence')}") from e
    home.anna = answer["you"]
