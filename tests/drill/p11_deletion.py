"""Principle 11: user data easily deleted."""

import contextlib
import json
import os
import shutil
import sqlite3

from home import need, until
from p04_storage import Tpm


def a_deletion_is_receipted(home):
    """`keel owner` has verified the receipt's signature before it shows it."""
    day_of_deletion(home)
    need("error" not in home.receipt, f"no receipt: {home.receipt.get('sentence')}")
    need(home.receipt["gone"], "the receipt names nothing")
    kept = home.must("anna", "kept")["data"]
    need(not [k for k in kept if k["items"] and k["datum"] in home.receipt["gone"] and k["datum"] != "temperature history"],
         f"what the receipt names is still kept: {kept}")
    return f"{', '.join(home.receipt['gone'])} gone with a signed receipt"


def what_was_deleted_decrypts_no_more(home):
    """The thief has a copy of the folder from before, and the TPM as it is after."""
    day_of_deletion(home)
    before = steal(home, "copy", "tpm-before")
    need(before["read"] == before["sealed"] > 0, f"not even before the deletion could it be read: {before}")
    shutil.copytree(f"{home.folder}/tpm", f"{home.folder}/tpm-after", dirs_exist_ok=True)
    after = steal(home, "copy", "tpm-after")
    need(after["read"] == 0, f"{after['read']} of {after['sealed']} deleted items can still be decrypted")
    lying = left_behind(home)
    need(not lying, f"deleted items still lie in {', '.join(lying)}")
    return f"{before['sealed']} items of a stolen copy could be read before the deletion, {after['read']} after it"


def an_older_copy_is_refused(home):
    day_of_deletion(home)
    vault, newer = f"{home.folder}/hub/vault", f"{home.folder}/newer"
    with home.hold_still():
        shutil.move(vault, newer)
        shutil.copytree(f"{home.folder}/copy", vault)
        own_like(newer, vault)
        begin = len(home.log())
    said = until(10, "the vault's word of the older copy", lambda: sentence(home.log()[begin:]))
    refused = "error" in home.owner("anna", "state")
    with home.hold_still():
        shutil.rmtree(vault)
        shutil.move(newer, vault)
    home.answers_again()
    need(refused, "an older copy of the store was opened")
    need("does not fit the root's generation" in said, f"an older copy is refused for another reason: {said}")
    return "an older copy of the store is refused by its generation"


# --- the deletion --------------------------------------------------------------------------------------
def day_of_deletion(home):
    """Once a day: something is kept, the thief copies folder and TPM, and Anna deletes all."""
    if hasattr(home, "receipt"):
        return
    home.must("anna", "command", "schedule", "day=2", "minute=420", "celsius=21")
    until(10, "a schedule that is kept", lambda: any(k["items"] for k in home.must("anna", "kept")["data"]))
    for name, place in (("copy", "hub/vault"), ("tpm-before", "tpm")):
        shutil.rmtree(f"{home.folder}/{name}", ignore_errors=True)
        shutil.copytree(f"{home.folder}/{place}", f"{home.folder}/{name}")
    home.receipt = home.owner("anna", "delete", "all")


def steal(home, folder, tpm):
    """What thief.c reads of a folder with a TPM: {"sealed", "read"}. It breaks nothing and knows of no fault."""
    env = {k: v for k, v in home.env.items() if k != "KEEL_BREAK"}
    place = f"{home.folder}/{folder}-read"  # SQLite writes where it reads
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(f"{home.folder}/{folder}", place)
    with Tpm(f"{home.folder}/{tpm}") as socket:
        return json.loads(home.tool("thief", socket, place, env=env).stdout)


def left_behind(home):
    """Files of the store in which a sealed item of the copy still lies, byte by byte."""
    with contextlib.closing(sqlite3.connect(f"{home.folder}/copy-read/store.db")) as db:
        items = [row[0][:32] for row in db.execute("SELECT sealed FROM data UNION ALL SELECT sealed FROM keys")]
    need(items, "the copy holds nothing to look for")
    return [path for path, content in home.on_disk("hub/vault") if any(item in content for item in items)]


def own_like(model, target):
    for at, _, files in os.walk(target):
        for name in [""] + files:
            path = os.path.join(at, name)
            like = os.path.join(model, os.path.relpath(path, target))
            if os.path.exists(like):
                st = os.stat(like)
                os.chown(path, st.st_uid, st.st_gid)


def sentence(log):
    return next((line for line in log.splitlines() if "store" in line or "vault.state" in line), None)


CHECKS = [a_deletion_is_receipted, what_was_deleted_decrypts_no_more, an_older_copy_is_refused]
