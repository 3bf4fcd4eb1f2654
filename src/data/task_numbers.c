/* Sines, and images row by row. */
#include "data/tasks.h"

#include <math.h>
#include <string.h>

/* ---- sine ---------------------------------------------------------------------------------- */

void gt_size_sine(gt_dataset *data, const int64_t sizes[2])
{
    data->steps = sizes[0];
    data->rows[0] = 1;
    data->outputs = 1;
}

/* Periods from 8 to 64 steps, any phase. */
void gt_fill_sine(gt_dataset *data, const int64_t sizes[2], gt_random *random)
{
    const double turn = 6.28318530717958647692;
    for (int64_t i = 0; i < data->examples; i++) {
        double frequency = turn / (8 * pow(8, gt_random_uniform(random))), phase = turn * gt_random_uniform(random);
        for (int64_t t = 0; t < sizes[0]; t++) {
            int64_t place = t * data->examples + i;
            gt_dataset_set(data, data->inputs[0], place, sin(frequency * (double)t + phase));
            gt_dataset_set(data, data->numbers, place, sin(frequency * (double)(t + 1) + phase));
            data->weights[place] = 1;
        }
    }
}

/* ---- mnist-rows ---------------------------------------------------------------------------- */

enum { CLASSES = 10, BRIGHTEST = 255 };

static bool bad(const char *path, const char *images, const char *labels, gt_error *error)
{
    gt_error_set(
        error, GT_ERROR_FORMAT,
        "%s is not Keras's mnist.npz: %s is to be (images, rows, columns) of whole numbers from 0 to 255, and %s "
        "(images) of digits",
        path, images, labels);
    return false;
}

/* In the file an image is the first axis, its rows the second; here rows of pixels follow each other in time. */
static bool take_images(gt_dataset *data, gt_array x, gt_array y)
{
    int64_t n = data->examples, rows = data->steps, columns = data->rows[0];
    for (int64_t i = 0; i < n; i++) {
        int32_t label = ((const int32_t *)y.data)[i];
        for (int64_t row = 0; row < rows; row++)
            for (int64_t column = 0; column < columns; column++) {
                int32_t pixel = ((const int32_t *)x.data)[i + n * (row + rows * column)];
                if (pixel < 0 || pixel > BRIGHTEST)
                    return false;
                gt_dataset_set(data, data->inputs[0], (row * n + i) * columns + column, (double)pixel / BRIGHTEST);
            }
        if (label < 0 || label >= CLASSES)
            return false;
        data->classes[(rows - 1) * n + i] = label;
        data->weights[(rows - 1) * n + i] = 1;
    }
    return true;
}

bool gt_task_read_rows(gt_dataset *data, const char *path, bool test, gt_dtype dtype, gt_error *error)
{
    const char *images = test ? "x_test" : "x_train", *labels = test ? "y_test" : "y_train";
    *data = (gt_dataset){.kind = GT_DATA_CLASSIFY, .dtype = dtype, .input_count = 1, .outputs = CLASSES};
    gt_error inner = {0};
    gt_archive *archive = gt_archive_open(path, &inner);
    if (archive == NULL) {
        gt_error_set(error, inner.status, "%s", inner.message);
        return false;
    }
    bool good = gt_archive_load(archive, images, &inner) == GT_OK && gt_archive_load(archive, labels, &inner) == GT_OK;
    gt_array x = gt_archive_find(archive, images), y = gt_archive_find(archive, labels);
    good = good && x.data != NULL && y.data != NULL && x.dtype == GT_I32 && y.dtype == GT_I32 && x.shape.rank == 3 &&
           gt_shape_count(y.shape) == x.shape.size[0];
    data->examples = x.shape.size[0];
    data->steps = x.shape.size[1];
    data->rows[0] = x.shape.size[2];
    bool allocated = good && gt_dataset_allocate(data, error);
    bool taken = allocated && take_images(data, x, y);
    gt_archive_free(archive);
    if (taken)
        return true;
    return good && !allocated ? false : bad(path, images, labels, error);
}
