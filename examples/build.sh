#!/bin/sh
# Rebuilds the example files from saxpy.cu with the nvcc of CUDA 13.0. They are in the repository so that `make
# demo` needs no CUDA.
set -eu
cd "$(dirname "$0")"
nvcc=${NVCC:-nvcc}

# Machine code for one GPU architecture, and PTX text for a newer one.
$nvcc -cubin -arch=sm_80 -o saxpy_sm80.cubin saxpy.cu
$nvcc -ptx -arch=compute_90 -o saxpy_compute90.ptx saxpy.cu

# Three architectures and PTX in one fatbin.
$nvcc -fatbin -gencode arch=compute_75,code=sm_75 -gencode arch=compute_80,code=sm_80 \
  -gencode arch=compute_89,code=sm_89 -gencode arch=compute_89,code=compute_89 -o saxpy.fatbin saxpy.cu

# A library without PTX that asks for libcudart.so.13; nothing of the CUDA runtime is inside.
$nvcc -shared -cudart shared -Xcompiler -fPIC,-Os -Xlinker -s,--build-id=sha1 \
  -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90a,code=sm_90a -o libsaxpy.so saxpy.cu
