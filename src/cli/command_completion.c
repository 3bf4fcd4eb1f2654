/* gradtape completion: what a shell needs to complete the command's arguments. */
#include "command/options.h"

#include <stdio.h>
#include <string.h>

static const char description[] =
    "Prints a script that completes commands, options, their values and the names of cells. An installed gradtape "
    "has it in place already.";

static const char examples[] = "  source <(gradtape completion bash)\n"
                               "  gradtape completion fish > ~/.config/fish/completions/gradtape.fish\n";

static bool is_end(const gt_option *o)
{
    return o == NULL || o->kind == GT_KIND_END;
}

static bool takes_value(const gt_option *o)
{
    return o->kind != GT_KIND_FLAG && o->kind != GT_KIND_SET;
}

/* The words that an argument may be: choices, or cells that are built in. */
static void print_words(const gt_option *o)
{
    if (o->kind == GT_KIND_CHOICE)
        for (int i = 0; o->choices[i] != NULL; i++)
            printf("%s%s", i > 0 ? " " : "", o->choices[i]);
    else if (o->file == GT_FILE_CELL)
        for (uint32_t i = 0; i < gt_zoo_count(); i++)
            printf("%s%s", i > 0 ? " " : "", gt_zoo_at(i)->name);
}

/* `text` within '...'; what is in `special` gets a backslash. */
static void print_quoted(const char *text, const char *special, const char *quote)
{
    for (const char *c = text; *c != '\0'; c++)
        if (*c == '\'')
            fputs(quote, stdout);
        else
            printf("%s%c", strchr(special, *c) != NULL ? "\\" : "", *c);
}

static void visit_all(gt_usage_visit visit)
{
    for (uint32_t i = 0; gt_command_at(i) != NULL; i++)
        gt_command_usage(gt_command_at(i), visit, NULL);
}

/* ---- bash ---------------------------------------------------------------------------------- */

static void bash_command(const gt_usage *usage, void *context)
{
    (void)context;
    const char *name = usage->command->name;
    for (const gt_option *o = usage->options; !is_end(o); o++)
        if (takes_value(o)) {
            printf("    '%s --%s'", name, o->name);
            if (o->letter != 0)
                printf(" | '%s -%c'", name, o->letter);
            printf(") words='");
            print_words(o);
            printf("' ;;\n");
        }
    printf("    '%s '*)\n        words='", name);
    if (!is_end(usage->operands))
        print_words(usage->operands);
    printf("'\n        [[ $word == -* ]] && words='--help");
    for (const gt_option *o = usage->options; !is_end(o); o++)
        printf(" --%s", o->name);
    printf("' ;;\n");
}

static void print_bash(void)
{
    printf("# Completion of gradtape for bash, made by 'gradtape completion bash'.\n"
           "_gradtape() {\n"
           "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
           "    [[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    [[ $word == = ]] && word=\n"
           "    if (( COMP_CWORD == 1 )); then\n"
           "        COMPREPLY=($(compgen -W '--help --version");
    for (uint32_t i = 0; gt_command_at(i) != NULL; i++)
        printf(" %s", gt_command_at(i)->name);
    printf("' -- \"$word\"))\n        return\n    fi\n    case \"${COMP_WORDS[1]} $before\" in\n");
    visit_all(bash_command);
    printf("    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
           "complete -o default -F _gradtape gradtape\n");
}

/* ---- zsh ----------------------------------------------------------------------------------- */

static void zsh_value(const gt_option *o)
{
    printf(":%s:", o->argument != NULL ? "value" : o->name);
    if (o->kind == GT_KIND_CHOICE) {
        printf("(");
        print_words(o);
        printf(")");
    } else if (o->file != GT_FILE_NONE) {
        printf("%s", o->file == GT_FILE_CELL ? "_gradtape_cell" : "_files");
    } else {
        printf(" ");
    }
}

static void zsh_option(const gt_option *o, const char *dashes, const char *name, const char *equals)
{
    printf(" \\\n        '%s%s%s[", dashes, name, takes_value(o) ? equals : "");
    print_quoted(o->help, "[]:\\", "'\\''");
    printf("]");
    if (takes_value(o))
        zsh_value(o);
    printf("'");
}

static void zsh_command(const gt_usage *usage, void *context)
{
    (void)context;
    printf("    %s) _arguments '--help[print help]'", usage->command->name);
    for (const gt_option *o = usage->operands; !is_end(o); o++) {
        printf(" \\\n        '%s", o->kind == GT_KIND_TEXTS ? "*" : "");
        zsh_value(o);
        printf("'");
    }
    for (const gt_option *o = usage->options; !is_end(o); o++) {
        zsh_option(o, "--", o->name, "=");
        if (o->letter != 0)
            zsh_option(o, "-", (char[]){o->letter, '\0'}, "+");
    }
    printf(" ;;\n");
}

static void print_zsh(void)
{
    printf("#compdef gradtape\n_gradtape_cell() {\n    _alternative 'cells:cell:(");
    print_words(&(gt_option){.kind = GT_KIND_TEXT, .file = GT_FILE_CELL});
    printf(")' 'files:file:_files'\n}\n_gradtape() {\n    local -a commands=(");
    for (uint32_t i = 0; gt_command_at(i) != NULL; i++) {
        printf("\n        '%s:", gt_command_at(i)->name);
        print_quoted(gt_command_at(i)->summary, "", "'\\''");
        printf("'");
    }
    printf(")\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n"
           "    shift words\n    (( CURRENT-- ))\n    case $words[1] in\n");
    visit_all(zsh_command);
    printf("    esac\n}\nif [[ $funcstack[1] == _gradtape ]]; then\n    _gradtape \"$@\"\nelse\n"
           "    compdef _gradtape gradtape\nfi\n");
}

/* ---- fish ---------------------------------------------------------------------------------- */

static void fish_words(const gt_option *o)
{
    if (o->kind != GT_KIND_CHOICE && o->file != GT_FILE_CELL)
        return;
    printf(" -a '");
    print_words(o);
    printf("'");
}

static void fish_command(const gt_usage *usage, void *context)
{
    (void)context;
    const char *name = usage->command->name;
    printf("complete -c gradtape -f -n __fish_use_subcommand -a %s -d '", name);
    print_quoted(usage->command->summary, "\\", "\\'");
    printf("'\n");
    if (!is_end(usage->operands)) {
        printf("complete -c gradtape -n '__fish_seen_subcommand_from %s'", name);
        fish_words(usage->operands);
        printf("\n");
    }
    for (const gt_option *o = usage->options; !is_end(o); o++) {
        printf("complete -c gradtape -n '__fish_seen_subcommand_from %s' -l %s", name, o->name);
        if (o->letter != 0)
            printf(" -s %c", o->letter);
        if (takes_value(o))
            printf(o->file != GT_FILE_NONE ? " -r -F" : " -x");
        fish_words(o);
        printf(" -d '");
        print_quoted(o->help, "\\", "\\'");
        printf("'\n");
    }
}

/* ---- the command --------------------------------------------------------------------------- */

static int run(const gt_command *command, int argument_count, char **arguments)
{
    static const char *const shells[] = {"bash", "zsh", "fish", NULL};
    int shell = 0, status;
    const gt_option operands[] = {
        GT_OPERAND_CHOICE("SHELL", &shell, shells, "the shell"),
        GT_OPTION_END,
    };
    const gt_option options[] = {GT_OPTION_END};
    const gt_usage usage = {command, operands, options, description, examples};
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    if (shell == 0)
        print_bash();
    else if (shell == 1)
        print_zsh();
    else
        visit_all(fish_command);
    return GT_EXIT_GOOD;
}

const gt_command gt_command_completion = {
    "completion",
    "prints a script that completes arguments in a shell",
    run,
};
