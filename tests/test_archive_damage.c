/*
 * Every truncation and every flipped bit of small archives: an error, or exactly
 * the same arrays and texts.
 *
 * Where a flip changes nothing: in what no reader needs to know, which is the
 * version and the program that wrote a member, the version needed to extract it,
 * flags other than encryption, its disk number and its file attributes; and in a
 * deflated member in the bit that says whether a block is the last one, where only
 * an empty one follows, and in the bits after its end. A flip anywhere else is an
 * error, also in a time.
 */
#include "files.h"
#include "gradtape/archive.h"
#include "io/members.h"

#include <fcntl.h>

TestSuite(archive_damage, .init = make_folder, .fini = remove_folder, .timeout = 300);

static void read_fixture(const char *name, file_bytes *file)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", GT_FIXTURES, name);
    *file = read_file(path);
}

/* An archive as the library writes it. */
static void write_example(bool compress, file_bytes *file)
{
    const double value[3] = {1, -2, 3e300};
    const int32_t index[4] = {1, 2, 3, 4};
    gt_archive *archive = gt_archive_new();
    gt_array values = {(void *)value, GT_F64, GT_SHAPE(3)};
    gt_array indices = {(void *)index, GT_I32, GT_SHAPE(2, 2)};
    cr_assert_eq(gt_archive_add(archive, "layer/W", values, NULL), GT_OK);
    cr_assert_eq(gt_archive_add(archive, "i", indices, NULL), GT_OK);
    cr_assert_eq(gt_archive_add_text(archive, "model.json", "{}", NULL), GT_OK);
    cr_assert_eq(gt_archive_write(archive, path_of("example"), compress, NULL), GT_OK);
    gt_archive_free(archive);
    *file = read_file(path_of("example"));
}

/* Whether both have the same arrays, and the texts that these tests use. */
static bool same(const gt_archive *a, const gt_archive *b)
{
    if (gt_archive_count(a) != gt_archive_count(b))
        return false;
    for (uint32_t i = 0; i < gt_archive_count(a); i++) {
        const char *name = gt_archive_name(a, i);
        gt_array x = gt_archive_find(a, name), y = gt_archive_find(b, name);
        if (y.data == NULL || x.dtype != y.dtype || x.shape.rank != y.shape.rank || !gt_shape_equal(x.shape, y.shape) ||
            strcmp(name, gt_archive_name(b, i)) != 0 ||
            memcmp(x.data, y.data, (size_t)gt_shape_count(x.shape) * gt_dtype_size(x.dtype)) != 0)
            return false;
    }
    const char *texts[] = {"model.json", "notes.txt"};
    for (int i = 0; i < 2; i++) {
        const char *x = gt_archive_text(a, texts[i]), *y = gt_archive_text(b, texts[i]);
        if ((x == NULL) != (y == NULL) || (x != NULL && strcmp(x, y) != 0))
            return false;
    }
    return true;
}

/* Reads the file "damaged" in which this bit is flipped. */
static void expect_refused_or_same(const gt_archive *whole, size_t byte, int bit, size_t *same_count)
{
    gt_error error = {GT_OK, ""};
    gt_archive *archive = gt_archive_read(path_of("damaged"), &error);
    if (archive == NULL) {
        cr_assert(error.status != GT_OK && error.message[0] != '\0');
        cr_assert_neq(error.status, GT_ERROR_MEMORY, "byte %zu, bit %d: %s", byte, bit, error.message);
        return;
    }
    cr_assert(same(whole, archive), "byte %zu, bit %d: read, but not the same", byte, bit);
    gt_archive_free(archive);
    ++*same_count;
}

static gt_archive *read_whole(const file_bytes *file)
{
    gt_error error = {GT_OK, ""};
    write_file(path_of("whole"), file->bytes, file->size);
    gt_archive *whole = gt_archive_read(path_of("whole"), &error);
    cr_assert_not_null(whole, "%s", error.message);
    return whole;
}

static void write_byte(int descriptor, size_t place, int byte)
{
    uint8_t value = (uint8_t)byte;
    cr_assert_eq(pwrite(descriptor, &value, 1, (off_t)place), 1);
}

static void flip_every_bit(file_bytes file)
{
    gt_archive *whole = read_whole(&file);
    size_t same_count = 0;
    write_file(path_of("damaged"), file.bytes, file.size);
    int descriptor = open(path_of("damaged"), O_WRONLY);
    cr_assert_geq(descriptor, 0);
    for (size_t byte = 0; byte < file.size; byte++) {
        for (int bit = 0; bit < 8; bit++) {
            write_byte(descriptor, byte, file.bytes[byte] ^ (1 << bit));
            expect_refused_or_same(whole, byte, bit, &same_count);
        }
        write_byte(descriptor, byte, file.bytes[byte]);
    }
    close(descriptor);
    /* Most of these small files are headers; still most flips must be seen, and some cannot be. */
    cr_assert(same_count > 0 && same_count < file.size, "%zu flips changed nothing", same_count);
    gt_archive_free(whole);
    free(file.bytes);
}

/* A file that lacks its end is never taken for a whole one. */
static void cut_everywhere(file_bytes file)
{
    gt_error error;
    for (size_t size = 0; size < file.size; size++) {
        write_file(path_of("damaged"), file.bytes, size);
        error.status = GT_OK;
        cr_assert_null(gt_archive_read(path_of("damaged"), &error), "%zu bytes", size);
        cr_assert_eq(error.status, GT_ERROR_FORMAT, "%zu bytes: %s", size, error.message);
    }
    free(file.bytes);
}

Test(archive_damage, flips_in_a_stored_archive)
{
    file_bytes file;
    write_example(false, &file);
    flip_every_bit(file);
}

Test(archive_damage, flips_in_a_deflated_archive)
{
    file_bytes file;
    write_example(true, &file);
    flip_every_bit(file);
}

Test(archive_damage, flips_in_an_archive_of_numpy)
{
    file_bytes file;
    read_fixture("versions.npz", &file);
    flip_every_bit(file);
}

Test(archive_damage, stored_archive_cut)
{
    file_bytes file;
    read_fixture("stored.npz", &file);
    cut_everywhere(file);
}

Test(archive_damage, deflated_archive_cut)
{
    file_bytes file;
    write_example(true, &file);
    cut_everywhere(file);
}
