#!/usr/bin/env python3
"""Small random nets as ONNX files, for two programs to be compared on: random_nets.py FOLDER SEED COUNT

Writes NUMBER.onnx and NUMBER.f32, a picture's numbers for it. Needs Debian's python3-onnx and python3-numpy; the same
seed gives the same nets.
"""
import pathlib
import random
import sys

import numpy
from onnx import TensorProto, helper, numpy_helper


class Net:
    """A net under construction: the name and shape (C,H,W) of what was computed last."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.numbers = numpy.random.default_rng(seed)
        self.opset = self.rng.choice([9, 11, 12, 13, 15, 17, 18, 20, 21, 22])
        self.nodes, self.tensors, self.count = [], [], 0
        self.shape = (self.rng.choice([1, 3]), self.rng.randint(6, 13), self.rng.randint(6, 13))
        self.input_shape, self.at = self.shape, "x"
        self.earlier = []

    def constant(self, values, kind=numpy.float32):
        name = f"c{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(numpy.asarray(values, dtype=kind), name))
        return name

    def ints(self, *values):
        return self.constant(list(values), numpy.int64)

    def random(self, *shape, scale=1.0):
        return self.constant(self.numbers.normal(0, scale, shape))

    def node(self, op, *inputs, shape=None, **attributes):
        self.count += 1
        out = f"v{self.count}"
        name = f"n{self.count}" if self.rng.random() < 0.7 else ""  # some exporters name none
        self.nodes.append(helper.make_node(op, [self.at, *inputs] if op not in ("Constant",) else [], [out], name, **attributes))
        self.earlier.append((self.at, self.shape))
        self.at = out
        if shape is not None:
            self.shape = shape
        return out

    def finish(self):
        c, h, w = self.shape
        self.node("Flatten")
        classes = self.rng.randint(2, 6)
        self.node("Gemm", self.random(classes, c * h * w, scale=0.3), self.random(classes), transB=1)
        graph = helper.make_graph(self.nodes, "random", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, *self.input_shape])],
                                  [helper.make_tensor_value_info(self.at, TensorProto.FLOAT, [1, classes])], self.tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        return model.SerializeToString(deterministic=True)


def out_extent(size, kernel, stride, before, after, dilation=1, ceil=False):
    room = size + before + after - dilation * (kernel - 1) - 1
    out = (room + (stride - 1 if ceil else 0)) // stride + 1
    return out - 1 if ceil and (out - 1) * stride >= size + before else out


def conv(net):
    c, h, w = net.shape
    groups = net.rng.choice([g for g in (1, 1, 1, 2, 3, c) if c % g == 0])
    out = groups * net.rng.randint(1, 4)
    k = [net.rng.choice([1, 2, 3]) for _ in range(2)]
    s = [net.rng.choice([1, 1, 2]) for _ in range(2)]
    more = {}
    if net.rng.random() < 0.3:
        more["auto_pad"] = net.rng.choice(["SAME_UPPER", "SAME_LOWER"])
        size = [-(-e // t) for e, t in zip((h, w), s)]
    else:
        d = [net.rng.choice([1, 1, 2]) for _ in range(2)]
        pads = [net.rng.randint(0, 2) for _ in range(4)]
        size = [out_extent(e, k[i], s[i], pads[i], pads[i + 2], d[i]) for i, e in enumerate((h, w))]
        more.update(pads=pads, dilations=d)
    if min(size) < 1:
        return
    weights = [net.random(out, c // groups, *k, scale=0.5)]
    if net.rng.random() < 0.5:
        weights.append(net.random(out))
    if net.rng.random() < 0.5:
        more["kernel_shape"] = k
    net.node("Conv", *weights, shape=(out, *size), strides=s, group=groups, **more)
    if len(weights) == 1 and net.rng.random() < 0.5:  # a bias by itself, which others may read the layer beside
        layer = net.at
        if net.rng.random() < 0.5:
            net.node("Identity")
        net.node("Add", net.random(out, 1, 1))
        if net.rng.random() < 0.4:
            net.node("Mul", layer)


def norm(net):
    c = net.shape[0]
    if net.rng.random() < 0.5:
        variance = net.constant(net.numbers.uniform(0.5, 2, c))
        net.node("BatchNormalization", net.random(c), net.random(c), net.random(c), variance, epsilon=net.rng.choice([1e-5, 1e-3]))
    elif net.opset >= 21 and net.rng.random() < 0.5:
        net.node("GroupNormalization", net.random(c), net.random(c), num_groups=net.rng.choice([g for g in (1, 2, 3) if c % g == 0]), epsilon=0.01)
    elif net.shape[1] * net.shape[2] > 1:
        net.node("InstanceNormalization", net.random(c), net.random(c), epsilon=0.01)  # of values alike it makes noise large


def pool(net):
    c, h, w = net.shape
    op = net.rng.choice(["MaxPool", "AveragePool"])
    k = [net.rng.choice([2, 3]) for _ in range(2)]
    s = [net.rng.choice([1, 2]) for _ in range(2)]
    more = {"kernel_shape": k, "strides": s}
    if net.rng.random() < 0.3:
        more["auto_pad"] = net.rng.choice(["SAME_UPPER", "SAME_LOWER"])
        size = [-(-e // t) for e, t in zip((h, w), s)]
    else:
        pads = [net.rng.randint(0, kernel - 1) for kernel in (*k, *k)]
        ceil = net.opset >= 10 and net.rng.random() < 0.4
        size = [out_extent(e, k[i], s[i], pads[i], pads[i + 2], ceil=ceil) for i, e in enumerate((h, w))]
        more["pads"] = pads
        if ceil:
            more["ceil_mode"] = 1
    if min(size) < 1 or min(h, w) < 3:
        return
    if op == "AveragePool" and net.rng.random() < 0.5:
        more["count_include_pad"] = 1
    net.node(op, shape=(c, *size), **more)


def activation(net):
    rng, c = net.rng, net.shape[0]
    choices = ["Relu", "LeakyRelu", "Elu", "Selu", "Softplus", "Sigmoid", "Tanh", "HardSigmoid", "PRelu", "Clip", "Erf", "Abs2"]
    if net.opset >= 14:
        choices.append("HardSwish")
    if net.opset >= 18:
        choices.append("Mish")
    if net.opset >= 20:
        choices.append("Gelu")
    op = rng.choice(choices)
    if op == "PRelu":
        net.node(op, net.random(*rng.choice([(c, 1, 1), (1,), (1, c, 1, 1), (net.shape[2],)])))
    elif op == "Clip":
        if net.opset < 11:
            net.node(op, min=-0.5, max=2.0)
        else:
            net.node(op, net.constant(-0.5), net.constant(2.0))
    elif op == "Abs2":
        net.node("Mul", net.at)
    elif op in ("LeakyRelu", "Elu") and rng.random() < 0.5:
        net.node(op, alpha=rng.choice([0.1, 0.7]))
    else:
        net.node(op)


def resize(net):
    c, h, w = net.shape
    if h > 16 or w > 16:
        return
    if net.opset < 10:
        net.node("Upsample", net.constant([1, 1, 2, 2]), shape=(c, 2 * h, 2 * w), mode=net.rng.choice(["nearest", "linear"]))
        return
    if net.opset < 11:
        return
    more = {"mode": net.rng.choice(["nearest", "linear"])}
    more["coordinate_transformation_mode"] = net.rng.choice(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"])
    if more["mode"] == "nearest":
        more["nearest_mode"] = net.rng.choice(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])
    empty = net.constant([]) if net.opset < 13 else ""
    if net.rng.random() < 0.5:
        scales = [net.rng.choice([2.0, 1.5, 0.5, 3.0]) for _ in range(2)]
        size = [int(numpy.float32(s) * numpy.float32(e)) for s, e in zip(scales, (h, w))]
        if min(size) < 1:
            return
        net.node("Resize", empty, net.constant([1, 1, *scales]), shape=(c, *size), **more)
    else:
        size = [net.rng.randint(2, 15) for _ in range(2)]
        net.node("Resize", empty, empty, net.ints(1, c, *size), shape=(c, *size), **more)


def pad(net):
    c, h, w = net.shape
    mode = net.rng.choice(["constant", "constant", "edge", "reflect"])
    most = min(2, h - 1, w - 1)
    if most < 1:
        return
    sides = [net.rng.randint(0, most) for _ in range(4)]
    front = net.rng.choice([0, 0, 1, 2]) if mode == "constant" else 0
    pads = [0, front, sides[0], sides[1], 0, 0, sides[2], sides[3]]
    shape = (c + front, h + sides[0] + sides[2], w + sides[1] + sides[3])
    if net.opset < 11:
        net.node("Pad", shape=shape, pads=pads, mode=mode, value=0.25)
    else:
        net.node("Pad", net.ints(*pads), *([net.constant(0.25)] if mode == "constant" else []), shape=shape, mode=mode)


def take(net):
    c, h, w = net.shape
    if net.rng.random() < 0.4:
        places = [net.rng.randrange(-c, c) for _ in range(net.rng.randint(2, 5))]
        net.node("Gather", net.ints(*places), shape=(len(places), h, w), axis=1)
        return
    axis = net.rng.choice([1, 2, 3])
    extent = net.shape[axis - 1]
    step = net.rng.choice([1, 1, 2, -1, -2])
    if net.opset < 10:
        step = 1
    first, last = net.rng.randrange(extent), net.rng.randrange(extent)
    if step > 0:
        first, last = min(first, last), max(first, last) + 1
    else:
        first, last = max(first, last), min(first, last) - 1
    count = len(range(first, last, step))
    end = last if last >= 0 else -extent - 1
    shape = tuple(count if i == axis - 1 else e for i, e in enumerate(net.shape))
    if net.opset < 10:
        net.node("Slice", shape=shape, starts=[first], ends=[end], axes=[axis])
    else:
        net.node("Slice", net.ints(first), net.ints(end), net.ints(axis), net.ints(step), shape=shape)


def join(net):
    c, h, w = net.shape
    others = [at for at, shape in net.earlier if shape == net.shape]
    kind = net.rng.choice(["constant", "earlier", "sum", "turn"])
    if kind == "constant":
        net.node("Concat", net.random(1, 2, h, w), shape=(c + 2, h, w), axis=1)
    elif kind == "earlier" and others:
        net.node("Concat", net.rng.choice(others), shape=(2 * c, h, w), axis=net.rng.choice([1, -3]))
    elif kind == "sum" and others:
        net.node(net.rng.choice(["Add", "Sub", "Mul", "Max", "Min"]), net.rng.choice(others))
    else:
        net.node("Transpose", shape=(c, w, h), perm=[0, 1, 3, 2])


def reduce(net):
    c, h, w = net.shape
    op = net.rng.choice(["ReduceMean", "ReduceMax", "ReduceSum", "GlobalMaxPool", "GlobalAveragePool", "Softmax", "LogSoftmax"])
    if op.startswith("Global"):
        if net.rng.random() < 0.5:
            net.node(op, shape=(c, 1, 1))
            if net.opset >= 10:
                net.node("Expand", net.ints(1, c, 3, 2), shape=(c, 3, 2))
    elif op.endswith("oftmax"):
        net.node(op, axis=net.rng.choice([1, 2, 3] if net.opset >= 13 else [1, 2]))
    else:
        axis = net.rng.choice([1, 2, 3])
        shape = tuple(1 if i == axis - 1 else e for i, e in enumerate(net.shape))
        if net.opset >= (13 if op == "ReduceSum" else 18):
            net.node(op, net.ints(axis), shape=shape, keepdims=1)
        else:
            net.node(op, shape=shape, axes=[axis], keepdims=1)


def tokens(net):
    """Places as rows, as a transformer has them: the batch first or second, or put together with the heads."""
    c, h, w = net.shape
    count = h * w
    if count > 60 or count < 2 or c < 2:
        return
    net.node("Reshape", net.ints(1, c, -1))
    second = net.rng.random() < 0.6
    net.node("Transpose", perm=[2, 0, 1] if second else [0, 2, 1])
    heads = net.rng.randint(1, 3)
    width = heads * net.rng.randint(1, 3)
    if net.rng.random() < 0.5:
        net.node("Add", net.random(c))
    net.node("MatMul", net.random(c, width, scale=0.4))
    if net.rng.random() < 0.5:
        net.node("Add", net.random(*net.rng.choice([(width,), (1, 1, width), (count, 1, width) if second else (1, count, width)])))
    rows = net.at

    def of_heads(source, order):
        net.at = source
        if second:
            net.node("Reshape", net.ints(count, heads, width // heads))
            return net.node("Transpose", perm=order)
        net.node("Reshape", net.ints(0, count, heads, width // heads))
        return net.node("Transpose", perm=[0, *(axis + 1 for axis in order)])

    query = of_heads(rows, [1, 0, 2])
    key = of_heads(rows, [1, 2, 0])
    value = of_heads(rows, [1, 0, 2])
    net.at = query
    net.node("MatMul", key)
    net.node("Mul", net.constant(0.5))
    if net.opset >= 13:
        net.node("Softmax", axis=-1)
    net.node("MatMul", value)
    net.node("Transpose", perm=[1, 0, 2] if second else [0, 2, 1, 3])
    if second and net.rng.random() < 0.5:
        net.node("Reshape", net.ints(count, width))  # rows of all pictures
        net.node("Gemm", net.random(width, width, scale=0.4), net.random(width))
    net.node("Reshape", net.ints(*((count, 1, width) if second else (1, count, width))))
    net.node("Add", rows)
    net.node("Transpose", perm=[1, 2, 0] if second else [0, 2, 1])
    net.node("Reshape", net.ints(1, width, h, w), shape=(width, h, w))
    net.earlier.clear()


def whole(net):
    """Before anything that rounds: both programs cut off the same numbers."""
    net.node("Mul", net.constant(3.0))
    net.node("Cast", to=TensorProto.INT32)
    net.node("Cast", to=TensorProto.FLOAT)


def build(seed):
    net = Net(seed)
    if net.rng.random() < 0.1:
        whole(net)
    steps = [conv, conv, conv, norm, norm, pool, pool, activation, activation, activation, resize, pad, take, join, join, reduce, tokens]
    for _ in range(net.rng.randint(3, 9)):
        net.rng.choice(steps)(net)
        if numpy.prod(net.shape) > 6000:
            break
    return net.finish(), net.numbers.uniform(-2, 2, net.input_shape).astype(numpy.float32)


def main():
    folder, seed, count = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for i in range(count):
        model, picture = build(seed * 100_003 + i)
        (folder / f"{i}.onnx").write_bytes(model)
        (folder / f"{i}.f32").write_bytes(picture.tobytes())


if __name__ == "__main__":
    main()
