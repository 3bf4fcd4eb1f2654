#include "derive/page.h"

#include <string.h>

void gt_page_put(gt_page *w, const char *text)
{
    gt_text_print(w->doc.text, "%s", text);
}

/* Names of a cell as they are written there. */
void gt_page_words(gt_page *w, const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '_' && w->m->escapes)
            gt_page_put(w, "\\_");
        else
            gt_text_put(w->doc.text, text, 1);
}

void gt_page_heading(gt_page *w, const char *title)
{
    gt_text_print(w->doc.text, "%s%s%s", w->m->heading[0], title, w->m->heading[1]);
}

void gt_page_begin(gt_page *w)
{
    gt_page_put(w, w->m->lines[0]);
    w->lines_in_row = 0;
    w->numbered = 0;
}

/* What a line begins with; attributes stand in the first element. */
static void put_start(gt_page *w)
{
    const char *start = w->m->line[0];
    size_t element = w->tag != NULL ? strcspn(start, ">") : 0;
    gt_text_put(w->doc.text, start, element);
    if (w->tag != NULL && w->tag->bytes != NULL)
        gt_text_put(w->doc.text, w->tag->bytes, w->tag->count);
    gt_page_put(w, start + element);
}

/* number 0: the next of its section. */
void gt_page_line(gt_page *w, char kind, uint32_t number)
{
    w->numbered += number == 0;
    if (w->m->most_lines > 0 && w->lines_in_row >= w->m->most_lines) {
        gt_page_put(w, w->m->lines[1]);
        gt_page_put(w, w->m->lines[0]);
        w->lines_in_row = 0;
    }
    w->lines_in_row++;
    put_start(w);
    gt_text_print(w->doc.text, "(%c%u)", kind, number > 0 ? number : w->numbered);
    gt_page_put(w, w->m->line[1]);
}
