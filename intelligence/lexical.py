# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (scikit-learn is untyped: this is the one file of the nightly pass that imports it)
"""Words as vectors: what two texts share by spelling, beside what they share by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from intelligence.similarity import Floats, unit

_DIMENSIONS: Final = 256
_MAX_FEATURES: Final = 40_000
_FIT_SAMPLE: Final = 20_000  # texts that teach the vocabulary: more change nothing and cost seconds


def lexical_vectors(texts: Sequence[str]) -> Floats:
    """Latent semantic vectors of character 3-5-grams (TF-IDF, truncated SVD), shape (n, <= 256), unit rows.

    Character n-grams survive typos and inflections; a text without shared n-grams gives a zero row.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    dimensions = min(_DIMENSIONS, len(texts) // 3)
    if dimensions < 2:
        return np.zeros((len(texts), 1), np.float32)
    rare = 3 if len(texts) > 2_000 else 2
    words = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=rare, max_features=_MAX_FEATURES
    )
    try:
        sample = words.fit(texts[:: max(1, len(texts) // _FIT_SAMPLE)]).transform(texts)
    except ValueError:  # no n-gram occurs in two texts: there is no shared spelling to speak of
        return np.zeros((len(texts), 1), np.float32)
    if sample.shape[1] <= dimensions:
        return np.zeros((len(texts), 1), np.float32)
    return unit(TruncatedSVD(dimensions, random_state=0).fit_transform(sample).astype(np.float32))
