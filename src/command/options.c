#include "command/options.h"

#include "base/utf8.h"
#include "gradtape/nearest.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const gt_real_types[] = {"f32", "f64", NULL};

gt_dtype gt_real_type(int choice)
{
    return choice == 0 ? GT_F32 : GT_F64;
}

/* The arguments being read. */
typedef struct reader {
    const gt_usage *usage;
    char **arguments;
    int count, next;
    uint64_t seen; /* bit i: the i-th option of the table was given */
    uint32_t operand;
} reader;

#define MOST_OPTIONS 64

void gt_text_list_free(gt_text_list *list)
{
    free(list->items);
    *list = (gt_text_list){NULL, 0};
}

static bool wrong(const reader *r, const char *format, ...) GT_PRINTF(2, 3);

static bool wrong(const reader *r, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(message, sizeof message, format, arguments);
    va_end(arguments);
    gt_command_fail(r->usage->command, "%s", message);
    fprintf(stderr, "See 'gradtape %s --help'.\n", r->usage->command->name);
    return false;
}

/* ---- values -------------------------------------------------------------------------------- */

/* How a message calls an option: "--hidden" or, for an operand, "CELL". */
static const char *called(const gt_option *option, bool operand, char *text, size_t size)
{
    gt_utf8_format(text, size, operand ? "%s" : "--%s", option->name);
    return text;
}

static bool set_integer(const reader *r, const gt_option *option, const char *name, const char *text)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    bool whole = end != text && *end == '\0';
    if (!whole || errno != 0 || (double)value < option->low || (double)value > option->high)
        return wrong(r, "%s expects a whole number from %.0f to %.0f, not '%s'", name, option->low, option->high, text);
    *(int64_t *)option->target = value;
    return true;
}

static bool set_real(const reader *r, const gt_option *option, const char *name, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    bool whole = end != text && *end == '\0';
    /* Written so that a NaN is refused. */
    if (!whole || !(value >= option->low && value <= option->high)) {
        if (isinf(option->high))
            return wrong(r, "%s expects a number of at least %g, not '%s'", name, option->low, text);
        return wrong(r, "%s expects a number from %g to %g, not '%s'", name, option->low, option->high, text);
    }
    *(double *)option->target = value;
    return true;
}

static bool set_bytes(const reader *r, const gt_option *option, const char *name, const char *text)
{
    static const char units[] = "KMG";
    const double most = 9e18;
    char *end;
    double value = strtod(text, &end);
    const char *unit = end != text && *end != '\0' ? strchr(units, toupper((unsigned char)*end)) : NULL;
    for (const char *k = units; unit != NULL && k <= unit; k++)
        value *= 1000;
    end += unit != NULL;
    if (end == text || *end != '\0' || !(value >= 1 && value <= most))
        return wrong(r, "%s expects a number of bytes, such as 512k, 64M or 1.5G, not '%s'", name, text);
    *(int64_t *)option->target = (int64_t)value;
    return true;
}

static bool set_choice(const reader *r, const gt_option *option, const char *name, const char *text)
{
    char list[256] = "";
    gt_nearest nearest = {.wanted = text};
    for (int i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], text) == 0) {
            *(int *)option->target = i;
            return true;
        }
        gt_nearest_offer(&nearest, option->choices[i]);
        const char *between = i == 0 ? "" : option->choices[i + 1] == NULL ? " or " : ", ";
        gt_utf8_append(list, sizeof list, "%s%s", between, option->choices[i]);
    }
    if (nearest.best != NULL)
        return wrong(r, "%s expects %s, not '%s'; did you mean '%s'?", name, list, text, nearest.best);
    return wrong(r, "%s expects %s, not '%s'", name, list, text);
}

static bool add_text(const reader *r, const gt_option *option, const char *text)
{
    gt_text_list *list = option->target;
    const char **items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (items == NULL)
        return wrong(r, "out of memory");
    items[list->count] = text;
    list->items = items;
    list->count++;
    return true;
}

static bool set_value(const reader *r, const gt_option *option, bool operand, const char *text)
{
    char buffer[80];
    const char *name = called(option, operand, buffer, sizeof buffer);
    switch (option->kind) {
    case GT_KIND_INTEGER:
        return set_integer(r, option, name, text);
    case GT_KIND_REAL:
        return set_real(r, option, name, text);
    case GT_KIND_BYTES:
        return set_bytes(r, option, name, text);
    case GT_KIND_CHOICE:
        return set_choice(r, option, name, text);
    case GT_KIND_TEXTS:
        return add_text(r, option, text);
    case GT_KIND_TEXT:
        if (*text == '\0')
            return wrong(r, "%s is empty", name);
        *(const char **)option->target = text;
        return true;
    case GT_KIND_END:
    case GT_KIND_FLAG:
    case GT_KIND_SET:
        break;
    }
    return false;
}

/* ---- options ------------------------------------------------------------------------------- */

static bool is_option(const char *argument)
{
    return argument[0] == '-' && argument[1] != '\0';
}

static bool takes_value(const gt_option *option)
{
    return option->kind != GT_KIND_FLAG && option->kind != GT_KIND_SET;
}

static bool unknown_option(const reader *r, const char *name)
{
    gt_nearest nearest = {.wanted = name};
    for (const gt_option *o = r->usage->options; o != NULL && o->kind != GT_KIND_END; o++)
        gt_nearest_offer(&nearest, o->name);
    gt_nearest_offer(&nearest, "help");
    if (nearest.best != NULL)
        return wrong(r, "unknown option '--%s'; did you mean '--%s'?", name, nearest.best);
    return wrong(r, "unknown option '--%s'", name);
}

/* Marks an option as given; refuses a second time and one that excludes it. */
static bool mark(reader *r, const gt_option *option)
{
    const gt_option *options = r->usage->options;
    for (uint32_t i = 0; options[i].kind != GT_KIND_END && i < MOST_OPTIONS; i++) {
        bool given = (r->seen >> i & 1) != 0;
        if (&options[i] == option) {
            if (given && option->kind != GT_KIND_TEXTS)
                return wrong(r, "--%s is given twice", option->name);
            r->seen |= (uint64_t)1 << i;
        } else if (given && options[i].target == option->target) {
            return wrong(r, "--%s and --%s exclude each other", options[i].name, option->name);
        }
    }
    if (option->given != NULL)
        *option->given = true;
    return true;
}

/* One option; `value` is what stood behind its "=" or directly behind its letter, or NULL. */
static bool read_option(reader *r, const gt_option *option, const char *value)
{
    if (!mark(r, option))
        return false;
    if (!takes_value(option)) {
        if (value != NULL)
            return wrong(r, "--%s takes no value, but '%s' was given", option->name, value);
        if (option->kind == GT_KIND_FLAG)
            *(bool *)option->target = true;
        else
            *(int *)option->target = option->value;
        return true;
    }
    if (value != NULL)
        return set_value(r, option, false, value);
    /* A number may be negative; anything else that begins with a dash is the next option. */
    bool numeric = option->kind == GT_KIND_INTEGER || option->kind == GT_KIND_REAL;
    if (r->next == r->count || (is_option(r->arguments[r->next]) && !numeric))
        return wrong(r, "--%s needs a value: --%s %s", option->name, option->name,
                     option->argument != NULL ? option->argument : "VALUE");
    do {
        if (!set_value(r, option, false, r->arguments[r->next++]))
            return false;
    } while (option->kind == GT_KIND_TEXTS && !option->one_each && r->next < r->count &&
             !is_option(r->arguments[r->next]));
    return true;
}

static bool read_long(reader *r, const char *text)
{
    const char *equals = strchr(text, '=');
    char name[80];
    int length = equals != NULL ? (int)(equals - text) : (int)strlen(text);
    gt_utf8_format(name, sizeof name, "%.*s", length, text);
    for (const gt_option *o = r->usage->options; o != NULL && o->kind != GT_KIND_END; o++)
        if (strcmp(o->name, name) == 0)
            return read_option(r, o, equals != NULL ? equals + 1 : NULL);
    return unknown_option(r, name);
}

static bool read_letter(reader *r, const char *text)
{
    for (const gt_option *o = r->usage->options; o != NULL && o->kind != GT_KIND_END; o++)
        if (o->letter != 0 && o->letter == text[0])
            return read_option(r, o, text[1] != '\0' ? text + 1 : NULL);
    /* A long name behind a single dash is the usual slip. */
    for (const gt_option *o = r->usage->options; o != NULL && o->kind != GT_KIND_END; o++)
        if (strcmp(o->name, text) == 0)
            return wrong(r, "unknown option '-%s'; did you mean '--%s'?", text, text);
    return wrong(r, "unknown option '-%s'", text);
}

static bool read_operand(reader *r, const char *text)
{
    const gt_option *operands = r->usage->operands;
    if (operands == NULL || operands[r->operand].kind == GT_KIND_END)
        return wrong(r, "'%s' is one argument too many", text);
    const gt_option *operand = &operands[r->operand];
    r->operand += operand->kind != GT_KIND_TEXTS; /* a list takes all that follow */
    return set_value(r, operand, true, text);
}

/* The first operand that was not given; its end if all were. */
static const gt_option *missing_operand(const reader *r)
{
    const gt_option *operand = &r->usage->operands[r->operand];
    bool filled = operand->kind == GT_KIND_TEXTS && ((const gt_text_list *)operand->target)->count > 0;
    return filled ? operand + 1 : operand;
}

static void free_lists(const gt_option *table)
{
    for (const gt_option *o = table; o != NULL && o->kind != GT_KIND_END; o++)
        if (o->kind == GT_KIND_TEXTS)
            gt_text_list_free(o->target);
}

static bool nothing_missing(const reader *r)
{
    const gt_option *operand = r->usage->operands == NULL ? NULL : missing_operand(r);
    if (operand != NULL && operand->kind != GT_KIND_END)
        return wrong(r, "%s is missing: %s", operand->name, operand->help);
    const gt_option *options = r->usage->options;
    for (uint32_t i = 0; options != NULL && options[i].kind != GT_KIND_END; i++)
        if (options[i].required && (r->seen >> i & 1) == 0)
            return wrong(r, "--%s %s is missing: %s", options[i].name,
                         options[i].argument != NULL ? options[i].argument : "VALUE", options[i].help);
    return true;
}

/* ---- all arguments ------------------------------------------------------------------------- */

static bool read_all(reader *r)
{
    bool only_operands = false;
    while (r->next < r->count) {
        const char *argument = r->arguments[r->next++];
        bool good;
        if (only_operands || !is_option(argument))
            good = read_operand(r, argument);
        else if (strcmp(argument, "--") == 0)
            good = only_operands = true;
        else if (argument[1] == '-')
            good = read_long(r, argument + 2);
        else
            good = read_letter(r, argument + 1);
        if (!good)
            return false;
    }
    return nothing_missing(r);
}

/* ---- files --------------------------------------------------------------------------------- */

typedef struct file_list {
    gt_named_file *items;
    uint32_t count;
} file_list;

/* The names of options with their dashes, for as long as the files are looked at. */
typedef struct file_names {
    char texts[MOST_OPTIONS][80];
    uint32_t count;
} file_names;

static uint32_t count_files(const gt_option *table)
{
    uint32_t count = 0;
    for (const gt_option *o = table; o != NULL && o->kind != GT_KIND_END; o++)
        if (o->file != GT_FILE_NONE)
            count += o->kind == GT_KIND_TEXTS ? ((const gt_text_list *)o->target)->count : 1;
    return count;
}

static void add_files(file_list *list, const gt_option *o, const char *name)
{
    const gt_text_list *texts = o->target;
    if (o->kind == GT_KIND_TEXTS)
        for (uint32_t i = 0; i < texts->count; i++)
            list->items[list->count++] = (gt_named_file){name, texts->items[i], o->file};
    else if (o->kind == GT_KIND_FLAG && *(const bool *)o->target)
        list->items[list->count++] = (gt_named_file){name, NULL, o->file};
    else if (o->kind == GT_KIND_TEXT && *(const char *const *)o->target != NULL)
        list->items[list->count++] = (gt_named_file){name, *(const char *const *)o->target, o->file};
}

static void list_files(file_list *list, file_names *names, const gt_option *table, bool operands)
{
    for (const gt_option *o = table; o != NULL && o->kind != GT_KIND_END; o++)
        if (o->file != GT_FILE_NONE && names->count < MOST_OPTIONS) {
            char *name = names->texts[names->count++];
            add_files(list, o, called(o, operands, name, sizeof names->texts[0]));
        }
}

/* Before anything is opened: nothing that is written is read as well. */
static bool check_files(const reader *r)
{
    file_list list = {0};
    file_names names = {.count = 0};
    uint32_t count = count_files(r->usage->operands) + count_files(r->usage->options);
    if (count == 0)
        return true;
    list.items = calloc(count, sizeof *list.items);
    if (list.items == NULL)
        return wrong(r, "out of memory");
    list_files(&list, &names, r->usage->operands, true);
    list_files(&list, &names, r->usage->options, false);
    gt_error error = {0};
    bool good = gt_files_check(list.items, list.count, &error);
    free(list.items);
    if (!good)
        gt_command_fail_error(r->usage->command, &error);
    return good;
}

/* ---- help ---------------------------------------------------------------------------------- */

/* Help is answered before anything else is judged, and with the defaults as they are. */
static bool wants_help(int count, char **arguments)
{
    for (int i = 1; i < count && strcmp(arguments[i], "--") != 0; i++)
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
            return true;
    return false;
}

/* Who asked for the tables, while gt_command_usage runs. */
static gt_usage_visit visitor;
static void *visitor_context;

void gt_command_usage(const gt_command *command, gt_usage_visit visit, void *context)
{
    char name[80];
    gt_utf8_format(name, sizeof name, "%s", command->name);
    visitor = visit;
    visitor_context = context;
    command->run(command, 1, (char *[]){name, NULL});
    visitor = NULL;
}

bool gt_usage_parse(const gt_usage *usage, int argument_count, char **arguments, int *status)
{
    if (visitor != NULL) {
        visitor(usage, visitor_context);
        *status = GT_EXIT_GOOD;
        return false;
    }
    if (wants_help(argument_count, arguments)) {
        gt_usage_print(usage);
        *status = GT_EXIT_GOOD;
        return false;
    }
    reader r = {.usage = usage, .arguments = arguments, .count = argument_count, .next = 1};
    if (read_all(&r) && check_files(&r))
        return true;
    free_lists(usage->operands);
    free_lists(usage->options);
    *status = GT_EXIT_USAGE;
    return false;
}
