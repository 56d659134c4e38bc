"""Zip archives: every member a document or an error, nothing on disk, limits kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from packing import zipped, zipped_in_gbk
from printing import printed

from extract.errors import ReadError
from extract.readers import read, read_all, read_bytes
from extract.task import Speech

TEXT = "各单位要于3月31日前报送方案。\n"
OTHER = "各县要抓好落实。\n"


def named(found: list[Speech | ReadError]) -> list[tuple[str, str]]:
    """What came out: each document with its text, each failure with its code."""
    return [
        (speech.doc, speech.text)
        if isinstance(speech, Speech)
        else (str(speech.details["path"]), speech.code)
        for speech in found
    ]


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"a.txt": TEXT.encode()}, [("x.zip/a.txt", TEXT)]),
        (
            {"讲话/一季度.txt": TEXT.encode("gbk"), "b.pdf": printed(OTHER.strip())},
            [("x.zip/讲话/一季度.txt", TEXT), ("x.zip/b.pdf", OTHER)],
        ),
        # one broken member costs no other
        (
            {"a.txt": b"", "b.pdf": b"%PDF-1.4", "c.txt": TEXT.encode()},
            [("x.zip/a.txt", "E103"), ("x.zip/b.pdf", "E121"), ("x.zip/c.txt", TEXT)],
        ),
        (
            {"内.zip": zipped({"c.txt": TEXT.encode()}), "d.txt": OTHER.encode()},
            [("x.zip/内.zip/c.txt", TEXT), ("x.zip/d.txt", OTHER)],
        ),
        # records, pictures, what a Mac adds, lock files
        (
            {
                "a.txt": TEXT.encode(),
                "a.jsonl": b"{}",
                "b.jpg": b"\xff\xd8\xff",
                "__MACOSX/._a.txt": b"x",
                "~$b.docx": b"x",
                ".c.txt": b"x",
            },
            [("x.zip/a.txt", TEXT)],
        ),
        ({"a.rar": b"Rar!\x1a\x07\x00"}, [("x.zip/a.rar", "E109")]),
        # names that would leave the folder if they were paths
        (
            {"../../etc/a.txt": TEXT.encode(), "/b.txt": OTHER.encode()},
            [("x.zip/etc/a.txt", TEXT), ("x.zip/b.txt", OTHER)],
        ),
        ({"a.jpg": b"x"}, [("x.zip", "E132")]),
        ({}, [("x.zip", "E132")]),
        (
            {"内.zip": zipped({"a.jpg": b"x"}), "d.txt": OTHER.encode()},
            [("x.zip/内.zip", "E132"), ("x.zip/d.txt", OTHER)],
        ),
    ],
)
def test_members(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    members: dict[str, bytes],
    found: list[tuple[str, str]],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.zip").write_bytes(zipped(members))
    assert named(list(read_all("x.zip"))) == found
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"]


def test_names_in_gbk() -> None:
    data = zipped_in_gbk({"讲话/安全生产.txt": TEXT.encode(), "会议纪要.txt": b""})
    assert named(list(read_all(data, "x.zip"))) == [
        ("x.zip/讲话/安全生产.txt", TEXT),
        ("x.zip/会议纪要.txt", "E103"),
    ]


def test_archives_in_archives_have_a_floor() -> None:
    data = TEXT.encode()
    name = "a.txt"
    for _ in range(6):
        data, name = zipped({name: data, "b.txt": OTHER.encode()}), "a.zip"
    found = named(list(read_all(data, "x.zip")))
    assert found[0] == ("x.zip/a.zip/a.zip/a.zip/a.zip", "E122")
    assert [text for _, text in found[1:]] == [OTHER] * 4


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = zipped({"bomb.txt": b"a" * (64 * 2**20), "a.txt": TEXT.encode()})
    assert named(list(read_all(bomb, "x.zip"))) == [
        ("x.zip/bomb.txt", "E122"),
        ("x.zip/a.txt", TEXT),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped({"a.txt": TEXT.encode() * 9})[:60], "E121"),
        (b"PK\x03\x04" + bytes(60), "E121"),
        (b"PK\x05\x06" + bytes(18), "E132"),
    ],
    ids=["truncated", "zeros", "empty"],
)
def test_broken(data: bytes, code: str) -> None:
    assert named(list(read_all(data, "x.zip"))) == [("x.zip", code)]


def test_an_encrypted_member() -> None:
    data = bytearray(zipped({"a.txt": TEXT.encode()}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    assert named(list(read_all(bytes(data), "x.zip"))) == [("x.zip/a.txt", "E120")]


def test_one_document_of_an_archive() -> None:
    assert read_bytes(zipped({"a.txt": TEXT.encode()}), "x.zip").doc == "x.zip/a.txt"
    two = zipped({"a.txt": TEXT.encode(), "b.txt": OTHER.encode()})
    with pytest.raises(ReadError) as caught:
        read_bytes(two, "x.zip")
    assert caught.value.code == "E133"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("x.zip/a.txt", OTHER),
        ("x.zip/内.zip/c.txt", TEXT),
        ("x.zip/b.txt", "E101"),
        ("x.zip/空.txt", "E103"),
        ("y.zip/a.txt", "E101"),
    ],
)
def test_a_path_may_lead_into_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, found: str
) -> None:
    monkeypatch.chdir(tmp_path)
    inner = zipped({"c.txt": TEXT.encode()})
    Path("x.zip").write_bytes(
        zipped({"a.txt": OTHER.encode(), "内.zip": inner, "空.txt": b""})
    )
    try:
        assert (read(path).text, read(path).doc) == (found, path)
    except ReadError as error:
        assert (error.code, str(error.details["path"])) == (found, path)
