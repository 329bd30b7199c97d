# SPDX-License-Identifier: BSD-2-Clause
"""The symbol table that kernels carry: names are shortened, packed, and come out again at the right addresses."""

import struct
import unittest

import context  # noqa: F401: sets the import path

import symbols

START = 0xFFFFFFFF80000000


def unpack(table):
    """[(offset, name)] and the end, read as symbols.cpp does."""
    magic, count, marks_at, names_at, tokens_at, size = struct.unpack_from('<6I', table)
    assert magic == symbols.MAGIC and size == len(table)
    offsets = struct.unpack_from(f'<{count + 1}I', table, 24)
    token_offsets = struct.unpack_from('<257H', table, tokens_at)
    text = table[tokens_at + 514:]
    names, at = [], names_at
    for i in range(count):
        if i % symbols.NAMES_PER_MARK == 0:
            mark = struct.unpack_from('<I', table, marks_at + i // symbols.NAMES_PER_MARK * 4)[0]
            assert names_at + mark == at
        length = table[at]
        codes = table[at + 1:at + 1 + length]
        names.append(b''.join(text[token_offsets[c]:token_offsets[c + 1]] for c in codes).decode())
        at += 1 + length
    return list(zip(offsets, names)), offsets[-1]


class Names(unittest.TestCase):
    def test_parameters_and_templates_are_dropped(self):
        for long, short in (
                ('heddle::core::log::(anonymous namespace)::Line::format(heddle::Nanoseconds, heddle::core::log::Level)',
                 'core::log::Line::format'),
                ('void heddle::core::panic<unsigned int>(heddle::FormatString<unsigned int>, unsigned int const&)',
                 'core::panic'),
                ('heddle::dev::uart::Ns16550<heddle::dev::uart::PortRegisters>::send(char)', 'dev::uart::Ns16550::send'),
                ('heddle::a::B::operator()(int) const', 'a::B::operator()'),
                ('heddle::a::operator<(heddle::a::B const&)', 'a::operator<'),
                ('heddle::f(int) (.llvm.1234)', 'f'),
                ('std::expected<void, heddle::Error> heddle::a::B::each<int>(int) const::\'lambda\'(int)::__invoke(int)',
                 "a::B::each::'lambda'::__invoke"),
                ('decltype((void)(int{})) heddle::a::L<int>::operator==<int>(int&&)', 'a::L::operator=='),
                ('heddle::a::L<bool>::operator heddle::a::R()', 'a::L::operator'),
                ('operator new(unsigned long, std::nothrow_t const&)', 'operator_new'),
                ('heddle::a::B const** std::ranges::__sort_fn::operator()<int>(int) const',
                 'std::ranges::__sort_fn::operator()'),
                ('memcpy', 'memcpy')):
            self.assertEqual(symbols.short_name(long), short)

    def test_no_name_has_a_blank(self):
        for long in ('heddle::a::operator<=><int>(int) const &', 'unsigned long heddle::f<1ul>() requires true'):
            self.assertNotIn(' ', symbols.short_name(long))

    def test_of_several_names_the_fuller_one_stays(self):
        kept = symbols.one_name_per_address([(START, 0, 'label'), (START, 8, 'heddle::f()'), (START + 8, 4, 'g')])
        self.assertEqual(kept, [(START, 8, 'f'), (START + 8, 4, 'g')])


class Table(unittest.TestCase):
    def test_what_goes_in_comes_out(self):
        functions = [(START + 16 * i, 16, f'core::memory::Frames::number_{i}') for i in range(100)]
        table = symbols.make_table(functions, START, START + 0x10000)
        found, end = unpack(table)
        self.assertEqual(found, [(16 * i, name) for i, (_, _, name) in enumerate(functions)])
        self.assertEqual(end, 1600)
        self.assertLess(len(table), sum(len(name) for _, _, name in functions))

    def test_a_last_function_without_size_reaches_to_the_end_of_text(self):
        self.assertEqual(unpack(symbols.make_table([(START, 0, 'halt')], START, START + 0x1000))[1], 0x1000)

    def test_an_image_without_functions_is_refused(self):
        with self.assertRaises(SystemExit):
            symbols.make_table([], START, START + 0x1000)


if __name__ == '__main__':
    unittest.main()
