"""Principle 9: resilience to outages."""

import os
import signal
import time

from day import attacker, events_since, last_event, refused
from home import ROOMS, need, until
from service import cut, judged, kill, reports, start

PERIOD = 10.0  # s, the example's control period
OTHERS = tuple(room for room in ROOMS if room != "app")


def the_room_reaches_the_setpoint(home):
    """Two degrees above where the room is: it has to be heated for it."""
    target = home.witness()[-1][1] // 0.5 * 0.5 + 2
    home.must("anna", "command", "set temperature", f"celsius={target}")
    until(15, "the burner at work", lambda: home.witness()[-1][2] > 0.3)
    seen = until(75, "the room at its setpoint", lambda: home.witness()[-1][1] > target - 0.3 and home.witness()[-1])
    return f"the room reached {seen[1]:.1f} of {target:.1f} degrees"


def heating_outlives_every_room(home):
    """A pause lasts from a kill to the moment that the burner is told to burn again."""
    heat(home)
    pause = 0.0
    for room in ROOMS:
        pause = max(pause, pause_after_killing(home, room))
    pause = max(pause, pause_after_killing(home, *OTHERS))
    home.answers_again()
    until(15, "the setpoint again", lambda: home.value("anna", "setpoint") == 28)
    return f"each room killed, heating paused {pause:.2f} s at most"


def the_app_alone_heats(home):
    """With every other room stopped, and the app itself started anew, the setpoint holds."""
    heat(home)
    pids = {room: home.room(room) for room in ROOMS}
    for room in OTHERS:
        os.kill(pids[room], signal.SIGSTOP)
    try:
        pause_after_killing(home, "app")
        for room in OTHERS:
            need(home.status(pids[room])["State"][0] == "T", f"the {room} was not out of the way")
        line = len(home.witness())
        until(5, "the burner at work", lambda: len(home.witness()) > line + 2)
        need(home.witness()[-1][2] > 0.5, "the app alone does not heat")
    finally:
        for room in OTHERS:
            home.kill(pids[room])
    home.answers_again()
    return f"with {', '.join(OTHERS)} stopped and the app restarted, the burner goes on"


def heating_outlives_the_parent(home):
    heat(home)
    moment = time.time()
    home.kill(home.keeld())
    home.answers_again()
    pause = until(PERIOD, "the burner at work again", lambda: home.burning_since(moment)) - moment
    until(PERIOD, "the setpoint again", lambda: home.value("anna", "setpoint") == 28)
    need(pause <= PERIOD, f"heating paused for {pause:.1f} s")
    return f"the parent killed, heating paused {pause:.2f} s"


def after_the_kills_the_home_is_as_it_was(home):
    """People, events, schedule, history and counters, after everything was killed at once."""
    early = f"{home.folder}/before-the-kills"
    attacker(home, "hold", early, "set temperature", "celsius", "23000")
    need(attacker(home, "send", early)["error"] == "accepted", "a command in time was refused")
    home.must("anna", "command", "schedule", "day=3", "minute=600", "celsius=19")
    home.must("anna", "command", "set temperature", "celsius=20.5")  # her word, while a schedule runs
    until(30, "some history", lambda: history(home))
    before = picture(home)
    for pid in [home.keeld(), *home.rooms().values()]:
        home.kill(pid)
    home.answers_again()
    until(20, "the schedule running again", lambda: home.value("anna", "schedule running") == 1)
    after = picture(home)
    for what in before:
        same = after[what][:len(before[what])] == before[what]  # events and history may have grown
        need(same, f"after the kills the {what} is another: {before[what]} became {after[what]}")
    refused(home, "a replayed command", attacker(home, "send", early), "before")
    return f"after the kills {', '.join(before)} and counters are as they were"


def never_two_apps(home):
    counting = home.counting
    need(counting.looks > 50, f"the processes were looked at {counting.looks} times only")
    app, moment = home.room("app"), time.time()
    home.kill(home.keeld())
    until(20, "a new app at the burner", lambda: home.driven_since(moment) and home.rooms().get("app") not in (None, app))
    time.sleep(1)  # a second one would have begun by now
    until(10, "an app at the burner", home.apps)
    most = max(counting.most, len(home.apps()))
    need(most == 1, f"{most} apps drive the burner")
    home.answers_again()
    return f"never two apps in {counting.looks} looks at all processes"


# --- what they look at ---------------------------------------------------------------------------------
def heat(home):
    """Far below the setpoint the burner burns, whatever the room."""
    moment = time.time()
    home.must("anna", "command", "set temperature", "celsius=28")
    until(5, "the burner at work", lambda: home.burning_since(moment))


def pause_after_killing(home, *rooms):
    """Seconds in which nobody drove the burner: none, as long as the app lives on."""
    pids, app, moment = {room: home.room(room) for room in rooms}, home.room("app"), time.time()
    for room in rooms:
        home.kill(pids[room])
    pause = 0.0
    if "app" in rooms:
        pause = until(PERIOD, "the burner at work again", lambda: home.burning_since(moment)) - moment
    until(10, f"a new {' and '.join(rooms)}",
          lambda: all(home.rooms().get(room) not in (None, pids[room]) for room in rooms))
    need("app" in rooms or home.room("app") == app, f"without {', '.join(rooms)} the app did not go on")
    need(pause <= PERIOD, f"heating paused for {pause:.1f} s")
    return pause


LISTEN = "import socket, sys, time; s = socket.socket(); s.bind(('0.0.0.0', int(sys.argv[1]))); s.listen(); time.sleep(30)"
FIRST_PORT = 9700


def open_ports(home, ports):
    """An event of each port, told to the owner; what an event is, is a report."""
    for port in ports:
        before = last_event(home)
        program = home.inside("python3", "-c", LISTEN, str(port))
        try:
            until(8, f"an event of port {port}",
                  lambda: any(f":{port}" in e["detail"] for e in events_since(home, before, "undeclared-port")))
        finally:
            program.kill()
            program.wait()


def told_of(home, ports):
    """How often the service has each port, in the order of the reports."""
    told = [payload for _, _, payload in reports(home) if b"undeclared-port" in payload]
    return [sum(f":{port}".encode() in payload for payload in told) for port in ports]


def reports_outlive_the_service(home):
    """Killed amid reports: what it acknowledged it has, and what it had not comes again, once; the second time the uplink dies too."""
    ports = range(FIRST_PORT, FIRST_PORT + 4)
    home.kill(home.room("uplink"))  # a new one waits ten seconds at most after the first failure
    judged(home, "a session", lambda u: u["state"] == "here")
    for i in range(0, 4, 2):
        open_ports(home, ports[i:i + 1])
        kill(home)
        open_ports(home, ports[i + 1:i + 2])
        start(home)
        if i > 0:
            home.kill(home.room("uplink"))
        until(40, "every report, once", lambda i=i: told_of(home, ports[:i + 2]) == [1] * (i + 2))
    numbers = [number for number, _, _ in reports(home)]
    need(numbers == sorted(set(numbers)), f"out of order: {numbers}")
    return "the service killed twice amid reports, and the uplink with it: none lost, none twice"


def a_cut_network_loses_nothing(home):
    ports = range(FIRST_PORT + 10, FIRST_PORT + 13)
    before = len(reports(home))
    programs = [home.inside("python3", "-c", LISTEN, str(port)) for port in ports]
    try:
        with cut(home):
            time.sleep(6)
            need(len(reports(home)) == before, "the network was not cut")
        until(60, "what was queued", lambda: told_of(home, ports) == [1] * 3)
    finally:
        for program in programs:
            program.kill()
            program.wait()
    numbers = [number for number, _, _ in reports(home)]
    need(numbers == sorted(set(numbers)), f"out of order: {numbers}")
    return "the network cut: what waited came in order"


# What a program or somebody outside can cause counts on in its place, under a new number.
AT_WILL = ("wrong-code", "many-", "clock-jump", "room-", "undeclared-", "port-gone", "file-")


def history(home):
    return home.must("anna", "history", "temperature history")["points"]


def picture(home):
    state = home.must("anna", "state")
    return {
        "people": home.must("anna", "people")["people"],
        "events": [e for e in home.must("anna", "events")["events"] if not e["word"].startswith(AT_WILL)],
        "last commands": state["accepted"],
        "setpoint": [home.value("anna", "setpoint")],
        "schedule": [k for k in home.must("anna", "kept")["data"] if k["datum"] == "schedule"],
        "history": history(home),
    }


CHECKS = [the_room_reaches_the_setpoint, heating_outlives_every_room, the_app_alone_heats,
          heating_outlives_the_parent, after_the_kills_the_home_is_as_it_was, never_two_apps,
          a_cut_network_loses_nothing, reports_outlive_the_service]
