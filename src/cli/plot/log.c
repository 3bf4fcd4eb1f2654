#include "cli/plot/log.h"

#include "command/files.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gt_plot_log_free(gt_plot_log *log)
{
    free(log->rows);
    *log = (gt_plot_log){0};
}

static bool add(gt_plot_log *log, gt_plot_row row)
{
    if (log->count == log->capacity) {
        size_t capacity = log->capacity * 2 + 256;
        gt_plot_row *rows = realloc(log->rows, capacity * sizeof *rows);
        if (rows == NULL)
            return false;
        log->rows = rows;
        log->capacity = capacity;
    }
    log->rows[log->count++] = row;
    return true;
}

/* "iteration,epoch,LOSS,VALIDATION,...": the logs of texts and those of sequences begin alike. */
static bool read_header(gt_plot_log *log, const char *line)
{
    static const char start[] = "iteration,epoch,";
    if (strncmp(line, start, sizeof start - 1) != 0)
        return false;
    const char *word = line + sizeof start - 1;
    size_t length = strcspn(word, ",\n");
    if (length == 0 || length >= sizeof log->unit || strncmp(word + length, ",validation_", 12) != 0)
        return false;
    memcpy(log->unit, word, length);
    log->unit[length] = '\0';
    return true;
}

/* A number up to its comma; NaN where there is nothing. False: something else is there. */
static bool read_number(const char **text, double *number)
{
    char *end;
    *number = NAN;
    if (**text != ',') {
        *number = strtod(*text, &end);
        if (end == *text)
            return false;
        *text = end;
    }
    if (**text != ',')
        return false;
    ++*text;
    return true;
}

static bool read_row(const char *line, gt_plot_row *row)
{
    double epoch;
    const char *last = strrchr(line, ',');
    row->norm = last == NULL ? NAN : strtod(last + 1, NULL);
    return read_number(&line, &row->iteration) && row->iteration >= 1 && row->iteration < 1e15 &&
           read_number(&line, &epoch) && read_number(&line, &row->loss) && read_number(&line, &row->validation);
}

static bool read_rows(gt_plot_log *log, FILE *file, const char *path, gt_error *error)
{
    char line[1024];
    if (fgets(line, sizeof line, file) == NULL || !read_header(log, line)) {
        gt_error_set(error, GT_ERROR_FORMAT, "%s is no log that 'gradtape train --log' wrote", path);
        return false;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        gt_plot_row row;
        if (strchr(line, '\n') == NULL)
            break; /* a row that is being written */
        if (!read_row(line, &row)) {
            gt_error_set(error, GT_ERROR_FORMAT, "%s, line %zu, is no row of a log", path, log->count + 2);
            return false;
        }
        if (!add(log, row)) {
            gt_error_set(error, GT_ERROR_MEMORY, "no memory for the rows of %s", path);
            return false;
        }
    }
    if (log->count > 0)
        return true;
    gt_error_set(error, GT_ERROR_FORMAT, "%s has no iteration yet", path);
    return false;
}

bool gt_plot_log_read(gt_plot_log *log, const char *path, gt_error *error)
{
    *log = (gt_plot_log){0};
    FILE *file = gt_file_is_standard(path) ? stdin : fopen(path, "r");
    if (file == NULL) {
        gt_error_set(error, GT_ERROR_FILE, "%s cannot be opened: %s", path, strerror(errno));
        return false;
    }
    bool good = read_rows(log, file, path, error);
    if (ferror(file) && good) {
        gt_error_set(error, GT_ERROR_FILE, "%s cannot be read", path);
        good = false;
    }
    if (file != stdin)
        fclose(file);
    return good;
}
