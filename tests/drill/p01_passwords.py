"""Principle 1: no universal default passwords."""

import shutil

from home import need, until


def codes_are_each_their_own(home):
    units = f"{home.folder}/units.csv"
    shutil.rmtree(f"{home.folder}/batch", ignore_errors=True)
    shutil.copy(f"{home.folder}/hub/product.cbor", f"{home.folder}/product.cbor")
    done = home.run("keel", "provision", "--home", f"{home.folder}/batch", "--maker-key",
                    f"{home.maker}/unit.pem", "--serial", "H1", "--batch", "20",
                    "--product", f"{home.folder}/product.cbor", timeout=180)
    need(done.returncode == 0, f"no batch could be made: {done.stderr}")
    with open(units, "w") as f:
        f.write(done.stdout)
    codes = [row.split(",")[3].replace("-", "") for row in done.stdout.splitlines()[1:]]
    need(len(set(codes)) == len(codes) == 20, "two units have the same claim code")
    need(all(len(c) == 21 for c in codes), "a claim code is short")
    bits = [sum(ord(a) != ord(b) for a, b in zip(codes[i], codes[i + 1])) for i in range(19)]
    need(min(bits) > 8, "claim codes follow from one another")
    return "20 units, 20 claim codes of 100 random bits"


def a_wrong_code_is_refused_and_costs_time(home):
    need(all("error" in a for a in home.wrong_claims), "a wrong code was accepted")
    need(home.made_to_wait, "three wrong codes in a row cost no time")
    return "a wrong code is refused, and the next has to wait"


# --- the guesser of the morning ------------------------------------------------------------------------
def try_three_wrong_codes(home):
    """As fast as the hub lets: each wrong code doubles the wait before the next."""
    home.wrong_claims, home.made_to_wait = [], False

    def one():
        answer = wrong_claim(home)
        if answer.get("error") == "auth" or "error" not in answer:
            home.wrong_claims.append(answer)
        else:
            home.made_to_wait |= "wait" in answer["sentence"]
        return len(home.wrong_claims) >= 3

    until(30, "three wrong codes", one)


a_wrong_code_is_refused_and_costs_time.before_claim = try_three_wrong_codes


def wrong_claim(home):
    """The right device, a code with one group replaced (and its check made anew)."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    head, code = home.factory_label.rsplit(":", 1)
    values = [alphabet.index(c) for c in code[:20]]
    values[3] ^= 1
    check, power = 0, 1
    for v in values:
        power = gf_times(power, 2)
        check ^= gf_times(power, v)
    path = f"{home.folder}/wrong-label.txt"
    with open(path, "w") as f:
        f.write(head + ":" + "".join(alphabet[v] for v in values) + alphabet[check] + "\n")
    return home.owner("mallory", "claim", options=("--label", path))


def gf_times(a, b):
    """In GF(2^5) with x^5 + x^2 + 1."""
    r = 0
    while b:
        if b & 1:
            r ^= a
        a <<= 1
        if a & 32:
            a ^= 37
        b >>= 1
    return r


CHECKS = [codes_are_each_their_own, a_wrong_code_is_refused_and_costs_time]
