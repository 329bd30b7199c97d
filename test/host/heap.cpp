// SPDX-License-Identifier: BSD-2-Clause
// The kernel's heap on the host: malloc, so that AddressSanitizer sees each allocation for itself.
#include "core/memory/heap.hpp"

#include <cstdlib>

namespace heddle::core::memory::heap {

Result<void*> allocate(std::size_t bytes, std::size_t) {
    void* memory = std::malloc(bytes);
    return memory != nullptr ? Result<void*>{memory} : fail(Error::out_of_memory);
}

void free(void* memory) {
    std::free(memory);
}

} // namespace heddle::core::memory::heap
