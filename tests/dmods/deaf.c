/* A dmod whose command loops for ever and asks nothing of the host. */
#include <mdb_dmod.h>

static volatile unsigned long turns;

static mdb_status deaf(const mdb_host *h, mdb_cx *cx, const mdb_call *c) {
  (void)c;
  MDB_TRY(mdb_warn(h, cx, "it begins"));
  while (turns + 1)
    turns++;
  return MDB_OK;
}

static const mdb_dcmd dcmds[] = {
  { .name = MDB_STR("deaf"), .summary = MDB_STR("loop for ever"), .run = deaf },
};

MDB_DMOD(deaf, "trigger=always", dcmds);
