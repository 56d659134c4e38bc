"""Characters a second of jieba, rjieba, spaCy's blank zh and the whole pipeline.

Same text, same process, one core, best of N runs; ratios are to jieba. A folder may be
given instead of the project's own speeches: ``throughput.py FOLDER --runs 5``.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import extract
from extract import readers, words
from extract.errors import ReadError

CORPUS = Path(__file__).parents[1] / "corpus"
Run = Callable[[str], object]


def contestants() -> dict[str, Run]:
    """List what is measured, by name; numpy and its threads come in only here."""
    import jieba
    import rjieba
    import spacy

    jieba.setLogLevel("ERROR")
    blank = spacy.blank("zh")
    return {
        "jieba.lcut": jieba.lcut,
        "rjieba.cut": rjieba.cut,
        "words: jieba": words.segmenter("jieba").cut,
        'spacy.blank("zh")': blank,
        "extract.tasks": extract.tasks,
    }


def best(run: Run, texts: list[str], runs: int) -> float:
    """Measure the least seconds for all texts, of `runs` runs."""
    took = []
    for _ in range(runs):
        start = time.perf_counter()
        for text in texts:
            run(text)
        took.append(time.perf_counter() - start)
    return min(took)


def texts_of(folder: Path) -> list[str]:
    """Read all documents of the folder that can be read."""
    texts = []
    for path in readers.documents([folder]):
        try:
            texts.append(readers.read(path).text)
        except ReadError as error:
            print(error, file=sys.stderr)
    return texts


def peak_memory() -> float:
    """Tell this process's peak resident memory in MiB; 0 if the system does not."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def keep_to_one_core() -> None:
    """Keep this process on one core where the system allows it, and BLAS to a thread.

    Before numpy is imported: it reads these variables once.
    """
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"):
        os.environ[f"{name}_NUM_THREADS"] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="best of N")
    options = parser.parse_args()
    keep_to_one_core()
    texts = texts_of(options.folder)
    size = sum(map(len, texts))
    print(f"{len(texts)} documents, {size:,} characters, best of {options.runs}\n")
    print(f"{'':<20}{'chars/s':>12}{'to jieba':>10}{'peak MiB':>10}")
    jieba_speed = 0.0
    for name, run in contestants().items():
        run(texts[0])
        speed = size / best(run, texts, options.runs)
        jieba_speed = jieba_speed or speed
        ratio = speed / jieba_speed
        print(f"{name:<20}{speed:>12,.0f}{ratio:>10.2f}{peak_memory():>10.0f}")


if __name__ == "__main__":
    main()
