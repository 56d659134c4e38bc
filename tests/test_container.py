"""Zip and OLE containers: what is in them comes out, and no more than is safe."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from office import OLE, ole, zipped

from extract.errors import ReadError
from extract.readers import container
from extract.readers.container import members, ole_streams, refuse_encrypted


def archive(method: int, content: bytes = b"x" * 100) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as target:
        target.writestr("a.txt", content)
    return stream.getvalue()


def flagged(data: bytes, bit: int) -> bytes:
    """The archive with a general purpose bit set in all its headers."""
    changed = bytearray(data)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.find(signature)
        while start >= 0:
            changed[start + place] |= bit
            start = changed.find(signature, start + 4)
    return bytes(changed)


def legacy(name: str, encoding: str) -> bytes:
    """An archive that names its member in an old encoding and does not say so."""
    raw = name.encode(encoding)
    data = archive(zipfile.ZIP_STORED)
    central = data.index(b"PK\x01\x02")
    local, directory = bytearray(data[:central]), bytearray(data[central:])
    local[26:28] = directory[28:30] = struct.pack("<H", len(raw))
    local = local.replace(b"a.txt", raw, 1)
    end = directory.index(b"PK\x05\x06")
    directory[end + 12 : end + 20] = struct.pack(
        "<II", end + len(raw) - len("a.txt"), len(local)
    )
    return bytes(local + directory.replace(b"a.txt", raw, 1))


def code(data: bytes, name: str = "a.txt") -> str:
    with pytest.raises(ReadError) as caught:
        members(data).read(name)
    assert "讲话" in caught.value.at("讲话.docx").message("en")
    return caught.value.code


def test_members() -> None:
    opened = members(zipped({"一/二.txt": "甲", "b\\c.xml": "乙", "空/": ""}))
    assert opened.names == ("一/二.txt", "b/c.xml")
    assert [opened.read(name).decode() for name in opened.names] == ["甲", "乙"]
    assert (opened.size("b/c.xml"), "B/C.XML" in opened, "c" in opened) == (
        3,
        True,
        False,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_names_in_old_archives(encoding: str) -> None:
    opened = members(legacy("督办通知.txt", encoding))
    assert (opened.names, opened.read("督办通知.txt")) == (
        ("督办通知.txt",),
        b"x" * 100,
    )


def test_names_are_no_paths() -> None:
    opened = members(zipped({"../../etc/x": "甲", "/etc/y": "乙", "C:\\z": "丙"}))
    assert opened.names == ("../../etc/x", "etc/y", "C:/z")
    assert opened.read("../../etc/x").decode() == "甲"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"no zip at all", "E121"),
        (archive(zipfile.ZIP_STORED)[:-30], "E121"),
        (archive(zipfile.ZIP_STORED).replace(b"xxxx", b"xyxx", 1), "E121"),
        (archive(zipfile.ZIP_BZIP2), "E121"),
        (archive(zipfile.ZIP_LZMA), "E121"),
        (flagged(archive(zipfile.ZIP_DEFLATED), 1), "E120"),
        (archive(zipfile.ZIP_DEFLATED, bytes(8 * 2**20)), "E122"),
        (ole("EncryptedPackage", "EncryptionInfo"), "E120"),
        (ole("WordDocument"), "E121"),
        (OLE + bytes(100), "E121"),
    ],
    ids=["text", "cut off", "checksum", "bzip2", "lzma", "password", "bomb",
         "encrypted office", "other OLE", "broken OLE"],
)  # fmt: skip
def test_refused(data: bytes, expected: str) -> None:
    assert code(data) == expected


def test_missing_member() -> None:
    assert code(archive(zipfile.ZIP_STORED), "b.txt") == "E121"


def test_too_many_members(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zipped({str(name): "" for name in range(5)})
    monkeypatch.setattr(container, "MEMBERS", 4)
    assert code(data) == "E122"


def test_large_member(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MEMBER_SIZE", 99)
    assert code(archive(zipfile.ZIP_STORED)) == "E122"


def test_one_budget_for_all_that_is_nested(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped({"a": "x" * 1000})
    outer = members(zipped({"1.zip": inner, "2.zip": inner}))
    outer._budget.left = len(inner) * 2 + 1500
    assert outer.inner("1.zip").read("a") == b"x" * 1000
    with pytest.raises(ReadError) as caught:
        outer.inner("2.zip").read("a")
    assert caught.value.code == "E122"


def test_nesting_ends() -> None:
    data = zipped({"a.zip": b"end"})
    for _ in range(container.NESTING + 1):
        data = zipped({"a.zip": data})
    opened = members(data)
    for depth in range(1, container.NESTING + 1):
        opened = opened.inner("a.zip")
        assert opened.depth == depth
    with pytest.raises(ReadError) as caught:
        opened.inner("a.zip")
    assert caught.value.code == "E122"


def test_ole_streams() -> None:
    assert ole_streams(ole("WordDocument", "1Table")) == {"WordDocument", "1Table"}
    assert ole_streams(b"PK\x03\x04") == frozenset()


def test_only_encrypted_files_are_refused_as_such() -> None:
    refuse_encrypted(ole("WordDocument"))
    with pytest.raises(ReadError) as caught:
        refuse_encrypted(ole("EncryptedPackage"))
    assert caught.value.code == "E120"
