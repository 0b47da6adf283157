"""Can an English-trained encoder read this text? Decided from letters and function words, without a language library.

Language identification libraries cost 75-921 MB and reach 70-80% on short texts. The question here is smaller: not
*which* language, only whether the text is likely English. The heuristic is deliberately generous: a short text is
readable until its letters or its commonest words say otherwise.
"""

from __future__ import annotations

import re
from typing import Final


def _words(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


# Words too common to avoid in a sentence and, for the other languages, not spelled like an English word
# ("die", "was", "an", "a", "on", "me" say nothing about the language and are left out).
_ENGLISH: Final = _words(
    "the and to of is it i in that for you this my we not have with be are can do how on when what but from our your "
    "was an if there get no me so or as at all has why would please im dont cant its am does did been any they will "
    "just after error new which where now work working need want use using after help page login account"
)
_OTHERS: Final = {
    "German": "der und nicht ich das ist wir mit ein eine einen wie kann auf zu den dem wenn aber für bei mich mein "
    "meine haben habe werden wird sich auch noch nach es sie bitte warum oder über können keine kein seit funktioniert",
    "French": "le la les des et est je nous vous pas une un du dans pour que qui sur avec mon ma mes ne ce cette mais "
    "il elle au aux plus quand comment être avons bonjour merci depuis puis votre notre ça sont fait",
    "Spanish": "el la los las de que y en un una no es por con para mi se lo como pero cuando está estoy tengo puedo "
    "nos del al más hola gracias desde hay muy su porque cómo son este esta hace",
    "Portuguese": "o os as de que e em um uma não é por com para meu minha se mas quando está estou tenho posso "
    "nos do da dos das no na mais olá obrigado desde há muito seu porque como são este esta isso você consigo",
    "Italian": "il lo la gli le di che e in un una non è per con mio mia si ma quando sono ho posso come nel della "
    "dei del alla più ciao grazie anche perché questo questa ci vi hanno stato abbiamo",
    "Dutch": "de het een en van ik niet is dat wij met voor op mijn kan als maar er aan hebben heb wordt zijn ook nog "
    "naar bij wat waarom geen deze dit hoe kunnen graag jullie wel sinds",
    "Polish": "nie się jest na i w z do że to jak mam mogę ale po dla od przy tym czy co moje mój proszę dlaczego "
    "nas są już może przez jestem mnie dziękuję gdy",
    "Swedish": "och att det är en ett jag inte som på för med vi har kan min mitt till av om men när hur varför ska "
    "från den eller också tack hej fungerar måste bara",
    "Danish and Norwegian": "og at det er en et jeg ikke som på for med vi har kan min mitt til av om men når hvordan "
    "hvorfor skal fra den eller også takk tak hei fungerer må bare virker",
    "Turkish": "ve bir bu için ile çok ama değil nasıl ne var yok ben biz olarak daha gibi kadar sonra neden olan "
    "hesabıma lütfen merhaba mi mı",
    "Indonesian": "yang dan di tidak saya ini itu dengan untuk dari ke ada bisa kami akan sudah pada atau karena "
    "bagaimana mohon terima kasih belum",
}
_FOREIGN: Final = {language: _words(words) - _ENGLISH for language, words in _OTHERS.items()}

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NOT_PROSE: Final = re.compile(r"```.*?```|https?://\S+|\S+@\S+|`[^`\n]*`", re.DOTALL)
_SAMPLE: Final = 4_000  # characters looked at: a language does not change after the first page
_MIN_FOREIGN_WORDS: Final = 2
_ACCENTED_SHARE: Final = 0.2


def looks_english(text: str) -> bool:
    """True unless the letters or the function words of `text` say that it is written in another language.

    A text without letters, or with too few words to tell, counts as readable.
    """
    prose = _NOT_PROSE.sub(" ", text[:_SAMPLE])
    letters = [character for character in prose if character.isalpha()]
    if not letters:
        return True
    if sum(map(_is_latin, letters)) < len(letters) / 2:
        return False
    words = [word.lower().replace("’", "'") for word in _WORD.findall(prose)]
    return not _foreign_words_win(words)


def _foreign_words_win(words: list[str]) -> bool:
    english = sum(word.replace("'", "") in _ENGLISH or _is_contraction(word) for word in words)
    foreign = max(sum(word in vocabulary for word in words) for vocabulary in _FOREIGN.values())
    if foreign >= _MIN_FOREIGN_WORDS and foreign > english:
        return True
    # Languages not in the table (Czech, Vietnamese, Hungarian, ...) show in their accents.
    accented = sum(not word.isascii() and "'" not in word for word in words)
    return accented >= _MIN_FOREIGN_WORDS and accented > len(words) * _ACCENTED_SHARE and accented > english


def _is_contraction(word: str) -> bool:
    return word.endswith(("n't", "'re", "'ve", "'m", "'ll"))


def _is_latin(character: str) -> bool:
    """Latin letters live in the first six blocks and in Latin Extended Additional (Vietnamese)."""
    return character < "ɐ" or "\u1e00" <= character <= "\u1eff"
