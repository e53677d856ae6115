/* Classifies one image by the C interface.
 *   classify MODEL.weq [PIXELS]
 * PIXELS: height * width * channels bytes of the size that the model takes; without it, grey. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weq/weq.h"

static size_t element_count(const weq_port_info* port) {
  size_t count = 1;
  int i;
  for (i = 0; i < port->rank; ++i) count *= (size_t)port->shape[i];
  return count;
}

static int read_pixels(const char* path, uint8_t* pixels, size_t count) {
  FILE* file = fopen(path, "rb");
  size_t got = 0;
  if (file == NULL) return 0;
  got = fread(pixels, 1, count, file);
  fclose(file);
  return got == count;
}

/* Sets the input: bytes where the model takes an image, else zeros. */
static weq_status_code set_input(weq_session* session, const char* path, weq_error* error) {
  weq_port_info port;
  weq_status_code code = weq_session_input_info(session, 0, &port);
  size_t count;
  if (code != WEQ_OK) return code;
  count = element_count(&port);
  if (port.image) {
    uint8_t* pixels = malloc(count);
    if (pixels == NULL) return WEQ_OUT_OF_MEMORY;
    memset(pixels, 128, count);
    if (path != NULL && !read_pixels(path, pixels, count)) {
      snprintf(error->message, sizeof error->message, "%s: must hold %lu bytes", path,
               (unsigned long)count);
      free(pixels);
      return WEQ_IO;
    }
    code = weq_session_set_input_image(session, 0, pixels, count, error);
    free(pixels);
  } else {
    float* values = calloc(count, sizeof *values);
    if (values == NULL) return WEQ_OUT_OF_MEMORY;
    code = weq_session_set_input_float(session, 0, values, count, error);
    free(values);
  }
  return code;
}

static weq_status_code print_best(const weq_session* session, weq_error* error) {
  weq_port_info port;
  weq_status_code code = weq_session_output_info(session, 0, &port);
  size_t count, best = 0, i;
  float* scores;
  if (code != WEQ_OK) return code;
  count = element_count(&port);
  scores = malloc(count * sizeof *scores);
  if (scores == NULL) return WEQ_OUT_OF_MEMORY;
  code = weq_session_get_output_float(session, 0, scores, count, error);
  if (code == WEQ_OK) {
    for (i = 1; i < count; ++i)
      if (scores[i] > scores[best]) best = i;
    printf("class %lu, score %.4f\n", (unsigned long)best, scores[best]);
  }
  free(scores);
  return code;
}

int main(int argc, char** argv) {
  weq_error error = {""};
  weq_model* model = NULL;
  weq_session* session = NULL;
  weq_status_code code;
  if (argc < 2) {
    fprintf(stderr, "usage: classify MODEL.weq [PIXELS]\n");
    return 2;
  }
  code = weq_model_from_file(argv[1], &model, &error);
  if (code == WEQ_OK) code = weq_session_create(model, NULL, &session, &error);
  if (code == WEQ_OK) code = set_input(session, argc > 2 ? argv[2] : NULL, &error);
  if (code == WEQ_OK) code = weq_session_run(session, &error);
  if (code == WEQ_OK) code = print_best(session, &error);
  if (code != WEQ_OK) fprintf(stderr, "%s\n", error.message);
  weq_session_free(session);
  weq_model_free(model);
  return code == WEQ_OK ? 0 : 1;
}
