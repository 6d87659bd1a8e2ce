"""keel provision: units, batches, labels, and what it refuses. EN 303 645 5.1-2, 5.4-2, 5.4-4."""

import os
import shutil
import subprocess
import xml.dom.minidom

import hub
from hub import Hub, Maker, keel, need


class World:
    def __init__(self, folder):
        self.folder = folder
        self.maker = Maker(f"{folder}/maker")
        self.product = f"{folder}/product.cbor"
        self.maker.product(self.product)

    def end(self):
        pass

    def make(self, home, *options, serial="H1-7", key=None):
        return keel("provision", "--home", f"{self.folder}/{home}", "--maker-key", key or self.maker.key,
                    "--serial", serial, "--product", self.product, *options)


def a_unit_without_a_label_file_is_a_line(w):
    done = w.make("line")
    serial, device, thumbprint, code = done.stdout.strip().split(",")
    need(done.returncode == 0 and serial == "H1-7", f"no line of a unit: {done}")
    need((len(device), len(thumbprint), len(code.replace("-", ""))) == (32, 64, 21), f"not a unit's line: {done.stdout}")


def a_batch_is_a_list(w):
    done = w.make("batch", "--batch", "4", serial="H1")
    head, *rows = done.stdout.splitlines()
    need(done.returncode == 0 and head == "serial,id,thumbprint,code" and len(rows) == 4, f"no batch: {done}")
    columns = list(zip(*(row.split(",") for row in rows)))
    need(columns[0] == tuple(f"H1-{i:06}" for i in range(1, 5)), f"serials: {columns[0]}")
    need(all(len(set(c)) == 4 for c in columns), "two units share an id, a thumbprint or a code")
    for serial in columns[0]:
        need(os.path.isdir(f"{w.folder}/batch/{serial}/vault"), f"{serial} has no vault")
    with open(f"{w.folder}/units.csv", "w") as f:
        f.write(done.stdout)
    done = keel("check", "--units", f"{w.folder}/units.csv", f"{w.folder}/product.cbor.yaml")
    need(done.returncode == 0 and "no code follows" in done.stdout, f"the batch's codes are refused: {done.stdout}")


def what_the_service_enrols_is_added_to_a_list(w):
    listed = f"{w.folder}/enrol.csv"
    need(w.make("enrol-1", "--enrol", listed).returncode == 0, "not made")
    code = w.make("enrol-2", "--enrol", listed, "--batch", "2", serial="E").stdout.splitlines()[1].split(",")[3]
    with open(listed) as f:
        head, *rows = f.read().splitlines()
    need(head == "serial,id,endorsement" and [r.split(",")[0] for r in rows] == ["H1-7", "E-000001", "E-000002"], f"{rows}")
    for serial, device, endorsement in (r.split(",") for r in rows):
        need(device in endorsement and serial.encode().hex() in endorsement, "the endorsement is another unit's")
    need(code not in "".join(rows) and code.replace("-", "") not in "".join(rows), "a claim code leaves to the service")
    done = w.make("enrol-3", "--enrol", f"{w.folder}/none/enrol.csv")
    need(done.returncode == 1 and "enrol.csv" in done.stderr, f"{done}")
    need(not os.path.exists(f"{w.folder}/enrol-3/vault"), "a unit that nobody can enrol was kept")


def a_unit_is_made_once(w):
    need(w.make("once").returncode == 0, "not made the first time")
    before = sorted(os.listdir(f"{w.folder}/once/vault"))
    done = w.make("once")
    need(done.returncode == 1 and "holds a unit already" in done.stderr and "Next:" in done.stderr, f"made twice: {done}")
    need(sorted(os.listdir(f"{w.folder}/once/vault")) == before, "the first unit was touched")
    done = w.make("batch", "--batch", "1", serial="H1")
    need(done.returncode == 1, "a unit of a batch was made twice")


def a_batch_that_cannot_be_made_prints_no_list(w):
    """A used folder is found before the first unit is made, wherever in the batch it is."""
    need(w.make("used/H1-000003").returncode == 0, "the third unit is there before the batch")
    done = w.make("used", "--batch", "3", serial="H1")
    need(done.returncode == 1 and "used/H1-000003 holds a unit already" in done.stderr, f"not told: {done}")
    need(done.stdout == "", f"a list of nothing: {done.stdout}")
    need(sorted(os.listdir(f"{w.folder}/used")) == ["H1-000003"], "a part of the batch was made")
    open(f"{w.folder}/file", "w").close()
    done = w.make("file/batch", "--batch", "2", serial="H1")
    need(done.returncode == 1 and done.stdout == "", f"a batch in a file: {done}")


def another_makers_key_is_refused(w):
    other = Maker(f"{w.folder}/other")
    done = w.make("foreign", key=other.key)
    need(done.returncode == 1 and "not the key that the declaration names" in done.stderr, f"{done}")
    need(not os.path.exists(f"{w.folder}/foreign/vault"), "a unit was made all the same")
    done = w.make("foreign", key=w.product)
    need(done.returncode == 2 and f"{w.product} is no PEM" in done.stderr, f"a file that is no key: {done}")
    done = keel("provision", "--home", f"{w.folder}/foreign", "--serial", "A")
    need(done.returncode == 2 and done.stderr.startswith("keel: --maker-key is missing"), f"what is missing is named: {done}")
    done = keel("provision", "--home", f"{w.folder}/foreign", "--serial", "A", "--maker-key", w.maker.key)
    need(done.returncode == 2 and "foreign/product.cbor" in done.stderr and "keel compile" in done.stderr, f"no declaration: {done}")


def arguments_are_read_strictly(w):
    for words, serial in ((("--batch", "many"), "H1"), (("--batch", "0"), "H1"), (("--batch", "100001"), "H1"),
                          (("--batch", "2", "--label", "x"), "H1"), ((), "../H1"), ((), "a,b"), ((), ""),
                          ((), "a\nb"), ((), "x" * 65), (("--batch", "2"), "x" * 58), (("--unknown",), "H1")):
        done = w.make("strict", *words, serial=serial)
        need(done.returncode == 2 and "Next:" in done.stderr, f"{words} {serial!r} should be refused: {done}")
    need(not os.path.exists(f"{w.folder}/strict"), "a refused command left a folder")
    long = "d" * 250 + "/" + "d" * 250 + "/" + "d" * 30
    need(w.make(long).returncode == 2, "a folder whose path is cut")


def declared_tpm_is_demanded(w):
    w.maker.product(f"{w.folder}/tpm.cbor", keys="tpm")
    done = keel("provision", "--home", f"{w.folder}/bare", "--maker-key", w.maker.key, "--serial", "T",
                "--product", f"{w.folder}/tpm.cbor")
    need(done.returncode == 2 and "--tpm" in done.stderr, f"keys for the TPM were made in a file: {done}")
    done = keel("provision", "--home", f"{w.folder}/bare", "--maker-key", w.maker.key, "--serial", "T",
                "--product", f"{w.folder}/tpm.cbor", "--tpm", f"{w.folder}/no-such-socket")
    need(done.returncode == 1 and "cannot reach the TPM" in done.stderr and "Next: name /dev/tpmrm0" in done.stderr, f"{done}")
    need(not os.path.exists(f"{w.folder}/bare/vault"), "something of the unit is left")


def a_unit_whose_label_is_lost_is_none(w):
    done = w.make("lost", "--label", f"{w.folder}/no/such/folder/label")
    need(done.returncode == 1 and f"cannot write the label {w.folder}/no/such/folder/label.txt" in done.stderr and
         "Next: check the path" in done.stderr, f"{done}")
    need(not os.path.exists(f"{w.folder}/lost/vault"), "a unit without a label is left")
    need(w.make("lost").returncode == 0, "it cannot be made again")
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w") as full:
            done = subprocess.run([hub.KEEL, "provision", "--home", f"{w.folder}/full", "--maker-key", w.maker.key,
                                   "--serial", "F", "--product", w.product], stdout=full, stderr=subprocess.PIPE)
        need(done.returncode == 1 and not os.path.exists(f"{w.folder}/full/vault"), "a code that nobody read")


def the_label_is_four_files(w):
    done = w.make("drawn", "--label", f"{w.folder}/drawn")
    need(done.returncode == 0 and done.stdout == "", f"a label in files is not printed too: {done}")
    files = {end: f"{w.folder}/drawn{end}" for end in (".txt", "-terminal.txt", ".svg", ".png")}
    for path in files.values():
        need(os.stat(path).st_mode & 0o777 == 0o600, f"{path} can be read by others")
    with open(files[".txt"]) as f:
        text = f.read().strip()
    need(text.startswith("KEEL1:") and [len(p) for p in text.split(":")] == [5, 26, 52, 21], f"label: {text}")
    with open(files["-terminal.txt"]) as f:
        shown = f.read()
    need(text in shown and "serial H1-7" in shown, "the terminal's label lacks its text")
    svg = xml.dom.minidom.parse(files[".svg"])
    code = text.split(":")[3]
    spoken = "-".join([code[i:i + 4] for i in range(0, 20, 4)] + [code[20]])
    need(spoken in "".join(t.firstChild.data for t in svg.getElementsByTagName("text")), "the SVG lacks the code")
    with open(files[".png"], "rb") as f:
        need(f.read(8) == b"\x89PNG\r\n\x1a\n", "no PNG")
    if shutil.which("zbarimg"):
        seen = subprocess.run(["zbarimg", "--raw", "-q", files[".png"]], capture_output=True, text=True)
        need(seen.stdout.strip() == text, f"the QR code says {seen.stdout!r}")


if __name__ == "__main__":
    hub.main([a_unit_without_a_label_file_is_a_line, a_batch_is_a_list, what_the_service_enrols_is_added_to_a_list,
              a_unit_is_made_once, a_batch_that_cannot_be_made_prints_no_list,
              another_makers_key_is_refused, arguments_are_read_strictly, declared_tpm_is_demanded,
              a_unit_whose_label_is_lost_is_none, the_label_is_four_files], World)
