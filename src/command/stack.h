/* The stack of the command. */
#ifndef GT_COMMAND_STACK_H
#define GT_COMMAND_STACK_H

#include <stdbool.h>

/*
 * Takes what the command's deepest calls need of the stack. A stack that cannot grow any more, since the
 * process may have no more memory, is the end without a word; here it is an answer. False: there is no memory.
 */
bool gt_stack_reserve(void);

#endif
