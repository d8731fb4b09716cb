/*
 * Each guest has an x87 of its own: registers are changed over at the first
 * use after another guest's, and not before; the guest's own CR0.TS is the
 * guest's business.
 */
#include "../../vmm/monitor.h"
#include "../../vmm/techniques/para/para.h"
#include "full_vm.h"

#undef CODE
#define FULL_CODE 0x100000u
#define PARA_BASE 0xc0000000u

/*
 * A guest that loads `n`, and for ever looks whether ST(0) is still that; if
 * not, it ends by an invalid opcode that nobody handles. `at`: two words.
 */
static size_t watcher(uint8_t *b, uint32_t n, uint32_t at)
{
    const uint8_t code[] = {
        0xdb, 0xe3,                                /* fninit */
        0xc7, 0x05,         LE32(at),     LE32(n), /* mov dword [at], n */
        0xdb, 0x05,         LE32(at),              /* fild dword [at] */
        0xdb, 0x15,         LE32(at + 4),          /* fist dword [at + 4] */
        0xa1, LE32(at + 4), 0x3b,         0x05,    LE32(at), /* the same? */
        0x74, 0xed,                                          /* again */
        0x0f, 0x0b                                           /* ud2 */
    };
    memcpy(b, code, sizeof code);
    return sizeof code;
}

static unsigned count_of(struct vm *v, enum exit_reason why)
{
    return (unsigned)vm_books(v)->by_reason[why];
}

static void run_for(struct monitor *m, uint64_t cycles)
{
    struct run_until to = {.cycle = monitor_clock(m) + cycles};
    monitor_run(m, &to);
}

/* -------------------------------------------------------------------- full */

static struct full_vm f;

Test(fpu, two_full_guests_do_not_see_each_others_registers)
{
    uint8_t code[64];
    size_t n = watcher(code, 3, FULL_CODE + 0x1000);
    full_open(&f, "full", code, n);
    watcher(code, 5, FULL_CODE + 0x1000);
    struct vm *other = full_add(&f, "full", code, n);
    run_for(f.m, 10000000); /* ten turns */
    cr_expect_eq(vm_state(f.v), VM_RUNNING);
    cr_expect_eq(vm_state(other), VM_RUNNING);
    cr_expect_geq(count_of(f.v, EXIT_fpu), 4);
    cr_expect_geq(count_of(other, EXIT_fpu), 4);
    monitor_free(f.m);
}

/* One that spins beside it takes nothing from it. */
Test(fpu, who_does_not_use_it_does_not_switch_it)
{
    static const uint8_t spin[] = {0xeb, 0xfe};
    uint8_t code[64];
    size_t n = watcher(code, 3, FULL_CODE + 0x1000);
    full_open(&f, "full", code, n);
    struct vm *other = full_add(&f, "full", spin, sizeof spin);
    run_for(f.m, 10000000);
    cr_expect_eq(vm_state(f.v), VM_RUNNING);
    cr_expect_eq(count_of(f.v, EXIT_fpu), 1);
    cr_expect_eq(count_of(other, EXIT_fpu), 0);
    cr_expect_gt(count_of(other, EXIT_schedule), 2);
    monitor_free(f.m);
}

/* The kernel of one sees its own ring, not the real one, in what FNSTENV
 * stores: FCS at offset 16. */
Test(fpu, fnstenv_shows_the_guests_cs)
{
    const uint32_t at = FULL_CODE + 0x1000;
    const uint8_t code[] = {0xdb,    0xe3, 0xd9,     0xe8, /* fninit, fld1 */
                            0xd9,    0x35, LE32(at),       /* fnstenv [at] */
                            OUT_EXIT};
    full_open(&f, "full", code, sizeof code);
    full_run(&f);
    cr_expect_eq(vm_state(f.v), VM_EXITED);
    cr_expect_eq(full_word(&f, at + 16) & 0xffff, 8);
    cr_expect_eq(full_word(&f, at + 12), FULL_CODE + 2);
    cr_expect_eq(count_of(f.v, EXIT_fpu), 2, "its registers came, and FNSTENV");
    monitor_free(f.m);
}

/* -------------------------------------------------------------------- para */

enum { PAGES = 8, TEXT = 4096 };
static uint8_t image[TEXT + PAGES * PAGE_SIZE];

static void put32_at(uint32_t at, uint32_t v)
{
    memcpy(image + at, &v, 4);
}

static uint32_t note(uint32_t at, uint32_t type, uint32_t value)
{
    put32_at(at, 4);
    put32_at(at + 4, 4);
    put32_at(at + 8, type);
    memcpy(image + at + 12, "Xen", 4);
    put32_at(at + 16, value);
    return at + 20;
}

/* An ELF file of one PT_LOAD and one PT_NOTE segment, as a para kernel is. */
static struct vm *add_para(struct monitor *m, uint32_t n)
{
    static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    enum { PH = 52, NOTES = 256 };
    char path[] = "/tmp/ringside-fpu-XXXXXX", err[200] = "";
    memset(image, 0, sizeof image);
    memcpy(image, ident, sizeof ident);
    put32_at(16, 2 | 3 << 16); /* ET_EXEC, EM_386 */
    put32_at(20, 1);
    put32_at(24, PARA_BASE);
    put32_at(28, PH);
    put32_at(40, 52 | 32 << 16);
    put32_at(44, 2 | 40 << 16);
    uint32_t end = note(NOTES, XEN_NOTE_VIRT_BASE, PARA_BASE);
    end = note(end, XEN_NOTE_ENTRY, PARA_BASE);
    end = note(end, XEN_NOTE_HYPERCALL_PAGE, PARA_BASE + PAGE_SIZE);
    const uint32_t size = PAGES * PAGE_SIZE;
    const uint32_t load[8] = {1, TEXT, PARA_BASE, 0, size, size, 7, 4096};
    const uint32_t notes[8] = {4, NOTES, 0, 0, end - NOTES, 0, 4, 4};
    memcpy(image + PH, load, sizeof load);
    memcpy(image + PH + 32, notes, sizeof notes);
    watcher(image + TEXT, n, PARA_BASE + 3 * PAGE_SIZE);
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, image, sizeof image) == sizeof image);
    close(fd);
    struct vm_config cfg = {
        .technique = &technique_para, .image = path, .memory = 4u << 20};
    struct vm *v = monitor_add_vm(m, &cfg, err, sizeof err);
    unlink(path);
    cr_assert(v, "%s", err);
    return v;
}

static struct costs prices;

static struct monitor *para_monitor(void)
{
    char err[200] = "";
    cr_assert_eq(costs_load(&prices, "p4-vt", err, sizeof err), 0);
    prices.mhz = 100;
    struct monitor_config cfg = {
        .kind = CPU_CLASSIC, .costs = &prices, .ram_size = 32u << 20};
    struct monitor *m = monitor_new(&cfg, err, sizeof err);
    cr_assert(m, "%s", err);
    return m;
}

Test(fpu, two_para_guests_do_not_see_each_others_registers)
{
    struct monitor *m = para_monitor();
    struct vm *a = add_para(m, 7), *b = add_para(m, 9);
    run_for(m, 10000000);
    cr_expect_eq(vm_state(a), VM_RUNNING);
    cr_expect_eq(vm_state(b), VM_RUNNING);
    cr_expect_geq(count_of(a, EXIT_fpu), 4);
    cr_expect_geq(count_of(b, EXIT_fpu), 4);
    monitor_free(m);
}

/* fpu_taskswitch sets TS; the #NM that follows is the guest's own, and TS is
 * clear when its handler begins, as Xen's interface has it. */
Test(fpu, fpu_taskswitch_makes_the_next_use_the_guests_nm)
{
    enum { FPU_TASKSWITCH = 5 };
    const uint32_t set[6] = {1}, handler = PARA_BASE + 0x800;
    struct monitor *m = para_monitor();
    struct vm *v = add_para(m, 7);
    struct para *p = para_of(v);
    run_for(m, 100000);
    cr_assert_eq(count_of(v, EXIT_fpu), 1);
    cr_assert_eq(m->cpu->cr0 & CR0_TS, 0);
    uint8_t spin[] = {0xeb, 0xfe};
    cr_assert(guest_write(v, (gpa_t){handler - PARA_BASE}, spin, 2));
    p->trap[VEC_NM] = (struct xen_trap_info){
        .vector = VEC_NM, .cs = FLAT_RING1_CS, .address = handler};
    cr_assert_eq(hypercall_do(p, FPU_TASKSWITCH, set), 0);
    cr_expect_neq(m->cpu->cr0 & CR0_TS, 0);
    run_for(m, 100000);
    struct virtual_cpu c;
    vm_virtual_cpu(v, &c);
    cr_expect_eq(c.eip, handler);
    cr_expect_eq(c.cr0 & CR0_TS, 0);
    cr_expect_eq(count_of(v, EXIT_fpu), 1, "its registers were there");
    monitor_free(m);
}
