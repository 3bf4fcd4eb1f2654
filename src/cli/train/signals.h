/*
 * Ctrl-C, SIGTERM, and SIGHUP of a terminal that is closed: the first asks to
 * stop, the second ends the program at once.
 */
#ifndef GT_CLI_SIGNALS_H
#define GT_CLI_SIGNALS_H

#include <stdbool.h>

void gt_signals_catch(void);
void gt_signals_release(void);
/* Whether one has come; the argument is ignored: this is a gt_interrupt, too. */
bool gt_signals_came(void *context);

#endif
