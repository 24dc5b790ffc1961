"""Requests and answers of src/opener/packing.h: a kind in one byte, numbers of eight, texts and bytes behind their sizes."""
import struct

from seeds import pictures, tensors

FILE, TO_ENCODE, REFUSAL, PICTURE, MODEL, INCOMPLETE, PNG = range(7)


def number(value):
    return struct.pack("<Q", value)


def sized(data):
    return number(len(data)) + data


def request(name, data, beside=()):
    return (bytes([FILE]) + sized(name.encode()) + number(len(beside))
            + b"".join(sized(location.encode()) + sized(content) for location, content in beside) + sized(data))


def image(width, height, kind=PICTURE):
    return bytes([kind]) + number(width) + number(height) + sized(bytes(i % 251 for i in range(3 * width * height)))


def smallest(seeds, count):
    return dict(sorted(seeds.items(), key=lambda item: (len(item[1]), item[0]))[:count])


def seeds():
    found = {}
    for name, data in smallest(pictures.seeds(), 24).items():
        found[f"request_{name}"] = request(name, data)
    for name, data in smallest(tensors.model_seeds(), 12).items():
        found[f"request_{name}"] = request(f"{name}.safetensors", data)
        found[f"model_{name}"] = bytes([MODEL]) + number(1) + number(0) * 3 + number(1) + sized(b"A notice.") + sized(data)
    for width, height in ((1, 1), (3, 2), (0, 0), (0, 5), (16, 1)):
        found[f"picture_{width}_{height}"] = image(width, height)
        found[f"encode_{width}_{height}"] = image(width, height, TO_ENCODE)
    incomplete = request("net.onnx", b"bytes", [("w.data", b"1234")])[1:]
    found |= {
        "refusal": bytes([REFUSAL]) + sized(b"This is no picture."),
        "refusal_empty": bytes([REFUSAL]) + sized(b""),
        "png": bytes([PNG]) + sized(b"\x89PNG"),
        "incomplete": bytes([INCOMPLETE]) + number(2) + sized(b"w.data") + sized(b"v.data") + incomplete,
        "beside": request("net.onnx", b"\x08\x07", [("a", b""), ("b", b"12")]),
        "many_texts": bytes([INCOMPLETE]) + number(2**64 - 1),
        "huge_text": bytes([REFUSAL]) + number(2**63),
        "huge_image": bytes([PICTURE]) + number(2**32) + number(2**32) + number(0),
        "unknown_kind": bytes([9]) + number(0),
        "nothing": b"",
        "longer": image(1, 1) + b"more",
    }
    return found
