/* A dmod that reads memory for ever. */
#include <mdb_dmod.h>

static mdb_status spin(const mdb_host *h, mdb_cx *cx, const mdb_call *c) {
  uint64_t word;
  for (;;)
    MDB_TRY(mdb_read_u64(h, cx, c->item.value, &word));
}

static const mdb_dcmd dcmds[] = {
  { .name = MDB_STR("spin"), .summary = MDB_STR("read for ever"), .run = spin,
    .flags = MDB_DCMD_ADDRESS_REQUIRED },
};

MDB_DMOD(spin, "trigger=always", dcmds);
