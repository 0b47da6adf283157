"""Reading tickets without a key and without a network: words, cues, and the vectors of problem and answer in one linear model."""

from intelligence.local.analyzer import LocalAnalyzer

__all__ = ["LocalAnalyzer"]
