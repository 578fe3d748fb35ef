//! An ELF core file as a target.
