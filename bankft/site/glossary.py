"""The glossary page, drawn from its data file."""

import tomllib
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.domains.std import Glossary

from bankft.site.course import words

_WORDS = {"zh": ("英文", "不写", "、"), "en": ("Chinese", "Not", ", ")}


class GlossaryFromData(Glossary):
    """The directive ``{terms}``: Sphinx's glossary, so that ``{term}`` finds its entries."""

    has_content = False
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the data file named in the argument, from the root of the project."""
        path = Path(self.config.bankft_root, self.arguments[0])
        self.env.note_dependency(str(path))
        zh = str(self.config.language).startswith("zh")
        other_word, avoid_word, comma = words(_WORDS, self.config)
        mine = "zh" if zh else "en"
        lines: list[str] = []
        terms = tomllib.loads(path.read_text("utf-8"))["term"]
        for term in sorted(terms, key=lambda term: term["en"].lower()):
            shown = term["en"] if zh else f"{{zh}}`{term['zh']}`"
            # a word to avoid stands on the page of its own language only
            avoid = [word for word in term.get("avoid", []) if word.isascii() != zh]
            note = f" · {avoid_word}: {comma.join(avoid)}" if avoid else ""
            lines += [
                term[mine],
                f"    {term['means'][mine]}",
                "",
                f"    *{other_word}: {shown}{note}*",
                "",
            ]
        self.content = StringList(lines, source=str(path), parent=None)
        self.options.pop("sorted", None)
        return super().run()


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("terms", GlossaryFromData)
