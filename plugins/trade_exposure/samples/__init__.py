"""Samples: a seeded generator of made-up feeds, and the local server that speaks the real wire formats."""

from trade_exposure.samples.sample import DEFAULT_SEED, SAMPLE_AS_OF, make_sample, sample_as_of

__all__ = ["DEFAULT_SEED", "SAMPLE_AS_OF", "make_sample", "sample_as_of"]
