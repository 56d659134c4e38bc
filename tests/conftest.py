"""What holds for every test."""

from hypothesis import settings

# how fast things are is for benchmarks/ to say: on a busy machine any example may be slow
settings.register_profile("duban", deadline=None)
settings.load_profile("duban")
