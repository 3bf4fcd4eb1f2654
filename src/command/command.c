#include "command/command.h"

#include "command/terminal.h"

#include <stdarg.h>
#include <stdio.h>

int gt_command_fail(const gt_command *command, const char *format, ...)
{
    fflush(stdout); /* so that the message comes after what was said before it */
    fprintf(stderr, "%sgradtape %s:%s ", gt_terminal_style(stderr, GT_STYLE_BAD), command->name,
            gt_terminal_style(stderr, GT_STYLE_PLAIN));
    va_list arguments;
    va_start(arguments, format);
    gt_terminal_say_list(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return GT_EXIT_USAGE;
}

int gt_command_fail_error(const gt_command *command, const gt_error *error)
{
    return gt_command_fail(command, "%s", error->message);
}
