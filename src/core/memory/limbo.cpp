// SPDX-License-Identifier: BSD-2-Clause
// Limbo on the frames' records. The word decides who has a frame; the list, linked through the records, only
// lets the reaper find them, and the word says whether a frame is in it: in `limbo` and `reclaimed` it is, in
// `allocated` it is not.
//
//     allocated ── retire, and into the list ──> limbo ── reap: every CPU has passed the stamp ──> allocated,
//     freed
//                                                │  ^
//                                      reinstate │  │ retire again, with a new stamp
//                                                v  │
//     allocated <── reap: out of the list ── reclaimed
//
// Every arrow that two could take is a compare-and-swap of the whole word. So taking a frame back costs no
// lock and no walk.
//
// An owner (left) and the reaper (right):
//
//     A clears the entry
//     B stamp = retire()        (release)
//     C word = {limbo, stamp}   (release)      F w = word, limbo?                       (acquire)
//     D reads the word, same owner?            G has every CPU passed w's stamp?
//     E swaps it: reclaimed                    H swaps w: allocated; frees
//
// One of E and H fails, because each names the word that it has read. If the owner has gone through E, maps
// the frame again, and retires it anew between F and H, H fails too: the stamp is another. With B before A a
// CPU could pass the stamp and translate after that; so B is after A, and C after B.
#include "core/memory/limbo.hpp"

#include "core/panic.hpp"
#include "core/sync/spinlock.hpp"
#include "core/test_hooks/sync_point.hpp"
#include "machine/cpu.hpp"

#include <utility>

namespace heddle::core::memory {
namespace {

constexpr std::uint64_t allocated_word = FrameWord{FrameState::allocated, 0}.encode();
constexpr std::uint64_t reclaimed_word = FrameWord{FrameState::reclaimed, 0}.encode();

constinit counters::LiveCounter level{"limbo frames"};

/// Frames that were retired since the reaper last looked, the latest first; 0 none. Linked by
/// FrameInfo::next.
constinit std::atomic<std::uint32_t> newcomers{0};

void push(Frame frame) {
    const auto number = static_cast<std::uint32_t>(frame.value);
    FrameInfo& info = frames().info(frame);
    std::uint32_t first = newcomers.load(std::memory_order_relaxed);
    do {
        info.next = first;
        // Release: pairs with the acquire in Reaper::admit().
    } while (!newcomers.compare_exchange_weak(first, number, std::memory_order_release,
                                              std::memory_order_relaxed));
}

/// The frames in the order in which they were first retired.
class Reaper {
  public:
    std::size_t reap(std::size_t limit) UNCHECKED_LOCKING {
        const sync::SpinlockAttempt attempt{lock_};
        return attempt.taken() ? reap_locked(limit) : 0;
    }

  private:
    enum class Verdict : std::uint8_t { waits, dropped, freed };

    std::size_t reap_locked(std::size_t limit) REQUIRES(lock_) {
        admit();
        const cpu::Stamp until = cpu::passed_until();
        std::size_t count = 0;
        while (first_ != 0 && count < limit) {
            const Frame frame{first_};
            // Before the verdict: then the record is not ours any more.
            const std::uint32_t next = frames().info(frame).next;
            const Verdict verdict = judge(frame, until);
            if (verdict == Verdict::waits) {
                break; // the others were retired later, or will have to be looked at later
            }
            first_ = next;
            if (verdict == Verdict::freed) {
                frames().free(frame);
                level.decrement();
                ++count;
            }
        }
        return count;
    }

    /// Moves the newcomers behind the others.
    void admit() REQUIRES(lock_) {
        // Acquire: pairs with the release in push().
        std::uint32_t latest_first = newcomers.exchange(0, std::memory_order_acquire);
        if (latest_first == 0) {
            return;
        }
        const std::uint32_t last = latest_first;
        std::uint32_t list = 0;
        while (latest_first != 0) {
            const std::uint32_t next = std::exchange(frames().info(Frame{latest_first}).next, list);
            list = std::exchange(latest_first, next);
        }
        if (first_ == 0) {
            first_ = list;
        } else {
            frames().info(Frame{last_}).next = list;
        }
        last_ = last;
    }

    static Verdict judge(Frame frame, cpu::Stamp until) {
        std::atomic<std::uint64_t>& word = frames().info(frame).word;
        // Acquire: pairs with the release in retire_frame().
        std::uint64_t found = word.load(std::memory_order_acquire);
        for (;;) {
            const bool limbo = LimboWord::state(found) == FrameState::limbo;
            if (limbo && LimboWord::stamp(found, cpu::newest_stamp()) > until) {
                return Verdict::waits;
            }
            test_hooks::sync_point("limbo: judged");
            // Release: pairs with the acquire in retire_frame(), which may then link the record. Acquire: as
            // the load.
            if (word.compare_exchange_strong(found, allocated_word, std::memory_order_acq_rel,
                                             std::memory_order_acquire)) {
                return limbo ? Verdict::freed : Verdict::dropped;
            }
        }
    }

    sync::Spinlock lock_{sync::Rank::limbo};
    std::uint32_t first_ GUARDED_BY(lock_) = 0;
    std::uint32_t last_ GUARDED_BY(lock_) = 0;
};

constinit Reaper reaper;

} // namespace

void retire_frame(Frame frame, LimboOwner owner) {
    HEDDLE_ASSERT(!machine::interrupts_enabled());
    HEDDLE_ASSERT(owner.owner < LimboWord::owner_limit && owner.unit < LimboWord::unit_limit);
    std::atomic<std::uint64_t>& word = frames().info(frame).word;
    const std::uint64_t retired = LimboWord::encode(owner, cpu::retire());
    level.increment();
    std::uint64_t found = reclaimed_word;
    // Release: pairs with the acquire in judge() and reinstate_frame(). Acquire, when the reaper has taken it
    // out of the list: pairs with the release there.
    if (word.compare_exchange_strong(found, retired, std::memory_order_release, std::memory_order_acquire)) {
        return;
    }
    if (found != allocated_word) {
        panic("limbo: frame {:#x} cannot be retired, its word is {:#x}", frame.value, found);
    }
    word.store(retired, std::memory_order_release); // as above
    push(frame);
}

bool reinstate_frame(Frame frame, LimboOwner owner) {
    HEDDLE_ASSERT(!machine::interrupts_enabled());
    std::atomic<std::uint64_t>& word = frames().info(frame).word;
    // Acquire: pairs with the release in retire_frame().
    std::uint64_t found = word.load(std::memory_order_acquire);
    if (LimboWord::state(found) != FrameState::limbo || LimboWord::owner(found) != owner) {
        return false;
    }
    test_hooks::sync_point("limbo: about to reinstate");
    // Relaxed: the frame goes on being its owner's, nothing is handed over; failing, the reaper had it.
    if (!word.compare_exchange_strong(found, reclaimed_word, std::memory_order_relaxed,
                                      std::memory_order_relaxed)) {
        return false;
    }
    level.decrement();
    return true;
}

std::size_t reap_limbo(std::size_t limit) {
    return limbo_level() != 0 ? reaper.reap(limit) : 0;
}

bool limbo_ready() {
    return limbo_level() != 0 && cpu::passed(cpu::newest_stamp());
}

std::uint64_t limbo_level() {
    return level.live();
}

counters::Counter& limbo_counter() {
    return level;
}

} // namespace heddle::core::memory
