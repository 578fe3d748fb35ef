//! One machine instruction to text and facts.
