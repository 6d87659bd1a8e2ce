"""The example home's room, whose temperature the drill believes: it warms and cools as a room does."""

import os
import subprocess
import sys
import tempfile
import time

ROOM = os.environ["ROOM"]
SPEED = 300


class Room:
    """One room, and a burner that says `power`, last written `silent` seconds ago and from then on as told."""

    def __init__(self, folder, power, silent=0, start=18):
        self.folder, self.power, self.silent = folder, power, silent
        os.mkdir(folder)
        self.burn()
        self.process = subprocess.Popen([ROOM, folder, str(SPEED), str(start)], stdout=subprocess.PIPE, text=True)

    def burn(self):
        with open(f"{self.folder}/pwm1", "w") as f:
            f.write(self.power)
        os.utime(f"{self.folder}/pwm1", (time.time() - self.silent,) * 2)

    def end(self):
        self.process.terminate()
        lines = [[float(n) for n in line.split()] for line in self.process.communicate(timeout=10)[0].splitlines()]
        with open(f"{self.folder}/temp1_input") as f:
            self.sensed = int(f.read()) / 1000
        self.status = self.process.returncode
        self.at, self.celsius, self.power, self.silence = lines[-1]
        self.lines = lines
        return self


def main():
    with tempfile.TemporaryDirectory(prefix="keel-room-") as folder:
        rooms = {"off": Room(f"{folder}/off", "0"), "on": Room(f"{folder}/on", "1000\n"),
                 "more than all": Room(f"{folder}/more", "5000"), "less than nothing": Room(f"{folder}/less", "-5"),
                 "no number": Room(f"{folder}/word", "on"), "silent": Room(f"{folder}/silent", "1000", silent=20),
                 "as cold": Room(f"{folder}/cold", "0", start=5)}
        for _ in range(12):
            time.sleep(0.2)
            for room in rooms.values():
                room.burn()
        r = {name: room.end() for name, room in rooms.items()}
    on, off, most = r["on"], r["off"], r["more than all"]
    checks = [
        ("it cools", 5 < off.celsius < 17.5, off.lines),
        ("it warms", 18.5 < on.celsius < 60, on.lines),
        ("power", (on.power, off.power, most.power) == (1, 0, 1), most.lines),
        ("no power", (r["less than nothing"].power, r["no number"].power) == (0, 0), r["no number"].lines),
        ("a burner shuts itself off", r["silent"].power == 0 and r["silent"].celsius < 18, r["silent"].lines),
        ("silence is told", 19 < r["silent"].silence < 60 and on.silence < 10, r["silent"].lines),
        ("nothing is lost where it is as cold", r["as cold"].celsius == 5, r["as cold"].lines),
        ("the sensor", off.sensed < 17.5 and on.sensed > 18.5, (off.sensed, on.sensed)),
        ("a line a second", all(b[0] - a[0] > 0.9 for a, b in zip(on.lines, on.lines[1:])), on.lines),
        ("its end", all(x.status == 0 for x in r.values()), [x.status for x in r.values()]),
        ("no folder", subprocess.run([ROOM, "/nowhere"], capture_output=True).returncode == 1, "taken"),
        ("no words", subprocess.run([ROOM], capture_output=True).returncode == 2, "taken"),
    ]
    failed = [(name, seen) for name, good, seen in checks if not good]
    for name, seen in failed:
        print(f"{name}: {seen}", file=sys.stderr)
    print(f"{len(checks) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


sys.exit(main())
