"""Imported by the process of which workers are copies: rules and model, loaded."""

from __future__ import annotations

from contextlib import suppress

from extract.batch.document import prepare
from extract.batch.worker import one_thread

one_thread()
# what is wrong here is wrong for every worker, and told by the first that begins
with suppress(Exception):
    prepare("jieba")
