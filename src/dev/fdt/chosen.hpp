// SPDX-License-Identifier: BSD-2-Clause
// The two things of a device tree that are wanted before the image has its final address: command line and
// seed.
#pragma once

#include "dev/fdt/tree.hpp"

namespace heddle::dev::fdt {

/// What /chosen says, in place.
struct Chosen {
    std::string_view command_line; ///< `bootargs` without its NUL
    std::uint64_t seed = 0;        ///< `kaslr-seed`; 0: none
    std::size_t seed_at = 0; ///< where its eight bytes are in the tree, for whoever wipes them; 0: nowhere
};

/// Searches the tree's first level for /chosen: one pass over its tags with every access checked, because
/// nobody has looked at the tree before. Empty where anything is malformed; what is wrong,
/// Tree::for_each_node() says later.
Chosen find_chosen(Bytes tree);

} // namespace heddle::dev::fdt
