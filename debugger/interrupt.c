/*
 * interrupt.c - Ctrl-C.
 *
 * A signal handler gets no argument, so here, and nowhere else but where
 * readline has the same habit, a variable of the whole program is needed.
 */
#include "session.h"

#include <signal.h>

static struct monitor *volatile watched;
static volatile sig_atomic_t pressed;
static void (*volatile at_last)(int);

static void install(void (*handler)(int), int flags);

static void on_interrupt(int signal_number)
{
    struct monitor *m = watched;
    (void)signal_number;
    pressed = 1;
    if (m) {
        monitor_stop_soon(m);
        install(at_last ? at_last : SIG_DFL, 0);
    }
}

static void install(void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

/* Once: a monitor that does not listen must not keep the user here. */
void interrupt_watch(struct monitor *m)
{
    watched = m;
    install(m ? on_interrupt : SIG_DFL, 0);
}

void interrupt_press(void)
{
    pressed = 1;
}

void interrupt_note(void)
{
    watched = NULL;
    install(on_interrupt, 0);
}

void interrupt_last(void (*handler)(int))
{
    at_last = handler;
}

bool interrupt_pending(void)
{
    return pressed;
}

bool interrupt_pressed(void)
{
    bool was = pressed;
    pressed = 0;
    return was;
}
