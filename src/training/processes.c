#include "training/processes.h"

#include "base/utf8.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* ---- sums ---------------------------------------------------------------------------------- */

static gt_status sum(void *context, void *numbers, int64_t number_count, gt_dtype dtype, gt_error *error)
{
    gt_processes *p = context;
    gt_status status = p->module->sum(NULL, numbers, number_count, dtype, error);
    p->broken = p->broken || status != GT_OK;
    return status;
}

static gt_status begin_sum(void *context, void *numbers, int64_t number_count, gt_dtype dtype, gt_error *error)
{
    gt_processes *p = context;
    gt_status status = p->module->begin_sum(NULL, numbers, number_count, dtype, error);
    p->broken = p->broken || status != GT_OK;
    return status;
}

static void go_on(void *context)
{
    const gt_processes *p = context;
    p->module->go_on(NULL);
}

static gt_status finish_sums(void *context, gt_error *error)
{
    gt_processes *p = context;
    gt_status status = p->module->finish_sums(NULL, error);
    p->broken = p->broken || status != GT_OK;
    return status;
}

bool gt_processes_several(const gt_processes *p)
{
    return p->group.count > 1;
}

bool gt_processes_first(const gt_processes *p)
{
    return p->group.rank == 0;
}

/* ---- agreeing ------------------------------------------------------------------------------ */

/* The lowest rank that failed; -1: none. The same in all processes. */
static gt_status find_failed(const gt_processes *p, bool good, int64_t *rank, gt_error *error)
{
    enum { BLOCK = 64 };
    *rank = -1;
    for (int64_t first = 0; first < p->group.count; first += BLOCK) {
        double failed[BLOCK] = {0};
        if (p->group.rank / BLOCK == first / BLOCK)
            failed[p->group.rank - first] = !good;
        gt_status status = p->group.sum(p->group.context, failed, BLOCK, GT_F64, error);
        if (status != GT_OK)
            return status;
        for (int64_t i = 0; i < BLOCK; i++)
            if (failed[i] > 0) {
                *rank = first + i;
                return GT_OK;
            }
    }
    return GT_OK;
}

bool gt_processes_agree(const gt_processes *p, bool good, gt_error *error)
{
    if (!gt_processes_several(p))
        return good;
    gt_error of_sum = {0};
    int64_t failed;
    if (find_failed(p, good, &failed, &of_sum) != GT_OK) {
        if (good)
            *error = of_sum;
        return false;
    }
    if (failed < 0)
        return true;
    if (p->group.rank != failed)
        gt_error_set(error, GT_ERROR_INTERRUPTED, "process %lld says why", (long long)failed);
    return false;
}

bool gt_processes_same(const gt_processes *p, const void *bytes, size_t size, const char *what, gt_error *error)
{
    if (!gt_processes_several(p))
        return true;
    char *of_first = malloc(size + 1);
    bool good = of_first != NULL;
    if (!good)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to compare %s", what);
    if (!gt_processes_agree(p, good, error)) {
        free(of_first);
        return false;
    }
    memcpy(of_first, bytes, size);
    good = p->module->hand_out(of_first, size, error) == GT_OK;
    if (good && memcmp(of_first, bytes, size) != 0) {
        gt_error_set(error, GT_ERROR_ARGUMENT, "process %lld: %s is not what process 0 has", (long long)p->group.rank,
                     what);
        good = false;
    }
    free(of_first);
    return gt_processes_agree(p, good, error);
}

/* ---- which sums ---------------------------------------------------------------------------- */

static const char VARIABLE[] = "GRADTAPE_OVERLAP";

/*
 * Between machines a sum that begins early takes the time of the line. On one machine it is work of the same cores, and
 * slower when it is done by the way.
 */
static bool find_early(const gt_processes *p, bool *early, gt_error *error)
{
    const char *text = getenv(VARIABLE);
    bool one_machine = false;
    if (p->module->on_one_machine(&one_machine, error) != GT_OK)
        return false;
    *early = text == NULL ? !one_machine : strcmp(text, "yes") == 0;
    if (text == NULL || *early || strcmp(text, "no") == 0)
        return true;
    gt_error_set(error, GT_ERROR_ARGUMENT, "%s is '%.*s': it says yes or no, or is not set", VARIABLE,
                 gt_utf8_fit(text, 60), text);
    return false;
}

/* As the first process has it: launchers do not bring the variable to other machines unless they are told. */
static bool choose_sums(gt_processes *p, gt_error *error)
{
    bool early = false, good = find_early(p, &early, error);
    if (!gt_processes_agree(p, good, error))
        return false;
    if (p->module->hand_out(&early, sizeof early, error) != GT_OK) {
        p->broken = true;
        return false;
    }
    p->group.begin_sum = early ? begin_sum : NULL;
    p->group.go_on = early ? go_on : NULL;
    p->group.finish_sums = early ? finish_sums : NULL;
    return true;
}

/* ---- start --------------------------------------------------------------------------------- */

/* What launchers tell a process of how many there are: Open MPI's, MPICH's and Intel's, Slurm's. */
static long launched(void)
{
    static const char *const variables[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *text = getenv(variables[i]);
        if (text != NULL)
            return strtol(text, NULL, 10);
    }
    return 1;
}

static bool load_module(gt_processes *p, long count, gt_error *error)
{
    /* The parts that an MPI library loads later look for its names among those of all. */
    p->library = dlopen(GT_MPI_MODULE_FILE, RTLD_NOW | RTLD_GLOBAL);
    p->module = p->library == NULL ? NULL : dlsym(p->library, GT_MPI_MODULE_SYMBOL);
    if (p->module != NULL && strcmp(p->module->version, GT_VERSION) == 0)
        return true;
    const char *reason = p->module != NULL ? "it is of another version" : dlerror();
    p->module = NULL;
    gt_error_set(error, GT_ERROR_UNSUPPORTED,
                 "a launcher has started %ld processes, but this build cannot let them train one model (%.200s): build "
                 "with -Dmpi=enabled, or start one",
                 count, reason == NULL ? GT_MPI_MODULE_FILE " is no module of gradtape" : reason);
    return false;
}

bool gt_processes_start(gt_processes *p, gt_error *error)
{
    *p = (gt_processes){.group = {.size = sizeof(gt_train_group), .count = 1}};
    long count = launched();
    if (count <= 1)
        return true;
    if (!load_module(p, count, error) || p->module->start(&p->group.rank, &p->group.count, error) != GT_OK)
        return false;
    p->group.sum = sum;
    p->group.context = p;
    if (p->group.count > 1)
        return choose_sums(p, error);
    gt_error_set(
        error, GT_ERROR_UNSUPPORTED,
        "a launcher has started %ld processes, each of which finds itself alone: it is of another MPI than the "
        "one that gradtape was built with",
        count);
    return false;
}

void gt_processes_end(gt_processes *p)
{
    if (p->module != NULL && !p->broken)
        p->module->end();
    else if (p->module != NULL)
        p->module->abort();
    p->module = NULL; /* the library stays: what MPI has registered for the end of the process is in it */
}
