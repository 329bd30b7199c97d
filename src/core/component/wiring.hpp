// SPDX-License-Identifier: BSD-2-Clause
// What a starting component sees of the others: the interfaces that it named, and nothing else.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/component/component.hpp"

namespace heddle::core::boot {
class CommandLine;
}

namespace heddle::core::component {

class Registry;

/// Handed to Component::start (and `applicable`); valid during the call only. Boot thread, may allocate.
class Wiring {
  public:
    Wiring(Registry& registry, const Component& component)
        : registry_{registry}
        , component_{component} {}

    /// The provider of `T`. Panics when the component did not name `T` in `needs`.
    template <class T>
    T& get() const {
        return *static_cast<T*>(resolve(interface_of<T>));
    }

    /// Serves `T` by `object`, which must live until the component has stopped. Panics when not named in
    /// `provides`.
    template <class T>
    void provide(T& object) {
        serve(interface_of<T>, &object);
    }

    const boot::BootInfo& boot_info() const;
    const boot::CommandLine& command_line() const;

  private:
    void* resolve(const Interface& interface) const;
    void serve(const Interface& interface, void* object);

    Registry& registry_;
    const Component& component_;
};

} // namespace heddle::core::component
