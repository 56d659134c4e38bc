"""Word documents come out as they read on paper: numbers, tables, boxes, revisions."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from office import (
    cell,
    definition,
    docx,
    docx_parts,
    grid,
    item,
    level,
    num,
    paragraph,
    row,
    run,
    start_override,
    zipped,
)

import extract
from extract.errors import ReadError
from extract.numerals import number
from extract.readers import docx as word
from extract.readers.counting import written
from extract.task import Place

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus" / "files"
SAMPLES = sorted(SHARED.glob("docx_*.docx"))

OUTLINE = definition(
    0,
    level(0, "chineseCounting", "%1、"),
    level(1, "japaneseCounting", "（%2）"),
    level(2, "decimal", "%3."),
    level(3, "decimalEnclosedCircle", "%4"),
)


def lines(body: str, numbering: str = "", styles: str = "") -> list[str]:
    """Lines of a document that have text."""
    text = word.read(docx(body, numbering=numbering, styles=styles)).text
    return [line for line in text.split("\n") if line]


def markers(found: list[str]) -> list[str]:
    """What stands in front of each line's own text, which is 甲."""
    return [line.removesuffix("甲") for line in found]


def style(name: str, properties: str = "", *, based: str = "", extra: str = "") -> str:
    parent = f'<w:basedOn w:val="{based}"/>' if based else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/>'
        f"{parent}<w:pPr>{properties}</w:pPr>{extra}</w:style>"
    )


def styled(text: str, name: str, properties: str = "") -> str:
    return paragraph(text, f'<w:pStyle w:val="{name}"/>{properties}')


def in_list(number: int | None = None, depth: int | None = None) -> str:
    inner = "" if depth is None else f'<w:ilvl w:val="{depth}"/>'
    inner += "" if number is None else f'<w:numId w:val="{number}"/>'
    return f"<w:numPr>{inner}</w:numPr>"


# automatic numbers


@pytest.mark.parametrize(
    ("numbering", "items", "expected"),
    [
        pytest.param(
            OUTLINE + num(1, 0),
            [(1, 0), (1, 1), (1, 1), (1, 2), (1, 3), (1, 3), (1, 0), (1, 1), (1, 2)],
            ["一、", "（一）", "（二）", "1. ", "① ", "② ", "二、", "（一）", "1. "],
            id="deeper levels start again",
        ),
        pytest.param(
            OUTLINE + num(1, 0) + num(2, 0),
            [(1, 0), (2, 0), (1, 0), (2, 1)],
            ["一、", "二、", "三、", "（一）"],
            id="lists of one definition count on together",
        ),
        pytest.param(
            OUTLINE + num(1, 0) + num(2, 0, start_override(0, 1)),
            [(1, 0), (1, 0), (2, 0), (2, 0), (1, 0), (2, 0)],
            ["一、", "二、", "一、", "二、", "三、", "四、"],
            id="an override starts anew once",
        ),
        pytest.param(
            OUTLINE + num(1, 0, start_override(0, 5), start_override(1, 3)),
            [(1, 0), (1, 1), (1, 1), (1, 0), (1, 1)],
            ["五、", "（三）", "（四）", "六、", "（三）"],
            id="an override holds whenever the level starts again",
        ),
        pytest.param(
            definition(0, level(0, "decimal", "%1."), level(1, "decimal", "%1.%2."))
            + num(1, 0),
            [(1, 1), (1, 1), (1, 0), (1, 1)],
            ["1.1. ", "1.2. ", "2. ", "2.1. "],
            id="an inner level first",
        ),
        pytest.param(
            definition(0, level(0, "decimal", "%1."), level(1, "decimal", "%1.%2."))
            + num(1, 0, start_override(0, 3)),
            [(1, 1), (1, 1), (1, 0), (1, 1)],
            ["3.1. ", "3.2. ", "3. ", "3.1. "],
            # ECMA-376 Part 1, 17.9.27; LibreOffice 7.4 shows 1.1., 1.2. first
            id="an inner level first, the outer one with a start override",
        ),
        pytest.param(
            definition(0, level(0, "decimal", "%1."), level(1, "decimal", "%1.%2."))
            + num(1, 0)
            + num(2, 0, start_override(1, 5)),
            [(1, 0), (1, 1), (2, 1), (2, 0), (2, 1), (1, 1)],
            ["1. ", "1.1. ", "1.5. ", "2. ", "2.5. ", "2.6. "],
            # 17.9.27: whenever it is restarted; LibreOffice 7.4 shows 2.1. and 2.2.
            id="an override of a second list holds whenever the level starts again",
        ),
        pytest.param(
            definition(0, level(0, "decimal", "%1."), level(1, "decimal", "(%2)"))
            + num(
                1,
                0,
                '<w:lvlOverride w:ilvl="1">'
                + level(1, "lowerLetter", "%2)", extra='<w:lvlRestart w:val="0"/>')
                + "</w:lvlOverride>",
            ),
            [(1, 0), (1, 1), (1, 1), (1, 0), (1, 1)],
            ["1. ", "a) ", "b) ", "2. ", "a) "],
            # [MS-OI29500] on 17.9.11
            id="what an override says of restarting is ignored",
        ),
        pytest.param(
            definition(
                0,
                level(0, "decimal", "%1."),
                level(1, "decimal", "(%2)", extra='<w:lvlRestart w:val="0"/>'),
                level(2, "lowerLetter", "%3)", extra='<w:lvlRestart w:val="1"/>'),
            )
            + num(1, 0),
            [(1, 0), (1, 1), (1, 2), (1, 1), (1, 2), (1, 0), (1, 1), (1, 2)],
            ["1. ", "(1) ", "a) ", "(2) ", "b) ", "2. ", "(3) ", "a) "],
            id="levels that do not start again, or not after every level",
        ),
        pytest.param(
            definition(
                0,
                level(0, "chineseCounting", "第%1章"),
                level(1, "decimal", "%1.%2", extra="<w:isLgl/>"),
            )
            + num(1, 0),
            [(1, 0), (1, 1), (1, 0), (1, 1)],
            ["第一章 ", "1.1 ", "第二章 ", "2.1 "],
            id="legal numbering",
        ),
        pytest.param(
            OUTLINE
            + num(1, 0)
            + num(
                2,
                0,
                f'<w:lvlOverride w:ilvl="0">{level(0, "upperRoman", "%1)", start=4)}'
                "</w:lvlOverride>",
            ),
            [(2, 0), (2, 0), (1, 0)],
            ["IV) ", "V) ", "六、"],
            id="a level of its own",
        ),
        pytest.param(
            definition(0, level(0, "bullet", "●"), level(1, "none", "附件："))
            + num(1, 0),
            [(1, 0), (1, 1)],
            ["", "附件："],
            id="bullets say nothing, fixed words do",
        ),
        pytest.param(
            definition(
                0,
                level(0, "decimal", "%1.", extra='<w:suff w:val="nothing"/>'),
                level(1, "decimal", "%2.", extra='<w:suff w:val="space"/>'),
            )
            + num(1, 0),
            [(1, 0), (1, 1)],
            ["1.", "1. "],
            id="what follows the number",
        ),
        pytest.param(
            definition(
                0,
                '<w:lvl w:ilvl="0"><w:start w:val="7"/><mc:AlternateContent>'
                '<mc:Choice Requires="w14">'
                '<w:numFmt w:val="custom" w:format="001, 002, 003, ..."/>'
                '</mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback>'
                '</mc:AlternateContent><w:lvlText w:val="%1号"/></w:lvl>',
            )
            + num(1, 0),
            [(1, 0)],
            ["007号 "],
            id="a custom format",
        ),
        pytest.param(
            definition(0, extra='<w:numStyleLink w:val="总表"/>')
            + definition(
                1, level(0, "decimal", "%1)"), extra='<w:styleLink w:val="总表"/>'
            )
            + num(1, 0)
            + num(2, 1),
            [(1, 0), (2, 0)],
            ["1) ", "2) "],
            id="a definition that a style holds",
        ),
        pytest.param(
            num(1, 9) + num(2, 0) + definition(0),
            [(1, 0), (2, 0), (3, 0)],
            ["", "", ""],
            id="lists that are not defined",
        ),
    ],
)  # fmt: skip
def test_numbers(
    numbering: str, items: list[tuple[int, int]], expected: list[str]
) -> None:
    body = "".join(item("甲", of, depth) for of, depth in items)
    linked = (
        '<w:style w:type="numbering" w:styleId="总表"><w:name w:val="总表"/><w:pPr>'
        f"{in_list(2)}</w:pPr></w:style>"
    )
    assert markers(lines(body, numbering, linked)) == expected


HEADINGS = definition(
    0,
    level(0, "chineseCounting", "%1、", extra='<w:pStyle w:val="章"/>'),
    level(1, "chineseCounting", "（%2）", extra='<w:pStyle w:val="节"/>'),
    level(2, "decimal", "%3.", extra='<w:pStyle w:val="条"/>'),
) + num(1, 0)


@pytest.mark.parametrize(
    ("styles", "paragraphs", "expected"),
    [
        pytest.param(
            style("章", in_list(1)) + style("节", in_list(1)),
            [("章", ""), ("节", ""), ("节", ""), ("章", ""), ("节", "")],
            ["一、", "（一）", "（二）", "二、", "（一）"],
            id="levels bound to styles",
        ),
        pytest.param(
            style("章", in_list(1)) + style("条", in_list(depth=2), based="章"),
            [("章", ""), ("条", ""), ("条", "")],
            ["一、", "1. ", "2. "],
            id="the list of the style it is based on",
        ),
        pytest.param(
            style("章", in_list(1)) + style("我的章", based="章"),
            [("章", ""), ("我的章", "")],
            ["一、", "二、"],
            id="a style that changes nothing about it",
        ),
        pytest.param(
            style("章", in_list(1)),
            [("章", ""), ("章", in_list(0)), ("章", in_list(depth=1)), ("章", "")],
            ["一、", "", "（一）", "二、"],
            id="the paragraph has the last word",
        ),
        pytest.param(
            style("章", in_list(1)) + style("题", in_list(0), based="章"),
            [("章", ""), ("题", ""), ("章", "")],
            ["一、", "", "二、"],
            id="a style without the number of its base",
        ),
        pytest.param(
            '<w:style w:type="paragraph" w:default="1" w:styleId="正文"><w:name '
            f'w:val="正文"/><w:pPr>{in_list(1, 2)}</w:pPr></w:style>',
            [("", ""), ("没有的", "")],
            ["1. ", "2. "],
            id="the default style",
        ),
        pytest.param(
            style("章", in_list(1), based="节") + style("节", based="章"),
            [("章", ""), ("节", "")],
            ["一、", "（一）"],
            id="styles based on one another",
        ),
    ],
)
def test_numbers_of_styles(
    styles: str, paragraphs: list[tuple[str, str]], expected: list[str]
) -> None:
    body = "".join(styled("甲", name, own) for name, own in paragraphs)
    assert markers(lines(body, HEADINGS, styles)) == expected


def test_a_deleted_item_does_not_count_and_an_empty_one_is_not_shown() -> None:
    deleted = paragraph(
        '<w:del w:id="1"><w:r><w:delText>乙</w:delText></w:r></w:del>',
        in_list(1, 0) + '<w:rPr><w:del w:id="2"/></w:rPr>',
    )
    body = item("甲") + deleted + item("丙") + item("") + item("丁")
    assert lines(body, OUTLINE + num(1, 0)) == ["一、甲", "二、丙", "四、丁"]


@pytest.mark.parametrize(
    ("style", "numbers", "expected"),
    [
        ("chineseCounting", [1, 10, 11, 20, 99, 101], "一 十 十一 二十 九十九 一〇一"),
        ("chineseCountingThousand", [10, 110, 1001], "十 一百一十 一千零一"),
        ("chineseCountingThousand", [12_003, 20_500], "一万二千零三 二万零五百"),
        ("japaneseCounting", [1, 12, 30], "一 十二 三十"),
        ("taiwaneseCounting", [9, 19], "九 十九"),
        ("ideographDigital", [9, 10, 21], "九 一〇 二一"),
        ("chineseLegalSimplified", [3, 10, 105], "叁 壹拾 壹佰零伍"),
        ("ideographLegalTraditional", [3, 26], "參 貳拾陸"),
        ("ideographTraditional", [1, 10, 11], "甲 癸 11"),
        ("ideographZodiac", [1, 12], "子 亥"),
        ("ideographZodiacTraditional", [1, 11, 60], "甲子 甲戌 癸亥"),
        ("decimalFullWidth", [7, 12], "７ １２"),
        ("decimalEnclosedCircle", [1, 20, 21, 36, 51], "① ⑳ ㉑ ㊱ 51"),
        ("decimalEnclosedCircleChinese", [3], "③"),
        ("decimalEnclosedFullstop", [1, 20], "⒈ ⒛"),
        ("decimalEnclosedParen", [1, 20], "⑴ ⒇"),
        ("ideographEnclosedCircle", [1, 10], "㊀ ㊉"),
        ("decimalZero", [1, 12], "01 12"),
        ("upperRoman", [4, 9, 40, 1999], "IV IX XL MCMXCIX"),
        ("lowerRoman", [6], "vi"),
        ("upperLetter", [1, 26, 27], "A Z AA"),
        ("lowerLetter", [2, 54], "b bbb"),
        ("ordinal", [1, 2, 3, 11, 21], "1st 2nd 3rd 11th 21st"),
        ("decimal", [0, 12], "0 12"),
        ("none", [1], ""),
        ("of tomorrow", [5], "5"),
    ],
)
def test_formats(style: str, numbers: list[int], expected: str) -> None:
    assert " ".join(written(one, style) for one in numbers) == expected


@pytest.mark.parametrize("value", [1, 10, 15, 20, 105, 110, 999, 1010, 12_003])
def test_numerals_read_what_a_list_writes(value: int) -> None:
    assert number(written(value, "chineseCountingThousand")) == value


# text of a paragraph


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


BOX = f"<w:txbxContent>{paragraph('框里的话')}{paragraph('第二行')}</w:txbxContent>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (run("抓好") + run("落实"), ["抓好落实"]),
        (run("一、") + "<w:r><w:tab/></w:r>" + run("要求"), ["一、 要求"]),
        (run("上") + "<w:r><w:br/></w:r>" + run("下"), ["上", "下"]),
        (run("COVID") + "<w:r><w:noBreakHyphen/></w:r>" + run("19"), ["COVID-19"]),
        (run("看") + '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', ["看☑"]),
        (run("看") + '<w:r><w:sym w:font="Odd" w:char="F0FE"/></w:r>', ["看"]),
        (run("第") + '<w:r><w:sym w:font="Arial" w:char="2460"/></w:r>', ["第①"]),
        (f'<w:hyperlink r:id="r9">{run("链接")}</w:hyperlink>', ["链接"]),
        (f"<w:smartTag><w:smartTag>{run('北州')}</w:smartTag></w:smartTag>", ["北州"]),
        (f'<w:ins w:id="1">{run("增加")}</w:ins>{run("内容")}', ["增加内容"]),
        (
            run("保留")
            + '<w:del w:id="1"><w:r><w:delText>删去</w:delText></w:r></w:del>'
            + f'<w:moveFrom w:id="2">{run("移走")}</w:moveFrom>'
            + f'<w:moveTo w:id="3">{run("移来")}</w:moveTo>',
            ["保留移来"],
        ),
        (run("看得见") + run("看不见", "<w:vanish/>"), ["看得见"]),
        (run("看得见", '<w:vanish w:val="0"/>'), ["看得见"]),
        (run("甲") + run("乙", '<w:rStyle w:val="隐藏"/>'), ["甲"]),
        (
            run("注") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run("后"),
            ["注后"],
        ),
        (
            field("begin")
            + "<w:r><w:instrText>PAGE</w:instrText></w:r>"
            + run("指令")
            + field("separate")
            + run("结果")
            + field("end")
            + run("其后"),
            ["结果其后"],
        ),
        (field("begin") + field("begin") + field("separate") + run("内层指令")
         + field("end") + field("separate") + run("外层") + field("end"), ["外层"]),
        (f'<w:fldSimple w:instr="DATE">{run("3月5日")}</w:fldSimple>', ["3月5日"]),
        (
            "<w:sdt><w:sdtPr/><w:sdtContent>" + run("控件") + "</w:sdtContent></w:sdt>",
            ["控件"],
        ),
        (
            run("填：")
            + "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
            + run("单击输入")
            + "</w:sdtContent></w:sdt>",
            ["填："],
        ),
        (
            "<w:r><w:ruby><w:rt>" + run("zhèng") + "</w:rt><w:rubyBase>" + run("政")
            + "</w:rubyBase></w:ruby></w:r>",
            ["政"],
        ),
        (
            run("正文")
            + "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>"
            f"<wps:wsp><wps:txbx>{BOX}</wps:txbx></wps:wsp></w:drawing></mc:Choice>"
            f"<mc:Fallback><w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape>"
            "</w:pict></mc:Fallback></mc:AlternateContent></w:r>",
            ["正文", "框里的话", "第二行"],
        ),
        (
            f"<w:r><w:pict><v:shape><v:textbox>{BOX}</v:textbox></v:shape></w:pict></w:r>",
            ["框里的话", "第二行"],
        ),
        ("<w:r><w:t> 不留 </w:t></w:r>" + run("空格"), ["不留空格"]),
        (run("两\n行\ufffc"), ["两 行"]),
    ],
)  # fmt: skip
def test_paragraph(content: str, expected: list[str]) -> None:
    hidden = (
        '<w:style w:type="character" w:styleId="隐藏"><w:rPr><w:vanish/></w:rPr>'
        "</w:style>"
    )
    assert lines(paragraph(content), styles=hidden) == expected


@pytest.mark.parametrize(
    "mark", ['<w:del w:id="1"/>', "<w:vanish/><w:specVanish/>"], ids=["del", "hidden"]
)
def test_paragraphs_run_on_where_the_end_of_one_is_gone(mark: str) -> None:
    body = paragraph("加强领导。", f"<w:rPr>{mark}</w:rPr>") + paragraph("各区要负责。")
    assert lines(body) == ["加强领导。各区要负责。"]


def test_body_wrappers_and_tables_of_contents() -> None:
    def control(properties: str, content: str) -> str:
        return (
            f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}"
            "</w:sdtContent></w:sdt>"
        )

    gallery = (
        '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
    )
    body = (
        control(gallery, paragraph("一、总体要求 1"))
        + styled("二、重点任务 3", "toc")
        + control("", paragraph("正文"))
        + f"<w:customXml>{paragraph('其他')}</w:customXml>"
        + "<w:sectPr/>"
    )
    contents = style("toc").replace('w:name w:val="toc"', 'w:name w:val="TOC 1"')
    assert lines(body, styles=contents) == ["正文", "其他"]


# tables

START, GOES_ON = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
HEAD = row("序号", "工作任务", "牵头单位", "完成时限")


def wide(text: str, columns: int) -> str:
    return cell(text, properties=f'<w:gridSpan w:val="{columns}"/>')


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(
            grid(HEAD, row("1", "改造泵站", "市水务局", "6月底前")),
            ["序号\t工作任务\t牵头单位\t完成时限", "1\t改造泵站\t市水务局\t6月底前"],
            id="rows",
        ),
        pytest.param(
            grid(
                HEAD,
                row("1", "改造泵站", cell("市水务局", properties=START), "6月底前"),
                row("2", "清淤河道", cell("", properties=GOES_ON), "9月底前"),
            ),
            [
                "序号\t工作任务\t牵头单位\t完成时限",
                "1\t改造泵站\t市水务局\t6月底前",
                "2\t清淤河道\t市水务局\t9月底前",
            ],
            id="a body that answers for several rows stands in each",
        ),
        pytest.param(
            grid(
                HEAD,
                row("1", cell("改造泵站", properties=START), "市水务局", "6月底前"),
                row("", cell("", properties=GOES_ON), "市财政局", "9月底前"),
            ),
            [
                "序号\t工作任务\t牵头单位\t完成时限",
                "1\t改造泵站\t市水务局\t6月底前",
                "\t\t市财政局\t9月底前",
            ],
            id="a task for several bodies stands once",
        ),
        pytest.param(
            grid(
                row(
                    cell("序 号", properties=START),
                    cell("工作", "任务", properties=START),
                    wide("责任单位", 2),
                ),
                row(
                    cell("", properties=GOES_ON),
                    cell("", properties=GOES_ON),
                    "牵头单位",
                    "配合单位",
                ),
                row(wide("一、水务", 4)),
                row("1", "改造泵站", "市水务局", ""),
            ),
            [
                "序号\t工作任务\t责任单位\t",
                "序号\t工作任务\t牵头单位\t配合单位",
                "一、水务",
                "1\t改造泵站\t市水务局\t",
            ],
            id="a heading of two rows and a heading between rows",
        ),
        pytest.param(
            grid(
                HEAD,
                row(
                    "1",
                    cell("改造", "泵站"),
                    cell("市水务局", "市发展", "改革委", "市财政局、", "各区政府"),
                    cell("2026年", "6月"),
                ),
            ),
            [
                "序号\t工作任务\t牵头单位\t完成时限",
                "1\t改造泵站\t市水务局、市发展改革委、市财政局、各区政府\t2026年 6月",
            ],
            id="paragraphs of a cell",
        ),
        pytest.param(
            grid(row("", "", properties="<w:del w:id='1'/>"), row("甲", "乙")),
            ["甲\t乙"],
            id="a deleted row",
        ),
        pytest.param(
            grid(row(cell("红头文件", "各单位："))),
            ["红头文件", "各单位："],
            id="frame",
        ),
        pytest.param(
            grid(
                row(cell(grid(row("甲", "乙")), paragraph("")), "边栏"),
            ),
            ["甲\t乙", "边栏"],
            id="layout",
        ),
        pytest.param(
            grid(
                row("甲", "乙", "丙"),
                row("丁", properties='<w:gridBefore w:val="2"/>'),
                row("戊", "己", properties='<w:gridBefore w:val="1"/>'),
            ),
            ["甲\t乙\t丙", "丁", "\t戊\t己"],
            id="rows that start further right",
        ),
    ],
)
def test_table(table: str, expected: list[str]) -> None:
    assert lines(table) == expected


def test_numbers_in_cells() -> None:
    counted = definition(0, level(0, "decimal", "%1")) + num(1, 0)
    table = grid(HEAD, *(row(cell(item("")), "任务", "市局", "年底") for _ in "ab"))
    assert lines(table, counted)[1:] == ["1\t任务\t市局\t年底", "2\t任务\t市局\t年底"]


def test_places_are_paragraphs_with_text() -> None:
    body = (
        paragraph("标题")
        + paragraph("")
        + grid(row("序号", "任务"), row("1", "清淤"))
        + paragraph("结尾")
    )
    draft = word.read(docx(body))
    starts = [draft.text.index(part) for part in ("标题", "序号", "1\t", "结尾")]
    assert draft.text == "标题\n\n序号\t任务\n1\t清淤\n结尾\n"
    assert draft.places == tuple(
        (start, Place("paragraph", count)) for count, start in enumerate(starts, 1)
    )


def test_rows_become_tasks_with_bodies_dates_and_places(tmp_path: Path) -> None:
    body = (
        paragraph("2026年水务重点任务分解表")
        + paragraph("（2026年3月5日）")
        + grid(
            row("序号", "工作任务", "牵头单位", "配合单位", "完成时限"),
            row(wide("一、防汛", 5)),
            row(
                "1",
                "完成泵站改造，新增排涝能力50立方米每秒。",
                cell("市水务局", properties=START),
                cell("市财政局", "各区政府"),
                "2026年5月31日",
            ),
            row(
                "2",
                "清淤河道30公里，打通断头河5条。",
                cell("", properties=GOES_ON),
                "",
                "9月",
            ),
        )
    )
    path = tmp_path / "分工表.wps"
    path.write_bytes(docx(body))
    found = [
        (
            task.section,
            task.item,
            [(owner.text, owner.role) for owner in task.owners],
            [deadline.due.isoformat() for deadline in task.deadlines if deadline.due],
            task.place,
        )
        for task in extract.tasks_of(extract.read(path))
    ]
    helpers = [("市财政局", "cooperating"), ("各区政府", "cooperating")]
    lead = ("市水务局", "lead")
    assert found == [
        ("一、", "1", [lead, *helpers], ["2026-05-31"], Place("paragraph", 5)),
        ("一、", "2", [lead], ["2026-09-30"], Place("paragraph", 6)),
    ]


# files that are damaged, foreign or meant to do harm

PLAIN = docx_parts(paragraph("正文"))


def without(*names: str) -> bytes:
    return zipped({name: part for name, part in PLAIN.items() if name not in names})


def replaced(name: str, old: str, new: str) -> bytes:
    return zipped(PLAIN | {name: PLAIN[name].replace(old, new)})


ENTITIES = '<!DOCTYPE w:document [<!ENTITY a "哈"><!ENTITY b "&a;&a;&a;">]><w:document'
OUTSIDE = '<!DOCTYPE w:document SYSTEM "file:///etc/hostname"><w:document'


@pytest.mark.parametrize(
    "data",
    [
        without("word/styles.xml", "word/numbering.xml"),
        without("_rels/.rels", "word/_rels/document.xml.rels", "[Content_Types].xml"),
        zipped({name.replace("/", "\\"): part for name, part in PLAIN.items()}),
        zipped({name.upper(): part for name, part in PLAIN.items()}),
        replaced(
            "word/document.xml",
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            "http://purl.oclc.org/ooxml/wordprocessingml/main",
        ),
        replaced("_rels/.rels", "word/document.xml", "/word/document.xml"),
    ],
    ids=["bare", "no relationships", "backslashes", "case", "strict", "absolute"],
)
def test_unusual_packages(data: bytes) -> None:
    assert word.read(data).text == "正文\n"


def test_outside_is_not_followed() -> None:
    data = replaced(
        "word/_rels/document.xml.rels",
        "</Relationships>",
        '<Relationship Id="r7" TargetMode="External" Target="file:///etc/hostname" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships'
        '/styles"/></Relationships>',
    )
    assert word.read(data).text == "正文\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04", "E121"),
        (zipped(PLAIN)[:-200], "E121"),
        (without("word/document.xml"), "E121"),
        (replaced("word/document.xml", "</w:p>", ""), "E121"),
        (replaced("word/document.xml", "w:body", "w:corpse"), "E121"),
        (replaced("word/document.xml", "<w:document", ENTITIES), "E123"),
        (replaced("word/document.xml", "<w:document", OUTSIDE), "E123"),
        (replaced("word/styles.xml", "<w:styles", ENTITIES), "E123"),
        (docx("<w:customXml>" * 500 + "</w:customXml>" * 500), "E121"),
        (
            zipped(PLAIN | {"word/document.xml": " " * (5 * 2**20)}),
            "E122",
        ),
        (zipped(docx_parts(paragraph("")) | {"word/media/image1.png": ""}), "E130"),
    ],
    ids=["stub", "cut off", "no document", "unclosed", "no body", "entities", "outside",
         "entities in styles", "too deep", "bomb", "scan"],
)  # fmt: skip
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        word.read(data)
    assert caught.value.code == code
    assert "正文" not in caught.value.at("讲话.docx").message()


# documents of other people, where they are at hand


@pytest.mark.skipif(not SAMPLES, reason="the shared corpus is not here")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_shared_documents_lose_no_text(path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        xml = package.read("word/document.xml").decode()
    written = "".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml))
    kept = word.read(path.read_bytes()).text
    han = re.compile("[^\u4e00-\u9fff]")
    assert han.sub("", kept) == han.sub("", written)
