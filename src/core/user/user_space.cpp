// SPDX-License-Identifier: BSD-2-Clause
// User mappings over the one walker; and the component that makes the space at boot, before other CPUs start.
#include "core/user/user_space.hpp"

#include "core/component/wiring.hpp"
#include "core/machine/user.hpp"
#include "core/memory/layout.hpp"
#include "lib/bits.hpp"

#include <cstring>
#include <optional>

namespace heddle::core::user {
namespace {

using machine::PageTable;
using memory::FrameList;
using memory::KernelMap;
using memory::Permissions;

constinit KernelMap apart; ///< where programs' half has tables of its own

constexpr Permissions permissions_for(Access access) {
    return {.access = access, .privilege = memory::Privilege::user};
}

Result<void> check(VirtAddr begin, std::uint64_t size) {
    if (size == 0 || !is_aligned<std::uint64_t>(begin.value | size, page_size)) {
        return fail(Error::invalid_argument);
    }
    return is_user_range(begin, size) ? Result<void>{} : fail(Error::bad_address);
}

/// For a template, so that a machine with one tree need not have the function.
template <class Table>
Result<void> open_apart() {
    if constexpr (Table::lower_half_apart) {
        const Frame root = TRY(memory::frames().allocate()); // for good
        TRY(apart.create({root.address(), root.address() + page_size}));
        apart.use_frames();
        Table::publish();
        Table::set_lower_root(apart.root());
    }
    return {};
}

} // namespace

UserSpace::UserSpace()
    : map_{PageTable::lower_half_apart ? apart : memory::kernel_map()} {}

Result<void> UserSpace::map(VirtAddr begin, std::uint64_t size, Access access) {
    TRY(check(begin, size));
    FrameList fresh;
    for (std::uint64_t left = size; left != 0; left -= page_size) {
        const Frame frame = TRY(memory::frames().allocate());
        std::memset(memory::to_virtual(frame.address()).as(), 0, page_size);
        fresh.push(frame);
    }
    return map_.map_frames(begin, fresh, permissions_for(access));
}

Result<void> UserSpace::map(VirtAddr begin, FrameList& list, Access access) {
    const std::uint64_t size = list.size() * page_size;
    TRY(check(begin, size));
    TRY(map_.map_frames(begin, list, permissions_for(access)));
    if (access == Access::read_execute) {
        machine::synchronise_instructions(begin, size);
    }
    return {};
}

// A CPU that uses the page (left), and one that takes it away (right):
//
//     A translates, by an entry or its cache      B clears the entry
//     C reads or writes the frame                 D shootdown: no CPU has the translation
//                                                 E frees the frame
//
// A before D: C is over when D returns, because the CPU has answered or the broadcast has waited for it. A
// after D finds no entry, and faults.
Result<void> UserSpace::unmap(VirtAddr begin, std::uint64_t size) {
    TRY(check(begin, size));
    const FrameList gone = TRY(map_.unmap_frames(begin, size));
    return {};
}

Result<void> UserSpace::protect(VirtAddr begin, std::uint64_t size, Access access) {
    TRY(check(begin, size));
    TRY(map_.protect(begin, size, permissions_for(access)));
    if (access == Access::read_execute) {
        machine::synchronise_instructions(begin, size);
    }
    return {};
}

Result<memory::Translation> UserSpace::translate(VirtAddr address) const {
    if (!is_user_range(address, 1)) {
        return fail(Error::bad_address);
    }
    return map_.translate(address);
}

namespace {

constinit std::optional<UserSpace> user_space;

Result<void> start(component::Wiring& wiring) {
    TRY(open_apart<PageTable>());
    wiring.provide(user_space.emplace());
    return {};
}

HEDDLE_COMPONENT(user_space_component){
    .name = "user-space",
    .provides = component::interfaces<UserSpace>,
    .needs = {},
    .start = start,
};

} // namespace
} // namespace heddle::core::user
