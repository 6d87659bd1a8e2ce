"""Principle 12: easy installation and maintenance."""

import json

from home import need

OWNER = 0


def one_code_makes_it_yours(home):
    """One step and one code, and it is hers: the same code makes nobody else its owner."""
    need(home.must("anna", "state")["role"] == OWNER, "after the claim Anna is no owner")
    people = home.must("anna", "people")["people"]
    need([p["owner"] for p in people if p["role"] == OWNER] == [home.anna], f"others own it too: {people}")
    second = home.owner("mallory", "claim", options=("--label", home.label))
    need("owners already" in second.get("sentence", ""), f"the same code claimed it for somebody else: {second}")
    return f"claimed with one code, {home.claim_took:.1f} s with the waits after wrong ones; the code serves nobody after"


def it_says_whether_it_is_secure(home):
    before = home.must("anna", "statement").get("to_do")
    need(before and any("heating history" in what for what in before), "what is left to decide is not said")
    home.must("anna", "consent", "heating history", "no")
    after = home.must("anna", "statement").get("to_do")
    need(after == [], f"after every decision it still says: {after}")
    factory = json.loads(home.before_claim.stdout)
    need("version" in factory, "a hub in the factory state does not tell its version")
    return f"it said what was left to do ({before[0]}), and then nothing"


CHECKS = [one_code_makes_it_yours, it_says_whether_it_is_secure]
