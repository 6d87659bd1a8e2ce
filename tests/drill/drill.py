#!/usr/bin/env python3
"""drill: lives through a day of the example home and says, principle by principle, what was really seen.

  ./run --drill                    all thirteen principles, twice safe, exit 0 only if none failed
  ./run --drill --break NAME       plants one fault (built in by a switch that releases lack);
                                   exit 0 only if the fault's check is seen to fail by it, and no other
  ./run --drill --break list       names the faults
  ./run --drill --break all        every fault, several homes at a time
  ./run --drill --json             one line of JSON at the end
  ./run --drill --service PROGRAM  with this keel-fleet, which may be built with sanitizers: one word of theirs fails the day

What it reports comes from outside keeld: captured packets, /proc, bytes on disk, the room's temperature.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import queue
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import day  # noqa: E402
import service  # noqa: E402
from faults import FAULTS  # noqa: E402
from home import Failed, Home, TOP  # noqa: E402
from principles import CHECKS, NOT_BUILT, SLOW, name_of  # noqa: E402

LANES = 4  # homes at a time: they mostly wait


def tell(number, verdict, seen):
    colour = {"held": "32", "failed": "31", "not looked at": "31"}.get(verdict)
    word = f"\033[{colour}m{verdict}\033[0m" if colour and sys.stdout.isatty() else verdict
    print(f"principle {number} {word}" + (f": {seen}" if seen else ""), flush=True)


def look(home, check):
    """(outcome, what was seen). An error of the drill's own is no check that failed, and none that held."""
    try:
        return "held", check(home)
    except Failed as e:
        return "failed", f"{name_of(check)}: {e}"
    except Exception as e:
        return "not looked at", f"{name_of(check)} could not be made: {e!r}"


def live(home, checks, see):
    """One home's day: starts it, lets see() look at it, and ends it whatever happens. None, or why no day came."""
    home.wipe()
    try:
        day.open_day(home, checks)
        see()
        return None
    except Exception as e:
        return f"the day could not go on: {e}" if isinstance(e, Failed) else f"the day could not go on: {e!r}"
    finally:
        day.close_day(home)


# --- a whole day ---------------------------------------------------------------------------------------
def judge(home, number):
    if number in NOT_BUILT:
        return "not built yet", NOT_BUILT[number]
    outcomes = [look(home, check) for check in CHECKS[number]]
    for worst in ("not looked at", "failed"):
        wrong = "; ".join(seen for outcome, seen in outcomes if outcome == worst)
        if wrong:
            return worst, wrong
    return "held", "; ".join(seen for _, seen in outcomes)


def whole_day(folder, program):
    """{number: (verdict, seen)} of all thirteen, and 0 where something else went wrong."""
    results = {}
    home = Home(folder, "build", service=program)

    def see():
        for number in range(1, 14):
            results[number] = judge(home, number)
            tell(number, *results[number])

    why = live(home, [check for checks in CHECKS.values() for check in checks], see)
    if why:
        print(f"drill: {why}", flush=True)
        results[0] = ("not looked at", why)
    if complaint := service.complaint(home):
        print(f"drill: {complaint}", flush=True)
        results[0] = ("failed", complaint)
    return results


def drill(folder, as_json, program):
    begin = time.monotonic()
    results = whole_day(folder, program)
    count = {word: sum(v == word for v, _ in results.values()) for word in ("held", "failed", "not looked at")}
    print(", ".join(f"{n} {word}" for word, n in count.items() if n or word != "not looked at") +
          f", {len(NOT_BUILT)} not built yet, in {time.monotonic() - begin:.0f} s")
    if as_json:
        print(json.dumps({str(n): {"verdict": v, "seen": s} for n, (v, s) in results.items()}))
    return 0 if count["held"] == 13 - len(NOT_BUILT) and 0 not in results else 1


# --- planted faults --------------------------------------------------------------------------------------
def number_of(fault):
    return next(n for n, checks in CHECKS.items() if FAULTS[fault][0] in [c.__name__ for c in checks])


def plant(folder, fault, lane):
    """Why the fault was missed; None: its check failed by it, and those before it held."""
    wanted, words = FAULTS[fault]
    checks = [c for c in CHECKS[number_of(fault)] if c.__name__ == wanted or c.__name__ not in SLOW]
    checks = checks[:1 + [c.__name__ for c in checks].index(wanted)]
    outcomes = []
    home = Home(folder, "build-break", fault, lane)
    why = live(home, checks, lambda: outcomes.extend(look(home, check) for check in checks))
    if why:
        return why
    for outcome, seen in outcomes[:-1]:
        if outcome != "held":
            return f"another check did not hold: {seen}"
    outcome, seen = outcomes[-1]
    if outcome == "failed" and words in seen:
        tell(number_of(fault), outcome, seen)
        return None
    return f"{outcome}: {seen}"


def plant_all(folder, faults):
    """As many homes at a time as there are lanes; the slow faults first."""
    lanes, missed = queue.Queue(), []
    for lane in range(1, 1 + LANES):
        lanes.put(lane)

    def one(fault):
        lane, begin = lanes.get(), time.monotonic()
        why = plant(folder, fault, lane)
        lanes.put(lane)
        print(f"fault {fault}: {'MISSED: ' + why if why else 'caught'} ({time.monotonic() - begin:.0f} s)", flush=True)
        if why:
            missed.append(fault)

    with concurrent.futures.ThreadPoolExecutor(LANES) as pool:
        list(pool.map(one, sorted(faults, key=lambda f: (FAULTS[f][0] not in SLOW, number_of(f) != 9))))
    print(f"{len(faults) - len(missed)} passed, {len(missed)} failed")
    return 1 if missed else 0


def gaps():
    """What the table of faults lacks: a fault in the code without a row, a check without a fault, a principle with one."""
    looked_for = {check for check, _ in FAULTS.values()}
    alone = [f"no fault for: {name_of(c)}" for checks in CHECKS.values() for c in checks if c.__name__ not in looked_for]
    few = [f"principle {n} has faults for one check only" for n in CHECKS
           if len({FAULTS[f][0] for f in FAULTS if number_of(f) == n}) < 2]
    return alone + few + [f"fault {name} stands in one of code and table only" for name in planted() ^ set(FAULTS)]


def planted():
    code = [path.read_text() for path in pathlib.Path(TOP, "src").rglob("*.c")]
    return {name for text in code for name in re.findall(r'keel_broken\("([a-z0-9-]+)"\)', text)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--break", dest="fault", metavar="NAME")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--service", metavar="PROGRAM")
    parser.add_argument("--folder", default="/var/lib/keel-drill")
    options = parser.parse_args()
    if options.fault is None:
        return drill(options.folder, options.json, options.service)
    if options.fault == "list":
        for name in FAULTS:
            print(f"{name:28} principle {number_of(name)}: {FAULTS[name][0].replace('_', ' ')}")
        return 0
    names = list(FAULTS) if options.fault == "all" else options.fault.split(",")
    unknown = [n for n in names if n not in FAULTS]
    if unknown:
        print(f"drill: there is no fault {unknown[0]}; --break list names them", file=sys.stderr)
        return 2
    if options.fault == "all" and gaps():
        print("\n".join(f"drill: {gap}" for gap in gaps()), file=sys.stderr)
        return 1
    return plant_all(options.folder, names)


if __name__ == "__main__":
    sys.exit(main())
