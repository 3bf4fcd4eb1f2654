/* What the processes of a command tell each other, and the line of progress that is made of it. */
#ifndef GT_COMPARE_WATCH_H
#define GT_COMPARE_WATCH_H

#include "compare/crew.h"

#include <stdatomic.h>
#include <sys/types.h>

typedef enum gt_crew_stop {
    GT_CREW_GO_ON,
    GT_CREW_STOP_SOON, /* no new run is begun */
    GT_CREW_STOP_NOW   /* what is under way ends, too */
} gt_crew_stop;

/* Of one process. */
typedef struct gt_crew_slot {
    pid_t process;       /* 0: it is gone */
    _Atomic int32_t run; /* that is under way; -1: none */
    double done, loss;
    bool failed;
    gt_error error;
} gt_crew_slot;

/* In memory that all of them see. */
typedef struct gt_crew_board {
    _Atomic int stop; /* gt_crew_stop */
    _Atomic uint32_t orphans, finished;
    uint32_t count;
    gt_crew_slot slots[];
} gt_crew_board;

typedef struct gt_crew_watch {
    const gt_crew *crew;
    gt_crew_board *board;
    gt_progress progress; /* in thousandths of a run */
    uint32_t wanted, done, finished;
    double counted; /* when the results were last counted; gt_clock_seconds */
    uint32_t orphans;
} gt_crew_watch;

/* The line on a terminal, with the time left; nothing elsewhere. */
void gt_crew_watch_begin(gt_crew_watch *watch, const gt_crew *crew, gt_crew_board *board);
void gt_crew_watch_show(gt_crew_watch *watch);
void gt_crew_watch_end(gt_crew_watch *watch);

#endif
