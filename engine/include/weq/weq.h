/* weq: the C interface of the runtime. It mirrors weq.hpp call by call; what that header says about
 * shapes, units and threads holds here.
 *
 * Ownership: what a *_create or *_from_* function gives is the caller's until the matching *_free.
 *   A session keeps its model alive: the two may be freed in any order. Strings returned belong to
 *   the object they were asked of.
 * Errors: a function that can fail returns a weq_status_code and, where `error` is not NULL, fills
 *   it. On failure nothing is written through other pointers. No function throws, prints or aborts.
 * Threads: a model may be used by any number of threads at once, a session by one at a time.
 * Memory: nothing allocates between weq_session_create and weq_session_free but trace, tensor
 *   look-ups, and error messages.
 */
#ifndef WEQ_WEQ_H_
#define WEQ_WEQ_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when a struct or a function's meaning changes; compare with weq_abi_version(). */
#define WEQ_ABI_VERSION 2

typedef enum weq_status_code {
  WEQ_OK = 0,
  WEQ_INVALID_ARGUMENT = 1, /* the call is wrong: a name, a size, a null pointer */
  WEQ_IO = 2,               /* a file cannot be opened or read */
  WEQ_BAD_FILE = 3,         /* the file is not a valid .weq file */
  WEQ_UNSUPPORTED = 4,      /* valid, but not in this build or on this machine */
  WEQ_OUT_OF_MEMORY = 5
} weq_status_code;

/* Why a call failed; empty after success. Cut to fit, always terminated. */
typedef struct weq_error {
  char message[512];
} weq_error;

typedef enum weq_element_type { WEQ_BYTES = 0, WEQ_UNITS = 1, WEQ_FLOAT = 2 } weq_element_type;

#define WEQ_MAX_RANK 6

/* One graph input or output in the model's own axis order. */
typedef struct weq_port_info {
  const char* name;
  int rank;
  int64_t shape[WEQ_MAX_RANK]; /* of a model: at batch 1; of a session: at its batch and size */
  weq_element_type type;       /* how the engine holds it */
  float unit;                  /* bytes: value = unit * level; units: value = unit * v */
  int image;                   /* takes image bytes [n, h, w, c] as they are */
} weq_port_info;

/* Where a float layer's data lies; `shape` has `rank` entries. */
typedef struct weq_float_tensor {
  float* data;
  const int64_t* shape;
  int rank;
} weq_float_tensor;

/* Runs the layers that a converter left in float. `prepare` returns a handle >= 0 for `run`, or -1
 * with `error` (error_size bytes) filled. `context` is passed on to both. */
typedef struct weq_float_runner {
  void* context;
  int (*prepare)(void* context, const char* op_type, const uint8_t* attributes, size_t size,
                 const weq_float_tensor* inputs, int input_count, const weq_float_tensor* outputs,
                 int output_count, char* error, size_t error_size);
  void (*run)(void* context, int handle, const weq_float_tensor* inputs, int input_count,
              const weq_float_tensor* outputs, int output_count);
} weq_float_runner;

/* Fill with weq_session_options_default(), then change. */
typedef struct weq_session_options {
  int batch;          /* 1 */
  int height, width;  /* 0: the model's nominal size; only where the graph allows others */
  int threads;        /* 1 */
  const char* isa;    /* NULL or "": the best, or WEQ_FORCE_ISA; a name caps it */
  const char* kernel; /* NULL or "": selection, or WEQ_FORCE_KERNEL; a family name forces it */
  void* arena;        /* caller-owned memory aligned to 64, of at least arena_bytes; or NULL */
  size_t arena_size;
  const weq_float_runner* float_runner; /* must outlive the session; or NULL */
  int keep_tensors; /* no memory is reused: weq_session_get_tensor_float works */
  /* NULL or "": selection; else the text that `weq bench --tune` writes: lines LAYER KERNEL, `#`
   * begins a comment. Read when the session is created. */
  const char* tuning;
} weq_session_options;

/* Time and kernel of one node of the last run. */
typedef struct weq_layer_trace {
  const char *name, *op, *kernel, *reason;
  double milliseconds;
  int64_t macs;
} weq_layer_trace;

/* A kernel that was considered for a layer. */
typedef struct weq_kernel_candidate {
  const char* name;
  double cycles;       /* estimated, one run on one thread; 0 where it is refused */
  const char* refusal; /* "" where it accepts the layer */
} weq_kernel_candidate;

typedef struct weq_model weq_model;
typedef struct weq_session weq_session;

int weq_abi_version(void);
const char* weq_version(void);
int weq_format_version(void);

/* Maps `path` and verifies all of it. */
weq_status_code weq_model_from_file(const char* path, weq_model** model, weq_error* error);
/* Verifies `size` bytes at `data` (aligned to 64), which must outlive the model and its sessions.
 */
weq_status_code weq_model_from_memory(const void* data, size_t size, weq_model** model,
                                      weq_error* error);
void weq_model_free(weq_model* model); /* NULL is allowed */
size_t weq_model_input_count(const weq_model* model);
size_t weq_model_output_count(const weq_model* model);
weq_status_code weq_model_input_info(const weq_model* model, size_t index, weq_port_info* info);
weq_status_code weq_model_output_info(const weq_model* model, size_t index, weq_port_info* info);
const char* weq_model_name(const weq_model* model);
uint64_t weq_model_hash(const weq_model* model);
uint64_t weq_model_file_bytes(const weq_model* model);
uint64_t weq_model_weight_count(const weq_model* model);
/* Bytes of prepacked weights held so far, apart from arenas. Grows when sessions are created. */
size_t weq_model_packed_bytes(const weq_model* model);

void weq_session_options_default(weq_session_options* options);
/* Bytes of arena that a session with these options (NULL: the defaults) needs. */
weq_status_code weq_session_arena_bytes(const weq_model* model, const weq_session_options* options,
                                        size_t* bytes, weq_error* error);
weq_status_code weq_session_create(const weq_model* model, const weq_session_options* options,
                                   weq_session** session, weq_error* error);
void weq_session_free(weq_session* session); /* NULL is allowed */

/* Bytes of this session's arena. */
size_t weq_session_arena_size(const weq_session* session);
const char* weq_session_isa(const weq_session* session);
size_t weq_session_input_count(const weq_session* session);
size_t weq_session_output_count(const weq_session* session);
weq_status_code weq_session_input_info(const weq_session* session, size_t index,
                                       weq_port_info* info);
weq_status_code weq_session_output_info(const weq_session* session, size_t index,
                                        weq_port_info* info);

/* Inputs by index. `count` is the number of elements and must be that of the port's shape. */
weq_status_code weq_session_set_input_float(weq_session* session, size_t index, const float* data,
                                            size_t count, weq_error* error);
weq_status_code weq_session_set_input_image(weq_session* session, size_t index, const uint8_t* data,
                                            size_t count, weq_error* error);
weq_status_code weq_session_set_input_codes(weq_session* session, size_t index, const uint8_t* data,
                                            size_t count, weq_error* error);

weq_status_code weq_session_run(weq_session* session, weq_error* error);

/* Outputs of the last run, in the model's own axis order, copied to caller memory. */
weq_status_code weq_session_get_output_float(const weq_session* session, size_t index, float* data,
                                             size_t count, weq_error* error);
weq_status_code weq_session_get_output_units(const weq_session* session, size_t index,
                                             int32_t* data, size_t count, weq_error* error);
weq_status_code weq_session_get_output_codes(const weq_session* session, size_t index,
                                             uint8_t* data, size_t count, weq_error* error);

/* Off by default: a clock is read around every layer of later runs. */
void weq_session_set_trace(weq_session* session, int on);
/* Number of layers; their trace by index, strings valid until the next call or free. Allocates. */
size_t weq_session_layer_count(const weq_session* session);
weq_status_code weq_session_trace(weq_session* session, size_t index, weq_layer_trace* trace);
/* Kernels considered for a layer: those that accept by ascending cycles, then the others. Strings
 * as for weq_session_trace. */
size_t weq_session_candidate_count(weq_session* session, size_t layer);
weq_status_code weq_session_candidate(weq_session* session, size_t layer, size_t index,
                                      weq_kernel_candidate* candidate);
/* A stored tensor of the last run by name. With data NULL only *count is written; else *count is
 * the room at `data` on entry and the number of elements on return. Allocates. */
weq_status_code weq_session_get_tensor_float(const weq_session* session, const char* tensor,
                                             float* data, size_t* count, weq_error* error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* WEQ_WEQ_H_ */
