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
    install(m ? on_interrupt : SIG_DFL, (int)SA_RESETHAND);
}

void interrupt_note(void)
{
    watched = NULL;
    install(on_interrupt, 0);
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
