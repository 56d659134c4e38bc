"""Numbers as written in documents, and what is no number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.numerals import number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("1,200", 1200),
        ("1，200，000", 1200000),
        ("１２", 12),
        ("3.5", 3.5),
        ("３．５", 3.5),
        ("三十", 30),
        ("十", 10),
        ("十二", 12),
        ("二十一", 21),
        ("一百零五", 105),
        ("一百一十", 110),
        ("三千二百", 3200),
        ("两", 2),
        ("两千", 2000),
        ("二○二六", 2026),
        ("二〇二六", 2026),
        ("二〇", 20),
        ("一九八六", 1986),
        ("1200万", 12000000),
        ("3亿", 300000000),
        ("2.5万", 25000),
        ("261.6亿", 26160000000),
        ("1.23456万", 12345.6),
        ("3万亿", 3 * 10**12),
        ("一万零五", 10005),
        ("一亿二千万", 120000000),
        ("十万", 100000),
        ("3千", 3000),
        ("三点五", 3.5),
        ("半", 0.5),
        (" 7 ", 7),
        ("零", 0),
    ],
)
def test_value(text, value):
    found = number(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    ["", " ", "5～10", "5-10", "三五", "三至五", "十几", "百", "十十", "万", "亿",
     "3,5", "12个", "XX", "一二三十", "1.2.3", ".5", "几", "5%", "²", "一百百"],
)  # fmt: skip
def test_not_one_number(text):
    assert number(text) is None


@given(st.integers(min_value=0, max_value=10**9))
def test_grouped_digits(value):
    assert number(f"{value:,}") == value


@given(st.text(alphabet="零〇一两三十百千万亿点半0９5.,，～ ", max_size=12))
def test_never_raises(text):
    value = number(text)
    assert value is None or value >= 0
