"""keel interrogate: the maker's device, another maker's, a replay, a clone, and one that made itself. EN 303 645 5.4-2, 5.12-3."""

import http.server
import json
import os
import ssl
import subprocess
import threading
import urllib.request

import hub
from hub import Hub, Maker, Person, keel, need, until


class World:
    def __init__(self, folder):
        self.folder = folder
        self.maker, self.other = Maker(f"{folder}/maker"), Maker(f"{folder}/other")
        self.hub = Hub(f"{folder}/hub", self.maker).start()
        self.own = Hub(f"{folder}/own", self.other).start()  # a device that somebody made and signed themselves
        self.product = f"{self.hub.home}/product.cbor"
        self.tpm = None

    def end(self):
        for h in (self.hub, self.own, self.tpm):
            if h is not None:
                h.stop()
        if self.tpm is not None:
            self.swtpm.terminate()
            self.swtpm.wait(10)


class Fake:
    """A TLS server that answers whatever answer(body) gives: a device that keeld never ran on."""

    def __init__(self, w, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/cbor")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{w.own.home}/door.crt", f"{w.own.home}/door.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def ask(h, body):
    """The question as it is, to a real hub."""
    request = urllib.request.Request(h.url + "/v1/interrogate", data=body,
                                     headers={"Content-Type": "application/cbor"})
    with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=h.ca), timeout=10) as answer:
        return answer.read()


def item(b, at):
    """Where the CBOR item that begins at `at` ends."""
    major, low, at = b[at] >> 5, b[at] & 31, at + 1
    if low >= 24:
        size = 1 << (low - 24)
        low, at = int.from_bytes(b[at:at + size], "big"), at + size
    if major in (2, 3):
        return at + low
    for _ in range({4: low, 5: 2 * low, 6: 1}.get(major, 0)):
        at = item(b, at)
    return at


def halves(answer):
    """Statement and endorsement of {1: statement, 2: endorsement}."""
    need(answer[:2] == b"\xa2\x01", "not an answer")
    end = item(answer, 2)
    return answer[2:end], answer[end + 1:]


def refused(url, *words):
    done = keel("interrogate", url, *words)
    need(done.returncode == 1 and done.stdout == "", f"{words} should be refused: {done}")
    need(len(done.stderr.splitlines()) == 3 and "Next:" in done.stderr, f"not three lines: {done.stderr}")
    done = keel("interrogate", url, "--json", *words)
    need(done.returncode == 1 and json.loads(done.stdout)["error"], f"as JSON: {done}")
    return json.loads(done.stdout)


def without_the_maker_it_says_what_was_not_checked(w):
    done = keel("interrogate", w.hub.url)
    need(done.returncode == 3 and "the statement fits the key that came with it; whose key that is was not checked"
         in done.stderr.replace("\n", " "), f"{done}")
    for line in ("hwmodel: hearth-h1", "maker: Example Heating Ltd", "state: factory", "support: 2033-12-01"):
        need(line in done.stdout, f"{line} is missing: {done.stdout}")


def the_makers_device_is_verified(w):
    done = keel("interrogate", w.hub.url, "--maker", w.product, "--ca", w.hub.ca, "--json")
    need(done.returncode == 0 and done.stderr == "", f"{done}")
    s = json.loads(done.stdout)
    need(s["state"] == 0 and s["version"]["text"] == "1.0.0" and "serial" not in s, f"to anyone: {s}")
    need(s["aud"] == "keel interrogate" and s["profile"] == "tag:keel,2026:interrogate", f"{s}")


def another_makers_key_does_not_verify_it(w):
    w.other.product(f"{w.folder}/other.cbor")
    need(refused(w.hub.url, "--maker", f"{w.folder}/other.cbor")["error"] == "auth", "another maker's key")


def a_device_that_made_itself_is_refused(w):
    need("did not endorse" in refused(w.own.url, "--maker", w.product)["sentence"], "a self-made device")


def a_recorded_answer_is_refused(w):
    recorded = []

    def answer(body):
        recorded.append(recorded[0] if recorded else ask(w.hub, body))
        return recorded[0]
    fake = Fake(w, answer)
    need(keel("interrogate", fake.url, "--maker", w.product).returncode == 0, "the way itself is broken")
    refused(fake.url, "--maker", w.product)
    refused(fake.url)
    fake.close()


def a_clone_is_refused(w):
    """It has copied the endorsement, and signs with a key of its own."""
    _, copied = halves(ask(w.hub, b"\xa2\x01\x58\x20" + bytes(32) + b"\x02\x61x"))

    def answer(body):
        statement, _ = halves(ask(w.own, body))
        return b"\xa2\x01" + statement + b"\x02" + copied
    fake = Fake(w, answer)
    need("may be a copy" in refused(fake.url, "--maker", w.product)["sentence"], "a clone")
    refused(fake.url)
    fake.close()


def a_changed_answer_is_refused(w):
    for place in (10, 60, 120, -1, -100, -200):
        def answer(body):
            b = bytearray(ask(w.hub, body))
            b[place] ^= 1
            return bytes(b)
        fake = Fake(w, answer)
        refused(fake.url, "--maker", w.product)
        fake.close()


def what_is_no_answer_is_refused(w):
    for canned in (b"", b"\xa0", b"<html>", os.urandom(500), b"\x9f" * 3000, bytes(70000)):
        fake = Fake(w, lambda _: canned)
        refused(fake.url)
        refused(fake.url, "--maker", w.product)
        fake.close()


def another_model_of_the_maker_is_told(w):
    with open(f"{w.product}.yaml") as f:
        text = f.read().replace("hearth-h1, name", "hearth-h2, name")
    with open(f"{w.folder}/h2.yaml", "w") as f:
        f.write(text)
    keel("compile", f"{w.folder}/h2.yaml", "--maker-key", w.maker.key, "-o", f"{w.folder}/h2.cbor")
    need("another model" in refused(w.hub.url, "--maker", f"{w.folder}/h2.cbor")["sentence"], "another model")


def arguments_are_read_strictly(w):
    """Not asked, for what was typed cannot be meant: what it is stands in the first line."""
    nowhere = f"{w.folder}/nowhere"
    for words, what in (((), "no hub is named"), ((w.hub.url, "more"), "no place for more"),
                        ((w.hub.url, "--what"), "no option --what"), (("--maker",), "--maker needs a value"),
                        ((w.hub.url, "--json=1"), "--json=1: this option takes no value"), ((w.hub.url, "-x"), "no option -x"),
                        (("http://127.0.0.1:1",), "http://127.0.0.1:1 is not a hub's address"),
                        ((w.hub.url, "--ca", nowhere), f"cannot open the CA's file {nowhere}"),
                        ((w.hub.url, "--ca", w.product), f"{w.product} holds no certificate"),
                        ((w.hub.url, "--maker", nowhere), f"cannot open {nowhere}"),
                        ((w.hub.url, "--maker", w.maker.key), f"{w.maker.key} is no compiled declaration")):
        done = keel("interrogate", *words)
        need(done.returncode == 2 and done.stdout == "" and what in done.stderr.splitlines()[0], f"{words}: {done}")
    need(keel("interrogate", "--help").returncode == 0, "no help")
    refused(w.hub.url, "--ca", w.own.ca)


def an_isolated_way_to_nobody_is_told(w):
    need("gave no answer" in refused(f"https://127.0.0.1:{hub.free_port()}")["sentence"], "nobody there")


def a_unit_with_a_tpm_says_so(w):
    state = f"{w.folder}/tpm"
    os.makedirs(state)
    w.swtpm = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}", "--server",
                                f"type=unixio,path={state}/sock", "--flags", "not-need-init,startup-clear"])
    until(10, "the TPM's socket", lambda: os.path.exists(f"{state}/sock"))
    w.tpm = Hub(f"{w.folder}/secure", w.maker, tpm=f"{state}/sock").start()
    need(keel("interrogate", w.tpm.url, "--maker", w.product).returncode == 0, "the TPM's device is not verified")
    ann = Person(f"{w.folder}/ann", w.tpm)
    ann.claim()
    need(ann.must("statement")["keys_in"] == "tpm", "the keys are not in the TPM")
    need(ann.must("delete", "all")["how"] == 0, "the key was not destroyed in the TPM")


if __name__ == "__main__":
    hub.main([without_the_maker_it_says_what_was_not_checked, the_makers_device_is_verified,
              another_makers_key_does_not_verify_it, a_device_that_made_itself_is_refused,
              a_recorded_answer_is_refused, a_clone_is_refused, a_changed_answer_is_refused,
              what_is_no_answer_is_refused, another_model_of_the_maker_is_told, arguments_are_read_strictly,
              an_isolated_way_to_nobody_is_told, a_unit_with_a_tpm_says_so], World)
