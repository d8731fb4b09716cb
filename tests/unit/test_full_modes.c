/*
 * A guest under full that leaves protected mode: stopped, and told why; its
 * neighbour is not.
 */
#include "full_vm.h"

/* Run `v` beside a guest that says success. */
static void runs_into(struct full_vm *f, const char *why)
{
    static const uint8_t well[] = {OUT_EXIT};
    struct vm *neighbour = full_add(f, "full", well, sizeof well);
    struct vm *v = f->v;
    full_run(f);
    cr_assert_eq(vm_state(v), VM_KILLED);
    cr_assert(strstr(vm_why(v), why), "%s", vm_why(v));
    cr_assert(strstr(vm_why(v), "use --technique"), "%s", vm_why(v));
    cr_assert_eq(vm_state(neighbour), VM_EXITED);
    cr_assert_eq(vm_exit_status(neighbour), 0);
    monitor_free(f->m);
}

Test(full_modes, real_mode_ends_it)
{
    struct full_vm f;
    FULL_OPEN(&f, "full", 0x0f, 0x20, 0xc0, /* mov eax, cr0 */
              0x24, 0xfe,                   /* and al, ~1 */
              0x0f, 0x22, 0xc0,             /* mov cr0, eax */
              0xeb, 0xfe);
    runs_into(&f, "entered real mode, and stands at 0008:100008");
}

Test(full_modes, virtual_8086_mode_ends_it)
{
    struct full_vm f;
    FULL_OPEN(&f, "full", 0xbc, LE32(0x80000),         /* mov esp, 0x80000 */
              0x6a, 0, 0x6a, 0, 0x6a, 0, 0x6a, 0,      /* GS ... ES */
              0x68, LE32(0x2000), 0x68, LE32(0x1000),  /* SS, ESP */
              0x68, LE32(0x20002), 0x68, LE32(0x1000), /* EFLAGS, CS */
              0x6a, 0x12, 0xcf);                       /* EIP; iret */
    runs_into(&f, "entered virtual-8086 mode, and stands at 1000:0012");
}

/* SP wraps at 64 KiB, and the code's operands have 16 bits: not ours to mind,
 * nor the monitor's. */
Test(full_modes, segments_of_16_bits_are_shadowed)
{
    /* clang-format off */
    static const uint8_t code[] = {
        0x0f, 0x01, 0x15, LE32(CODE + 0x40), /* lgdt [gdtr] */
        0xea, LE32(0x10), 0x08, 0,           /* jmp 8:0x10 */
        0x90, 0x90,                          /* 16-bit code from here */
        0xb8, 0x10, 0, 0x8e, 0xd0,           /* mov ax, 16; mov ss, ax */
        0x31, 0xe4,                          /* xor sp, sp */
        0x68, 0x34, 0x12,                    /* push 0x1234: at fffe */
        0x58,                                /* pop ax */
        0x2d, 0x34, 0x12,                    /* sub ax, 0x1234 */
        0x01, 0xe0,                          /* add ax, sp: 0 */
        0xe6, 0xf4, 0xf4,                    /* out 0xf4, al; hlt */
        [0x40] = 23, 0, LE32(CODE + 0x50),   /* gdtr */
        [0x58] = 0xff, 0xff, 0x00, 0x00, 0x10, 0x9a, 0x00, 0x00,
        [0x60] = 0xff, 0xff, 0x00, 0x00, 0x20, 0x92, 0x00, 0x00};
    /* clang-format on */
    struct full_vm f;
    full_open(&f, "full", code, sizeof code);
    full_run(&f);
    cr_assert_eq(vm_state(f.v), VM_EXITED, "%s", vm_why(f.v));
    cr_assert_eq(vm_exit_status(f.v), 0);
    monitor_free(f.m);
}
