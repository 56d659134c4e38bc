"""Stretches of a text in, columns out: the hash that all features share.

No n-gram is ever built as a string: stretches of the document are hashed for all
candidates at once from one polynomial prefix hash (Karp & Rabin 1987).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Values = npt.NDArray[np.uint64]
Salt = Values | np.uint64

BITS = 16

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MIX = np.uint64(0xFF51AFD7ED558CCD)
# what the second of two characters is multiplied by
_MIX_NEXT = np.uint64(int(_MIX) * int(_BASE) % (1 << 64))
_SHIFT = np.uint64(64 - BITS)


@lru_cache(maxsize=100)
def salt(name: str) -> np.uint64:
    """What tells features of that name from others of the same wording."""
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))


class Hashes:
    """Hash of any stretch of a text, from prefix sums.

    With P[j] - P[i] = sum of (code[k] + 1) * B^k over the stretch, times B^-i it no
    longer depends on where the stretch stands; the top bits of an odd multiple of it
    are the column (multiply-shift hashing, Dietzfelbinger et al. 1997).
    """

    def __init__(self, text: str) -> None:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        count = len(codes)
        powers, mixed = _powers(1 << count.bit_length())
        self.mixed = mixed[: count + 1]
        values = codes.astype(np.uint64)
        values += np.uint64(1)
        values *= powers[:count]
        self.prefix = np.zeros(count + 1, dtype=np.uint64)
        np.cumsum(values, out=self.prefix[1:])

    def of_length(self, order: int, out: Ints) -> None:
        """Columns of all stretches of that length, into where they begin."""
        value = out.view(np.uint64)
        np.subtract(self.prefix[order:], self.prefix[:-order], out=value)
        value *= self.mixed[: len(value)]
        value >>= _SHIFT

    def values(self, starts: Ints, ends: Ints) -> Values:
        """What tells the stretches ``[starts, ends)`` apart, any shape; 0 for none."""
        value = self.prefix.take(ends) - self.prefix.take(starts)
        value *= self.mixed.take(starts)
        return value

    def of(self, starts: Ints, ends: Ints, salt: Salt) -> Ints:
        """Columns of the stretches ``[starts, ends)``, any shape."""
        return columns(self.values(starts, ends), salt)


def columns(values: Values, salt: Salt) -> Ints:
    """Columns of stretches of such values, which are written over."""
    values += salt
    values >>= _SHIFT
    return values.view(np.int64)


@lru_cache(maxsize=4)
def _powers(count: int) -> tuple[Values, Values]:
    """Powers of the base, and of its inverse times an odd number, from the zeroth."""
    powers = np.full(count, _BASE, dtype=np.uint64)
    mixed = np.full(count, _INVERSE, dtype=np.uint64)
    powers[0], mixed[0] = 1, _MIX
    np.multiply.accumulate(powers, out=powers)
    np.multiply.accumulate(mixed, out=mixed)
    return powers, mixed


def pairs(strings: Sequence[str], name: str) -> list[list[int]]:
    """Columns of the character pairs of each string, as facts called `name`.

    What `Hashes` tells of stretches of two characters, without its prefix sums.
    """
    codes = "".join(strings).encode("utf-32-le", "surrogatepass")
    values = np.frombuffer(codes, np.uint32) + np.uint64(1)
    found = values[:-1] * _MIX
    found += values[1:] * _MIX_NEXT
    found += salt(name)
    found >>= _SHIFT
    every = found.tolist()
    ends = list(accumulate(map(len, strings)))
    # the pairs that two neighbouring strings would make are left out
    return [
        every[start : end - 1] if start < end else []
        for start, end in zip([0, *ends], ends, strict=False)
    ]


@lru_cache(maxsize=200_000)
def named(fact: str) -> int:
    """Column of a fact, any string; facts share the columns with the text."""
    digest = hashlib.blake2b(fact.encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") >> (64 - BITS)
