"""Bytes become text in whatever encoding, or are refused; the head gives its date."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import rulebook, writers
from extract.errors import ReadError, UsageError
from extract.markup import parse
from extract.readers import documents, head, read, read_bytes
from extract.readers.text import LIMIT
from extract.rule import Rule

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "corpus"
SIMPLIFIED = (
    "在全县安全生产工作会议上的讲话\n（2024年3月5日）\n同志们：\n"
    "各乡镇、各部门要压实责任，6月底前完成排查，整治率达到95%以上。\n"
)
TRADITIONAL = (
    "在全縣安全生產工作會議上的講話\n（2024年3月5日）\n同志們：\n"
    "各鄉鎮、各部門要壓實責任，6月底前完成排查，整治率達到95%以上。\n"
)
RARE = "镕\U00020000㐂在全县会议上的讲话，各部门要抓好落实，按时报送情况。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "gbk"),
        (SIMPLIFIED, "gb2312"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be"),
        (SIMPLIFIED, "utf-32"),
        (TRADITIONAL, "utf-8"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "cp950"),
        (TRADITIONAL, "big5hkscs"),
        (TRADITIONAL, "gb18030"),
        (TRADITIONAL, "utf-16-le"),
        (RARE, "gb18030"),
        # no line end, no ASCII: not one NUL betrays UTF-16
        ("各部门要抓好落实，按时报送情况。", "utf-16-le"),
        ("各部门要抓好落实，按时报送情况。", "utf-16-be"),
        ("plain ASCII\n", "ascii"),
        ("\ufeff讲话", "utf-16-be"),
    ],
)
def test_encodings(text: str, encoding: str) -> None:
    assert read_bytes(text.encode(encoding)).text == text.removeprefix("\ufeff")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
def test_line_ends(encoding: str, line_end: str) -> None:
    data = SIMPLIFIED.replace("\n", line_end).encode(encoding)
    assert read_bytes(data).text == SIMPLIFIED


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf8_is_read_as_it_is(text: str) -> None:
    data = b"x" + text.encode()
    assert read_bytes(data).text == "x" + text


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text = read_bytes(data).text
    except ReadError as error:
        assert error.code in {"E103", "E104", "E105", "E121"}
    else:
        assert "\r" not in text
        assert "\ufffd" not in text or b"\xef\xbf\xbd" in data


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.txt", b"", "E103"),
        ("空白.txt", "\ufeff \n\u3000\r\n".encode(), "E103"),
        ("a.txt", b"PK\x03\x04" + bytes(50), "E121"),
        ("a.md", b"\x00\x01\x02\x03\x04\x05", "E104"),
        ("a", b"\x7fELF\x02\x01\x01", "E104"),
        ("a.md", b"\x89PNG\r\n\x1a\n" + bytes(50), "E104"),
        ("a.ppt", b"\x89PNG\r\n\x1a\n" + bytes(50), "E109"),
        ("a.docx", b"PK\x03\x04" + bytes(50), "E121"),
        ("a.rar", b"Rar!\x1a\x07\x00", "E109"),
        ("a.txt", "Les élèves étaient très fatigués".encode("cp1252"), "E105"),
        ("a.txt", SIMPLIFIED.encode() + b"\xff\xff\xff", "E105"),
        ("a.txt", b"\xff\xfe\x00\xd8\x00\xd8", "E105"),
        ("big.txt", b"a" * (LIMIT + 1), "E106"),
    ],
)
def test_refused(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ReadError) as caught:
        read(path)
    assert (caught.value.code, str(caught.value.details["path"])) == (code, str(path))
    assert str(path) in caught.value.message("en")


def test_far_too_large_is_not_even_loaded(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with open(path, "wb") as stream:
        stream.truncate(LIMIT * 4 + 1)
    with pytest.raises(ReadError) as caught:
        read(path)
    assert caught.value.code == "E106"


@pytest.mark.parametrize(
    ("name", "code"), [("missing.txt", "E101"), ("folder", "E108"), ("\0.txt", "E108")]
)
def test_no_file(tmp_path: Path, name: str, code: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReadError) as caught:
        read(tmp_path / name)
    assert caught.value.code == code


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0,
    reason="needs a user whose permissions are checked (not root, not Windows)",
)
def test_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("讲话", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(ReadError) as caught:
        read(path)
    assert caught.value.code == "E107"


def test_speech_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "讲话.txt"
    path.write_bytes(SIMPLIFIED.encode("gbk"))
    speech = read(str(path))
    assert (speech.doc, speech.title, speech.date, speech.date_source) == (
        str(path),
        "在全县安全生产工作会议上的讲话",
        dt.date(2024, 3, 5),
        "（2024年3月5日）",
    )


def test_given_date_wins() -> None:
    speech = read(SIMPLIFIED.encode(), date=dt.date(2026, 1, 2))
    assert (speech.date, speech.date_source) == (dt.date(2026, 1, 2), "given")


def test_standard_input() -> None:
    assert read_bytes(SIMPLIFIED.encode(), doc="-").doc == "-"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "b.txt", "a.md", "a.jsonl", "a.meta.json", "z.xlsx", ".hidden.txt",
        "~$c.docx", "c.docx", "photo.jpg", "sub/d.TXT", ".git/e.txt", "[1].txt",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("讲话", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    # a ledger among the speeches it was made from
    writers.write([], tmp_path / "ledger.xlsx")
    return tmp_path


@pytest.mark.parametrize(
    ("given_paths", "found"),
    [
        (["."], ["[1].txt", "a.md", "b.txt", "c.docx", "sub/d.TXT", "z.xlsx"]),
        (["sub", "b.txt"], ["sub/d.TXT", "b.txt"]),
        (["b.txt", "."], ["b.txt", "[1].txt", "a.md", "c.docx", "sub/d.TXT", "z.xlsx"]),
        (["*.txt"], ["[1].txt", "b.txt"]),
        (["**/*.TXT"], ["sub/d.TXT"]),
        (["[1].txt"], ["[1].txt"]),
        (["a.jsonl"], ["a.jsonl"]),
        (["-"], ["-"]),
    ],
)
def test_documents(
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
    given_paths: list[str],
    found: list[str],
) -> None:
    monkeypatch.chdir(tree)
    assert [path.as_posix() for path in documents(given_paths)] == found


@pytest.mark.parametrize(
    ("given_paths", "code"),
    [(["missing.txt"], "E101"), (["*.odt"], "E101"), (["empty"], "E102"), ([], "E205")],
)
def test_no_documents(
    tree: Path, monkeypatch: pytest.MonkeyPatch, given_paths: list[str], code: str
) -> None:
    monkeypatch.chdir(tree)
    with pytest.raises((ReadError, UsageError)) as caught:
        documents(given_paths)
    assert caught.value.code == code
    assert caught.value.message("zh") != caught.value.message("en")


BODY = "\n同志们：\n今天的会议很重要。\n一、提高认识\n要在2023年3月5日前完成。\n"


@pytest.mark.parametrize(
    ("text", "date", "found"),
    [
        (f"讲话\n（2020年9月11日）{BODY}", "2020-09-11", "（2020年9月11日）"),
        (f"讲话\n（二〇二〇年九月一日）{BODY}", "2020-09-01", "（二〇二〇年九月一日）"),
        (f"讲话\n( 2021 年 3 月 6 日 ){BODY}", "2021-03-06", "( 2021 年 3 月 6 日 )"),
        (f"讲话\n（２０２１年３月６日）{BODY}", "2021-03-06", "（２０２１年３月６日）"),
        # PDF radicals look like 年月日 and are other characters
        (f"讲话\n（2022年2⽉25⽇）{BODY}", "2022-02-25", "（2022年2月25日）"),
        (
            f"工作要点\n（经2024年1月22日党委会审议通过）{BODY}",
            "2024-01-22",
            "（经2024年1月22日党委会审议通过）",
        ),
        (
            "关于印发要点的通知\n各有关单位：\n　　请认真执行。\n　　市政府\n"
            "　　二○○五年十一月二十四日\n要点\n一、总体要求\n",
            "2005-11-24",
            "二○○五年十一月二十四日",
        ),
        (
            "通知\n发布日期：2009-09-15\n一、加强领导。\n市政府办公室\n2003年8月6日\n附件",
            "2003-08-06",
            "2003年8月6日",
        ),
        (f"新闻\n发布日期：2022-01-12{BODY}", "2022-01-12", "发布日期：2022-01-12"),
        (f"新闻\n2021-05-09 17:39 来源：某网{BODY}", "2021-05-09", "2021-05-09 17:39"),
        (
            f"新闻\n发布时间：2021-11-25\n新华社北京11月24日电 会议召开。{BODY}",
            "2021-11-24",
            "新华社北京11月24日电",
        ),
        (
            f"新闻\n发布时间：2022-01-01\n新华社北京12月31日电 会议召开。{BODY}",
            "2021-12-31",
            "新华社北京12月31日电",
        ),
        (
            f"政府工作报告\n——2026年1月14日在市人民代表大会第六次会议上{BODY}",
            "2026-01-14",
            "2026年1月14日",
        ),
        (f"要点\n成文日期：2021年3月1日 发布日期：2021-03-09{BODY}", "2021-03-01",
         "成文日期：2021年3月1日"),
        (
            f"工作报告\n第六届市人大二次会议，2014年3月5日{BODY}",
            "2014-03-05",
            "2014年3月5日",
        ),
        ("在大会上的讲话（2024年3月5日）\n同志们：", "2024-03-05", "（2024年3月5日）"),
        # what is no date
        (f"2005年工作要点\n发布时间：2011-04-20{BODY}", None, ""),
        (f"讲话{BODY}", None, ""),
        (f"讲话\n（2023年）{BODY}", None, ""),
        (f"讲话\n（2023年3月）{BODY}", None, ""),
        (f"讲话\n（2023年*月*日）{BODY}", None, ""),
        (f"讲话\n（2023年2月30日）{BODY}", None, ""),
        (f"方案\n（2017年4月1日至6月30日）{BODY}", None, ""),
        (f"新闻\n新华社北京1月22日电 2020年极不平凡。{BODY}", None, ""),
        (f"2023年工作要点{BODY}", None, ""),
        ("2019年8月19日，总书记在甘肃考察。\n要抓好落实。", None, ""),
        ("一、目标\n2023年3月5日\n完成。\n" + "要抓好落实。\n" * 9, None, ""),
    ],
)  # fmt: skip
def test_date(text: str, date: str | None, found: str) -> None:
    expected = dt.date.fromisoformat(date) if date else None
    assert head.date(text) == (expected, found)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"在全市会议上的讲话\n张三{BODY}", "在全市会议上的讲话"),
        (f"首页 > 政务公开\n在全市会议上的讲话{BODY}", "在全市会议上的讲话"),
        (f"国发〔2005〕39号\n关于加强环保的决定{BODY}", "关于加强环保的决定"),
        (f"市政府文件\n市政发〔2020〕1号\n关于供水的通知{BODY}", "关于供水的通知"),
        ("关于供水的通知 发文机构：某局 发布时间：2011-01-30", "关于供水的通知"),
        (f"市政府召开解决\n住房问题座谈会{BODY}", "市政府召开解决住房问题座谈会"),
        (f"省人民政府办公厅\n2022年2月18日\n2022年工作要点{BODY}", "2022年工作要点"),
        ("在会议上的讲话（2025年2月13日）李四　同志们：新春刚过。", "在会议上的讲话"),
        (f"在全县国⼟绿化会上的讲话{BODY}", "在全县国土绿化会上的讲话"),
        ("各部门要抓好落实。要按时报送。", ""),
        ("同志们：\n今天开会", ""),
        ("一、提高认识\n要抓好落实。", ""),
        ("（责任单位：省公安厅）\n（二）加强领导", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_title(text: str, title: str) -> None:
    assert head.title(text) == title


def rule_examples() -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.id}:{example[:12]}")
        for name in ("head", "evaluate")
        for rule in rulebook.load(name).rules
        for example in rule.examples
    ]


def rule_counterexamples() -> list[object]:
    return [
        pytest.param(rule, example, id=f"{rule.id}:{example[:12]}")
        for name in ("head", "evaluate")
        for rule in rulebook.load(name).rules
        for example in rule.counterexamples
    ]


@pytest.mark.parametrize(("rule", "example"), rule_examples())
def test_rule_finds_its_example(rule: Rule, example: str) -> None:
    text, marks = parse(example)
    match = rule.pattern.search(text)
    assert match is not None
    assert [(match.start(), match.end(), rule.label)] == [
        (mark.start, mark.end, mark.role) for mark in marks
    ]


@pytest.mark.parametrize(("rule", "example"), rule_counterexamples())
def test_rule_leaves_its_counterexample(rule: Rule, example: str) -> None:
    assert rule.pattern.search(example) is None


def annotated(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.meta.json"))


def disagreements(folder: Path) -> tuple[int, int, dict[str, tuple[str, str]]]:
    """Files with a date on both sides, and those where the dates differ."""
    both = same = 0
    apart = {}
    for path in annotated(folder):
        wanted = json.loads(path.read_text(encoding="utf-8"))["date"]
        found = read(path.with_name(path.name.replace(".meta.json", ".txt"))).date
        if wanted and found:
            both += 1
            same += wanted == str(found)
            if wanted != str(found):
                apart[path.name] = (wanted, str(found))
    return both, same, apart


@pytest.mark.parametrize("path", annotated(ROOT / "corpus"), ids=lambda path: path.stem)
def test_date_of_our_own_speeches(path: Path) -> None:
    wanted = json.loads(path.read_text(encoding="utf-8"))["date"]
    speech = read(path.with_name(path.name.replace(".meta.json", ".txt")))
    assert (str(speech.date) if speech.date else None) == wanted


@pytest.mark.skipif(
    not (SHARED / "dev").is_dir(), reason="the annotated documents are not here"
)
def test_dates_found_are_near_the_annotated_ones() -> None:
    both, same, apart = disagreements(SHARED / "dev")
    assert both >= 10
    assert same >= 7
    far = {
        name: days
        for name, days in apart.items()
        if abs((dt.date.fromisoformat(days[0]) - dt.date.fromisoformat(days[1])).days)
        > 14
    }
    assert far == {}


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("讲话", encoding="utf-8")
    (tmp_path / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "c.txt").symlink_to(tmp_path / "missing.txt")
    found = documents([tmp_path])
    assert [path.name for path in found] == ["a.txt", "c.txt"]
    assert read(tmp_path / "b.txt").text == "讲话"
    with pytest.raises(ReadError) as caught:
        read(tmp_path / "c.txt")
    assert caught.value.code == "E101"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_a_device_has_no_end() -> None:
    with pytest.raises(ReadError) as caught:
        read("/dev/zero")
    assert caught.value.code == "E108"
