//! The nouns of a debugging target: address space, threads, registers, mappings, faults.
