"""A home whose door was taken over: EN 303 645 5.6-7, 5.13-1A. It commands nothing and reads nothing.

keeld is the real one but for its door (tests/device/hostile_door.c), which takes plain frames: Front is the TLS
and HTTP that an owner's program wants to see.
"""

import base64
import http.server
import os
import re
import secrets
import socket
import ssl
import struct
import threading
import time

import hub
from hub import Hub, Maker, Person, need, until

PATHS = ("hello", "claim", "request", "interrogate")
ATTACK, DUMP, COMPLAIN = 100, 101, 102
# What the vault itself tells an owner of an attack; nothing else may be new.
TOLD = {"many-refused", "many-malformed", "many-wrong-codes", "many-limited", "undeclared-port", "room-restarted",
        "port-gone"}


class Front(http.server.ThreadingHTTPServer):
    """HTTPS for `keel owner`, one frame a request for the door."""

    daemon_threads = True

    def __init__(self, home, port, door):
        self.door, self.one_by_one = door, threading.Lock()
        super().__init__(("127.0.0.1", port), Visit)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(f"{home}/door.crt", f"{home}/door.key")
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # an owner's program that went away

    def order(self, order, body=b""):
        with self.one_by_one, socket.create_connection(("127.0.0.1", self.door), 120) as s:
            s.sendall(struct.pack(">BI", order, len(body)) + body)
            answer = s.makefile("rb")
            status, n = struct.unpack(">II", answer.read(8))
            return status, answer.read(n)


class Visit(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            status, answer = self.server.order(PATHS.index(self.path.removeprefix("/v1/")), body)
        except (OSError, struct.error):
            status, answer = 503, b""
        self.send_response(status if 200 <= status < 600 else 503)
        self.send_header("Content-Type", "application/cbor")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class World:
    def __init__(self, folder):
        self.hub = Hub(f"{folder}/one", Maker(f"{folder}/maker"))
        self.front = Front(self.hub.home, self.hub.way, self.hub.port)
        self.hub.url = f"https://127.0.0.1:{self.hub.way}"
        self.hub.start("KEELD_HOSTILE")
        self.ann, self.bob = (Person(f"{folder}/people/{n}", self.hub) for n in ("ann", "bob"))
        self.names = {who: f"{who} {secrets.token_hex(6)}" for who in ("Ann", "Bob", "Gil")}
        self.secrets = []

    def end(self):
        self.hub.stop()
        self.front.shutdown()


def accepted(w):
    return w.ann.must("state")["accepted"]


def seen_by_ann(w):
    """All that an owner can read and that does not change by itself."""
    status, pages = w.ann.ask("export")
    need(status == 0, f"no export: {pages}")
    data = sorted((d["datum"], d["value"]) for page in pages for d in page["data"]
                  if not d["datum"].endswith("history"))
    state = w.ann.must("state")
    statement = w.ann.must("statement")
    return {"accepted": state["accepted"], "role": state["role"], "export": data,
            "people": w.ann.must("people")["people"],
            "kept": [(k["datum"], k["consent"]) for k in w.ann.must("kept")["data"]],
            "product": w.ann.must("product"), "state": statement["state"], "measured": statement["measured"],
            "walls of others": [m for m in statement["missing"] if not m.startswith("door: ")],
            "setpoint": [v["value"] for v in state["values"] if v["name"] == "setpoint"]}


def noticed(w, after=0):
    """All events after this one, page by page."""
    events = []
    while page := w.ann.must("events", str(events[-1]["number"] if events else after))["events"]:
        events += page
    return events


def an_owner_lives_with_it(w):
    """A door that only listens: everything works, and it has seen all of it."""
    need(w.ann.claim(name=w.names["Ann"])["role"] == "owner", "no claim")
    for asked in [k["datum"] for k in w.ann.must("kept")["data"] if k["consent"] != 0]:
        w.ann.must("consent", asked, "yes")
    today = time.localtime().tm_wday
    for days, minute, celsius in ((2, 1234, "23.5"), (3, 777, "17.5")):
        w.ann.must("command", "schedule", f"day={(today + days) % 7}", f"minute={minute}", f"celsius={celsius}")
    w.ann.must("command", "set temperature", "celsius=21.5")
    text = w.ann.must("invite", "owner", w.names["Bob"])["invitation"]
    w.secrets.append(("an invitation's secret", base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[-16:]))
    need(w.bob.must("join", text, options=("--name", w.names["Bob"]))["role"] == "owner", "Bob was not let in")
    w.ann.must("invite", "guest", w.names["Gil"], "1", "set temperature")
    w.bob.must("command", "set temperature", "celsius=26")
    w.last = w.ann.must("command", "set temperature", "celsius=19")["number"]
    until(20, "the schedule in the export", lambda: any(d["datum"] == "schedule" for page in w.ann.ask("export")[1]
                                                        for d in page["data"]))
    w.ann.must("history", "temperature history")
    w.before, w.events = seen_by_ann(w), noticed(w)
    need(w.before["setpoint"] == [19], f"the setpoint: {w.before['setpoint']}")
    need(len(w.before["people"]) == 2, f"people: {w.before['people']}")


def prov_5_6_7_a_door_taken_over_commands_nothing(w):
    said, _ = w.front.order(ATTACK)
    need(said > 1000, f"it said {said} messages only")
    after = seen_by_ann(w)
    for what, value in w.before.items():
        need(after[what] == value, f"{what} was {value}, and is now {after[what]}")
    need(noticed(w)[:len(w.events)] == w.events, "what was noticed before is not as it was")
    until(10, "the owner told of it", lambda: "many-refused" in {e["word"] for e in noticed(w, w.events[-1]["number"])})
    new = {e["word"] for e in noticed(w, w.events[-1]["number"])}
    need(new <= TOLD, f"the owner was told: {new}")
    need(w.ann.must("command", "set temperature", "celsius=20")["number"] == w.last + 1, "something else commanded")
    until(15, "the owner's own word", lambda: [v["value"] for v in w.ann.must("state")["values"]
                                               if v["name"] == "setpoint"] == [20])


def prov_5_8_1_a_door_taken_over_reads_nothing(w):
    _, dump = w.front.order(DUMP)
    need(b"hearth-h1" in dump and len(dump) > 100000, f"it kept {len(dump)} bytes, and not what anyone may read")
    with open(w.hub.label) as f:
        code = f.read().strip().split(":")[3]
    with open(f"{w.hub.home}/product.cbor.yaml") as f:
        declared = re.findall(r"- \{?(?:name|datum): ([a-z ]+?)[,\n}]", f.read())
    need({"set temperature", "schedule", "heating history", "burner power", "temperature history"} <= set(declared),
         f"the declaration's names: {declared}")
    told = {"door", "button", "device key", "store root", "claim key", "owner keys", "door key", "maker key"}
    private = [d for d in declared if d not in told and len(d) > 5]
    clear = [(n, n.encode()) for n in [*w.names.values(), "celsius", "minute", *private]]
    clear += [("the code", code.encode()), ("the code's first half", code[:10].encode()), *w.secrets]
    clear += [("the schedule", bytes.fromhex(v)) for d, v in w.before["export"] if d == "schedule"]
    need(len(clear) > 12, f"few canaries: {clear}")
    for what, canary in clear:
        need(len(canary) >= 6 and canary not in dump, f"it has read {what}")


def its_complaints_end_itself(w):
    before = w.hub.said().count("room.ended room=door")
    try:
        w.front.order(COMPLAIN)
    except (OSError, struct.error):
        pass  # it was ended in the middle
    until(15, "its end", lambda: w.hub.said().count("room.ended room=door") > before)
    until(15, "an owner let in again", lambda: w.ann.ask("state")[0] == 0)
    for room in ("vault", "monitor", "app"):
        need(f"room.ended room={room}" not in w.hub.said(), f"it ended the {room}")
    need(accepted(w)[0]["fields"][0]["value"] == 20, f"accepted: {accepted(w)}")


if __name__ == "__main__":
    hub.main([an_owner_lives_with_it, prov_5_6_7_a_door_taken_over_commands_nothing,
              prov_5_8_1_a_door_taken_over_reads_nothing, its_complaints_end_itself], World)
