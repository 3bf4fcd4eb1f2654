#include "compare/watch.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "command/terminal.h"

#include <math.h>
#include <stdio.h>

#define PER_RUN 1000
#define COUNT_SECONDS 1
#define SHOW_SECONDS 0.1

/* Others may work on the folder, too. */
static void count(gt_crew_watch *w)
{
    const gt_experiment *e = w->crew->experiment;
    w->done = 0;
    w->finished = w->board->finished;
    for (uint32_t i = 0; i < e->run_count; i++)
        w->done += gt_crew_wants(w->crew, i) && gt_run_result_is_there(e, &e->runs[i]);
    w->counted = gt_clock_seconds();
}

void gt_crew_watch_begin(gt_crew_watch *w, const gt_crew *crew, gt_crew_board *board)
{
    *w = (gt_crew_watch){.crew = crew, .board = board};
    for (uint32_t i = 0; i < crew->experiment->run_count; i++)
        w->wanted += gt_crew_wants(crew, i);
    count(w);
    w->progress = (gt_progress){
        .quiet = crew->quiet, .first = (int64_t)w->done * PER_RUN, .target = (int64_t)w->wanted * PER_RUN};
    gt_progress_begin(&w->progress);
}

static void say_orphans(gt_crew_watch *w)
{
    uint32_t orphans = w->board->orphans;
    if (orphans > w->orphans && !w->crew->quiet)
        gt_progress_say(&w->progress,
                        "gradtape compare: %u run%s begun by a process that is gone: done from %s beginning",
                        orphans - w->orphans, orphans - w->orphans == 1 ? " was" : "s were",
                        orphans - w->orphans == 1 ? "its" : "their");
    w->orphans = orphans;
}

/* ", lstm on adding:200, lr 0.003, seed 2: 61 %, loss 0.123" of the first that is at work. */
static void describe_one(const gt_crew_watch *w, char *text, size_t size)
{
    const gt_experiment *e = w->crew->experiment;
    for (uint32_t i = 0; i < w->board->count; i++) {
        const gt_crew_slot *slot = &w->board->slots[i];
        int32_t place = slot->run;
        if (place < 0)
            continue;
        const gt_experiment_run *run = &e->runs[place];
        gt_utf8_append(text, size, ", %s on %s, lr %g, seed %lld", e->labels[run->cell],
                       gt_experiment_task(e, run->task), e->rates[run->rate], (long long)run->seed);
        if (slot->done > 0)
            gt_utf8_append(text, size, ": %.0f %%, loss %.3g", 100 * slot->done, slot->loss);
        return;
    }
}

void gt_crew_watch_show(gt_crew_watch *w)
{
    double now = gt_clock_seconds(), under_way = 0;
    say_orphans(w);
    if (w->crew->quiet || !w->progress.bar || now - w->progress.last < SHOW_SECONDS)
        return;
    if (now - w->counted >= COUNT_SECONDS || w->board->finished != w->finished)
        count(w);
    for (uint32_t i = 0; i < w->board->count; i++)
        under_way += w->board->slots[i].run >= 0 ? w->board->slots[i].done : 0;
    int64_t place = (int64_t)w->done * PER_RUN + (int64_t)(PER_RUN * under_way);
    char text[400], left[40];
    gt_progress_format_left(&w->progress, place, left, sizeof left);
    gt_utf8_format(text, sizeof text, "%u of %u runs%s%s", w->done, w->wanted, *left != '\0' ? ", " : "", left);
    describe_one(w, text, sizeof text);
    gt_progress_draw(&w->progress, gt_progress_done(&w->progress, place), text);
}

void gt_crew_watch_end(gt_crew_watch *w)
{
    say_orphans(w);
    gt_progress_leave(&w->progress);
}
