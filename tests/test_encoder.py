"""The bundled encoder: same text, same vector, in whatever company it is encoded."""

import hashlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from intelligence.encoder import minilm
from intelligence.encoder.languages import looks_english
from intelligence.encoder.minilm import DIM, MiniLMEncoder

FOLDER = Path(minilm.__file__).parent
TEXTS = [
    "I cannot log in with Okta since the update",
    "Export to Excel gives me a CSV file. " * 12,
    "😀",
    "Where is the billing page?",
    "ok",
]


@pytest.fixture(scope="module")
def encoder() -> MiniLMEncoder:
    return MiniLMEncoder()


def test_a_vector_does_not_depend_on_its_neighbours() -> None:
    alone = MiniLMEncoder(cache_size=0)
    together = alone.encode(TEXTS)
    for index, text in enumerate(TEXTS):
        assert np.array_equal(together[index], alone.encode([text])[0])
    assert np.array_equal(together[::-1], alone.encode(TEXTS[::-1]))


def test_shape_type_and_length(encoder: MiniLMEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), DIM)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert encoder.encode([]).shape == (0, DIM)


def test_text_without_content_is_similar_to_nothing(encoder: MiniLMEncoder) -> None:
    assert not encoder.encode(["", "  \n\t"]).any()


def test_meaning_is_nearer_than_words(encoder: MiniLMEncoder) -> None:
    login, same, other = encoder.encode(
        ["I cannot sign in with single sign-on", "SSO login fails for me", "Please add a dark theme"]
    )
    assert login @ same > login @ other + 0.2


def test_only_the_first_256_tokens_count(encoder: MiniLMEncoder) -> None:
    words = "invoice " * 300
    first, second = encoder.encode([words + "apples", words + "oranges and lemons"])
    assert np.array_equal(first, second)


def test_hostile_text_is_encoded(encoder: MiniLMEncoder) -> None:
    vectors = encoder.encode(["\ud800 cut emoji", "x" * 40_000, "\x00\x01", "\u202eright to left"])
    assert np.isfinite(vectors).all()


def test_cache_is_bounded_and_returns_equal_vectors() -> None:
    small = MiniLMEncoder(cache_size=2)
    first = small.encode(TEXTS)
    assert len(small._cache._vectors) == 2
    assert np.array_equal(first, small.encode(TEXTS))
    first[:] = 0  # what the caller does with a result must not reach the cache
    assert small.encode(TEXTS).any()


def test_threads_share_one_encoder() -> None:
    shared = MiniLMEncoder()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: shared.encode(TEXTS), range(8)))
    assert all(np.array_equal(results[0], result) for result in results)


def test_shipped_files_are_those_the_notice_names() -> None:
    notice = (FOLDER / "NOTICE.md").read_text()
    for name in ("model.onnx", "tokenizer.json"):
        match = re.search(rf"`{name}` \| `([0-9a-f]{{64}})`", notice)
        assert match and hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == match[1]
    assert "Apache License" in (FOLDER / "LICENSE-APACHE-2.0").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345 !!",
        "Okta SSO broken",
        "login",
        "How do I export to Excel?",
        "we can't log in to the café's account since the naïve façade update",
        "Error: die() called in le.py",
        "Jürgen Müller and Zoë Brontë from São Paulo cannot log in to their account",
        "Traceback (most recent call last): File 'x.py', line 3",
        "my card was declined in de la Rosa store",
    ],
)
def test_english_and_doubtful_texts_are_read(text: str) -> None:
    assert looks_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ich kann mich nicht anmelden, bitte helfen Sie mir",
        "Seit dem Update funktioniert der Export nicht mehr",
        "Je ne peux pas me connecter à mon compte depuis hier",
        "No puedo iniciar sesión en mi cuenta desde la actualización",
        "Não consigo entrar na minha conta desde ontem",
        "Non riesco ad accedere al mio account da ieri, potete aiutarmi per favore con questo problema",
        "Ik kan niet inloggen op mijn account sinds gisteren",
        "Nie mogę się zalogować na moje konto od wczoraj",
        "Jag kan inte logga in på mitt konto sedan igår",
        "Dün akşamdan beri hesabıma giriş yapamıyorum, lütfen yardım edin",
        "Saya tidak bisa masuk ke akun saya sejak kemarin",
        "Nemohu se přihlásit ke svému účtu, můžete mi prosím pomoci",
        "ログインできません",
        "не могу войти в аккаунт",
        "لا أستطيع تسجيل الدخول",
        "로그인이 안돼요",
    ],
)
def test_other_languages_are_not_read(text: str) -> None:
    assert not looks_english(text)


def test_the_library_reports_to_nobody(tmp_path: Path) -> None:
    """onnxruntime's telemetry keeps an identifier below the home directory before it asks the network."""
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    inherited = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    once = "from intelligence.encoder.minilm import MiniLMEncoder; MiniLMEncoder().encode(['ok'])"
    subprocess.run([sys.executable, "-c", once], env=inherited | home, check=True, timeout=120)
    assert list(tmp_path.rglob("*")) == []
