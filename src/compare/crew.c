#include "compare/crew.h"
#include "compare/claim.h"
#include "compare/run.h"
#include "compare/watch.h"

#include "base/utf8.h"
#include "command/signals.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLL_SECONDS 0.05

bool gt_crew_wants(const gt_crew *crew, uint32_t run)
{
    return crew->only == NULL || crew->only == &crew->experiment->runs[run];
}

/* ---- a worker ------------------------------------------------------------------------------ */

typedef struct worker {
    const gt_crew *crew;
    gt_crew_board *board;
    gt_crew_slot *slot;
    gt_claim claim;
    pid_t parent;
} worker;

/* Nobody works on for a command that was killed. */
static bool is_to_stop(const worker *w)
{
    return w->board->stop == GT_CREW_STOP_NOW || getppid() != w->parent;
}

static int on_iteration(void *context, const gt_train_event *event)
{
    worker *w = context;
    int64_t wanted = w->crew->experiment->settings.iterations;
    double epochs = w->crew->experiment->settings.epochs, done = 0;
    if (wanted > 0)
        done = (double)event->iteration / (double)wanted;
    if (epochs > 0)
        done = fmax(done, event->epoch / epochs);
    w->slot->done = fmin(done, 1);
    w->slot->loss = event->step.loss;
    gt_claim_touch(&w->claim);
    return is_to_stop(w);
}

/* False: the worker is to end. */
static bool do_claimed(worker *w, const gt_experiment_run *run)
{
    w->slot->done = 0;
    w->slot->run = (int32_t)(run - w->crew->experiment->runs);
    gt_run_end end = gt_experiment_do(w->crew->experiment, run, on_iteration, w, &w->slot->error);
    w->slot->failed = end == GT_RUN_FAILED;
    w->board->finished += end == GT_RUN_DONE;
    if (end == GT_RUN_DONE)
        w->slot->run = -1;
    return end == GT_RUN_DONE;
}

static bool take_up(worker *w, const gt_experiment_run *run)
{
    char path[GT_RUN_PATH];
    gt_claim_holder holder;
    if (gt_run_result_is_there(w->crew->experiment, run))
        return true;
    if (!gt_experiment_path(w->crew->experiment, run, "claim", path, &w->slot->error))
        return false;
    gt_claim_answer answer = gt_claim_take(&w->claim, path, &holder, &w->slot->error);
    w->slot->failed = answer == GT_CLAIM_FAILED;
    if (answer == GT_CLAIM_FAILED || answer == GT_CLAIM_HELD)
        return answer == GT_CLAIM_HELD;
    w->board->orphans += answer == GT_CLAIM_ORPHAN;
    /* Whoever held it may have come to its end in the meantime. */
    bool go_on = gt_run_result_is_there(w->crew->experiment, run) || do_claimed(w, run);
    gt_claim_release(&w->claim);
    return go_on;
}

static int work(worker *w)
{
    const gt_experiment *e = w->crew->experiment;
    bool go_on = true;
    for (uint32_t i = 0; i < e->run_count && go_on; i++)
        if (gt_crew_wants(w->crew, i) && w->board->stop == GT_CREW_GO_ON && getppid() == w->parent)
            go_on = take_up(w, &e->runs[i]);
    return w->slot->failed ? GT_EXIT_USAGE : GT_EXIT_GOOD;
}

/* ---- the command --------------------------------------------------------------------------- */

static bool make_folder(const char *path, gt_error *error)
{
    struct stat about;
    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &about) == 0 && S_ISDIR(about.st_mode)))
        return true;
    gt_error_set(error, GT_ERROR_FILE, "--out: the folder %s cannot be made: %s", path, strerror(errno));
    return false;
}

static bool make_folders(const gt_experiment *e, gt_error *error)
{
    char runs[GT_RUN_PATH];
    snprintf(runs, sizeof runs, "%s/runs", e->folder);
    return make_folder(e->folder, error) && make_folder(runs, error);
}

/* A process that was killed between its result and the end of its claim has left the latter. */
static void clear_claims(const gt_experiment *e)
{
    char path[GT_RUN_PATH];
    for (uint32_t i = 0; i < e->run_count; i++)
        if (gt_run_result_is_there(e, &e->runs[i]) && gt_experiment_path(e, &e->runs[i], "claim", path, NULL))
            gt_claim_clear(path);
}

static bool start_one(const gt_crew *crew, gt_crew_board *board, gt_crew_slot *slot, gt_error *error)
{
    worker w = {.crew = crew, .board = board, .slot = slot, .claim = {.descriptor = -1}, .parent = getpid()};
    fflush(NULL);
    slot->run = -1;
    pid_t process = fork();
    if (process == 0)
        exit(work(&w));
    slot->process = process > 0 ? process : 0; /* by the parent alone: both see it */
    if (process > 0)
        return true;
    gt_error_set(error, GT_ERROR_MEMORY, "--jobs: a process cannot be started: %s", strerror(errno));
    return false;
}

static void name_error(const gt_crew *crew, const gt_crew_slot *slot, gt_status status, const char *words,
                       gt_error *error)
{
    if (slot->run >= 0)
        gt_error_set(error, status, "run %s: %s", crew->experiment->runs[slot->run].name, words);
    else
        gt_error_set(error, status, "%s", words);
}

/* How a process that is gone came to its end. */
static bool judge(const gt_crew *crew, const gt_crew_slot *slot, int status, gt_error *error)
{
    char words[96];
    if (WIFEXITED(status) && WEXITSTATUS(status) == GT_EXIT_GOOD)
        return true;
    snprintf(words, sizeof words, "its process was ended by signal %d%s", WIFSIGNALED(status) ? WTERMSIG(status) : 0,
             WIFSIGNALED(status) && WTERMSIG(status) == 9 ? " (is there too little memory?)" : "");
    if (slot->failed)
        name_error(crew, slot, slot->error.status, slot->error.message, error);
    else
        name_error(crew, slot, GT_ERROR_FILE, words, error);
    return false;
}

/* Whether any is still at work. */
static bool look_after(const gt_crew *crew, gt_crew_board *board, bool *good, gt_error *error)
{
    bool any = false;
    for (uint32_t i = 0; i < board->count; i++) {
        gt_crew_slot *slot = &board->slots[i];
        int status;
        if (slot->process == 0)
            continue;
        if (waitpid(slot->process, &status, WNOHANG) != slot->process) {
            any = true;
            continue;
        }
        slot->process = 0;
        bool well = judge(crew, slot, status, *good ? error : NULL) || (*good && gt_signals_came(NULL));
        slot->run = -1;
        if (!well && board->stop == GT_CREW_GO_ON)
            board->stop = GT_CREW_STOP_SOON; /* what is under way comes to its end */
        *good = *good && well;
    }
    return any;
}

static void wait_a_little(void)
{
    const struct timespec pause = {0, (long)(POLL_SECONDS * 1e9)};
    nanosleep(&pause, NULL); /* a signal ends it */
}

static bool run_board(const gt_crew *crew, gt_crew_board *board, gt_error *error)
{
    gt_crew_watch watch;
    bool good = true;
    gt_crew_watch_begin(&watch, crew, board);
    for (uint32_t i = 0; i < board->count && good; i++)
        good = start_one(crew, board, &board->slots[i], error);
    if (!good)
        board->stop = GT_CREW_STOP_NOW;
    while (look_after(crew, board, &good, error)) {
        if (gt_signals_came(NULL))
            board->stop = GT_CREW_STOP_NOW;
        gt_crew_watch_show(&watch);
        wait_a_little();
    }
    gt_crew_watch_end(&watch);
    return good;
}

static uint32_t worker_count(const gt_crew *crew)
{
    uint32_t open = 0;
    for (uint32_t i = 0; i < crew->experiment->run_count; i++)
        open += gt_crew_wants(crew, i) && !gt_run_result_is_there(crew->experiment, &crew->experiment->runs[i]);
    return crew->jobs < (int64_t)open ? (uint32_t)crew->jobs : open;
}

bool gt_crew_work(const gt_crew *crew, bool *interrupted, gt_error *error)
{
    *interrupted = false;
    if (!make_folders(crew->experiment, error))
        return false;
    clear_claims(crew->experiment);
    uint32_t count = worker_count(crew);
    size_t size = sizeof(gt_crew_board) + count * sizeof(gt_crew_slot);
    gt_crew_board *board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for %u processes", (unsigned)count);
        return false;
    }
    board->count = count; /* all else is 0 */
    gt_signals_ask();
    bool good = run_board(crew, board, error);
    *interrupted = gt_signals_came(NULL);
    gt_signals_end_again();
    munmap(board, size);
    return good;
}
