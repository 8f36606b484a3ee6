"""The page: every recorded result of all benchmarks as charts and tables, in one file that needs nothing else."""

from __future__ import annotations

from pathlib import Path

from harness.features_page import features_part
from harness.solvers.page import solvers_part

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --text: #1c1c1e; --quiet: #5c5c66; --line: #d6d6dc;
  --ours: #c2410c; --theirs: #7c8aa5; }
@media (prefers-color-scheme: dark) { :root { --ground: #151517; --text: #ececf0; --quiet: #a3a3ad; --line: #3a3a40;
  --ours: #fb923c; --theirs: #7c8aa5; } }
body { background: var(--ground); color: var(--text); font: 16px/1.55 system-ui, sans-serif; max-width: 60rem;
  margin: 2rem auto; padding: 0 1.25rem; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1.5rem; }
h4 { margin: 1.2rem 0 0; font-size: 1rem; } p, dd, figcaption { max-width: 46rem; }
.quiet { color: var(--quiet); font-size: .9rem; }
svg { width: 100%; height: auto; display: block; } figure { margin: 0; }
svg .label, svg .value { fill: var(--text); font: 13px system-ui, sans-serif; } svg .axis { stroke: var(--line); }
svg .ours { fill: var(--ours); } svg .theirs { fill: var(--theirs); } svg .spread { stroke: var(--text); stroke-width: 1.5; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; margin: .8rem 0; }
th, td { text-align: right; padding: .3rem .7rem; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; } caption { text-align: left; color: var(--quiet); padding: .3rem 0; }
svg polyline.theirs { fill: none; stroke: var(--theirs); stroke-width: 1.5; } svg polyline.ours { fill: none; stroke: var(--ours); stroke-width: 2.5; }
"""


def write_page(folder: Path) -> Path:
    """Writes `index.html` from every recorded result in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [features_part(folder), solvers_part(folder)]
    file = folder / "index.html"
    file.write_text(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>ChurnKit and its peers</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        '<nav><a href="#features">Windowed features</a> · <a href="#solvers">Solvers</a></nav>\n'
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )
    return file
