// SPDX-License-Identifier: BSD-2-Clause
// The arena, and the one from which operator new takes.
#include "test/port/arena.hpp"

#include "core/panic.hpp"
#include "lib/units.hpp"
#include "test/port/bridge.hpp"

#include <bit>
#include <new>

namespace heddle::test::port {

void* Arena::allocate(std::size_t bytes) {
    const std::size_t needed = bytes + sizeof(Header);
    const auto width = static_cast<std::size_t>(std::bit_width(needed - 1));
    const std::size_t size_class = width > least_shift ? width - least_shift : 0;
    if (bytes > (std::size_t{1} << (classes + least_shift - 2))) {
        return nullptr;
    }
    Header* header = free_[size_class];
    if (header != nullptr) {
        free_[size_class] = header->next_free;
    } else {
        const std::size_t size = std::size_t{1} << (size_class + least_shift);
        if (static_cast<std::size_t>(end_ - next_) < size) {
            return nullptr;
        }
        header = ::new (next_) Header{size_class, nullptr};
        next_ += size;
    }
    ++live_;
    return header + 1;
}

void Arena::deallocate(void* block) {
    if (block == nullptr) {
        return;
    }
    Header* header = static_cast<Header*>(block) - 1;
    header->next_free = free_[header->size_class];
    free_[header->size_class] = header;
    --live_;
}

namespace {

/// A JUnit report of a thousand cases, with room to spare.
constexpr std::size_t arena_size = 4_MiB;

alignas(16) constinit std::byte arena_memory[arena_size]{};
constinit Arena arena{arena_memory, arena_size};

} // namespace

void* allocate(unsigned long bytes) {
    void* block = arena.allocate(bytes);
    if (block == nullptr) {
        core::panic("the {} KiB of doctest's arena are used up", arena_size >> 10);
    }
    return block;
}

void deallocate(void* memory) {
    arena.deallocate(memory);
}

} // namespace heddle::test::port
