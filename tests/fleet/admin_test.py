"""keel-fleet's commands for an operator: what they do, print and refuse."""

import json
import os
import sqlite3

import fleet
from fleet import Device, need


def refused(done, status, what, next):
    lines = done.stderr.splitlines()
    need(done.returncode == status and done.stdout == "" and len(lines) == 3, f"{done}")
    need(what in lines[0] and next in lines[2], f"{lines}")


def write(s, *rows, head="serial,id,endorsement"):
    with open(s.csv, "w") as f:
        f.write("\n".join((head, *rows)) + "\n")


def a_folder_is_made_once(s):
    before = sorted(os.listdir(f"{s.dir}/keys"))
    with open(f"{s.dir}/policy.yaml") as f:
        need("debug: quarantine" in f.read(), "no policy to change")
    with open(f"{s.dir}/policy.yaml", "a") as f:
        f.write("what: accept\n")
    refused(fleet.fleet("serve", s.dir), 1, "policy.yaml:", "")
    os.remove(f"{s.dir}/policy.yaml")
    s.start(), s.end()  # and without one
    refused(fleet.fleet("init", s.dir, "--origin", s.origin), 1, "root key already", "new folder")
    need(sorted(os.listdir(f"{s.dir}/keys")) == before, "the keys were touched")
    for origin in ((), ("--origin", "http://x.example"), ("--origin", "https://x.example/path"), ("--origin", "")):
        refused(fleet.fleet("init", f"{s.folder}/other", *origin), 2, "where devices will reach", "--origin")
    need(not os.path.exists(f"{s.folder}/other"), "something was made")


def a_list_is_read_strictly(s):
    d, e = Device(s, "H1-1"), Device(s, "H1-2")
    serial, device, endorsement = d.row.split(",")
    flipped = endorsement[:-2] + f"{int(endorsement[-2:], 16) ^ 1:02x}"
    for rows, what in (((), "no unit"), ((d.row, ""), "empty one"), ((f"H1-9,{device},{endorsement}",), "differ"),
                       ((f"{serial},{e.row.split(',')[1]},{endorsement}",), "differ"), ((f"{serial},{device},{flipped}",), "not by the key"),
                       ((f"{serial},{device},00",), "no endorsement"), ((f"{serial},{device},{endorsement}0",), "hexadecimal"),
                       ((f"{serial},{device}",), "a line is"), ((f"{serial},{device},{'00' * 600}",), "hexadecimal"),
                       ((d.row, e.row, "x,y,z"), ":4:")):
        write(s, *rows)
        refused(fleet.fleet("enrol", s.dir, s.csv), 1, what, "")
    write(s, d.row, head="serial,id,thumbprint,code")
    refused(fleet.fleet("enrol", s.dir, s.csv), 1, "begins with the line", "keel provision --enrol")
    need(s.units() == [], "a unit of a refused list was enrolled")
    write(s, d.row, e.row)
    need(s.must("enrol", s.dir, s.csv) == "2 units enrolled, 2 of them new\n", "not enrolled")
    need(json.loads(s.must("enrol", s.dir, s.csv, "--json")) == {"units": 2, "new": 0}, "enrolled twice")
    other = Device(s, "H1-1")  # the same serial with other keys
    write(s, other.row)
    refused(fleet.fleet("enrol", s.dir, s.csv), 1, "another unit", "false")
    d.end(), e.end(), other.end()


def another_makers_unit_is_refused(s):
    fleet.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{s.folder}/other.pem")
    maker, product = s.maker, s.product
    s.maker, s.product = f"{s.folder}/other.pem", f"{s.folder}/other.cbor"
    fleet.subprocess.run([fleet.KEEL, "compile", f"{s.folder}/product.yaml", "--maker-key", s.maker, "-o", s.product], check=True)
    d = Device(s, "H1-1")
    s.maker, s.product = maker, product
    write(s, d.row)
    refused(fleet.fleet("enrol", s.dir, s.csv), 1, "not by the key", "declaration")
    d.end()


def a_list_of_files_of_another_product_is_refused(s):
    with open(s.measures, "rb") as f:
        signed = bytearray(f.read())
    signed[-1] ^= 1
    with open(f"{s.folder}/changed.cbor", "wb") as f:
        f.write(signed)
    refused(fleet.fleet("product", "add", s.dir, s.product, "--measures", f"{s.folder}/changed.cbor"), 1, "no list of files", "keel measure")
    refused(fleet.fleet("product", "add", s.dir, s.measures), 1, "no compiled declaration", "keel compile")
    product, = (json.loads(line) for line in s.must("products", s.dir, "--json").splitlines())
    need((product["model"], product["lists"]) == ("hearth-h1", 1), f"{product}")


def every_change_is_in_the_audit_log(s):
    d = Device(s, "H1-1")
    s.enrol(d)
    s.must("revoke", s.dir, "H1-1", "--why", "a test")
    refused(fleet.fleet("revoke", s.dir, "H1-1", "--why", "again"), 1, "revoked already", "units")
    refused(fleet.fleet("revoke", s.dir, "H1-1"), 2, "for a reason", "--why")
    refused(fleet.fleet("revoke", s.dir, "H1-7", "--why", "x"), 1, "no unit with the serial H1-7", "units")
    s.must("reinstate", s.dir, "H1-1")
    rows = [json.loads(line) for line in s.must("audit", s.dir, "--json").splitlines()]
    need([r["action"] for r in rows] == ["product.add", "measures.add", "unit.enrol", "unit.revoke", "unit.reinstate"], f"{rows}")
    need(all(r["who"].startswith("cli:") and r["who"] != "cli:" for r in rows), f"{rows}")
    last = json.loads(s.must("audit", "verify", s.dir, "--json"))
    need(last["rows"] == 5 and len(last["hash"]) == 64, f"{last}")
    db = sqlite3.connect(f"{s.dir}/data/fleet.db")
    db.execute("UPDATE audit SET who = 'cli:nobody' WHERE number = 3")
    db.commit(), db.close()
    refused(fleet.fleet("audit", "verify", s.dir), 1, "row 3", "backup")
    d.end()


def a_backup_comes_back_while_it_serves(s):
    d = Device(s.start(), "H1-1")
    s.enrol(d)
    need(d.open()[0] == 200 and d.report(1, 3)[0] == 200, "no reports")
    copy = f"{s.folder}/copy.db"
    s.must("backup", s.dir, copy)
    refused(fleet.fleet("backup", s.dir, copy), 1, "there already", "new file")
    with open(copy, "rb") as f:
        before = f.read()
    need(os.stat(copy).st_mode & 0o777 == 0o600, "others can read the copy")
    need(d.report(4, 1) == (200, "4"), "it does not serve after a backup")
    refused(fleet.fleet("restore", s.dir, copy), 1, "holds a database", "stop the service")
    s.end()
    for name in os.listdir(f"{s.dir}/data"):
        os.remove(f"{s.dir}/data/{name}")
    s.must("restore", s.dir, copy)
    with open(copy, "rb") as f:
        need(f.read() == before, "the backup was changed")
    s.start()
    need(d.open()[1].split()[0] == "3", "the copy's reports are not there")
    refused(fleet.fleet("restore", s.folder, s.product), 1, "is no database", "")
    need(os.listdir(f"{s.folder}/data") == [], "half a database was left")
    d.end()


def prov_5_1_1_an_operator_comes_by_a_link_of_their_own(s):
    links = [json.loads(s.must("operator", "add", s.dir, name, "--json"))["link"] for name in ("ann", "bob", "bob")]
    need(len(set(links)) == 3 and all("/console/#join=" in link for link in links), f"{links}")
    refused(fleet.fleet("operator", "add", s.dir, "x" * 41), 1, "1 to 40 bytes", "give another one")
    refused(fleet.fleet("operator", "remove", s.dir, "ann"), 1, "no operator ann", "list them")
    need("no operator yet" in s.must("operators", s.dir), "an invitation is no operator")
    log = s.must("audit", s.dir)
    need(log.count("operator.invite") == 3, log)
    with open(f"{s.dir}/data/fleet.db", "rb") as f:
        database = f.read()
    need(not any(link.split("=")[1].encode() in database for link in links), "the secret of a link is kept")


def what_is_asked_wrongly_is_told_with_the_form(s):
    for words, what in ((("nothing",), "no command nothing"), (("units",), "something is missing"), (("--what",), "no option --what"),
                        (("units", s.dir, "a", "b"), "no place for b"), (("units", s.dir, "--why", "x"), "takes no --why"),
                        (("revoke", s.dir, "x", "--why"), "needs a value"), (("audit", s.dir, "verify"), "no place for verify")):
        refused(fleet.fleet(*words), 2, what, "--help")
    refused(fleet.fleet("units", s.folder), 1, "no folder of a service", "keel-fleet init")
    told = fleet.fleet("units", s.folder, "--json")
    need(told.returncode == 1 and json.loads(told.stdout)["error"] == "none", f"{told}")
    text = fleet.fleet("--help").stdout
    for line in text.splitlines():
        if line.startswith("  "):
            command = line[2:18].split()
            done = fleet.fleet(*command, "--help")
            need(done.returncode == 0 and done.stdout.startswith(f"usage: keel-fleet {' '.join(command)} DIR"), f"{command}: {done}")


if __name__ == "__main__":
    fleet.main([f for f in list(globals().values()) if getattr(f, "__module__", "") == "__main__" and f not in (refused, write)])
