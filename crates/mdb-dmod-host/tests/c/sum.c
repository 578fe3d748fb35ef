/* A dmod in C. The tests build it again and again, each time with one thing wrong. */
#include "mdb_dmod_test.h"

#ifndef NOTE_TEXT
#define NOTE_TEXT "abi=0\0minor=1\0min=1\0name=sum\0entry=mdb_dmod_sum\0version=1.0\0trigger=always\0"
#endif
#ifndef MAJOR
#define MAJOR 0
#endif
#ifndef MIN_MINOR
#define MIN_MINOR 1
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef NAME
#define NAME "sum"
#endif
#ifndef DCMD_NAME
#define DCMD_NAME "sum"
#endif
#ifndef OPTION_KIND
#define OPTION_KIND 3
#endif
#ifndef DCMDS
#define DCMDS ARRAY(dcmds)
#endif
#ifndef RUN
#define RUN sum
#endif
#ifndef INFO_SIZE
#define INFO_SIZE sizeof(mdb_modinfo)
#endif

#ifdef DCMD_OFFSETS
/* The layout as a C compiler sees it. */
_Static_assert(sizeof(mdb_dcmd) == DCMD_SIZE, "dcmd");
_Static_assert(offsetof(mdb_dcmd, run) == DCMD_RUN, "dcmd.run");
_Static_assert(offsetof(mdb_modinfo, attach) == MODINFO_ATTACH, "modinfo.attach");
_Static_assert(sizeof(mdb_walker) == WALKER_SIZE, "walker");
_Static_assert(sizeof(mdb_value) == VALUE_SIZE, "value");
_Static_assert(offsetof(mdb_call, input) == CALL_INPUT, "call.input");
_Static_assert(offsetof(mdb_host, target) == HOST_TARGET, "host.target");
#endif

NOTE(NOTE_TEXT);

static mdb_status sum(const mdb_host *h, mdb_cx *cx, const mdb_call *c) {
  uint64_t total = 0, word, n = 4;
  const mdb_value *count = c->options.items;
  if (c->options.count > 0 && count->flags & 1)
    n = count->number;
  for (uint64_t i = 0; i < n; i++) {
    mdb_status st = h->memory->read(cx, c->item.value + 8 * i, &word, 8, NULL);
    if (st) return st;
    total += word;
  }
  return h->pipe->emit(cx, (mdb_item){ total, 0 });
}

static mdb_status begin(const mdb_host *h, mdb_cx *cx, const mdb_walk_call *c, void **state) {
  (void)h; (void)cx;
  *state = (void *)(uintptr_t)c->start.value;
  return c->start.value == 0 ? 5 : 0;
}
static int ended;
static mdb_status next(const mdb_host *h, mdb_cx *cx, void *state, mdb_item *item) {
  (void)h; (void)cx;
  static uint64_t at;
  if (ended) { ended = 0; at = 0; }
  if (at == (uintptr_t)state) { at = 0; return 5; }
  *item = (mdb_item){ at++, 0 };
  return 0;
}
static void finish(const mdb_host *h, mdb_cx *cx, void *state) {
  (void)state;
  ended = 1;
  h->output->write(cx, (mdb_str)STR("fini\n"));
}

static const mdb_option options[] = {
  { .short_name = 'n', .kind = OPTION_KIND, .value_name = STR("COUNT"), .help = STR("how many") },
};
static const mdb_dcmd dcmds[] = {
  { .name = STR(DCMD_NAME), .summary = STR("sum words"), .options = ARRAY(options), .run = RUN },
#ifdef TWICE
  { .name = STR(DCMD_NAME), .summary = STR("sum words"), .run = RUN },
#endif
};
static const mdb_walker walkers[] = {
  { .name = STR("upto"), .summary = STR("numbers"), .init = begin, .step = next, .fini = finish },
};
static const mdb_modinfo info = {
  .size = INFO_SIZE, .flags = FLAGS, .abi_major = MAJOR, .abi_minor = 1, .min_minor = MIN_MINOR,
  .name = STR(NAME), .version = STR("1.0"), .built_with = STR("cc"), .about = STR("sums"),
  .dcmds = DCMDS, .walkers = ARRAY(walkers),
};

#ifdef CONSTRUCTOR
/* Shows that a file was opened by the dynamic linker. */
#include <stdlib.h>
__attribute__((constructor)) static void opened(void) { setenv("MDB_TEST_OPENED", "1", 1); }
#endif

const mdb_modinfo *mdb_dmod_sum(uint16_t host_major) {
  return host_major == 0 ? &info : NULL;
}
