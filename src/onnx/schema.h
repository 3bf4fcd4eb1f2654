/* Numbers of the fields that are written, from onnx.proto (github.com/onnx/onnx); NAME of MESSAGE is MESSAGE_NAME. */
#ifndef GT_ONNX_SCHEMA_H
#define GT_ONNX_SCHEMA_H

enum {
    MODEL_IR_VERSION = 1,
    MODEL_PRODUCER_NAME = 2,
    MODEL_PRODUCER_VERSION = 3,
    MODEL_DOC_STRING = 6,
    MODEL_GRAPH = 7,
    MODEL_OPSET_IMPORT = 8,
    MODEL_METADATA_PROPS = 14,
    ENTRY_KEY = 1,
    ENTRY_VALUE = 2,
    OPSET_DOMAIN = 1,
    OPSET_VERSION = 2,
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALIZER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_NAME = 3,
    NODE_OP_TYPE = 4,
    NODE_ATTRIBUTE = 5,
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_I = 3,
    ATTRIBUTE_S = 4,
    ATTRIBUTE_T = 5,
    ATTRIBUTE_G = 6,
    ATTRIBUTE_INTS = 8,
    ATTRIBUTE_TYPE = 20,
    TENSOR_DIMS = 1,
    TENSOR_DATA_TYPE = 2,
    TENSOR_NAME = 8,
    TENSOR_RAW_DATA = 9,
    VALUE_INFO_NAME = 1,
    VALUE_INFO_TYPE = 2,
    TYPE_TENSOR = 1,
    TENSOR_TYPE_ELEM = 1,
    TENSOR_TYPE_SHAPE = 2,
    SHAPE_DIM = 1,
    DIM_VALUE = 1,
    DIM_PARAM = 2,
};

/* AttributeProto.AttributeType */
enum { TYPE_INT = 2, TYPE_STRING = 3, TYPE_TENSOR_VALUE = 4, TYPE_GRAPH = 5, TYPE_INTS = 7 };

/* TensorProto.DataType */
enum { DATA_FLOAT = 1, DATA_INT32 = 6, DATA_INT64 = 7, DATA_BOOL = 9, DATA_DOUBLE = 11 };

#endif
