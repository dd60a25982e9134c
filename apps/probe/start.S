/* Calls __libc_start_main by the version that glibc 2.17 has; crt1.o of glibc 2.34 and later asks for GLIBC_2.34. Without
 * init and fini: there are no constructors here. */
  .text
  .globl _start
  .type _start, %function
#ifdef __x86_64__
  .symver __libc_start_main, __libc_start_main@GLIBC_2.2.5
_start:
  xorl %ebp, %ebp
  movq %rdx, %r9            /* rtld_fini */
  popq %rsi                 /* argc */
  movq %rsp, %rdx           /* argv */
  andq $-16, %rsp
  pushq %rax                /* keeps the alignment */
  pushq %rsp                /* stack_end */
  xorl %r8d, %r8d           /* fini */
  xorl %ecx, %ecx           /* init */
  leaq main(%rip), %rdi
  call *__libc_start_main@GOTPCREL(%rip)
  hlt
#elif defined __aarch64__
  .symver __libc_start_main, __libc_start_main@GLIBC_2.17
_start:
  mov x29, #0
  mov x30, #0
  mov x5, x0                /* rtld_fini */
  ldr x1, [sp]              /* argc */
  add x2, sp, #8            /* argv */
  mov x6, sp                /* stack_end */
  adrp x0, main
  add x0, x0, :lo12:main
  mov x3, #0                /* init */
  mov x4, #0                /* fini */
  bl __libc_start_main
  brk #1
#else
#error "no start for this architecture"
#endif
  .size _start, . - _start
  .section .note.GNU-stack, "", %progbits
