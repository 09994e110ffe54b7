"""Code in the site's colours, light and dark; every colour passes WCAG AA on its background."""

from typing import ClassVar

from pygments.style import Style
from pygments.token import Comment, Error, Generic, Keyword, Name, Number, Operator, String, Token


class Light(Style):  # type: ignore[misc]  # Pygments has no types
    """For light pages."""

    name = "bankft-light"
    background_color = "#f6f8f8"
    styles: ClassVar = {
        Token: "#1c2526",
        Comment: "italic #5d6b6d",
        Keyword: "#7a4b12",
        Operator.Word: "#7a4b12",
        Name.Builtin: "#3f4a8a",
        Name.Decorator: "#3f4a8a",
        Name.Function: "#0b6b66",
        Name.Class: "#0b6b66",
        Name.Tag: "#0b6b66",
        String: "#256d43",
        String.Interpol: "#7a4b12",
        Number: "#3f4a8a",
        Generic.Prompt: "#5d6b6d",
        Error: "",
    }


class Dark(Style):  # type: ignore[misc]
    """For dark pages."""

    name = "bankft-dark"
    background_color = "#182021"
    styles: ClassVar = {
        Token: "#e6ecec",
        Comment: "italic #9fb0b1",
        Keyword: "#e0a95c",
        Operator.Word: "#e0a95c",
        Name.Builtin: "#a9b3ee",
        Name.Decorator: "#a9b3ee",
        Name.Function: "#5cc9bf",
        Name.Class: "#5cc9bf",
        Name.Tag: "#5cc9bf",
        String: "#7fd6a0",
        String.Interpol: "#e0a95c",
        Number: "#a9b3ee",
        Generic.Prompt: "#9fb0b1",
        Error: "",
    }
