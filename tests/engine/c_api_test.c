/* The C interface as a C99 program uses it. Returns 0, or the line that went wrong. */
#include <stdlib.h>
#include <string.h>

#include "weq/weq.h"

#define CHECK(condition)               \
  do {                                 \
    if (!(condition)) return __LINE__; \
  } while (0)

int weq_c_api_test(const void* file, size_t size, const float* input, size_t input_count,
                   const int32_t* expected, size_t output_count);

int weq_c_api_test(const void* file, size_t size, const float* input, size_t input_count,
                   const int32_t* expected, size_t output_count) {
  weq_error error;
  weq_model* model = NULL;
  weq_session* session = NULL;
  weq_session_options options;
  weq_port_info info;
  weq_layer_trace trace;
  weq_kernel_candidate candidate;
  int32_t* units;
  float *values, *kept;
  uint8_t* codes;
  size_t i, count, arena;

  CHECK(weq_abi_version() == WEQ_ABI_VERSION);
  CHECK(strlen(weq_version()) > 0 && weq_format_version() == 1);
  CHECK(weq_model_from_file("/no/such/file.weq", &model, &error) == WEQ_IO);
  CHECK(strstr(error.message, "weq: /no/such/file.weq: cannot open") == error.message);
  CHECK(weq_model_from_memory(file, size / 2, &model, NULL) == WEQ_BAD_FILE);
  CHECK(weq_model_from_memory(NULL, size, &model, &error) == WEQ_INVALID_ARGUMENT);
  CHECK(model == NULL);
  CHECK(weq_model_from_memory(file, size, &model, &error) == WEQ_OK);
  CHECK(error.message[0] == '\0');
  CHECK(strcmp(weq_model_name(model), "test") == 0);
  CHECK(weq_model_file_bytes(model) == size && weq_model_hash(model) != 0);
  CHECK(weq_model_weight_count(model) > 0 && weq_model_packed_bytes(model) == 0);
  CHECK(weq_model_input_count(model) == 1 && weq_model_output_count(model) == 1);
  CHECK(weq_model_input_info(model, 0, &info) == WEQ_OK);
  CHECK(strcmp(info.name, "input") == 0 && info.rank == 4 && info.shape[1] == 3);
  CHECK(info.type == WEQ_BYTES && info.unit == 0.25f && info.image == 0);
  CHECK(weq_model_output_info(model, 1, &info) == WEQ_INVALID_ARGUMENT);

  weq_session_options_default(&options);
  options.keep_tensors = 1;
  options.isa = "nothing";
  CHECK(weq_session_create(model, &options, &session, &error) == WEQ_INVALID_ARGUMENT);
  CHECK(session == NULL && strstr(error.message, "scalar") != NULL);
  options.isa = NULL;
  options.tuning = "conv1";
  CHECK(weq_session_create(model, &options, &session, &error) == WEQ_INVALID_ARGUMENT);
  CHECK(strstr(error.message, "tuning line 1") != NULL);
  options.tuning = "conv1 reference\n";
  options.threads = 2;
  CHECK(weq_session_arena_bytes(model, &options, &arena, &error) == WEQ_OK);
  CHECK(weq_session_create(model, &options, &session, &error) == WEQ_OK);
  weq_model_free(model); /* the session keeps it */
  CHECK(weq_session_arena_size(session) == arena);
  CHECK(strlen(weq_session_isa(session)) > 0);
  CHECK(weq_session_input_count(session) == 1 && weq_session_output_count(session) == 1);
  CHECK(weq_session_output_info(session, 0, &info) == WEQ_OK && info.type == WEQ_UNITS);
  for (count = 1, i = 0; i < (size_t)info.rank; ++i) count *= (size_t)info.shape[i];
  CHECK(count == output_count);

  CHECK(weq_session_set_input_float(session, 0, input, input_count - 1, &error) ==
        WEQ_INVALID_ARGUMENT);
  CHECK(weq_session_set_input_float(session, 0, input, input_count, &error) == WEQ_OK);
  weq_session_set_trace(session, 1);
  CHECK(weq_session_run(session, &error) == WEQ_OK);
  units = (int32_t*)malloc(output_count * sizeof *units);
  values = (float*)malloc(output_count * sizeof *values);
  CHECK(units != NULL && values != NULL);
  CHECK(weq_session_get_output_units(session, 0, units, output_count, &error) == WEQ_OK);
  CHECK(weq_session_get_output_float(session, 0, values, output_count, &error) == WEQ_OK);
  for (i = 0; i < output_count; ++i) {
    CHECK(units[i] == expected[i]);
    CHECK(values[i] == info.unit * (float)expected[i]);
  }
  codes = (uint8_t*)calloc(input_count, 1);
  CHECK(codes != NULL);
  CHECK(weq_session_get_output_codes(session, 0, codes, output_count, NULL) ==
        WEQ_INVALID_ARGUMENT);
  CHECK(weq_session_set_input_codes(session, 0, codes, input_count, NULL) == WEQ_OK);
  CHECK(weq_session_set_input_image(session, 0, codes, input_count, NULL) == WEQ_INVALID_ARGUMENT);

  CHECK(weq_session_layer_count(session) == 5);
  CHECK(weq_session_trace(session, 0, &trace) == WEQ_OK);
  CHECK(strcmp(trace.name, "conv1") == 0 && strcmp(trace.op, "Conv") == 0);
  CHECK(trace.milliseconds > 0 && trace.macs > 0 && strlen(trace.kernel) > 0);
  CHECK(strcmp(trace.kernel, "reference") == 0 && strstr(trace.reason, "tuning") != NULL);
  count = weq_session_candidate_count(session, 0);
  CHECK(count > 1 && weq_session_candidate_count(session, 5) == 0);
  CHECK(weq_session_candidate(session, 0, 0, &candidate) == WEQ_OK);
  CHECK(candidate.cycles > 0 && candidate.refusal[0] == '\0' && strlen(candidate.name) > 0);
  CHECK(weq_session_candidate(session, 0, count, &candidate) == WEQ_INVALID_ARGUMENT);
  CHECK(weq_session_trace(session, 5, &trace) == WEQ_INVALID_ARGUMENT);

  count = 0;
  CHECK(weq_session_get_tensor_float(session, "e", NULL, &count, &error) == WEQ_OK);
  CHECK(count == output_count);
  kept = (float*)malloc(count * sizeof *kept);
  CHECK(kept != NULL);
  CHECK(weq_session_get_tensor_float(session, "e", kept, &count, &error) == WEQ_OK);
  CHECK(memcmp(kept, values, count * sizeof *kept) == 0);
  --count;
  CHECK(weq_session_get_tensor_float(session, "e", kept, &count, &error) == WEQ_INVALID_ARGUMENT);
  CHECK(weq_session_get_tensor_float(session, "q", NULL, &count, &error) == WEQ_INVALID_ARGUMENT);
  free(kept);
  free(codes);
  free(values);
  free(units);
  weq_session_free(session);
  weq_session_free(NULL);
  weq_model_free(NULL);
  return 0;
}
