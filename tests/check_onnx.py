#!/usr/bin/env python3
"""Whether ONNX's own checker accepts the files named: one line for each that it refuses, and then exit status 1."""
import sys

import onnx

refused = 0
for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(onnx.load(path), full_check=True)
    except Exception as error:  # of many kinds: protobuf's, the checker's, shape inference's
        print(f"{path}: {str(error).strip()[:400]}")
        refused += 1
print(f"{len(sys.argv) - 1 - refused} accepted")
sys.exit(1 if refused else 0)
