#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes a copy of a kernel file with one mistake in it, for the negative controls of the programs beside it.

The mistakes of limbo.pml (BUG_…) have its names. Each replaces a text that has to be in the file exactly once, so that a
control cannot silently become none when the file changes.
"""

import argparse
import pathlib
import sys

LIMBO = 'src/core/memory/limbo.cpp'
QUIESCENCE = 'src/core/cpu/quiescence.cpp'
CROSS_CALL = 'src/core/cpu/cross_call.cpp'

MISTAKES = {
    # limbo.pml
    'read_late': (QUIESCENCE, 'announced.store(now.value,', 'announced.store(newest_stamp().value,'),
    'old_stamp': (LIMBO, 'LimboWord::encode(owner, cpu::retire());',
                  'LimboWord::encode(owner, first_stamp_of(frame, cpu::retire()));'),
    'reap_aba': (LIMBO, 'test_hooks::sync_point("limbo: judged");',
                 'test_hooks::sync_point("limbo: judged");\n'
                 'const std::uint64_t judged = std::exchange(found, word.load(std::memory_order_acquire));\n'
                 'found = LimboWord::state(found) == LimboWord::state(judged) ? found : judged;'),
    'away_enter': (QUIESCENCE, 'std::atomic_thread_fence(std::memory_order_seq_cst);\n    quiesce();',
                   'std::atomic_thread_fence(std::memory_order_seq_cst);'),
    # As the model imitates it: the load of the epoch overtakes the store to `away`.
    'fence': (QUIESCENCE, 'away.store(false, std::memory_order_relaxed);\n'
                          '    test_hooks::sync_point("come_back: not away");',
              'const Stamp early = newest_stamp();\n'
              '    test_hooks::sync_point("come_back: not away");\n'
              '    away.store(false, std::memory_order_relaxed);\n'
              '    if (early.value == current().quiescence.announced.load(std::memory_order_relaxed)) return true;'),
    # residency.pml
    'owner': (LIMBO, '|| LimboWord::owner(found) != owner)', '|| owner.owner == 0)'),
    # orders
    'announce_relaxed': (QUIESCENCE, 'announced.store(now.value, std::memory_order_release);',
                         'announced.store(now.value, std::memory_order_relaxed);'),
    'away_relaxed': (QUIESCENCE, 'away.store(true, std::memory_order_release);',
                     'away.store(true, std::memory_order_relaxed);'),
    'announced_read_relaxed': (QUIESCENCE, 'Stamp{state.announced.load(std::memory_order_acquire)}',
                               'Stamp{state.announced.load(std::memory_order_relaxed)}'),
    'push_relaxed': (LIMBO, 'compare_exchange_weak(first, number, std::memory_order_release,',
                     'compare_exchange_weak(first, number, std::memory_order_relaxed,'),
    'post_relaxed': (CROSS_CALL, 'compare_exchange_weak(head, &call, std::memory_order_release,',
                     'compare_exchange_weak(head, &call, std::memory_order_relaxed,'),
    'done_relaxed': (CROSS_CALL, 'done_.store(true, std::memory_order_release);',
                     'done_.store(true, std::memory_order_relaxed);'),
    'done_early': (CROSS_CALL, 'call.function_(call.argument_);\n', 'call.done_.store(true);\n'
                   '            test_hooks::sync_point("done, not run");\n'
                   '            call.function_(call.argument_);\n'),
    'callers_relaxed': (CROSS_CALL, 'fetch_or(CpuSet::of(self.id).bits(), std::memory_order_release);',
                        'fetch_or(CpuSet::of(self.id).bits(), std::memory_order_relaxed);'),
    'pending_relaxed': (CROSS_CALL, 'fetch_and(~CpuSet::of(self).bits(), std::memory_order_release);',
                        'fetch_and(~CpuSet::of(self).bits(), std::memory_order_relaxed);'),
    'not_reversed': (CROSS_CALL, 'PostedCalls::run(PostedCalls::reversed(', 'PostedCalls::run((',),
    'tick_in_section': (QUIESCENCE, 'if (current().preemption_disabled == 0) {\n        quiesce();\n    }',
                        'const auto depth = std::exchange(current().preemption_disabled, 0U);\n    quiesce();\n'
                        '    current().preemption_disabled = depth;'),
}

PREAMBLE = {
    'old_stamp': '#include <array>\n',
    'tick_in_section': '#include <utility>\n',
}

# What a mistake needs beside its one replacement.
HELPERS = {
    'old_stamp': ('constexpr std::uint64_t reclaimed_word',
                  '/// The stamp that the frame got first since it was allocated.\n'
                  'cpu::Stamp first_stamp_of(Frame frame, cpu::Stamp stamp) {\n'
                  '    static std::array<cpu::Stamp, 64> first{};\n'
                  '    const auto word = frames().info(frame).word.load(std::memory_order_relaxed);\n'
                  '    if (LimboWord::state(word) == FrameState::allocated) { first[frame.value] = stamp; }\n'
                  '    return first[frame.value];\n'
                  '}\n\n'
                  'constexpr std::uint64_t reclaimed_word'),
}


def replace_once(text, old, new, where):
    if text.count(old) != 1:
        sys.exit(f'{where}: {text.count(old)} times instead of once: {old!r}')
    return text.replace(old, new)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('mistake', choices=sorted(MISTAKES))
    parser.add_argument('--root', type=pathlib.Path, required=True)
    parser.add_argument('-o', dest='output', type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    name = arguments.mistake
    file, old, new = MISTAKES[name]
    text = replace_once((arguments.root / file).read_text(), old, new, file)
    if name in HELPERS:
        text = replace_once(text, *HELPERS[name], file)
    arguments.output.write_text(PREAMBLE.get(name, '') + text)


if __name__ == '__main__':
    main()
