/* Pictures of digits, row by row: what an archive of them must be. */
#include "data/tasks.h"
#include "files.h"

#include "gradtape.h"

TestSuite(mnist_rows, .init = make_folder, .fini = remove_folder);

enum { EXAMPLES = 2, ROWS = 3, COLUMNS = 4 };

static int32_t pixels[EXAMPLES * ROWS * COLUMNS], labels[EXAMPLES + 1];

/* What may be wrong with the archive. */
typedef struct variation {
    const char *images, *of_images; /* names of the arrays; NULL: there is none */
    gt_dtype dtype;
    gt_shape shape;
    int64_t label_count;
} variation;

static const variation whole = {"x_test", "y_test", GT_I32, {3, {EXAMPLES, ROWS, COLUMNS, 1}}, EXAMPLES};

static const char *write_images(const variation *v)
{
    static double numbers[EXAMPLES * ROWS * COLUMNS];
    const char *path = path_of("digits.npz");
    gt_error error = {0};
    gt_archive *archive = gt_archive_new();
    gt_array images = {v->dtype == GT_I32 ? (void *)pixels : numbers, v->dtype, v->shape};
    if (v->images != NULL)
        cr_assert_eq(gt_archive_add(archive, v->images, images, &error), GT_OK, "%s", error.message);
    if (v->of_images != NULL)
        cr_assert_eq(
            gt_archive_add(archive, v->of_images, (gt_array){labels, GT_I32, GT_SHAPE(v->label_count)}, &error), GT_OK,
            "%s", error.message);
    cr_assert_eq(gt_archive_write(archive, path, false, &error), GT_OK, "%s", error.message);
    gt_archive_free(archive);
    return path;
}

static void draw(void)
{
    for (int i = 0; i < EXAMPLES * ROWS * COLUMNS; i++)
        pixels[i] = 10 * i;
    labels[0] = 3;
    labels[1] = 9;
}

/* Column-major: entry (image, row, column) is at image + EXAMPLES * (row + ROWS * column). */
Test(mnist_rows, a_row_is_a_step)
{
    draw();
    gt_dataset data;
    gt_error error = {0};
    cr_assert(gt_task_read_rows(&data, write_images(&whole), true, GT_F64, &error), "%s", error.message);
    cr_assert(data.examples == EXAMPLES && data.steps == ROWS && data.rows[0] == COLUMNS && data.outputs == 10);
    for (int i = 0; i < EXAMPLES; i++)
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < COLUMNS; column++)
                cr_expect_eq(((const double *)data.inputs[0])[(row * EXAMPLES + i) * COLUMNS + column],
                             pixels[i + EXAMPLES * (row + ROWS * column)] / 255.0);
            cr_expect_eq(data.weights[row * EXAMPLES + i], row == ROWS - 1);
        }
    cr_expect_eq(data.classes[(ROWS - 1) * EXAMPLES], 3);
    cr_expect_eq(data.classes[(ROWS - 1) * EXAMPLES + 1], 9);
    gt_dataset_free(&data);
}

static void expect_refused(const variation *v, const char *what)
{
    gt_dataset data;
    gt_error error = {0};
    cr_expect_not(gt_task_read_rows(&data, write_images(v), true, GT_F64, &error), "%s", what);
    cr_expect_eq(error.status, GT_ERROR_FORMAT, "%s: %s", what, error.message);
    cr_expect_not_null(strstr(error.message, "is not Keras's mnist.npz: x_test is to be (images, rows, columns)"),
                       "%s: %s", what, error.message);
    gt_dataset_free(&data);
}

Test(mnist_rows, other_archives_are_refused)
{
    draw();
    variation v = whole;
    v.images = "x_train";
    expect_refused(&v, "no pictures");
    v = whole;
    v.of_images = NULL;
    expect_refused(&v, "no digits");
    v = whole;
    v.dtype = GT_F64;
    expect_refused(&v, "fractions");
    v = whole;
    v.shape = GT_SHAPE(EXAMPLES, ROWS * COLUMNS);
    expect_refused(&v, "pictures without rows");
    v = whole;
    v.label_count = EXAMPLES + 1;
    expect_refused(&v, "a digit more");
}

Test(mnist_rows, other_numbers_are_refused)
{
    draw();
    pixels[5] = 256;
    expect_refused(&whole, "too bright");
    pixels[5] = -1;
    expect_refused(&whole, "darker than black");
    pixels[5] = 0;
    labels[0] = 10;
    expect_refused(&whole, "no digit");
    labels[0] = -1;
    expect_refused(&whole, "no digit");
    gt_dataset data;
    gt_error error = {0};
    cr_expect_not(gt_task_read_rows(&data, path_of("nothing.npz"), true, GT_F64, &error));
    cr_expect_eq(error.status, GT_ERROR_FILE, "%s", error.message);
}
