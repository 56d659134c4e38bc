"""Texts in, short sketches out; sketches in, pairs of near-duplicates out.

A sketch estimates the resemblance of two texts, the share of their shingles (runs of
`SHINGLE` characters, white space aside) that both have: MinHash, Broder, "On the
resemblance and containment of documents" (1997), in the one-pass form of Li, Owen and
Zhang, "One permutation hashing" (2012), empty bins filled as in Shrivastava and Li,
"Densifying one permutation hashing via rotation" (2014). Only documents that agree in
a band of bins are compared: Leskovec, Rajaraman and Ullman, "Mining of massive
datasets", 3.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHINGLE = 5
"""Characters of a shingle."""
BINS = 256
"""Numbers of a sketch: an estimate of 0.8 has a standard error of 0.025."""
THRESHOLD = 0.8
"""Estimated resemblance from which two texts count as near-duplicates."""
# 32 bands of 8: pairs at the threshold share one with a probability of 0.997
_BAND = 8
_EMPTY = 0xFFFFFFFF
_BASE = 0x9E3779B97F4A7C15
_ROTATION = 0x9E3779B1
_COMPARED_AT_ONCE = 1 << 14


def sketch(text: str) -> bytes:
    """Sketch of a text.

    Returns
    -------
    bytes
        `BINS` unsigned 32-bit numbers, little endian; ``b""`` for blank text.
    """
    import numpy as np

    letters = "".join(text.split())
    if not letters:
        return b""
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    hashes = _hashes(codes.astype(np.uint64))
    bins = np.full(BINS, _EMPTY, dtype=np.uint32)
    # the top bits choose the bin, others are the value
    values = ((hashes >> np.uint64(16)) & np.uint64(_EMPTY)).astype(np.uint32)
    np.minimum.at(bins, (hashes >> np.uint64(56)).astype(np.intp), values)
    return _filled(bins).astype("<u4").tobytes()


def _hashes(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    import numpy as np

    if len(codes) < SHINGLE:
        codes = np.pad(codes, (0, SHINGLE - len(codes)))
    count = len(codes) - SHINGLE + 1
    base, power = np.uint64(_BASE), np.uint64(1)
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(SHINGLE):
        hashes = hashes * base + codes[place : place + count] + power
    # finalizer of SplitMix64 (Steele, Lea and Flood 2014): every bit counts
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        hashes = (hashes ^ (hashes >> np.uint64(shift))) * np.uint64(factor)
    return hashes ^ (hashes >> np.uint64(31))


def _filled(bins: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Give each empty bin the next full one's number, changed by the distance."""
    import numpy as np

    empty = np.flatnonzero(bins == _EMPTY)
    if not len(empty) or len(empty) == BINS:
        return bins
    full = np.flatnonzero(bins != _EMPTY)
    donors = full[np.searchsorted(full, empty) % len(full)]
    distance = ((donors - empty) % BINS).astype(np.uint32)
    bins[empty] = bins[donors] + distance * np.uint32(_ROTATION)
    return bins


def similar(sketches: NDArray[np.uint32]) -> Iterator[tuple[int, int, float]]:
    """Near-duplicates among sketches.

    Within a band each document is compared with the one before it and with the first,
    so that the cost is linear even where thousands share a template.

    Parameters
    ----------
    sketches : ndarray of shape (documents, BINS)
        May be a memory map: it is read band by band.

    Yields
    ------
    later, earlier : int
        Rows, `later` ascending, each once, with the row before it that resembles it
        most among those compared.
    resemblance : float
        Estimated, at least `THRESHOLD`.
    """
    import numpy as np

    best = np.zeros(len(sketches))
    partner = np.full(len(sketches), -1, dtype=np.intp)
    for start in range(0, BINS, _BAND):
        for later, earlier in _candidates(sketches[:, start : start + _BAND]):
            share = _shares(sketches, later, earlier)
            rise = (share > best[later]) | (
                (share == best[later]) & (earlier < partner[later])
            )
            best[later[rise]] = share[rise]
            partner[later[rise]] = earlier[rise]
    for row in np.flatnonzero(best >= THRESHOLD):
        yield int(row), int(partner[row]), float(best[row])


def _candidates(
    band: NDArray[np.uint32],
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    import numpy as np

    keys = np.zeros(len(band), dtype=np.uint64)
    for column in range(band.shape[1]):
        keys = keys * np.uint64(_BASE) + band[:, column]
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]]) + 1
    if not len(same):
        return
    starts = np.arange(len(order))
    starts[same] = 0
    first = np.maximum.accumulate(starts)
    yield order[same], order[same - 1]
    yield order[same], order[first[same]]


def _shares(
    sketches: NDArray[np.uint32], later: NDArray[np.intp], earlier: NDArray[np.intp]
) -> NDArray[np.float64]:
    import numpy as np

    shares = np.empty(len(later))
    for start in range(0, len(later), _COMPARED_AT_ONCE):
        chunk = slice(start, start + _COMPARED_AT_ONCE)
        equal = sketches[later[chunk]] == sketches[earlier[chunk]]
        shares[chunk] = equal.mean(axis=1)
    return shares
