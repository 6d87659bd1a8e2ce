"""Principle 4: sensitive security parameters stored securely."""

import os
import shutil
import subprocess
import time

from day import CANARY
from home import need, until


def nothing_secret_lies_on_the_disk(home):
    code = home.factory_label.rsplit(":", 1)[1][:20].encode()
    home.must("anna", "rename", CANARY)
    store = list(home.on_disk("hub/vault"))
    need(sum(len(content) for _, content in store) > 10000, f"no store was found: {store}")
    for path, content in store:
        need(CANARY.encode() not in content, f"a name lies in clear in {path}")
        need(code not in content, f"the claim code lies in {path}")
    return "no name and no code in any byte of the store"


def no_secret_is_in_the_log(home):
    home.must("anna", "command", "set temperature", "celsius=20")
    code = home.factory_label.rsplit(":", 1)[1][:20]
    need("room.started" in home.log(), "no log was found")
    for path, content in home.on_disk("log"):
        need(code.encode() not in content and code.lower().encode() not in content, f"the claim code stands in {path}")
        need(CANARY.encode() not in content, f"a name stands in {path}")
        need(home.anna.encode() not in content, f"who commanded stands in {path}")
    return "no name, no code and no thumbprint in the logs"


def the_store_opens_with_its_own_tpm_only(home):
    thief = f"{home.folder}/thief"
    shutil.rmtree(thief, ignore_errors=True)
    shutil.copytree(f"{home.folder}/hub", thief)
    shutil.copytree(f"{home.folder}/hardware", f"{thief}/hardware")
    os.makedirs(f"{thief}/tpm")
    with Tpm(f"{thief}/tpm") as tpm, open(f"{thief}/log", "w") as log:
        hub = home.inside(f"{home.bin}/keeld", "--home", thief, "--address", "127.0.0.1", "--tpm", tpm,
                          "--hardware", f"{thief}/hardware", "--app", f"{home.bin}/thermostat",
                          stdout=subprocess.DEVNULL, stderr=log, env=home.env)
        try:
            said = until(10, "the word of the thief's vault", lambda: words_of_the_vault(f"{thief}/log"))
        finally:
            hub.terminate()
            hub.wait()
    need("belongs to another root" in said, f"the thief's vault says something else: {said}")
    return "a copy of the hub's folder does not open with another TPM"


def words_of_the_vault(path):
    """What it refused with, or that it is open."""
    with open(path, errors="replace") as f:
        return next((line.strip() for line in f if line.startswith("keeld: vault:") or "vault.state" in line), None)


class Tpm:
    """A TPM of one's own: `with Tpm(folder) as socket`."""

    def __init__(self, state):
        self.state, self.socket = state, f"{state}.sock"

    def __enter__(self):
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.state}", "--server",
             f"type=unixio,path={self.socket}", "--flags", "not-need-init,startup-clear"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(5, "a TPM", lambda: os.path.exists(self.socket))
        time.sleep(0.05)
        return self.socket

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


CHECKS = [nothing_secret_lies_on_the_disk, no_secret_is_in_the_log, the_store_opens_with_its_own_tpm_only]
