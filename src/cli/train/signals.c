#include "cli/train/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t came;

static void set_both(void (*handler)(int));

static void take(int signal_number)
{
    (void)signal_number;
    came = 1;
    set_both(SIG_DFL); /* the next one does what it does to any program */
}

static void set_both(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void gt_signals_catch(void)
{
    came = 0;
    set_both(take);
}

void gt_signals_release(void)
{
    set_both(SIG_DFL);
}

bool gt_signals_came(void *context)
{
    (void)context;
    return came != 0;
}
