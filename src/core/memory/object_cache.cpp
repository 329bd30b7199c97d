// SPDX-License-Identifier: BSD-2-Clause
// Object caches, see object_cache.hpp. An object is in a slab, in a magazine, or out; the first two are told
// apart by the slab's bitmap, the last two only by the mark that test images put behind it.
#include "core/memory/object_cache.hpp"

#include "core/cpu/cpu_local.hpp"
#include "core/memory/fault_injection.hpp"
#include "core/memory/frames.hpp"
#include "core/memory/layout.hpp"
#include "core/memory/reclaim.hpp"
#include "core/panic.hpp"
#include "core/sync/interrupts_off.hpp"
#include "lib/bits.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace heddle::core::memory {

static_assert(sizeof(Slab) == 64);
static_assert(sizeof(Magazine) == 128);

/// All caches that were ever used, so that they can be reclaimed, and the numbers of those that have
/// magazines.
struct CacheRegistry {
    sync::Spinlock lock{sync::Rank::heap};
    ObjectCache* first GUARDED_BY(lock) = nullptr;
    std::uint64_t numbers_taken GUARDED_BY(lock) = 0;

    void list(ObjectCache& cache) EXCLUDES(lock);
    void retire(ObjectCache& cache) EXCLUDES(lock);
    std::size_t reclaim() EXCLUDES(lock);
};

namespace {

static_assert(MagazineTable::limit < 64, "numbers are bits of one word");

constexpr std::byte free_pattern{0xdf};
constexpr std::uint64_t owned_mark = 0x6f77'6e65'646f'626a;
constexpr std::uint64_t free_mark = 0x6672'6565'646f'626a;

constinit CacheRegistry registry;

/// Magazines stay made while they are free, and empty: live() may look at one that its CPU has just given
/// back.
[[clang::no_destroy]] constinit ObjectCache magazine_cache{
    "magazines",
    {.size = sizeof(Magazine),
     .alignment = alignof(Magazine),
     .magazines = false,
     .construct = [](void* memory) { ::new (memory) Magazine; },
     .destroy = [](void* magazine) { std::destroy_at(static_cast<Magazine*>(magazine)); }}};

/// The calling CPU's place for the magazine of cache `number`. Interrupts off.
std::atomic<Magazine*>& magazine_slot(std::uint32_t number) {
    return cpu::current().magazines.loaded[number];
}

} // namespace

void CacheRegistry::list(ObjectCache& cache) {
    const sync::SpinlockGuard guard{lock};
    // Relaxed: under the lock that orders all calls of this function.
    if (cache.listed_.load(std::memory_order_relaxed)) {
        return;
    }
    {
        const sync::SpinlockGuard cache_guard{cache.lock_};
        cache.partial_.construct();
    }
    cache.next_cache_ = first;
    first = &cache;
    const auto number = static_cast<std::uint32_t>(std::countr_one(numbers_taken));
    if (cache.layout_.magazines && number < MagazineTable::limit) {
        numbers_taken |= std::uint64_t{1} << number;
        cache.number_.store(number, std::memory_order_relaxed);
    }
    counters::add(cache);
    // Release: pairs with the acquire in prepare().
    cache.listed_.store(true, std::memory_order_release);
}

/// Under the lock from end to end: another CPU that reclaims meanwhile would have objects in neither place,
/// and the number is somebody else's as soon as it is free.
void CacheRegistry::retire(ObjectCache& cache) {
    const sync::SpinlockGuard guard{lock};
    for (std::uint32_t id = 0; id < CpuId::limit; ++id) {
        cache.settle(cache.detach_magazine(cpu::local(CpuId{id})));
    }
    HEDDLE_ASSERT(cache.live() == 0);
    counters::remove(cache);
    ObjectCache** link = &first;
    while (*link != &cache) {
        link = &(*link)->next_cache_;
    }
    *link = cache.next_cache_;
    const std::uint32_t number = cache.number_.load(std::memory_order_relaxed);
    if (number != MagazineTable::limit) {
        numbers_taken &= ~(std::uint64_t{1} << number);
    }
}

/// The cache of magazines goes last: the others give theirs back to it.
std::size_t CacheRegistry::reclaim() {
    const sync::SpinlockGuard guard{lock};
    std::size_t frames = 0;
    for (ObjectCache* cache = first; cache != nullptr; cache = cache->next_cache_) {
        frames += cache == &magazine_cache ? 0 : cache->reclaim();
    }
    return frames + magazine_cache.reclaim();
}

std::size_t reclaim_caches() {
    return registry.reclaim();
}

ObjectCache::~ObjectCache() {
    if (!listed_.load(std::memory_order_acquire)) {
        return;
    }
    registry.retire(*this);
    partial_.destroy();
}

ObjectCache& ObjectCache::of(void* object, unsigned order) {
    const auto block = static_cast<std::uint64_t>(block_size(order));
    return *VirtAddr{align_down(VirtAddr::of(object).value, block)}.as<Slab>()->cache;
}

/// Lists the cache when it is first used: the constructor cannot, it runs at compile time.
void ObjectCache::prepare() {
    // Acquire: pairs with the release in CacheRegistry::list().
    if (!listed_.load(std::memory_order_acquire)) {
        registry.list(*this);
    }
}

Result<void*> ObjectCache::allocate() {
    if (fault_injection::should_fail()) {
        return fail(Error::out_of_memory);
    }
    {
        const sync::InterruptsOff off;
        Magazine* const magazine =
            magazine_slot(number_.load(std::memory_order_relaxed)).load(std::memory_order_relaxed);
        if (magazine != nullptr) [[likely]] {
            const std::uint32_t rounds = magazine->rounds.load(std::memory_order_relaxed);
            if (rounds != 0) [[likely]] {
                void* const object = magazine->objects[rounds - 1];
                check_and_own(object);
                magazine->rounds.store(rounds - 1, std::memory_order_relaxed);
                return object;
            }
        }
    }
    return allocate_slowly();
}

void ObjectCache::free(void* object) {
    check_and_disown(object);
    {
        const sync::InterruptsOff off;
        Magazine* const magazine =
            magazine_slot(number_.load(std::memory_order_relaxed)).load(std::memory_order_relaxed);
        if (magazine != nullptr) [[likely]] {
            const std::uint32_t rounds = magazine->rounds.load(std::memory_order_relaxed);
            if (rounds != magazine_rounds_) [[likely]] {
                magazine->objects[rounds] = object;
                magazine->rounds.store(rounds + 1, std::memory_order_relaxed);
                return;
            }
        }
    }
    free_slowly(object);
}

/// Tries once more after everything at hand was given back.
Result<void*> ObjectCache::allocate_slowly() {
    prepare();
    provide_magazine();
    for (bool again = true; !fault_injection::fired(); again = false) {
        {
            const sync::SpinlockGuard guard{lock_};
            if (void* const object = take()) {
                fill_magazine();
                check_and_own(object);
                return object;
            }
        }
        if (!again) {
            break;
        }
        reclaim();
    }
    return fail(Error::out_of_memory);
}

/// The object goes to its slab, and half of a full magazine with it.
void ObjectCache::free_slowly(void* object) {
    const sync::SpinlockGuard guard{lock_};
    Magazine* const magazine =
        magazine_slot(number_.load(std::memory_order_relaxed)).load(std::memory_order_relaxed);
    if (magazine != nullptr) {
        std::uint32_t rounds = magazine->rounds.load(std::memory_order_relaxed);
        for (; rounds > magazine_rounds_ / 2; --rounds) {
            put(magazine->objects[rounds - 1]);
        }
        magazine->rounds.store(rounds, std::memory_order_relaxed);
    }
    put(object);
}

/// Sees to it that this CPU has a magazine, if the cache uses them and memory permits.
void ObjectCache::provide_magazine() {
    const std::uint32_t number = number_.load(std::memory_order_relaxed);
    {
        const sync::InterruptsOff off;
        if (number == MagazineTable::limit ||
            magazine_slot(number).load(std::memory_order_relaxed) != nullptr) {
            return;
        }
    }
    const auto memory = magazine_cache.allocate();
    if (!memory) {
        return;
    }
    auto* spare = static_cast<Magazine*>(*memory);
    {
        const sync::InterruptsOff off;
        auto& slot = magazine_slot(number);
        // An interrupt, or another CPU that we came from meanwhile, may have been faster.
        if (slot.load(std::memory_order_relaxed) == nullptr) {
            slot.store(std::exchange(spare, nullptr), std::memory_order_relaxed);
        }
    }
    if (spare != nullptr) {
        magazine_cache.free(spare);
    }
}

/// Up to half full, of what slabs in use have free: never makes a slab for it. The lock keeps us on this CPU.
void ObjectCache::fill_magazine() {
    Magazine* const magazine =
        magazine_slot(number_.load(std::memory_order_relaxed)).load(std::memory_order_relaxed);
    if (magazine == nullptr) {
        return;
    }
    std::uint32_t rounds = magazine->rounds.load(std::memory_order_relaxed);
    for (; rounds < magazine_rounds_ / 2 && !partial_->empty(); ++rounds) {
        magazine->objects[rounds] = take();
    }
    magazine->rounds.store(rounds, std::memory_order_relaxed);
}

/// An object out of a slab, a new slab if need be; null when there is no memory.
void* ObjectCache::take() {
    if (partial_->empty()) {
        Slab* const slab = empty_ != nullptr ? std::exchange(empty_, nullptr) : grow();
        if (slab == nullptr) {
            return nullptr;
        }
        partial_->push_front(*slab);
    }
    Slab& slab = partial_->front();
    std::uint32_t word = 0;
    while (slab.free[word] == 0) {
        ++word;
    }
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(slab.free[word]));
    slab.free[word] &= slab.free[word] - 1;
    if (++slab.used == capacity_) {
        partial_->pop_front();
    }
    out_.store(out_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return object_at(slab, word * 64 + bit);
}

/// Puts an object back into its slab.
void ObjectCache::put(void* object) {
    const std::uint64_t address = VirtAddr::of(object).value;
    const auto block = static_cast<std::uint64_t>(block_size(order_));
    Slab& slab = *VirtAddr{align_down(address, block)}.as<Slab>();
    const auto offset = static_cast<std::uint32_t>(address & (block - 1)) - first_object();
    const std::uint32_t index = offset / stride_;
    slab.free[index / 64] |= std::uint64_t{1} << (index % 64);
    if (slab.used-- == capacity_) {
        partial_->push_front(slab);
    }
    if (slab.used == 0) {
        partial_->erase(partial_->iterator_to(slab));
        if (empty_ == nullptr) {
            empty_ = &slab;
        } else {
            release(slab);
        }
    }
    out_.store(out_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
}

/// A new slab with all its objects free; null when there is no memory.
Slab* ObjectCache::grow() {
    const auto first = frames().allocate(order_);
    if (!first) {
        return nullptr;
    }
    for (std::uint64_t i = 0; i < (1U << order_); ++i) {
        frames().info(Frame{first->value + i}).set({FrameState::slab, order_});
    }
    Slab* const slab = ::new (to_virtual(first->address()).as()) Slab;
    slab->cache = this;
    for (std::uint32_t left = capacity_, word = 0; left != 0; ++word) {
        const std::uint32_t here = std::min(left, 64U);
        slab->free[word] = ~std::uint64_t{0} >> (64 - here);
        left -= here;
    }
    for (std::uint32_t i = 0; i < capacity_ && (config::assertions || layout_.construct != nullptr); ++i) {
        void* const object = object_at(*slab, i);
        mark_free(object);
        if (layout_.construct != nullptr) {
            layout_.construct(object);
        }
    }
    return slab;
}

/// Gives the frames of a slab without objects back.
void ObjectCache::release(Slab& slab) {
    for (std::uint32_t i = 0; i < capacity_ && layout_.destroy != nullptr; ++i) {
        layout_.destroy(object_at(slab, i));
    }
    slab.~Slab();
    const Frame first = Frame::containing(to_physical(VirtAddr::of(&slab)));
    for (std::uint64_t i = 1; i < (1U << order_); ++i) {
        frames().info(Frame{first.value + i}).set({});
    }
    frames().info(first).set({FrameState::allocated, order_});
    frames().free(first, order_);
}

std::size_t ObjectCache::reclaim() {
    Magazine* magazine = nullptr;
    {
        const sync::InterruptsOff off;
        magazine = detach_magazine(cpu::current());
    }
    return settle(magazine);
}

/// Takes this cache's magazine from `local`: the calling CPU's, with interrupts off, or one that does not use
/// the cache.
Magazine* ObjectCache::detach_magazine(cpu::CpuLocal& local) {
    const std::uint32_t number = number_.load(std::memory_order_relaxed);
    // Relaxed: only its own CPU changes a slot, or nobody at the time.
    return number == MagazineTable::limit
               ? nullptr
               : local.magazines.loaded[number].exchange(nullptr, std::memory_order_relaxed);
}

/// Puts the objects of a magazine (null: none) back, and gives it and an empty slab back. How many frames
/// that were.
std::size_t ObjectCache::settle(Magazine* magazine) {
    std::size_t released = 0;
    {
        const sync::SpinlockGuard guard{lock_};
        for (std::uint32_t i = 0; magazine != nullptr && i < magazine->rounds.load(std::memory_order_relaxed);
             ++i) {
            put(magazine->objects[i]);
        }
        if (magazine != nullptr) {
            magazine->rounds.store(0, std::memory_order_relaxed);
        }
        if (empty_ != nullptr) {
            release(*std::exchange(empty_, nullptr));
            released = std::size_t{1} << order_;
        }
    }
    if (magazine != nullptr) {
        magazine_cache.free(magazine);
    }
    return released;
}

std::uint64_t ObjectCache::live() const {
    // Relaxed throughout: a figure, exact while nobody allocates.
    std::uint64_t count = out_.load(std::memory_order_relaxed);
    const std::uint32_t number = number_.load(std::memory_order_relaxed);
    for (std::uint32_t id = 0; id < CpuId::limit; ++id) {
        const Magazine* const magazine =
            cpu::local(CpuId{id}).magazines.loaded[number].load(std::memory_order_relaxed);
        count -= magazine == nullptr ? 0 : magazine->rounds.load(std::memory_order_relaxed);
    }
    return count;
}

void* ObjectCache::object_at(Slab& slab, std::uint32_t index) const {
    return reinterpret_cast<std::byte*>(&slab) + first_object() + std::size_t{index} * stride_;
}

/// Bound to the address, so that a copied object does not pass for another.
std::uint64_t ObjectCache::mark_for(const void* object, std::uint64_t kind) {
    return kind ^ VirtAddr::of(object).value;
}

std::uint64_t& ObjectCache::mark_of(void* object) const {
    const std::size_t body = align_up<std::size_t>(layout_.size, sizeof(std::uint64_t));
    return *reinterpret_cast<std::uint64_t*>(static_cast<std::byte*>(object) + body);
}

void ObjectCache::mark_free(void* object) const {
    if constexpr (config::assertions) {
        mark_of(object) = mark_for(object, free_mark);
        if (layout_.construct == nullptr) {
            std::memset(object, std::to_integer<int>(free_pattern), layout_.size);
        }
    }
}

void ObjectCache::check_and_own(void* object) const {
    if constexpr (config::assertions) {
        if (mark_of(object) != mark_for(object, free_mark)) {
            panic("{}: written behind the end of {} while free", name(), object);
        }
        const auto* const bytes = static_cast<const std::byte*>(object);
        if (layout_.construct == nullptr &&
            !std::all_of(bytes, bytes + layout_.size, [](std::byte byte) { return byte == free_pattern; })) {
            panic("{}: {} written after it was freed", name(), object);
        }
        mark_of(object) = mark_for(object, owned_mark);
    }
}

void ObjectCache::check_and_disown(void* object) const {
    if constexpr (config::assertions) {
        check_is_ours(object);
        if (mark_of(object) == mark_for(object, free_mark)) {
            panic("{}: {} freed twice", name(), object);
        }
        if (mark_of(object) != mark_for(object, owned_mark)) {
            panic("{}: written behind the end of {}", name(), object);
        }
        mark_free(object);
    }
}

void ObjectCache::check_is_ours(void* object) const {
    const VirtAddr address = VirtAddr::of(object);
    const Frame frame = Frame::containing(to_physical(address));
    if (!frames().buddy().has_info(frame) ||
        frames().info(frame).get() != FrameWord{FrameState::slab, order_} || &of(object, order_) != this) {
        panic("{}: {} freed, which is not from this cache", name(), object);
    }
    const auto block = static_cast<std::uint64_t>(block_size(order_));
    const std::uint64_t offset = (address.value & (block - 1)) - first_object();
    if (offset % stride_ != 0 || offset / stride_ >= capacity_) {
        panic("{}: {} freed, which is inside an object", name(), object);
    }
}

} // namespace heddle::core::memory
