/* The page around the data: what stands there without its program is what is shown without one, too. */
#include "dump/svg.h"
#include "stepper/embedded.h"
#include "stepper/stepping.h"

#include <string.h>

enum { SHOWN_NUMBERS = 3, MOST_ROWS_WITH_NUMBERS = 1200 };

static void write_head(const gt_stepping *s, gt_text *text)
{
    gt_text_print(
        text,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'\">\n<title>",
        gt_page_program_digest);
    gt_svg_write_text(text, gt_graph_title(s->graph));
    gt_text_print(text, "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n");
    gt_text_put(text, gt_page_style, gt_page_style_size);
    gt_text_print(text, "</style>\n</head>\n<body>\n<header><h1>");
    gt_svg_write_text(text, gt_graph_title(s->graph));
    gt_text_print(text, "</h1></header>\n<main>\n");
}

static void write_view(const gt_stepping_view *view, const char *name, const char *prefix, const char *words,
                       gt_text *text)
{
    if (view->graph == NULL)
        return;
    gt_text_print(text, "<div class=\"p-view\" data-view=\"%s\" hidden>", name);
    gt_stepping_write_picture(view->picture, prefix, words, text);
    gt_text_print(text, "</div>\n");
}

static void write_pictures(const gt_stepping *s, gt_text *text)
{
    gt_stepping_write_common(s->picture, text);
    gt_text_print(text, "<figure id=\"p-picture\" tabindex=\"0\" role=\"group\" aria-label=\"The graph\">\n"
                        "<div class=\"p-view\" data-view=\"unrolled\">");
    gt_stepping_write_picture(s->picture, "", "The graph of all time steps", text);
    gt_text_print(text, "</div>\n");
    write_view(&s->cell, "cell", "c-", "The graph of the cell", text);
    write_view(&s->rolled, "rolled", "r-", "The graph of the loop's body, forward and backward", text);
    gt_text_print(text, "</figure>\n");
}

static void write_entries(const gt_stepping *s, gt_var v, gt_text *text)
{
    gt_array array = gt_interpreter_array(s->run, v);
    int64_t count = gt_shape_count(array.shape);
    if (array.dtype != GT_F64)
        return;
    for (int64_t k = 0; k < count && k < SHOWN_NUMBERS; k++)
        gt_text_print(text, "%s%.4g", k > 0 ? " " : "", ((const double *)array.data)[k]);
    gt_text_print(text, count > SHOWN_NUMBERS ? " …" : "");
}

static void write_row(const gt_stepping *s, const gt_item *item, bool numbers, gt_text *text)
{
    gt_formula rule = gt_stepping_rule(s, item->var);
    const char *name = s->names[item->var.index].text;
    gt_text_print(text, "<tr><th>");
    gt_svg_write_text(text, name);
    gt_text_print(text, "<td>");
    /* What is called by its formula needs it only once. */
    if (strcmp(rule.text, name) != 0)
        gt_svg_write_text(text, rule.text);
    if (numbers) {
        gt_text_print(text, "<td>");
        write_entries(s, item->var, text);
    }
    gt_text_print(text, "\n");
}

static void write_steps(const gt_stepping *s, gt_text *text)
{
    size_t drawn = 0;
    while (drawn < s->item_count && s->items[drawn].node != GT_GRAPH_NONE)
        drawn++;
    bool numbers = drawn <= MOST_ROWS_WITH_NUMBERS;
    gt_text_print(text,
                  "<details id=\"p-all\" open><summary>All steps</summary>\n<div class=\"p-scroll\" tabindex=\"0\" "
                  "role=\"region\" aria-label=\"All steps\"><table id=\"p-steps\">"
                  "<caption>What is given and computed, in the order of the tape%s</caption><thead><tr>"
                  "<th scope=\"col\">what<th scope=\"col\">how%s</thead><tbody>\n",
                  numbers ? ", with the first entries" : "", numbers ? "<th scope=\"col\">first entries" : "");
    for (size_t i = 0; i < drawn; i++)
        write_row(s, &s->items[i], numbers, text);
    gt_text_print(text, "</tbody></table></div></details>\n");
}

static void write_derivation(const gt_stepping *s, gt_text *text)
{
    if (s->options.derivation == NULL)
        return;
    gt_text_print(text, "<details id=\"p-equations\" open><summary>Equations</summary>\n<div class=\"p-scroll\" "
                        "tabindex=\"0\" role=\"region\" aria-label=\"Equations\">\n");
    gt_text_put(text, s->options.derivation, strlen(s->options.derivation));
    gt_text_print(text, "</div></details>\n");
}

static void write_program(const gt_stepping *s, gt_text *text)
{
    gt_text_print(text, "<script type=\"application/json\" id=\"p-data\">\n");
    gt_stepping_write_data(s, text);
    gt_text_print(text, "</script>\n<script>");
    gt_text_put(text, gt_page_program, gt_page_program_size);
    gt_text_print(text, "</script>\n</body>\n</html>\n");
}

void gt_stepping_write_page(const gt_stepping *s, gt_text *text)
{
    write_head(s, text);
    gt_text_print(text, "<div id=\"p-stage\">\n");
    write_pictures(s, text);
    gt_text_print(text, "<div id=\"p-side\"></div>\n</div>\n");
    write_derivation(s, text);
    write_steps(s, text);
    gt_text_print(text, "</main>\n");
    write_program(s, text);
}
