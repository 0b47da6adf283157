"""Words as vectors."""

from __future__ import annotations

import numpy as np

from intelligence.lexical import lexical_vectors

TEXTS = [f"invoice pdf download fails on page {n % 3}" for n in range(12)] + [
    f"dark mode theme colours {n % 3}" for n in range(12)
]


def test_texts_with_the_same_words_are_near():
    vectors = lexical_vectors(TEXTS)
    cosines = vectors @ vectors.T
    assert cosines[:12, :12].mean() > 0.8
    assert abs(cosines[:12, 12:].mean()) < 0.2
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_the_same_texts_give_the_same_vectors():
    assert (lexical_vectors(TEXTS) == lexical_vectors(TEXTS)).all()


def test_texts_without_anything_in_common_give_zeros():
    for texts in ([], ["one"], ["", "", "", "", "", ""], ["alpha", "bravo", "kilo", "zulu", "quiz", "jump"]):
        assert not lexical_vectors(texts).any()
