/*
 * Ctrl-C, SIGTERM, and SIGHUP of a terminal that is closed.
 *
 * A command ends at once and says so, with the status of a signal (130 of Ctrl-C
 * in a shell). While it has something to save or to report, the first signal asks
 * it to stop, and the second ends it.
 */
#ifndef GT_COMMAND_SIGNALS_H
#define GT_COMMAND_SIGNALS_H

#include <stdbool.h>

/* From now on a signal ends the program. `command` names it in the message; it must outlive the program. */
void gt_signals_end(const char *command);
/* From now on a signal asks, until gt_signals_end_again. */
void gt_signals_ask(void);
void gt_signals_end_again(void);
/* Whether one has come since gt_signals_ask; the argument is ignored: this is a gt_interrupt, too. */
bool gt_signals_came(void *context);

#endif
