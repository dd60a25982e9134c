// A unit without a kernel: it has an image for every architecture and covers none.
__device__ float table[4] = {1, 2, 3, 4};
