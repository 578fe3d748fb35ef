//! Facts of x86-64.
pub mod fpregs;
pub mod registers;
