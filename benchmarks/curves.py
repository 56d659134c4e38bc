"""Learning curves: as tables, and as an SVG for light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

Scale = Callable[[float], float]

RANDOM = "random"
"""Name of the order that the others are measured by."""

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 132, 44, 44
# told apart without colour too: Okabe and Ito's palette, and dashes
LINES = (
    ("#767676", ""),
    ("#d55e00", ""),
    ("#0072b2", "7 3"),
    ("#009e73", "2 3"),
    ("#b06ea0", "9 3 2 3"),
)
STYLE = """
text { fill: #1d1d1f; } .grid { stroke: #d8d8dc; } .back { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e8e8ea; } .grid { stroke: #44464c; } .back { fill: #17181b; }
}
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """Scores by verdicts.

    Attributes
    ----------
    name : str
    verdicts : sequence of float
    means, spreads : mapping of str to sequence of float
        By score: mean and standard deviation over the seeds, one value for each of
        `verdicts`.
    """

    name: str
    verdicts: Sequence[float]
    means: Mapping[str, Sequence[float]]
    spreads: Mapping[str, Sequence[float]]


def plot(curves: Sequence[Curve], name: str, title: str) -> str:
    """Draw the curves of one score; the spread as a band around the mean."""
    values = [v for curve in curves for v in curve.means[name]]
    step = 0.01
    low = math.floor(min(values) / step) * step
    high = math.ceil(max(values) / step) * step + step / 2
    most = max(v for curve in curves for v in curve.verdicts)

    def x(verdicts: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * verdicts / most

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)

    def points(pairs: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in pairs)

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" '
        f'role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text x="16" y="24" font-weight="bold">{escape(title)}</text>',
        *_grid(low, high, step, most, x, y),
    ]
    ends = _apart([y(curve.means[name][-1]) for curve in curves])
    for curve, (colour, dash), end in zip(curves, LINES, ends, strict=False):
        mean = list(zip(curve.verdicts, curve.means[name], strict=True))
        spread = curve.spreads[name]
        if any(spread):
            band = [(a, b + s) for (a, b), s in zip(mean, spread, strict=True)]
            band += [(a, b - s) for (a, b), s in zip(mean, spread, strict=True)][::-1]
            drawn.append(
                f'<polygon points="{points(band)}" fill="{colour}" fill-opacity=".2"/>'
            )
        drawn.append(
            f'<polyline points="{points(mean)}" fill="none" stroke="{colour}" '
            f'stroke-width="2.2" stroke-dasharray="{dash}"/>'
        )
        drawn.append(
            f'<line x1="{x(most) + 6:.1f}" x2="{x(most) + 28:.1f}" y1="{end:.1f}" '
            f'y2="{end:.1f}" stroke="{colour}" stroke-width="2.2" '
            f'stroke-dasharray="{dash}"/>'
        )
        drawn.append(
            f'<text x="{x(most) + 34:.1f}" y="{end + 4:.1f}">'
            f"{escape(curve.name)}</text>"
        )
    return "\n".join([*drawn, "</svg>", ""])


def _grid(
    low: float, high: float, step: float, most: float, x: Scale, y: Scale
) -> Iterator[str]:
    """Lines and numbers of both axes."""
    for place in range(round((high - low) / step) + 1):
        value = low + place * step
        if value > high:
            break
        yield (
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
            f'y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
        )
        yield (
            f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">'
            f"{value:.2f}</text>"
        )
    for place in range(6):
        verdicts = most * place / 5
        yield (
            f'<text x="{x(verdicts):.1f}" y="{HEIGHT - BOTTOM + 20}" '
            f'text-anchor="middle">{verdicts:.0f}</text>'
        )
    yield (
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.1f}" y="{HEIGHT - 8}" '
        f'text-anchor="middle">verdicts</text>'
    )


def _apart(places: Sequence[float], least: float = 16.0) -> list[float]:
    """Places of the names beside the curves' ends, moved so that none hides another."""
    moved = list(places)
    lowest = -math.inf
    for one in sorted(range(len(moved)), key=lambda one: moved[one]):
        lowest = moved[one] = max(moved[one], lowest + least)
    return moved


def reached(curve: Curve, name: str, level: float) -> float | None:
    """Verdicts after which a curve stays at a level or above; None if it does not."""
    values = curve.means[name]
    points = list(zip(curve.verdicts, values, strict=True))
    if values[-1] < level:
        return None
    for (before, low), (after, high) in reversed(list(pairwise(points))):
        if low < level:
            return before + (after - before) * (level - low) / (high - low)
    return points[0][0]


def table(curves: Sequence[Curve], name: str) -> Iterator[str]:
    """Scores by verdicts, one line an order."""
    yield f"\n{name:<14}" + "".join(f"{v:>7.0f}" for v in curves[0].verdicts)
    for curve in curves:
        yield f"{curve.name:<14}" + "".join(f"{v:7.3f}" for v in curve.means[name])
        if any(curve.spreads[name]):
            spread = "".join(f"{v:7.3f}" for v in curve.spreads[name])
            yield f"{'  +-':<14}{spread}"


def savings(curves: Sequence[Curve], name: str) -> Iterator[str]:
    """What each order saves to come as far as random order does, by verdicts."""
    reference = next(curve for curve in curves if curve.name == RANDOM)
    points = list(zip(reference.verdicts, reference.means[name], strict=True))
    yield f"\n{name}: verdicts to be as good as random order after"
    yield f"{'':<14}" + "".join(f"{verdicts:>14.0f}" for verdicts, _ in points[1:])
    for curve in curves:
        if curve.name == RANDOM:
            continue
        cells = []
        for verdicts, level in points[1:]:
            needed = reached(curve, name, level)
            said = (
                "-"
                if needed is None
                else f"{needed:.0f} ({needed / verdicts - 1:+.0%})"
            )
            cells.append(f"{said:>14}")
        yield f"{curve.name:<14}" + "".join(cells)
