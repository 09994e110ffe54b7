"""The formula of a ``multi`` grader: ``calculate_output``, read and computed without ``eval``.

Operators ``+ - * / ^``, functions ``min max abs floor ceil exp sqrt log``, numbers, parentheses,
and the names of the graders as variables: what OpenAI's graders guide lists, and nothing else.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bankft.errors import DataError

FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "log": math.log,  # natural, as in every language that has these names
}
_SEVERAL = ("min", "max")
LONGEST = 4096  # characters
_DEEPEST = 50  # parentheses, signs and powers inside each other
_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([^\W\d]\w*)|(\S))")


class Undefined(Exception):
    """The formula has no value for these rewards: a division by zero, a root of -1."""


@dataclass(frozen=True)
class Formula:
    """A formula that was read: its variables, and how to compute it."""

    text: str
    variables: frozenset[str]
    _compute: Callable[[Mapping[str, float]], float]

    def __call__(self, rewards: Mapping[str, float]) -> float:
        """Return the formula's value, a finite number.

        Raises:
            Undefined: there is none.

        """
        try:
            value = float(self._compute(rewards))
        except (ArithmeticError, ValueError, TypeError):
            raise Undefined(self.text) from None
        if not math.isfinite(value):
            raise Undefined(self.text)
        return value


def read_formula(text: str) -> Formula:
    """Return a formula.

    Raises:
        DataError: it is not one; the message says at which character.

    >>> read_formula("0.5 * correct + 0.5 * min(style, 1)")({"correct": 1.0, "style": 0.2})
    0.6
    """
    if len(text) > LONGEST:
        raise DataError(f"A formula may have {LONGEST} characters at most.")
    return _Reader(text).read()


_Node = Callable[[Mapping[str, float]], float]


class _Reader:
    """Reads by precedence: sum, product, sign, power, then numbers, names and parentheses."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.names: set[str] = set()
        self.tokens = [(m[1], m[2], m[3], m.end()) for m in _TOKEN.finditer(text)]

    def read(self) -> Formula:
        node = self.sum()
        if self.at < len(self.tokens):
            raise self.wrong("an operator was expected")
        return Formula(self.text, frozenset(self.names), node)

    def wrong(self, why: str) -> DataError:
        if self.at >= len(self.tokens):
            return DataError(f"The formula ends too early: {why}.")
        number, name, sign, end = self.tokens[self.at]
        length = len(number or name or sign)
        return DataError(f"The formula cannot be read at character {end - length + 1}: {why}.")

    def sign(self, allowed: str) -> str | None:
        if self.at < len(self.tokens) and (found := self.tokens[self.at][2]) and found in allowed:
            self.at += 1
            return found
        return None

    def sum(self) -> _Node:
        node = self.product()
        while sign := self.sign("+-"):
            node = _joined(sign, node, self.product())
        return node

    def product(self) -> _Node:
        node = self.signed()
        while sign := self.sign("*/"):
            node = _joined(sign, node, self.signed())
        return node

    def signed(self) -> _Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.wrong(f"it may be nested {_DEEPEST} deep at most")
        sign = self.sign("+-")
        node = self.signed() if sign else self.power()
        self.depth -= 1
        return (lambda rewards: -node(rewards)) if sign == "-" else node

    def power(self) -> _Node:
        base = self.atom()
        if self.sign("^"):
            exponent = self.signed()  # so that 2^-1 is a half, and 2^3^2 is 2^9
            return lambda rewards: math.pow(base(rewards), exponent(rewards))
        return base

    def atom(self) -> _Node:
        if self.at >= len(self.tokens):
            raise self.wrong("a number, a grader's name or a function was expected")
        number, name, _, _ = self.tokens[self.at]
        if number:
            self.at += 1
            value = float(number)
            return lambda _: value
        if name:
            self.at += 1
            if self.sign("("):
                return self.call(name)
            self.names.add(name)
            return lambda rewards: rewards[name]
        if self.sign("("):
            node = self.sum()
            if not self.sign(")"):
                raise self.wrong("a closing parenthesis was expected")
            return node
        raise self.wrong("a number, a grader's name or a function was expected")

    def call(self, name: str) -> _Node:
        self.at -= 2
        if name not in FUNCTIONS:
            raise self.wrong(f"there is no such function; there are {', '.join(FUNCTIONS)}")
        self.at += 2
        arguments = [self.sum()]
        while self.sign(","):
            arguments.append(self.sum())
        if len(arguments) > 1 and name not in _SEVERAL:
            raise self.wrong(f"{name} takes one value")
        if not self.sign(")"):
            raise self.wrong("a closing parenthesis was expected")
        function = FUNCTIONS[name]
        if len(arguments) == 1 and name in _SEVERAL:
            return arguments[0]
        return lambda rewards: function(*(argument(rewards) for argument in arguments))


def _joined(sign: str, left: _Node, right: _Node) -> _Node:
    if sign == "+":
        return lambda rewards: left(rewards) + right(rewards)
    if sign == "-":
        return lambda rewards: left(rewards) - right(rewards)
    if sign == "*":
        return lambda rewards: left(rewards) * right(rewards)
    return lambda rewards: left(rewards) / right(rewards)
