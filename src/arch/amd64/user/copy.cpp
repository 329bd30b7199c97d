// SPDX-License-Identifier: BSD-2-Clause
// Copies from and to user memory over user/entry.S, with or without SMAP; instructions made visible.
#include "core/cpu/cross_call.hpp"
#include "core/cpu/online.hpp"
#include "core/machine/user.hpp"
#include "cpu/features.hpp"

extern "C" {
// Return the bytes that are left.
[[gnu::visibility("hidden")]] std::size_t heddle_copy_user(void* to, const void* from, std::size_t size);
[[gnu::visibility("hidden")]] std::size_t heddle_copy_user_smap(void* to, const void* from, std::size_t size);
[[gnu::visibility("hidden")]] std::size_t heddle_clear_user(void* to, std::size_t size);
[[gnu::visibility("hidden")]] std::size_t heddle_clear_user_smap(void* to, std::size_t size);
}

namespace heddle::machine {
namespace {

std::size_t copy(void* to, const void* from, std::size_t size) {
    return amd64::features().smap ? heddle_copy_user_smap(to, from, size) : heddle_copy_user(to, from, size);
}

} // namespace

std::size_t copy_from_user_unchecked(void* to, VirtAddr from, std::size_t size) {
    return copy(to, from.as<const void>(), size);
}

std::size_t copy_to_user_unchecked(VirtAddr to, const void* from, std::size_t size) {
    return copy(to.as<void>(), from, size);
}

std::size_t clear_user_unchecked(VirtAddr to, std::size_t size) {
    return amd64::features().smap ? heddle_clear_user_smap(to.as<void>(), size)
                                  : heddle_clear_user(to.as<void>(), size);
}

/// Stores are seen by instruction fetch at once, but other CPUs must serialise (SDM vol. 3A, 8.1.3): the
/// return from the interrupt of a call does.
void synchronise_instructions(VirtAddr, std::size_t) {
    core::cpu::call(core::cpu::online(), [](void*) {}, nullptr);
}

} // namespace heddle::machine
