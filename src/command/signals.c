#include "command/signals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t came;
static char message[80]; /* made beforehand: a handler can only write */
static size_t message_length;
static pid_t program; /* a child that has the handlers, too, says nothing */

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

static void end(int signal_number)
{
    if (getpid() == program && write(STDERR_FILENO, message, message_length) < 0)
        message_length = 0; /* there is nobody to tell */
    set_all(SIG_DFL);
    raise(signal_number); /* so that the shell sees what ended the program */
}

static void ask(int signal_number)
{
    (void)signal_number;
    came = 1;
    set_all(end);
}

/* Behind a line of progress, the message begins on a line of its own. */
static void make_message(const char *command)
{
    const char *const parts[] = {isatty(STDERR_FILENO) == 1 ? "\r\033[K" : "", "gradtape ", command, ": interrupted\n"};
    message_length = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t length = strlen(parts[i]);
        if (length > sizeof message - message_length)
            length = sizeof message - message_length;
        memcpy(message + message_length, parts[i], length);
        message_length += length;
    }
}

void gt_signals_end(const char *command)
{
    make_message(command);
    program = getpid();
    set_all(end);
}

void gt_signals_ask(void)
{
    came = 0;
    set_all(ask);
}

void gt_signals_end_again(void)
{
    set_all(end);
}

bool gt_signals_came(void *context)
{
    (void)context;
    return came != 0;
}
