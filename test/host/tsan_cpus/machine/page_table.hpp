// SPDX-License-Identifier: BSD-2-Clause
// What the files under test ask of page tables: that a CPU forgets its translations.
#pragma once

namespace heddle::machine {

struct PageTable {
    static constexpr bool broadcasts = false;

    /// Drops the calling thread's translations, see translations.hpp.
    static void invalidate_all();
};

} // namespace heddle::machine
