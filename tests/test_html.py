"""Web pages: what they say and not what surrounds it, in any encoding."""

from __future__ import annotations

import datetime as dt

import pytest

from extract.errors import ReadError
from extract.readers import read_bytes

BODY = """
<p>各县（市、区）
人民政府：</p>
<p>&nbsp;&nbsp;&nbsp;&nbsp;为做好防汛工作，现将有关事项通知如下，请认真抓好落实。<br/>一、压实责任。
各单位要落实防汛责任制，5月底前完成隐患排查&#65292;不得留死角。</p>
<p>二、加强值守。各单位要严格执行24小时值班制度，遇有险情第一时间报告。</p>
"""
LINES = [
    "各县（市、区）人民政府：",
    "为做好防汛工作，现将有关事项通知如下，请认真抓好落实。",
    "一、压实责任。各单位要落实防汛责任制，5月底前完成隐患排查，不得留死角。",
    "二、加强值守。各单位要严格执行24小时值班制度，遇有险情第一时间报告。",
]
TITLE = "关于做好2024年防汛工作的通知"
SITE = """<!DOCTYPE html>
<html><head><meta charset="{charset}"><title>{title}_某市人民政府门户网站</title>
<style>p {{ color: red }}</style><script>var a = "要抓好落实";</script></head>
<body><!-- 要抓好落实 -->
<div class="header"><a href="/">首页</a><a href="/a">政务公开</a><a>互动</a></div>
<ul><li><a>机构职能</a></li><li><a>政策文件</a></li><li><a>统计数据</a></li></ul>
<div class="dqwz">当前位置：<a>首页</a> &gt; <a>政务公开</a></div>
<div class="wrap"><h1>{title}</h1>
<div class="info">发布日期：2024-05-06 来源：市政府办公室 <i>字体：<a>大</a></i>
</div>
<div class="con">{body}</div>
<div class="share">分享到：<a>微信</a></div></div>
<div class="right"><h3>相关阅读</h3><ul><li><a>关于甲的通知</a></li>
<li><a>关于乙的通知</a></li><li><a>关于丙的通知</a></li></ul></div>
<div class="foot">版权所有：某市人民政府 技术支持：某某公司 某ICP备00000000号</div>
</body></html>"""


def lines(body: str) -> list[str]:
    return read_bytes(f"<html><body>{body}</body></html>".encode()).text.splitlines()


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("gb2312", "gb18030"),
        ("gbk", "gbk"),
        ("gb18030", "gb18030"),
        ("utf-8", "utf-8-sig"),
        ("utf-8", "utf-16"),
        # pages that do not know their own encoding
        ("utf-8", "gbk"),
        ("gb2312", "utf-8"),
        ("iso-8859-1", "gbk"),
        ("x-unknown", "gb18030"),
    ],
)
def test_a_page_of_a_government_site(charset: str, encoding: str) -> None:
    page = SITE.format(charset=charset, title=TITLE, body=BODY)
    speech = read_bytes(page.encode(encoding), "page.html")
    assert speech.text.splitlines() == [
        TITLE,
        "发布日期：2024-05-06 来源：市政府办公室 字体：大",
        *LINES,
    ]
    assert (speech.title, speech.date) == (TITLE, dt.date(2024, 5, 6))


def test_a_page_that_is_only_a_document() -> None:
    assert lines(f"<h1>{TITLE}</h1>{BODY}") == [TITLE, *LINES]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("各单位要<b>抓好</b>落实", ["各单位要抓好落实"]),
        ("甲<br>乙<br/><br/>丙", ["甲", "乙", "丙"]),
        ("<div>甲<p>乙</p>丙</div>", ["甲", "乙", "丙"]),
        ("各单位\n要抓好\n  落实", ["各单位要抓好落实"]),
        ("use\nOpen  Data", ["use Open Data"]),
        ("一、总则　　各单位", ["一、总则　　各单位"]),
        ("<pre>甲\n  乙</pre>", ["甲", "乙"]),
        ("5&lt;6 &amp; 7&gt;6 &#20840; &nbsp;", ["5<6 & 7>6 全"]),
        ("甲<script>x</script><style>y</style><noscript>z</noscript>", ["甲"]),
        ("甲<span style='display: none'>乙</span><i hidden>丙</i>", ["甲"]),
        ("<ul><li>甲</li><li>乙</li></ul>", ["甲", "乙"]),
        ("附件：<a href='a.doc'>任务分解表</a>", ["附件：任务分解表"]),
    ],
)
def test_lines(body: str, found: list[str]) -> None:
    assert lines(body) == found


HEAD = "<tr><th>序号</th><th>工作任务</th><th>牵头单位</th></tr>"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (
            "<tr><td>1</td><td>整治<p>河道</p></td><td>市水利局<br>市城管局</td></tr>",
            ["1\t整治河道\t市水利局、市城管局"],
        ),
        (
            "<tr><td>1</td><td>甲</td><td rowspan=2>市水利局</td></tr>"
            "<tr><td>2</td><td>乙</td></tr>",
            ["1\t甲\t市水利局", "2\t乙\t市水利局"],
        ),
        (
            "<tr><td colspan=3>一、防汛</td></tr>"
            "<tr><td>1</td><td>甲</td><td></td></tr>",
            ["一、防汛", "1\t甲\t"],
        ),
    ],
    ids=["cell of lines", "rowspan", "colspan"],
)
def test_tables(rows: str, found: list[str]) -> None:
    page = f"<p>任务如下：</p><table>{HEAD}{rows}</table><p>完</p>"
    assert lines(page) == ["任务如下：", "序号\t工作任务\t牵头单位", *found, "完"]


def test_a_table_that_only_places_things_is_no_table() -> None:
    page = f"<table><tr><td><a>首页</a></td><td>{BODY}</td></tr></table>"
    assert [line for line in lines(page) if "\t" in line] == []
    assert lines(page)[-len(LINES) :] == LINES


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html></html>", "E103"),
        (b"<html><body><script>a()</script></body></html>", "E103"),
        (b"<html><p>\xff\xfe\xff\xff\x81", "E105"),
    ],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_bytes(data, "a.html")
    assert caught.value.code == code


def test_one_broken_character_does_not_cost_the_page() -> None:
    page = SITE.format(charset="gbk", title=TITLE, body=BODY).encode("gbk")
    broken = page.replace("加强值守".encode("gbk"), b"\xff\xff")
    text = read_bytes(broken).text
    assert (text.splitlines()[:4], "\ufffd" in text) == (
        [TITLE, "发布日期：2024-05-06 来源：市政府办公室 字体：大", *LINES[:2]],
        True,
    )


def test_very_deep_pages_are_read() -> None:
    depth = 1500
    assert lines("<div>" * depth + "各单位要抓好落实" + "</div>" * depth) == [
        "各单位要抓好落实"
    ]
