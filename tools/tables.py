#!/usr/bin/env python3
"""tables.py: writes the documents that are made from tables in the code, so that they cannot go stale.

  tools/tables.py           writes docs/provisions.md and docs/rooms.md
  tools/tables.py --check   exit 1 if one of them is not what it would write

docs/provisions.md  each provision of EN 303 645 and the tests named after it (prov_5_1_1_…)
docs/rooms.md       the rooms of keeld, what each may, and who says what to whom (src/device/rooms.c)
"""
import csv
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TITLES = {
    "5.0": "Reporting", "5.1": "No universal default passwords", "5.2": "A way to report vulnerabilities",
    "5.3": "Software kept updated", "5.4": "Sensitive parameters stored securely", "5.5": "Secure communication",
    "5.6": "Minimal attack surface", "5.7": "Software integrity", "5.8": "Personal data protected",
    "5.9": "Resilience to outages", "5.10": "Telemetry examined", "5.11": "User data easily deleted",
    "5.12": "Easy installation and maintenance", "5.13": "Input validated", "6": "Data protection",
}


def provisions_of(name):
    """prov_5_3_2_and_14_… -> 5.3-2, 5.3-14; prov_5_9_what_… -> 5.9; prov_6_2_… -> 6-2."""
    words, found, clause = name.split("_")[1:], [], None
    while words and re.fullmatch(r"\d+[a-z]?", words[0]):
        first = words.pop(0)
        if clause is None or first in ("5", "6") and words and words[0].isdigit():
            clause = "6" if first == "6" else f"5.{words.pop(0)}"
            number = words.pop(0) if words and re.fullmatch(r"\d+[a-z]?", words[0]) else None
        else:
            number = first
        found.append(f"{clause}-{number.upper()}" if number else clause)
        if words[:1] == ["and"]:
            words.pop(0)
    return found


def tests():
    """Each test's name and file, by provision."""
    found = {}
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "tests", "web/owner/test"], cwd=ROOT,
                           capture_output=True, text=True, check=True).stdout.split()
    for file in sorted(files):
        if not file.endswith((".c", ".py", ".mjs")) or not (ROOT / file).exists():
            continue
        for name in sorted(set(re.findall(r"\bprov_[0-9a-z_]+", (ROOT / file).read_text()))):
            for provision in provisions_of(name):
                found.setdefault(provision, []).append((re.sub(r"^prov_(\d+[a-z]?_|and_)+", "", name), file))
    return found


def cell(found):
    return "<br>".join(f"{name.replace('_', ' ')} ([{pathlib.Path(file).name}](../{file}))" for name, file in found)


def provisions():
    found = tests()
    out = ["# Provisions and the tests named after them", "",
           "Made by `tools/tables.py` from the tests' names; `./check docs` holds it to them. The level is the standard's",
           "(M mandatory, R recommended, C under a condition). A provision without a test here is judged from the declaration",
           "by `keel check` (`tests/profile`), shown by the drill, or waits for a part that is still to come.", ""]
    clause = None
    for row in csv.DictReader((ROOT / "tests/profile/en303645.tsv").open(), delimiter="\t", quoting=csv.QUOTE_NONE):
        provision = row["provision"]
        if provision.split("-")[0] != clause:
            clause = provision.split("-")[0]
            out += ["", f"## {clause} {TITLES[clause]}", "", "| provision | level | asks | tests |", "|---|---|---|---|"]
            if clause in found:
                out.append(f"| {clause} | | in general | {cell(found.pop(clause))} |")
        out.append(f"| {provision} | {row['level']} | {row['short']} | {cell(found.pop(provision, []))} |")
    if found:
        sys.exit(f"tables.py: no provision {', '.join(sorted(found))}: {sorted(found.values())}")
    return "\n".join(out) + "\n"


def rooms():
    text = (ROOT / "src/device/rooms.c").read_text()
    rows = re.findall(r'\[ROOM_\w+\]\s*=\s*\{\s*"(\w+)",\s*"([\w-]+)",\s*\d+,\s*(\w+),\s*(\w+|"\w+"),\s*(\w+),', text)
    lines = re.findall(r"\{ ROOM_(\w+),\s*ROOM_(\w+),\s*MSG_(\w+)\s*\}", text)
    may = {"0": "starts, measures and restarts the rooms", "MAY_FILES": "files of its own folder",
           "MAY_ACCEPT": "accept on its inherited listener", "MAY_READ": "read what it sees",
           "MAY_EXEC": "start the maker's program",
           "MAY_CONNECT": "connect outwards, never listen"}
    sees = dict(re.findall(r"static const char \*const (\w+)\[\] = \{ ([^;]*), NULL \};", text))
    out = ["# The rooms of keeld", "", "Made by `tools/tables.py` from `src/device/rooms.c`; `./check docs` holds it to it.", "",
           "```mermaid", "flowchart LR"]
    said = {}
    for sender, receiver, message in lines:
        said.setdefault((sender.lower(), receiver.lower()), []).append(message.lower().replace("_", " "))
    for (sender, receiver), messages in said.items():
        if "parent" not in (sender, receiver):
            out.append(f"\t{sender} -->|{', '.join(messages)}| {receiver}")
    out += ["```", "", "| room | user | may | folder | sees |", "|---|---|---|---|---|"]
    for name, user, rights, folder, where in rows:
        paths = " ".join(f"`{p}`" for p in re.findall(r'"([^"]+)"', sees.get(where, "")))
        out.append(f"| {name} | {user} | {may[rights]} | {folder.strip(chr(34)).replace('NULL', '')} | {paths} |")
    out += ["", "| from | to | says |", "|---|---|---|"]
    out += [f"| {sender} | {receiver} | {', '.join(messages)} |" for (sender, receiver), messages in said.items()]
    if len(rows) < 5 or len(lines) < 30:
        sys.exit("tables.py: src/device/rooms.c has not the form that this script reads")
    return "\n".join(out) + "\n"


def main():
    stale = []
    for name, text in (("docs/provisions.md", provisions()), ("docs/rooms.md", rooms())):
        file = ROOT / name
        if sys.argv[1:] == ["--check"]:
            if not file.exists() or file.read_text() != text:
                stale.append(name)
        else:
            file.write_text(text)
    if stale:
        sys.exit(f"{' and '.join(stale)} not as the code's tables have it.\nNext: tools/tables.py writes them anew.")


if sys.argv[1:] in (["-h"], ["--help"]):
    print(__doc__)
else:
    main()
