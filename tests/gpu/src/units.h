// A unit is one translation unit with a kernel `marker` that writes two numbers: the __CUDA_ARCH__ that it
// was compiled for, and which image of the unit it lies in (1, 2, ...; 0 where that is not known).
#ifndef UNITS_H
#define UNITS_H
#ifdef __cplusplus
extern "C" {
#endif

/// Launches the kernel of a unit; returns the runtime's error code.
typedef int (*launch_t)(void* out);

void add_unit(int number, launch_t launch);
int run_units(void);

#ifdef __cplusplus
}
#endif
#endif
