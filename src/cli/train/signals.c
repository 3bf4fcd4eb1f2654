#include "cli/train/signals.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t came;

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
enum { NUMBER_COUNT = sizeof numbers / sizeof *numbers };

/* What is ignored stays so: nohup, and jobs in the background of a script. */
static void set_all(void (*handler)(int))
{
    for (int i = 0; i < NUMBER_COUNT; i++) {
        /* On a stack of its own, where whoever runs code that has no stack to spare gave one. */
        struct sigaction before, action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
        sigemptyset(&action.sa_mask);
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

static void take(int signal_number)
{
    (void)signal_number;
    came = 1;
    set_all(SIG_DFL); /* the next one does what it does to any program */
}

void gt_signals_catch(void)
{
    came = 0;
    set_all(take);
}

void gt_signals_release(void)
{
    set_all(SIG_DFL);
}

bool gt_signals_came(void *context)
{
    (void)context;
    return came != 0;
}
