"""The documentation is true: its examples run, its commands exist and are all there."""

from __future__ import annotations

import doctest
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import extract
from extract import cli, rulebook

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "docs" / "sample" / "speech.txt"
PAGES = [ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "rules" / "README.md"]
PAGES += sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
CLI = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [body for name, body in found if name == language]


def console() -> list[str]:
    """Every ``$`` command of docs/cli.md."""
    lines = [
        line
        for body in blocks(ROOT / "docs/cli.md", "console")
        for line in body.splitlines()
    ]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def sections() -> dict[str, str]:
    """Text of docs/cli.md by command."""
    parts = re.split(r"^## duban (.+)$", CLI, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def commands() -> dict[str, object]:
    """Every command by its words, as typer built it."""
    found = {}
    for name, command in typer.main.get_command(cli.app).commands.items():
        inner = getattr(command, "commands", None)
        found |= {f"{name} {sub}": leaf for sub, leaf in (inner or {}).items()}
        if inner is None:
            found[name] = command
    return found


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """A folder with what the examples name; the working folder of the test."""
    shutil.copy(SAMPLE, tmp_path)
    for name in ("speeches", "more", "gold"):
        (tmp_path / name).mkdir()
        shutil.copy(SAMPLE, tmp_path / name)
    speech = extract.read(SAMPLE)
    records = [task.to_dict() for task in extract.tasks_of(speech)]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (tmp_path / "gold" / "speech.jsonl").write_text(lines, encoding="utf-8")
    shutil.copytree(tmp_path / "gold", tmp_path / "second")
    (tmp_path / "floors.json").write_text('{"task": 0.9}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "page", [page for page in PAGES if ">>>" in page.read_text()], ids=page_id
)
def test_python_sessions_show_what_happens(page, desk):
    session = "\n".join(blocks(page, "python"))
    test = doctest.DocTestParser().get_doctest(session, {}, page.name, page.name, 0)
    report: list[str] = []
    doctest.DocTestRunner().run(test, out=report.append)
    assert "".join(report) == ""
    assert test.examples


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "README.zh-CN.md"], ids=page_id
)
def test_python_of_the_readme_runs(page, desk, capsys):
    (code,) = blocks(page, "python")
    shown = [line[2:] for line in code.splitlines() if line.startswith("# ")]
    exec(compile(code, page.name, "exec"), {})
    assert capsys.readouterr().out.splitlines() == shown
    assert shown


@pytest.mark.parametrize("line", console())
def test_documented_commands_run(line, desk):
    words = shlex.split(line)
    code, complaints = in_shell(line) if "|" in words else in_process(words)
    assert (code, "Traceback" in complaints) == (0, False), complaints
    written = [
        path for before, path in itertools.pairwise(words) if before in ("-o", ">")
    ]
    assert [Path(path).stat().st_size > 0 for path in written] == [True] * len(written)


def in_process(words: list[str]) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, words[1:], prog_name="duban")
    return done.exit_code, done.stderr


def in_shell(line: str) -> tuple[int, str]:
    main = "from extract.cli import main; main()"
    script = f"""set -o pipefail; duban() {{ "$PYTHON" -c '{main}' "$@"; }}; {line}"""
    done = subprocess.run(
        ["bash", "-c", script],
        env=os.environ | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr


def test_every_command_is_documented():
    assert list(sections()) == list(commands())


@pytest.mark.parametrize("name", commands())
def test_every_option_is_documented(name):
    documented = set(re.findall(r"`(?:-\w`, `)?(--[a-z-]+)", sections()[name]))
    flags = {
        flag
        for param in commands()[name].params
        if param.param_type_name == "option"
        for flag in param.opts
        if flag.startswith("--")
    }
    assert documented - {"--help"} == flags - {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page):
    links = LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8")))
    local = [link for link in links if "://" not in link and not link.startswith("#")]
    # marked examples look like links: [6月底前](date)
    paths = [link for link in local if "." in link or "/" in link]
    assert [link for link in paths if not (page.parent / link).exists()] == []


def test_both_readmes_give_the_same_commands():
    english, chinese = (
        [
            line.split("  ")[0]
            for body in blocks(page, "sh")[:2]
            for line in body.splitlines()
        ]
        for page in PAGES[:2]
    )
    assert english == chinese


def test_rule_of_the_guide_is_understood(tmp_path):
    (body,) = blocks(ROOT / "rules" / "README.md", "toml")
    table = f"phenomenon = 'deadline'\nabout = ''\n[parts]\nmonth = '\\d+月'\n{body}"
    path = tmp_path / "deadline.toml"
    path.write_text(table, encoding="utf-8")
    (rule,) = rulebook.read(path).rules
    (example,) = tomllib.loads(table)["rule"][0]["examples"]
    assert rule.pattern.findall(example) == ["6月底前"]
