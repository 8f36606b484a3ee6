"""What all parts of the page of results share."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any


def circumstances_of(record: dict[str, Any]) -> str:
    """The line that places the seconds: processor, memory, system, commit, date."""
    machine = record["machine"]
    return (
        f"<p class=\"quiet\">{escape(machine['processor'])}, {machine['processors']} processors, "
        f"{machine['memoryInKilobytes'] / 1e6:.0f} GB; {escape(machine['system'])}; Python {escape(machine['python'])}; "
        f"commit {escape(record['commit'])}, {escape(record['date'])}</p>"
    )


def table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table that scrolls where it is too wide."""
    body = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    return f'<div class="scroll"><table><caption>{escape(caption, quote=False)}</caption>\n<tr>{head}</tr>\n{body}\n</table></div>'
