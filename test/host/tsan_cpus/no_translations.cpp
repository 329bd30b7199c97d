// SPDX-License-Identifier: BSD-2-Clause
// For programs in which nothing is translated.
#include "cpus.hpp"
#include "machine/page_table.hpp"

void heddle::machine::PageTable::invalidate_all() {}

void heddle::test::at_sync_point(std::uint32_t) {}
