"""The classifier service: says what kind of email it is, how sure that is, and why. It keeps nothing.

A multinomial naive Bayes classifier over the phrases of `../email/training.yaml`. It knows what these say and
nothing else; unknown words do not count.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Annotated

import yaml
from fastmcp import FastMCP
from pydantic import BaseModel, Field, TypeAdapter
from typing_extensions import TypedDict

from mcp_service import new_server
from service_process import run_service

TRAINING_FILE = Path(__file__).parent.parent / "email" / "training.yaml"

Training = Mapping[str, list[str]]
"""Phrases by category; the order of categories decides a tie."""


class ClassifiedAttachment(BaseModel):
    mimeType: str


class ReadableEmail(BaseModel):
    """What the classifier looks at; all else of the email is ignored."""

    subject: str = ""
    text: str = ""
    attachments: list[ClassifiedAttachment] = []


class Classification(TypedDict):
    category: str
    score: Annotated[float, Field(ge=0, le=1, description="How sure the category is")]
    reasons: Annotated[list[str], Field(description="The words that decided, the strongest first")]


@dataclass(frozen=True)
class Category:
    name: str
    word_counts: Counter[str]

    def likelihood(self, word: str, vocabulary_size: int) -> float:
        """P(word | category), with add-one smoothing."""
        return (self.word_counts[word] + 1) / (sum(self.word_counts.values()) + vocabulary_size)


class TextClassifier:
    """Raises ValueError without at least two categories: there would be nothing to decide."""

    def __init__(self, training: Training) -> None:
        if len(training) < 2:
            raise ValueError("A classifier needs at least two categories")
        self._categories = [
            Category(name, Counter(word for phrase in phrases for word in words_of(phrase)))
            for name, phrases in training.items()
        ]
        self._vocabulary = {word for category in self._categories for word in category.word_counts}

    def classify(self, text: str) -> Classification:
        known = [word for word in dict.fromkeys(words_of(text)) if word in self._vocabulary]
        log_likelihoods = [
            (category, sum(math.log(self._likelihood(word, category)) for word in known))
            for category in self._categories
        ]
        ranked = sorted(log_likelihoods, key=lambda pair: -pair[1])
        best, second = ranked[0][0], ranked[1][0]
        return {
            "category": best.name,
            "score": _share_of_best([likelihood for _, likelihood in ranked], len(known)),
            "reasons": self._reasons(known, best, second),
        }

    def _likelihood(self, word: str, category: Category) -> float:
        return category.likelihood(word, len(self._vocabulary))

    def _reasons(self, known: list[str], best: Category, second: Category) -> list[str]:
        times = {word: self._likelihood(word, best) / self._likelihood(word, second) for word in known}
        deciding = sorted((word for word in known if times[word] > 1), key=lambda word: -times[word])
        if not deciding:
            return [f"no word speaks for another category than {best.name}"]
        return [
            f'"{word}" is {_one_digit(times[word])} times as likely in {best.name} as in {second.name}'
            for word in deciding[:REASONS_SHOWN]
        ]


REASONS_SHOWN = 4

STOP_WORDS = frozenset("the and you your for this that have has our with are was will please".split())
"""Words that say nothing about a text, though a small training set makes them look as if they did."""


def words_of(text: str) -> list[str]:
    """Lower-case words of three letters or more that say something; hyphenated ones stay whole.

    Three exclamation marks in a row count as a word.
    """
    lower = unicodedata.normalize("NFC", text).lower()
    # `str.isalpha` is any letter of Unicode; `\w` has digits and more.
    letters = "".join(mark if mark.isalpha() or mark == "-" else " " for mark in lower)
    words = re.findall(r"[^\s-]+(?:-[^\s-]+)*", letters)
    shouts = ["many-exclamation-marks"] if "!!!" in text else []
    return [word for word in words if len(word) >= 3 and word not in STOP_WORDS] + shouts


def _share_of_best(ranked: list[float], known_words: int) -> float:
    """The posterior of the best category, all being equally likely before.

    The words of one text are not independent, as the formula pretends: dividing by the root of their number
    keeps it from always being sure.
    """
    temper = math.sqrt(max(1, known_words))
    share = 1 / sum(math.exp((likelihood - ranked[0]) / temper) for likelihood in ranked)
    return math.floor(share * 10_000 + 0.5) / 10_000


def _one_digit(value: float) -> str:
    return str(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP))


EVIDENCE = {"text/calendar": "calendar-file", "application/pdf": "pdf-file", "text/csv": "csv-file"}


def text_to_classify(email: ReadableEmail) -> str:
    """Subject, body, and a word for each telling kind of attachment."""
    evidence = [EVIDENCE.get(attachment.mimeType, "") for attachment in email.attachments]
    return "\n".join([email.subject, email.text, *evidence])


def create_classifier(_env: Mapping[str, str]) -> FastMCP:
    training = yaml.safe_load(TRAINING_FILE.read_text("utf-8"))
    classifier = TextClassifier(TypeAdapter(dict[str, list[str]]).validate_python(training))
    server = new_server("classifier")

    @server.tool(
        description="The category of an email, with a score from 0 to 1 and the words that decided",
        annotations={"readOnlyHint": True, "openWorldHint": False},
    )
    async def classify_email(email: ReadableEmail) -> Classification:
        return classifier.classify(text_to_classify(email))

    return server


if __name__ == "__main__":
    run_service("classifier", 8002, create_classifier)
