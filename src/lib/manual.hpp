// SPDX-License-Identifier: BSD-2-Clause
// Room for an object that is made by hand, later: for globals of types without a constexpr constructor. Never
// destroyed by itself.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace heddle {

/// Storage of one `T`, itself constant-initialised and trivially destructible. Use before construct() or
/// after destroy() is the caller's mistake.
template <class T>
class Manual {
  public:
    constexpr Manual() = default;
    Manual(const Manual&) = delete;
    Manual& operator=(const Manual&) = delete;

    template <class... Arguments>
    T& construct(Arguments&&... arguments) {
        return *::new (static_cast<void*>(storage_)) T(std::forward<Arguments>(arguments)...);
    }

    void destroy() { std::destroy_at(&**this); }

    T& operator*() { return *std::launder(reinterpret_cast<T*>(storage_)); }

    const T& operator*() const { return *std::launder(reinterpret_cast<const T*>(storage_)); }

    T* operator->() { return &**this; }

    const T* operator->() const { return &**this; }

  private:
    alignas(T) std::byte storage_[sizeof(T)]{};
};

} // namespace heddle
