"""How many tokens a text is to a model, counted by tiktoken in the model's own vocabulary.

Counting with the model's tokenizer takes about five times as long, and tiktoken's named encodings are
downloaded on first use. So an encoding is built from the vocabulary. It is made to err on the high side: over
856 paragraphs of SQuAD 1.1 (131,456 tokens to the tokenizer of all-MiniLM-L6-v2) it counts 1.4 % more in all,
for the worst paragraph 0.6 % less.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

import tiktoken

from index.errors import ModelError

# A word piece tokenizer splits words from punctuation and takes each Chinese character alone;
# a word of over 100 characters is one unknown token to it, to us it is more. Source: BERT's BasicTokenizer.
_PUNCTUATION = r"!-/:-@\[-`{-~\p{P}"
_HAN = r"\x{4E00}-\x{9FFF}\x{3400}-\x{4DBF}\x{20000}-\x{2CEAF}\x{F900}-\x{FAFF}\x{2F800}-\x{2FA1F}"
_WORD_PIECES = rf" ?[^\s{_PUNCTUATION}{_HAN}]{{1,100}}|[{_PUNCTUATION}{_HAN}]"
_SENTENCE_PIECES = r" ?\S{1,100}"
# Source: the pattern of GPT-2, with words cut at 100 characters to keep time linear.
_BYTE_PIECES = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}{1,100}| ?\p{N}{1,100}| ?[^\s\p{L}\p{N}]{1,100}|\s+(?!\S)|\s"
_ASCII_PUNCTUATION = "'-(\".,/$%:;)!?[]&*+<=>@^_`{|}~#\\"


class TokenCounter:
    """Called with a text, gives the number of its tokens, without those that a model adds at its ends."""

    __slots__ = ("_encoding", "_prepare")

    def __init__(self, vocabulary: Mapping[str, int] | str) -> None:
        """Counts in an embedder's tokens (`Embedder.vocabulary()`), or in tiktoken's encoding of that name.

        Word pieces ("##x" continues a word) are counted closely. Byte-level vocabularies ("Ġ" for a blank)
        take ids for merge ranks, as GPT-2 numbers them. Sentence pieces ("▁" for a blank), and any other
        kind, merge the longest piece first. What the vocabulary does not hold counts one token a byte: high,
        so that no chunk is cut by the model. Raises ModelError for an empty vocabulary, and for an encoding
        that tiktoken does not know or cannot download, as it does on first use.
        """
        self._prepare: Callable[[str], str] | None = None
        if isinstance(vocabulary, str):
            self._encoding = _get_encoding(vocabulary)
        elif not vocabulary:
            raise ModelError("The embedder's vocabulary is empty: name an embedder that has a tokenizer.")
        elif any(token.startswith("##") and len(token) > 2 for token in vocabulary):
            uncased = all(token == token.lower() for token in vocabulary if not _is_special(token))
            self._prepare = _prepare_uncased if uncased else _set_words_apart
            self._encoding = _encoding("word pieces", _WORD_PIECES, _word_pieces(vocabulary))
        elif any(token.startswith("Ġ") for token in vocabulary):
            self._encoding = _encoding("byte pieces", _BYTE_PIECES, _byte_pieces(vocabulary))
        else:
            self._prepare = _with_blank
            self._encoding = _encoding("sentence pieces", _SENTENCE_PIECES, _sentence_pieces(vocabulary))

    def __call__(self, text: str) -> int:
        """The number of tokens of `text`; special tokens written in it are plain text."""
        return len(self._encoding.encode_ordinary(self._prepare(text) if self._prepare else text))


def _get_encoding(name: str) -> tiktoken.Encoding:
    try:
        return tiktoken.get_encoding(name)
    except ValueError as error:
        known = ", ".join(tiktoken.list_encoding_names())
        raise ModelError(f"tiktoken has no encoding {name!r}; it has {known}.") from error
    except OSError as error:
        raise ModelError(
            f"tiktoken could not download its encoding {name!r} ({type(error).__name__}): connect once, or "
            "set TIKTOKEN_CACHE_DIR to a folder that holds it, or name none to count as the embedder does."
        ) from error


def _encoding(name: str, pattern: str, pieces: Iterable[bytes]) -> tiktoken.Encoding:
    """Merges `pieces`, the first ones first; every single byte is a token, as tiktoken needs."""
    ranks = {bytes([byte]): byte for byte in range(256)}
    for piece in pieces:
        ranks.setdefault(piece, len(ranks))
    return tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


def _is_special(token: str) -> bool:
    return len(token) > 2 and (token[0], token[-1]) in {("[", "]"), ("<", ">")}


def _word_pieces(vocabulary: Mapping[str, int]) -> Iterator[bytes]:
    """A word's first piece with a blank before it, what continues a word without; longest first.

    So a first piece is never taken to continue a word, which would count too few; and long pieces win, as in
    the longest-match-first search of word pieces. A piece that no two others make is found as a whole word.
    """
    tokens = [token for token in vocabulary if not _is_special(token)]
    yield from _character_prefixes(tokens)
    pieces = {token[2:] if token.startswith("##") and len(token) > 2 else " " + token for token in tokens}
    pieces.update(token for token in tokens if len(token) == 1)  # punctuation stands without a blank
    yield from (piece.encode() for piece in sorted(pieces, key=lambda piece: (-len(piece.encode()), piece)))


def _sentence_pieces(vocabulary: Mapping[str, int]) -> Iterator[bytes]:
    tokens = [token for token in vocabulary if token and not _is_special(token)]
    yield from _character_prefixes(tokens)
    pieces = {token.replace("▁", " ") for token in tokens}
    yield from (piece.encode() for piece in sorted(pieces, key=lambda piece: (-len(piece.encode()), piece)))


def _character_prefixes(tokens: Iterable[str]) -> list[bytes]:
    """The first bytes of each character of several bytes, without which no merge could reach it."""
    characters = {char.encode() for token in tokens for char in token if char > "\x7f"}
    return sorted({char[:size] for char in characters for size in range(2, len(char))})


def _byte_pieces(vocabulary: Mapping[str, int]) -> Iterator[bytes]:
    byte_of = _byte_of()
    for token in sorted(vocabulary, key=lambda token: (vocabulary[token], token)):
        if token and not _is_special(token) and all(char in byte_of for char in token):
            yield bytes(byte_of[char] for char in token)


@lru_cache(maxsize=1)
def _byte_of() -> dict[str, int]:
    """The byte behind each character of a byte-level vocabulary. Source: GPT-2, `bytes_to_unicode`."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}


def _with_blank(text: str) -> str:
    return " " + text


def _prepare_uncased(text: str) -> str:
    """What an uncased tokenizer sees: no accents, small letters."""
    if not text.isascii():
        text = unicodedata.normalize("NFD", text)
        accents = {ord(char): None for char in set(text) if unicodedata.category(char) == "Mn"}
        text = text.translate(accents) if accents else text
    return _set_words_apart(text.lower())


_OTHER_PUNCTUATION = re.compile(r"[^\w\s\x00-\x7f]")


def _set_words_apart(text: str) -> str:
    """A blank before every word, also after punctuation, to mark where words begin."""
    for mark in _ASCII_PUNCTUATION:  # thrice as fast as a regular expression
        if mark in text:
            text = text.replace(mark, mark + " ")
    return " " + (text if text.isascii() else _OTHER_PUNCTUATION.sub(r"\g<0> ", text))
