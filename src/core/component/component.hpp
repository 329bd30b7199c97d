// SPDX-License-Identifier: BSD-2-Clause
// What a component is: a constant descriptor that says what it provides, what it needs, how it starts and
// stops.
#pragma once

#include "lib/result.hpp"

#include <array>
#include <span>
#include <string_view>

namespace heddle::core::component {

/// One interface's identity. Interfaces are C++ types that name themselves: `static constexpr
/// std::string_view interface_name`.
struct Interface {
    std::string_view name;
};

/// The identity of interface `T`: the same object wherever it is asked for.
template <class T>
inline constexpr Interface interface_of{T::interface_name};

/// A constant list of interfaces, for `provides` and `needs`: `.needs = interfaces<Clock,
/// InterruptController>`.
template <class... T>
inline constexpr std::array<const Interface*, sizeof...(T)> interfaces{&interface_of<T>...};

class Wiring;

/// A component's descriptor. `constinit const`, in the linker section `.components` (see HEDDLE_COMPONENT).
struct Component {
    std::string_view name;
    /// Interfaces it serves once started. Several components may offer the same one; the composition takes
    /// one of them.
    std::span<const Interface* const> provides;
    /// Interfaces that must be served before it starts, and until it has stopped.
    std::span<const Interface* const> needs;
    /// Whether it can work on this machine (GICv2 or v3, COM port or PL011): asked once, before composing.
    /// Null: always.
    bool (*applicable)(const Wiring&) = nullptr;
    /// Starts it: takes what it needs from `wiring`, hands over what it provides. An error stops the boot, by
    /// name.
    Result<void> (*start)(Wiring& wiring);
    /// Undoes start. Null: nothing to undo.
    void (*stop)() = nullptr;
};

} // namespace heddle::core::component

/// Registers a component: `HEDDLE_COMPONENT(rtc){.name = "rtc", …};`
#define HEDDLE_COMPONENT(identifier)                                                                         \
    [[gnu::section(".components"), gnu::used,                                                                \
      gnu::retain]] constinit const ::heddle::core::component::Component identifier
