#include "cli/check/explain.h"

#include "cli/cell_source.h"
#include "cli/terminal.h"

#include <gradtape.h>
#include <stdio.h>

enum { MOST = 4 };

static void print(const gt_diagnosis *diagnosis)
{
    fprintf(stderr, "%s:%u:%u: %slikely: %s%s\n", diagnosis->place.file, diagnosis->place.line,
            diagnosis->place.column, gt_terminal_style(stderr, GT_STYLE_STRONG), diagnosis->text,
            gt_terminal_style(stderr, GT_STYLE_PLAIN));
    fprintf(stderr, "    should read: %s%s%s\n", gt_terminal_style(stderr, GT_STYLE_GOOD),
            diagnosis->repaired, gt_terminal_style(stderr, GT_STYLE_PLAIN));
}

void gt_check_explain(const char *cell_text)
{
    gt_cell_source source;
    gt_diagnosis diagnoses[MOST];
    uint32_t count = 0;
    if (!gt_cell_source_find(&source, cell_text, NULL) && source.parsed != NULL)
        gt_diagnose_cell(source.parsed, diagnoses, MOST, &count, NULL);
    for (uint32_t i = 0; i < count; i++)
        if (diagnoses[i].kind[0] != '\0')
            print(&diagnoses[i]);
    gt_cell_source_free(&source);
}
