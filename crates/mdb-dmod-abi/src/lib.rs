//! The contract between mdb and its dmods: repr(C) tables and nothing else.
