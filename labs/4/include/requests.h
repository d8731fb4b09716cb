/*
 * requests.h - requests that are made of the monitor and of the model at once,
 * and the frames that they are about.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "model.h"

/* ----------------------------------------------------- frames: frames.c */

void start(void);
/* A frame's content, as the guest would write it: its home is writable. */
void put_entry(uint32_t frame, uint32_t slot, uint32_t e);
uint32_t get_entry(uint32_t frame, uint32_t slot);
uint32_t *home(uint32_t frame);
bool is_home_writable(uint32_t frame);
uint32_t slot_number(uint32_t table, uint32_t slot);
uint32_t frame_number(uint32_t frame); /* on this machine */
uint32_t real_entry(uint32_t e);       /* as the processor reads it */
const char *name_of(uint32_t frame);
/* Of what all tables hold, but for bits that the processor sets. Never 0. */
uint32_t digest(void);

/* ------------------------------------------------- requests: requests.c */

/* A hypercall that is to be made, and what must come of it, by the model;
 * which has done it already. */
#define CALLS_MOST 16u
struct call {
    uint32_t op, a, b, c, d;
    int answer;
};
/* `done` is where the batch's count arrives. */
struct call an_update(const struct update *u, uint32_t n, uint32_t **done);
/* One request as the monitor reads it, without the model's knowing. */
const void *real_request(const struct update *u);
struct call some_ops(const struct op *o, uint32_t n, uint32_t **done);
struct call a_pin(uint32_t frame, enum as level);
struct call an_unpin(uint32_t frame);
struct call a_base(uint32_t frame);
struct call a_mapping(uint32_t frame, uint32_t e); /* of its home */
/* Make it: the monitor's answer, or on a PC the model's. */
int ask(struct call c);
/* All in one multicall; their answers come to them. */
int ask_all(struct call *c, uint32_t n);

/* One at a time. */
int update_one(uint32_t table, uint32_t slot, uint32_t e);
int set_home(uint32_t frame, uint32_t flags);
int pin(uint32_t frame, enum as level);
int unpin(uint32_t frame);
int new_base(uint32_t frame);
/* What all tables hold, and what all answers were, in two numbers. */
void say_end(void);

/* A plain MOV to an entry of a table that is mapped read-only: the monitor
 * does it, if it is a page table's and harmless. Does it? */
bool by_plain_write(uint32_t table, uint32_t slot, uint32_t e);

/* By chance: good ones and bad ones. */
uint32_t some_frame(void);
uint32_t some_flags(void);
/* Would the guest go on with this directory in CR3? */
bool can_live_in(uint32_t frame);
void say_update(const struct update *u);

#endif
