#!/usr/bin/env python3
"""drill: lives through a day of the example home and says, principle by principle, what was really seen.

  ./run --drill                    all thirteen principles, twice safe, exit 0 only if none failed
  ./run --drill --break NAME       plants one fault (built in by a switch that releases lack);
                                   exit 0 only if the fault's principle is seen to fail
  ./run --drill --break list       names the faults
  ./run --drill --break all        every fault in turn
  ./run --drill --json             one line of JSON at the end

What it reports comes from outside keeld: captured packets, /proc, bytes on disk, the room's temperature.
"""

import argparse
import json
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import faults  # noqa: E402
import principles  # noqa: E402
from home import Failed, Home, TOP  # noqa: E402


def tell(number, verdict, seen):
    colour = {"held": "32", "failed": "31"}.get(verdict)
    word = f"\033[{colour}m{verdict}\033[0m" if colour and sys.stdout.isatty() else verdict
    print(f"principle {number} {word}" + (f": {seen}" if seen else ""), flush=True)


def run_checks(home, checks):
    """(verdict, what was seen): held only if every check saw what it must see."""
    seen, wrong = [], []
    for check in checks:
        try:
            seen.append(check(home))
        except Failed as e:
            wrong.append(f"{check.__name__.replace('_', ' ')}: {e}")
        except Exception as e:  # a check that cannot be made is no check that held
            wrong.append(f"{check.__name__.replace('_', ' ')} could not be made: {e!r}")
    return ("failed", "; ".join(wrong)) if wrong else ("held", "; ".join(filter(None, seen)))


def live(folder, build, look, fault=None, wrong_codes=True):
    """One home's day: starts it, lets look() see it, and ends it whatever happens. False: no day came."""
    home = Home(folder, build, fault)
    home.wipe()
    try:
        home.start()
        principles.open_day(home, wrong_codes)
        look(home)
        return True
    except Failed as e:
        print(f"drill: the day could not go on: {e}", flush=True)
        return False
    finally:
        principles.close_day(home)
        home.stop()


def whole_day(folder):
    """{number: (verdict, seen)} of all thirteen."""
    results = {}

    def look(home):
        for number in range(1, 14):
            if number in principles.NOT_BUILT:
                results[number] = ("not built yet", principles.NOT_BUILT[number])
            else:
                results[number] = run_checks(home, principles.CHECKS[number])
            tell(number, *results[number])

    if not live(folder, "build", look):
        results[0] = ("failed", "the day could not go on")
    return results


def drill_faults(folder, names):
    """Plants each fault; it is caught where the check of its principle then fails."""
    missed = []
    for name in names:
        number, check = faults.FAULTS[name]
        verdict = []
        begin = time.monotonic()
        needs_codes = "wrong_code" in check
        live(folder, "build-break", lambda home: verdict.append(run_checks(home, [getattr(principles, check)])),
             name, needs_codes)
        caught = bool(verdict) and verdict[0][0] == "failed"
        if verdict:
            tell(number, *verdict[0])
        print(f"fault {name}: {'caught' if caught else 'MISSED'} ({time.monotonic() - begin:.0f} s)", flush=True)
        if not caught:
            missed.append(name)
    print(f"{len(names) - len(missed)} passed, {len(missed)} failed")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--break", dest="fault", metavar="NAME")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--folder", default="/var/lib/keel-drill")
    options = parser.parse_args()
    if options.fault == "list":
        for name, (number, _) in faults.FAULTS.items():
            print(f"{name:28} principle {number}")
        return 0
    if options.fault:
        names = list(faults.FAULTS) if options.fault == "all" else options.fault.split(",")
        unknown = [n for n in names if n not in faults.FAULTS]
        if unknown:
            print(f"drill: there is no fault {unknown[0]}; --break list names them", file=sys.stderr)
            return 2
        return drill_faults(options.folder, names)
    begin = time.monotonic()
    results = whole_day(options.folder)
    held = sum(v == "held" for v, _ in results.values())
    failed = sum(v == "failed" for v, _ in results.values())
    print(f"{held} held, {failed} failed, {len(principles.NOT_BUILT)} not built yet, in {time.monotonic() - begin:.0f} s")
    if options.json:
        print(json.dumps({str(n): {"verdict": v, "seen": s} for n, (v, s) in results.items()}))
    return 1 if failed or not held else 0


if __name__ == "__main__":
    sys.exit(main())
