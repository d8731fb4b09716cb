/*
 * test_para.c - the para technique by its parts: the domain builder, page
 * types over a table's life, traps and their frames, events, timers, the
 * console; and random hypercalls, after which the audit must still hold.
 *
 * Expectations are from Xen's public headers and their comments.
 */
#include "../../vmm/techniques/para/notes.h"
#include "para_vm.h"

/* --------------------------------------------------------- the builder */

static struct xen_start_info start_info(struct para_vm *t)
{
    struct xen_start_info s;
    gpa_t at = {t->v->context.reg[REG_ESI] - BASE};
    cr_assert(guest_read(t->v, at, &s, sizeof(s)));
    return s;
}

Test(para, start_of_day)
{
    struct para_vm t = para_vm_new();
    struct xen_start_info s = start_info(&t);
    const struct frame_regs *r = &t.v->regs;
    cr_expect_str_eq(s.magic, "xen-3.0-x86_32");
    cr_expect(s.nr_pages == MEMORY / PAGE_SIZE);
    cr_expect(s.shared_info == t.p->shared_at.v);
    cr_expect(s.console_evtchn != 0 && s.flags == 0 && s.store_mfn == 0);
    cr_expect(s.pt_base == BASE + frame_info(t.m, t.p->root)->at.v);
    cr_expect(s.nr_pt_frames == 2, "a directory and a table for 4 MiB");
    cr_expect(r->cs == 0xe019 && r->ss == 0xe021 && r->eip == BASE);
    cr_expect(r->esp % PAGE_SIZE == 0 && r->esp > s.pt_base);
    cr_expect(t.p->shared->vcpu[0].upcall_mask == 1, "events start masked");
    for (uint32_t pfn = 0; pfn < s.nr_pages; pfn += 97) {
        cr_expect(peek32(&t, s.mfn_list + 4 * pfn) == mfn(&t, pfn));
        uint32_t back;
        memcpy(&back,
               frame_bytes(t.m, m2p_entry(t.p, mfn(&t, pfn))) +
                   mfn(&t, pfn) % ENTRIES * 4,
               4);
        cr_expect(back == pfn, "M2P is P2M's inverse");
    }
    audit(&t);
    monitor_free(t.m);
}

Test(para, first_tables_are_read_only)
{
    struct para_vm t = para_vm_new();
    struct xen_start_info s = start_info(&t);
    for (uint32_t pfn = 0; pfn < s.nr_pages; pfn++) {
        uint32_t e = entry_read(t.p, table_of(&t, BASE), pfn);
        bool table = pfn - (s.pt_base - BASE) / PAGE_SIZE < s.nr_pt_frames;
        cr_expect((e & PTE_P) && !(e & PTE_W) == table, "page %u", pfn);
    }
    const struct frame_info *root = frame_info(t.m, t.p->root);
    cr_expect(root->type == FRAME_L2 && root->pinned);
    cr_expect(root->type_count == 2 && root->refs == 3, "pin, CR3, a mapping");
    monitor_free(t.m);
}

Test(para, hypercall_page)
{
    static const uint8_t nine[] = {0xb8, 9, 0, 0, 0, 0xcd, 0x82, 0xc3};
    static const uint8_t iret[] = {0x50, 0xb8, 23, 0, 0, 0, 0xcd, 0x82};
    struct para_vm t = para_vm_new();
    uint8_t page[PAGE_SIZE];
    cr_assert(guest_read(t.v, (gpa_t){PAGE_SIZE}, page, sizeof(page)));
    cr_expect(memcmp(page + 9 * 32, nine, sizeof(nine)) == 0);
    cr_expect(memcmp(page + 23 * 32, iret, sizeof(iret)) == 0);
    monitor_free(t.m);
}

/* Notes that cannot be: a message each, and no VM. */
Test(para, bad_notes)
{
    enum {
        NOTES = 256,
        HYPERCALL_PAGE = NOTES + 40 + 16,
        BASE_AT = NOTES + 16
    };
    static const struct {
        uint32_t at, value;
        const char *says;
    } bad[] = {
        {BASE_AT, 0xc0000800, "VIRT_BASE"},
        {BASE_AT, 0xfc000000, "VIRT_BASE"},
        {BASE_AT, 0xfbfff000, "VIRT_BASE"},
        {BASE_AT, 0xfffff000, "VIRT_BASE"},
        {HYPERCALL_PAGE, 0x1000, "HYPERCALL_PAGE"},
        {HYPERCALL_PAGE, BASE + 0x1004, "HYPERCALL_PAGE"},
        {HYPERCALL_PAGE, BASE + 0x8000, "HYPERCALL_PAGE"},
        {52 + 12, 0x00400000, "beyond the guest's memory"}, /* p_paddr */
    };
    struct para_vm t = para_vm_new();
    size_t vms = monitor_vm_count(t.m);
    uint32_t frames = frames_left(t.m);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char err[200] = "";
        size_t n = make_image(para_image);
        put32(para_image + bad[i].at, bad[i].value);
        cr_expect(!add_vm_of(t.m, para_image, n, err, sizeof(err)));
        cr_expect(strstr(err, bad[i].says), "%x: %s", bad[i].value, err);
        cr_expect(monitor_vm_count(t.m) == vms && frames_left(t.m) == frames,
                  "%x: something of it is left", bad[i].value);
    }
    monitor_free(t.m);
}

/* The older way to say it: a section of text. */
Test(para, guest_section)
{
    enum { TEXT = 256, NAMES = 400, SECTIONS = 512 };
    static const char text[] = "GUEST_OS=linux,XEN_VER=xen-3.0,"
                               "VIRT_BASE=0xC0000000,HYPERCALL_PAGE=0x101,"
                               "ELF_PADDR_OFFSET=0xC0000000,PAE=no";
    static const char names[] = "\0__xen_guest";
    uint8_t f[1024] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    const uint32_t own[10] = {1, 1, 0, 0, TEXT, sizeof(text)};
    const uint32_t strings[10] = {0, 3, 0, 0, NAMES, sizeof(names)};
    put32(f + 32, SECTIONS);
    put32(f + 46, 40 | 2 << 16);
    f[50] = 1;
    memcpy(f + TEXT, text, sizeof(text));
    memcpy(f + NAMES, names, sizeof(names));
    memcpy(f + SECTIONS, own, sizeof(own));
    memcpy(f + SECTIONS + 40, strings, sizeof(strings));
    struct image im = {
        .name = "old", .file = f, .size = sizeof(f), .elf = true};
    struct xen_notes x;
    char err[200] = "";
    cr_assert(xen_notes_read(&im, &x, err, sizeof(err)), "%s", err);
    cr_expect(x.virt_base == 0xc0000000 && x.paddr_offset == 0xc0000000);
    cr_expect(x.hypercall_page == 0xc0101000 && !x.pae);
    im.size = SECTIONS + 41; /* cut: refused, not read beyond */
    cr_expect(!xen_notes_read(&im, &x, err, sizeof(err)));
}

/* --------------------------------------------------------- page types */

static const struct frame_info *row(struct para_vm *t, uint32_t pfn)
{
    return frame_info(t->m, mpa_of(mfn(t, pfn)));
}

/* A process's address space from birth to death. */
Test(para, life_of_an_address_space)
{
    struct para_vm t = para_vm_new();
    uint32_t root = FREE_PFN, table = FREE_PFN + 1, page = FREE_PFN + 2;
    uint32_t kernel = entry_read(t.p, t.p->root, BASE >> 22), e;
    struct snapshot s = snapshot_take(&t);

    e = mfn(&t, table) << PAGE_SHIFT | PTE_P | PTE_W | PTE_U;
    poke(&t, VA(root) + 4 * 2, &e, 4);
    poke(&t, VA(root) + 4 * (BASE >> 22), &kernel, 4);
    e = writable(&t, page) | PTE_U;
    poke(&t, VA(table) + 4 * 5, &e, 4);
    cr_expect(map(&t, VA(root), read_only(&t, root)) == 0);
    cr_expect(map(&t, VA(table), read_only(&t, table)) == 0);
    cr_expect(mmuext(&t, XEN_MMUEXT_PIN_L2_TABLE, mfn(&t, root), 0) == 0);
    cr_expect(row(&t, root)->type == FRAME_L2 && row(&t, root)->pinned);
    cr_expect(row(&t, table)->type == FRAME_L1 &&
              row(&t, table)->type_count == 1);
    cr_expect(row(&t, page)->type_count == 2, "mapped writable in both");
    audit(&t);

    cr_expect(mmuext(&t, XEN_MMUEXT_NEW_BASEPTR, mfn(&t, root), 0) == 0);
    cr_expect(t.p->root.v >> PAGE_SHIFT == mfn(&t, root));
    cr_expect(t.v->shadow_cr3 == t.p->root.v);
    cr_expect(map(&t, 2u << 22 | 5u << 12, 0) == 0, "in the new space");
    cr_expect(mmu_update(&t, t.p->root.v + 4 * 2, 0) == 0);
    cr_expect(row(&t, table)->type_count == 0, "no longer a table");
    audit(&t);

    cr_expect(mmuext(&t, XEN_MMUEXT_NEW_BASEPTR, mfn_of(s.para.root), 0) == 0);
    cr_expect(mmuext(&t, XEN_MMUEXT_UNPIN_TABLE, mfn(&t, root), 0) == 0);
    cr_expect(mmuext(&t, XEN_MMUEXT_UNPIN_TABLE, mfn(&t, root), 0) ==
              -XEN_EINVAL);
    cr_expect(entry_read(t.p, mpa_of(mfn(&t, root)), ENTRIES - 1) == 0,
              "the hole went with the type");
    cr_expect(map(&t, VA(root), writable(&t, root)) == 0);
    cr_expect(map(&t, VA(table), writable(&t, table)) == 0);
    const uint8_t zero[PAGE_SIZE] = {0};
    poke(&t, VA(root), zero, PAGE_SIZE);
    poke(&t, VA(table), zero, PAGE_SIZE);
    audit(&t);
    free(s.frames);
    free(s.memory);
    monitor_free(t.m);
}

/* A root in use stays one though its pin goes. */
Test(para, root_in_use)
{
    struct para_vm t = para_vm_new();
    mpa_t root = t.p->root;
    cr_expect(mmuext(&t, XEN_MMUEXT_UNPIN_TABLE, mfn_of(root), 0) == 0);
    cr_expect(frame_info(t.m, root)->type_count == 1);
    cr_expect(map(&t, VA(FREE_PFN), root.v | PTE_P | PTE_W) == -XEN_EBUSY);
    audit(&t);
    monitor_free(t.m);
}

/* What was a good table once is looked at again before it is one again. */
Test(para, validated_anew)
{
    struct para_vm t = para_vm_new();
    uint32_t table = mfn(&t, FREE_PFN), bad = t.p->root.v | PTE_P | PTE_W;
    cr_expect(map(&t, VA(FREE_PFN), 0) == 0);
    cr_expect(mmuext(&t, XEN_MMUEXT_PIN_L1_TABLE, table, 0) == 0);
    cr_expect(mmuext(&t, XEN_MMUEXT_UNPIN_TABLE, table, 0) == 0);
    cr_expect(map(&t, VA(FREE_PFN), writable(&t, FREE_PFN)) == 0);
    poke(&t, VA(FREE_PFN), &bad, sizeof(bad));
    cr_expect(map(&t, VA(FREE_PFN), 0) == 0);
    cr_expect(mmuext(&t, XEN_MMUEXT_PIN_L1_TABLE, table, 0) == -XEN_EBUSY);
    audit(&t);
    monitor_free(t.m);
}

/* The processor may hold a writable translation that the tables no longer
 * have: a frame must not become a table before the TLB is flushed. */
Test(para, stale_translations)
{
    struct para_vm t = para_vm_new();
    uint32_t word[1] = {0};
    poke(&t, VA(FREE_PFN), word, 4);
    uint32_t before = t.p->flushes;
    cr_expect(call(&t, XEN_update_va_mapping, VA(FREE_PFN), 0, 0, 0) == 0);
    cr_expect(mmuext(&t, XEN_MMUEXT_PIN_L1_TABLE, mfn(&t, FREE_PFN), 0) == 0);
    cr_expect(t.p->flushes == before + 1);
    cr_expect(map(&t, VA(FREE_PFN + 1), 0) == 0);
    cr_expect(mmuext(&t, XEN_MMUEXT_TLB_FLUSH_LOCAL, 0, 0) == 0);
    before = t.p->flushes;
    cr_expect(mmuext(&t, XEN_MMUEXT_PIN_L1_TABLE, mfn(&t, FREE_PFN + 1), 0) ==
              0);
    cr_expect(t.p->flushes == before, "the guest had flushed");
    monitor_free(t.m);
}

Test(para, preserve_accessed_and_dirty)
{
    struct para_vm t = para_vm_new();
    uint64_t at = pte_address(&t, VA(FREE_PFN));
    uint32_t plain = mfn(&t, FREE_PFN) << PAGE_SHIFT | PTE_P | PTE_W;
    cr_expect(mmu_update(&t, at, plain | PTE_A | PTE_D) == 0);
    cr_expect(mmu_update(&t, at | 2, plain & ~PTE_W) == 0);
    cr_expect(entry_read(t.p, table_of(&t, BASE), FREE_PFN) ==
              ((plain & ~PTE_W) | PTE_A | PTE_D));
    cr_expect(mmu_update(&t, at, plain) == 0);
    cr_expect(entry_read(t.p, table_of(&t, BASE), FREE_PFN) == plain);
    monitor_free(t.m);
}

/* ------------------------------------------------------ traps and events */

static void set_traps(struct para_vm *t, uint8_t flags)
{
    const struct xen_trap_info table[2] = {
        {14, flags, XEN_FLAT_RING1_CS, BASE + 0x100}};
    poke(t, SCRATCH, table, sizeof(table));
    cr_assert(call(t, XEN_set_trap_table, SCRATCH, 0, 0, 0) == 0);
    cr_assert(call(t, XEN_stack_switch, XEN_FLAT_RING1_DS, SCRATCH + 0x1000, 0,
                   0) == 0);
}

Test(para, exception_from_ring_3)
{
    struct para_vm t = para_vm_new();
    set_traps(&t, XEN_TI_MASK_EVENTS);
    t.p->shared->vcpu[0].upcall_mask = 0;
    t.v->regs = (struct frame_regs){.eip = 0x1234,
                                    .cs = XEN_FLAT_RING3_CS,
                                    .eflags = FL_ONE | FL_IF | FL_TF,
                                    .esp = 0x8000,
                                    .ss = XEN_FLAT_RING3_DS};
    reflect(t.v, &t.v->exit, VEC_PF, true, 6);
    const struct frame_regs *r = &t.v->regs;
    cr_expect(r->cs == XEN_FLAT_RING1_CS && r->eip == BASE + 0x100);
    cr_expect(r->ss == XEN_FLAT_RING1_DS && r->esp == SCRATCH + 0x1000 - 24);
    cr_expect(!(r->eflags & FL_TF));
    cr_expect(t.p->shared->vcpu[0].upcall_mask == 1, "TI_GET_IF masks");
    const uint32_t want[6] = {
        6,      0x1234,           XEN_FLAT_RING3_CS, FL_ONE | FL_IF | FL_TF,
        0x8000, XEN_FLAT_RING3_DS};
    for (uint32_t i = 0; i < 6; i++)
        cr_expect(peek32(&t, r->esp + 4 * i) == want[i], "word %u", i);
    monitor_free(t.m);
}

Test(para, exception_from_ring_1)
{
    struct para_vm t = para_vm_new();
    set_traps(&t, 0);
    t.v->regs.esp = SCRATCH + 0x2000;
    uint32_t eip = t.v->regs.eip;
    reflect(t.v, &t.v->exit, VEC_PF, true, 2);
    const struct frame_regs *r = &t.v->regs;
    cr_expect(r->esp == SCRATCH + 0x2000 - 16, "no stack switch");
    cr_expect(peek32(&t, r->esp) == 2 && peek32(&t, r->esp + 4) == eip);
    cr_expect(peek32(&t, r->esp + 8) == (XEN_FLAT_RING1_CS | 1u << 16),
              "the mask as it was");
    cr_expect(!(peek32(&t, r->esp + 12) & FL_IF), "IF is the mask, inverted");
    monitor_free(t.m);
}

Test(para, exception_without_a_stack)
{
    struct para_vm t = para_vm_new();
    set_traps(&t, 0);
    t.v->regs.esp = 0x1000; /* nothing is mapped there */
    reflect(t.v, &t.v->exit, VEC_PF, true, 2);
    cr_expect(vm_state(t.v) == VM_KILLED);
    cr_expect(strstr(vm_why(t.v), "stack") != NULL);
    monitor_free(t.m);
}

Test(para, iret_hypercall)
{
    struct para_vm t = para_vm_new();
    const uint32_t frame[6] = {77,
                               0x1234,
                               XEN_FLAT_RING3_CS,
                               FL_ONE | FL_IF | FL_IOPL | FL_CF,
                               0x8000,
                               XEN_FLAT_RING3_DS};
    poke(&t, SCRATCH, frame, sizeof(frame));
    t.v->regs.esp = SCRATCH;
    cr_expect(call(&t, XEN_iret, 0, 0, 0, 0) == 77, "EAX from the stack");
    const struct frame_regs *r = &t.v->regs;
    cr_expect(r->cs == XEN_FLAT_RING3_CS && r->eip == 0x1234);
    cr_expect(r->ss == XEN_FLAT_RING3_DS && r->esp == 0x8000);
    cr_expect((r->eflags & (FL_IOPL | FL_IF | FL_CF)) == (FL_IF | FL_CF));
    cr_expect(t.p->shared->vcpu[0].upcall_mask == 0);
    monitor_free(t.m);
}

static uint32_t bind_virq(struct para_vm *t, uint32_t virq)
{
    const struct xen_bind_virq b = {virq, 0, 0};
    poke(t, SCRATCH, &b, sizeof(b));
    cr_assert(call(t, XEN_event_channel_op, XEN_EVTCHN_BIND_VIRQ, SCRATCH, 0,
                   0) == 0);
    return peek32(t, SCRATCH + 8);
}

Test(para, event_channels)
{
    struct para_vm t = para_vm_new();
    struct xen_vcpu_info *c = &t.p->shared->vcpu[0];
    uint32_t port = bind_virq(&t, XEN_VIRQ_TIMER);
    cr_expect(port != 0 && port < XEN_CHANNELS);
    const struct xen_bind_virq again = {XEN_VIRQ_TIMER, 0, 0};
    poke(&t, SCRATCH, &again, sizeof(again));
    cr_expect(call(&t, XEN_event_channel_op, XEN_EVTCHN_BIND_VIRQ, SCRATCH, 0,
                   0) == -XEN_EEXIST);

    t.p->shared->evtchn_mask[0] = 1u << port;
    event_raise_virq(t.p, XEN_VIRQ_TIMER);
    cr_expect(t.p->shared->evtchn_pending[0] == 1u << port);
    cr_expect(!c->upcall_pending && c->pending_sel == 0, "masked: no upcall");
    poke(&t, SCRATCH, &port, 4);
    cr_expect(
        call(&t, XEN_event_channel_op, XEN_EVTCHN_UNMASK, SCRATCH, 0, 0) == 0);
    cr_expect(c->upcall_pending && c->pending_sel == 1, "unmask: it is due");
    cr_expect(!event_deliverable(t.p), "the virtual IF is off");
    c->upcall_mask = 0;
    t.p->event = (struct xen_callback){XEN_FLAT_RING1_CS, BASE};
    cr_expect(event_deliverable(t.p));

    cr_expect(call(&t, XEN_event_channel_op, XEN_EVTCHN_CLOSE, SCRATCH, 0, 0) ==
              0);
    cr_expect(t.p->virq_port[XEN_VIRQ_TIMER] == 0);
    cr_expect(call(&t, XEN_event_channel_op, XEN_EVTCHN_CLOSE, SCRATCH, 0, 0) ==
              -XEN_EINVAL);
    monitor_free(t.m);
}

/* Time is the cycle counter: 1 ms is mhz * 1000 cycles, on any host. */
Test(para, timers)
{
    struct para_vm t = para_vm_new();
    uint32_t port = bind_virq(&t, XEN_VIRQ_TIMER);
    uint64_t mhz = t.m->costs->mhz, start = t.m->cpu->cycles;
    cr_expect(timers_next(t.v) == t.p->born + 10000 * mhz, "100 Hz at first");
    cr_expect(call(&t, XEN_vcpu_op, XEN_VCPU_STOP_PERIODIC_TIMER, 0, 0, 0) ==
              0);
    cr_expect(timers_next(t.v) == UINT64_MAX);
    cr_expect(call(&t, XEN_set_timer_op, 3000000, 0, 0, 0) == 0);
    uint64_t due = timers_next(t.v);
    cr_expect(due == t.p->born + 3000 * mhz);
    t.m->cpu->cycles = due - 1;
    timers_run(t.p);
    cr_expect(!event_pending(t.p, port));
    t.m->cpu->cycles = due;
    timers_run(t.p);
    cr_expect(event_pending(t.p, port));
    cr_expect(timers_next(t.v) == UINT64_MAX, "one shot");

    const struct xen_vcpu_time *v = &t.p->shared->vcpu[0].time;
    cr_expect(v->version % 2 == 0 && v->system_time == 3000000);
    uint64_t tsc = due - start + 1000000 * mhz, ns = tsc - (due - start);
    ns = (uint64_t)((unsigned __int128)(ns << v->tsc_shift) *
                        v->tsc_to_system_mul >>
                    32);
    cr_expect(ns > 999999000 && ns <= 1000000000, "the shared page's rate");
    t.m->cpu->cycles = start;
    monitor_free(t.m);
}

Test(para, console_ring_is_the_guests_to_spoil)
{
    struct para_vm t = para_vm_new();
    struct xen_console *c = t.p->console;
    c->out_prod = 0x80000000;
    console_drain(t.p);
    cr_expect(c->out_cons == 0, "more than the ring holds: nothing");
    c->out_prod = sizeof(c->out);
    console_drain(t.p);
    cr_expect(c->out_cons == sizeof(c->out));
    c->in_prod = 5;
    c->in_cons = 9;
    cr_expect(!vm_serial_in(t.v, 'x'));
    c->in_cons = 5;
    cr_expect(vm_serial_in(t.v, 'x') && c->in[5] == 'x' && c->in_prod == 6);
    cr_expect(event_pending(t.p, t.p->console_port));
    monitor_free(t.m);
}

/* ------------------------------------------------------ random hypercalls */

/* xorshift: the same calls on every host. */
static uint32_t random32(uint32_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 17;
    *s ^= *s << 5;
    return *s;
}

/* A word that is often nearly right. */
static uint32_t likely(struct para_vm *t, uint32_t *s)
{
    uint32_t r = random32(s), pfn = random32(s) % 1024;
    switch (r % 10) {
    case 0:
        return random32(s);
    case 1:
        return r >> 28;
    case 2:
        return mfn(t, FREE_PFN + pfn % 16);
    case 3:
        return mfn(t, pfn);
    case 4:
        return mfn(t, FREE_PFN + pfn % 16) << PAGE_SHIFT | (r >> 20 & 0x67);
    case 5:
        return t->p->root.v + (r >> 20 & ~3u);
    case 6:
        return table_of(t, BASE).v + (r >> 20 & ~3u);
    case 7:
        return VA(FREE_PFN + pfn % 16);
    case 8:
        return mfn(t, pfn) << PAGE_SHIFT | (r >> 20 & 0x67);
    default:
        return SCRATCH + 64 * (pfn % 8);
    }
}

static bool random_call(struct para_vm *t, uint32_t *s)
{
    static const uint32_t numbers[] = {
        XEN_mmu_update,        XEN_mmu_update,
        XEN_update_va_mapping, XEN_update_va_mapping,
        XEN_mmuext_op,         XEN_mmuext_op,
        XEN_set_gdt,           XEN_update_descriptor,
        XEN_multicall,         XEN_set_trap_table,
        XEN_stack_switch,      XEN_event_channel_op,
        XEN_vcpu_op,           XEN_iret,
        XEN_callback_op,       XEN_xen_version,
        XEN_memory_op};
    uint32_t n = numbers[random32(s) % (sizeof(numbers) / sizeof(numbers[0]))];
    uint32_t word[128], arg[6];
    for (uint32_t i = 0; i < 128; i++) {
        word[i] = likely(t, s);
        if (n == XEN_mmu_update && i % 2)
            word[i] = 0; /* the high words */
        if (n == XEN_mmuext_op && i % 3 == 0)
            word[i] = random32(s) % 14;
    }
    gpa_t at = {SCRATCH - BASE};
    cr_assert(guest_write(t->v, at, word, sizeof(word)));
    for (uint32_t i = 0; i < 6; i++)
        arg[i] = likely(t, s);
    if (n == XEN_vcpu_op || n == XEN_callback_op || n >= XEN_event_channel_op)
        arg[0] %= 12; /* a command */
    if (n == XEN_mmu_update || n == XEN_mmuext_op) {
        arg[0] = SCRATCH;
        arg[1] = random32(s) % 4;
        arg[2] = 0;
        arg[3] = XEN_DOMID_SELF;
    }
    if (n == XEN_update_va_mapping) {
        arg[0] = VA(FREE_PFN + random32(s) % 16);
        arg[2] = 0;
    }
    return hypercall_do(t->p, n, arg) >= 0;
}

/* A VM may lose its own page tables by this, so each lives a while only. */
Test(para, random_hypercalls)
{
    uint32_t s = 20031019, done = 0, tables = 0;
    for (uint32_t life = 0; life < 60; life++) {
        struct para_vm t = para_vm_new();
        for (uint32_t i = 0; i < 16; i += 2) /* these may become tables */
            cr_assert(map(&t, VA(FREE_PFN + i), 0) == 0);
        for (uint32_t i = 0; i < 300; i++) {
            done += random_call(&t, &s);
            if (i % 16 != 0)
                continue;
            audit(&t);
            for (uint32_t k = 0; k < 16; k++)
                tables += row(&t, FREE_PFN + k)->type > FRAME_WRITABLE;
        }
        audit(&t);
        monitor_free(t.m);
    }
    cr_expect(done > 3000, "%u of 18000 calls did something", done);
    cr_expect(tables > 100, "tables were seen %u times", tables);
}
