/* The files of carried.h. They are looked for in the folders that the assembler is given (CMakeLists.txt), so that no
 * path of the machine that builds is in the result. */
  .macro carry name, file
  .balign 16
  .globl cufit_\name\()_begin
  .globl cufit_\name\()_end
cufit_\name\()_begin:
  .incbin "\file"
cufit_\name\()_end:
  .endm

  .section .rodata
  carry probe, "cufit-probe"
  carry ptx, "kernel/kernel.ptx"
  carry sm_35, "kernel/sm_35.cubin"
  carry sm_50, "kernel/sm_50.cubin"
  carry sm_60, "kernel/sm_60.cubin"
  carry sm_70, "kernel/sm_70.cubin"
  carry sm_80, "kernel/sm_80.cubin"
  carry sm_90, "kernel/sm_90.cubin"
  carry sm_100, "kernel/sm_100.cubin"
  carry sm_110, "kernel/sm_110.cubin"
  carry sm_120, "kernel/sm_120.cubin"
  .section .note.GNU-stack, "", %progbits
