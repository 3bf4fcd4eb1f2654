#include "io/file_kind.h"

#include "base/utf8.h"

#include <string.h>

#define SAVE "save its arrays with numpy.savez('FILE.npz', x=x, ...)"

static const struct {
    const char *bytes;
    size_t size, offset;
    const char *kind;
} kinds[] = {
    {"PK\3\4", 4, 0, NULL},
    {"PK\5\6", 4, 0, NULL},
    {"\x89HDF\r\n\x1a\n", 8, 0, "is an HDF5 file (Keras, PyTables, h5py): read it with h5py and " SAVE},
    {"\x1f\x8b", 2, 0,
     "is compressed by gzip: unpack it with gunzip; .npz files are compressed inside, by "
     "numpy.savez_compressed"},
    {"BZh", 3, 0, "is compressed by bzip2: unpack it with bunzip2"},
    {"\xfd"
     "7zXZ",
     5, 0, "is compressed by xz: unpack it with unxz"},
    {"\x28\xb5\x2f\xfd", 4, 0, "is compressed by zstd: unpack it with unzstd"},
    {"7z\xbc\xaf\x27\x1c", 6, 0, "is a 7z archive: unpack it, and " SAVE},
    {"ustar", 5, 257, "is a tar archive: unpack it, and " SAVE},
    {"MATLAB 5.0", 10, 0, "is a file of MATLAB: read it with scipy.io.loadmat and " SAVE},
    {"\x7f"
     "ELF",
     4, 0, "is a program, not an .npz file"},
};

/* The protocol's mark and number; those before 2 begin like text. */
static bool is_pickle(const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5;
}

bool gt_file_is_npy(const uint8_t *bytes, size_t size)
{
    return size >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0;
}

/* Eight bytes with the length of a text in JSON, which follows. */
bool gt_file_is_safetensors(const uint8_t *bytes, size_t size)
{
    return size >= 10 && bytes[4] == 0 && bytes[5] == 0 && bytes[6] == 0 && bytes[7] == 0 && bytes[8] == '{' &&
           (bytes[9] == '"' || bytes[9] == '}');
}

/* A message whose first fields are a small version and the producer's name: 08 08 12 0c "some program". */
static bool is_onnx(const uint8_t *bytes, size_t size)
{
    return size >= 6 && bytes[0] == 0x08 && bytes[1] >= 1 && bytes[1] < 32 && bytes[2] == 0x12 && bytes[3] > 0 &&
           bytes[3] < 64 && size > 4 + (size_t)bytes[3] && gt_utf8_valid((const char *)bytes + 4, bytes[3]);
}

static bool is_text(const uint8_t *bytes, size_t size)
{
    /* A character may be cut at the end of what was read. */
    for (size_t cut = 0; cut < 4 && cut < size; cut++)
        if (gt_utf8_valid((const char *)bytes, size - cut) && memchr(bytes, '\0', size) == NULL)
            return true;
    return false;
}

const char *gt_file_kind(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return "is empty: it has 0 bytes";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (size >= kinds[i].offset + kinds[i].size &&
            memcmp(bytes + kinds[i].offset, kinds[i].bytes, kinds[i].size) == 0)
            return kinds[i].kind;
    if (is_pickle(bytes, size))
        return "is a Python pickle (pickle.dump, or torch.save of old), which can run programs and "
               "is not read: " SAVE;
    if (is_onnx(bytes, size))
        return "is an ONNX model: read its initializers with onnx.numpy_helper.to_array and " SAVE;
    if (is_text(bytes, size))
        return "is a text, not an .npz file: read it with numpy.loadtxt and " SAVE;
    return "is no .npz file, nor any other kind that is known: " SAVE;
}
