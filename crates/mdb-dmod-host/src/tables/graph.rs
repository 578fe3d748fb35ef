//! The group `graph`.

use super::here;
use super::output::give;
use crate::call::Context;
use crate::services::ServiceError;
use mdb_dmod_abi::{Array, Cx, Graph, GraphGroup, Status};

pub(super) static GROUP: GraphGroup = GraphGroup {
    size: size_of::<GraphGroup>() as u32,
    reserved: 0,
    get: Some(get),
    node_at: Some(node_at),
};

unsafe extern "C" fn get(cx: *mut Cx, _flags: u32, graph: *mut Graph) -> Status {
    let function = |context: &Context<'_>| match context.services.graph() {
        Ok(view) => {
            let ours = Graph {
                size: size_of::<Graph>() as u32,
                flags: 0,
                nodes: Array::of(view.nodes),
                first_edge: Array::of(view.first_edge),
                edges: Array::of(view.edges),
                first_referrer: Array::of(view.first_referrer),
                referrers: Array::of(view.referrers),
                roots: Array::of(view.roots),
                unreadable: view.unreadable,
                overlapping: view.overlapping,
            };
            // SAFETY: null or a struct of the dmod's that begins with its size.
            unsafe { give(&ours, graph) }
        }
        Err(error) => context.record(error),
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}

unsafe extern "C" fn node_at(cx: *mut Cx, address: u64, node: *mut u32) -> Status {
    let function = |context: &Context<'_>| {
        // SAFETY: null or a place of the dmod's.
        let Some(node) = (unsafe { node.as_mut() }) else { return Status::BAD_ARGUMENT };
        match context.services.node_at(address) {
            Ok(Some(number)) => {
                *node = number;
                Status::OK
            }
            Ok(None) => context
                .record(ServiceError::not_found(format!("no known block holds 0x{address:x}"))),
            Err(error) => context.record(error),
        }
    };
    // SAFETY: the context is that of the call under way.
    unsafe { here(cx, function) }
}
