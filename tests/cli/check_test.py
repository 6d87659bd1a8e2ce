"""keel check and keel compile as a maker or a script meets them: exit status, places, JSON, and what random damage does."""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

KEEL = os.environ["KEEL"]
HEATING = pathlib.Path(os.environ["KEEL_SOURCE"]) / "products/heating/product.yaml"
TEXT = HEATING.read_text()
failures = []


def keel(*args):
    return subprocess.run([KEEL, *map(str, args)], capture_output=True, text=True, timeout=60)


def expect(what, condition, done=None):
    if not condition:
        failures.append(f"{what}\n{done.stdout + done.stderr if done else ''}")


def line_of(text, part):
    return next(i for i, line in enumerate(text.split("\n"), 1) if part in line)


def without(top):
    """The declaration without one of its top mappings."""
    kept, dropping = [], False
    for line in TEXT.split("\n"):
        if re.match(r"\S", line):
            dropping = line.startswith(top + ":")
        if not dropping:
            kept.append(line)
    return "\n".join(kept)


def a_good_file(at):
    done = keel("check", HEATING)
    expect("the heating product passes", done.returncode == 0, done)
    done = keel("check", "--json", HEATING)
    found = json.loads(done.stdout)
    expect("JSON names every provision once, each with a verdict", len({p["provision"] for p in found["provisions"]}) ==
           len(found["provisions"]) >= 68 and all(p["verdict"] for p in found["provisions"]), done)


def an_unmet_provision(at):
    file = at / "unmet.yaml"
    file.write_text(without("vulnerabilities"))
    done = keel("check", file)
    place = re.search(rf"^{re.escape(str(file))}:(\d+):(\d+): .*5\.2-1", done.stdout + done.stderr, re.M)
    expect("what is missing is exit 1, with file, line and column", done.returncode == 1 and place, done)
    done = keel("check", "--json", file)
    unmet = [p["provision"] for p in json.loads(done.stdout)["provisions"] if p["verdict"] == "unmet"]
    expect("JSON says the same", done.returncode == 1 and "5.2-1" in unmet, done)


def only_what_is_missing_is_asked_for(at):
    """EN 303 645 5.2-1 asks for four fields: who has two of them is told of the others."""
    file = at / "half.yaml"
    start = TEXT.index("\nvulnerabilities:")
    for gone, asked in ((("policy",), "write policy under vulnerabilities."),
                        (("policy", "status"), "write policy and status under vulnerabilities."),
                        (("contact", "policy", "acknowledge", "status"), "write contact, policy, acknowledge and status under vulnerabilities.")):
        section = TEXT[start:]
        for name in gone:
            section = re.sub(rf"^  {name}:.*\n", "", section, count=1, flags=re.M)
        file.write_text(TEXT[:start] + section)
        done = keel("check", file)
        expect(f"without {gone}: {asked}", done.returncode == 1 and f"Next: {asked}\n" in done.stdout, done)


def a_later_form_is_told(at):
    file = at / "later.yaml"
    file.write_text(TEXT.replace("keel: 1", "keel: 2\nnews: of the second form"))
    done = keel("check", file)
    expect("a later form has its own sentence", done.returncode == 2 and "is of form 2, and this keel knows form 1" in done.stderr and
           "Next: take a keel of the version" in done.stderr, done)


def no_declaration(at):
    file = at / "wrong.yaml"
    file.write_text(TEXT.replace("port: 8443", "port: 99999"))
    line = line_of(file.read_text(), "99999")
    column = file.read_text().split("\n")[line - 1].index("99999") + 1
    done = keel("check", file)
    expect("what cannot be read is exit 2, at its place", done.returncode == 2 and
           f"{file}:{line}:{column}: " in done.stdout + done.stderr, done)
    done = keel("check", "--json", file)
    found = json.loads(done.stdout)
    expect("JSON says the same", done.returncode == 2 and (found["line"], found["column"]) == (line, column), done)
    done = keel("compile", file, "-o", at / "wrong.cbor")
    expect("nor is it compiled", done.returncode == 2 and not (at / "wrong.cbor").exists(), done)
    for missing in (at / "none.yaml", at):
        done = keel("check", missing)
        expect("no file is exit 2", done.returncode == 2 and done.stderr, done)


def public_half(file):
    der = subprocess.run(["openssl", "ec", "-in", file, "-pubout", "-outform", "DER"], capture_output=True, check=True).stdout
    return der[-64:].hex()


def another_service_is_named_while_compiling(at):
    keys = {who: at / f"{who}.pem" for who in ("maker", "service")}
    for file in keys.values():
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file], check=True)
    url, out = "https://10.213.77.3:8444", at / "staging.cbor"
    done = keel("compile", HEATING, "--maker-key", keys["maker"], "--service-key", keys["service"], "--service-url", url, "-o", out)
    wanted = [url, *map(public_half, keys.values())]
    expect("keys and address are those that were named", done.returncode == 0 and
           all(text.encode() in out.read_bytes() for text in wanted), done)
    declared = re.search(r"\nservice:.*?  key: ([0-9a-f]{128})", TEXT, re.S)[1].encode()
    expect("and the file's are not there", b"fleet.heating" not in out.read_bytes() and declared not in out.read_bytes())
    for options, said in ((("--service-url", "http://10.213.77.3"), "http://10.213.77.3 is no origin"),
                          (("--service-url", "https://x/", "--service-key", keys["service"]), "https://x/ is no origin"),
                          (("--service-key", at / "none.pem"), "none.pem"),
                          (("--maker-key", keys["maker"], "--service-key", keys["maker"]), "it is the maker's unit-signing key")):
        done = keel("compile", HEATING, *options, "-o", at / "no.cbor")
        expect(f"{said}: refused", done.returncode == 2 and said in done.stderr and not (at / "no.cbor").exists(), done)
    file = at / "alone.yaml"
    file.write_text(re.sub(r"telemetry:\n(  .*\n)+", "", without("service")))
    expect("a product calls nobody where it declares nobody", keel("compile", file, "-o", at / "alone.cbor").returncode == 0)
    done = keel("compile", file, "--service-url", url, "-o", at / "no.cbor")
    expect("and there is nothing to replace", done.returncode == 2 and "there is no service whose url could be another" in done.stderr, done)


def damage(at):
    """Whatever a file has become: exit 0, 1 or 2, and no signal. (The parser alone gets ten thousand: tests/profile.)"""
    file, luck, seen = at / "damaged.yaml", random.Random(303645), set()
    for _ in range(300):
        bytes_ = bytearray(TEXT.encode())
        for _ in range(luck.randint(1, 4)):
            where = luck.randrange(len(bytes_))
            how = luck.randrange(3)
            if how == 0:
                bytes_[where] = luck.randrange(256)
            elif how == 1:
                del bytes_[where:where + luck.randint(1, 40)]
            else:
                bytes_[where:where] = bytes_[where // 2:where // 2 + luck.randint(1, 40)]
        file.write_bytes(bytes(bytes_))
        done = subprocess.run([KEEL, "check", file], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60)
        seen.add(done.returncode)
        if done.returncode not in (0, 1, 2):
            failures.append(f"exit {done.returncode} on {bytes(bytes_)!r}\n{done.stderr[-2000:]!r}")
            return
    expect("the damage was enough to be seen, and not always too much", {0, 2} <= seen)


def main():
    with tempfile.TemporaryDirectory() as name:
        tests = (a_good_file, an_unmet_provision, only_what_is_missing_is_asked_for, a_later_form_is_told, no_declaration,
                 another_service_is_named_while_compiling, damage)
        bad = 0
        for test in tests:
            before = len(failures)
            test(pathlib.Path(name))
            bad += len(failures) > before
        for failure in failures:
            print("FAILED", failure)
        print(f"{len(tests) - bad} passed, {bad} failed")
        sys.exit(bad > 0)


main()
