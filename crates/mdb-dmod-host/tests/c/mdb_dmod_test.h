/* What a C dmod needs of the contract, by hand, for the tests of the loader only. The header for
   authors is generated from mdb-dmod-abi. */
#include <stddef.h>
#include <stdint.h>

typedef struct { const char *data; size_t len; } mdb_str;
#define STR(s) { s, sizeof(s) - 1 }
typedef struct { const void *items; uint32_t count, stride; } mdb_array;
#define ARRAY(a) { a, sizeof(a) / sizeof *(a), sizeof *(a) }
typedef uint32_t mdb_status;
typedef struct mdb_cx mdb_cx;
typedef struct { uint64_t value, type_id; } mdb_item;

typedef struct {
  uint32_t size, reserved;
  mdb_status (*read)(mdb_cx *, uint64_t, void *, size_t, size_t *);
} mdb_memory;
typedef struct { uint32_t size, reserved; mdb_status (*emit)(mdb_cx *, mdb_item); } mdb_pipe;
typedef struct {
  uint32_t size, reserved;
  mdb_status (*info)(mdb_cx *, void *);
  mdb_status (*write)(mdb_cx *, mdb_str);
} mdb_output;
typedef struct {
  uint32_t size; uint16_t abi_major, abi_minor;
  const mdb_memory *memory; const void *symbols, *types, *threads;
  const mdb_output *output; const mdb_pipe *pipe; const void *run, *session, *work, *target;
} mdb_host;

typedef struct {
  uint32_t kind, flags; uint64_t number; mdb_str text; mdb_array rest;
} mdb_value;
typedef struct {
  uint32_t size, flags; mdb_item item; mdb_array options, arguments, input;
} mdb_call;
typedef struct {
  uint32_t short_name, kind, flags, reserved; mdb_str long_name, value_name, help, choices;
} mdb_option;
typedef struct {
  mdb_str name, summary, help, input_type, output_type;
  uint32_t flags, reserved;
  mdb_array options, arguments, columns, examples;
  mdb_status (*run)(const mdb_host *, mdb_cx *, const mdb_call *);
  mdb_status (*complete)(void);
} mdb_dcmd;
typedef struct { uint32_t size, flags; mdb_item start; } mdb_walk_call;
typedef mdb_status (*mdb_each)(void *, mdb_item);
typedef struct {
  mdb_str name, summary, help, input_type, output_type, layered_on;
  uint32_t flags, reserved;
  mdb_status (*init)(const mdb_host *, mdb_cx *, const mdb_walk_call *, void **);
  mdb_status (*step)(const mdb_host *, mdb_cx *, void *, mdb_item *);
  void (*fini)(const mdb_host *, mdb_cx *, void *);
  mdb_status (*each)(const mdb_host *, mdb_cx *, const mdb_walk_call *, mdb_each, void *);
} mdb_walker;
typedef struct {
  uint32_t size, flags; uint16_t abi_major, abi_minor, min_minor, reserved;
  mdb_str name, version, built_with, about;
  mdb_array dcmds, walkers, providers;
  mdb_status (*attach)(const mdb_host *, mdb_cx *);
  mdb_status (*detach)(const mdb_host *, mdb_cx *);
} mdb_modinfo;

#define NOTE(text) \
  __attribute__((section(".note.mdb.dmod"), used, aligned(4))) static const struct { \
    uint32_t namesz, descsz, type; char name[4]; char desc[(sizeof(text) + 3) / 4 * 4]; \
  } mdb_note = { 4, sizeof(mdb_note.desc), 1, "MDB", text }
