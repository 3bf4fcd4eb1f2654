#include "command/options.h"

#include "base/utf8.h"
#include "command/page.h"
#include "command/terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where explanations begin; on a narrow terminal further left, below what they explain. */
static int help_column(int width)
{
    return width < 60 ? 8 : 28;
}

static void print_heading(const char *text)
{
    printf("\n%s%s%s\n", gt_terminal_style(stdout, GT_STYLE_STRONG), text, gt_terminal_style(stdout, GT_STYLE_PLAIN));
}

/* "rnn|lstm|gru" for a choice, else what the table calls the value. */
static void format_argument(const gt_option *option, char *text, size_t size)
{
    if (option->kind != GT_KIND_CHOICE || option->argument != NULL) {
        gt_utf8_format(text, size, "%s%s", option->argument != NULL ? option->argument : "",
                       option->kind == GT_KIND_TEXTS && !option->one_each ? "..." : "");
        return;
    }
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; option->choices[i] != NULL && used < size; i++)
        used += gt_utf8_format(text + used, size - used, "%s%s", i > 0 ? "|" : "", option->choices[i]);
}

/* " (default 128)", or "" where there is none to speak of. */
static void format_default(const gt_option *option, char *text, size_t size)
{
    text[0] = '\0';
    if (option->required || option->no_default)
        return;
    switch (option->kind) {
    case GT_KIND_INTEGER:
        gt_utf8_format(text, size, " (default %" PRId64 ")", *(const int64_t *)option->target);
        break;
    case GT_KIND_REAL:
        snprintf(text, size, " (default %g)", *(const double *)option->target);
        break;
    case GT_KIND_CHOICE:
        gt_utf8_format(text, size, " (default %s)", option->choices[*(const int *)option->target]);
        break;
    case GT_KIND_SET:
        if (*(const int *)option->target == option->value)
            snprintf(text, size, " (default)");
        break;
    case GT_KIND_TEXT:
        if (*(const char *const *)option->target != NULL)
            gt_utf8_format(text, size, " (default %s)", *(const char *const *)option->target);
        break;
    case GT_KIND_END:
    case GT_KIND_FLAG:
    case GT_KIND_BYTES:
    case GT_KIND_TEXTS:
        break;
    }
}

/* Breaks "--engine planned|exact|interpreter" behind a bar. */
static void print_choices(const char *left, int width)
{
    int column = printf("  ");
    while (*left != '\0') {
        size_t part = strcspn(left, "|");
        part += left[part] == '|';
        if (column + gt_terminal_columns(left, part) > width)
            column = printf("\n      ") - 1;
        column += gt_terminal_columns(left, part);
        printf("%.*s", (int)part, left);
        left += part;
    }
}

static void print_row(const char *left, const char *help, const char *behind)
{
    char text[1024];
    gt_utf8_format(text, sizeof text, "%s%s", help, behind);
    int width = gt_terminal_width(stdout), indent = help_column(width),
        column = 2 + gt_terminal_columns(left, strlen(left));
    if (column <= width)
        printf("  %s", left);
    else /* a long list of choices */
        print_choices(left, width);
    if (column > indent - 2)
        printf("\n%*s", indent, "");
    else
        printf("%*s", indent - column, "");
    gt_terminal_wrap(stdout, text, indent, indent, width);
}

static void print_option(const gt_option *option)
{
    char argument[160], behind[200], left[300];
    format_argument(option, argument, sizeof argument);
    format_default(option, behind, sizeof behind);
    char letter[8] = "";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    gt_utf8_format(left, sizeof left, "%s--%s%s%s", letter, option->name, *argument != '\0' ? " " : "", argument);
    print_row(left, option->help, behind);
}

static void print_operand(const gt_option *operand)
{
    char choices[160];
    gt_utf8_format(choices, sizeof choices, "%s", "");
    if (operand->kind == GT_KIND_CHOICE)
        format_argument(operand, choices, sizeof choices);
    char behind[200];
    gt_utf8_format(behind, sizeof behind, *choices != '\0' ? ": %s" : "%s", choices);
    print_row(operand->name, operand->help, behind);
}

static void print_synopsis(const gt_usage *usage)
{
    char text[1024];
    gt_utf8_format(text, sizeof text, "Usage: gradtape %s", usage->command->name);
    for (const gt_option *o = usage->operands; o != NULL && o->kind != GT_KIND_END; o++)
        gt_utf8_append(text, sizeof text, " %s%s", o->name, o->kind == GT_KIND_TEXTS ? "..." : "");
    for (const gt_option *o = usage->options; o != NULL && o->kind != GT_KIND_END; o++) {
        char argument[160];
        format_argument(o, argument, sizeof argument);
        if (o->required)
            gt_utf8_append(text, sizeof text, " --%s %s", o->name, argument);
    }
    gt_utf8_append(text, sizeof text, " [OPTION]...");
    gt_terminal_wrap(stdout, text, 4, 0, gt_terminal_width(stdout));
    putchar('\n');
}

void gt_usage_print(const gt_usage *usage)
{
    print_synopsis(usage);
    const char *description = usage->description != NULL ? usage->description : usage->command->summary;
    gt_terminal_wrap(stdout, description, 0, 0, gt_terminal_width(stdout));
    if (usage->operands != NULL && usage->operands->kind != GT_KIND_END) {
        print_heading("Arguments");
        for (const gt_option *o = usage->operands; o->kind != GT_KIND_END; o++)
            print_operand(o);
    }
    print_heading("Options");
    for (const gt_option *o = usage->options; o != NULL && o->kind != GT_KIND_END; o++)
        print_option(o);
    print_row("-h, --help", "print this text", "");
    if (usage->examples != NULL) {
        print_heading("Examples");
        fputs(usage->examples, gt_page());
    }
    print_heading("Exit status");
    gt_terminal_wrap(stdout, "0: good. 1: a verdict is bad. 2: wrong usage or input, or unwritable output.", 2, 0,
                     gt_terminal_width(stdout));
}
