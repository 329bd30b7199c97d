#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the symbol table that a kernel carries for its backtraces, as an assembler file, from the image's first link.

Also checks, with --check, that the second link moved no function. The format is what src/core/symbols/symbols.cpp reads,
all little-endian:

    header   six 32-bit words: "HSYM", count, and from the table's start the offsets of marks, names, tokens; size
    offsets  count + 1 32-bit words: each function's distance from the image's start, ascending; last, the end of the last
    marks    a 32-bit word for each 32 symbols: where the first one's name begins, from the start of names
    names    per symbol: a length byte, then as many codes
    tokens   257 16-bit offsets into the text that follows: code c stands for text[offset[c]:offset[c + 1]]
"""

import argparse
import collections
import pathlib
import re
import struct
import subprocess
import sys

MAGIC = 0x4D595348
NAMES_PER_MARK = 32
LONGEST_NAME = 120
LONGEST_TOKEN = 24
IMAGE_START = 'heddle_image_start'
TEXT_END = 'heddle_text_end'


def read_functions(nm, image):
    """[(address, size, name)] of the image's code symbols, and the bounds of its text."""
    listing = subprocess.run([nm, '--defined-only', '--print-size', '--demangle', image],
                             check=True, capture_output=True, text=True).stdout
    functions = []
    bounds = {}
    for line in listing.splitlines():
        match = re.match(r'([0-9a-f]+) (?:([0-9a-f]+) )?(\w) (.+)$', line)
        if not match:
            continue
        address, size, kind, name = int(match[1], 16), int(match[2] or '0', 16), match[3], match[4]
        if name in (IMAGE_START, TEXT_END):
            bounds[name] = address
        elif kind in 'tTwW' and not name.startswith(('$', '.L')):
            functions.append((address, size, name))
    if len(bounds) != 2:
        raise SystemExit(f'symbols: {image} does not define {IMAGE_START} and {TEXT_END}')
    start, end = bounds[IMAGE_START], bounds[TEXT_END]
    return [f for f in functions if start <= f[0] < end], start, end


def without_brackets(name):
    """Drops (parameters) and <template arguments>, which nest, but keeps operator names and (anonymous namespace)."""
    name = name.replace('(anonymous namespace)::', '')
    name = re.sub(r'operator(\(\)|<=>|<<=?|>>=?|<=?|>=?|->\*?)', lambda m: 'operator' + m[1].translate(SHIELD), name)
    kept, depth = [], 0
    for c in name:
        if c in '(<':
            depth += 1
        elif c in ')>':
            depth = max(depth - 1, 0)
        elif depth == 0:
            kept.append(c)
    return ''.join(kept).translate(UNSHIELD)


SHIELD = {ord(c): chr(0xE000 + ord(c)) for c in '()<>'}
UNSHIELD = {shielded: chr(c) for c, shielded in ((c, ord(s)) for c, s in SHIELD.items())}


def short_name(name):
    """A demangled name as a reader wants it in a backtrace."""
    name = re.sub(r' \(\.[^)]*\)', '', name)
    name = re.sub(r'\.(llvm|cold|part|isra|constprop|specialized)\b[.\d]*', '', name)
    name = re.sub(r' \[(clone|abi:)[^\]]*\]', '', name)
    name = re.sub(r'\[abi:\w+\]', '', name)
    name = without_brackets(name)
    name = re.sub(r' (const|volatile|&&?)(?=$| |::)', '', name)
    name = re.sub(r'operator (new|delete)', r'operator_\1', name)
    name = re.sub(r'operator (""|\S+)', 'operator', name)
    # A function template's demangled name begins with its result type.
    name = name.split(' requires ')[0].rsplit(' ', 1)[-1]
    name = name.replace('heddle::', '')
    name = name.encode('ascii', 'replace').decode()
    return name[:LONGEST_NAME]


def one_name_per_address(functions):
    """Sorted (address, size, short name): of several names the one that says most, a sized and namespaced one."""
    best = {}
    for address, size, name in functions:
        candidate = (size > 0, '::' in name, -len(name), name, size)
        if address not in best or candidate > best[address]:
            best[address] = candidate
    return [(address, best[address][4], short_name(best[address][3])) for address in sorted(best)]


def replace_pair(codes, pair, new):
    """`codes` with each occurrence of the two codes `pair` become the one code `new`."""
    result, i = [], 0
    while i < len(codes):
        if i + 1 < len(codes) and (codes[i], codes[i + 1]) == pair:
            result.append(new)
            i += 2
        else:
            result.append(codes[i])
            i += 1
    return result


def compress(names):
    """Byte-pair encoding (Gage 1994): the most frequent pair becomes a code of its own, as often as there are codes.

    Returns the encoded names and the text of each of the 256 codes.
    """
    texts = [''] * 256
    for c in sorted(set(''.join(names))):
        texts[ord(c)] = c
    free = [code for code in range(256) if not texts[code]]
    encoded = [[ord(c) for c in name] for name in names]
    pairs = collections.Counter(p for codes in encoded for p in zip(codes, codes[1:]))
    for new in free:
        usable = [(count, pair) for pair, count in pairs.items()
                  if count > 3 and len(texts[pair[0]] + texts[pair[1]]) <= LONGEST_TOKEN]
        if not usable:
            break
        _, pair = max(usable)
        texts[new] = texts[pair[0]] + texts[pair[1]]
        for i, codes in enumerate(encoded):
            if pair[0] in codes:
                shorter = replace_pair(codes, pair, new)
                if len(shorter) != len(codes):
                    pairs.subtract(zip(codes, codes[1:]))
                    pairs.update(zip(shorter, shorter[1:]))
                    encoded[i] = shorter
    return [bytes(codes) for codes in encoded], texts


def make_table(functions, start, end):
    """The table's bytes. `functions` as from one_name_per_address()."""
    if not functions:
        raise SystemExit('symbols: the image has no functions')
    last_address, last_size, _ = functions[-1]
    offsets = [address - start for address, _, _ in functions]
    offsets.append((last_address + last_size if last_size else end) - start)
    encoded, texts = compress([name for _, _, name in functions])
    names, marks = b'', []
    for i, codes in enumerate(encoded):
        if i % NAMES_PER_MARK == 0:
            marks.append(len(names))
        names += bytes([len(codes)]) + codes
    token_offsets, text = [0], ''
    for token in texts:
        text += token
        token_offsets.append(len(text))
    tokens = struct.pack('<257H', *token_offsets) + text.encode('ascii')
    marks_at = 24 + 4 * len(offsets)
    names_at = marks_at + 4 * len(marks)
    tokens_at = names_at + len(names)
    size = tokens_at + len(tokens)
    return (struct.pack('<6I', MAGIC, len(functions), marks_at, names_at, tokens_at, size) +
            struct.pack(f'<{len(offsets)}I', *offsets) + struct.pack(f'<{len(marks)}I', *marks) + names + tokens)


def assembler(table):
    lines = ['        .section .symbols, "a", %progbits', '        .balign 8']
    for label in ('heddle_symbol_table', 'heddle_symbol_table_end'):
        lines += [f'        .globl {label}', f'        .hidden {label}']
    lines.append('heddle_symbol_table:')
    for at in range(0, len(table), 32):
        lines.append('        .byte ' + ','.join(str(b) for b in table[at:at + 32]))
    lines += ['heddle_symbol_table_end:', '        .section .note.GNU-stack, "", %progbits', '']
    return '\n'.join(lines)


def check(nm, first, second):
    """What moved between the two links, in words; empty when nothing did."""
    places = []
    for image in (first, second):
        functions, start, _ = read_functions(nm, image)
        places.append(sorted((address - start, name) for address, _, name in functions))
    moved = [f'{name}: {address:#x} in one link only'
             for address, name in sorted(set(places[0]) ^ set(places[1]))]
    return moved


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--nm', default='llvm-nm-19', help='the nm that reads the image')
    parser.add_argument('-o', '--output', help='where the assembler file goes; of --check: a file to touch')
    parser.add_argument('--check', metavar='SECOND', help='compare the functions of IMAGE with those of SECOND')
    parser.add_argument('image', help='the first link')
    arguments = parser.parse_args()
    if arguments.check:
        moved = check(arguments.nm, arguments.image, arguments.check)
        if moved:
            print('symbols: the second link moved functions, so the table is wrong:', *moved[:10], sep='\n  ',
                  file=sys.stderr)
            return 1
        if arguments.output:
            pathlib.Path(arguments.output).touch()
        return 0
    functions, start, end = read_functions(arguments.nm, arguments.image)
    table = make_table(one_name_per_address(functions), start, end)
    with open(arguments.output, 'w', encoding='ascii') as output:
        output.write(assembler(table))
    return 0


if __name__ == '__main__':
    sys.exit(main())
