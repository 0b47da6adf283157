# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (scikit-learn and its threadpoolctl are untyped: this is the one file of the nightly pass that imports them)
"""Words as vectors: what two texts share by spelling, beside what they share by meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from intelligence.similarity import Floats, unit

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

_DIMENSIONS: Final = 256
_MAX_FEATURES: Final = 40_000
_FIT_SAMPLE: Final = 20_000  # texts that teach the vocabulary: more change nothing and cost seconds


def lexical_vectors(texts: Sequence[str]) -> Floats:
    """What texts say in the same words, shape (n, <= 512), unit rows: character 3-5-grams beside words and word pairs.

    Each half is TF-IDF under a truncated SVD (latent semantic analysis, Deerwester et al. 1990). Pairs tell "card
    payment" from "payment card", character n-grams survive typos and inflections. A text that shares nothing with
    another gives a zero row.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    rare = 3 if len(texts) > 2_000 else 2
    letters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=rare, max_features=_MAX_FEATURES
    )
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, max_features=_MAX_FEATURES)
    return unit(np.hstack([_reduced(letters, texts), _reduced(words, texts)]))


def _reduced(kind: TfidfVectorizer, texts: Sequence[str]) -> Floats:
    """One kind of features in at most 256 dimensions, unit rows; zeros where the texts have too little in common."""
    from sklearn.decomposition import TruncatedSVD
    from threadpoolctl import threadpool_limits

    dimensions = min(_DIMENSIONS, len(texts) // 3)
    nothing = np.zeros((len(texts), 1), np.float32)
    if dimensions < 2:
        return nothing
    try:
        kind.fit(texts[:: max(1, len(texts) // _FIT_SAMPLE)])
    except ValueError:  # nothing occurs in two texts
        return nothing
    if len(kind.vocabulary_) <= dimensions:
        return nothing
    table = kind.transform(texts)
    with threadpool_limits(1):  # many small products: on a busy machine waiting threads cost nine times the work
        reduced = TruncatedSVD(dimensions, random_state=0).fit_transform(table)
    return unit(reduced.astype(np.float32))
