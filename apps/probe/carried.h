/* What cufit carries for the probe, as bytes in its own read-only data: carried.S. */
#ifndef CUFIT_PROBE_CARRIED_H
#define CUFIT_PROBE_CARRIED_H

#ifdef __cplusplus
extern "C" {
#endif

#define CUFIT_CARRIED(NAME) extern const unsigned char cufit_##NAME##_begin[], cufit_##NAME##_end[]
CUFIT_CARRIED(probe); /* the program */
CUFIT_CARRIED(ptx);   /* kernel/kernel.ptx */
CUFIT_CARRIED(sm_35); /* the same compiled: kernel/sm_35.cubin */
CUFIT_CARRIED(sm_50);
CUFIT_CARRIED(sm_60);
CUFIT_CARRIED(sm_70);
CUFIT_CARRIED(sm_80);
CUFIT_CARRIED(sm_90);
CUFIT_CARRIED(sm_100);
CUFIT_CARRIED(sm_110);
CUFIT_CARRIED(sm_120);
#undef CUFIT_CARRIED

#ifdef __cplusplus
}
#endif

#endif
