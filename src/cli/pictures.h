#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/answer.h"
#include "io/dataset.h"

// The pictures that a command line names. One file by its own name is a single picture, about which a command says what
// it always said; everything else are several: more than one word, a folder, a tar, a folder of IDX files.
namespace weightroom::cli {

class Pictures {
 public:
  // A sentence where a lone word leads to no pictures. `split`: of sets, the one that is taken, whose pictures then lie
  // in class folders; empty: all pictures there are.
  [[nodiscard]] static Result<Pictures> open(const std::vector<std::string>& words, const std::string& split);

  [[nodiscard]] bool several() const { return several_; }
  [[nodiscard]] std::size_t count() const { return places_.size(); }
  // As typed, or of a set the path in it, behind the set's own name where there are several words.
  [[nodiscard]] const std::string& name(std::size_t i) const { return places_[i].name; }
  // Where in a folder a file about it goes, but for its ending: of a file that was typed its last name. A sentence
  // where two would go to one place.
  [[nodiscard]] const std::string& place(std::size_t i) const { return places_[i].place; }
  [[nodiscard]] Status check_places() const;
  // Of an IDX set: light on dark already.
  [[nodiscard]] bool native(std::size_t i) const { return places_[i].set != nullptr && places_[i].set->native; }
  // Read when asked for and not kept. The sentence of an error begins with the name.
  [[nodiscard]] Result<io::Image> picture(std::size_t i) const;

  // Does it for one after another. Of several an error is said on stderr and the next one follows; at the end an error
  // counts them.
  [[nodiscard]] Status each(const std::function<Status(std::size_t i, const io::Image& picture)>& what) const;

 private:
  struct Place {
    std::string name{};
    std::string place{};
    std::shared_ptr<const io::LabelledSet> set{};  // null: a file
    io::SetItem item{};
    std::optional<Error> error{};  // a word that leads to no pictures
  };
  Status add_set(const std::string& word, const std::string& split, bool alone);

  std::vector<Place> places_;
  bool several_ = false;
};

// JSON objects on standard output: a single one as it is, several as a list with a line for each.
class JsonRows {
 public:
  explicit JsonRows(bool several) : several_(several) {}
  void add(Json json);
  void close() const;

 private:
  bool several_;
  bool any_ = false;
};

}  // namespace weightroom::cli
