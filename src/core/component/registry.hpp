// SPDX-License-Identifier: BSD-2-Clause
// Puts components together: chooses a provider for each interface, orders by need, starts, and stops in
// reverse.
#pragma once

#include "core/boot/boot_info.hpp"
#include "core/boot/command_line.hpp"
#include "core/component/component.hpp"
#include "lib/fixed_vector.hpp"
#include "lib/format.hpp"

namespace heddle::core::component {

/// The components linked into this image.
std::span<const Component> linked_components();

/// One composition of components. The image has one; tests make their own.
///
/// Which component serves an interface that several offer is said by `<interface>=<component>` on the command
/// line, else by the build (meson option `composition`). A component all of whose interfaces are served by
/// others is left out. Boot thread only; nothing here allocates.
class Registry {
  public:
    static constexpr std::size_t capacity = 64;

    /// `defaults` is the build's composition, of the same form as the command line.
    Registry(std::span<const Component> components, const boot::BootInfo& boot_info,
             const boot::CommandLine& command_line, const boot::CommandLine& defaults)
        : components_{components}
        , boot_info_{boot_info}
        , command_line_{command_line}
        , defaults_{defaults} {}

    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    /// Chooses and orders. On an error `problem` has the reason with the whole chain: a missing provider
    /// (not_found), two providers and no choice, or a choice that does not exist (invalid_argument), a cycle
    /// (deadlock), too many components (out_of_range). Nothing has been started.
    Result<void> compose(Writer& problem);

    /// Starts in order. When one fails, `problem` says which and why, and those before it have been stopped
    /// again.
    Result<void> start(Writer& problem);

    /// Stops what was started, last first. A second call does nothing.
    void stop();

    /// The chosen components in the order of their start.
    std::span<const Component* const> order() const { return order_.span(); }

    /// Whether `component` (of order()) has been started.
    bool started(const Component& component) const;

    /// The chosen provider of `interface`, or null.
    const Component* provider(const Interface& interface) const;

    /// The object that serves `T`. For whoever owns the registry (boot, tests); panics when nothing serves
    /// `T`.
    template <class T>
    T& get() const {
        return *static_cast<T*>(object(interface_of<T>));
    }

    /// The composition as a Graphviz digraph: an edge from each component to the provider of what it needs.
    void write_graph(Writer& writer) const;

  private:
    friend class Wiring;

    struct Served {
        const Interface* interface;
        const Component* component;
        void* object; ///< null until the component handed it over
    };

    Result<void> choose_providers(Writer& problem);
    Result<const Component*> choose(const Interface& interface, std::span<const Component* const> candidates,
                                    Writer& problem) const;
    Result<void> order_from(const Component& root, Writer& problem);
    void* object(const Interface& interface) const;
    bool chosen(const Component& component) const;
    Served* served(const Interface& interface);
    const Served* served(const Interface& interface) const;

    std::span<const Component> components_;
    const boot::BootInfo& boot_info_;
    const boot::CommandLine& command_line_;
    const boot::CommandLine& defaults_;
    FixedVector<const Component*, capacity> applicable_; ///< by name
    FixedVector<Served, capacity> served_;
    FixedVector<const Component*, capacity> order_;
    std::size_t started_ = 0;
};

} // namespace heddle::core::component
