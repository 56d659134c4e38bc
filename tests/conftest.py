"""What holds for every test, and fixtures of several modules."""

from browsing import address, chromium, desk, visit  # noqa: F401
from databases import database, document, either_database, postgres_url  # noqa: F401
from hypothesis import settings

# how fast things are is for benchmarks/ to say: a busy machine is slow at anything
settings.register_profile("duban", deadline=None)
settings.load_profile("duban")
