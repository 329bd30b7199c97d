// SPDX-License-Identifier: BSD-2-Clause
// Owners of heap objects: make<T>(…) and make_array<T>(n), given back by destructors. There is no operator
// new.
#pragma once

#include "core/memory/heap.hpp"

#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace heddle::core::memory {

/// Owns one heap object, or nothing once moved from. An Owner<Derived> becomes an Owner<Base> when Base's
/// destructor is virtual and its address the same (checked in test images by heap::free).
template <class T>
class Owner {
  public:
    Owner() = default;

    Owner(Owner&& other) noexcept
        : object_{other.release()} {}

    template <class Derived>
        requires std::is_convertible_v<Derived*, T*> &&
                 (!std::is_same_v<Derived, T>) && std::has_virtual_destructor_v<T>
    Owner(Owner<Derived>&& other) noexcept // NOLINT(google-explicit-constructor): as pointers convert
        : object_{other.release()} {}

    Owner& operator=(Owner&& other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }

    ~Owner() {
        if (object_ != nullptr) {
            std::destroy_at(object_);
            heap::free(const_cast<std::remove_cv_t<T>*>(object_));
        }
    }

    /// Takes over an object that lies in memory of heap::allocate().
    static Owner adopt(T* object) {
        Owner owner;
        owner.object_ = object;
        return owner;
    }

    /// Hands the object to the caller, who must adopt() it again.
    T* release() { return std::exchange(object_, nullptr); }

    T* get() const { return object_; }

    T& operator*() const { return *object_; }

    T* operator->() const { return object_; }

    explicit operator bool() const { return object_ != nullptr; }

  private:
    T* object_ = nullptr;
};

/// Owns `size()` heap objects in a row.
template <class T>
class Array {
  public:
    Array() = default;

    Array(Array&& other) noexcept
        : items_{std::exchange(other.items_, {})} {}

    Array& operator=(Array&& other) noexcept {
        std::swap(items_, other.items_);
        return *this;
    }

    ~Array() {
        std::destroy(items_.begin(), items_.end());
        heap::free(items_.data());
    }

    /// Takes over constructed objects that lie in memory of heap::allocate().
    static Array adopt(std::span<T> items) {
        Array array;
        array.items_ = items;
        return array;
    }

    std::span<T> span() const { return items_; }

    std::size_t size() const { return items_.size(); }

    T& operator[](std::size_t index) const { return items_[index]; }

    T* data() const { return items_.data(); }

    T* begin() const { return items_.data(); }

    T* end() const { return items_.data() + items_.size(); }

  private:
    std::span<T> items_;
};

/// A new `T{arguments…}` on the heap; Error::out_of_memory, and no constructor has run. For types whose
/// making can fail otherwise, give them a static create().
template <class T, class... Arguments>
Result<Owner<T>> make(Arguments&&... arguments) {
    void* const memory = TRY(heap::allocate(sizeof(T), alignof(T)));
    return Owner<T>::adopt(::new (memory) T(std::forward<Arguments>(arguments)...));
}

/// `count` value-initialised objects (zeros, for integers); Error::out_of_memory also when the size
/// overflows.
template <class T>
Result<Array<T>> make_array(std::size_t count) {
    constexpr std::size_t size =
        sizeof(T); // NOLINT(bugprone-sizeof-expression): an array of pointers is fine
    if (count > SIZE_MAX / size) {
        return fail(Error::out_of_memory);
    }
    T* const items = static_cast<T*>(TRY(heap::allocate(count * size, alignof(T))));
    std::uninitialized_value_construct_n(items, count);
    return Array<T>::adopt({items, count});
}

} // namespace heddle::core::memory
