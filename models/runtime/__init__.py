"""One way to compile a network for a device: OpenVINO on the CPU, torch on CUDA and everywhere else."""

import sys

# OpenVINO reports its use over the network through this package unless it is missing, and has no switch for it.
# A surveillance system tells nobody that it runs: this comes before the first `import openvino`.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None makes an import fail
