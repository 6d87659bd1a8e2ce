"""Principle 13: input validated."""

import socket
import ssl

from day import refused
from home import need


def a_value_out_of_range_is_refused(home):
    return refused(home, "45 degrees", home.owner("anna", "command", "set temperature", "celsius=45"), "5 to 30")


def only_declared_messages_are_taken(home):
    for words in (("set temperature", "celsius=21.3"), ("set temperature", "kelvin=300"), ("open the pod bay doors",),
                  ("set temperature",)):
        need("error" in home.owner("anna", "command", *words), f"{' '.join(words)} was accepted")
    return "a value off its step, an unknown field, an unknown message and a missing field refused"


def malformed_requests_cost_nothing(home):
    host = f"Host: {home.address}:8443\r\n".encode()
    bad = [b"GET / HTTP/1.1\nHost: x\n\n", b"GET / HTTP/1.1\r\n\r\n",
           b"POST /v1/hello HTTP/1.1\r\n" + host + b"Content-Length: +1\r\n\r\nx",
           b"GET / HTTP/1.1\r\n" + host.replace(b"Host:", b"Host :") + b"\r\n", b"\x00" * 100 + b"\r\n\r\n",
           b"POST /v1/hello HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n"]
    context = ssl.create_default_context(cafile=home.ca)
    for text in bad:
        with socket.create_connection((home.address, 8443), timeout=5) as raw:
            with context.wrap_socket(raw, server_hostname=home.address) as s:
                s.sendall(text)
                head = s.recv(64)
        need(not head.startswith(b"HTTP/1.1 2"), f"{text[:40]!r} was answered with {head[:20]!r}")
    pid = home.room("vault")
    for body in (b"", b"\xff", b"\xa1\x01\x01", b"\x9f\xff", bytes(16000), b"\x84" * 1000):
        for path in ("/v1/hello", "/v1/claim", "/v1/request", "/v1/interrogate"):
            status, _, _ = home.post(path, body)
            need(400 <= status < 500, f"rubbish at {path} was answered with {status}")
    need(home.room("vault") == pid, "rubbish ended the vault")
    return f"{len(bad)} malformed requests and 24 malformed bodies refused"


CHECKS = [a_value_out_of_range_is_refused, only_declared_messages_are_taken, malformed_requests_cost_nothing]
