#pragma once

#include <cstdint>
#include <string>

// The commands about classes of one's own (teach/project.h), and their JSON form in the comment. A class C is its name
// or its place, from 0 on; pictures have numbers, as state().teach lists them.
namespace weightroom::document::command {

// {"command":"add_class","name":"Cup"}; name may be absent
struct AddClass {
  std::string name{};
};
// {"command":"rename_class","class":C,"name":"Cup"}
struct RenameClass {
  std::string of_class;
  std::string name;
};
// {"command":"remove_class","class":C}: with its pictures
struct RemoveClass {
  std::string of_class;
};
// {"command":"move_picture","picture":7,"class":C}
struct MovePicture {
  std::uint64_t picture = 0;
  std::string to_class;
};
// {"command":"remove_picture","picture":7}
struct RemovePicture {
  std::uint64_t picture = 0;
};
// {"command":"open_taught","picture":7}: onto the bench
struct OpenTaught {
  std::uint64_t picture = 0;
};
// {"command":"learn"}: the open model, or what it was made of, becomes what the classes are taught on. Edits of weights
// end.
struct Learn {};
// {"command":"end_teaching"}: the network is what it was before; the classes and their pictures go
struct EndTeaching {};

}  // namespace weightroom::document::command
