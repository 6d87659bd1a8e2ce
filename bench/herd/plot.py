#!/usr/bin/env python3
"""plot.py HERD > docs/herd.svg: what the simulation prints with --series, as two curves over one time.

Above, attempts a second (logarithmic); below, how many of the devices are back.
"""
import math
import subprocess
import sys

SECONDS, WIDTH, HEIGHT, LEFT, TOP, GAP = 400, 620, 170, 70, 40, 50
WAYS = {"keel": "#1b6ca8", "Retry-After ignored": "#c8791b", "no jitter": "#a8321b"}
MOST = 5  # powers of ten of attempts a second


def series(herd):
    found = {}
    for line in subprocess.run([herd, "--series"], capture_output=True, text=True, check=True).stdout.splitlines():
        way, second, attempts, back = line.split("\t")
        if way in WAYS and int(second) < SECONDS:
            found.setdefault(way, []).append((int(second), int(attempts), int(back)))
    return found


def x(second):
    return LEFT + second * WIDTH / SECONDS


def text(at_x, at_y, words, **attributes):
    more = "".join(f' {k.replace("_", "-")}="{v}"' for k, v in attributes.items())
    return f'<text x="{at_x:.0f}" y="{at_y:.0f}"{more}>{words}</text>'


def line(points, colour):
    return (f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="'
            + " ".join(f"{a:.1f},{b:.1f}" for a, b in points) + '"/>')


def frame(top, title, marks):
    """marks: words and their height, from 0 (below) to 1."""
    out = [f'<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#888"/>',
           text(LEFT, top - 8, title)]
    for words, share in marks:
        y = top + HEIGHT * (1 - share)
        out += [f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y:.0f}" y2="{y:.0f}" stroke="#ddd"/>',
                text(LEFT - 6, y + 4, words, text_anchor="end")]
    return out


def main(herd):
    found, below = series(herd), TOP + HEIGHT + GAP
    all_back = max(back for rows in found.values() for _, _, back in rows)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {below + HEIGHT + 70}" '
           'font-family="sans-serif" font-size="12" fill="#222">', '<rect width="100%" height="100%" fill="#fff"/>']
    out += frame(TOP, "attempts a second", [(f"{10 ** i:,}", i / MOST) for i in range(MOST + 1)])
    out += frame(below, "devices that are back", [(f"{all_back * i // 4:,}", i / 4) for i in range(5)])
    for way, rows in found.items():
        above = [(x(s), TOP + HEIGHT * (1 - math.log10(max(n, 1)) / MOST)) for s, n, _ in rows]
        under = [(x(s), below + HEIGHT * (1 - n / all_back)) for s, _, n in rows]
        out += [line(above, WAYS[way]), line(under, WAYS[way])]
    for i in range(0, SECONDS + 1, 50):
        out.append(text(x(i), below + HEIGHT + 18, f"{i} s" if i else "0", text_anchor="middle"))
    for i, (way, colour) in enumerate(WAYS.items()):
        at = LEFT + i * 190
        out += [f'<rect x="{at}" y="{below + HEIGHT + 36}" width="14" height="4" fill="{colour}"/>',
                text(at + 20, below + HEIGHT + 42, way)]
    print("\n".join(out + ["</svg>"]))


main(sys.argv[1])
