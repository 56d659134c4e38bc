"""What a run has to say beside the tasks: failures, duplicates, removed files, sums."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import IO, TYPE_CHECKING

from extract.batch.duplicates import BINS, similar
from extract.batch.files import replacing
from extract.errors import DubanError
from extract.writers.columns import neutral

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from extract.batch.store import Store

_HEADINGS = {
    "failures": (("文档", "代码", "原因"), ("document", "code", "reason")),
    "duplicates": (
        ("文档", "与之重复", "相似度", "类型"),
        ("document", "duplicate of", "resemblance", "kind"),
    ),
    "removed": (("文档",), ("document",)),
}
_KINDS = (("内容相同", "高度相似"), ("same", "near"))


def write(store: Store, lang: str) -> tuple[int, int]:
    """Write ``failures.csv``, ``duplicates.csv``, ``removed.csv``, ``summary.json``.

    Returns
    -------
    same, near : int
        Documents whose text another one before them has, or nearly has.
    """
    failures = (
        (doc, error.code, error.message(lang))
        for doc, error in store.register.failures()
    )
    _table(store, "failures", failures, lang)
    _table(store, "removed", ((name,) for name in store.register.removed()), lang)
    kinds = _KINDS[0 if lang == "zh" else 1]
    counts = [0, 0]

    def duplicates() -> Iterator[tuple[str, str, str, str]]:
        for doc, other, resemblance, near in _duplicates(store):
            counts[near] += 1
            yield doc, other, f"{resemblance:.2f}", kinds[near]

    _table(store, "duplicates", duplicates(), lang)
    same, near = counts
    sums = asdict(store.register.figures()) | {
        "duplicates": same,
        "near_duplicates": near,
    }
    with replacing(store.folder / "summary.json") as partial:
        partial.write_text(json.dumps(sums, indent=2) + "\n", encoding="utf-8")
    return same, near


def _table(store: Store, name: str, rows: Iterable[Sequence[str]], lang: str) -> None:
    target = store.folder / f"{name}.csv"
    try:
        with (
            replacing(target) as partial,
            # a file name need not be text
            open(
                partial, "w", encoding="utf-8-sig", errors="replace", newline=""
            ) as stream,
        ):
            writer = csv.writer(stream)
            writer.writerow(_HEADINGS[name][0 if lang == "zh" else 1])
            writer.writerows([neutral(cell) for cell in row] for row in rows)
    except OSError as error:
        reason = error.strerror or error
        raise DubanError("E203", path=target, reason=reason) from error


def _duplicates(store: Store) -> Iterator[tuple[str, str, float, bool]]:
    """Documents with an earlier one of the same, or nearly the same text."""
    register = store.register
    register.compare()
    for doc, other in register.same():
        yield doc, other, 1.0, False
    # sketches of a million documents are a gigabyte: they wait on disk
    with tempfile.TemporaryFile() as stream:
        stream.writelines(register.sketches())
        stream.flush()
        count = stream.tell() // (4 * BINS)
        if not count:
            return
        for later, earlier, resemblance in similar(_mapped(stream, count)):
            yield (
                register.original(later),
                register.original(earlier),
                resemblance,
                True,
            )


def _mapped(stream: IO[bytes], count: int) -> NDArray[np.uint32]:
    import numpy as np

    return np.memmap(stream, dtype="<u4", mode="r", shape=(count, BINS))
