//! DWARF expressions of unwind information.

use gimli::{EvaluationResult, Expression, Value};
use mdb_target::{AddressSpace, Fault, RegisterId, RegisterSet};

pub(crate) type Slice = gimli::EndianSlice<'static, gimli::LittleEndian>;

/// Operations of one expression at most. Real ones have fewer than ten, without loops.
const MAX_OPERATIONS: u32 = 1000;

/// Why an expression has no value.
#[derive(Debug)]
pub(crate) enum ExpressionError {
    /// A register that it uses is not known.
    UnknownRegister(u16),
    /// Memory that it uses cannot be read.
    Fault(Fault),
    /// It is not valid, or uses what unwind information must not use.
    Invalid(String),
}

/// The value of an expression. `initial` is what is on its stack in the beginning: the CFA, for
/// register rules.
pub(crate) fn evaluate(
    expression: Expression<Slice>,
    encoding: gimli::Encoding,
    initial: Option<u64>,
    registers: &RegisterSet,
    memory: &AddressSpace,
    bias: u64,
) -> Result<u64, ExpressionError> {
    let invalid = |error: gimli::Error| ExpressionError::Invalid(error.to_string());
    let mut evaluation = expression.evaluation(encoding);
    evaluation.set_max_iterations(MAX_OPERATIONS);
    if let Some(value) = initial {
        evaluation.set_initial_value(value);
    }
    let mut state = evaluation.evaluate().map_err(invalid)?;
    loop {
        state = match state {
            EvaluationResult::Complete => {
                let value = evaluation
                    .value_result()
                    .ok_or_else(|| ExpressionError::Invalid("a location, no value".to_owned()))?;
                return value.to_u64(u64::MAX).map_err(invalid);
            }
            EvaluationResult::RequiresRegister { register, .. } => {
                let value = registers
                    .get(RegisterId(register.0))
                    .ok_or(ExpressionError::UnknownRegister(register.0))?;
                evaluation.resume_with_register(Value::Generic(value)).map_err(invalid)?
            }
            EvaluationResult::RequiresMemory { address, size, space: None, .. } => {
                let mut bytes = [0_u8; 8];
                if let Some(part) = bytes.get_mut(..usize::from(size)) {
                    memory.read_exact(address, part).map_err(ExpressionError::Fault)?;
                }
                let value = Value::Generic(u64::from_le_bytes(bytes));
                evaluation.resume_with_memory(value).map_err(invalid)?
            }
            EvaluationResult::RequiresRelocatedAddress(address) => evaluation
                .resume_with_relocated_address(address.wrapping_add(bias))
                .map_err(invalid)?,
            other => {
                let what = format!("an expression of it needs {other:?}");
                return Err(ExpressionError::Invalid(what));
            }
        };
    }
}
