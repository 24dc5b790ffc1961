#!/usr/bin/python3
"""Records tests/golden/small_cnn.{json,safetensors}: a small random CNN, its logits and gradients as PyTorch has them.

Needs Debian's python3-torch (1.13); the tests only read the files. Everything is computed in double from weights that
are exact in float, then rounded, so the recorded values are right to the last digit or so of a float.

    scripts/golden/record_small_cnn.py [--output tests/golden]
"""
import argparse
import json
import pathlib
import struct

import torch
from torch import nn

SEED = 20240131
INPUT = (3, 17, 15)
BATCH = 2
CLASSES = 10
TARGET = 3  # the logit whose gradient is recorded, summed over the batch

# (name, op, inputs, attributes): every op that a model may have, with each attribute away from its default somewhere.
NODES = [
    ("conv1", "conv2d", ["input"], {"out_channels": 8, "kernel": 3, "padding": 1, "bias": 0}),
    ("bn1", "batch_norm", ["conv1"], {}),
    ("relu1", "relu", ["bn1"], {}),
    ("conv2", "conv2d", ["relu1"], {"out_channels": 8, "kernel": 3, "padding": 2, "dilation": 2, "groups": 4}),
    ("bn2", "batch_norm", ["conv2"], {"epsilon": 0.001}),
    ("add1", "add", ["bn2", "relu1"], {}),
    ("relu2", "relu", ["add1"], {}),
    ("pool1", "max_pool", ["relu2"], {"kernel": 2}),
    ("conv3", "conv2d", ["pool1"], {"out_channels": 12, "kernel": [3, 2], "stride": [1, 2], "padding": [1, 0]}),
    ("bn3", "batch_norm", ["conv3"], {}),
    ("relu3", "relu", ["bn3"], {}),
    ("pool2", "avg_pool", ["relu3"], {"kernel": 2, "stride": 1, "padding": 1}),
    ("conv4", "conv2d", ["pool2"], {"out_channels": 12, "kernel": 3, "padding": 1, "groups": 12}),
    ("conv5", "conv2d", ["conv4"], {"out_channels": 16, "kernel": 1}),
    ("relu5", "relu", ["conv5"], {}),
    ("pool3", "max_pool", ["relu5"], {"kernel": 3, "stride": 2, "padding": 1, "ceil_mode": 1}),
    ("pool4", "avg_pool", ["pool3"], {"kernel": 2, "ceil_mode": 1, "count_include_pad": 0}),
    ("gap", "global_avg_pool", ["pool4"], {}),
    ("flat", "flatten", ["gap"], {}),
    ("fc", "linear", ["flat"], {"out_features": CLASSES}),
]


def pair(value):
    return tuple(value) if isinstance(value, list) else (value, value)


def module_of(op, attributes, channels):
    """The layer that PyTorch has for an op; None for those that own no module."""
    a = attributes
    if op == "conv2d":
        return nn.Conv2d(channels, a["out_channels"], pair(a["kernel"]), pair(a.get("stride", 1)), pair(a.get("padding", 0)),
                         pair(a.get("dilation", 1)), a.get("groups", 1), bias=a.get("bias", 1) == 1)
    if op == "batch_norm":
        return nn.BatchNorm2d(channels, eps=a.get("epsilon", 1e-5))
    if op == "max_pool":
        return nn.MaxPool2d(a["kernel"], a.get("stride"), a.get("padding", 0), a.get("dilation", 1),
                            ceil_mode=a.get("ceil_mode", 0) == 1)
    if op == "avg_pool":
        return nn.AvgPool2d(a["kernel"], a.get("stride"), a.get("padding", 0), ceil_mode=a.get("ceil_mode", 0) == 1,
                            count_include_pad=a.get("count_include_pad", 1) == 1)
    if op == "linear":
        return nn.Linear(channels, a["out_features"])
    return {"relu": nn.ReLU(), "global_avg_pool": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten()}.get(op)


def randomize(module):
    """He-normal kernels, and batch-norm numbers that are nowhere 0 or 1; all exact in float."""
    for name, tensor in list(module.named_parameters()) + list(module.named_buffers()):
        if name == "num_batches_tracked":
            continue
        noise = torch.randn(tensor.shape)
        if tensor.dim() > 1:
            noise *= (2.0 / tensor[0].numel()) ** 0.5
        elif name == "running_var" or (name == "weight" and isinstance(module, nn.BatchNorm2d)):
            noise = 0.5 + noise.abs()
        else:
            noise *= 0.3
        tensor.data = noise.float().double()


def write_safetensors(path, tensors):
    """Format: length of the header (8 bytes), header in JSON, then the values; little-endian."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().float().contiguous().flatten().tolist()
        raw = struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden"
    parser.add_argument("--output", type=pathlib.Path, default=default, help="folder (default: tests/golden)")
    output = parser.parse_args().output
    torch.manual_seed(SEED)

    x = torch.randn((BATCH, *INPUT)).double().requires_grad_()
    values, modules = {"input": x}, {}
    for name, op, inputs, attributes in NODES:
        operands = [values[i] for i in inputs]
        if op == "add":
            values[name] = operands[0] + operands[1]
            continue
        module = module_of(op, attributes, operands[0].shape[1])
        randomize(module)
        modules[name] = module.double().eval()
        values[name] = module(operands[0])
    logits = values[NODES[-1][0]]
    logits[:, TARGET].sum().backward()

    tensors = {"input": x, "logits": logits, "d.input": x.grad}
    for node, module in modules.items():
        for role, tensor in module.named_parameters():
            tensors[f"{node}.{role}"] = tensor
            tensors[f"d.{node}.{role}"] = tensor.grad
        for role, tensor in module.named_buffers():
            if role != "num_batches_tracked":
                tensors[f"{node}.{role}"] = tensor
    write_safetensors(output / "small_cnn.safetensors", tensors)
    nodes = [dict(zip(("name", "op", "inputs", "attributes"), row)) for row in NODES]
    rows = ",\n".join(json.dumps(node) for node in nodes)
    (output / "small_cnn.json").write_text(f'{{"input": {list(INPUT)}, "target": {TARGET}, "nodes": [\n{rows}\n]}}\n')
    print({name: tuple(value.shape) for name, value in values.items()})


if __name__ == "__main__":
    main()
