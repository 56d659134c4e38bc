"""Break small files of every format for a while, and stop at the first that breaks us.

    python benchmarks/fuzz.py --seconds 600            with atheris, if it is installed
    python benchmarks/fuzz.py --seconds 60 --plain     with hypothesis

atheris steers by coverage (pip install atheris; Linux and macOS). Anything but a Speech
or a ReadError ends the run with a traceback; the file that did it is saved beside.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

# longest time for one small file
LONGEST = 10.0


def tried(data: bytes, name: str) -> None:
    """Check one file, and keep it if it does harm."""
    from test_fuzz import check

    from extract.readers import xls
    from extract.readers.sniff import sniff

    start = time.process_time()
    try:
        if data and sniff(data) == "xls":
            in_process(xls.read, data)
        check(data, name)
        assert time.process_time() - start < LONGEST, "too slow"
    except BaseException:
        Path(f"crash-{name}").write_bytes(data)
        raise


def in_process(read: Callable[[bytes], object], data: bytes) -> None:
    """Read what is read in another process, where coverage is not seen."""
    from extract.errors import ReadError

    with suppress(ReadError):
        read(data)


def steered(seconds: int) -> None:
    """Fuzz with atheris; the first byte chooses the format."""
    import tempfile

    import atheris

    followed = ["extract.readers", "striprtf", "ofdkit", "xlrd", "doc2docx"]
    with atheris.instrument_imports(include=followed):
        from extract.readers import FORMATS

        for module in FORMATS.values():
            import_module(f"extract.readers.{module}")
    from seeds import seeds

    names = list(seeds())

    def one(data: bytes) -> None:
        if data:
            tried(data[1:], f"a.{names[data[0] % len(names)]}")

    with tempfile.TemporaryDirectory() as corpus:
        for place, content in enumerate(seeds().values()):
            Path(corpus, str(place)).write_bytes(bytes([place]) + content)
        options = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=60"]
        atheris.Setup([sys.argv[0], *options, corpus], one)
        atheris.Fuzz()


def plain(seconds: int, seed: int) -> None:
    """Fuzz at random: change, cut and double pieces of the seeds."""
    from seeds import seeds

    chance = random.Random(seed)
    files = seeds()
    done: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        name = chance.choice(list(files))
        data = bytearray(files[name])
        for _ in range(chance.randint(1, 8)):
            start = chance.randrange(len(data) + 1)
            stop = start + chance.choice((0, 1, 4, 40))
            piece = bytes(data[start:stop]) * chance.choice((0, 0, 2, 50))
            if chance.random() < 0.5:
                piece = chance.randbytes(chance.randint(1, 6))
            data[start:stop] = piece
        tried(bytes(data), f"a.{name}")
        done[name] += 1
    print("no harm done by", dict(done))


def main() -> None:
    """Run as long as was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="without atheris")
    options = parser.parse_args()
    # no LibreOffice within reach, which would try each broken .doc for seconds
    os.environ["PATH"] = ""
    try:
        import atheris  # noqa: F401

        plainly = options.plain
    except ImportError:
        plainly = True
    if plainly:
        plain(options.seconds, options.seed)
    else:
        steered(options.seconds)


if __name__ == "__main__":
    main()
