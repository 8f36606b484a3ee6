"""Bar and line charts as inline SVG: no script, colours from the page, a title and a description for screen readers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

WIDTH, LABELS, VALUES, ROW, BAR, HEAD = 720, 210, 120, 30, 16, 8


@dataclass(frozen=True)
class Bar:
    """One value with the least and the greatest that were seen."""

    label: str
    value: float
    least: float
    greatest: float
    words: str
    is_ours: bool


def bar_chart(identifier: str, title: str, description: str, bars: list[Bar]) -> str:
    """Horizontal bars from zero; a thin line spans the least to the greatest value."""
    height = HEAD * 2 + ROW * len(bars)
    most = max((bar.greatest for bar in bars), default=0) or 1
    scale = (WIDTH - LABELS - VALUES) / most
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{identifier}-title {identifier}-words">',
        f'<title id="{identifier}-title">{escape(title)}</title>',
        f'<desc id="{identifier}-words">{escape(description)}</desc>',
        f'<line class="axis" x1="{LABELS}" y1="{HEAD}" x2="{LABELS}" y2="{height - HEAD}"/>',
    ]
    for place, bar in enumerate(bars):
        middle = HEAD + ROW * place + ROW / 2
        length = max(bar.value * scale, 1)
        kind = "ours" if bar.is_ours else "theirs"
        right = LABELS + max(length, bar.greatest * scale) + 8
        parts += [
            f'<text class="label" x="{LABELS - 10}" y="{middle + 4}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect class="{kind}" x="{LABELS}" y="{middle - BAR / 2}" width="{length:.1f}" height="{BAR}" rx="2"/>',
            f'<line class="spread" x1="{LABELS + bar.least * scale:.1f}" y1="{middle}" '
            f'x2="{LABELS + bar.greatest * scale:.1f}" y2="{middle}"/>',
            f'<text class="value" x="{right:.1f}" y="{middle + 4}">{escape(bar.words)}</text>',
        ]
    return "\n".join([*parts, "</svg>"])


def bar_of_runs(label: str, values: list[float], unit: Callable[[float], str], is_ours: bool) -> Bar:
    """The median of some runs with its spread."""
    median = statistics.median(values)
    return Bar(label, median, min(values), max(values), unit(median), is_ours)


@dataclass(frozen=True)
class Line:
    """Points with positive coordinates, ascending; the label stands at the last."""

    label: str
    points: list[tuple[float, float]]
    is_ours: bool


LINES_HEIGHT, LEFT, FOOT, LABEL_HEIGHT = 320, 70, 30, 15
LEAST_BETWEEN_LABELS = 80


def line_chart(identifier: str, title: str, description: str, lines: list[Line]) -> str:
    """Lines on logarithmic axes, with a mark at each abscissa and at each power of ten of the ordinate."""
    lines = [line for line in lines if line.points]
    abscissas = sorted({x for line in lines for x, _ in line.points})
    ordinates = [y for line in lines for _, y in line.points]
    low, high = math.floor(math.log10(min(ordinates))), math.ceil(math.log10(max(ordinates)))
    span = math.log(abscissas[-1] / abscissas[0]) or 1

    def across(x: float) -> float:
        return LEFT + math.log(x / abscissas[0]) / span * (WIDTH - LEFT - LABELS)

    def down(y: float) -> float:
        return HEAD * 2 + (high - math.log10(y)) / max(high - low, 1) * (LINES_HEIGHT - HEAD * 2 - FOOT)

    bottom = down(10.0**low)
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {LINES_HEIGHT}" role="img" aria-labelledby="{identifier}-title {identifier}-words">',
        f'<title id="{identifier}-title">{escape(title)}</title>',
        f'<desc id="{identifier}-words">{escape(description)}</desc>',
    ]
    for power in range(low, high + 1):
        y = down(10.0**power)
        parts.append(f'<line class="axis" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - LABELS}" y2="{y:.1f}"/>')
        parts.append(f'<text class="label" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    written = -math.inf
    for x in abscissas:
        # Neighbours that are too near for two labels share the first one's.
        if across(x) - written < LEAST_BETWEEN_LABELS:
            continue
        written = across(x)
        place = f'x="{across(x):.1f}" y="{bottom + 20:.1f}"'
        parts.append(f'<text class="label" {place} text-anchor="middle">{x:,.0f}</text>')
    free = 0.0
    for line in sorted(lines, key=lambda line: -line.points[-1][1]):
        kind = "ours" if line.is_ours else "theirs"
        points = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in line.points)
        parts.append(f'<polyline class="{kind}" points="{points}"/>')
        parts += [f'<circle class="{kind}" cx="{across(x):.1f}" cy="{down(y):.1f}" r="3"/>' for x, y in line.points]
        # Labels keep out of each other's way.
        free = max(down(line.points[-1][1]) + 4, free)
        parts.append(f'<text class="value" x="{across(line.points[-1][0]) + 10:.1f}" y="{free:.1f}">{escape(line.label)}</text>')
        free += LABEL_HEIGHT
    return "\n".join([*parts, "</svg>"])
