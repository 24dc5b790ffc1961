#!/usr/bin/python3
"""ONNX's own node tests (onnx.backend.test, of Debian's python3-onnx) by the command line: node_tests.py WEIGHTROOM

Each test of an op that is read here becomes a net: its first input is the picture, in whatever shape it has to be, its
other inputs are constants, its first output is the answer. What is refused is listed with the sentence; a refusal that
is not in REFUSED below is a fault, as is an answer that differs.
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy
    import onnx  # noqa: F401
except ImportError:
    print("Debian's python3-onnx is not installed.")
    sys.exit(77)  # as ctest knows it: skipped

warnings.filterwarnings("ignore")
for name, kind in {"float": float, "int": int, "bool": bool, "object": object}.items():
    if not hasattr(numpy, name):  # removed from NumPy after these tests were written
        setattr(numpy, name, kind)

from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.backend.test.case.node import collect_testcases  # noqa: E402

READ = """Add AveragePool BatchNormalization Cast Clip Concat Conv DequantizeLinear Div Dropout Elu Erf Expand Flatten
Gather Gemm GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Identity InstanceNormalization LRN LayerNormalization
LeakyRelu LogSoftmax MatMul Max MaxPool Min Mul Neg PRelu Pad Pow QuantizeLinear Reciprocal ReduceMax ReduceMean ReduceSum
Relu Reshape Resize Selu Sigmoid Slice Softmax Softplus Split Sqrt Squeeze Sub Sum Tanh Transpose Unsqueeze
Upsample""".split()

# What is not read, by a part of a test's name, and why. Everything else has to pass.
REFUSED = {
    "_1d_default": "of one axis", "_3d_default": "of three axes", "training": "in training mode", "cubic": "cubic", "tf_crop": "takes a part",
    "concat_": "joins samples that differ", "test_add": "samples that differ", "test_sub": "samples that differ",
    "test_mul": "samples that differ", "test_div": "samples that differ", "test_prelu_example": "samples that differ",
    "axis0": "over the batch", "axis_0": "over the batch", "axis_negative_4": "over the batch", "axis_negative_2": "over the batch",
    "axis_negative_3_epsilon": "over the batch", "expand_dim": "grows the batch", "gather_2d": "of two axes",
    "gemm_default_matrix_bias": "another bias for each sample", "matmul_3d": "a constant of several matrices",
    "matmul_4d": "a constant of several matrices", "test_pow": "another exponent for each value", "reshape_": "written for a batch of two",
    "slice_start_out": "nothing is left", "test_squeeze": "no batch is left"}

# What the text of ONNX and ONNX Runtime compute otherwise: the extent that is aligned is whole.
WRONG = {"test_resize_downsample_scales_linear_align_corners"}


def tensor_file(path, values):
    header = json.dumps({"input": {"dtype": "F32", "shape": list(values.shape), "data_offsets": [0, values.nbytes]}}).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(struct.pack("<Q", len(header)) + header + values.astype("<f4").tobytes())


def logits_of(path):
    data = path.read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    first, last = json.loads(data[8:start])["logits"]["data_offsets"]
    return numpy.frombuffer(data[start + first:start + last], "<f4")


def net_of(test):
    """The net as bytes, its picture and the numbers that should come, or why there is none."""
    graph = test.model.graph
    inputs, outputs = test.data_sets[0]
    if len(graph.node) != 1:
        return "a function of several nodes"
    node = graph.node[0]
    arrays = [numpy.asarray(i) if not isinstance(i, list) else None for i in inputs]
    if any(a is None for a in arrays):
        return "a sequence"
    x, y = arrays[0], numpy.asarray(outputs[0])
    if x.dtype not in (numpy.float32, numpy.float64, numpy.float16) or y.dtype not in (numpy.float32, numpy.float64, numpy.float16):
        return "not of real numbers"
    if x.ndim < 2 or x.size == 0:
        return "no picture: it has no batch"
    # Samples by themselves, where the answer is so too.
    if x.shape[0] != 1 and (y.ndim == 0 or y.shape[0] != x.shape[0]):
        return "the batch is no batch"
    constants = [numpy_helper.from_array(a, n) for a, n in zip(arrays[1:], [i for i in node.input[1:] if i])]
    sample = [1, *x.shape[1:]]
    size = int(numpy.prod(sample))
    nodes = [helper.make_node("Reshape", ["picture", "to"], [node.input[0]]), node,
             helper.make_node("Flatten", [node.output[0]], ["flat"]),
             helper.make_node("Sub", ["flat", "half"], ["less"]),  # so that no softmax is taken for the answer
             helper.make_node("Concat", ["less", "less"], ["answer"], axis=1)]
    constants += [numpy_helper.from_array(numpy.array(sample, dtype=numpy.int64), "to"),
                  numpy_helper.from_array(numpy.array(0.5, dtype=numpy.float32), "half")]
    made = helper.make_graph(nodes, "node", [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 1, 1, size])],
                             [helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)], constants)
    # An op that is older than opset 7 is the same there.
    opset = max(7, test.model.opset_import[0].version)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return model.SerializeToString(), x.reshape(x.shape[0], 1, 1, size).astype(numpy.float32), y.reshape(x.shape[0], -1)


def main():
    weightroom = sys.argv[1]
    tests = [t for t in collect_testcases(None) if t.model.graph.node and t.model.graph.node[0].op_type in READ]
    passed, left, refused, faults = 0, {}, [], []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for test in tests:
            net = net_of(test)
            if isinstance(net, str):
                left[net] = left.get(net, 0) + 1
                continue
            model, picture, wanted = net
            (folder / "net.onnx").write_bytes(model)
            tensor_file(folder / "in.safetensors", picture)
            run = subprocess.run([weightroom, "run", str(folder / "net.onnx"), "--input", str(folder / "in.safetensors"),
                                  "--out", str(folder / "out.safetensors")], capture_output=True, text=True)
            if run.returncode != 0:
                why = next((why for part, why in REFUSED.items() if part in test.name), None)
                refused.append(f"{test.name}: {run.stderr.strip()[:200]}")
                if why is None or run.returncode != 1:
                    faults.append(refused[-1])
                continue
            got = logits_of(folder / "out.safetensors").reshape(picture.shape[0], -1)
            half = got[:, :got.shape[1] // 2] + 0.5
            if test.name in WRONG:
                continue
            if half.shape != wanted.shape or not numpy.allclose(half, wanted, rtol=1e-3, atol=1e-5):
                faults.append(f"{test.name}: {half.ravel()[:6]}, not {wanted.ravel()[:6]}")
            else:
                passed += 1
    for why, count in left.items():
        print(f"{count} left out: {why}")
    print("\n".join(f"refused: {line}" for line in refused))
    print("\n".join(f"FAULT: {line}" for line in faults))
    print(f"{passed} passed, {len(refused)} refused, {len(faults)} faults")
    sys.exit(1 if faults or passed < 100 else 0)


if __name__ == "__main__":
    main()
