"""The output folder of a batch.

```
OUT_DIR/records/…/讲话.docx.jsonl    records of one file, at the place it has in DIR
OUT_DIR/.duban/register.db           what is known of every file
OUT_DIR/.duban/lock                  held while a batch is at work
```

Only the parent process writes. A file of records is replaced as a whole before the
register says so: whatever moment a run is killed at, the next one finds both, or works
on the file again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from extract.batch.document import Outcome
from extract.batch.files import replacing
from extract.batch.register import Register
from extract.errors import DubanError

HIDDEN = ".duban"
RECORDS = "records"
# names end at 255 bytes on most systems; suffixes need some of them
_NAME_BYTES = 200


class Store:
    """The output folder of a batch, nobody else's while the block lasts.

    Parameters
    ----------
    folder : Path
        Made if it is not there.

    Raises
    ------
    DubanError
        On entry: E502 another batch is at work there, E203 the folder cannot be
        written, E507 its register is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.register: Register
        self._hidden = folder / HIDDEN
        # a lock of the system, which lets go of it however the process ends
        self._lock = FileLock(self._hidden / "lock")

    def __enter__(self) -> Store:
        try:
            self._hidden.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise DubanError("E502", path=self.folder, pid=self._holder()) from error
        except OSError as error:
            reason = error.strerror or error
            raise DubanError("E203", path=self.folder, reason=reason) from error
        try:
            (self._hidden / "pid").write_text(str(os.getpid()))
            self.register = Register(self._hidden / "register.db")
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.register.close()
        with suppress(OSError):
            (self._hidden / "pid").unlink()
        self._lock.release()

    def _holder(self) -> str:
        try:
            return (self._hidden / "pid").read_text().strip() or "?"
        except OSError:
            return "?"

    def see(self, name: str, place: int) -> str:
        """Note that a file is there, as the `place`-th.

        Parameters
        ----------
        name : str
            Its path inside the folder of the documents.
        place : int
            Its rank in the merged files.

        Returns
        -------
        str
            The key of the records kept of it; ``""`` if there are none, if they were
            lost, or if one of its documents failed.
        """
        key, size = self.register.see(name, place)
        return key if key and self._size(name) == size else ""

    def keep(self, name: str, outcome: Outcome) -> None:
        """Keep the records of a file, and what is to be said of its documents."""
        self.register.forget(name)
        read = [report for report in outcome.reports if not report.code]
        target = self._place(name)
        try:
            if read:
                target.parent.mkdir(parents=True, exist_ok=True)
                with replacing(target) as partial:
                    partial.write_bytes(outcome.lines)
            else:
                target.unlink(missing_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise DubanError("E203", path=target, reason=reason) from error
        # what failed is tried again
        key = outcome.key if len(read) == len(outcome.reports) else ""
        self.register.note(name, key, len(outcome.lines), outcome.reports)

    def records(self) -> Iterator[tuple[Path, int]]:
        """Files of records of the last run, in order, with the tasks in each."""
        for name, tasks in self.register.with_records():
            yield self._place(name), tasks

    def _size(self, name: str) -> int:
        try:
            return self._place(name).stat().st_size
        except OSError:
            return -1

    def _place(self, name: str) -> Path:
        place = Path(name)
        last = os.fsencode(place.name)
        if len(last) > _NAME_BYTES:
            short = last[: _NAME_BYTES // 2].decode(errors="ignore")
            last = os.fsencode(f"{short}-{hashlib.sha256(last).hexdigest()[:16]}")
        return self.folder / RECORDS / place.parent / (os.fsdecode(last) + ".jsonl")
