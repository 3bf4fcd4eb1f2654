#include "ask.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- asking the verifier ------------------------------------------------------------------- */

static const gt_dimension sizes[] = {{"n_x", 2}, {"n_a", 3}, {"n_y", 2}, {"n_c", 4}, {"n_h", 3}, {"n_b", 5},
                                     {"n_k", 3}, {"n_v", 2}, {"n_f", 4}, {"n_s", 4}, {"n_r", 2}};

/* Longer than the report that has the words. */
static void keep(verdict *v, const gt_diagnosis *d)
{
    snprintf(v->kind, sizeof v->kind, "%s", d->kind);
    snprintf(v->said, sizeof v->said, "%s", d->text);
    snprintf(v->repaired, sizeof v->repaired, "%s", d->repaired);
}

/* What a person sees of a text that is refused: the first error, and the likely mistake. */
static void ask_language(const gt_parsed_cell *parsed, verdict *v)
{
    size_t count;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    uint32_t diagnoses = 0;
    v->refused = v->wrong = true;
    for (size_t i = 0; i < count && v->line == 0; i++)
        if (list[i].severity == GT_SEVERITY_ERROR)
            v->line = list[i].line;
    gt_report words = {0};
    gt_diagnosis diagnosis;
    gt_diagnose_cell(parsed, &words, &diagnosis, 1, &diagnoses, NULL);
    if (diagnoses > 0) {
        keep(v, &diagnosis);
        v->line = diagnosis.kind[0] != '\0' ? diagnosis.place.line : v->line;
    }
    gt_report_free(&words);
}

verdict ask(const char *text, size_t size, uint32_t seed)
{
    verdict v = {0};
    gt_error error = {0};
    gt_report report = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, size, NULL);
    if (parsed == NULL)
        fail("parsing", "no memory");
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    gt_check_problem problem = {
        .dimensions = sizes, .dimension_count = sizeof sizes / sizeof *sizes, .examples = 4, .steps = 3};
    gt_check_options options = {.seed = seed, .diagnose = gt_diagnose};
    if (cell == NULL)
        ask_language(parsed, &v);
    else if (gt_check_cell(cell, &problem, &options, &report, &error) != GT_OK)
        fail("checking", error.message);
    if (report.verdict == GT_WRONG) {
        const gt_finding *first = &report.findings[0];
        v.wrong = true;
        v.line = first->place.line;
        snprintf(v.name, sizeof v.name, "%s", first->array);
        keep(&v, &first->diagnosis);
    }
    gt_report_free(&report);
    gt_parsed_cell_free(parsed);
    return v;
}

/* ---- doing what it says -------------------------------------------------------------------- */

static const char *find_line(const char *text, uint32_t line)
{
    for (uint32_t i = 1; i < line && text != NULL; i++) {
        text = strchr(text, '\n');
        text = text != NULL ? text + 1 : NULL;
    }
    return text;
}

bool follow(const char *text, const verdict *v, char *repaired)
{
    const char *line = find_line(text, v->line);
    if (v->line == 0 || line == NULL || v->repaired[0] == '\0')
        return false;
    size_t indentation = strspn(line, " ");
    int written = snprintf(repaired, LARGEST_TEXT, "%.*s%s%s", (int)(line + indentation - text), text, v->repaired,
                           line + strcspn(line, "\n"));
    return written > 0 && written < LARGEST_TEXT;
}

int follow_until_right(const char *text, uint32_t seed, int rounds)
{
    char *now = malloc(LARGEST_TEXT), *next = malloc(LARGEST_TEXT);
    int round = 0;
    if (now == NULL || next == NULL)
        fail("following", "no memory");
    snprintf(now, LARGEST_TEXT, "%s", text);
    for (;; round++) {
        verdict v = ask(now, strlen(now), seed);
        if (!v.wrong)
            break;
        if (round == rounds || !follow(now, &v, next)) {
            round = -1;
            break;
        }
        char *swap = now;
        now = next;
        next = swap;
    }
    free(now);
    free(next);
    return round;
}

/* ---- what nobody would write --------------------------------------------------------------- */

/* "(x - x)" */
static bool vanishes(const char *text)
{
    for (const char *at = strchr(text, '('); at != NULL; at = strchr(at + 1, '(')) {
        const char *minus = strstr(at, " - ");
        size_t length = minus != NULL ? (size_t)(minus - at - 1) : 0;
        if (length > 0 && strncmp(at + 1, minus + 3, length) == 0 && minus[3 + length] == ')')
            return true;
    }
    return false;
}

static bool has_rounding_constant(const char *text)
{
    for (const char *at = strstr(text, "e-1"); at != NULL; at = strstr(at + 1, "e-1"))
        if (at > text && isdigit((unsigned char)at[-1]) && isdigit((unsigned char)at[3]))
            return true;
    return false;
}

/* Powers but squares, and 1.5 and 0.5, of which roots are made. */
static bool has_odd_power(const char *text)
{
    for (const char *at = strstr(text, "**"); at != NULL; at = strstr(at + 2, "**"))
        if (isdigit((unsigned char)at[2]) && at[2] != '2' && at[3] != '.')
            return true;
    return false;
}

bool is_absurd(const char *repaired, const char *original)
{
    return (vanishes(repaired) && !vanishes(original)) || has_rounding_constant(repaired) ||
           (has_odd_power(repaired) && !has_odd_power(original));
}
