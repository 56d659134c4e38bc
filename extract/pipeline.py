"""One list, the pipes in order; text in, a Doc with all layers out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from extract import harvest
from extract.errors import UsageError
from extract.masks import KEPT
from extract.pipes import (
    cues,
    deadlines,
    duties,
    judge,
    lines,
    metrics,
    outline,
    owners,
    recurrences,
    sentences,
    vagueness,
)
from extract.task import Speech, Task
from extract.words import NAMES

# characters of the documents that are worked on together
_BATCH = 400_000

PIPES: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("duban_view", lines.make_view),
    ("duban_lines", lines.make_lines),
    ("duban_owners", owners.make_owners),
    ("duban_deadlines", deadlines.make_deadlines),
    ("duban_recurrences", recurrences.make_recurrences),
    ("duban_metrics", metrics.make_metrics),
    ("duban_vagueness", vagueness.make_vagueness),
    ("duban_sentences", sentences.make_sentences),
    ("duban_outline", outline.make_outline),
    ("duban_duties", duties.make_duties),
    ("duban_cues", cues.make_cues),
    ("duban_judge", judge.make_judge),
)

if not Doc.has_extension("tasks"):
    Doc.set_extension("tasks", getter=harvest.tasks)


class Characters:
    """Tokenizer of one token a code point, so that a token's index is its offset.

    Spaces are tokens too: the text of the Doc is the text it was made from.
    """

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Doc of one token a character."""
        return Doc(self.vocab, words=list(text), spaces=[False] * len(text))

    def to_bytes(self, **kwargs: Any) -> bytes:
        """Nothing to keep."""
        return b""

    def from_bytes(self, data: bytes, **kwargs: Any) -> Characters:
        """Nothing to restore."""
        return self

    def to_disk(self, path: Any, **kwargs: Any) -> None:
        """Nothing to keep."""

    def from_disk(self, path: Any, **kwargs: Any) -> Characters:
        """Nothing to restore."""
        return self


@cache
def load(segmenter: str = "jieba") -> Language:
    """Pipeline with character tokens and every pipe; built once per process.

    Parameters
    ----------
    segmenter : {"jieba", "pkuseg", "char"}
        Whose words the classifier reads.

    Returns
    -------
    Language
        ``nlp(text)._.tasks`` are the tasks. Its texts may have any length.

    Raises
    ------
    UsageError
        E204, for a segmenter that does not exist.
    """
    if segmenter not in NAMES:
        raise UsageError("E204", value=segmenter, known=", ".join(NAMES))
    nlp = spacy.blank("zh")
    nlp.tokenizer = Characters(nlp.vocab)
    nlp.max_length = 10**9
    for name, _ in PIPES:
        config = {"segmenter": segmenter} if name == "duban_judge" else {}
        nlp.add_pipe(name, config=config)
    return nlp


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the cyclic garbage collector while one document is worked on.

    Its many small records form no cycles; looking through them again and again for
    some costs an eighth of the time.
    """
    pause = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()


def records(speech: Speech, *, segmenter: str = "jieba") -> list[Task]:
    """Tasks of a document that was read, in text order."""
    with _uncollected():
        return harvest.tasks(analyse(speech, segmenter=segmenter))


def stream(
    speeches: Iterable[Speech], *, segmenter: str = "jieba"
) -> Iterator[list[Task]]:
    """Tasks of each of many documents, a tenth faster than one by one.

    Each pipe goes over a batch of documents before the next pipe does: what it looks
    up (rules, words, weights) then stays in the processor's cache.
    """
    for batch in _batches(speeches):
        with _uncollected():
            found = _worked(batch, segmenter)
        yield from found


def _worked(batch: list[Speech], segmenter: str) -> list[list[Task]]:
    docs = [_blank(speech, segmenter) for speech in batch]
    for _, pipe in load(segmenter).pipeline:
        # spaCy's own convention for pipes that work on several Docs at once
        several = getattr(pipe, "pipe", None)
        docs = list(several(docs)) if several else [pipe(doc) for doc in docs]
    return [harvest.tasks(doc) for doc in docs]


def _batches(speeches: Iterable[Speech]) -> Iterator[list[Speech]]:
    batch: list[Speech] = []
    size = 0
    for speech in speeches:
        batch.append(speech)
        size += len(speech.text)
        if size >= _BATCH or len(batch) == KEPT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _blank(speech: Speech, segmenter: str) -> Doc:
    doc = Doc(load(segmenter).vocab)
    doc._.speech, doc._.date = speech, speech.date
    return doc


def analyse(speech: Speech, *, segmenter: str = "jieba", judged: bool = True) -> Doc:
    """Doc of a document that was read, with every layer.

    Parameters
    ----------
    speech : Speech
    segmenter : {"jieba", "pkuseg", "char"}
        Whose words the classifier reads.
    judged : bool, default=True
        Whether the judge speaks too; without it no model is needed.

    Returns
    -------
    Doc
        Without tokens: no pipe reads them, and for long archives they cost as much
        as the pipes do. ``load()(text)`` has one a character.
    """
    doc = _blank(speech, segmenter)
    for name, pipe in load(segmenter).pipeline:
        if judged or name != "duban_judge":
            doc = pipe(doc)
    return doc


@Language.factory(
    "duban",
    default_config={"segmenter": "jieba"},
    assigns=["doc._.view", "doc._.sentences", "doc._.judgements", "doc._.tasks"],
)
def make_duban(nlp: Language, name: str, segmenter: str) -> Duban:
    """Make a `Duban`."""
    return Duban(nlp, segmenter)


class Duban:
    """All pipes as one component, for a pipeline of somebody else's.

    Works on the Doc's text, whatever its tokens are.

    Examples
    --------
    >>> import spacy
    >>> nlp = spacy.blank("zh")
    >>> duban = nlp.add_pipe("duban")
    >>> doc = nlp("各县区要在2026年6月底前完成30个小区改造。")
    >>> [task.deadlines[0].due.isoformat() for task in doc._.tasks]
    ['2026-06-30']
    """

    def __init__(self, nlp: Language, segmenter: str = "jieba") -> None:
        self.pipes = []
        for name, make in PIPES:
            arguments = [segmenter] if name == "duban_judge" else []
            self.pipes.append(make(nlp, name, *arguments))

    def __call__(self, doc: Doc) -> Doc:
        """Run all pipes on a Doc, which it returns."""
        for pipe in self.pipes:
            doc = pipe(doc)
        return doc
