//! Objects of V8's heap, read with the layout of the V8 at hand.

pub(crate) mod binary_data;
pub(crate) mod collection;
pub(crate) mod constructor;
pub(crate) mod context;
pub(crate) mod elements;
pub(crate) mod function;
pub(crate) mod function_kind;
pub(crate) mod heap;
pub(crate) mod kind;
pub(crate) mod properties;
pub(crate) mod scope_info;
pub(crate) mod string;
pub(crate) mod value;
