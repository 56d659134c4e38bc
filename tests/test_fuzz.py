"""Broken files of every format: a `Speech` or a `ReadError`, nothing else, and soon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from seeds import TEXT, seeds

from extract.errors import MESSAGES, ReadError
from extract.readers import read_all

SEEDS = seeds()
# bytes that mean something to one format or another
_TELLING = [
    b"\0",
    b"\xff" * 4,
    b"<",
    b">",
    b"&",
    b"{",
    b"}",
    b"\\",
    b"/",
    b"(",
    b"9" * 9,
]


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    """No LibreOffice within reach, which would try each broken .doc for seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        yield


@st.composite
def broken(draw: st.DrawFn, data: bytes) -> bytes:
    """A file some places of which were changed, cut out or doubled."""
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(0, len(data) - 1)))
        stop = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from(_TELLING),
                st.just(data[start:stop] * 3),
            )
        )
        data = data[:start] + piece + data[stop:]
    return data


def check(data: bytes, name: str) -> None:
    for found in read_all(data, name):
        if isinstance(found, ReadError):
            assert found.code in MESSAGES
            assert str(found.details["path"]).startswith(name)
            assert found.message("zh") != found.message("en")
        else:
            assert found.text.strip()
            assert [start for start, _ in found.places] == sorted(
                {start for start, _ in found.places}
            )
            found.text.encode()


@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_are_read(name: str) -> None:
    [first, *_] = read_all(SEEDS[name], f"a.{name}")
    wanted = "框里的话" if name == "doc" else TEXT
    assert wanted in getattr(first, "text", first)


@pytest.mark.parametrize("name", SEEDS)
@settings(
    max_examples=60,
    deadline=dt.timedelta(seconds=10),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.data())
def test_broken_files(name: str, data: st.DataObject) -> None:
    check(data.draw(broken(SEEDS[name])), f"a.{name}")


@pytest.mark.parametrize("name", SEEDS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_truncated_files(name: str, share: float) -> None:
    data = SEEDS[name]
    check(data[: int(len(data) * share)], f"a.{name}")
