// SPDX-License-Identifier: BSD-2-Clause
// Programs' half of the one address space: what is mapped there, and what it permits. Who wants which
// addresses is the program loader's business.
#pragma once

#include "core/memory/frame_list.hpp"
#include "core/memory/kernel_map.hpp"
#include "core/user/range.hpp"

#include <string_view>

namespace heddle::core::user {

using memory::Access;

/// The same on all CPUs at all times. Ranges are whole pages in [user_begin, user_end); another one is
/// Error::bad_address, one that is not pages Error::invalid_argument. A call that fails has changed nothing.
/// Memory that is mapped belongs to the space. Thread context, no spinlock held, unless said.
class UserSpace {
  public:
    static constexpr std::string_view interface_name = "user-space";

    /// Of the kernel's tables, or of its own where the machine has them apart.
    UserSpace();

    UserSpace(const UserSpace&) = delete;
    UserSpace& operator=(const UserSpace&) = delete;

    /// Maps fresh memory, all zero. Error::already_exists when any part is mapped, Error::out_of_memory.
    Result<void> map(VirtAddr begin, std::uint64_t size, Access access);

    /// Maps `list`, the first frame at `begin`, and takes the frames over; when it fails they are the
    /// caller's still. What they hold, the program gets to see.
    Result<void> map(VirtAddr begin, memory::FrameList& list, Access access);

    /// Unmaps and frees, once no CPU translates to it any more. All must be mapped (Error::not_found).
    Result<void> unmap(VirtAddr begin, std::uint64_t size);

    /// Changes what a range permits, which must all be mapped (Error::not_found). What it no longer permits,
    /// no CPU does when this returns; what was written before it became executable is what is executed.
    Result<void> protect(VirtAddr begin, std::uint64_t size, Access access);

    /// Where `address` leads; Error::not_found, Error::bad_address for the kernel's. Any context.
    Result<memory::Translation> translate(VirtAddr address) const;

    /// Calls `visit(const Leaf&)` for every leaf in the order of addresses; see KernelMap::for_each_leaf().
    template <class Visitor>
    void for_each_leaf(Visitor visit) const {
        map_.for_each_leaf([&](const memory::Leaf& leaf) {
            if (leaf.begin < user_end) {
                visit(leaf);
            }
        });
    }

  private:
    memory::KernelMap& map_;
};

} // namespace heddle::core::user
