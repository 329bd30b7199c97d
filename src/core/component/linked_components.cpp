// SPDX-License-Identifier: BSD-2-Clause
// The components that the linker gathered.
#include "core/component/registry.hpp"

extern "C" {
extern const heddle::core::component::Component heddle_components_start[];
extern const heddle::core::component::Component heddle_components_end[];
}

namespace heddle::core::component {

std::span<const Component> linked_components() {
    return {heddle_components_start, heddle_components_end};
}

} // namespace heddle::core::component
