"""A written number in, its value out: 1,200, １２, 二〇二六, 一百零五, 2.5万, 半.

The digits below are a writing system, not vocabulary: which words count as numbers
in a sentence is the matter of the rule tables.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

_DIGITS = {
    "零": 0, "〇": 0, "○": 0, "Ｏ": 0, "一": 1, "壹": 1, "二": 2, "贰": 2, "两": 2,
    "三": 3, "叁": 3, "四": 4, "肆": 4, "五": 5, "伍": 5, "六": 6, "陆": 6, "七": 7,
    "柒": 7, "八": 8, "捌": 8, "九": 9, "玖": 9,
}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_POINTS = "点點"
_HALF = "半"
_ZEROS = "零〇○Ｏ"
# full-width forms are what old documents and tables use; commas group thousands
_NARROW = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


@lru_cache(maxsize=1 << 12)
def number(text: str) -> int | float | None:
    """Value of a number as written in a document.

    Parameters
    ----------
    text : str
        The number alone, without unit or percent sign; surrounding blanks do not
        matter. Digits, Chinese numerals, 万 and 亿 may mix: ``"2.5万"``, ``"3亿"``,
        ``"1万2千"``.

    Returns
    -------
    int or float or None
        An int where the value is whole and was written without a decimal point;
        None for anything that is not one number: ranges (5～10), approximations
        (三五, 十几), empty text. A run of two or more Chinese digits without 十 or 百
        is read digit by digit (二〇二六) if it holds a zero or more than two digits.

    Examples
    --------
    >>> number("一百零五"), number("1,200"), number("2.5万"), number("半")
    (105, 1200, 25000, 0.5)
    >>> number("5～10") is None
    True
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return int(text)
    text = text.translate(_NARROW)
    if text == _HALF:
        return 0.5
    for sign, scale in (("亿", 10**8), ("億", 10**8)):
        head, found, tail = text.rpartition(sign)
        if found:
            return _scaled(head, tail, scale)
    return _below_hundred_million(text)


def _scaled(head: str, tail: str, scale: int) -> int | float | None:
    # 亿 may follow 万 (3万亿), so the head is itself a full number
    high = number(head)
    if high is None:
        return None
    low = _below_hundred_million(_tail(tail)) if tail else 0
    if low is None or low >= scale:
        return None
    return _times(high, scale, low)


def _below_hundred_million(text: str) -> int | float | None:
    for sign in "万萬":
        head, found, tail = text.partition(sign)
        if found:
            high = _small(head)
            low = _small(_tail(tail)) if tail else 0
            if high is None or low is None or low >= 10**4:
                return None
            return _times(high, 10**4, low)
    return _small(text)


def _tail(tail: str) -> str:
    # 一万零五: the zero only holds the place
    return tail[1:] if len(tail) > 1 and tail[0] in _ZEROS else tail


def _small(text: str) -> int | float | None:
    if not text:
        return None
    if text[0].isascii():
        return _arabic(text)
    for point in _POINTS:
        head, found, tail = text.partition(point)
        if found:
            whole = _chinese(head)
            digits = "".join(str(_DIGITS.get(char, "x")) for char in tail)
            if whole is None or not digits.isdigit():
                return None
            return float(f"{whole}.{digits}")
    return _chinese(text)


def _arabic(text: str) -> int | float | None:
    factor = 1
    # 3千, 5百: a digit number followed by one Chinese multiplier
    if text[-1] in _TENS and text[:-1]:
        factor, text = _TENS[text[-1]], text[:-1]
    plain = _ungrouped(text)
    whole, point, fraction = plain.partition(".")
    if not (whole.isascii() and whole.isdigit()):
        return None
    if not point:
        return int(whole) * factor
    if not (fraction.isascii() and fraction.isdigit()):
        return None
    value = float(plain)
    return value if factor == 1 else _times(value, factor)


def _ungrouped(text: str) -> str:
    if "," not in text:
        return text
    head, *groups = text.partition(".")[0].split(",")
    # 3,5 and 1,20 are lists, not grouped thousands: leave the comma, which fails
    if not 1 <= len(head) <= 3 or any(len(group) != 3 for group in groups):
        return text
    return text.replace(",", "")


def _chinese(text: str) -> int | None:
    if not text:
        return None
    if all(char in _DIGITS for char in text):
        # 三五 (three to five) is an approximation, 二〇二六 and 二六〇 digit strings
        if len(text) == 2 and not any(char in _ZEROS for char in text):
            return None
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit, last = 0, None, 10**4
    for char in text:
        if char in _TENS:
            unit = _TENS[char]
            # the units fall: 二百三十五; a second 十 (十十) is no number
            if unit >= last:
                return None
            if digit is None and total and unit == 10:
                digit = 1  # 一百十五
            if digit is None and (total or unit != 10):
                return None  # 百 alone
            total += (1 if digit is None else digit) * unit
            digit, last = None, unit
        elif char in _ZEROS:
            # only after a unit: 一百零五
            if digit is not None or not total:
                return None
        elif char in _DIGITS and digit is None:
            digit = _DIGITS[char]
        else:
            return None
    return total + (digit or 0)


def _times(value: int | float, scale: int, rest: int | float = 0) -> int | float:
    # 261.6亿 is exactly 26160000000; in binary floats it would not be
    product = Decimal(str(value)) * scale + Decimal(str(rest))
    return int(product) if product == int(product) else float(product)
