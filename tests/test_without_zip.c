/* A build without libzip says so wherever a file is needed, and crashes nowhere. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(without_zip, reading_names_the_library)
{
    gt_error error = {0};
    cr_assert_null(gt_archive_read("any.npz", &error));
    cr_assert_eq(error.status, GT_ERROR_UNSUPPORTED);
    cr_assert(strstr(error.message, "libzip") != NULL, "%s", error.message);
    cr_assert_null(gt_archive_read("any.npz", NULL));
}

Test(without_zip, writing_names_the_library_and_writes_nothing)
{
    gt_error error = {0};
    gt_archive *archive = gt_archive_new();
    double value = 1;
    cr_assert_eq(gt_archive_add(archive, "x", (gt_array){&value, GT_F64, GT_SCALAR}, &error), GT_OK);
    cr_assert_eq(gt_archive_write(archive, "without_zip.npz", false, &error), GT_ERROR_UNSUPPORTED);
    cr_assert(strstr(error.message, "libzip") != NULL, "%s", error.message);
    cr_assert_null(fopen("without_zip.npz", "rb"));
    gt_archive_free(archive);
}
