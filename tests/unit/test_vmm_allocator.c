/*
 * The allocator: a frame has one owner, each guest sees its own memory, and
 * both maps agree.
 */
#include "toy_fixture.h"

static void two_guests(struct fixture *f, struct vm **w)
{
    START(f, emulate_one_byte, 0xf4);
    *w = add(f, (const uint8_t[]){0xf4}, 1);
}

Test(allocator, p2m_and_m2p_are_each_others_inverse)
{
    struct fixture f;
    struct vm *w;
    two_guests(&f, &w);
    uint8_t *taken = calloc(1, f.m->frame_count);
    for (int i = 0; i < 2; i++) {
        struct vm *v = i ? w : f.v;
        for (uint32_t at = 123; at < vm_memory(v); at += PAGE_SIZE) {
            mpa_t there;
            gpa_t back;
            cr_assert(p2m(v, (gpa_t){at}, &there));
            cr_assert_not(taken[there.v >> PAGE_SHIFT]++, "one owner");
            cr_assert(m2p(v, there, &back));
            cr_assert_eq(back.v, at);
            cr_assert_not(m2p(i ? f.v : w, there, &back), "not the other's");
            cr_assert_eq(frame_guest(f.m, there), v);
        }
    }
    free(taken);
    monitor_free(f.m);
}

Test(allocator, the_map_ends_where_the_memory_does)
{
    struct fixture f;
    mpa_t there;
    START(&f, emulate_one_byte, 0xf4);
    cr_assert(p2m(f.v, (gpa_t){vm_memory(f.v) - 1}, &there));
    cr_assert_not(p2m(f.v, (gpa_t){vm_memory(f.v)}, &there));
    cr_assert_not(p2m(f.v, (gpa_t){0xffffffff}, &there));
    cr_assert_null(frame_info(f.m, (mpa_t){f.m->ram.size}));
    cr_assert_null(frame_bytes(f.m, (mpa_t){0xfffff000}));
    monitor_free(f.m);
}

Test(allocator, guest_memory_is_read_and_written_whole_or_not_at_all)
{
    struct fixture f;
    uint8_t out[PAGE_SIZE * 2], in[PAGE_SIZE * 2];
    START(&f, emulate_one_byte, 0xf4);
    for (size_t i = 0; i < sizeof out; i++) {
        out[i] = (uint8_t)(i * 7);
    }
    gpa_t across = {0x3ffe}; /* over three pages */
    cr_assert(guest_write(f.v, across, out, sizeof out));
    cr_assert(guest_read(f.v, across, in, sizeof in));
    cr_assert_arr_eq(in, out, sizeof out);
    gpa_t end = {vm_memory(f.v) - 4};
    cr_assert_not(guest_write(f.v, end, out, 5));
    cr_assert(guest_read(f.v, end, in, 4));
    cr_assert_arr_eq(in, "\0\0\0\0", 4, "nothing was written");
    cr_assert_not(guest_read(f.v, (gpa_t){0xfffffffe}, in, 4), "no wrap");
    monitor_free(f.m);
}

Test(allocator, frames_run_out_with_an_answer_and_come_back)
{
    struct fixture f;
    mpa_t frame, last = {0};
    START(&f, emulate_one_byte, 0xf4);
    uint32_t left = frames_left(f.m);
    for (uint32_t i = 0; i < left; i++) {
        cr_assert(frame_alloc(f.m, NULL, &frame));
        memset(frame_bytes(f.m, frame), 0xaa, PAGE_SIZE);
        last = frame;
    }
    cr_assert_not(frame_alloc(f.m, NULL, &frame));
    frame_free(f.m, last);
    cr_assert(frame_alloc(f.m, f.v, &frame));
    cr_assert_eq(frame.v, last.v);
    cr_assert_eq(frame_bytes(f.m, frame)[5], 0, "a new owner finds zeros");
    gpa_t at;
    cr_assert_not(m2p(f.v, frame, &at), "owned, and not in its map yet");
    p2m_set(f.v, (gpa_t){0x2000}, frame);
    cr_assert(m2p(f.v, frame, &at) && at.v == 0x2000);
    monitor_free(f.m);
}

/* ------------------------------------------------------- making VMs at all */

static struct vm *try(struct monitor *m, struct vm_config cfg)
{
    *err = 0;
    struct vm *v = monitor_add_vm(m, &cfg, err, sizeof err);
    cr_assert(v || *err, "a refusal without a message");
    return v;
}

Test(setup, what_cannot_be_is_refused_and_leaves_nothing_behind)
{
    struct fixture f;
    START(&f, emulate_one_byte, 0xf4);
    char path[] = "/tmp/ringside-setup-XXXXXX";
    write_image(path, (const uint8_t[]){0xf4}, 1);
    struct vm_config cfg = {
        .technique = &technique_toy, .image = path, .memory = 2u << 20};
    uint32_t left = frames_left(f.m);

    struct vm_config wrong = cfg;
    wrong.memory = 4096;
    cr_assert_null(try(f.m, wrong));
    cr_assert(strstr(err, "at least 1 MiB"), "%s", err);
    wrong.memory = (2u << 20) + 1;
    cr_assert_null(try(f.m, wrong));
    wrong.memory = 1u << 31;
    cr_assert_null(try(f.m, wrong));
    wrong.memory = 16u << 20; /* all of it; the first guest has some */
    cr_assert_null(try(f.m, wrong));
    cr_assert(strstr(err, "not enough memory left"), "%s", err);
    wrong = cfg;
    wrong.memory = 1u << 20; /* the image begins where it ends */
    cr_assert_null(try(f.m, wrong));
    cr_assert(strstr(err, "it needs memory up to"), "%s", err);
    wrong = cfg;
    wrong.image = "no/such/file";
    cr_assert_null(try(f.m, wrong));
    wrong = cfg;
    wrong.technique = technique_find("bare");
    cr_assert_null(try(f.m, wrong));
    cr_assert(strstr(err, "run it alone"), "%s", err);

    cr_assert_geq(frames_left(f.m) + 4, left, "the toy keeps its tables");
    cr_assert_eq(monitor_vm_count(f.m), 1);
    cr_assert(try(f.m, cfg), "%s", err);
    cr_assert_eq(run(&f, to_the_end), STOP_ALL_ENDED);
    unlink(path);
    monitor_free(f.m);
}

Test(setup, a_machine_too_small_or_too_big_is_refused)
{
    cr_assert_eq(costs_load(&prices, "unit", err, sizeof err), 0);
    struct monitor_config cfg = {.costs = &prices, .ram_size = 4096};
    cr_assert_null(monitor_new(&cfg, err, sizeof err));
    cr_assert(strstr(err, "1 MiB to 2 GiB"), "%s", err);
    cfg.ram_size = 0xfffff000;
    cr_assert_null(monitor_new(&cfg, err, sizeof err));
}

Test(setup, a_command_line_too_long_is_refused)
{
    static char line[5000];
    memset(line, 'x', sizeof line - 1);
    cr_assert_eq(costs_load(&prices, "unit", err, sizeof err), 0);
    struct monitor_config mc = {.costs = &prices};
    struct monitor *m = monitor_new(&mc, err, sizeof err);
    char path[] = "/tmp/ringside-setup-XXXXXX";
    write_image(path, (const uint8_t[]){0xf4}, 1);
    struct vm_config cfg = {.technique = technique_find("bare"),
                            .image = path,
                            .command_line = line};
    cr_assert_null(try(m, cfg));
    cr_assert(strstr(err, "4999 characters"), "%s", err);
    cfg.command_line = "root=ram";
    struct vm *v = try(m, cfg);
    cr_assert(v, "%s", err);

    /* Multiboot 0.6.96, 3.3: flags, then the fields they promise. */
    uint32_t info[16], entry[6];
    char text[16];
    uint32_t at = monitor_cpu(m)->reg[REG_EBX];
    cr_assert_eq(monitor_cpu(m)->reg[REG_EAX], 0x2badb002);
    cr_assert(guest_read(v, (gpa_t){at}, info, sizeof info));
    cr_assert_eq(info[0] & 0x45, 0x45, "memory, command line, map");
    cr_assert_eq(info[1], 640);
    cr_assert_eq(info[2], 15 * 1024);
    cr_assert(guest_read(v, (gpa_t){info[4]}, text, 9));
    cr_assert_str_eq(text, "root=ram");
    cr_assert_eq(info[11], 3 * 24);
    cr_assert(guest_read(v, (gpa_t){info[12] + 48}, entry, sizeof entry));
    cr_assert_eq(entry[0], 20);
    cr_assert_eq(entry[1], 1 << 20);
    cr_assert_eq(entry[3], 15 << 20);
    cr_assert_eq(entry[5], 1);
    unlink(path);
    monitor_free(m);
}
