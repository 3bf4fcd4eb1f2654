/*
 * Pictures by Graphviz's program `dot`, which is looked for when one is wanted: in
 * a process of its own it may print, run out of memory or never come to an end
 * without harm to the caller. What it wrote counts only if it is a whole picture.
 */
#include "base/utf8.h"
#include "dump/child.h"
#include "dump/render.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define DOT "dot"

/* Pictures of GT_GRAPH_LARGEST_PICTURE nodes took up to 6 s, 150 MB and, as PDF, 5 MB. */
static const gt_child limits = {
    .seconds = GT_GRAPH_PICTURE_SECONDS, .memory = (size_t)2 << 30, .most_output = (size_t)256 << 20};

#define OTHERWISE "; write .svg instead, which needs no other program"

/* ---- whole pictures ------------------------------------------------------------------------ */

typedef struct picture_form {
    const char *format, *start, *end;
    size_t start_size, end_size;
} picture_form;

#define FORM(format, start, end)                                                                                       \
    {                                                                                                                  \
        format, start, end, sizeof start - 1, sizeof end - 1                                                           \
    }
static const picture_form forms[] = {
    FORM("png", "\x89PNG\r\n\x1a\n", "IEND\xae\x42\x60\x82"),
    FORM("pdf", "%PDF-", "%%EOF\n"),
};

static bool is_whole(const gt_text *picture, const char *format)
{
    const picture_form *form = forms;
    while (strcmp(form->format, format) != 0)
        form++;
    return picture->count >= form->start_size + form->end_size &&
           memcmp(picture->bytes, form->start, form->start_size) == 0 &&
           memcmp(picture->bytes + picture->count - form->end_size, form->end, form->end_size) == 0;
}

/* ---- failures ------------------------------------------------------------------------------ */

#define MOST_WORDS 160

/* ": " and the first line that it said; what a terminal might obey is left out. */
static const char *words_of(const gt_text *errors, char words[MOST_WORDS])
{
    size_t count = 0;
    snprintf(words, MOST_WORDS, ": ");
    for (size_t i = 0; i < errors->count && count + 3 < MOST_WORDS; i++) {
        char letter = errors->bytes[i];
        if (letter == '\n' && count > 0)
            break;
        if (letter >= ' ' && letter <= '~' && (letter != ' ' || count > 0))
            words[2 + count++] = letter;
    }
    words[count > 0 ? 2 + count : 0] = '\0';
    return words;
}

static gt_status report(const gt_child *dot, const char *format, gt_error *error)
{
    char words[MOST_WORDS], what[64];
    switch (dot->end) {
    case GT_CHILD_OUT_OF_TIME:
        snprintf(what, sizeof what, "had no picture after %g seconds and was stopped", dot->seconds);
        break;
    case GT_CHILD_TOO_MUCH_OUTPUT:
        snprintf(what, sizeof what, "wrote more than %zu MB and was stopped", dot->most_output >> 20);
        break;
    case GT_CHILD_SIGNALLED:
        snprintf(what, sizeof what, "was ended by signal %d", dot->code);
        break;
    case GT_CHILD_EXITED:
        if (dot->code != 0)
            snprintf(what, sizeof what, "failed with exit status %d", dot->code);
        else
            snprintf(what, sizeof what, "wrote what is no whole .%.8s file", format);
    }
    return gt_error_set(error, GT_ERROR_FORMAT, "Graphviz's program '%.*s' %s%s" OTHERWISE,
                        gt_utf8_fit(dot->program, 150), dot->program, what, words_of(&dot->errors, words));
}

/* ---- drawing ------------------------------------------------------------------------------- */

static gt_status draw(gt_child *dot, const char *format, gt_text *picture, gt_error *error)
{
    gt_status status = gt_child_run(dot, error);
    if (status != GT_OK)
        return status;
    if (dot->end != GT_CHILD_EXITED || dot->code != 0 || !is_whole(&dot->output, format))
        return report(dot, format, error);
    *picture = dot->output;
    dot->output = (gt_text){0};
    return GT_OK;
}

gt_status gt_render_picture(const char *description, const char *format, gt_text *picture, gt_error *error)
{
    char path[PATH_MAX], option[16];
    if (!gt_child_find(DOT, path, sizeof path))
        return gt_error_set(error, GT_ERROR_UNSUPPORTED,
                            "cannot write .%s: Graphviz's program '" DOT "' is not in a folder of "
                            "PATH; install Graphviz (Debian's package graphviz), or write .svg",
                            format);
    snprintf(option, sizeof option, "-T%.8s", format);
    gt_child dot = limits;
    dot.program = path;
    dot.arguments = (const char *const[]){DOT, "-Kneato", "-n2", option, NULL};
    dot.input = description;
    dot.input_size = strlen(description);
    gt_status status = draw(&dot, format, picture, error);
    gt_child_free(&dot);
    return status;
}
