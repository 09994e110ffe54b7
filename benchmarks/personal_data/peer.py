"""Microsoft Presidio as a bank would set it up for Chinese: its own recognisers, and ours added.

No language model: a blank tokenizer stands where one would (what PyPI has under the names of
spaCy's models is not spaCy's). So names and addresses are found by the added patterns alone.
"""

# ruff: noqa: E501, D102  (patterns; the methods are the peer's own)

import logging
import re

import spacy
from presidio_analyzer import (
    AnalyzerEngine,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
)
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from bankft.data.checksums import born, id_card_digit, luhn, uscc_digit

logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)

# Presidio's own entities that stand for one of our kinds; a telephone is either.
KINDS = {
    "EMAIL_ADDRESS": ("email",),
    "PHONE_NUMBER": ("mobile", "landline"),
    "CREDIT_CARD": ("bank_card",),
    "IBAN_CODE": ("account",),
    "US_PASSPORT": ("passport",),
    "PERSON": ("name",),
    "LOCATION": ("address",),
}


class Blank(NlpEngine):
    """A tokenizer without a model."""

    def __init__(self) -> None:
        self.nlp = {"en": spacy.blank("en"), "zh": spacy.blank("xx")}

    def load(self) -> None:
        """Nothing to load."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        tokens = self.nlp[language](text)
        return NlpArtifacts(
            entities=[],
            tokens=tokens,
            tokens_indices=[token.idx for token in tokens],
            lemmas=[token.text.lower() for token in tokens],
            nlp_engine=self,
            language=language,
        )

    def process_batch(self, texts, language, **_):
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return False

    def get_supported_entities(self) -> list[str]:
        return []

    def get_supported_languages(self) -> list[str]:
        return list(self.nlp)


class Checked(PatternRecognizer):
    """A pattern whose matches must fit their check digit."""

    def __init__(self, fits, **options) -> None:
        self.fits = fits
        super().__init__(**options)

    def validate_result(self, pattern_text: str) -> bool:
        return self.fits(re.sub("[- ]", "", pattern_text).upper())


def _id_card(number: str) -> bool:
    return len(number) == 18 and born(number[6:14]) and id_card_digit(number[:17]) == number[17]


def _uscc(code: str) -> bool:
    return not set(code) & set("IOSVZ") and uscc_digit(code[:17]) == code[17]


_EDGE, _END = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
_ADDED = {
    "id_card": (rf"{_EDGE}[1-9][0-9]{{5}}[ -]?[0-9]{{8}}[ -]?[0-9]{{3}}[0-9Xx]{_END}", _id_card),
    "bank_card": (rf"{_EDGE}[0-9](?:[ -]?[0-9]){{12,18}}{_END}", luhn),
    "uscc": (rf"{_EDGE}[0-9A-HJ-NP-Y]{{2}}[0-9]{{6}}[0-9A-HJ-NP-Y]{{10}}{_END}", _uscc),
    "mobile": (rf"{_EDGE}(?:(?:\+|00)?86[- ]?)?1[3-9][0-9][- ]?[0-9]{{4}}[- ]?[0-9]{{4}}{_END}", None),
    "landline": (rf"{_EDGE}\(?0[0-9]{{2,3}}\)?[- ]?[2-9][0-9]{{6,7}}(?:-[0-9]{{1,5}})?{_END}", None),
    "passport": (rf"{_EDGE}(?:[EG][0-9]{{8}}|E[A-HJ-NP-Z][0-9]{{7}}){_END}", None),
    "plate": ("[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][-· " "]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9警学挂港澳]", None),
    "wechat": ("(?<=微信号：)[A-Za-z][-_A-Za-z0-9]{5,19}|(?<=微信)[A-Za-z][-_A-Za-z0-9]{5,19}" "|(?<=WeChat: )[A-Za-z][-_A-Za-z0-9]{5,19}|(?<=WeChat ID: " ")[A-Za-z][-_A-Za-z0-9]{5,19}", None),
    "qq": ("(?<=QQ：)[1-9][0-9]{4,10}|(?<=QQ)[1-9][0-9]{4,10}|(?<=QQ: )[1-9][0-9]{4,10}", None),
    "account": ("(?<=账号：)[0-9]{8,30}|(?<=账号)[0-9]{8,30}|(?<=Account number )[0-9]{8,30}", None),
    "name": ("[\u4e00-\u9fff]{2,3}(?=先生|女士)|(?<=联系人：)[\u4e00-\u9fff]{2,3}" "|(?<=收款人：)[\u4e00-\u9fff]{2,3}|(?<=我叫)[\u4e00-\u9fff]{2,3}|(?<=Mr\\. " ")[A-Z][a-z]+(?: [A-Z][a-z]+)?|(?<=name is )[A-Z][a-z]+ [A-Z][a-z]+", None),
    "address": (r"[\u4e00-\u9fff]{2,20}(?:路|街|道|巷" r"|村)[0-9一-十]+[号弄组][\u4e00-\u9fff0-9]{0,16}[室号栋楼]?|[0-9]+ " r"[A-Z][a-z]+(?: [A-Z][a-z]+)? (?:Street|Road|Avenue|Lane)", None),
}  # fmt: skip


def analyzer(*, added: bool) -> AnalyzerEngine:
    """Return Presidio's analyzer, with or without the recognisers added for Chinese."""
    languages = ["en", "zh"]
    registry = RecognizerRegistry(supported_languages=languages)
    registry.load_predefined_recognizers(languages=languages)
    for kind, (pattern, fits) in _ADDED.items() if added else ():
        for language in languages:
            options = {
                "supported_entity": f"CN_{kind}",
                "supported_language": language,
                "patterns": [Pattern(kind, pattern, 0.6)],
                "name": f"{kind}-{language}",
            }
            registry.add_recognizer(
                Checked(fits, **options) if fits else PatternRecognizer(**options)
            )
    return AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=languages)


def find(engine: AnalyzerEngine, text: str, language: str) -> list[tuple[str, int, int]]:
    """Return kind, start and end of what Presidio finds; a telephone counts as both kinds."""
    spans = set()
    for one in engine.analyze(text, language=language):
        if one.entity_type.startswith("CN_"):
            spans.add((one.entity_type[3:], one.start, one.end))
        for kind in KINDS.get(one.entity_type, ()):
            spans.add((kind, one.start, one.end))
    return sorted(spans, key=lambda span: span[1])
