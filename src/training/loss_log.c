#include "training/loss_log.h"

#include "base/utf8.h"
#include "command/files.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 2048 }; /* bytes of a row, and of the header with its names */

static const char *header_of(const gt_loss_log *log, char text[LINE])
{
    size_t used = gt_utf8_format(text, LINE, "%s",
                                 log->of_data ? "iteration,epoch,loss,validation_loss,validation_accuracy"
                                              : "iteration,epoch,bits_per_character,validation_bits_per_character");
    for (uint32_t k = 0; k < gt_network_term_count(log->network); k++)
        used += gt_utf8_format(text + used, LINE - used, ",%s,validation_%s", gt_network_term_name(log->network, k),
                               gt_network_term_name(log->network, k));
    gt_utf8_format(text + used, LINE - used, ",learning_rate,gradient_norm\n");
    return text;
}

static bool fail(const gt_loss_log *log, gt_error *error)
{
    gt_error_set(error, GT_ERROR_FILE, "the log %s cannot be written: %s", log->path, strerror(errno));
    return false;
}

static bool start_new(gt_loss_log *log, gt_error *error)
{
    log->file = gt_file_is_standard(log->path) ? stdout : fopen(log->path, "w");
    char header[LINE];
    if (log->file == NULL || fputs(header_of(log, header), log->file) < 0)
        return fail(log, error);
    return true;
}

/* Moves behind the last whole row whose iteration is not later; false if the file is no such log. */
static bool skip_rows(gt_loss_log *log, int64_t iteration)
{
    char line[LINE], header[LINE];
    if (fgets(line, sizeof line, log->file) == NULL || strcmp(line, header_of(log, header)) != 0)
        return false;
    long end = ftell(log->file);
    while (fgets(line, sizeof line, log->file) != NULL) {
        char *comma;
        int64_t row = strtoimax(line, &comma, 10);
        if (*comma != ',' || strchr(line, '\n') == NULL || row > iteration)
            break;
        end = ftell(log->file);
    }
    return end >= 0 && fseek(log->file, end, SEEK_SET) == 0;
}

static bool go_on(gt_loss_log *log, int64_t iteration, gt_error *error)
{
    if (gt_file_is_standard(log->path))
        return start_new(log, error);
    log->file = fopen(log->path, "r+");
    if (log->file == NULL)
        return errno == ENOENT ? start_new(log, error) : fail(log, error);
    if (!skip_rows(log, iteration)) {
        gt_error_set(error, GT_ERROR_FORMAT, "%s is no log of gradtape train; give --log another file", log->path);
        return false;
    }
    if (fflush(log->file) != 0 || ftruncate(fileno(log->file), ftell(log->file)) != 0)
        return fail(log, error);
    return true;
}

bool gt_loss_log_open(gt_loss_log *log, const char *path, const gt_network *network, bool of_data, int64_t iteration,
                      gt_error *error)
{
    *log = (gt_loss_log){.path = path, .network = network, .of_data = of_data};
    if (path == NULL)
        return true;
    bool good = iteration == 0 ? start_new(log, error) : go_on(log, iteration, error);
    if (!good && log->file != NULL && log->file != stdout)
        fclose(log->file);
    if (!good)
        log->file = NULL;
    return good;
}

void gt_loss_log_add(gt_loss_log *log, const gt_loss_log_row *row)
{
    if (log->file == NULL)
        return;
    /* 17 digits tell any two doubles apart, so that equal logs mean equal losses. */
    bool good = fprintf(log->file, "%" PRId64 ",%.6f,%.17g,", row->iteration, row->epoch, row->loss) > 0;
    if (!isnan(row->validation))
        good = fprintf(log->file, "%.17g", row->validation) > 0 && good;
    if (log->of_data)
        good = fputc(',', log->file) != EOF && good;
    if (log->of_data && !isnan(row->accuracy))
        good = fprintf(log->file, "%.17g", row->accuracy) > 0 && good;
    for (uint32_t k = 0; k < gt_network_term_count(log->network); k++) {
        good = fprintf(log->file, ",%.17g,", row->terms[k]) > 0 && good;
        if (!isnan(row->validation))
            good = fprintf(log->file, "%.17g", row->validation_terms[k]) > 0 && good;
    }
    good = fprintf(log->file, ",%.17g,%.17g\n", row->rate, row->norm) > 0 && good;
    if (!good && !log->failed) /* for lack of memory, too, of which the stream knows nothing */
        log->failed = errno != 0 ? errno : EIO;
}

bool gt_loss_log_flush(gt_loss_log *log, gt_error *error)
{
    if (log->file == NULL || (fflush(log->file) == 0 && !ferror(log->file) && log->failed == 0))
        return true;
    if (log->failed != 0)
        errno = log->failed;
    return fail(log, error);
}

bool gt_loss_log_close(gt_loss_log *log, gt_error *error)
{
    if (log->file == NULL)
        return true;
    bool good = gt_loss_log_flush(log, error);
    if (log->file != stdout && fclose(log->file) != 0 && good)
        good = fail(log, error);
    log->file = NULL;
    return good;
}
