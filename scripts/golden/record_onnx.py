#!/usr/bin/python3
"""Writes tests/golden/onnx/: small random classifiers as ONNX files of many opsets, and what PyTorch says of each.

Needs Debian's python3-torch (1.13), python3-torchvision and python3-onnx (1.12); the tests only read the files.
NAME_OPSET.onnx comes from PyTorch's exporter (opsets up to 17) or, for what that one cannot write, from onnx.helper;
NAME.safetensors holds `input` (1,C,H,W), `logits` (1,K) and `grad` (1,C,H,W), the gradient of the largest logit.

    scripts/golden/record_onnx.py [--output tests/golden/onnx] [--full]

--full writes SqueezeNet 1.1, ResNet-18, MobileNetV2 and others of full size as well (some 150 MB): for a look by hand.
"""
import argparse
import importlib
import json
import pathlib
import struct
import warnings

import onnx
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")
OUTPUT = None


def blocks(name):
    """The module of a family of nets; torchvision.models.NAME is a function where they share the name."""
    return importlib.import_module("torchvision.models." + name)


def write_safetensors(path, tensors):
    """Format: length of the header (8 bytes), header in JSON, then the values; little-endian."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        whole = tensor.dtype == torch.int64
        raw = tensor.detach().to(tensor.dtype if whole else torch.float32).contiguous().numpy().tobytes()
        header[name] = {"dtype": "I64" if whole else "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def randomize(net, seed):
    """Running statistics and norms that are nowhere 0 or 1: a net as trained, not as born."""
    g = torch.Generator().manual_seed(seed)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.copy_(torch.randn(module.running_mean.shape, generator=g) * 0.1)
            module.running_var.copy_(torch.rand(module.running_var.shape, generator=g) + 0.5)
            module.weight.data.copy_(torch.rand(module.weight.shape, generator=g) + 0.5)
            module.bias.data.copy_(torch.randn(module.bias.shape, generator=g) * 0.1)
        if isinstance(module, nn.LayerNorm):
            module.weight.data.copy_(torch.rand(module.weight.shape, generator=g) + 0.5)
            module.bias.data.copy_(torch.randn(module.bias.shape, generator=g) * 0.1)
    return net.eval()


def record(name, net, shape):
    """What PyTorch computes, in double."""
    g = torch.Generator().manual_seed(7)
    x = torch.rand((1, *shape), generator=g) * 2 - 1
    wide = net.double()
    x64 = x.double().requires_grad_()
    logits = wide(x64).flatten(1)
    logits[0, int(logits[0].argmax())].backward()
    write_safetensors(OUTPUT / f"{name}.safetensors", {"input": x, "logits": logits, "grad": x64.grad})
    net.float()
    return x


def strip(model):
    for node in model.graph.node:
        node.doc_string = ""
    return model


def export(name, net, shape, opsets):
    torch.manual_seed(1)
    net = randomize(net, 3)
    x = record(name, net, shape)
    for opset in opsets:
        path = OUTPUT / f"{name}_{opset}.onnx"
        torch.onnx.export(net, x, str(path), opset_version=opset, input_names=["input"], output_names=["logits"])
        onnx.save(strip(onnx.load(str(path))), str(path))
    print(name, opsets)


def record_weights(name, net, shape):
    """Other weights for the same net, as PyTorch saves them, and what it answers with those."""
    net = randomize(net, 13).double()
    x = torch.rand((1, *shape), generator=torch.Generator().manual_seed(17)) * 2 - 1
    with torch.no_grad():
        logits = net(x.double())
    write_safetensors(OUTPUT / f"{name}_weights.safetensors", dict(net.state_dict()))
    write_safetensors(OUTPUT / f"{name}_weights_logits.safetensors", {"input": x, "logits": logits})


# ---------------------------------------------------------------- nets for PyTorch's exporter


class Vgg(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1, bias=False),
                                      nn.BatchNorm2d(6), nn.ReLU(True), nn.MaxPool2d(2, 2),
                                      nn.Conv2d(6, 10, (3, 5), stride=(2, 1), padding=(1, 2)), nn.LeakyReLU(0.1),
                                      nn.AvgPool2d(3, 2, 1))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(10 * 2 * 4, 12), nn.Sigmoid(), nn.Linear(12, 5))

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        block = blocks("resnet").BasicBlock
        down = nn.Sequential(nn.Conv2d(6, 8, 1, 2, bias=False), nn.BatchNorm2d(8))
        self.stem = nn.Sequential(nn.Conv2d(3, 6, 7, 2, 3, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.layer1, self.layer2 = block(6, 6), block(6, 8, 2, down)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.layer2(self.layer1(self.stem(x)))
        x = F.adaptive_avg_pool2d(x, 1)
        return self.fc(x.view(x.shape[0], -1))


class Inverted(nn.Module):
    """MobileNetV2's block with ReLU6, V3's with squeeze and excitation and hard-swish."""

    def __init__(self):
        super().__init__()
        v2 = blocks("mobilenetv2").InvertedResidual
        v3 = blocks("mobilenetv3")
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU6(), v2(8, 8, 1, 2))
        norm = nn.BatchNorm2d
        self.block = v3.InvertedResidual(v3.InvertedResidualConfig(8, 5, 16, 8, True, "HS", 1, 1, 1.0), norm)
        self.head = nn.Sequential(nn.Conv2d(8, 12, 1), nn.Hardswish(), nn.AdaptiveAvgPool2d(1))
        self.fc = nn.Linear(12, 5)

    def forward(self, x):
        return self.fc(self.head(self.block(self.stem(x))).mean([2, 3]))


class Dense(nn.Module):
    def __init__(self):
        super().__init__()
        block = blocks("densenet")._DenseBlock
        self.stem = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.block = block(num_layers=3, num_input_features=6, bn_size=2, growth_rate=4, drop_rate=0.0)
        self.transition = blocks("densenet")._Transition(18, 8)
        self.norm = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = F.relu(self.norm(self.transition(self.block(self.stem(x)))))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, (1, 1)), 1))


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(),
                                  nn.MaxPool2d(3, 2, ceil_mode=True))
        self.block = blocks("googlenet").Inception(8, 4, 4, 6, 2, 4, 4)
        self.fc = nn.Linear(18, 5)

    def forward(self, x):
        x = self.block(self.stem(x))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class ConvNext(nn.Module):
    def __init__(self):
        super().__init__()
        convnext = blocks("convnext")
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 2, 2), convnext.LayerNorm2d(8, eps=1e-6))
        self.block = convnext.CNBlock(8, 0.5, 0.0)
        self.norm = nn.LayerNorm(8)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        return self.fc(self.norm(self.block(self.stem(x)).mean([-2, -1])))


class Squeeze(nn.Module):
    def __init__(self):
        super().__init__()
        fire = blocks("squeezenet").Fire
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(True), nn.MaxPool2d(3, 2, ceil_mode=True),
                                      fire(8, 4, 6, 6), nn.MaxPool2d(3, 2, ceil_mode=True), fire(12, 4, 6, 6))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(12, 5, 1), nn.ReLU(True), nn.AdaptiveAvgPool2d((1, 1)))

    def forward(self, x):
        return torch.flatten(self.classifier(self.features(x)), 1)


class Shuffle(nn.Module):
    def __init__(self):
        super().__init__()
        block = blocks("shufflenetv2").InvertedResidual
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.blocks = nn.Sequential(block(8, 12, 2), block(12, 12, 1))
        self.fc = nn.Linear(12, 5)

    def forward(self, x):
        return self.fc(self.blocks(F.pad(self.stem(x), (1, 0, 0, 1), value=0.25)).mean([2, 3]))


class Values(nn.Module):
    """Value by value: what the other nets leave out, with a learned scale and a constant beside it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 3, dilation=2, groups=1)
        self.scale = nn.Parameter(torch.linspace(0.5, 1.5, 6).reshape(6, 1, 1))
        self.fc = nn.Linear(3 * 8 * 9, 5)

    def forward(self, x):
        x = self.conv(F.pad(x, (2, 2, 2, 2), mode="reflect")) * self.scale
        x = torch.tanh(x) / 1.5 - torch.clamp(x, -0.25, 0.75) + F.hardsigmoid(-x)
        a, b = torch.split(x, [3, 3], 1)
        x = torch.max(a, b) + (a * a + 0.5).sqrt()
        x = x[:, :, ::2, 1:] * F.softmax(x[:, :, ::2, 1:], dim=1)
        return self.fc(F.avg_pool2d(F.pad(x, (1, 0, 0, 0)), (1, 2)).flatten(1))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 4, 4)
        self.place = nn.Parameter(torch.randn(1, 9, 8) * 0.2)
        self.norm = nn.LayerNorm(8)
        self.qkv, self.out, self.fc = nn.Linear(8, 24, bias=False), nn.Linear(8, 8), nn.Linear(8, 5)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2) + self.place
        q, k, v = self.qkv(self.norm(x)).reshape(1, 9, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (q @ k.transpose(-2, -1) * 0.5).softmax(-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(1, 9, 8))
        return self.fc(F.gelu(x)[:, 0])


class Vision(nn.Module):
    """A vision transformer as torchvision's is, with its class token."""

    def __init__(self):
        super().__init__()
        vit = blocks("vision_transformer")
        self.net = vit.VisionTransformer(image_size=12, patch_size=4, num_layers=2, num_heads=2, hidden_dim=12, mlp_dim=16, num_classes=5)
        for p in self.net.parameters():  # it is born with a head of zeros
            p.data = torch.randn(p.shape, generator=torch.Generator().manual_seed(p.numel())) * 0.3

    def forward(self, x):
        return self.net(x)


class Bends(nn.Module):
    """Functions with a bend that the other nets leave out, norms of channels and of groups, maps of other sizes, and
    whole numbers of the picture."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(6, 8, 3, padding=1), nn.ELU(0.7), nn.GroupNorm(2, 8), nn.PReLU(8))
        self.up = nn.Upsample(scale_factor=2, mode="bilinear")
        self.block = nn.Sequential(nn.Conv2d(8, 6, 3, 2), nn.InstanceNorm2d(6, affine=True), nn.SELU(), nn.Mish(), nn.PReLU(),
                                   nn.Upsample((7, 9), mode="nearest"))
        self.fc = nn.Linear(12, 5)

    def forward(self, x):
        x = torch.cat([x, (x * 3).int().float().to(x.dtype)], 1)
        x = F.log_softmax(self.block(self.up(self.stem(x))), 1)
        return self.fc(torch.cat([F.adaptive_max_pool2d(x, 1), F.softplus(x).amax([2, 3], keepdim=True)], 1).flatten(1))


def export_all():
    export("vgg", Vgg(), (3, 16, 16), [7, 9, 11, 13, 17])
    export("residual", Residual(), (3, 24, 24), [7, 10, 16])
    export("inverted", Inverted(), (3, 18, 18), [9, 11, 14])
    export("dense", Dense(), (3, 12, 12), [8, 13])
    export("inception", Inception(), (3, 21, 21), [10, 15])
    export("convnext", ConvNext(), (3, 14, 14), [12, 17])
    export("squeeze", Squeeze(), (3, 33, 31), [9, 12])
    export("shuffle", Shuffle(), (3, 16, 16), [11, 14])
    export("values", Values(), (1, 16, 18), [11, 13])
    export("attention", Attention(), (3, 12, 12), [13])
    export("bends", Bends(), (3, 8, 10), [11, 17])
    export("vision", Vision(), (3, 12, 12), [13, 17])
    torch.manual_seed(5)
    record_weights("vgg", Vgg(), (3, 16, 16))
    record_weights("residual", Residual(), (3, 24, 24))
    record_weights("inverted", Inverted(), (3, 18, 18))


# ---------------------------------------------------------------- what PyTorch 1.13 does not write


def tensor(name, values, dtype=None):
    values = values.detach()
    if dtype is None:
        return onnx.helper.make_tensor(name, onnx.TensorProto.FLOAT, values.shape, values.flatten().tolist())
    return onnx.helper.make_tensor(name, dtype, values.shape, values.flatten().tolist())


def raw(name, values, dtype):
    bits = {onnx.TensorProto.FLOAT16: values.half().view(torch.int16), onnx.TensorProto.BFLOAT16: values.bfloat16().view(torch.int16)}
    return onnx.helper.make_tensor(name, dtype, values.shape, bits[dtype].numpy().tobytes(), raw=True)


def ints(name, values):
    return onnx.helper.make_tensor(name, onnx.TensorProto.INT64, [len(values)], values)


def save(name, opset, shape, nodes, initializers, batch="N", ir=8, inputs_too=False, metadata=None):
    node = [onnx.helper.make_node(op, i, o, name=f"{op}_{k}", **a) for k, (op, i, o, a) in enumerate(nodes)]
    inputs = [onnx.helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, [batch, *shape])]
    if inputs_too:
        inputs += [onnx.helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in initializers]
    output = onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [batch, 5])
    graph = onnx.helper.make_graph(node, name, inputs, [output], initializers)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], producer_name="onnx.helper")
    model.ir_version = ir
    onnx.helper.set_model_props(model, metadata or {})
    (OUTPUT / f"{name}_{opset}.onnx").write_bytes(model.SerializeToString())


class Modern(nn.Module):
    """As the new exporter writes it: Linear as Transpose, MatMul and Add; ReLU6 as Max and Min; axes as inputs."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.LayerNorm(8)
        self.a, self.b = nn.Linear(8, 10), nn.Linear(10, 5)

    def forward(self, x):
        x = self.conv(F.pad(x, (1, 2, 0, 1), mode="replicate")).clamp(0, 6)
        a, b, c = x.split([3, 3, 2], 1)
        x = torch.cat([c, a, b], 1).mean([2, 3])
        return self.b(F.gelu(self.a(self.norm(x)), approximate="tanh" if self.bent else "none"))


def modern(opset):
    torch.manual_seed(opset)
    net = randomize(Modern(), 5)
    net.bent = opset == 21
    name = f"modern{opset}"
    record(name, net, (3, 9, 8))
    gelu = [("Gelu", ["h"], ["g"], {"approximate": "tanh"} if net.bent else {})]
    if opset < 20:  # spelt out
        gelu = [("Div", ["h", "root2"], ["h1"], {}), ("Erf", ["h1"], ["h2"], {}), ("Add", ["h2", "one"], ["h3"], {}),
                ("Mul", ["h", "h3"], ["h4"], {}), ("Mul", ["h4", "half"], ["g"], {})]
    nodes = [("Pad", ["input", "pads", "", "pad_axes"], ["x0"], {"mode": "edge"}),
             ("Conv", ["x0", "conv.weight", "conv.bias"], ["x1"], {"auto_pad": "SAME_UPPER"}),
             ("Max", ["x1", "zero"], ["x2"], {}), ("Min", ["x2", "six"], ["x3"], {}),
             ("Split", ["x3"], ["s0", "s1", "s2"], {"axis": 1, "num_outputs": 3}),
             ("Concat", ["s2", "s0", "s1"], ["x4"], {"axis": -3}),
             ("ReduceMean", ["x4", "mean_axes"], ["x5"], {"keepdims": 0}),
             ("LayerNormalization", ["x5", "norm.weight", "norm.bias"], ["x6"], {"epsilon": 1e-5}),
             ("Transpose", ["a.weight"], ["a.weight_t"], {"perm": [1, 0]}), ("MatMul", ["x6", "a.weight_t"], ["h0"], {}),
             ("Add", ["h0", "a.bias"], ["h"], {}), *gelu,
             ("Gemm", ["g", "b.weight", "b.bias"], ["logits"], {"transB": 1})]
    initializers = [tensor(n, p) for n, p in net.named_parameters()]
    initializers += [ints("pads", [0, 1, 1, 2]), ints("pad_axes", [2, 3]), ints("mean_axes", [2, 3]),
                     tensor("zero", torch.tensor(0.0)), tensor("six", torch.tensor(6.0)), tensor("one", torch.tensor(1.0)),
                     tensor("half", torch.tensor(0.5)), tensor("root2", torch.tensor(2.0).sqrt())]
    save(name, opset, (3, 9, 8), nodes, initializers, metadata={"labels": '["a","b","c","d","e"]'})


class SpeltOut(nn.Module):
    """Functions spelt out as the exporters' decompositions do: hardswish by Clip, SiLU, a layer norm of NHWC, GELU by a
    product; a range of axes, copies by Identity, a Reshape that keeps its zero."""

    def __init__(self):
        super().__init__()
        self.stem, self.bn = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8)
        self.depth = nn.Conv2d(6, 6, 3, padding=2, dilation=2, groups=6)
        self.norm = nn.LayerNorm(6)
        self.fc = nn.Linear(6, 5)

    def forward(self, x):
        x = F.hardswish(self.bn(self.stem(x)))[:, 1:7]
        x = self.depth(F.silu(x))
        x = F.gelu(self.norm(x.permute(0, 2, 3, 1))).permute(0, 3, 1, 2)
        return self.fc(x.mean([-1, -2]))


def spelt_out():
    torch.manual_seed(6)
    net = randomize(SpeltOut(), 6)
    record("spelt", net, (3, 12, 14))
    nodes = [("Identity", ["stem.weight"], ["w"], {}),
             ("Conv", ["input", "w"], ["c"], {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
             ("BatchNormalization", ["c", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"], ["n"], {"epsilon": 1e-5}),
             ("Add", ["n", "three"], ["h0"], {}), ("Clip", ["h0", "zero", "six"], ["h1"], {}), ("Mul", ["n", "h1"], ["h2"], {}),
             ("Div", ["h2", "six"], ["h3"], {}), ("Identity", ["h3"], ["h"], {}),
             ("Range", ["i1", "i2", "i1"], ["axes"], {}), ("Slice", ["h", "from", "to", "axes"], ["s"], {}),
             ("Sigmoid", ["s"], ["s0"], {}), ("Mul", ["s", "s0"], ["s1"], {}),
             ("Conv", ["s1", "depth.weight", "depth.bias"], ["d"], {"pads": [2, 2, 2, 2], "dilations": [2, 2], "group": 6}),
             ("Transpose", ["d"], ["t"], {"perm": [0, 2, 3, 1]}),
             ("ReduceMean", ["t", "last"], ["m"], {"keepdims": 1}), ("Sub", ["t", "m"], ["l0"], {}),
             ("Mul", ["l0", "l0"], ["l1"], {}), ("ReduceMean", ["l1", "last"], ["l2"], {"keepdims": 1}),
             ("Add", ["l2", "eps"], ["l3"], {}), ("Sqrt", ["l3"], ["l4"], {}), ("Div", ["l0", "l4"], ["l5"], {}),
             ("Mul", ["l5", "norm.weight"], ["l6"], {}), ("Add", ["l6", "norm.bias"], ["l"], {}),
             ("Mul", ["l", "root_half"], ["g0"], {}), ("Erf", ["g0"], ["g1"], {}), ("Add", ["g1", "one"], ["g2"], {}),
             ("Mul", ["half", "l"], ["g3"], {}), ("Mul", ["g3", "g2"], ["g4"], {}),
             ("Transpose", ["g4"], ["g"], {"perm": [0, 3, 1, 2]}),
             ("ReduceMean", ["g", "sides"], ["p"], {"keepdims": 1}),
             ("Shape", ["input"], ["is"], {"end": 1}), ("Concat", ["is", "rest"], ["flat"], {"axis": 0}),
             ("Reshape", ["p", "flat"], ["f"], {"allowzero": 1}),
             ("Gemm", ["f", "fc.weight", "fc.bias"], ["logits"], {"transB": 1})]
    values = [(n, p) for n, p in net.state_dict().items() if "num_batches" not in n]
    initializers = [tensor(n, p) for n, p in values]
    initializers += [onnx.helper.make_tensor(n, onnx.TensorProto.INT64, [], [v]) for n, v in (("i1", 1), ("i2", 2))]
    initializers += [ints("from", [1]), ints("to", [7]), ints("last", [-1]), ints("sides", [-1, -2]), ints("rest", [6])]
    initializers += [tensor(n, torch.tensor(v)) for n, v in (("three", 3.0), ("zero", 0.0), ("six", 6.0), ("one", 1.0),
                                                             ("half", 0.5), ("eps", 1e-5), ("root_half", 0.5 ** 0.5))]
    save("spelt", 18, (3, 12, 14), nodes, initializers)


class Old(nn.Module):
    """An old file: weights are inputs too, halves in the place for 32-bit integers, a shape computed node by node."""

    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 4, 3, stride=2), nn.Linear(4 * 3 * 3, 5)
        self.norm = nn.LocalResponseNorm(3, 0.5, 0.6, 1.5)
        for p in self.parameters():
            p.data = p.data.half().float()

    def forward(self, x):
        x = F.max_pool2d(F.pad(self.norm(self.conv(F.pad(x, (0, 1, 0, 1)))), (1, 0, 1, 0), value=-1e30), 2)
        return self.fc(F.softmax(x.flatten(1), 1) * 10)


def old():
    torch.manual_seed(4)
    net = Old().eval()
    net.fc.weight.data = net.fc.weight.data.bfloat16().float()
    record("old", net, (3, 12, 12))
    half = onnx.TensorProto.FLOAT16
    listed = onnx.TensorProto(name="conv.bias", data_type=half, dims=[4])
    listed.int32_data.extend([int(v) & 0xFFFF for v in net.conv.bias.detach().half().view(torch.int16)])
    nodes = [("Conv", ["input", "conv.weight", "conv.bias"], ["x0"], {"strides": [2, 2], "auto_pad": "SAME_UPPER", "kernel_shape": [3, 3]}),
             ("LRN", ["x0"], ["r0"], {"size": 3, "alpha": 0.5, "beta": 0.6, "bias": 1.5}),
             ("MaxPool", ["r0"], ["x1"], {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [1, 1, 0, 0]}),
             ("Shape", ["x1"], ["s"], {}), ("Constant", [], ["zero"], {"value": onnx.helper.make_tensor("c", 7, [], [0])}),
             ("Gather", ["s", "zero"], ["n"], {"axis": 0}), ("Unsqueeze", ["n"], ["n1"], {"axes": [0]}),
             ("Constant", [], ["rest"], {"value": onnx.helper.make_tensor("c", 7, [1], [-1])}),
             ("Concat", ["n1", "rest"], ["shape"], {"axis": 0}), ("Softmax", ["x1"], ["p"], {}),
             ("Reshape", ["p", "shape"], ["f"], {}), ("Dropout", ["f"], ["f1"], {"ratio": 0.5}),
             ("Constant", [], ["ten"], {"value": onnx.helper.make_tensor("c", 1, [1], [10.0])}),
             ("Mul", ["f1", "ten"], ["f2"], {}), ("Gemm", ["f2", "fc.weight", "fc.bias"], ["logits"], {"transB": 1, "alpha": 1.0})]
    initializers = [raw("conv.weight", net.conv.weight.detach(), half), listed,
                    raw("fc.weight", net.fc.weight.detach(), onnx.TensorProto.BFLOAT16), tensor("fc.bias", net.fc.bias)]
    save("old", 9, (3, 12, 12), nodes, initializers, batch=1, ir=3, inputs_too=True)


def full():
    models = torchvision.models
    for name, size, opsets in [("squeezenet1_1", 224, [9, 13]), ("resnet18", 224, [11, 17]), ("mobilenet_v2", 224, [10, 16]),
                               ("mobilenet_v3_small", 224, [12, 14]), ("densenet121", 64, [13]), ("convnext_tiny", 64, [13, 17]),
                               ("shufflenet_v2_x0_5", 96, [11]), ("efficientnet_b0", 96, [13]), ("mnasnet0_5", 96, [13])]:
        export(name, getattr(models, name)(weights=None), (3, size, size), opsets)


class Tail(nn.Module):
    """A small net and what comes after its logits."""

    def __init__(self, net, after):
        super().__init__()
        self.net, self.after = net, after

    def forward(self, x):
        return self.after(self.net(x))


def endings():
    """Files that end in probabilities. Recorded are the logits that they stand for."""
    def body(classes):
        return nn.Sequential(nn.Conv2d(3, 6, 3, 2), nn.Tanh(), nn.Conv2d(6, classes, 3))

    def mean(z):
        return z.mean((2, 3))

    rows = [  # name, classes, the file's ending, its logits
        ("one_number", 1, lambda z: mean(z).sigmoid(), lambda z: torch.cat([-mean(z), mean(z)], 1)),
        ("each", 5, lambda z: z.mean((2, 3), keepdim=True).sigmoid().squeeze(3).squeeze(2), mean),
        ("log_softmax", 5, lambda z: F.log_softmax(z.mean((2, 3), keepdim=True), 1).flatten(1), mean),
        ("mixed", 5, lambda z: mean(F.softmax(z, 1)), lambda z: mean(F.softmax(z, 1)).log()),
    ]
    for name, classes, after, logits in rows:
        torch.manual_seed(11)
        net = randomize(body(classes), 3)
        x = record(name, Tail(net, logits).eval(), (3, 15, 15))
        for opset in (9, 13):
            path = OUTPUT / f"{name}_{opset}.onnx"
            torch.onnx.export(Tail(net, after).eval(), x, str(path), opset_version=opset, input_names=["input"], output_names=["answer"])
            onnx.save(strip(onnx.load(str(path))), str(path))
        print(name)


def main():
    global OUTPUT
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "onnx"
    parser.add_argument("--output", type=pathlib.Path, default=default, help="folder (default: tests/golden/onnx)")
    parser.add_argument("--full", action="store_true", help="nets of full size instead of the small ones")
    arguments = parser.parse_args()
    OUTPUT = arguments.output
    OUTPUT.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    if arguments.full:
        return full()
    export_all()
    spelt_out()
    for opset in (18, 19, 20, 21):
        modern(opset)
    old()
    endings()


if __name__ == "__main__":
    main()
