"""One way to compile a network for a device: OpenVINO on the CPU, torch on CUDA and everywhere else."""
