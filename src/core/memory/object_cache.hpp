// SPDX-License-Identifier: BSD-2-Clause
// A cache of equal objects after Bonwick (1994, 2001), untyped: slabs of frames, in front of them a magazine
// on each CPU. SlabCache and StableCache are the typed faces.
#pragma once

#include "core/memory/buddy.hpp"
#include "core/memory/counters.hpp"
#include "core/memory/cpu_cache.hpp"
#include "core/sync/spinlock.hpp"
#include "lib/config.hpp"
#include "lib/intrusive.hpp"
#include "lib/manual.hpp"
#include "lib/result.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace heddle::core::cpu {
struct CpuLocal;
}

namespace heddle::core::memory {

class ObjectCache;

/// Objects that a CPU has at hand. Changed by its CPU only, with interrupts off; others may read `rounds`
/// (relaxed).
struct Magazine {
    static constexpr std::uint32_t limit = 15;

    std::atomic<std::uint32_t> rounds{0};
    std::array<void*, limit> objects{};
};

/// The head of a slab: one block of frames, cut into objects. Found from an object by rounding its address
/// down.
struct Slab {
    static constexpr std::size_t limit = 256; ///< objects

    ListHook hook; ///< in ObjectCache::partial_ while some objects are free and some are not
    ObjectCache* cache = nullptr;
    std::uint32_t used = 0;
    std::array<std::uint64_t, limit / 64> free{}; ///< bit n: object n is in the slab and not out
};

/// Deviations from the papers: one magazine per CPU, filled and emptied by halves, where Bonwick exchanges
/// whole magazines with a depot; no slab colouring; the free list is a bitmap, so nothing is ever written
/// into a free object.
///
/// Test images put a word behind each object that tells owned, free and overwritten apart, fill free objects
/// with a pattern, and panic (naming cache and address) on a double free, a foreign pointer, a write behind
/// the end, a write after free.
///
/// allocate() and free(): any context, with locks below Rank::heap held at most.
class ObjectCache final : public counters::Counter {
  public:
    struct Layout {
        std::uint32_t size = 0;      ///< bytes that the user gets
        std::uint32_t alignment = 0; ///< a power of two, at most 2048
        bool magazines = true;
        /// Called for each object when its slab is made, and before its slab is given back; objects keep
        /// their contents while free. Called with locks held: may neither allocate nor wait. Null: free
        /// objects have no contents.
        void (*construct)(void*) = nullptr;
        void (*destroy)(void*) = nullptr;
    };

    constexpr ObjectCache(std::string_view name, Layout layout);

    /// Panics in test images when objects are alive. Other CPUs must not be using the cache.
    ~ObjectCache();

    /// An object of the layout's size and alignment, or Error::out_of_memory.
    Result<void*> allocate() EXCLUDES(lock_);

    /// Takes an object of this cache back.
    void free(void* object) EXCLUDES(lock_);

    /// Empties this CPU's magazine and gives slabs without objects back. Returns how many frames.
    std::size_t reclaim() EXCLUDES(lock_);

    std::uint64_t live() const override;

    /// Bytes from one object to the next, objects in a slab, and the order of its block.
    std::uint32_t stride() const { return stride_; }

    std::uint32_t capacity() const { return capacity_; }

    unsigned order() const { return order_; }

    const Layout& layout() const { return layout_; }

    /// The cache that `object`, which lies in a slab of `order`, came from.
    static ObjectCache& of(void* object, unsigned order);

  private:
    friend struct CacheRegistry;

    /// Smaller objects would be more to a page than Slab::limit.
    static constexpr std::uint32_t least_stride = page_size / Slab::limit;
    /// What follows an object in test images.
    static constexpr std::uint32_t mark_size = config::assertions ? sizeof(std::uint64_t) : 0;

    constexpr bool fit();
    constexpr std::uint32_t first_object() const;

    // Apart from the fast paths, which then need no registers saved.
    [[gnu::noinline, gnu::cold]] Result<void*> allocate_slowly() EXCLUDES(lock_);
    [[gnu::noinline, gnu::cold]] void free_slowly(void* object) EXCLUDES(lock_);
    void prepare() EXCLUDES(lock_);
    void provide_magazine() EXCLUDES(lock_);
    void fill_magazine() REQUIRES(lock_);
    Magazine* detach_magazine(cpu::CpuLocal& local);
    std::size_t settle(Magazine* magazine) EXCLUDES(lock_);

    void* take() REQUIRES(lock_);
    void put(void* object) REQUIRES(lock_);
    Slab* grow() REQUIRES(lock_);
    void release(Slab& slab) REQUIRES(lock_);

    void* object_at(Slab& slab, std::uint32_t index) const;

    static std::uint64_t mark_for(const void* object, std::uint64_t kind);
    std::uint64_t& mark_of(void* object) const;
    void mark_free(void* object) const;
    void check_and_own(void* object) const;
    void check_and_disown(void* object) const;
    void check_is_ours(void* object) const;

    const Layout layout_;
    std::uint32_t stride_ = 0;
    std::uint32_t capacity_ = 0;
    unsigned order_ = 0;
    std::uint32_t magazine_rounds_ = 0;
    /// This cache's place in MagazineTable; `limit` (whose magazine is always null) until prepare().
    std::atomic<std::uint32_t> number_{MagazineTable::limit};
    std::atomic<bool> listed_{false};   ///< release in prepare() pairs with the acquire there
    ObjectCache* next_cache_ = nullptr; ///< in the registry's list, under its lock

    sync::Spinlock lock_{sync::Rank::slab};
    Manual<List<Slab, &Slab::hook>> partial_ GUARDED_BY(lock_);
    Slab* empty_ GUARDED_BY(lock_) = nullptr; ///< one slab without objects is kept
    std::atomic<std::uint64_t> out_{0}; ///< objects outside of slabs, magazines included; written under lock_
};

constexpr ObjectCache::ObjectCache(std::string_view name, Layout layout)
    : Counter{name}
    , layout_{layout} {
    const std::uint32_t word = sizeof(std::uint64_t);
    const std::uint32_t body = (layout.size + word - 1) / word * word + mark_size;
    stride_ = (body + layout.alignment - 1) / layout.alignment * layout.alignment;
    stride_ = stride_ < least_stride ? least_stride : stride_;
    magazine_rounds_ = stride_ <= 512 ? Magazine::limit : stride_ <= 1024 ? 8 : 4;
    // The smallest block that wastes an eighth at most, or else the largest that a cache uses.
    for (order_ = 0; !fit() && order_ < 3; ++order_) {
    }
}

constexpr std::uint32_t ObjectCache::first_object() const {
    const std::uint32_t head = sizeof(Slab);
    return (head + layout_.alignment - 1) / layout_.alignment * layout_.alignment;
}

constexpr bool ObjectCache::fit() {
    const std::size_t block = block_size(order_);
    const std::size_t fitting = (block - first_object()) / stride_;
    capacity_ = static_cast<std::uint32_t>(fitting < Slab::limit ? fitting : Slab::limit);
    return (block - std::size_t{capacity_} * stride_) * 8 <= block;
}

/// Has every cache of the kernel reclaim() on this CPU. Returns how many frames came back. Any context, with
/// locks below Rank::heap held at most.
std::size_t reclaim_caches();

} // namespace heddle::core::memory
