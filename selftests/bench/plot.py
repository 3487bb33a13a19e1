# SPDX-License-Identifier: GPL-2.0
"""A line for each candidate: cost against the number of flows, as SVG"""
import math

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 40, 60
COLOURS = ("#777777", "#b5651d", "#1f5fa8", "#e08e0b", "#2e8b57", "#8e44ad",
           "#c02942")


def text(x, y, words, anchor="middle"):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{words}</text>'


def rule(x1, y1, x2, y2, colour):
    return (f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" '
            f'stroke="{colour}"/>')


def step_of(top):
    """A round distance between lines, so that there are five or so"""
    unit = 10 ** math.floor(math.log10(top / 5))
    return min(unit * n for n in (1, 2, 5, 10) if unit * n >= top / 6)


def axes(sizes, top, at_x, at_y):
    step = step_of(top)
    for n in range(int(top / step) + 1):
        y = at_y(n * step)
        yield rule(LEFT, y, WIDTH - RIGHT, y, "#dddddd")
        yield text(LEFT - 8, y + 4, f"{n * step:,.0f}", "end")
    for size in sizes:
        x = at_x(size)
        yield rule(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 5, "#000000")
        yield text(x, HEIGHT - BOTTOM + 20, f"{size:,}")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 15, "flows")
    yield text(LEFT, TOP - 15, "nanoseconds a packet", "start")


def spread(wanted, gap):
    """Labels no nearer to each other than gap, in the order of their lines"""
    placed = []
    for y, what in sorted(wanted):
        placed.append((max(y, placed[-1][0] + gap) if placed else y, what))
    return placed


def curve(points, colour, at_x, at_y):
    path = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in points)
    yield (f'<polyline points="{path}" fill="none" stroke="{colour}" '
           'stroke-width="2"/>')
    for x, y in points:
        yield f'<circle cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3" fill="{colour}"/>'


def draw(curves):
    """curves: points (flows, cost) by candidate"""
    sizes = sorted({x for points in curves.values() for x, _ in points})
    top = 1.05 * max(y for points in curves.values() for _, y in points)
    span = math.log10(sizes[-1] / sizes[0]) or 1

    def at_x(size):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(size / sizes[0]) / span

    def at_y(cost):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * cost / top

    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">')
    yield "<!-- SPDX-License-Identifier: GPL-2.0 -->"
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    yield from axes(sizes, top, at_x, at_y)
    labels = []
    for colour, (name, points) in zip(COLOURS, curves.items()):
        yield from curve(points, colour, at_x, at_y)
        labels.append((at_y(points[-1][1]) + 4, (name, colour)))
    for y, (name, colour) in spread(labels, 15):
        yield (f'<text x="{WIDTH - RIGHT + 10}" y="{y:.0f}" fill="{colour}">'
               f'{name}</text>')
    yield "</svg>"


def write(path, result):
    """result: cost by number of flows and candidate"""
    curves = {}
    for flows in sorted(result, key=int):
        for name, cost in result[flows].items():
            curves.setdefault(name, []).append((int(flows), cost))
    with open(path, "w") as file:
        file.write("\n".join(draw(curves)) + "\n")
