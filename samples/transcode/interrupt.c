/* Ctrl-C and termination: noticed here, acted upon where the input is read. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t asked;

static void on_signal(int number)
{
    (void)number;
    asked = 1;
}

/* No SA_RESTART: a read that waits must return. SA_RESETHAND: the second signal finds the default action. */
void interrupt_install(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    action.sa_flags = 0;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

bool interrupt_asked(void)
{
    return asked != 0;
}

int interrupt_callback(void *unused)
{
    (void)unused;
    return asked;
}
