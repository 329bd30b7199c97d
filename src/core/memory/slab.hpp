// SPDX-License-Identifier: BSD-2-Clause
// Typed caches of objects: SlabCache makes and destroys them with each use, StableCache keeps them
// constructed.
#pragma once

#include "core/memory/object_cache.hpp"

#include <new>
#include <utility>

namespace heddle::core::memory {

/// A cache of `T`. Globals are `[[clang::no_destroy]] constinit SlabCache<T> things{"things"};`: the name is
/// the class's in the counters. Contexts: see ObjectCache.
template <class T>
class SlabCache {
  public:
    constexpr explicit SlabCache(std::string_view name)
        : cache_{name, {.size = sizeof(T), .alignment = alignof(T)}} {}

    /// A new `T{arguments…}`, to be given back with free(); Error::out_of_memory, and no constructor has run.
    template <class... Arguments>
    Result<T*> allocate(Arguments&&... arguments) {
        return ::new (TRY(cache_.allocate())) T(std::forward<Arguments>(arguments)...);
    }

    /// Destroys an object of this cache.
    void free(T* object) {
        object->~T();
        cache_.free(object);
    }

    std::uint64_t live() const { return cache_.live(); }

    ObjectCache& untyped() { return cache_; }

  private:
    ObjectCache cache_;
};

/// A cache whose memory is always a `T`: constructed when its slab is made, destroyed when the slab goes, so
/// that a stale pointer still meets a `T` as long as the slab stays (nothing but reclaim() and free() of a
/// slab's last object let it go). `T` is default-constructible, and neither its constructor nor its
/// destructor may allocate or wait.
template <class T>
class StableCache {
  public:
    constexpr explicit StableCache(std::string_view name)
        : cache_{name,
                 {.size = sizeof(T),
                  .alignment = alignof(T),
                  .construct = [](void* memory) { ::new (memory) T(); },
                  .destroy = [](void* object) { static_cast<T*>(object)->~T(); }}} {}

    /// A `T` as it was constructed or last given back; Error::out_of_memory.
    Result<T*> allocate() { return static_cast<T*>(TRY(cache_.allocate())); }

    /// Takes an object of this cache back as it is.
    void free(T* object) { cache_.free(object); }

    std::uint64_t live() const { return cache_.live(); }

    ObjectCache& untyped() { return cache_; }

  private:
    ObjectCache cache_;
};

} // namespace heddle::core::memory
