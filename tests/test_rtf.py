"""RTF: Chinese in both ways of writing it, tables as rows, hidden text left out."""

from __future__ import annotations

import pytest

from extract.errors import ReadError
from extract.readers import read_bytes

HEAD = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce;}}\f0 "


def hexed(text: str, encoding: str = "gbk") -> str:
    """Text as Word writes it for old readers."""
    return "".join(
        char
        if char.isascii()
        else "".join(f"\\'{byte:02x}" for byte in char.encode(encoding))
        for char in text
    )


def numbered(text: str) -> str:
    r"""Text as Word writes it in Unicode: \uN and a stand-in."""
    return "".join(
        char
        if char.isascii()
        else "".join(
            f"\\u{int.from_bytes(half, 'little', signed=True)}?"
            for half in (
                char.encode("utf-16-le")[place : place + 2]
                for place in range(0, len(char.encode("utf-16-le")), 2)
            )
        )
        for char in text
    )


def lines(body: str, head: str = HEAD) -> list[str]:
    return read_bytes((head + body + "}").encode("latin-1")).text.splitlines()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (hexed("各单位要抓好落实。"), ["各单位要抓好落实。"]),
        (numbered("各单位要于6月底前报送。"), ["各单位要于6月底前报送。"]),
        (numbered("镕\U00020000字"), ["镕\U00020000字"]),
        (hexed("甲") + r"\par " + hexed("乙") + r"\line " + hexed("丙"), [*"甲乙丙"]),
        # raw bytes instead of escapes
        ("各单位要抓好落实".encode("gbk").decode("latin-1"), ["各单位要抓好落实"]),
        # the second byte of 淼 is no escape where it is a letter
        (r"\'9c\'7d\'81@".replace(r"\'9c\'7d", hexed("淼")), ["淼丂"]),
        (r"\uc2 \u21508\'b8\'f7" + hexed("单位"), ["各单位"]),
        (hexed("甲") + r"{\v " + hexed("隐藏") + "}" + hexed("乙"), ["甲乙"]),
        (hexed("甲") + r"{\deleted " + hexed("删去") + "}" + hexed("乙"), ["甲乙"]),
        (r"{\header " + hexed("页眉") + r"}{\footer x}" + hexed("甲"), ["甲"]),
        (r"{\footnote " + hexed("脚注") + "}" + hexed("甲"), ["甲"]),
        (r"{\pict\wmetafile8 " + "0a" * 400 + "}" + hexed("甲"), ["甲"]),
        (r"{\pict\bin5 }{}}\x}" + hexed("甲"), ["甲"]),
        (r"{\pntext " + hexed("一、") + r"\tab}" + hexed("总则"), ["一、总则"]),
        (
            r'{\field{\*\fldinst HYPERLINK "http://a.cn"}{\fldrslt '
            + hexed("甲")
            + "}}",
            ["甲"],
        ),
    ],
)
def test_text(body: str, found: list[str]) -> None:
    assert lines(body) == found


def test_big5() -> None:
    head = HEAD.replace("936", "950").replace("134", "136")
    assert lines(hexed("各單位要落實許功蓋", "cp950"), head) == ["各單位要落實許功蓋"]


def row(*cells: str) -> str:
    inside = "".join(rf"\pard\intbl {hexed(cell)}\cell " for cell in cells)
    return rf"\trowd\cellx100\cellx200 {inside}\trowd\row "


def test_tables_become_rows() -> None:
    table = row("序号", "工作任务", "牵头单位") + row("1", "整治河道", "市水利局")
    assert lines(rf"{hexed('任务：')}\par {table}\pard {hexed('完')}\par ") == [
        "任务：",
        "序号\t工作任务\t牵头单位",
        "1\t整治河道\t市水利局",
        "完",
    ]


def test_a_cell_of_several_paragraphs_is_one_cell() -> None:
    body = row("工作任务", "牵头单位") + row("整治河道", "市水利局").replace(
        hexed("市水利局"), hexed("市水利局") + r"\par " + hexed("市城管局")
    )
    assert lines(body) == ["工作任务\t牵头单位", "整治河道\t市水利局、市城管局"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (rb"{\rtf1 }", "E103"),
        (rb"{\rtf1\ansi\ansicpg936 \'ff\'ff\'ff}", "E105"),
        (rb"{\rtf1 \u99999999999 x}", "E121"),
    ],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_bytes(data, "a.rtf")
    assert caught.value.code == code
