// SPDX-License-Identifier: BSD-2-Clause
// What core takes for granted of a machine's headers (machine/*.hpp), as concepts: the contract that a port
// has to meet.
#pragma once

#include "core/memory/mapping_types.hpp"
#include "lib/units.hpp"

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace heddle::machine {

/// A page-table policy: how one machine writes and reads entries, and makes changes take effect. Levels count
/// from the leaves: 0 maps 4 KiB, 1 maps 2 MiB, 2 maps 1 GiB. All static; the walker
/// (core/memory/kernel_map.hpp) is the one user.
template <class Policy>
concept PageTablePolicy = requires(typename Policy::Entry entry, PhysAddr physical, VirtAddr address,
                                   unsigned level, core::memory::Permissions permissions) {
    requires std::same_as<typename Policy::Entry, std::uint64_t>;
    requires Policy::levels == 4;
    { Policy::table_entry(physical) } -> std::same_as<typename Policy::Entry>;
    { Policy::leaf_entry(physical, permissions, level) } -> std::same_as<typename Policy::Entry>;
    { Policy::present(entry) } -> std::same_as<bool>;
    { Policy::leaf(entry, level) } -> std::same_as<bool>;
    { Policy::address(entry) } -> std::same_as<PhysAddr>;
    { Policy::permissions(entry) } -> std::same_as<core::memory::Permissions>;
    { Policy::writable_and_executable(entry) } -> std::same_as<bool>;
    { Policy::supports_leaf(level) } -> std::same_as<bool>;
    { Policy::invalidate(address) } -> std::same_as<void>;
    { Policy::invalidate_all() } -> std::same_as<void>;
    requires std::same_as<decltype(Policy::broadcasts),
                          const bool>; // if so, broadcast_invalidate(address, size)
    // Whether programs' half has tables of its own; if so, set_lower_root(physical).
    requires std::same_as<decltype(Policy::lower_half_apart), const bool>;
    { Policy::publish() } -> std::same_as<void>;
    { Policy::activate(physical) } -> std::same_as<void>;
    { Policy::active_root() } -> std::same_as<PhysAddr>;
};

/// What entry code saves of interrupted code, as far as core looks into it. Assembler builds it, so its
/// layout is plain.
template <class Frame>
concept TrapFrameLayout =
    std::is_trivially_copyable_v<Frame> && std::is_standard_layout_v<Frame> && requires(const Frame& frame) {
        { frame.pc() } -> std::same_as<std::uint64_t>;
        { frame.sp() } -> std::same_as<std::uint64_t>;
        { frame.frame_pointer() } -> std::same_as<std::uint64_t>;
        { frame.from_user() } -> std::same_as<bool>;
    };

/// The machine's part of CpuLocal: all-zero is its initial state, and assembler addresses it by fixed
/// offsets.
template <class Data>
concept CpuDataLayout = std::is_standard_layout_v<Data> && std::is_trivially_destructible_v<Data>;

} // namespace heddle::machine
