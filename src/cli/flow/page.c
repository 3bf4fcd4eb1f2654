/* The flow as a page: the picture, its numbers, and below them the steps at the place that is clicked. */
#include "cli/flow/runs.h"
#include "command/markup.h"
#include "command/steps.h"

#include <stdlib.h>

/* A number, which leads to its steps where there are any; what no gradient reaches has none. */
static void write_number(FILE *file, const gt_flow_view *view, uint32_t i, int64_t t)
{
    const gt_flow_series *series = &view->flow->series[i];
    if (view->number > 0 && series->norm[t] > 0)
        fprintf(file, "<td><a href=\"#steps\" data-view=\"%u\" data-name=\"%s\" data-t=\"%lld\">%.4g</a>",
                (unsigned)view->number, series->name, (long long)t + 1, series->norm[t]);
    else
        fprintf(file, "<td>%.4g", series->norm[t]);
}

static void write_table(FILE *file, const gt_flow_view *view)
{
    const gt_flow *flow = view->flow;
    fputs("<div class=\"scroll\"><table><caption>", file);
    gt_markup_text(file, view->label);
    fputs("</caption><thead><tr><th>gradient of<th>t = 1<th>last step<th>backward in time</tr></thead><tbody>\n", file);
    for (uint32_t i = 0; i < flow->series_count; i++) {
        char words[80];
        gt_flow_words(flow->series[i].slope, words, sizeof words);
        fputs("<tr><th>", file);
        gt_markup_text(file, flow->series[i].name);
        write_number(file, view, i, 0);
        write_number(file, view, i, flow->steps - 1);
        fprintf(file, "<td>%s</tr>\n", words);
    }
    fputs("</tbody></table></div>\n", file);
}

static const char head[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
    "content=\"width=device-width\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\"><link rel=\"icon\" "
    "href=\"data:,\"><title>Where the gradient "
    "goes</title><style>body{margin:1rem;color:#222;background:#fff;"
    "font-family:'DejaVu Sans',Verdana,sans-serif;line-height:1.45}main{max-width:75rem}svg{max-width:100%;height:auto}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{padding:.15rem .7rem;text-align:right;border-bottom:1px solid "
    "#8886}th:first-child,td:last-child{text-align:left}caption{text-align:left;font-weight:bold}"
    ".scroll{overflow-x:auto}iframe{width:100%;height:46rem;border:1px solid #888}a{color:#0b5cad}"
    "@media (prefers-color-scheme:dark){a{color:#7ec0ff}body{color:#e6e6e6;background:#16181c}}</style><main><h1>Where "
    "the gradient "
    "goes</h1>\n<p>The gradient of the loss with respect to every state, gate and input at every time step, by the "
    "reverse replay of the tape. Point at a line, a row or a bar for its numbers; click a map, or a number below, to "
    "step "
    "through the computation there.</p>\n";

static const char reading[] =
    "<h2>How to read it</h2><ul><li><b>Norm</b>: a line that falls to the left is a gradient that vanishes; below the "
    "dotted "
    "line a sum in float no longer notices it. States are solid, gates and inputs dashed.<li><b>Each unit over "
    "time</b>: "
    "the same by unit, as a root of the mean square over examples.<li><b>Paths</b>: the share of a parameter's "
    "gradient "
    "that comes within the step of the loss, through one state alone from step to step, and through several. Shares "
    "add "
    "up to 1; one left of the line cancels others.<li><b>Loss at step through use at step</b>: how far back the "
    "parameters are used that a loss is due to; orange is negative.<li><b>Singular values</b>: how much a small change "
    "of "
    "the states at t can change those at the end, in each direction.</ul></main></html>\n";

/* ---- steps --------------------------------------------------------------------------------- */

/* A text of JavaScript; "<" never stands in it, so that nothing in it can end the element around it. */
static void write_script_text(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        unsigned char letter = (unsigned char)*text;
        if (letter < 32 || letter == '<' || letter == '"' || letter == '\\')
            fprintf(file, "\\u%04x", letter);
        else
            fputc(letter, file);
    }
    fputc('"', file);
}

static gt_status make_steps(const gt_flow_view *view, size_t *room, char **page, gt_error *error)
{
    const gt_stepper_options options = {.all_steps = view->flow->steps <= GT_STEPS_DRAWN};
    size_t size;
    gt_status status = gt_steps_page(view->parsed, &view->problem, &options, page, &size, error);
    if (status == GT_OK && size > *room) {
        gt_stepper_free(*page);
        return gt_error_set(error, GT_ERROR_SIZE, "its steps would make the page larger than 8 MB; take fewer flows");
    }
    *room -= status == GT_OK ? size : 0;
    return status;
}

/* The pages of steps, or why there are none. They number the views, which the picture reads.. */
static void write_steps(FILE *file, gt_flow_view *views, uint32_t count)
{
    size_t room = GT_STEPPER_MOST_BYTES;
    fputs("<section id=\"steps\"><h2>Steps</h2>\n", file);
    for (uint32_t v = 0; v < count; v++) {
        char *page = NULL;
        gt_error error = {0};
        if (make_steps(&views[v], &room, &page, &error) != GT_OK) {
            fputs("<p>", file);
            gt_markup_text(file, views[v].label);
            fputs(" cannot be stepped through here: ", file);
            gt_markup_text(file, error.message);
            fputs("</p>\n", file);
            continue;
        }
        views[v].number = v + 1;
        fprintf(file, "<script type=\"application/json\" id=\"steps-%u\">", (unsigned)v + 1);
        write_script_text(file, page);
        fputs("</script>\n", file);
        gt_stepper_free(page);
    }
    fputs("<noscript><p>Steps need JavaScript.</p></noscript>\n<iframe id=\"frame\" title=\"The cell step by step\" "
          "sandbox=\"allow-scripts\" hidden></iframe></section>\n",
          file);
}

/* A frame knows no address here: where it opens stands in its data. All that reaches a state is called s_c. */
static const char program[] =
    "<script>\n\"use strict\";\nconst frame = document.getElementById(\"frame\");\n"
    "document.addEventListener(\"click\", (event) => {\n"
    "const place = event.target.closest(\"[data-name]\");\nif (!place) return;\nevent.preventDefault();\n"
    "const { view, name, t } = place.dataset, page = JSON.parse(document.getElementById(\"steps-\" + "
    "view).textContent);\n"
    "const called = (page.includes(\"<th>s_\" + name + \"⟨\" + t + \"⟩<\") ? \"s_\" : \"d\") + name;\n"
    "const start = JSON.stringify(\"#name=\" + encodeURIComponent(called) + \"&t=\" + t);\n"
    "frame.srcdoc = page.replace('id=\"p-data\">\\n{', (found) => found + '\"start\":' + start + \",\");\n"
    "frame.hidden = false;\nframe.scrollIntoView();\nframe.focus();\n});\n</script>\n";

bool gt_flow_write_html(FILE *file, gt_flow_view *views, uint32_t count)
{
    char *steps = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&steps, &size);
    if (memory != NULL) {
        write_steps(memory, views, count);
        fclose(memory);
    }
    fputs(head, file);
    bool done = gt_flow_write_svg(file, views, count) && steps != NULL;
    fputs("<h2>Numbers</h2>\n", file);
    for (uint32_t v = 0; v < count; v++)
        write_table(file, &views[v]);
    fputs(steps != NULL ? steps : "", file);
    fputs(program, file);
    fputs(reading, file);
    free(steps);
    return done;
}
