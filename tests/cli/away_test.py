"""keel owner, at home and away: the same sealed bytes at the hub's door and by a relay."""

import http.server
import json
import os
import re
import shutil
import socket
import ssl
import threading
import time

import hub
from hub import Carrier, Front, Hub, Maker, Person, free_port, need
from cbor import cbor
from relay import Relay


class World:
    def __init__(self, folder):
        self.folder = folder
        self.hub = Hub(f"{folder}/hub", Maker(f"{folder}/maker"))
        self.hub.start()
        self.relay = Relay(folder, self.hub)
        self.ann = Person(f"{folder}/people/ann", self.hub)
        self.nowhere = f"https://127.0.0.1:{free_port()}"

    def end(self):
        self.relay.close()
        self.hub.stop()

    def away(self, *words, options=(), url=None, status=0):
        """(the answer, what standard error says of the way), for a script."""
        done = self.ann.run(*words, options=("--json", *options), url=url or self.nowhere)
        need(done.returncode == status, f"{words}: {done}")
        lines = done.stdout.splitlines()
        return json.loads(lines[0]), [json.loads(line) for line in done.stderr.splitlines()]


def setpoint(state):
    return next(v["value"] for v in state["values"] if v["name"] == "setpoint")


def an_owner_claims_at_home_and_names_the_service(w):
    w.ann.must("claim", options=("--label", w.hub.label, "--name", "Ann", "--ca", w.hub.ca,
                                 "--service", w.relay.url, "--service-ca", w.relay.ca))
    done = w.ann.run("state")
    need(done.returncode == 0 and done.stderr == "keel: directly, at home\n", f"at home: {done}")
    done = w.ann.run("state", options=("--json",))
    need(json.loads(done.stderr) == {"way": "home"}, f"at home, for a script: {done}")
    need(w.relay.seen == [], "the service was asked at home")


def away_the_same_is_read_by_the_service(w):
    done = w.ann.run("state", url=w.nowhere)
    need(done.returncode == 0 and "setpoint" in done.stdout, f"away: {done}")
    need(re.fullmatch(rf"keel: by way of {w.relay.url}, which last heard your hub \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\n", done.stderr),
         f"which way, and when it was heard: {done.stderr!r}")
    answer, said = w.away("state")
    need(said == [{"way": "away", "service": w.relay.url, "last_heard": w.relay.heard}], f"for a script: {said}")
    need(abs(w.relay.heard - time.time()) < 60 and answer["role"] == 0, f"state: {answer}")
    for words in (("kept",), ("export",), ("people",), ("events",), ("statement",), ("product",), ("history", "temperature history")):
        w.away(*words)


def a_command_from_afar_is_done(w):
    w.away("command", "set temperature", "celsius=23.5")
    hub.until(10, "the setpoint", lambda: setpoint(w.ann.must("state")) == 23.5)
    w.ann.must("command", "set temperature", "celsius=20")  # and at home again: one counter
    w.away("rename", "Anna")
    need([p["name"] for p in w.ann.must("people")["people"]] == ["Anna"], "her name")


def what_the_hub_refuses_is_told_as_at_home(w):
    at_home = w.ann.run("command", "set temperature", "celsius=90")
    away = w.ann.run("command", "set temperature", "celsius=90", url=w.nowhere)
    need(at_home.returncode == away.returncode == 1, f"{at_home}, {away}")
    need(at_home.stderr.splitlines()[-3:] == away.stderr.splitlines()[-3:], f"{at_home.stderr} {away.stderr}")


def prov_5_5_7_the_service_sees_sizes_in_whole_steps(w):
    need(len(w.relay.seen) > 10, "nothing was carried")
    for request in w.relay.seen:
        need(len(request) % 256 == 0, f"a request of {len(request)} bytes")
        for word in (b"setpoint", b"celsius", b"temperature", b"Anna"):
            need(word not in request, f"the service reads {word}")


class LossyCarrier(Carrier):
    """Carries every request, and loses the answer to one."""

    def carry(self, body):
        self.server.bodies.append(body)
        status, answer = super().carry(body)
        return (502, b"") if len(self.server.bodies) == self.server.lose else (status, answer)


def the_same_bytes_go_either_way_and_have_one_effect(w):
    """The hub took the change, and the answer was lost at home: the service carries the same bytes again."""
    front = Front(w.hub, "/v1/request", None)
    front.RequestHandlerClass, front.bodies, front.lose = LossyCarrier, [], 2
    done = w.ann.run("command", "set temperature", "celsius=21", options=("--json", "--ca", w.hub.ca), url=front.url)
    front.close()
    need(done.returncode == 0 and len(front.bodies) == 2, f"{done}, {len(front.bodies)} at home")
    need(front.bodies[1] == w.relay.seen[-1], "other bytes went by the service")
    need(json.loads(done.stderr.splitlines()[-1])["way"] == "away", f"the way: {done.stderr}")
    number = json.loads(done.stdout)["number"]
    need(w.ann.must("command", "set temperature", "celsius=20")["number"] == number + 1, "it was done twice")


class Elsewhere(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.says
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def what_answers_in_another_network_is_not_taken_for_the_hub(w):
    """A page to log in at, another hub, somebody who imitates one: by the CA, and without it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(w.relay.ca, f"{w.folder}/service.key")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://127.0.0.1:{server.server_address[1]}"
    careless = f"{w.folder}/people/careless"
    shutil.copytree(w.ann.keys, careless)
    with open(f"{careless}/hub") as f:
        lines = f.read().splitlines()
    with open(f"{careless}/hub", "w") as f:
        f.write("\n".join([lines[0], "", *lines[2:], ""]))
    for keys in (w.ann.keys, careless):
        for says in ((404, b"<html>"), (200, b"<html>"), (200, w.relay.seen[-1]),
                     (403, cbor({1: "auth", 2: "This is meant for another device."}))):
            server.says, before = says, len(w.relay.seen)
            done = hub.keel("owner", "--keys", keys, "--hub", url, "--json", "state")
            need(done.returncode == 0 and json.loads(done.stderr)["way"] == "away", f"{says}: {done}")
            need(len(w.relay.seen) == before + 1, "the service was not asked once")
    server.shutdown()
    server.server_close()


def nobody_waits_long_for_a_hub_that_is_not_there(w):
    """What does not answer at all: a connection that is taken, and nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        _, said = w.away("state", url=f"https://127.0.0.1:{silent.getsockname()[1]}")
    need(said[0]["way"] == "away" and time.monotonic() - started < 8, f"{said} after {time.monotonic() - started:.1f} s")


def a_hub_that_refuses_at_home_is_believed(w):
    gone = Person(f"{w.folder}/people/gone", w.hub)
    invitation = w.ann.must("invite", "guest", "Gil", "1")["invitation"]
    gone.must("join", invitation, options=("--name", "Gil", "--service", w.relay.url, "--service-ca", w.relay.ca))
    them = next(p["owner"] for p in w.ann.must("people")["people"] if p["name"] == "Gil")
    w.ann.must("remove", them)
    before = len(w.relay.seen)
    gone.refused("state", error="auth")
    need(len(w.relay.seen) == before, "the service was asked")


def a_service_that_changes_anything_gets_nothing(w):
    for change in (lambda x: x[:-40] + bytes([x[-40] ^ 1]) + x[-39:], lambda x: x[:-1], lambda x: b"\xa0", lambda x: b""):
        w.relay.change = change
        answer, said = w.away("state", status=1)
        need(answer["error"] in ("auth", "form", "short", "range") and answer["next"] and said == [], f"{answer}, {said}")
    w.relay.change = None
    w.away("state")


def a_refusal_that_the_service_brings_is_no_reason_to_give_up_the_keys(w):
    """At home the same sentence is the hub's, and its advice is to forget them."""
    for sentence in ("The device does not know whoever sent this.",
                     "This is meant for another home: the device had other owners then."):
        w.relay.change = lambda _, said=sentence: cbor({1: 403, 2: cbor({1: "auth", 2: said}), 3: 1})
        answer, _ = w.away("state", status=1)
        need(answer["sentence"] == sentence and "keep your keys" in answer["next"], f"{answer}")
    w.relay.change = None
    w.away("state")


def a_service_under_another_certificate_is_told_nothing(w):
    before = len(w.relay.seen)
    stranger = f"{w.folder}/people/stranger"
    shutil.copytree(w.ann.keys, stranger)
    with open(f"{stranger}/hub") as f:
        lines = f.read().splitlines()
    need(lines[2:] == [w.relay.url, os.path.realpath(w.relay.ca)], f"what is kept: {lines}")
    with open(f"{stranger}/hub", "w") as f:
        f.write("\n".join([*lines[:3], "", ""]))  # the system's roots
    done = hub.keel("owner", "--keys", stranger, "--hub", w.nowhere, "state")
    need(done.returncode == 1 and w.nowhere in done.stderr and w.relay.url in done.stderr, f"{done}")
    need(len(w.relay.seen) == before, "it was told all the same")


def a_home_that_is_away_is_told_with_when_it_was_heard(w):
    w.relay.hub = None
    day = time.strftime("%Y-%m-%d", time.gmtime(w.relay.heard))
    before = len(w.relay.seen)
    lines = w.ann.told("state", what=f"last heard {day}", next="try again in 30 s", url=w.nowhere)
    need(len(w.relay.seen) == before + 1, "the service, which waited for the hub, was asked again at once")
    answer, _ = w.away("state", status=1)
    need(answer["error"] == "io" and "last heard" in answer["sentence"], f"{answer}, {lines}")
    w.relay.hub = w.hub


def without_hub_and_service_both_are_named(w):
    other = f"https://127.0.0.1:{free_port()}"
    answer, _ = w.away("state", options=("--service", other), status=1)
    need(w.nowhere in answer["sentence"] and other in answer["sentence"] and "network" in answer["next"], f"{answer}")
    w.away("state", options=("--service", w.relay.url))  # kept from now on
    w.away("state")


def a_service_is_named_as_one(w):
    no_certificate = f"{w.folder}/none.pem"
    with open(no_certificate, "w") as f:
        f.write("hello\n")
    for options, what, next in (
            (("--service", "http://127.0.0.1"), "http://127.0.0.1 is not a service's address", "name it like https://"),
            (("--service", "https://127.0.0.1/v1"), "is not a service's address", "without a path"),
            (("--service-ca", f"{w.folder}/nowhere"), "cannot open the CA's file", "--service-ca"),
            (("--service-ca", no_certificate), "holds no certificate", "--service-ca")):
        w.ann.told("state", options=options, status=2, what=what, next=next)
    w.away("state")


def a_service_is_forgotten_again(w):
    done = w.ann.run("state", options=("--service", ""))
    need(done.returncode == 0 and done.stderr == "", f"at home, without one: {done}")
    before = len(w.relay.seen)
    answer, said = w.away("state", status=1)
    need(answer["error"] == "io" and said == [] and len(w.relay.seen) == before, f"{answer}, {said}")


if __name__ == "__main__":
    hub.main([an_owner_claims_at_home_and_names_the_service, away_the_same_is_read_by_the_service, a_command_from_afar_is_done,
              what_the_hub_refuses_is_told_as_at_home, prov_5_5_7_the_service_sees_sizes_in_whole_steps,
              the_same_bytes_go_either_way_and_have_one_effect, what_answers_in_another_network_is_not_taken_for_the_hub,
              nobody_waits_long_for_a_hub_that_is_not_there, a_hub_that_refuses_at_home_is_believed, a_service_that_changes_anything_gets_nothing,
              a_refusal_that_the_service_brings_is_no_reason_to_give_up_the_keys,
              a_service_under_another_certificate_is_told_nothing, a_home_that_is_away_is_told_with_when_it_was_heard,
              without_hub_and_service_both_are_named, a_service_is_named_as_one, a_service_is_forgotten_again], World)
