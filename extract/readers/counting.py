"""A list's number in, its written form out, for the formats of Office Open XML.

Names are those of ECMA-376 Part 1, 17.18.59 (ST_NumberFormat). The digits are a
writing system, as in `extract.numerals`, which reads what this writes.
"""

from __future__ import annotations

from collections.abc import Callable

_LOWER, _FORMAL = "〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_LOWER_UNITS, _FORMAL_UNITS = "十百千", "拾佰仟"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_FULL = str.maketrans("0123456789", "０１２３４５６７８９")
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def written(value: int, style: str) -> str:
    """A number as a list shows it.

    Parameters
    ----------
    value : int
        0 to 32,767.
    style : str
        ST_NumberFormat, such as ``"chineseCountingThousand"``. ``"none"`` and
        ``"bullet"`` have no text; a format that is not known is written in decimal,
        as Word does where a language is not installed.

    Examples
    --------
    >>> written(21, "chineseCounting"), written(3, "decimalEnclosedCircle")
    ('二十一', '③')
    """
    write = _STYLES.get(style)
    return write(value) if write else str(value)


def _silent(value: int) -> str:
    return ""


def _digits(digits: str) -> Callable[[int], str]:
    return lambda value: "".join(digits[int(digit)] for digit in str(value))


def _tens(value: int) -> str:
    """With 十 below a hundred, digit by digit from there on."""
    return _digits(_LOWER)(value) if value > 99 else _thousands(value)


def _thousands(value: int) -> str:
    # 一十二 is written 十二
    text = _grouped(value, "零" + _LOWER[1:], _LOWER_UNITS)
    return text[1:] if text.startswith("一十") else text


def _formal(digits: str, myriad: str) -> Callable[[int], str]:
    return lambda value: _grouped(value, digits, _FORMAL_UNITS, myriad)


def _grouped(value: int, digits: str, units: str, myriad: str = "万") -> str:
    if value >= 10_000:
        low = value % 10_000
        rest = _grouped(low, digits, units) if low else ""
        zero = digits[0] if 0 < low < 1000 else ""
        return _grouped(value // 10_000, digits, units) + myriad + zero + rest
    text, gap = "", False
    figures = str(value)
    for place, figure in zip(range(len(figures) - 1, -1, -1), figures, strict=True):
        if figure == "0":
            gap = True
            continue
        text += digits[0] if gap and text else ""
        text += digits[int(figure)] + (units[place - 1] if place else "")
        gap = False
    return text or digits[0]


def _letters(value: int) -> str:
    # after z comes aa, then bb
    repeats, letter = divmod(value - 1, 26)
    return chr(ord("a") + letter) * (repeats + 1) if value > 0 else ""


def _roman(value: int) -> str:
    text = ""
    for size, sign in _ROMAN:
        count, value = divmod(value, size)
        text += sign * count
    return text


def _ordinal(value: int) -> str:
    teen = value // 10 % 10 == 1
    ending = {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{'th' if teen else ending}"


def _cycle(signs: str) -> Callable[[int], str]:
    # beyond the last sign Word goes on in decimal
    return lambda value: signs[value - 1] if 0 < value <= len(signs) else str(value)


def _stem_branch(value: int) -> str:
    if not 0 < value <= 60:
        return str(value)
    return _STEMS[(value - 1) % 10] + _BRANCHES[(value - 1) % 12]


def _circled(value: int) -> str:
    for first, start, count in ((1, 0x2460, 20), (21, 0x3251, 15), (36, 0x32B1, 15)):
        if first <= value < first + count:
            return chr(start + value - first)
    return "\u24ea" if value == 0 else str(value)


def _block(first: int, count: int) -> Callable[[int], str]:
    return _cycle("".join(chr(first + place) for place in range(count)))


def _padded(width: int) -> Callable[[int], str]:
    return lambda value: f"{value:0{width}d}"


_STYLES: dict[str, Callable[[int], str]] = {
    "none": _silent,
    "bullet": _silent,
    "decimal": str,
    "decimalZero": _padded(2),
    "decimalHalfWidth": str,
    "decimalFullWidth": lambda value: str(value).translate(_FULL),
    "decimalFullWidth2": lambda value: str(value).translate(_FULL),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": _block(0x2488, 20),
    "decimalEnclosedParen": _block(0x2474, 20),
    "numberInDash": lambda value: f"- {value} -",
    "hex": lambda value: f"{value:X}",
    "ordinal": _ordinal,
    "upperRoman": _roman,
    "lowerRoman": lambda value: _roman(value).lower(),
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerLetter": _letters,
    # Chinese Word writes 一、二、三 in any of these
    "chineseCounting": _tens,
    "taiwaneseCounting": _tens,
    "chineseCountingThousand": _thousands,
    "taiwaneseCountingThousand": _thousands,
    "japaneseCounting": _thousands,
    "ideographDigital": _digits(_LOWER),
    "japaneseDigitalTenThousand": _digits(_LOWER),
    "taiwaneseDigital": _digits("○" + _LOWER[1:]),
    "chineseLegalSimplified": _formal(_FORMAL, "万"),
    "ideographLegalTraditional": _formal(_TRADITIONAL, "萬"),
    "japaneseLegal": _formal("零壱弐参四伍六七八九", "萬"),
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "ideographZodiacTraditional": _stem_branch,
    "ideographEnclosedCircle": _block(0x3280, 10),
    # custom formats, spelt out by their first numbers (w:numFmt/@w:format)
    "001, 002, 003, ...": _padded(3),
    "0001, 0002, 0003, ...": _padded(4),
    "00001, 00002, 00003, ...": _padded(5),
}
