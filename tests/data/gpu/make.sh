#!/bin/sh
# Makes all files here anew: make.sh NVCC_13_0 PTXAS_11_8 PTXAS_12_4 PTXAS_12_9
# Works in a folder of one name, because -G writes the name of the folder into its output.
set -eu
here=$(readlink -f "$(dirname "$0")")
mkdir /tmp/gpu-code
cd /tmp/gpu-code
cp "$here"/scale.cu "$here"/table.cu "$here"/scale.ptx.in .
nvcc=$1 ptxas118=$2 ptxas124=$3 ptxas129=$4

for arch in 75 80 90 90a 100 100a 100f 120f; do "$nvcc" -cubin -arch=sm_$arch scale.cu -o scale_sm_$arch.cubin; done
"$nvcc" -cubin -G -arch=sm_90 scale.cu -o scale_debug.cubin
"$nvcc" -cubin -rdc=true -arch=sm_90 scale.cu -o scale_rdc.cubin
"$nvcc" -cubin -arch=sm_90 table.cu -o table.cubin

for arch in 80 90a 120f; do "$nvcc" -ptx -arch=compute_$arch scale.cu -o scale_compute_$arch.ptx; done
"$nvcc" -ptx -G -arch=compute_80 scale.cu -o scale_debug.ptx

for mode in none speed balance size; do
  "$nvcc" -fatbin -compress-mode=$mode -gencode arch=compute_75,code=sm_75 -gencode arch=compute_90a,code=sm_90a \
    -gencode arch=compute_100f,code=sm_100f -gencode arch=compute_120,code=compute_120 scale.cu -o scale_$mode.fatbin
done
"$nvcc" -fatbin -rdc=true -gencode arch=compute_90a,code=lto_90a -gencode arch=compute_100f,code=lto_100f scale.cu \
  -o scale_lto.fatbin
"$nvcc" -fatbin -rdc=true -arch=sm_90 scale.cu -o scale_rdc.fatbin
"$nvcc" -dlink -fatbin -arch=sm_90 scale_rdc.fatbin -o scale_dlink.fatbin
"$nvcc" -fatbin -G -gencode arch=compute_90,code=[sm_90,compute_90] scale.cu -o scale_debug.fatbin

old() {  # PTXAS VERSION TARGET OUTPUT
  sed "s/@VERSION@/$2/; s/@TARGET@/$3/" scale.ptx.in >scale.tmp.ptx
  "$1" -arch="$3" scale.tmp.ptx -o "$4"
  rm scale.tmp.ptx
}
old "$ptxas118" 7.8 sm_80 scale_118_sm_80.cubin
old "$ptxas118" 7.8 sm_90 scale_118_sm_90.cubin
old "$ptxas124" 8.4 sm_90 scale_124_sm_90.cubin
old "$ptxas124" 8.4 sm_90a scale_124_sm_90a.cubin
old "$ptxas129" 8.8 sm_90a scale_129_sm_90a.cubin
old "$ptxas129" 8.8 sm_100a scale_129_sm_100a.cubin
old "$ptxas129" 8.8 sm_100f scale_129_sm_100f.cubin

mv ./*.cubin ./*.ptx ./*.fatbin "$here"
rm -r /tmp/gpu-code
