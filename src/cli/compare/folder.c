/* What the folder of a comparison gets, before anything is written: nothing that somebody else put there is lost. */
#include "cli/compare/curves.h"
#include "cli/compare/output.h"

#include "command/files.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct look {
    const gt_experiment *experiment;
    gt_named_file *files; /* what is read, and one place more */
    uint32_t count;       /* of what is read */
    bool begun;           /* there is a comparison in the folder */
    gt_error *error;
} look;

void gt_compare_picture_path(const gt_experiment *e, uint32_t task, gt_curve_kind kind, char path[GT_RUN_PATH])
{
    char name[GT_RUN_NAME] = "";
    gt_experiment_append_name(name, gt_experiment_task(e, task));
    snprintf(path, GT_RUN_PATH, "%s/%s-%s.svg", e->folder, kind == GT_CURVE_LOSS ? "loss" : "gradient", name);
}

/* ---- what is read -------------------------------------------------------------------------- */

static void add(look *l, const char *option, const char *path, gt_file_use use)
{
    if (path != NULL)
        l->files[l->count++] = (gt_named_file){option, path, use};
}

static bool list_read(look *l)
{
    const gt_experiment *e = l->experiment;
    l->files = calloc((size_t)e->settings.text.count + e->cells.count + 4, sizeof *l->files);
    if (l->files == NULL)
        return gt_error_set(l->error, GT_ERROR_MEMORY, "no memory for the names of files") == GT_OK;
    for (uint32_t i = 0; i < e->settings.text.count; i++)
        add(l, "--text", e->settings.text.items[i], GT_FILE_READ);
    for (uint32_t i = 0; i < e->cells.count; i++)
        add(l, "CELL", e->cells.items[i], GT_FILE_CELL);
    add(l, "--data", e->settings.data, GT_FILE_ARCHIVE);
    add(l, "--validation-data", e->settings.validation_data, GT_FILE_ARCHIVE);
    add(l, "--test-data", e->test_data, GT_FILE_ARCHIVE);
    return true;
}

/* ---- what is written ----------------------------------------------------------------------- */

static bool is_read(const look *l, const char *path)
{
    l->files[l->count] = (gt_named_file){"--out", path, GT_FILE_WRITTEN};
    return access(path, F_OK) == 0 && !gt_files_check(l->files, l->count + 1, l->error);
}

/* A table or a picture: if no run was ever begun in the folder, it is somebody else's. */
static bool may_write(const look *l, const char *path)
{
    struct stat about;
    if (is_read(l, path))
        return false;
    if (l->begun || lstat(path, &about) != 0)
        return true;
    gt_error_set(l->error, GT_ERROR_ARGUMENT,
                 "--out: %s is there, and would be overwritten, though no comparison was made in that folder; give "
                 "another folder, or move the file",
                 path);
    return false;
}

static bool look_at_tables(const look *l)
{
    char path[GT_RUN_PATH];
    for (size_t i = 0; gt_compare_file_name(i) != NULL; i++) {
        snprintf(path, sizeof path, "%s/%s", l->experiment->folder, gt_compare_file_name(i));
        if (!may_write(l, path))
            return false;
    }
    for (uint32_t task = 0; task < l->experiment->task_count; task++)
        for (int kind = GT_CURVE_LOSS; kind <= GT_CURVE_NORM; kind++) {
            gt_compare_picture_path(l->experiment, task, (gt_curve_kind)kind, path);
            if (!may_write(l, path))
                return false;
        }
    return true;
}

static bool look_at_runs(const look *l)
{
    static const char *const extensions[] = {"json", "csv", "claim"};
    char path[GT_RUN_PATH];
    for (uint32_t i = 0; i < l->experiment->run_count; i++)
        for (size_t k = 0; k < sizeof extensions / sizeof *extensions; k++)
            if (!gt_experiment_path(l->experiment, &l->experiment->runs[i], extensions[k], path, l->error) ||
                is_read(l, path))
                return false;
    return true;
}

bool gt_compare_check_folder(const gt_experiment *experiment, gt_error *error)
{
    look l = {.experiment = experiment, .error = error};
    char runs[GT_RUN_PATH];
    snprintf(runs, sizeof runs, "%s/runs", experiment->folder);
    l.begun = access(runs, F_OK) == 0;
    bool good = list_read(&l) && look_at_tables(&l) && look_at_runs(&l);
    free(l.files);
    return good;
}
