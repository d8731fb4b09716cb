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

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    struct monitor *m = watched;
    pressed = 1;
    if (m) {
        monitor_stop_soon(m);
    }
}

void interrupt_watch(struct monitor *m)
{
    struct sigaction action = {.sa_handler = m ? on_interrupt : SIG_DFL};
    /* Once: a monitor that does not listen must not keep the user here. */
    action.sa_flags = (int)SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    watched = m;
    sigaction(SIGINT, &action, NULL);
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
