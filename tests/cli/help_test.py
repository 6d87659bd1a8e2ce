"""Each command teaches: what it is for, an example that begins as a user types it, and its exits, which are true."""
import os
import subprocess
import sys
import tempfile

KEEL, HEATING = os.environ["KEEL"], os.environ["KEEL_SOURCE"] + "/products/heating/product.yaml"


def run(*words):
    done = subprocess.run([KEEL, *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def need(condition, what):
    if not condition:
        sys.exit(what)


def teaches(command):
    status, text, _ = run(command, "--help")
    need(status == 0 and text.startswith(f"usage: keel {command}"), f"{command} --help: {status} {text}")
    need(f"\n  keel {command} " in text, f"{command} --help has no example")
    need("\nExit: 0 " in text, f"{command} --help does not say how it ends")
    need(all(len(line) <= 110 for line in text.splitlines()), f"{command} --help is too wide")
    status, out, err = run(command, "--no-such-option")
    need(status == 2 and not out and err, f"{command} --no-such-option: {status} {out}{err}")
    need(err.startswith("keel: there is no option --no-such-option\n") and len(err.splitlines()) == 3 and "Next: keel " in err,
         f"the option is not named: {err}")


def main():
    for command in ("new", "check", "compile", "provision", "interrogate", "owner"):
        teaches(command)
    with tempfile.TemporaryDirectory() as at:
        guessed, none = f"{at}/units.csv", f"{at}/none"
        with open(guessed, "w", encoding="utf-8") as f:
            f.write("serial,code\nA-1,AAAA\nA-2,AAAA\n")
        with open(none, "w", encoding="utf-8") as f:
            f.write("- keel\n")
        # Unreachable: nothing listens at the first port.
        keys = ("--keys", f"{at}/keys", "--hub", "https://127.0.0.1:1")
        ends = (
            (0, ("--help",)), (0, ("--version",)), (2, ()), (2, ("dance",)),
            (0, ("check", HEATING)), (2, ("check", none)), (2, ("check", f"{at}/away")), (1, ("check", "--units", guessed)),
            (0, ("compile", HEATING, "-o", f"{at}/out")), (1, ("compile", HEATING, "-o", f"{at}/no/out")),
            (2, ("compile", none)), (0, ("new", f"{at}/lamp")), (1, ("new", f"{at}/lamp")), (2, ("new", "a b")),
            (2, ("provision", "--home", at, "--maker-key", none, "--serial", "A")), (2, ("provision", "--home", at)),
            (1, ("interrogate", "https://127.0.0.1:1")), (2, ("interrogate",)), (1, ("owner", *keys, "state")),
            (2, ("owner", *keys, "dance")))
        for status, words in ends:
            seen = run(*words)
            need(seen[0] == status, f"keel {' '.join(words)}: exit {seen[0]}, not {status}: {seen[1]}{seen[2]}")
            need(status == 0 or not words or "Next: " in seen[2], f"keel {' '.join(words)}: no next: {seen[2]}")
        what_is_missing_is_named(at)


def what_is_missing_is_named(at):
    """A label that is none; and a device without its program, its declaration or its certificate."""
    with open(f"{at}/label", "w", encoding="utf-8") as f:
        f.write("hello\n")
    _, _, err = run("owner", "--keys", f"{at}/ann", "--hub", "https://127.0.0.1:1", "--label", f"{at}/label", "claim")
    need("not a label's text" in err and "KEEL1:" in err, f"a label that is none: {err}")
    home = f"{at}/hub"
    os.makedirs(f"{home}/hardware")
    for name, says, app in (("product.cbor", "keel compile", "/bin/true"), ("out", "--app", f"{at}/away")):
        done = subprocess.run([os.environ["KEELD"], "--home", home, "--address", "127.0.0.1", "--app", app],
                              capture_output=True, text=True, timeout=20)
        need(done.returncode == 1 and says in done.stderr, f"without {name}: {done}")
        run("compile", HEATING, "-o", f"{home}/product.cbor")


main()
