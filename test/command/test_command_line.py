# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's command line on its way through GRUB and QEMU."""

import context  # noqa: F401
import unittest

from heddle.command_line import doctest_pattern, for_grub, for_qemu, split_words
from heddle.output import HeddleError


class Splitting(unittest.TestCase):
    def test_quotes_keep_blanks_and_go(self):
        self.assertEqual(split_words('a=1  b="x y" "c=p q" bare'), ["a=1", "b=x y", "c=p q", "bare"])

    def test_an_open_quote_is_an_error(self):
        with self.assertRaises(HeddleError):
            split_words('a="x y')

    def test_nothing_is_no_word(self):
        self.assertEqual(split_words("  "), [])


class Joining(unittest.TestCase):
    def test_qemu_gets_quoted_values(self):
        self.assertEqual(for_qemu(["a=1", "b=x y", "bare"]), 'a=1 b="x y" bare')

    def test_qemu_text_splits_into_the_same_words(self):
        words = ["a=1", "doctest.test-case=*frames and, more*", "bare", "empty="]
        self.assertEqual(split_words(for_qemu(words)), words)

    def test_grub_gets_one_shell_word_each(self):
        self.assertEqual(for_grub(["a=1", "b=x $y"]), "'a=1' 'b=x $y'")

    def test_what_cannot_travel_is_refused(self):
        for bad in ('a="', "a='", "a=\\", "a=\n"):
            with self.subTest(bad), self.assertRaises(HeddleError):
                for_grub([bad])


class Patterns(unittest.TestCase):
    def test_characters_with_a_meaning_match_any(self):
        self.assertEqual(doctest_pattern("LWP-16 a, b*"), "LWP-16?a??b?")
