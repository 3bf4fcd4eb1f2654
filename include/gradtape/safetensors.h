/*
 * gradtape/safetensors.h: named arrays in safetensors files, as Hugging Face's
 * libraries and PyTorch's users keep weights in them.
 *
 *     gt_archive *weights = gt_safetensors_read("lstm.safetensors", &error);
 *     gt_array W = gt_archive_find(weights, "weight_ih_l0");     // (4 n_a, n_x)
 *     gt_archive_free(weights);
 *
 * Source: the format's description and the checks of its reference implementation
 * (github.com/huggingface/safetensors): 8 bytes with the length of a header of at
 * most 100,000,000 bytes in JSON, the header, and the entries of the arrays in C
 * order, little-endian, which fill the rest of the file without a gap or an overlap.
 *
 * Built without jansson, all of these give GT_ERROR_UNSUPPORTED.
 */
#ifndef GRADTAPE_SAFETENSORS_H
#define GRADTAPE_SAFETENSORS_H

#include "gradtape/archive.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads a whole file into an archive: arrays in their order in the file, their
 * first index first as everywhere, and the texts of its `__metadata__` as texts.
 * Types become those that gt_archive_read makes of them, F16 and BF16 GT_F32;
 * F8 types are refused. An array with an axis of size 0 or more than
 * GT_MAX_RANK axes is an error, as is whatever the format's checks refuse: the
 * message names the file, the array and what is wrong. No memory is taken for
 * what the file does not have. NULL on an error.
 */
GT_API gt_archive *gt_safetensors_read(const char *path, gt_error *error);
/* The same of `size` bytes in memory; `name` stands for the path in messages. */
GT_API gt_archive *gt_safetensors_parse(const void *bytes, size_t size, const char *name, gt_error *error);

/*
 * Writes an archive's arrays, those of 8 bytes an entry first so that all are
 * aligned, and its texts as `__metadata__`. The file is replaced as a whole, as by
 * gt_file_replace. The same archive gives the same bytes, and reading them gives
 * the same arrays bit for bit. An array that is not loaded is an error.
 */
GT_API gt_status gt_safetensors_write(const gt_archive *archive, const char *path, gt_error *error);
/* The bytes of that file, to be freed with gt_archive_bytes_free. *bytes is NULL on an error. */
GT_API gt_status gt_safetensors_render(const gt_archive *archive, char **bytes, size_t *size, gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
