/* The runs as commands. */
#include "cli/compare/output.h"

#include <string.h>

/* How this command shows what it does is not what another one is to do. */
static bool is_about_showing(const char *argument)
{
    static const char *const flags[] = {"--list", "--csv", "--latex", "--json", "--quiet", "-q"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(argument, flags[i]) == 0)
            return true;
    return false;
}

void gt_compare_print_command(FILE *file, gt_shell_put *put, int argument_count, char **arguments)
{
    fputs("gradtape compare", file);
    for (int i = 1; i < argument_count; i++)
        if (!is_about_showing(arguments[i])) {
            fputc(' ', file);
            gt_shell_word(file, arguments[i], put);
        }
}

void gt_compare_list(FILE *file, const gt_experiment *e, const gt_run_result *results, int argument_count,
                     char **arguments)
{
    for (uint32_t i = 0; i < e->run_count; i++) {
        if (results[i].present)
            continue;
        gt_compare_print_command(file, gt_shell_put_plain, argument_count, arguments);
        fprintf(file, " --only %s --quiet\n", e->runs[i].name);
    }
}
