"""Chinese full-text search by pairs of characters: no dictionary, no segmenter, no misses.

Text and query are cut the same way, so every phrase of two characters or more that stands in a
page is found.
"""

import re
from collections.abc import Iterator

from sphinx.application import Sphinx
from sphinx.search import SearchLanguage

_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[A-Za-z0-9_]+")


class Bigrams(SearchLanguage):
    """Cuts Chinese into overlapping pairs of characters, and leaves Latin words whole."""

    lang = "zh"
    language_name = "Chinese"
    js_stemmer_code = """
window.Stemmer = function () { this.stemWord = (word) => word.toLowerCase(); };
"""
    js_splitter_code = r"""
window.splitQuery = function (query) {
  const found = [];
  for (const [run] of query.matchAll(/[\u3400-\u4dbf\u4e00-\u9fff]+|[A-Za-z0-9_]+/g)) {
    if (/^[A-Za-z0-9_]/.test(run) || run.length < 3) found.push(run);
    else for (let i = 0; i + 2 <= run.length; i++) found.push(run.slice(i, i + 2));
  }
  return found;
};
"""

    def split(self, input: str) -> list[str]:
        """Cut a text as the query will be cut.

        >>> Bigrams({}).split("奖励模型 RM")
        ['奖励', '励模', '模型', 'RM']
        """
        return list(_cut(input))

    def stem(self, word: str) -> str:
        """Fold case; there is nothing else to fold."""
        return word.lower()

    def word_filter(self, word: str) -> bool:
        """Keep everything but bare numbers, which the query drops as well."""
        return bool(word) and not word.isdigit()


def _cut(text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        if run[0] < "\u3400" or len(run) < 3:
            yield run
            if run[0] >= "\u3400":
                yield from run if len(run) == 2 else ()
        else:
            yield from (run[at : at + 2] for at in range(len(run) - 1))


def setup(app: Sphinx) -> None:
    """Take the place of Sphinx's Chinese search, which needs a segmenter that is not there."""
    app.add_search_language(Bigrams)
