#!/usr/bin/env python3
"""What keeld's processes take together, and how long it takes from exec to ready.

    rooms_bench.py start N COMMAND...       starts COMMAND (keeld) N times, until it says READY=1
    rooms_bench.py memory PARENT HUB PORT CA   with an owner's TLS connection open

PSS shares a page with every process that maps it, also with those of this machine that no device has.
"alone" counts each page of the five processes once and whole: the most they can take on a device of their own.
"""

import os
import signal
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import time

PRESENT = 1 << 63
FRAME = (1 << 55) - 1


# --- start-up ---------------------------------------------------------------------------------------
def ready_ms(command):
    with tempfile.TemporaryDirectory() as folder:
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(folder + "/notify")
        notify.settimeout(20)
        env = dict(os.environ, NOTIFY_SOCKET=folder + "/notify")
        begun = time.monotonic()
        keeld = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
        try:
            while b"READY=1" not in notify.recv(4096):
                pass
            return (time.monotonic() - begun) * 1000
        finally:
            keeld.send_signal(signal.SIGTERM)
            keeld.wait()
            notify.close()


def start(times, *command):
    all_ms = sorted(ready_ms(command) for _ in range(int(times)))
    print(
        f"start-up: exec to ready {statistics.median(all_ms):.0f} ms, the median of {times} "
        f"({all_ms[0]:.0f} to {all_ms[-1]:.0f}; aim: under 300)"
    )


# --- memory -----------------------------------------------------------------------------------------
def rooms_of(parent):
    with open(f"/proc/{parent}/task/{parent}/children") as f:
        return [parent, *f.read().split()]


def name_of(pid):
    with open(f"/proc/{pid}/comm") as f:
        return f.read().strip()


def rollup(pid):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        rows = [line.split() for line in f if ":" in line.split(" ")[0]]
    return {row[0].rstrip(":"): int(row[1]) for row in rows if len(row) == 3}


def frames(pid):
    """The physical pages it holds, without those of the kernel's own (vdso, vvar)."""
    found = set()
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        for line in maps:
            words = line.split()
            if words[-1].startswith("[v"):
                continue
            first, end = (int(at, 16) // 4096 for at in words[0].split("-"))
            pagemap.seek(first * 8)
            entries = struct.unpack(f"{end - first}Q", pagemap.read((end - first) * 8))
            found.update(e & FRAME for e in entries if e & PRESENT)
    return found


def memory(parent, hub, port, ca):
    context = ssl.create_default_context(cafile=ca)
    with socket.create_connection((hub, int(port))) as plain, context.wrap_socket(plain, server_hostname=hub) as owner:
        owner.sendall(f"GET / HTTP/1.1\r\nHost: {hub}:{port}\r\n\r\n".encode())
        assert owner.recv(65536).startswith(b"HTTP/1.1 200")
        pids = rooms_of(parent)
        each = {pid: rollup(pid) for pid in pids}
        alone = len(set().union(*map(frames, pids))) * 4096
    for pid in pids:
        r = each[pid]
        print(f"  {name_of(pid):14} PSS {r['Pss']:5} KiB, of it written {r['Pss_Dirty']:5} KiB; RSS {r['Rss']:5} KiB")
    pss = sum(r["Pss"] for r in each.values()) / 1024
    print(f"memory: PSS of all rooms {pss:.1f} MiB (aim: under 16), alone on a device {alone / 2**20:.1f} MiB")


if __name__ == "__main__":
    {"start": start, "memory": memory}[sys.argv[1]](*sys.argv[2:])
