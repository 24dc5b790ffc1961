// follow_links: what the links of a tar archive lead to.
#include <algorithm>
#include <utility>

#include <strings/tar.h>

#include "base/sort.h"
#include "io/tar.h"

namespace weightroom::io {
namespace {

// Besides one for each link: an archive of a megabyte, all links to folders, could ask for more.
constexpr std::size_t kMostLinked = 100'000;
constexpr int kMostRounds = 16;  // a link to a link to a link ...

bool is_below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path[folder.size()] == '/' && path.starts_with(folder);
}

class Follower {
 public:
  Follower(std::vector<TarEntry>& entries, std::vector<TarLink> links)
      : entries_(entries), links_(std::move(links)), before_(entries.size() + links_.size()) {
    base::sort(links_, {}, &TarLink::path);
  }

  Status follow() {
    // One to a folder that it lies in would go round and round.
    for (TarLink& link : links_) {
      if (is_below(link.path, link.target)) lose(link);
    }
    std::erase_if(links_, [](const TarLink& link) { return link.path.empty(); });
    for (int round = 0; round < kMostRounds && !links_.empty(); ++round) {
      sort_entries();
      std::vector<TarLink> left;
      for (TarLink& link : links_) {
        const auto followed = add(link);
        if (!followed) return std::unexpected(followed.error());
        if (!*followed) left.push_back(link);
      }
      const bool stuck = left.size() == links_.size();
      links_ = std::move(left);
      if (stuck) break;
    }
    for (TarLink& link : links_) lose(link);
    return {};
  }

 private:
  void lose(TarLink& link) { entries_.push_back({std::exchange(link.path, {}), {}, TarEntry::What::lost_link}); }

  void sort_entries() {
    order_.resize(entries_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<std::uint32_t>(i);
    base::sort(order_, {}, [this](std::uint32_t i) { return std::string_view(entries_[i].path); });
  }

  // False where it must wait for other links, or leads nowhere. What it adds is not seen before the next round.
  Result<bool> add(const TarLink& link) {
    if (link.target.empty()) return false;
    const auto path_of = [this](std::uint32_t i) { return std::string_view(entries_[i].path); };
    auto at = std::ranges::lower_bound(order_, std::string_view(link.target), {}, path_of);
    if (at != order_.end() && path_of(*at) == link.target) {
      entries_.push_back({link.path, entries_[*at].bytes, entries_[*at].what});
      return check();
    }
    const std::string inside = link.target + "/";
    // A folder with a link in it, this one itself perhaps, is not all there yet.
    const auto other = std::ranges::lower_bound(links_, inside, {}, &TarLink::path);
    if (other != links_.end() && is_below(other->path, link.target)) return false;
    at = std::ranges::lower_bound(order_, std::string_view(inside), {}, path_of);
    bool found = false;
    for (; at != order_.end() && is_below(path_of(*at), link.target); ++at) {
      const std::uint32_t from = *at;
      std::string path = link.path + entries_[from].path.substr(link.target.size());
      entries_.push_back({std::move(path), entries_[from].bytes, entries_[from].what});
      if (auto ok = check(); !ok) return ok;
      found = true;
    }
    return found;
  }

  Result<bool> check() const {
    if (entries_.size() > before_ + kMostLinked) return fail(text::tar_many_links, {{"n", kMostLinked}});
    return true;
  }

  std::vector<TarEntry>& entries_;
  std::vector<TarLink> links_;  // not followed yet, by their paths
  std::vector<std::uint32_t> order_;
  std::size_t before_;  // entries, each link counted as one
};

}  // namespace

Status follow_links(std::vector<TarEntry>& entries, std::vector<TarLink> links) {
  if (links.empty()) return {};
  return Follower(entries, std::move(links)).follow();
}

}  // namespace weightroom::io
