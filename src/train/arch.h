#pragma once

#include <string_view>

#include "nn/graph.h"

namespace weightroom::train {

// A net written on one line: layers in data order, parted by ';' or '|', each a word and its numbers.
//   conv C [k=3] [s=1] [p=same] [d=1] [g=1]   conv2d without bias, batch_norm, relu: conv1, bn1, relu1, conv2, ...;
//                                             with a=0 the relu is left out (max_pool before relu is the same function
//                                             and cheaper: "conv 16 a=0; pool; relu")
//   relu                                      relu, numbered after the last conv
//   pool [K=2] [s=K]                          max_pool: pool1, ...
//   avgpool [K=2] [s=K]                       avg_pool: avgpool1, ...
//   gap                                       global_avg_pool
//   flatten                                   done before fc where it is left out
//   fc [N=classes]                            linear; one before the last is followed by relu
// "conv 16; pool; conv 32; pool; gap; fc". The last layer must answer `classes` classes. Refuses by a sentence that
// names the layer.
[[nodiscard]] Result<nn::GraphSpec> parse_architecture(std::string_view text, const nn::Shape& input, int classes);

}  // namespace weightroom::train
