"""Principle 2: a means to manage reports of vulnerabilities."""

import base64
import datetime
import json
import os
import re
import subprocess

from home import TOP, need, until
from service import fetch, held_in_memory, kill, start

PLAIN = "Quendolin, by curl"  # this one the service sees, once
CANARY = "Quendolin found that port 23 answers"  # a report that nobody but reporter and desk may read


def desk(home, *words, may_fail=False):
    """desk.mjs, by an operator with a passkey or by a reporter."""
    done = subprocess.run(["node", f"{TOP}/tests/drill/desk.mjs", f"{home.folder}/people/operator", home.service, home.ca, *words],
                          capture_output=True, text=True, timeout=60)
    if may_fail and done.returncode == 1:
        return None
    need(done.returncode == 0, f"{words[0]}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def one_operator_comes_in_by_the_link(home):
    """Printed at the first start, and good once."""
    link = home.shell("home_operator_link", capture_output=True, text=True).stdout.strip()
    need("/console/#join=" in link, "no link for the first operator was printed")
    os.makedirs(f"{home.folder}/people", exist_ok=True)
    desk(home, "join", link, "Ann")
    need(desk(home, "join", link, "Mallory", may_fail=True) is None, "the first operator's link served twice")
    return "the first operator came in by a link that serves nobody else, with a passkey, and made the desk's key"


def fields_of(text):
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(": ", 1)) for line in lines]


def the_security_txt_is_valid(home):
    """RFC 9116, rule by rule."""
    status, kind, text = fetch(home, "/.well-known/security.txt")
    need(status == 200 and kind == "text/plain; charset=utf-8", f"security.txt: {status} {kind}")
    fields = fields_of(text)
    need(all(len(f) == 2 for f in fields), f"a line that is no field: {text}")
    said = {name: [value for n, value in fields if n == name] for name, _ in fields}
    need(said["Contact"][0] == f"{home.service}/report" and all(re.match("https://|mailto:|tel:", c) for c in said["Contact"]),
         f"contacts: {said['Contact']}")
    need(len(said["Expires"]) == 1, "Expires, more than once")
    left = datetime.datetime.fromisoformat(said["Expires"][0].replace("Z", "+00:00")) - datetime.datetime.now(datetime.timezone.utc)
    need(datetime.timedelta(0) < left < datetime.timedelta(days=366), f"security.txt has ended, or never does: {said['Expires']}")
    need(said["Canonical"] == [f"{home.service}/.well-known/security.txt"], f"{said['Canonical']}")
    key = json.loads(fetch(home, said["Encryption"][0].removeprefix(home.service))[2])
    need(key["kty"] == "EC" and key["crv"] == "P-256" and "d" not in key, f"no public key to encrypt to: {key}")
    return f"security.txt valid for {left.days} days, with the desk's key"


def the_page_says_where_and_how_long(home):
    """Without a script: who made it, until when it is supported, where to report and what happens then."""
    with open(f"{TOP}/products/heating/product.yaml") as f:
        ends = re.search(r"until: (\S+)", f.read()).group(1)
    status, _, page = fetch(home, "/p/hearth-h1/")
    need(status == 200 and "<script" not in page, f"no page, or one that needs a script: {status}")
    for what in (f'datetime="{ends}"', f'{home.service}/report?product=hearth-h1"', "within 2 days", "every 14 days"):
        need(what in page, f"the product's page does not say {what}")
    need("<form" in fetch(home, "/report?product=hearth-h1")[2], "no form")
    need(json.loads(fetch(home, "/p/hearth-h1/product.json")[2])["support"]["until"] == ends, "another end for programs")
    need("ietf-mud:mud" in json.loads(fetch(home, "/p/hearth-h1/mud.json")[2]), "no MUD file")
    return f"the page says support until {ends}, where to report and what happens then"


def a_report_is_kept_and_answered(home):
    """Killed right after the case number: the case is there; then acknowledged and answered, seen by the private link."""
    sent = desk(home, "report", "hearth-h1", CANARY)
    kill(home)
    start(home)
    seen = desk(home, "look", sent["link"], may_fail=True)
    need(seen and seen["said"] == [{"from": 0, "said": CANARY}] and seen["state"] == "new", f"the report is not kept: {seen}")
    found = desk(home, "read", sent["case"])
    need(found["said"] == [{"from": "reporter", "said": CANARY}], f"the desk reads another report: {found}")
    need(found["due"] - found["created"] == 2 * 86400, "the acknowledgement is not due within the declared two days")
    desk(home, "state", sent["case"], "acknowledged")
    need(desk(home, "look", sent["link"])["acknowledged"] > 0, "the acknowledgement is not told")
    desk(home, "answer", sent["case"], "Thank you. It is mended in 1.0.1.")
    said = desk(home, "look", sent["link"])["said"]
    need(said[1:] == [{"from": 1, "said": "Thank you. It is mended in 1.0.1."}], f"the answer is not told: {said}")
    home.reported = sent
    return f"reported as {sent['case']}, kept through kill -9, acknowledged, answered"


def the_service_cannot_read_it(home):
    """Nor has it the key: not on its disk, not in its memory. What came in plain is sealed on arrival."""
    with open(f"{home.folder}/people/operator") as f:
        private = json.load(f)["private"]
    until(5, "the service", lambda: fetch(home, "/")[0] == 200)
    plain = desk(home, "form", "hearth-h1", PLAIN)
    secrets = [CANARY.encode(), *(key.encode() for key in private), *map(raw, private)]
    for path, content in home.on_disk("fleet", "log"):
        need(not any(s in content for s in (*secrets, PLAIN.encode())), f"{path} has the report, or the desk's key")
    need(desk(home, "look", plain["link"])["said"][0]["said"] == PLAIN, "another report than the one in plain")
    need(held_in_memory(home, home.reported["case"].encode()), "the service's memory could not be looked through")
    need(not any(held_in_memory(home, s) for s in secrets), "the service's memory has the report, or the desk's key")
    return "neither report nor the desk's key in any byte of the service's disk and memory"


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


CHECKS = [one_operator_comes_in_by_the_link, the_security_txt_is_valid, the_page_says_where_and_how_long,
          a_report_is_kept_and_answered, the_service_cannot_read_it]
