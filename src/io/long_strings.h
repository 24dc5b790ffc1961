#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weightroom::io {

// The long strings of a JSON text, read in stretches and in slices: a parser reads every byte by itself, and of a
// header that lists a hundred thousand names nearly all is one string. They are taken out of the text, "" left in their
// place, and given to who parses the rest. One with an escape like \u00e9, or that is no UTF-8, stays in: the parser
// knows what to do.
class LongStrings {
 public:
  explicit LongStrings(std::string_view text);  // must stay

  bool step();  // a part of the text; true once all of it has been looked at
  // At the end.
  [[nodiscard]] std::string_view rest() const { return taken_.empty() ? text_ : rest_; }
  // Where a place in the rest lies in the text.
  [[nodiscard]] std::size_t place(std::size_t in_rest) const;
  // Called for each string of the rest in order, names of fields and values alike: puts back what was taken out.
  void restore(std::string& string);

 private:
  struct Taken {
    std::size_t index = 0;    // among the strings of the text
    std::size_t in_rest = 0;  // where its closing quote stands there
    std::size_t length = 0;   // in the text
    std::string value;
  };

  void pass(std::size_t bytes);
  void pass_escape();
  void end_string();
  void finish();

  std::string_view text_;
  std::string rest_;
  std::vector<Taken> taken_;
  std::size_t at_ = 0;      // in text_
  std::size_t copied_ = 0;  // of text_ to rest_
  std::size_t index_ = 0;   // of the string at at_, or the next
  bool in_string_ = false;
  std::size_t begin_ = 0;     // of the string, behind its quote
  bool plain_ = true;         // it can be taken out, as far as it is known
  std::string value_;         // what it says as far as it is known
  std::size_t passed_ = 0;    // strings that restore() has seen
  std::size_t restored_ = 0;  // of taken_
};

}  // namespace weightroom::io
