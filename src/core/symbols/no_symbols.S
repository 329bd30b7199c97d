// SPDX-License-Identifier: BSD-2-Clause
// The empty symbol table of an image's first link; tools/symbols.py makes the real one from that link.
        .section .symbols, "a", %progbits
        .balign 8
        .globl heddle_symbol_table
        .hidden heddle_symbol_table
        .globl heddle_symbol_table_end
        .hidden heddle_symbol_table_end
heddle_symbol_table:
heddle_symbol_table_end:
        .section .note.GNU-stack, "", %progbits
