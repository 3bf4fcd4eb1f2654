/*
 * Writing messages in the wire format of Protocol Buffers (protobuf.dev/programming-guides/encoding): fields
 * behind each other, each a key (number and kind) and a value; a message inside another one is its length
 * and its fields.
 *
 * A writer of our own: it is what is below, and a library would need the schema of ONNX when gradtape is
 * built, which Debian has in its Python package alone.
 */
#ifndef GT_ONNX_PROTOBUF_H
#define GT_ONNX_PROTOBUF_H

#include "gradtape/base.h"

typedef struct gt_protobuf {
    uint8_t *bytes;
    size_t size, capacity;
    bool failed; /* no memory: what follows is not written */
} gt_protobuf;

void gt_protobuf_free(gt_protobuf *out);

void gt_protobuf_integer(gt_protobuf *out, uint32_t field, int64_t value);
void gt_protobuf_float(gt_protobuf *out, uint32_t field, float value);
void gt_protobuf_bytes(gt_protobuf *out, uint32_t field, const void *bytes, size_t size);
void gt_protobuf_text(gt_protobuf *out, uint32_t field, const char *text);
/* The fields of `other` as they are. */
void gt_protobuf_append(gt_protobuf *out, const gt_protobuf *other);

/* A message: fields written between open and close, which is given what open answered, are its own. */
size_t gt_protobuf_open(gt_protobuf *out, uint32_t field);
void gt_protobuf_close(gt_protobuf *out, size_t start);

/* Room for `size` bytes as a field, to be filled; NULL on no memory. */
uint8_t *gt_protobuf_room(gt_protobuf *out, uint32_t field, size_t size);

#endif
