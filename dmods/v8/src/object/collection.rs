//! Map and Set: hash tables that keep the order of insertion (`objects/ordered-hash-table.h`).

use super::heap::{Heap, Object};
use super::kind::Kind;
use super::value::Value;
use crate::layout::fact::Fact;
use mdb_dmod::prelude::*;
use std::ops::ControlFlow;

/// What is done with each key and value (of a Set: no value): whether to go on.
pub(crate) type EachEntry<'e> = dyn FnMut(Value, Option<Value>) -> Result<ControlFlow<()>> + 'e;

impl Heap<'_> {
    /// The hash table of a Map, a Set, a `WeakMap` or a `WeakSet`.
    fn collection_table(self, collection: Object) -> Result<Object> {
        let table = self.object(self.field(collection.address, Fact::JsCollectionTable)?)?;
        match table.kind {
            Kind::OrderedHashMap | Kind::OrderedHashSet | Kind::EphemeronHashTable => Ok(table),
            _ => Err(Error::at(table.address, "no hash table of a collection")),
        }
    }

    fn table_number(self, table: Object, fact: Fact) -> Result<u64> {
        let index = self.layout.need(fact)?;
        let number = self.element(table, index as u64)?.and_then(Value::exact_smi);
        number
            .and_then(|number| u64::try_from(number).ok())
            .filter(|number| Some(*number) <= self.array_length(table).ok())
            .ok_or_else(|| Error::at(table.address, "a hash table with impossible counts"))
    }

    /// How many entries a Map, a Set, a `WeakMap` or a `WeakSet` has.
    pub(crate) fn collection_size(self, collection: Object) -> Result<u64> {
        let table = self.collection_table(collection)?;
        let count = if table.kind == Kind::EphemeronHashTable {
            Fact::HashTableUsed
        } else {
            Fact::OrderedTableLive
        };
        self.table_number(table, count)
    }

    /// Calls `each` for the entries of a Map or a Set, in their order. No more than `limit` places are
    /// looked at.
    pub(crate) fn collection_entries(
        self,
        collection: Object,
        limit: u64,
        each: &mut EachEntry<'_>,
    ) -> Result<()> {
        let table = self.collection_table(collection)?;
        // A key, a value in maps, and where the next entry of the bucket is.
        let entry: u64 = match table.kind {
            Kind::OrderedHashMap => 3,
            Kind::OrderedHashSet => 2,
            _ => return Ok(()),
        };
        let used = self
            .table_number(table, Fact::OrderedTableLive)?
            .saturating_add(self.table_number(table, Fact::OrderedTableDeleted)?);
        let buckets = self.table_number(table, Fact::OrderedTableBuckets)?;
        let prefix = self.layout.need(Fact::OrderedTablePrefix)?;
        for index in 0..used.min(limit) {
            let at =
                buckets.saturating_add(prefix as u64).saturating_add(index.saturating_mul(entry));
            let Some(key) = self.element(table, at)? else { break };
            if self.is_hole(key)? {
                continue;
            }
            let value = if entry == 3 { self.element(table, at.saturating_add(1))? } else { None };
            if each(key, value)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}
