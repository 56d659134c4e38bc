"""Zip and OLE containers opened with care: nothing is unpacked to disk.

Office files, OFD and archives come from anywhere. A few kilobytes can claim to hold
petabytes (zip bombs), so sizes are checked before a member is read, and the sum of
what was read is bounded for the whole document, archives inside archives included.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from extract.errors import ReadError

MEMBERS = 20_000
"""Most members of one container."""
MEMBER_SIZE = 128 * 2**20
"""Longest member that is read, in bytes once unpacked."""
TOTAL_SIZE = 512 * 2**20
"""Most that is read of one document, in bytes once unpacked."""
RATIO = 250
"""Highest compression that is believed. The text of a long table reaches 100."""
NESTING = 3
"""Deepest container within a container."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# below this size a high ratio does no harm, and blank XML has one
_HARMLESS = 4 * 2**20
_ENCRYPTED, _UTF8 = 0x1, 0x800
# the zip module bounds what these two unpack at a time; bzip2 and LZMA it does not
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)


@dataclass(slots=True)
class _Budget:
    """What may still be read, shared by a container and those inside it."""

    left: int = TOTAL_SIZE


@dataclass(frozen=True, slots=True)
class Container:
    """An open zip archive; members are read into memory, one at a time.

    Attributes
    ----------
    names : tuple of str
        Members in the order of the directory, folders left out, ``/`` between
        folders. A name is only a key and never used as a path.
    depth : int
        0 for a file of its own, 1 for one inside another container.
    """

    names: tuple[str, ...]
    depth: int
    _archive: zipfile.ZipFile
    _infos: dict[str, zipfile.ZipInfo]
    _budget: _Budget = field(default_factory=_Budget)

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._infos

    def size(self, name: str) -> int:
        """Size of a member in bytes, as the directory states it."""
        return self._infos[_key(name)].file_size

    def read(self, name: str) -> bytes:
        """Content of a member.

        Parameters
        ----------
        name : str
            One of `names`; upper and lower case are the same, as in OPC packages.

        Raises
        ------
        ReadError
            E120 encrypted, E121 missing or damaged, E122 too large or suspiciously
            well compressed.
        """
        info = self._infos.get(_key(name))
        if info is None:
            raise ReadError("E121", path="", part=name)
        if info.flag_bits & _ENCRYPTED:
            raise ReadError("E120", path="")
        if info.compress_type not in _METHODS:
            raise ReadError("E121", path="", part=name)
        _check_size(info, name)
        if info.file_size > self._budget.left:
            raise ReadError("E122", path="", part=name, limit=TOTAL_SIZE)
        self._budget.left -= info.file_size
        try:
            return self._archive.read(info)
        except (*_DAMAGED, NotImplementedError, RuntimeError) as error:
            raise ReadError("E121", path="", part=name) from error

    def inner(self, name: str) -> Container:
        """A container that is a member of this one; errors as in `members`."""
        return _opened(self.read(name), self.depth + 1, self._budget)


def members(data: bytes) -> Container:
    """Open a zip archive.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Container

    Raises
    ------
    ReadError
        E121 no zip archive or a damaged one, E122 too many members or containers
        nested too deep.
    """
    return _opened(data, 0, _Budget())


def ole_streams(data: bytes) -> frozenset[str]:
    """Names of the streams and storages in an OLE file; empty if it is none.

    Parameters
    ----------
    data : bytes
        The whole file: an old Office document, or an encrypted new one.

    Raises
    ------
    ReadError
        E121 if the file is damaged.
    """
    if not data.startswith(_OLE):
        return frozenset()
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            return frozenset("/".join(path) for path in container.listdir())
    except Exception as error:
        # what a broken directory sets off in there is not for us to list
        raise ReadError("E121", path="", part="OLE") from error


def ole_stream(data: bytes, names: Sequence[str]) -> bytes:
    """Content of a stream at the root of an OLE file.

    Parameters
    ----------
    data : bytes
        The whole file.
    names : sequence of str
        What it may be called; the first that there is.

    Raises
    ------
    ReadError
        E121 missing or damaged, E122 too large.
    """
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            name = next(filter(container.exists, names))
            if container.get_size(name) > MEMBER_SIZE:
                raise ReadError("E122", path="", part=name, limit=MEMBER_SIZE)
            content: bytes = container.openstream(name).read()
            return content
    except ReadError:
        raise
    except Exception as error:
        # as above; StopIteration if there is no such stream
        raise ReadError("E121", path="", part=names[0]) from error


def refuse_encrypted(data: bytes) -> None:
    """Raise ReadError E120 if the file is an Office document behind a password."""
    # [MS-OFFCRYPTO] 2.3.4.4: the encrypted package is a stream of this name
    if "EncryptedPackage" in ole_streams(data):
        raise ReadError("E120", path="")


def _opened(data: bytes, depth: int, budget: _Budget) -> Container:
    if depth > NESTING:
        raise ReadError("E122", path="", part="zip/zip", limit=NESTING)
    refuse_encrypted(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (*_DAMAGED, NotImplementedError) as error:
        raise ReadError("E121", path="", part="zip") from error
    infos = archive.infolist()
    if len(infos) > MEMBERS:
        raise ReadError("E122", path="", part="zip", limit=MEMBERS)
    named = dict(_named(infos))
    keyed = {_key(name): info for name, info in named.items()}
    return Container(tuple(named), depth, archive, keyed, budget)


def _named(infos: list[zipfile.ZipInfo]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    for info in infos:
        name = _name(info).replace("\\", "/").lstrip("/")
        if name and not name.endswith("/"):
            yield name, info


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name; archives made on Chinese Windows hold GBK and do not say so."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _key(name: str) -> str:
    return name.lower()


def _check_size(info: zipfile.ZipInfo, name: str) -> None:
    if info.file_size > MEMBER_SIZE:
        raise ReadError("E122", path="", part=name, limit=MEMBER_SIZE)
    packed = max(1, info.compress_size)
    if info.file_size > _HARMLESS and info.file_size / packed > RATIO:
        raise ReadError("E122", path="", part=name, limit=_HARMLESS)
