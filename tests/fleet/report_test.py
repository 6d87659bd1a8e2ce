"""Reports of vulnerabilities, from outside: form, script, private link, and what the service never knows. EN 303 645 5.2-1."""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import socketserver
import sqlite3
import ssl
import subprocess
import threading
import time
import urllib.parse

import fleet
from fleet import TOP, need, until

DESK_PEER = os.environ["DESK_PEER"]
FORM = "application/x-www-form-urlencoded"
CANARY = "canary-7f3a91 the heater answers port 23"


def desk(*words, data=None):
    done = subprocess.run([DESK_PEER, *map(str, words)], input=data, capture_output=True, timeout=60)
    need(done.returncode == 0, f"{words[0]}: {done.stderr.decode()}")
    return done.stdout


class Desk:
    """A service whose desk is open, and who sits there."""

    def __init__(self, s):
        self.s, self.at = s, (f"{s.dir}/data/fleet.db", f"{s.folder}/desk.keys")
        self.key, self.secret = desk("make", *self.at).decode().split()

    def __call__(self, act, *words):
        return desk(act, *self.at, *words).decode()


def ask(s, method, path, body=None, kind=None, more=None):
    """(status, body) of one request."""
    context = ssl.create_default_context(cafile=f"{s.dir}/tls.crt")
    context.check_hostname = False
    to = http.client.HTTPSConnection("127.0.0.1", s.port, timeout=40, context=context)
    try:
        to.request(method, path, body, {"Host": "fleet.example:8450", **({"Content-Type": kind} if kind else {}), **(more or {})})
        answer = to.getresponse()
        return answer.status, answer.read()
    finally:
        to.close()


def cbor(value):
    """The few kinds that these calls need, deterministic as long as maps come in order."""
    def head(major, n):
        return bytes([major * 32 + n]) if n < 24 else bytes([major * 32 + 24, n]) if n < 256 else bytes([major * 32 + 25]) + n.to_bytes(2, "big")
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def work(s):
    """A challenge and its proof."""
    told = json.loads(ask(s, "GET", "/v1/report-vulnerability")[1])
    n = 0
    while int.from_bytes(hashlib.sha256(f"{told['challenge']}{n}".encode()).digest(), "big") >> (256 - told["bits"]):
        n += 1
    return {"challenge": told["challenge"], "number": str(n)}


def send_form(s, path, **fields):
    return ask(s, "POST", path, urllib.parse.urlencode(fields), FORM)


def send_sealed(s, d, secret, text, proof=None, **changed):
    """As the page does; the service's answer, and the token."""
    token, opening, message = (bytes.fromhex(x) for x in desk("seal", secret.hex(), changed.pop("key", d.key), text).decode().split())
    proof = proof or work(s)
    kid = hashlib.sha256(bytes.fromhex(d.key)).digest()
    body = {1: proof["challenge"], 2: proof["number"], 3: kid, 4: hashlib.sha256(token).digest(), 5: opening, 6: message, 7: "hearth-h1"}
    body.update(changed.get("more", {}))
    return (*ask(s, "POST", "/v1/report-vulnerability/sealed", cbor(body), "application/cbor"), token)


def number_in(answer):
    found = re.search(rb"20\d\d-[0-9A-Z]{4}", answer)
    need(found, f"no number in {answer!r}")
    return found.group().decode()


def prov_5_2_1_a_sealed_report_is_kept_answered_and_followed(s):
    d = Desk(s)
    secret = os.urandom(32)
    status, answer, token = send_sealed(s.start(), d, secret, CANARY)
    need(status == 200, f"{status} {answer!r}")
    number = number_in(answer)
    need(d("read", number) == f"0: {CANARY}||\n", "the desk reads something else")
    d("note", number, "true")
    d("answer", number, "thank you")
    s.end(), s.start()
    status, answer = s.post("/v1/case", cbor({1: token, 2: 1}))
    need(status == 200 and b"acknowledged" in answer and number.encode() in answer, f"{status} {answer!r}")
    need(b"thank you" not in answer and b"true" not in answer, "an answer is not sealed")
    sealed = answer[answer.index(bytes.fromhex("8343a10103")):][:-2]
    need(b"1: thank you" in desk("open", secret.hex(), data=sealed), "the reporter does not read the answer")
    need(s.post("/v1/case", cbor({1: os.urandom(32), 2: 0}))[0] == 404, "a stranger's link opens a case")


def prov_5_2_1_the_service_never_knows_what_is_reported(s):
    d = Desk(s)
    status, answer, _ = send_sealed(s.start(), d, os.urandom(32), CANARY)
    need(status == 200, f"{status} {answer!r}")
    d("answer", number_in(answer), "answer-" + CANARY)
    places = [CANARY.encode(), bytes.fromhex(d.secret)]
    for name in sorted(os.listdir(f"/proc/{s.process.pid}/task")):
        need(name.isdigit(), name)
    for start, end, data in memory_of(s.process.pid):
        need(not any(p in data for p in places), f"its memory has it, {start:x}-{end:x}")
    for folder, _, files in os.walk(s.dir):
        for name in files:
            with open(f"{folder}/{name}", "rb") as f:
                data = f.read()
            need(not any(p in data for p in places), f"{name} has it")


def memory_of(pid):
    """Each readable part of a process' memory. That this finds what is there: the test below."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            at, how = line.split()[:2]
            start, end = (int(x, 16) for x in at.split("-"))
            if how[0] != "r" or "[v" in line or end - start > 1 << 30:  # a sanitizer's shadow holds no text
                continue
            mem.seek(start)
            yield start, end, mem.read(end - start)


def a_search_of_memory_finds_what_is_there(s):
    s.start()
    origin = s.origin.encode()
    need(any(origin in data for _, _, data in memory_of(s.process.pid)), "the origin is not found in its memory")


def prov_5_2_1_a_form_without_script_is_taken_and_sealed(s):
    d = Desk(s)
    s.start()
    status, page = send_form(s, "/report", text=CANARY + "\nline two", product="hearth-h1", contact="")
    need(status == 200, f"{status} {page!r}")
    number, link = number_in(page), re.search(rb'href="https://fleet.example:8450(/case\?[^#"]+)#', page).group(1).decode()
    need(d("read", number) == f"0: {CANARY}\nline two|hearth-h1|\n", "the desk reads something else")
    with open(f"{s.dir}/data/fleet.db-wal", "rb") as f:
        need(CANARY.encode() not in f.read(), "the database has it")
    status, page = ask(s, "GET", link)
    need(status == 200 and b"<dd>new" in page and number.encode() in page, f"{status} {page!r}")
    d("turn", number, 2)
    need(b"<dd>confirmed" in ask(s, "GET", link)[1], "the state is not told")
    need(ask(s, "GET", link[:-1])[0] == 404 and ask(s, "GET", "/case")[0] == 404, "half a link opens a case")


def who_has_no_script_may_send_less_and_is_told_so(s):
    Desk(s)
    s.start()
    for _ in range(4):
        need(send_form(s, "/report", text="x")[0] == 200, "not taken")
    status, page = send_form(s, "/report", text="x")
    need(status == 429 and b"in this hour" in page, f"{status} {page!r}")
    need(send_form(s, "/v1/report-vulnerability", text="x", **work(s))[0] == 200, "with proof of work it is refused, too")


def a_proof_of_work_is_demanded_and_good_once(s):
    d = Desk(s)
    s.start()
    need(send_form(s, "/v1/report-vulnerability", text="x")[0] == 403, "no work is needed")
    proof = work(s)
    need(send_form(s, "/v1/report-vulnerability", text="x", **{**proof, "number": "1" + proof["number"]})[0] == 403, "any number will do")
    need(send_form(s, "/v1/report-vulnerability", text="x", **proof)[0] == 200, "not taken")
    need(send_form(s, "/v1/report-vulnerability", text="x", **proof)[0] == 403, "a proof is good twice")
    need(send_sealed(s, d, os.urandom(32), "x", proof)[0] == 403, "a proof is good for the other way, too")


def what_is_no_report_is_refused(s):
    d = Desk(s)
    s.start()
    need(send_form(s, "/report", text="")[0] == 400, "an empty report is taken")
    need(send_form(s, "/report", text="x", other="y")[0] == 400, "an unknown field is taken")
    need(ask(s, "POST", "/report", "text=%zz", FORM)[0] == 400, "a bad escape is taken")
    need(ask(s, "POST", "/report", b"text=x", "text/plain")[0] == 415, "another type is taken")
    need(ask(s, "POST", "/report", "text=x", FORM, {"Origin": "https://evil.example"})[0] == 403, "another site's form is taken")
    need(send_sealed(s, d, os.urandom(32), "x", more={3: bytes(32)})[0] == 409, "a key that is not the desk's is taken")
    need(s.post("/v1/report-vulnerability/sealed", b"\xa0")[0] == 400, "nothing is taken")


def without_a_desk_nothing_is_taken_and_it_says_so(s):
    s.start()
    status, page = send_form(s, "/report", text="x")
    need(status == 503 and b"security.txt" in page, f"{status} {page!r}")
    need(json.loads(ask(s, "GET", "/v1/report-vulnerability")[1])["key"] is None, "there is a key")


def security_txt_leads_to_the_desks_key(s):
    s.start()
    need(b"Encryption:" not in ask(s, "GET", "/.well-known/security.txt")[1], "it names a key that is not there")
    need(ask(s, "GET", "/desk-key.json")[0] == 404, "a key is there")
    d = Desk(s)
    line = f"Encryption: {s.origin}/desk-key.json\n".encode()
    need(line in ask(s, "GET", "/.well-known/security.txt")[1].replace(b"\r", b""), "it names no key")
    key = json.loads(ask(s, "GET", "/desk-key.json")[1])
    xy = b"".join(base64.urlsafe_b64decode(key[c] + "=") for c in "xy")
    need((key["kty"], key["crv"], xy.hex()) == ("EC", "P-256", d.key), f"{key}")


class Smtp(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it takes, and turns away as many as it is told to."""

    daemon_threads = allow_reuse_address = True

    def __init__(self, refuse):
        super().__init__(("127.0.0.1", 0), SmtpTalk)
        self.refuse, self.mails = refuse, []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class SmtpTalk(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 here")
        while line := self.rfile.readline():
            word = line.split()[0].upper()
            if word == b"MAIL" and self.server.refuse > 0:
                self.server.refuse -= 1
                self.say("451 later")
            elif word == b"DATA":
                self.say("354 go on")
                mail = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    mail += line
                self.server.mails.append(mail.decode())
                self.say("250 taken")
            else:
                self.say("250 fine")


def the_desk_is_told_by_mail_of_the_number_and_nothing_more(s):
    d, smtp = Desk(s), Smtp(0)
    s.configure(mail_server=f'"smtp://localhost:{smtp.server_address[1]}"', mail_from='"keel@fleet.example"', mail_to='"desk@fleet.example"')
    secret = os.urandom(32)
    _, answer, token = send_sealed(s.start(), d, secret, CANARY)
    number = number_in(answer)
    message = desk("seal", secret.hex(), d.key, CANARY).split()[2].decode()
    need(s.post("/v1/case/message", cbor({1: token, 2: bytes.fromhex(message)}))[0] == 200, "no second message")
    with mailing(s):
        until(10, "two mails", lambda: len(smtp.mails) == 2)
    first, second = smtp.mails
    need(f"Subject: Vulnerability report {number}\r\n" in first and "Somebody reported" in first and "once more" in second, first + second)
    need(f"{s.origin}/console/" in first and "To: <desk@fleet.example>" in first, first)
    need(not any("canary" in m or token.hex() in m for m in smtp.mails), "a mail says what was reported")
    with mailing(s):
        time.sleep(1)
    need(len(smtp.mails) == 2, "a mail went twice")


def prov_5_6_7_mail_goes_behind_walls(s):
    """Names, the system's certificates and TLS work there, and it may not do what mail does not need."""
    d = Desk(s)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{s.dir}/tls.crt", f"{s.dir}/tls.key")  # no authority that this system knows
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        s.configure(mail_server=f'"smtps://localhost:{server.getsockname()[1]}"', mail_from='"keel@fleet.example"', mail_to='"desk@fleet.example"')
        need(send_sealed(s.start(), d, os.urandom(32), CANARY)[0] == 200, "not taken")
        with mailing(s) as told:
            def turned_away():
                with contextlib.suppress(OSError), server.accept()[0] as c, context.wrap_socket(c, server_side=True):
                    pass
                return "did not go" in told()
            until(10, "a try", turned_away)
            need("certificate" in told() and "was not OK" in told(), told())
            with open(f"/proc/{told.process.pid}/status") as f:
                status = f.read()
            need("Seccomp:\t2" in status and "NoNewPrivs:\t1" in status, status)


def a_mail_that_does_not_go_waits_in_the_database(s):
    d, smtp = Desk(s), Smtp(1)
    s.configure(mail_server=f'"smtp://127.0.0.1:{smtp.server_address[1]}"', mail_from='"keel@fleet.example"', mail_to='"desk@fleet.example"')
    send_sealed(s.start(), d, os.urandom(32), "x")
    with mailing(s) as told:
        until(10, "the failure told", lambda: "did not go" in told())
    need(smtp.refuse == 0 and not smtp.mails, "it was not turned away")
    db = sqlite3.connect(d.at[0], timeout=10)
    (tries, wait), = db.execute("SELECT tries, next - strftime('%s') FROM mail").fetchall()
    need(tries == 1 and 50 <= wait <= 61, f"{tries} tries, again in {wait} s")
    db.execute("UPDATE mail SET next = 0")  # a minute has gone by
    db.commit()
    with mailing(s):
        until(10, "the mail", lambda: len(smtp.mails) == 1)
        until(10, "an empty queue", lambda: db.execute("SELECT count(*) FROM mail").fetchone() == (0,))


@contextlib.contextmanager
def mailing(s):
    """keel-fleet mail for as long as it lasts; gives what it has told."""
    log = f"{s.folder}/mail.log"
    with open(log, "w") as f:
        process = subprocess.Popen([fleet.FLEET, "mail", s.dir], stdout=f, stderr=f, env=fleet.walled())

    def told():
        with open(log) as f:
            return f.read()
    told.process = process
    try:
        yield told
        need(process.poll() is None, f"it ended: {told()}")
        process.terminate()
        need(process.wait(10) == 0, "it does not end well")
    finally:
        process.kill()
        process.wait()


def without_a_mail_server_mail_says_what_to_write(s):
    done = fleet.fleet("mail", s.dir)
    need(done.returncode == 1 and "Next: write mail_server" in done.stderr, done.stderr)


def a_file_is_sent_in_pieces_and_comes_out_whole(s):
    d = Desk(s)
    secret, content = os.urandom(32), os.urandom(150000)
    _, answer, token = send_sealed(s.start(), d, secret, "see file")
    parts = [content[i:i + 61440] for i in range(0, len(content), 61440)]
    for i, part in enumerate(parts):
        sealed = bytes.fromhex(desk("piece", secret.hex(), 0, i, len(parts), "poc.bin", data=part).split()[1].decode())
        for _ in range(2):  # an answer was lost
            need(s.post("/v1/case/piece", cbor({1: token, 2: 0, 3: i, 4: sealed}))[0] == 200, f"piece {i} is not taken")
    need(desk("file", *d.at, number_in(answer), 0) == content, "another file came out")
    need(s.post("/v1/case/piece", cbor({1: os.urandom(32), 2: 0, 3: 0, 4: b"x"}))[0] == 404, "a stranger adds a file")


def prov_5_2_1_what_was_acknowledged_is_there_after_a_kill(s):
    d = Desk(s)
    s.start()
    kept, proofs = [], [work(s) for _ in range(8)]

    def one(proof):
        try:
            status, answer, _ = send_sealed(s, d, os.urandom(32), "x", proof)
            if status == 200:
                kept.append(number_in(answer))
        except (OSError, http.client.HTTPException):
            pass
    threads = [threading.Thread(target=one, args=(p,)) for p in proofs]
    for t in threads:
        t.start()
    while not kept and any(t.is_alive() for t in threads):
        pass
    s.end(signal.SIGKILL)
    for t in threads:
        t.join()
    need(kept, "none was acknowledged")
    for number in kept:
        need(d("read", number) == "0: x||\n", f"{number} is lost")


def the_example_of_the_manual_reports(s):
    d = Desk(s)
    s.start()
    with open(f"{TOP}/docs/report.md") as f:
        script = re.search(r"```sh\n(.*?)```", f.read(), re.S).group(1)
    need(len(script.splitlines()) <= 10, "the example has more than ten lines")
    with open(f"{s.folder}/report.txt", "w") as f:
        f.write(CANARY + "\n& = % +")
    curl = f'curl() {{ command curl --cacert {s.dir}/tls.crt --resolve fleet.example:8450:127.0.0.1 --connect-to ::127.0.0.1:{s.port} "$@"; }}\n'
    done = subprocess.run(["sh", "-euc", curl + script], cwd=s.folder, env={**os.environ, "SERVICE": s.origin},
                          capture_output=True, text=True, timeout=60)
    need(done.returncode == 0 and '"case"' in done.stdout, f"{done.stdout} {done.stderr}")
    need(d("read", number_in(done.stdout.encode())) == f"0: {CANARY}\n& = % +|hearth-h1|\n", "the desk reads something else")


if __name__ == "__main__":
    fleet.main([prov_5_2_1_a_sealed_report_is_kept_answered_and_followed, prov_5_2_1_the_service_never_knows_what_is_reported,
                a_search_of_memory_finds_what_is_there, prov_5_2_1_a_form_without_script_is_taken_and_sealed,
                who_has_no_script_may_send_less_and_is_told_so, a_proof_of_work_is_demanded_and_good_once, what_is_no_report_is_refused,
                without_a_desk_nothing_is_taken_and_it_says_so, security_txt_leads_to_the_desks_key,
                the_desk_is_told_by_mail_of_the_number_and_nothing_more, prov_5_6_7_mail_goes_behind_walls, a_mail_that_does_not_go_waits_in_the_database,
                without_a_mail_server_mail_says_what_to_write, a_file_is_sent_in_pieces_and_comes_out_whole,
                prov_5_2_1_what_was_acknowledged_is_there_after_a_kill, the_example_of_the_manual_reports])
