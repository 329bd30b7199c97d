# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's command line: `key=value` words, values with spaces in double quotes, on the way through GRUB and QEMU."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .output import HeddleError


def split_words(text: str) -> list[str]:
    """Splits at blanks outside double quotes and takes the quotes away: `a=1 b="x y"` is [`a=1`, `b=x y`]."""
    if text.count('"') % 2:
        raise HeddleError(f"a quote is not closed in the kernel command line: {text}")
    words = re.findall(r'(?:[^\s"]|"[^"]*")+', text)
    return [word.replace('"', "") for word in words]


def check_word(word: str) -> str:
    """Refuses what cannot reach the kernel unchanged: GRUB escapes these characters, and lines end a command."""
    for character in "\"'\\\n\r\0":
        if character in word:
            raise HeddleError(f"the kernel command line cannot carry {character!r}: {word}")
    return word


def for_qemu(words: Iterable[str]) -> str:
    """The text for QEMU's -append."""
    return " ".join(_quoted_value(check_word(word)) for word in words)


def _quoted_value(word: str) -> str:
    if not re.search(r"\s", word):
        return word
    key, equals, value = word.partition("=")
    return f'{key}="{value}"' if equals and " " not in key else f'"{word}"'


def for_grub(words: Iterable[str]) -> str:
    """The words as GRUB's shell reads them. GRUB itself then puts "..." around the whole of a word that has a blank."""
    return " ".join(f"'{check_word(word)}'" for word in words)


def doctest_pattern(name: str) -> str:
    """A doctest pattern for exactly this case: characters that mean something on the way become `?` (any one)."""
    return re.sub(r"[^A-Za-z0-9_.:/<>()+-]", "?", name)
