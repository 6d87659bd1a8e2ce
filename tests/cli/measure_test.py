"""keel measure: the maker's list, what it refuses, and a hub that is held to it. EN 303 645 5.7-1, 5.7-2."""

import json
import os
import shutil

import hub
from hub import Hub, Maker, Person, keel, need, until


SETUP, ISOLATED = 1, 3  # docs/protocol.md


class World:
    """A hub whose declaration isolates it on change, run from a folder that a test may change."""

    def __init__(self, folder):
        self.folder = folder
        self.maker, self.other = Maker(f"{folder}/maker", "alert, isolate"), Maker(f"{folder}/other", "alert, isolate")
        self.installed = f"{folder}/installed"
        os.makedirs(self.installed)
        os.chmod(self.installed, 0o755)
        for name in ("KEELD", "THERMOSTAT"):
            shutil.copy(os.environ[name], self.installed)
            os.environ[name] = f"{self.installed}/{os.path.basename(os.environ[name])}"
        self.hub = Hub(f"{folder}/hub", self.maker)
        self.thief = None
        self.list = f"{self.hub.home}/measures.cbor"

    def end(self):
        for h in filter(None, (self.hub, self.thief)):
            h.stop()

    def measure(self, *words, key=None, out=None):
        return keel("measure", "--maker-key", key or self.maker.key, "--product", f"{self.hub.home}/product.cbor",
                    "-o", out or self.list, *words)


def only_a_right_list_is_written(w):
    deep = []
    for i in range(49):
        os.makedirs(f"{w.folder}/deep/{i}")
        deep.append(f"{w.folder}/deep/{i}/file")
        with open(deep[i], "w") as f:
            f.write("x")
    pipe, far = f"{w.folder}/pipe", f"{w.folder}/deep/0/{'x' * 150}"
    os.mkfifo(pipe)
    for name in (far, f"{w.folder}/init"):
        shutil.copy("/etc/passwd", name)
    relative = os.path.relpath(os.environ["KEELD"])
    for what, done, status, said in (
        ("another key", w.measure(os.environ["KEELD"], key=w.other.key), 1, "not the key"),
        ("a relative path", w.measure("/etc/passwd", relative), 2, f"{relative} is no absolute path"),
        ("a file in no folder", w.measure("--root", w.folder, "/init"), 2, "/init lies in no folder"),
        ("a long path", w.measure(far), 2, f"has {len(far)} bytes, and a listed path at most 150"),
        ("a file that is not there", w.measure("/usr/sbin/none"), 2, "cannot read"),
        ("a folder", w.measure(w.installed), 2, f"{w.installed} is a folder"),
        ("a pipe", w.measure(pipe), 2, f"{pipe} is no regular file"),
        ("a device", w.measure("/dev/zero"), 2, "/dev/zero is no regular file"),
        ("too many", w.measure(*["/etc/passwd"] * 129), 2, "129 files are named, and a list has at most 128"),
        ("too many folders", w.measure(*deep), 2, "lie in 49 folders, and the monitor can be let into 48"),
        ("a key that is none", w.measure("/etc/passwd", key="/etc/passwd"), 2, "is no PEM"),
        ("none", w.measure(), 2, "usage"),
    ):
        need(done.returncode == status and said in done.stderr, f"{what}: {done}")
        need(not os.path.exists(w.list), f"{what}: a list was written")


def an_image_is_measured_where_it_is_made(w):
    root = f"{w.folder}/image"
    os.makedirs(f"{root}/usr/sbin")
    shutil.copy(os.environ["KEELD"], f"{root}/usr/sbin/keeld")
    done = w.measure("--root", root, "/usr/sbin/keeld", out=f"{w.folder}/image.cbor")
    with open(f"{w.folder}/image.cbor", "rb") as f:
        content = f.read()
    need(done.returncode == 0 and b"/usr/sbin/keeld" in content and root.encode() not in content, f"no list: {done}")


def a_hub_that_is_as_built_says_so(w):
    done = w.measure(os.environ["KEELD"], os.environ["THERMOSTAT"])
    need(done.returncode == 0, f"not measured: {done}")
    w.hub.start()
    w.ann = Person(f"{w.folder}/ann", w.hub)
    w.ann.claim()
    until(10, "a hub that knows its files", lambda: not any("measures" in t for t in w.ann.must("statement")["to_do"]))
    need(not any(e["word"].startswith("file-") for e in w.ann.must("events")["events"]), "a right file was told as wrong")


def state_without_owner(hub):
    done = keel("interrogate", hub.url, "--json")
    return json.loads(done.stdout)["state"] if done.returncode == 3 else None


def a_declaration_of_another_maker_isolates_the_hub(w):
    """Who replaces the declaration can sign a list of their own; but they did not endorse the unit."""
    w.thief = Hub(f"{w.folder}/thief", w.maker)
    product = f"{w.thief.home}/product.cbor"
    w.other.product(product, w.thief.port)
    done = keel("measure", "--maker-key", w.other.key, "--product", product, "-o", f"{w.thief.home}/measures.cbor",
                os.environ["KEELD"], os.environ["THERMOSTAT"])
    need(done.returncode == 0, f"not measured: {done}")
    w.thief.start()
    until(10, "a hub that isolates itself", lambda: state_without_owner(w.thief) == ISOLATED)
    need("another-maker" in w.thief.said() and "monitor.event word=file" not in w.thief.said(), "told by another way")


def a_changed_program_isolates_the_hub(w):
    before = w.ann.must("statement")["state"]
    need(before == SETUP, f"it is {before} already")
    with open(os.environ["THERMOSTAT"], "rb") as f:
        content = f.read()
    with open(f"{w.installed}/new", "wb") as f:
        f.write(content + b"x")
    os.chmod(f"{w.installed}/new", 0o755)
    os.rename(f"{w.installed}/new", os.environ["THERMOSTAT"])
    until(20, "a hub that isolates itself", lambda: w.ann.must("statement")["state"] == ISOLATED)


if __name__ == "__main__":
    hub.main([only_a_right_list_is_written, an_image_is_measured_where_it_is_made,
              a_hub_that_is_as_built_says_so, a_declaration_of_another_maker_isolates_the_hub,
              a_changed_program_isolates_the_hub], World)
