// SPDX-License-Identifier: BSD-2-Clause
// The choice of the image's address, and its mapping there. Runs at the nominal address, where no relocation
// is needed; the machine's entry code then jumps, and the image relocates itself (boot/relocate.cpp of each
// machine).
#include "core/boot/image_slide.hpp"

#include "core/boot/command_line.hpp"
#include "core/boot/description.hpp"
#include "core/machine/machine.hpp"
#include "core/memory/image.hpp"
#include "core/memory/layout.hpp"
#include "lib/bits.hpp"
#include "machine/page_table.hpp"

#include <array>

namespace heddle::core::boot {
namespace {

using machine::PageTable;
using memory::image_alignment;
using memory::image_base;

HEDDLE_OPTION(nokaslr_option){"nokaslr", "the image and the arena lie where they were linked, for debugging"};

struct alignas(page_size) Table {
    std::array<PageTable::Entry, 512> entries;
};

/// The image is smaller than a GiB, so it touches two tables of each of the two levels at most.
constinit std::array<Table, 4> spare_tables{};

std::uint64_t image_size() {
    return static_cast<std::uint64_t>(heddle_image_end - heddle_image_start);
}

class EarlyTables {
  public:
    explicit EarlyTables(PhysAddr image)
        : image_{image} {}

    /// The entry for the 2 MiB at `address`; tables above it are made where there are none.
    PageTable::Entry& entry(VirtAddr address) {
        constexpr unsigned large_level = 1;
        PhysAddr table = PageTable::active_root();
        for (unsigned level = PageTable::levels - 1;; --level) {
            auto& entry = memory::to_virtual(table)
                              .as<PageTable::Entry>()[(address.value >> (page_shift + 9 * level)) % 512];
            if (level == large_level) {
                return entry;
            }
            if (!PageTable::present(entry)) {
                entry = PageTable::table_entry(next_table());
            }
            table = PageTable::address(entry);
        }
    }

  private:
    PhysAddr next_table() {
        return image_ + (VirtAddr::of(&spare_tables[used_++]) - memory::image_text().begin);
    }

    PhysAddr image_;
    std::size_t used_ = 0;
};

bool is_wanted(std::string_view command_line) {
    bool wanted = true;
    CommandLine{command_line}.for_each([&](const Assignment& assignment) {
        if (assignment.key == "nokaslr") {
            wanted = assignment.has_value && assignment.value == "0";
        }
    });
    return wanted;
}

} // namespace

std::uint64_t image_slide(std::uint64_t random, std::uint64_t size) {
    const std::uint64_t taken = align_up(size, image_alignment) + 2 * image_alignment;
    const std::uint64_t places = (memory::image_region_size - taken) / image_alignment + 1;
    const VirtAddr place = memory::image_region + image_alignment * (1 + random % places);
    return place.value - image_base.value;
}

std::uint64_t choose_image_slide(BootInfo& boot_info) {
    for (const DescriptionSource& source : description_sources()) {
        if (source.describe_early != nullptr && source.present(boot_info)) {
            source.describe_early(boot_info);
        }
    }
    machine::stir(boot_info.seed);
    boot_info.seed = 0;
    boot_info.random_layout = is_wanted(boot_info.command_line);
    return boot_info.random_layout ? image_slide(machine::random(), image_size()) : 0;
}

void map_image_at_slide(const BootInfo& boot_info, std::uint64_t slide) {
    EarlyTables tables{boot_info.kernel_base};
    for (std::uint64_t offset = 0; offset < image_size(); offset += image_alignment) {
        const VirtAddr linked = image_base + offset;
        tables.entry(linked + slide) = tables.entry(linked);
    }
    PageTable::publish();
}

std::uint64_t current_slide() {
    return memory::image_text().begin.value - image_base.value;
}

} // namespace heddle::core::boot
