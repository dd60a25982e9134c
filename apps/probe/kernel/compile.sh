#!/bin/sh
# Makes the cubins of kernel.ptx again: kernel/compile.sh PTXAS_11_8 PTXAS_12_8 PTXAS_13_0. They are committed,
# so that building needs nothing of NVIDIA's. pip has the three: nvidia-cuda-nvcc-cu11, nvidia-cuda-nvcc-cu12, nvidia-cuda-nvcc.
#
# One for each major compute capability, as machine code runs on equal majors with an equal or higher minor, and
# of the oldest toolkit that knows it, as an older driver may refuse what a newer one made. 3.5 and not 3.0: no ptxas
# that is still to be had makes 3.0 or 3.2.
set -eu
[ $# -eq 3 ] || { sed -n 2,3p "$0"; exit 1; }
cd "$(dirname "$0")"
for target in 35 50 60 70 80 90; do "$1" -arch "sm_$target" -O3 kernel.ptx -o "sm_$target.cubin"; done
for target in 100 120; do "$2" -arch "sm_$target" -O3 kernel.ptx -o "sm_$target.cubin"; done
"$3" -arch sm_110 -O3 kernel.ptx -o sm_110.cubin
