/* test_cpu_guest_events.c - events into a guest, and events that take it out:
 * EVENTINJ and EXITINTINFO, exceptions, physical and virtual interrupts and
 * the window. APM volume 2, 15.7, 15.12, 15.20, 15.21. */
#include "guest_mode_fixture.h"

enum { VALID = 0x80000000u, WITH_ERROR = 0x800, EXCEPTION = 0x300 };

Test(cpu_guest_events, eventinj_delivers_an_interrupt)
{
    struct bench *b = guest_new();
    GUEST(b, 0xf4);
    vmcb_poke(b, 0xa8, VALID | 0x30);
    cr_assert_eq(guest_run(b), 0x78);
    cr_assert_eq(guest_eip(b), handler(0x30), "whatever IF says");
    cr_assert_eq(vmcb_word(b, 0x5d8), GUEST_STACK - 12);
    cr_assert_eq(peek32(b, GUEST_STACK - 12), GUEST_AT);
    cr_assert_not(vmcb_word(b, 0xa8) & VALID, "it is done (15.20)");
    bench_free(b);
}

Test(cpu_guest_events, eventinj_delivers_an_exception_with_its_error_code)
{
    struct bench *b = guest_new();
    GUEST(b, 0xf4);
    set_intercept(b, 0x40 + VEC_GP, true); /* is not asked (15.20) */
    vmcb_poke(b, 0xa8, VALID | WITH_ERROR | EXCEPTION | VEC_GP);
    vmcb_poke(b, 0xac, 0x1234);
    cr_assert_eq(guest_run(b), 0x78);
    cr_assert_eq(guest_eip(b), handler(VEC_GP));
    cr_assert_eq(peek32(b, GUEST_STACK - 16), 0x1234);
    cr_assert_eq(peek32(b, GUEST_STACK - 12), GUEST_AT);
    bench_free(b);
}

/* The gate is not present: #NP, whose error code says IDT and EXT. */
Test(cpu_guest_events, a_fault_on_the_way_leaves_the_event_in_exitintinfo)
{
    struct bench *b = guest_new();
    GUEST(b, 0xf4);
    set_gate(b, 0x30, SEL_CODE, handler(0x30), 0x0e);
    set_intercept(b, 0x40 + VEC_NP, true);
    vmcb_poke(b, 0xa8, VALID | 0x30);
    cr_assert_eq(guest_run(b), 0x40 + VEC_NP);
    cr_assert_eq(vmcb_word(b, 0x78), 0x30 * 8 + 3);
    cr_assert_eq(vmcb_word(b, 0x88), VALID | 0x30);
    cr_assert_eq(guest_eip(b), GUEST_AT);
    cr_assert_eq(vmcb_word(b, 0x5d8), GUEST_STACK, "nothing was pushed");
    bench_free(b);
}

Test(cpu_guest_events, an_error_code_stays_with_its_event)
{
    struct bench *b = guest_new();
    GUEST(b, 0xf4);
    set_gate(b, VEC_GP, SEL_CODE, 0, 0x0e);
    set_intercept(b, 0x40 + VEC_NP, true);
    vmcb_poke(b, 0xa8, VALID | WITH_ERROR | EXCEPTION | VEC_GP);
    vmcb_poke(b, 0xac, 0x50);
    cr_assert_eq(guest_run(b), 0x40 + VEC_NP);
    cr_assert_eq(vmcb_word(b, 0x88), VALID | WITH_ERROR | EXCEPTION | VEC_GP);
    cr_assert_eq(vmcb_word(b, 0x8c), 0x50);
    bench_free(b);
}

/* 15.12.15: CR2 is not changed, the address is in EXITINFO2. */
Test(cpu_guest_events, an_intercepted_page_fault_tells_its_address)
{
    struct bench *b = guest_new();
    guest_paging(b);
    poke32(b, GTABLE_AT + 4 * 0x40, 0);
    GUEST(b, 0x89, 0x03, 0xf4); /* mov [ebx], eax */
    b->c->reg[REG_EBX] = 0x40120;
    vmcb_poke(b, 0x640, 0x777);
    set_intercept(b, 0x40 + VEC_PF, true);
    cr_assert_eq(guest_run(b), 0x40 + VEC_PF);
    cr_assert_eq(vmcb_word(b, 0x78), 2, "a write, by the supervisor");
    cr_assert_eq(vmcb_word(b, 0x80), 0x40120);
    cr_assert_eq(vmcb_word(b, 0x640), 0x777);
    cr_assert_eq(vmcb_word(b, 0x88), 0, "no event was cut short");
    set_intercept(b, 0x40 + VEC_PF, false);
    cr_assert_eq(guest_run(b), 0x78);
    cr_assert_eq(guest_eip(b), handler(VEC_PF), "else it is the guest's");
    cr_assert_eq(vmcb_word(b, 0x640), 0x40120);
    bench_free(b);
}

Test(cpu_guest_events, a_triple_fault_is_an_exit_not_a_shutdown)
{
    struct bench *b = guest_new();
    GUEST(b, 0x0f, 0x0b);
    vmcb_poke(b, 0x484, 0); /* an IDT of one byte */
    cr_assert_eq(guest_run(b), 0x7f);
    cr_assert_not(b->c->shutdown);
    bench_free(b);
}

/* V_INTR_MASKING: physical interrupts ask the host's IF (15.21.1). */
Test(cpu_guest_events, a_physical_interrupt_exits_though_the_guest_has_if_0)
{
    for (int host_if = 0; host_if < 2; host_if++) {
        struct bench *b = guest_new();
        GUEST(b, 0x90, 0xf4);
        set_intercept(b, 0x60, true);
        vmcb_poke(b, 0x60, 1u << 24);
        b->c->gif = false;
        cpu_set_eflags(b->c, host_if ? FL_IF : 0);
        b->c->interrupt_line = true;
        cr_assert_eq(guest_run(b), host_if ? 0x60 : 0x78);
        cr_assert_eq(b->acknowledged, 0, "it waits for the host");
        cr_assert_not(b->c->gif, "#VMEXIT clears it (15.17)");
        bench_free(b);
    }
}

#define V_IRQ_IGN_MASKING 0x01100100u

Test(cpu_guest_events, a_virtual_interrupt_waits_for_if_and_the_shadow)
{
    struct bench *b = guest_new();
    GUEST(b, 0x90, 0xfb, 0x90, 0x90, 0xf4); /* nop; sti; nop; nop; hlt */
    vmcb_poke(b, 0x60, V_IRQ_IGN_MASKING);
    vmcb_poke(b, 0x64, 0x40);
    cr_assert_eq(guest_run(b), 0x78);
    cr_assert_eq(guest_eip(b), handler(0x40));
    cr_assert_eq(peek32(b, GUEST_STACK - 12), GUEST_AT + 3);
    cr_assert_not(vmcb_word(b, 0x60) & 0x100, "V_IRQ: it was taken");
    bench_free(b);
}

Test(cpu_guest_events, vintr_tells_when_the_window_opens)
{
    struct bench *b = guest_new();
    GUEST(b, 0x90, 0xfb, 0x90, 0x90, 0xf4);
    vmcb_poke(b, 0x60, V_IRQ_IGN_MASKING);
    set_intercept(b, 0x64, true);
    cr_assert_eq(guest_run(b), 0x64);
    cr_assert_eq(guest_eip(b), GUEST_AT + 3);
    cr_assert(vmcb_word(b, 0x60) & 0x100, "V_IRQ: it still waits");
    bench_free(b);
}

Test(cpu_guest_events, a_virtual_interrupt_must_be_above_v_tpr)
{
    for (uint32_t priority = 4; priority <= 6; priority++) {
        struct bench *b = guest_new();
        GUEST(b, 0xfb, 0x90, 0x90, 0xf4);
        vmcb_poke(b, 0x60, 0x01000105 | priority << 16);
        vmcb_poke(b, 0x64, 0x40);
        cr_assert_eq(guest_run(b), 0x78);
        cr_assert_eq(guest_eip(b),
                     priority > 5 ? handler(0x40) : GUEST_AT + 3u);
        bench_free(b);
    }
}

/* 15.21.5: an instruction that exits has not left STI's shadow. */
Test(cpu_guest_events, the_interrupt_shadow_survives_an_exit)
{
    struct bench *b = guest_new();
    GUEST(b, 0xfb, 0xf4); /* sti; hlt */
    cr_assert_eq(guest_run(b), 0x78);
    cr_assert_eq(vmcb_word(b, 0x68) & 1, 1);
    GUEST(b, 0xfb, 0x90, 0xf4);
    vmcb_poke(b, 0x68, 0);
    cr_assert_eq(guest_run(b), 0x78);
    cr_assert_eq(vmcb_word(b, 0x68) & 1, 0, "an instruction later");
    bench_free(b);
}

Test(cpu_guest_events, vmrun_puts_the_guest_into_the_shadow)
{
    struct bench *b = guest_new();
    GUEST(b, 0x90, 0x90, 0xf4);
    vmcb_poke(b, 0x60, V_IRQ_IGN_MASKING);
    vmcb_poke(b, 0x68, 1);
    vmcb_poke(b, 0x570, 0x202); /* IF */
    set_intercept(b, 0x64, true);
    cr_assert_eq(guest_run(b), 0x64);
    cr_assert_eq(guest_eip(b), GUEST_AT + 1);
    bench_free(b);
}
