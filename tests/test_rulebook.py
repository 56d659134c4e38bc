"""Rulebooks: what a table may hold, what is refused, which match wins."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from extract import rulebook
from extract.errors import DubanError

HEAD = 'phenomenon = "sample"\nabout = "测试"\n'
RULE = """
[[rule]]
id = "sample.one"
label = "date"
match = '\\d{1,2}月底前'
examples = ["[6月底前](date)"]
counterexamples = ["6月"]
"""


def table(path: Path, text: str) -> rulebook.Rulebook:
    file = path / "sample.toml"
    file.write_text(text, encoding="utf-8")
    return rulebook.read(file)


def test_reads_a_table(tmp_path: Path) -> None:
    retired = RULE.replace("sample.one", "sample.two") + 'retired = "见 sample.one"\n'
    book = table(
        tmp_path,
        HEAD
        + '[lists]\nunits = ["局", "管理局"]\n'
        + "[parts]\nbody = '市{units}'\n"
        + RULE.replace(r"\d{1,2}月底前", "{body}(?:牵头){1,2}")
        + retired,
    )
    [rule] = book.rules
    assert rule.pattern.pattern == "(?:市(?:管理局|局))(?:牵头){1,2}"
    assert book["sample.one"] is rule
    assert book.labelled("date") == (rule,)
    assert book.labelled("veto") == ()
    assert [old.retired for old in book.retired] == ["见 sample.one"]
    assert book.lists == {"units": ("局", "管理局")}


def test_retired_rule_is_not_asked_for(tmp_path: Path) -> None:
    book = table(tmp_path, HEAD + RULE + 'retired = "不用了"\n')
    assert book.find("6月底前") == []
    with pytest.raises(KeyError):
        book["sample.one"]


def test_longest_phrase_wins(tmp_path: Path) -> None:
    phrases = RULE.replace(
        r"match = '\d{1,2}月底前'", 'phrases = ["年", "年内", "a.c"]'
    )
    book = table(tmp_path, HEAD + phrases)
    assert [hit.match[0] for hit in book.find("年内，abc，a.c")] == ["年内", "a.c"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + RULE + "lable = 1\n", "lable"),
        (HEAD + "colour = 1\n" + RULE, "colour"),
        (HEAD + RULE.replace('label = "date"\n', ""), "label"),
        (HEAD + RULE.replace('examples = ["[6月底前](date)"]\n', ""), "examples"),
        (HEAD + RULE.replace('counterexamples = ["6月"]\n', ""), "counterexamples"),
        (HEAD + RULE + 'phrases = ["a"]\n', "either match or phrases"),
        (HEAD + RULE.replace("match = '\\d{1,2}月底前'\n", ""), "either match or"),
        (HEAD + RULE.replace(r"\d{1,2}", "{month}"), "unknown part {month}"),
        (HEAD + "[parts]\nlate = '{early}'\nearly = 'x'\n" + RULE, "{early}"),
        (HEAD + RULE + RULE, "sample.one"),
        (HEAD + RULE.replace("sample.one", "other.one"), "sample.<slug>"),
        (HEAD + RULE.replace("sample.one", "sample.One"), "sample.<slug>"),
        (HEAD + RULE.replace("月底前'", "(月底前'"), "unterminated subpattern"),
        (HEAD.replace("sample", "simple") + RULE, "simple"),
        ('phenomenon = "sample"\n' + RULE, "about"),
        (HEAD + "[[rule]\n", "line 3"),
    ],
    ids=lambda value: value if len(value) < 30 else "table",
)
def test_refuses(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(DubanError) as caught:
        table(tmp_path, text)
    assert caught.value.code == "E301"
    assert "sample.toml" in caught.value.message("zh")
    assert reason in caught.value.message("en")


def test_refuses_a_table_in_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "sample.toml"
    file.write_bytes((HEAD + RULE).encode("gb18030"))
    with pytest.raises(DubanError, match="E301"):
        rulebook.read(file)


def test_refuses_a_missing_table(tmp_path: Path) -> None:
    with pytest.raises(DubanError, match=r"E301.*absent\.toml"):
        rulebook.read(tmp_path / "absent.toml")


CONTEST = HEAD + "".join(
    RULE.replace("sample.one", f"sample.{slug}")
    .replace('"date"', f'"{label}"')
    .replace(r"\d{1,2}月底前", match)
    for slug, label, match in [
        ("month", "date", "6月"),
        ("end", "date", "6月底前?"),
        ("same", "other", "6月底前?"),
        ("past", "veto", "去年6月底"),
        ("title", "veto", "《[^》]*》"),
        ("tail", "date", "前完成验收"),
        ("empty", "date", "x*"),
    ]
)


@pytest.mark.parametrize(
    ("text", "winners"),
    [
        ("6月底前完成", ["end"]),  # longest, then table order
        ("6月完成", ["month"]),
        ("去年6月底完成", []),  # a longer veto
        ("落实《6月底前》", []),
        ("6月底前完成验收", ["month", "tail"]),  # longest first, then what is left
        ("6月，6月底", ["month", "end"]),
        ("完成", []),  # empty matches are none
    ],
)
def test_which_match_wins(tmp_path: Path, text: str, winners: list[str]) -> None:
    hits = table(tmp_path, CONTEST).find(text)
    assert [hit.rule.id.partition(".")[2] for hit in hits] == winners
    assert [text[hit.start : hit.end] for hit in hits] == [hit.match[0] for hit in hits]


def test_equal_veto_wins(tmp_path: Path) -> None:
    veto = RULE.replace("sample.one", "sample.two").replace('"date"', '"veto"')
    assert table(tmp_path, HEAD + RULE + veto).find("6月底前") == []


def test_bounds(tmp_path: Path) -> None:
    book = table(tmp_path, HEAD + RULE)
    text = "6月底前，7月底前，8月底前"
    assert [hit.start for hit in book.find(text, 3, 10)] == [5]


def test_tables_load_once() -> None:
    assert rulebook.load("cue") is rulebook.load("cue")


def test_many_hits_in_one_cluster_take_little_time(tmp_path: Path) -> None:
    # every ten characters overlap the next ones: no quadratic contest over them all
    book = table(tmp_path, HEAD + RULE.replace(r"\d{1,2}月底前", "a"))
    began = time.perf_counter()
    assert len(book.find("a" * 50_000)) == 50_000
    assert time.perf_counter() - began < 2
