// SPDX-License-Identifier: BSD-2-Clause
// Boost.Intrusive, wrapped once: the hooks and containers that the kernel uses, with the options that it
// wants.
#pragma once

#include "lib/config.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/rbtree.hpp>
#include <boost/intrusive/slist.hpp>

namespace heddle {

/// Test images check that a linked object is not linked again and that no linked object dies; release images
/// trust it.
inline constexpr auto hook_mode =
    config::assertions ? boost::intrusive::safe_link : boost::intrusive::normal_link;

/// A place in one doubly linked list. A member of the object; the list never owns the object.
using ListHook = boost::intrusive::list_member_hook<boost::intrusive::link_mode<hook_mode>>;

/// A doubly linked list of `T` through its member `Hook`. Constant time but for size(), which it does not
/// have.
template <class T, ListHook T::* Hook>
using List = boost::intrusive::list<T, boost::intrusive::member_hook<T, ListHook, Hook>,
                                    boost::intrusive::constant_time_size<false>>;

/// A place in one singly linked list.
using StackHook = boost::intrusive::slist_member_hook<boost::intrusive::link_mode<hook_mode>>;

/// A singly linked list of `T`, last in, first out.
template <class T, StackHook T::* Hook>
using Stack = boost::intrusive::slist<T, boost::intrusive::member_hook<T, StackHook, Hook>,
                                      boost::intrusive::constant_time_size<false>>;

/// A place in one ordered tree.
using TreeHook = boost::intrusive::set_member_hook<boost::intrusive::link_mode<hook_mode>>;

/// A red-black tree of `T`, ordered by `Less`, equal keys allowed and kept in the order of insertion.
template <class T, TreeHook T::* Hook, class Less>
using Tree =
    boost::intrusive::rbtree<T, boost::intrusive::member_hook<T, TreeHook, Hook>,
                             boost::intrusive::compare<Less>, boost::intrusive::constant_time_size<false>>;

} // namespace heddle
