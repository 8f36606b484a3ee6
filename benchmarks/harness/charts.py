"""Bar charts as inline SVG: no script, colours from the page, a title and a description for screen readers."""

from __future__ import annotations

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
