// SPDX-License-Identifier: BSD-2-Clause
// Composition: a depth-first walk along needs, with its own stack so that a chain can be told when it breaks.
#include "core/component/registry.hpp"

#include "core/component/wiring.hpp"
#include "core/panic.hpp"

#include <algorithm>

namespace heddle::core::component {
namespace {

bool contains(const auto& range, const auto& value) {
    return std::ranges::find(range, value) != std::ranges::end(range);
}

bool provides(const Component& component, const Interface& interface) {
    return contains(component.provides, &interface);
}

template <class List>
void write_names(Writer& writer, const List& components, std::string_view separator) {
    std::string_view before;
    for (const Component* component : components) {
        format_to(writer, "{}{}", before, component->name);
        before = separator;
    }
}

} // namespace

const Registry::Served* Registry::served(const Interface& interface) const {
    const auto* found = std::ranges::find(served_, &interface, &Served::interface);
    return found == served_.end() ? nullptr : found;
}

Registry::Served* Registry::served(const Interface& interface) {
    return const_cast<Served*>(std::as_const(*this).served(interface)); // NOLINT: this object is not const
}

const Component* Registry::provider(const Interface& interface) const {
    const Served* found = served(interface);
    return found == nullptr ? nullptr : found->component;
}

void* Registry::object(const Interface& interface) const {
    const Served* entry = served(interface);
    if (entry == nullptr || entry->object == nullptr) {
        panic("nothing serves {} now", interface.name);
    }
    return entry->object;
}

bool Registry::chosen(const Component& component) const {
    return component.provides.empty() || std::ranges::any_of(component.provides, [&](const Interface* i) {
               return provider(*i) == &component;
           });
}

bool Registry::started(const Component& component) const {
    const auto begun = order_.span().first(started_);
    return contains(begun, &component);
}

Result<const Component*> Registry::choose(const Interface& interface,
                                          std::span<const Component* const> candidates,
                                          Writer& problem) const {
    auto wanted = command_line_.value(interface.name);
    if (!wanted) {
        wanted = defaults_.value(interface.name);
    }
    if (wanted) {
        const auto found = std::ranges::find(candidates, *wanted, &Component::name);
        if (found != candidates.end()) {
            return *found;
        }
        format_to(problem, "{}={}: no such component here; there is: ", interface.name, *wanted);
        write_names(problem, candidates, ", ");
        return fail(Error::invalid_argument);
    }
    if (candidates.size() == 1) {
        return candidates.front();
    }
    format_to(problem, "two providers of {}: ", interface.name);
    write_names(problem, candidates, ", ");
    format_to(problem, "; choose one with {}=NAME", interface.name);
    return fail(Error::invalid_argument);
}

Result<void> Registry::choose_providers(Writer& problem) {
    for (const Component* component : applicable_) {
        for (const Interface* interface : component->provides) {
            if (served(*interface) != nullptr) {
                continue;
            }
            FixedVector<const Component*, capacity> candidates;
            for (const Component* other : applicable_) {
                if (provides(*other, *interface)) {
                    TRY(candidates.push_back(other));
                }
            }
            const Component* winner = TRY(choose(*interface, candidates.span(), problem));
            if (!served_.push_back({interface, winner, nullptr})) {
                format_to(problem, "more than {} interfaces", capacity);
                return fail(Error::out_of_range);
            }
        }
    }
    return {};
}

/// Adds `root` and all that it needs to the order, providers first.
Result<void> Registry::order_from(const Component& root, Writer& problem) {
    struct Step {
        const Component* component;
        std::size_t next_need;
    };

    if (contains(order_, &root)) {
        return {};
    }
    FixedVector<Step, capacity> chain;
    const auto write_chain = [&](std::size_t from) {
        for (std::size_t i = from; i < chain.size(); ++i) {
            format_to(problem, "{} -> ", chain[i].component->name);
        }
    };
    TRY(chain.push_back({&root, 0}));
    while (!chain.empty()) {
        Step& step = chain[chain.size() - 1];
        if (step.next_need == step.component->needs.size()) {
            TRY(order_.push_back(step.component));
            chain.erase(chain.size() - 1);
            continue;
        }
        const Interface& need = *step.component->needs[step.next_need++];
        const Component* next = provider(need);
        if (next == nullptr) {
            format_to(problem, "no provider of {}: ", need.name);
            write_chain(0);
            problem.write(need.name);
            return fail(Error::not_found);
        }
        const auto* repeated = std::ranges::find(chain, next, &Step::component);
        if (repeated != chain.end()) {
            problem.write("components need each other: ");
            write_chain(static_cast<std::size_t>(repeated - chain.begin()));
            problem.write(next->name);
            return fail(Error::deadlock);
        }
        if (!contains(order_, next)) {
            TRY(chain.push_back({next, 0}));
        }
    }
    return {};
}

Result<void> Registry::compose(Writer& problem) {
    for (const Component& component : components_) {
        const Wiring wiring{*this, component};
        if (component.applicable != nullptr && !component.applicable(wiring)) {
            continue;
        }
        if (!applicable_.push_back(&component)) {
            format_to(problem, "more than {} components", capacity);
            return fail(Error::out_of_range);
        }
    }
    // By name, so that the order of start does not hang on the order of linking.
    std::ranges::sort(applicable_, {}, &Component::name);
    TRY(choose_providers(problem));
    for (const Component* component : applicable_) {
        if (chosen(*component)) {
            TRY(order_from(*component, problem));
        }
    }
    return {};
}

Result<void> Registry::start(Writer& problem) {
    for (const Component* component : order_.span().subspan(started_)) {
        Wiring wiring{*this, *component};
        if (auto result = component->start(wiring); !result) {
            format_to(problem, "component {} did not start: {}", component->name, result.error());
            stop();
            return result;
        }
        ++started_;
        for (const Interface* interface : component->provides) {
            const Served* entry = served(*interface);
            if (entry->component == component && entry->object == nullptr) {
                panic("component {} started without providing {}", component->name, interface->name);
            }
        }
    }
    return {};
}

void Registry::stop() {
    while (started_ > 0) {
        const Component& component = *order_[--started_];
        if (component.stop != nullptr) {
            component.stop();
        }
        for (Served& entry : served_) {
            if (entry.component == &component) {
                entry.object = nullptr;
            }
        }
    }
}

void Registry::write_graph(Writer& writer) const {
    writer.write("digraph heddle {\n    rankdir=BT;\n    node [shape=box];\n");
    for (const Component* component : order_) {
        format_to(writer, "    \"{}\";\n", component->name);
        for (const Interface* need : component->needs) {
            format_to(writer, "    \"{}\" -> \"{}\" [label=\"{}\"];\n", component->name,
                      provider(*need)->name, need->name);
        }
    }
    writer.write("}\n");
}

const boot::BootInfo& Wiring::boot_info() const {
    return registry_.boot_info_;
}

const boot::CommandLine& Wiring::command_line() const {
    return registry_.command_line_;
}

void* Wiring::resolve(const Interface& interface) const {
    if (!contains(component_.needs, &interface)) {
        panic("component {} reached for {}, which it does not name in its needs", component_.name,
              interface.name);
    }
    return registry_.object(interface);
}

void Wiring::serve(const Interface& interface, void* object) {
    if (!provides(component_, interface)) {
        panic("component {} offered {}, which it does not name in its provides", component_.name,
              interface.name);
    }
    // An interface of a component that was chosen for another of its interfaces only is not wired.
    if (Registry::Served* entry = registry_.served(interface); entry->component == &component_) {
        entry->object = object;
    }
}

} // namespace heddle::core::component
