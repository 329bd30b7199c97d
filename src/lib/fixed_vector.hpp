// SPDX-License-Identifier: BSD-2-Clause
// A vector of bounded size with its storage inside: for boot data, where nothing can be allocated yet.
#pragma once

#include "lib/result.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <type_traits>

namespace heddle {

/// Up to `Capacity` values of trivially copyable `T`, in order.
template <class T, std::size_t Capacity>
    requires std::is_trivially_copyable_v<T>
class FixedVector {
  public:
    /// Adds at the end; Error::out_of_range when full, and nothing is changed.
    constexpr Result<void> push_back(const T& value) {
        if (size_ == Capacity) {
            return fail(Error::out_of_range);
        }
        items_[size_++] = value;
        return {};
    }

    /// Removes the element at `index` (below size()); the later ones move up.
    constexpr void erase(std::size_t index) {
        for (std::size_t i = index + 1; i < size_; ++i) {
            items_[i - 1] = items_[i];
        }
        --size_;
    }

    constexpr void clear() { size_ = 0; }

    constexpr std::size_t size() const { return size_; }

    constexpr bool empty() const { return size_ == 0; }

    static constexpr std::size_t capacity() { return Capacity; }

    constexpr T& operator[](std::size_t index) { return items_[index]; }

    constexpr const T& operator[](std::size_t index) const { return items_[index]; }

    constexpr T* begin() { return items_.data(); }

    constexpr T* end() { return items_.data() + size_; }

    constexpr const T* begin() const { return items_.data(); }

    constexpr const T* end() const { return items_.data() + size_; }

    constexpr std::span<const T> span() const { return {items_.data(), size_}; }

  private:
    std::array<T, Capacity> items_{};
    std::size_t size_ = 0;
};

} // namespace heddle
