"""What holds for every test."""

from hypothesis import settings

# how fast things are is for benchmarks/ to say: a busy machine is slow at anything
settings.register_profile("duban", deadline=None)
settings.load_profile("duban")
