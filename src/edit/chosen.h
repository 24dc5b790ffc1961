#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "edit/operation.h"

namespace weightroom::edit {

// A part of a model: its weights in their order (runs_of), and what they are at the moment.
struct Part {
  const nn::Graph& graph;
  const Region& region;
  Weights& weights;
};

// Which weights of a part pictures chose (OperationDef::choose), written as short as possible. The forms:
//   bits     a bit for each weight of the part, the first the lowest of its byte: what `choose` gives, and the form of
//            histories saved before there were the others. It is read and never written.
//   runs     lengths of runs of weights, in turn not chosen and chosen, in Rice codes.
//   gaps     how many weights lie before each chosen one, in Rice codes.
//   weights  predicted from the weights themselves (chosen_coder.h): half of the bits of the other forms where small
//            weights go first. It is read only on the weights it was written for.
// As text: the form's name, ':' and base64 (without a name: bits). The bytes of the last three begin with the number of
// the part's weights, as a varint (LEB128).
class Chosen {
 public:
  enum class Form : std::uint8_t { nothing, bits, runs, gaps, weights };

  Chosen() = default;  // nothing was chosen
  Chosen(std::vector<std::uint8_t> bits, std::size_t count);

  [[nodiscard]] bool empty() const { return form_ == Form::nothing; }
  [[nodiscard]] Form form() const { return form_; }
  [[nodiscard]] std::size_t bytes() const { return data_.size(); }
  [[nodiscard]] bool operator==(const Chosen&) const = default;

  // Refuses what is no such text; an empty one is an empty choice. Whether it fits a part is seen in bits_of().
  [[nodiscard]] static Result<Chosen> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  // Bits as text() may write them need the number of weights, which a text without a form's name leaves out. What does
  // not fit so many is left as it is.
  void settle_count(std::size_t count);

  // The shortest of the forms, of a choice among this part's weights.
  [[nodiscard]] Chosen packed(const Part& part) const;
  // The bits; or a sentence, where they are of another part, of other weights, or broken.
  [[nodiscard]] Result<std::vector<std::uint8_t>> bits_of(const Part& part) const;

 private:
  Chosen(Form form, std::size_t count, std::vector<std::uint8_t> data)
      : form_(form), count_(count), data_(std::move(data)) {}
  [[nodiscard]] Chosen coded() const;

  Form form_ = Form::nothing;
  std::size_t count_ = 0;  // of the part's weights; 0: not said
  std::vector<std::uint8_t> data_;
};

}  // namespace weightroom::edit
