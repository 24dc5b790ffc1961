"""ONNX files: one small net for each op that is read, in the writings of several opsets, and damaged ones."""
import pathlib

import numpy
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


def tensor(name, values, kind=numpy.float32):
    return numpy_helper.from_array(numpy.array(values, dtype=kind), name)


def ramp(name, *shape):
    count = int(numpy.prod(shape))
    return numpy_helper.from_array(((numpy.arange(count) % 7 - 3) / 4).astype(numpy.float32).reshape(shape), name)


def ints(name, *values):
    return tensor(name, list(values), numpy.int64)


def model(nodes, weights, opset=13, shape=(1, 3, 4, 4), output="y", ir=7, **more):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", FLOAT, list(shape))],
                              [helper.make_tensor_value_info(output, FLOAT, None)], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir, producer_name="seeds")
    for key, value in more.items():
        helper.set_model_props(made, {key: value})
    return made.SerializeToString(deterministic=True)


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs, [output] if isinstance(output, str) else output, **attributes)


def head(size, source="h"):
    """Flatten and a linear layer behind the thing under test."""
    return [node("Flatten", [source], "flat"), node("Gemm", ["flat", "W", "B"], "y", transB=1)], [ramp("W", 2, size), ramp("B", 2)]


def one(op, flat=48, inputs=("x",), weights=(), opset=13, before=(), outputs="h", **attributes):
    nodes, tensors = head(flat)
    return model([*before, node(op, list(inputs), outputs, **attributes), *nodes], [*weights, *tensors], opset)


def unary():
    for op in ("Relu", "Sigmoid", "Tanh", "Erf", "Neg", "Reciprocal", "Sqrt", "Identity", "Softplus"):
        yield op.lower(), one(op)
    yield "hard_swish", one("HardSwish", opset=14)
    yield "leaky_relu", one("LeakyRelu", alpha=0.2)
    yield "hard_sigmoid", one("HardSigmoid", alpha=0.1666, beta=0.5)
    yield "gelu_20", one("Gelu", opset=20, approximate="tanh")
    yield "clip_7", one("Clip", opset=7, min=0.0, max=6.0)
    yield "clip_13", one("Clip", inputs=("x", "lo", "hi"), weights=[ramp("lo"), tensor("hi", 6.0)])
    yield "clip_open", one("Clip", inputs=("x", "", "hi"), weights=[tensor("hi", 1.0)])
    yield "pow", one("Pow", inputs=("x", "p"), weights=[tensor("p", 2.0)])
    yield "cast", one("Cast", to=FLOAT)
    yield "dropout_7", one("Dropout", opset=7, ratio=0.5)
    yield "dropout_13", one("Dropout", inputs=("x", "r"), weights=[tensor("r", 0.5)], outputs=["h", "mask"])
    yield "softmax_11", one("Softmax", opset=11, axis=1)
    yield "softmax_13", one("Softmax", axis=-1)


def binary():
    for op in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
        yield op.lower(), one(op, inputs=("x", "c"), weights=[ramp("c", 3, 1, 1)])
        yield op.lower() + "_nets", one(op, inputs=("a", "x"), before=[node("Relu", ["x"], "a")])
    yield "sum_three", one("Sum", inputs=("x", "a", "a"), before=[node("Relu", ["x"], "a")])
    yield "add_from_left", one("Add", inputs=("c", "x"), weights=[ramp("c", 1)])
    yield "matmul_left", one("MatMul", inputs=("c", "x"), weights=[ramp("c", 4, 4)])


def layers():
    yield "conv", one("Conv", 32, ("x", "k", "b"), [ramp("k", 2, 3, 3, 3), ramp("b", 2)], pads=[1, 1, 1, 1])
    yield "conv_same", one("Conv", 8, ("x", "k"), [ramp("k", 2, 3, 3, 3)], auto_pad="SAME_UPPER", strides=[2, 2])
    yield "conv_same_lower", one("Conv", 8, ("x", "k"), [ramp("k", 2, 3, 3, 3)], auto_pad="SAME_LOWER", strides=[2, 2])
    yield "conv_valid", one("Conv", 8, ("x", "k"), [ramp("k", 2, 3, 3, 3)], auto_pad="VALID", kernel_shape=[3, 3])
    yield "conv_uneven_pads", one("Conv", 18, ("x", "k"), [ramp("k", 2, 3, 2, 2)], pads=[0, 0, 0, 0], dilations=[1, 1])
    yield "conv_pads_one_side", one("Conv", 32, ("x", "k"), [ramp("k", 2, 3, 2, 2)], pads=[0, 0, 1, 1])
    yield "conv_grouped", one("Conv", 48, ("x", "k"), [ramp("k", 3, 1, 1, 1)], group=3)
    yield "conv_dilated", one("Conv", 8, ("x", "k"), [ramp("k", 2, 3, 2, 2)], dilations=[2, 2])
    yield "max_pool", one("MaxPool", 12, kernel_shape=[2, 2], strides=[2, 2])
    yield "max_pool_ceil", one("MaxPool", 12, opset=12, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    yield "max_pool_indices", one("MaxPool", 12, kernel_shape=[2, 2], strides=[2, 2], outputs=["h", "at"])
    yield "average_pool", one("AveragePool", 12, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
    yield "global_average", one("GlobalAveragePool", 3)
    yield "global_max", one("GlobalMaxPool", 3)
    yield "norm", one("BatchNormalization", 48, ("x", "s", "b", "m", "v"),
                      [ramp("s", 3), ramp("b", 3), ramp("m", 3), tensor("v", [1, 2, 3])], epsilon=0.01)
    yield "norm_7_training", one("BatchNormalization", 48, ("x", "s", "b", "m", "v"),
                                 [ramp("s", 3), ramp("b", 3), ramp("m", 3), tensor("v", [1, 2, 3])], opset=7, momentum=0.9)
    yield "norm_negative", one("BatchNormalization", 48, ("x", "s", "b", "m", "v"),
                               [ramp("s", 3), ramp("b", 3), ramp("m", 3), tensor("v", [-1, 2, 3])])
    yield "conv_norm", one("BatchNormalization", 32, ("k0", "s", "b", "m", "v"),
                           [ramp("k", 2, 3, 1, 1), ramp("s", 2), ramp("b", 2), ramp("m", 2), tensor("v", [1, 2])],
                           before=[node("Conv", ["x", "k"], "k0")])
    yield "layer_norm", one("LayerNormalization", 48, ("x", "s"), [ramp("s", 4)], opset=17, axis=-1)
    yield "lrn", one("LRN", 48, size=3, alpha=0.0002, beta=0.5, bias=2.0)
    yield "matmul", model([node("Flatten", ["x"], "f"), node("MatMul", ["f", "W"], "m"), node("Add", ["m", "B"], "y")],
                          [ramp("W", 48, 2), ramp("B", 2)])
    yield "gemm_plain", model([node("Flatten", ["x"], "f"), node("Gemm", ["f", "W"], "y", alpha=0.5)], [ramp("W", 48, 2)])


def layout():
    yield "reshape", one("Reshape", 48, ("x", "s"), [ints("s", 0, -1)])
    yield "reshape_7", one("Reshape", 48, ("x", "s"), [ints("s", 1, 4, 12)], opset=7)
    yield "reshape_shape_of", model(
        [node("Shape", ["x"], "sh"), node("Gather", ["sh", "zero"], "n", axis=0), node("Unsqueeze", ["n", "at"], "n1"),
         node("Concat", ["n1", "rest"], "s", axis=0), node("Reshape", ["x", "s"], "h"), *head(48)[0]],
        [tensor("zero", 0, numpy.int64), ints("at", 0), ints("rest", -1), *head(48)[1]])
    yield "squeeze_11", one("Squeeze", 3, ("a",), before=[node("GlobalAveragePool", ["x"], "a")], opset=11, axes=[2, 3])
    yield "squeeze_13", one("Squeeze", 3, ("a", "s"), [ints("s", 2, 3)], before=[node("GlobalAveragePool", ["x"], "a")])
    yield "unsqueeze", one("Unsqueeze", 48, ("x", "s"), [ints("s", 2)])
    yield "transpose", one("Transpose", perm=[0, 2, 3, 1])
    yield "concat", one("Concat", 96, ("x", "x"), axis=1)
    yield "slice_9", one("Slice", 16, opset=9, starts=[0], ends=[1], axes=[1])
    yield "slice_13", one("Slice", 24, ("x", "b", "e", "a", "t"),
                          [ints("b", -4), ints("e", 9223372036854775807), ints("a", 2), ints("t", 2)])
    yield "slice_backwards", one("Slice", 48, ("x", "b", "e", "a", "t"), [ints("b", -1), ints("e", -99), ints("a", 2), ints("t", -1)])
    yield "split", one("Split", 16, ("x", "s"), [ints("s", 1, 2)], outputs=["h", "other"], axis=1)
    yield "split_11", one("Split", 16, opset=11, outputs=["h", "other"], axis=1, split=[1, 2])
    yield "gather", one("Gather", 16, ("x", "i"), [tensor("i", 1, numpy.int64)], axis=1)
    yield "gather_list", one("Gather", 32, ("x", "i"), [ints("i", 1, 0)], axis=1)
    yield "pad_7", one("Pad", 108, opset=7, mode="constant", pads=[0, 0, 1, 1, 0, 0, 1, 1], value=0.5)
    yield "pad_13", one("Pad", 108, ("x", "p"), [ints("p", 0, 0, 1, 1, 0, 0, 1, 1)], mode="reflect")
    yield "reduce_mean_13", one("ReduceMean", 3, axes=[2, 3], keepdims=0)
    yield "reduce_mean_18", one("ReduceMean", 3, ("x", "a"), [ints("a", -1, -2)], opset=18)
    yield "flatten_axis", one("Flatten", axis=0)
    yield "constant", model([node("Constant", [], "c", value=ramp("v", 3, 1, 1)), node("Mul", ["x", "c"], "h"), *head(48)[0]], head(48)[1])
    yield "constant_floats", model([node("Constant", [], "c", value_float=2.0), node("Mul", ["x", "c"], "h"), *head(48)[0]], head(48)[1])
    yield "constant_of_shape", model([node("ConstantOfShape", ["s"], "c", value=tensor("v", [1.0])), node("Add", ["x", "c"], "h"), *head(48)[0]],
                                     [ints("s", 1, 3, 4, 4), *head(48)[1]])
    yield "range_expand", model([node("Range", ["b", "e", "t"], "r"), node("Expand", ["r", "s"], "c"), node("Add", ["x", "c"], "h"), *head(48)[0]],
                                [tensor("b", 0.0), tensor("e", 4.0), tensor("t", 1.0), ints("s", 1, 3, 4, 4), *head(48)[1]])


def more():
    for op in ("Elu", "Selu", "Softplus", "LogSoftmax"):
        yield op.lower() + "_more", one(op)
    yield "mish", one("Mish", opset=18)
    yield "prelu", one("PRelu", inputs=("x", "s"), weights=[ramp("s", 3, 1, 1)])
    yield "cast_whole", one("Cast", inputs=("i",), before=[node("Cast", ["x"], "i", to=TensorProto.INT32)], to=FLOAT)
    yield "dropout_training", one("Dropout", inputs=("x", "r", "t"), weights=[tensor("r", 0.5), tensor("t", True, numpy.bool_)])
    yield "reduce_max", one("ReduceMax", 16, axes=[1], keepdims=1)
    yield "reduce_sum", one("ReduceSum", 3, ("x", "a"), [ints("a", 2, 3)], keepdims=0)
    yield "instance_norm", one("InstanceNormalization", 48, ("x", "s", "b"), [ramp("s", 3), ramp("b", 3)])
    yield "group_norm_21", one("GroupNormalization", 48, ("x", "s", "b"), [ramp("s", 3), ramp("b", 3)], opset=21, num_groups=3)
    yield "group_norm_18", one("GroupNormalization", 48, ("x", "s", "b"), [ramp("s", 1), ramp("b", 1)], opset=18, num_groups=1)
    yield "resize_scales", one("Resize", 192, ("x", "", "s"), [tensor("s", [1, 1, 2, 2])], mode="linear")
    yield "resize_sizes", one("Resize", 105, ("x", "", "", "s"), [ints("s", 1, 3, 5, 7)], mode="nearest", nearest_mode="floor",
                              coordinate_transformation_mode="asymmetric")
    yield "upsample_9", one("Upsample", 192, ("x", "s"), [tensor("s", [1, 1, 2, 2])], opset=9)
    yield "upsample_7", one("Upsample", 192, opset=7, scales=[1.0, 1.0, 2.0, 2.0])
    yield "concat_constant", one("Concat", 64, ("c", "x"), [ramp("c", 1, 1, 4, 4)], axis=1)
    yield "expand", one("Expand", 48, ("a", "s"), [ints("s", 1, 3, 4, 4)], before=[node("GlobalAveragePool", ["x"], "a")])
    yield "pad_channels", one("Pad", 96, ("x", "p"), [ints("p", 0, 1, 0, 0, 0, 2, 0, 0)])
    yield "average_one_side", one("AveragePool", 12, kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
    yield "max_lowest", one("MaxPool", 12, ("b",), [ints("p", 0, 0, 1, 1, 0, 0, 1, 1), tensor("v", -numpy.inf)],
                            before=[node("Pad", ["x", "p", "v"], "b")], kernel_shape=[3, 3], strides=[2, 2])
    scale, zero = tensor("s", 0.1), tensor("z", 3, numpy.int8)
    yield "quantised", model([node("QuantizeLinear", ["x", "s", "z"], "q"), node("DequantizeLinear", ["q", "s", "z"], "d"),
                              node("DequantizeLinear", ["kq", "s", "z"], "k"), node("Conv", ["d", "k"], "h"), *head(32)[0]],
                             [scale, zero, tensor("kq", numpy.arange(6).reshape(2, 3, 1, 1), numpy.int8), *head(32)[1]])
    yield "quantised_weights", model([node("QuantizeLinear", ["kf", "s", "z"], "kq"), node("DequantizeLinear", ["kq", "s", "z"], "k"),
                                      node("Conv", ["x", "k"], "h"), *head(32)[0]], [scale, zero, ramp("kf", 2, 3, 1, 1), *head(32)[1]])
    yes = helper.make_graph([node("Relu", ["x"], "t")], "yes", [], [helper.make_tensor_value_info("t", FLOAT, None)])
    no = helper.make_graph([node("Neg", ["x"], "f")], "no", [], [helper.make_tensor_value_info("f", FLOAT, None)])
    yield "if", model([node("If", ["c"], "h", then_branch=yes, else_branch=no), *head(48)[0]], [tensor("c", True, numpy.bool_), *head(48)[1]])
    yield "reduce_prod", model([node("Shape", ["x"], "sh"), node("Slice", ["sh", "one", "far"], "rest"),
                                node("ReduceProd", ["rest"], "all", keepdims=1), node("Concat", ["minus", "all"], "s", axis=0),
                                node("Reshape", ["x", "s"], "h"), *head(48)[0]],
                               [ints("one", 1), ints("far", 9), ints("minus", -1), *head(48)[1]])
    nodes, weights = head(48, "x")
    for offset, length in ((0, 384), (8, 384), (0, 4), (-1, 384), (1 << 60, 384)):
        far = helper.make_tensor("W", FLOAT, [2, 48], [0.5] * 96)
        far.ClearField("float_data")
        far.data_location = TensorProto.EXTERNAL
        for key, value in (("location", "data"), ("offset", offset), ("length", length)):
            entry = far.external_data.add()
            entry.key, entry.value = key, str(value)
        yield f"beside_{offset}_{length}", model(nodes, [far, weights[1]])
    yield "string_words", model(nodes, [*weights, helper.make_tensor("classes", TensorProto.STRING, [2], [b"a", b"b"])])
    yield "batch_8", one("Reshape", 48, ("x", "s"), [ints("s", 8, -1)])


def whole():
    """Files rather than ops: types of tensors, shapes left open, metadata, damage."""
    nodes, weights = head(48, "x")
    plain = model(nodes, weights)
    yield "plain", plain
    yield "opset_7", model(nodes, weights, 7)
    yield "opset_21", model(nodes, weights, 21, ir=10)
    yield "opset_99", model(nodes, weights, 99)
    yield "metadata", model(nodes, weights, labels='["a","b"]', mean="[0.5,0.5,0.5]")
    yield "open_batch", model(nodes, weights, shape=("N", 3, 4, 4))
    yield "open_extents", model([node("GlobalAveragePool", ["x"], "h"), *head(3)[0]], head(3)[1], shape=("N", 3, "H", "W"))
    yield "three_axes", model(nodes, weights, shape=(3, 4, 4))
    yield "two_axes", model(head(9, "x")[0], head(9)[1], shape=(1, 9))
    yield "channels_last", model([node("Transpose", ["x"], "h", perm=[0, 3, 1, 2]), *head(48)[0]], head(48)[1], shape=(1, 4, 4, 3))
    for kind, name in ((numpy.float16, "half"), (numpy.float64, "double"), (numpy.int8, "int8"), (numpy.bool_, "bool")):
        yield f"weights_{name}", model(nodes, [numpy_helper.from_array(numpy.ones((2, 48), kind), "W"), weights[1]])
    yield "weights_listed", model(nodes, [helper.make_tensor("W", FLOAT, [2, 48], [0.5] * 96), weights[1]])
    far = helper.make_tensor("W", FLOAT, [2, 48], [0.5] * 96)
    far.ClearField("float_data")
    far.data_location = TensorProto.EXTERNAL
    entry = far.external_data.add()
    entry.key, entry.value = "location", "weights.bin"
    yield "weights_elsewhere", model(nodes, [far, weights[1]])
    yield "weights_short", model(nodes, [_short(), weights[1]])
    yield "weights_missing", model(nodes, weights[1:])
    yield "unknown_op", one("LSTM")
    yield "unknown_domain", model([helper.make_node("Relu", ["x"], ["h"], domain="com.example"), *head(48)[0]], head(48)[1])
    yield "loop", model([node("Relu", ["b"], "a"), node("Relu", ["a"], "b"), node("Add", ["x", "b"], "h"), *head(48)[0]], head(48)[1])
    yield "no_output", model(nodes, weights, output="z")
    yield "no_nodes", model([], [])
    yield "unused", model([node("Relu", ["x"], "unused"), *nodes], weights)
    yield "softmax_end", model([*nodes[:1], node("Gemm", ["flat", "W", "B"], "l", transB=1), node("Softmax", ["l"], "y", axis=1)], weights)
    yield "cut", plain[:len(plain) // 2]
    yield "cut_late", plain[:-3]
    yield "goes_on", plain + b"\xff"
    yield "varint_long", b"\x08" + b"\xff" * 11
    yield "length_huge", b"\x3a\xff\xff\xff\xff\x0f"
    yield "field_unknown", b"\xfa\x7f\x02hi" + plain
    yield "no_graph", b"\x08\x07"
    yield "words", b"no model at all"
    yield "empty", b""


def _short():
    made = ramp("W", 2, 48)
    made.raw_data = made.raw_data[:100]
    return made


def seeds():
    golden = pathlib.Path(__file__).parents[2] / "golden" / "onnx"
    nets = ("attention_13", "bends_17", "inception_10", "modern20_20", "old_9", "shuffle_11", "values_13", "vgg_7")
    out = {f"net_{name}.onnx": (golden / f"{name}.onnx").read_bytes() for name in nets}
    for group in (unary, binary, layers, layout, more, whole):
        for name, data in group():
            out[f"{group.__name__}_{name}.onnx"] = data
    return out
