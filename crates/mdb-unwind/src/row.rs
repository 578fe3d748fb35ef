//! A row of an unwind table, in a form that is quick to apply.

use crate::abi;
use crate::end::StackEnd;
use crate::expression::{ExpressionError, Slice, evaluate};
use crate::frame::Frame;
use crate::stack_memory::StackMemory;
use gimli::{CfaRule, FrameDescriptionEntry, RegisterRule, UnwindSection, UnwindTableRow};
use mdb_target::{AddressSpace, Arch, RegisterId, RegisterSet};

/// How to compute the canonical frame address.
#[derive(Debug)]
enum Cfa {
    Register(RegisterId, i64),
    Expression(gimli::Expression<Slice>),
}

/// Where the caller's value of a register is.
#[derive(Debug)]
enum Rule {
    /// Lost.
    Undefined,
    /// Still in the register.
    SameValue,
    /// In memory at CFA + n.
    Offset(i64),
    /// It is CFA + n.
    ValueOffset(i64),
    /// In another register.
    Register(RegisterId),
    /// In memory at the expression's value.
    Expression(gimli::Expression<Slice>),
    /// It is the expression's value.
    ValueExpression(gimli::Expression<Slice>),
    /// It is this.
    Constant(u64),
}

/// What unwind information says of one pc.
#[derive(Debug)]
pub(crate) struct Row {
    cfa: Cfa,
    rules: Box<[(RegisterId, Rule)]>,
    /// The rule of the return address; `None` where there is none.
    return_address: Option<Rule>,
    /// Whether the frame is the kernel's signal trampoline.
    pub(crate) is_signal: bool,
    /// Whether the caller may be on another stack by the row's own words.
    pub(crate) may_switch_stacks: bool,
    /// Where the function (the part of it that has an entry of its own) begins in the target.
    pub(crate) function_start: u64,
    encoding: gimli::Encoding,
    bias: u64,
}

/// What a row says of the caller.
pub(crate) struct Caller {
    pub(crate) registers: RegisterSet,
    /// Where the return address was read.
    pub(crate) read_at: Option<u64>,
}

impl Row {
    /// Compiles a row of gimli's; `entry` is the entry that it is from.
    pub(crate) fn compile<S: UnwindSection<Slice>>(
        row: &UnwindTableRow<usize>,
        section: &S,
        entry: &FrameDescriptionEntry<Slice>,
        arch: Arch,
        bias: u64,
    ) -> Result<Self, gimli::Error> {
        let return_column = entry.cie().return_address_register();
        let is_signal = entry.is_signal_trampoline();
        let rule = |rule: &RegisterRule<usize>| {
            Ok::<Rule, gimli::Error>(match rule {
                RegisterRule::SameValue => Rule::SameValue,
                RegisterRule::Offset(n) => Rule::Offset(*n),
                RegisterRule::ValOffset(n) => Rule::ValueOffset(*n),
                RegisterRule::Register(register) => Rule::Register(RegisterId(register.0)),
                RegisterRule::Expression(e) => Rule::Expression(e.get(section)?),
                RegisterRule::ValExpression(e) => Rule::ValueExpression(e.get(section)?),
                RegisterRule::Constant(value) => Rule::Constant(*value),
                _ => Rule::Undefined,
            })
        };
        let cfa = match row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => {
                Cfa::Register(RegisterId(register.0), *offset)
            }
            CfaRule::Expression(e) => Cfa::Expression(e.get(section)?),
        };
        let mut return_address = None;
        let mut rules = Vec::new();
        for (register, r) in row.registers() {
            if *register == return_column {
                return_address = Some(rule(r)?);
                // On x86-64 the column is the pc itself; on 64-bit Arm it is x30, which the
                // caller then also has.
                if RegisterId(register.0) == arch.pc() {
                    continue;
                }
            }
            rules.push((RegisterId(register.0), rule(r)?));
        }
        let own_sp = rules.iter().any(|(id, _)| *id == arch.sp());
        let usual = match &cfa {
            Cfa::Register(id, _) => *id == arch.sp() || *id == arch.fp(),
            Cfa::Expression(_) => false,
        };
        // Without a rule the return address is still where the call left it, if that is a
        // register.
        if return_address.is_none()
            && abi::link_register(arch).is_some_and(|l| l.0 == return_column.0)
        {
            return_address = Some(Rule::SameValue);
        }
        if let Some(rule @ Rule::SameValue) = &mut return_address {
            *rule = Rule::Register(RegisterId(return_column.0));
        }
        Ok(Self {
            cfa,
            rules: rules.into_boxed_slice(),
            return_address,
            is_signal,
            may_switch_stacks: is_signal || own_sp || !usual,
            function_start: entry.initial_address().wrapping_add(bias),
            encoding: entry.cie().encoding(),
            bias,
        })
    }

    /// The canonical frame address.
    pub(crate) fn cfa(
        &self,
        pc: u64,
        registers: &RegisterSet,
        memory: &AddressSpace,
    ) -> Result<u64, StackEnd> {
        match &self.cfa {
            Cfa::Register(id, offset) => registers
                .get(*id)
                .map(|value| value.wrapping_add_signed(*offset))
                .ok_or(StackEnd::UnknownRegister { register: id.0 }),
            Cfa::Expression(expression) => self
                .evaluate(expression, None, registers, memory)
                .map_err(|error| as_end(error, pc)),
        }
    }

    /// The CFA, where it is computed from the stack pointer alone.
    pub(crate) fn cfa_of_sp(&self, arch: Arch, sp: u64) -> Option<u64> {
        match self.cfa {
            Cfa::Register(id, offset) if id == arch.sp() => Some(sp.wrapping_add_signed(offset)),
            _ => None,
        }
    }

    /// Where the return address lies in memory, given the CFA.
    pub(crate) fn return_address_place(&self, cfa: u64) -> Option<u64> {
        match self.return_address {
            Some(Rule::Offset(n)) => Some(cfa.wrapping_add_signed(n)),
            _ => None,
        }
    }

    /// Whether the row says that there is no caller.
    pub(crate) fn is_outermost(&self) -> bool {
        matches!(self.return_address, Some(Rule::Undefined))
    }

    /// The registers of the caller of a frame.
    pub(crate) fn apply(
        &self,
        frame: &Frame,
        cfa: u64,
        memory: &AddressSpace,
        stack: &mut StackMemory,
    ) -> Result<Caller, StackEnd> {
        let (pc, registers) = (frame.pc, &frame.registers);
        let arch = registers.arch();
        let Some(return_rule) = &self.return_address else {
            let why = "it does not say where the return address is".to_owned();
            return Err(StackEnd::DamagedUnwindInfo { pc, why });
        };
        // A function that has made a call has overwritten the link register.
        if let Rule::Register(id) = return_rule
            && frame.pc_is_return_address()
            && abi::link_register(arch) == Some(*id)
        {
            return Err(StackEnd::UnknownRegister { register: id.0 });
        }
        let mut read_at = self.return_address_place(cfa);
        let target = self
            .value(return_rule, arch.pc(), cfa, registers, memory, stack, &mut read_at)
            .map_err(|error| as_end(error, pc))?;
        let mut caller = registers.clone();
        for id in abi::caller_saved(arch) {
            caller.forget(*id);
        }
        caller.set(arch.sp(), cfa);
        for (id, rule) in &self.rules {
            match self.value(rule, *id, cfa, registers, memory, stack, &mut None) {
                Ok(value) => caller.set(*id, value),
                Err(ExpressionError::Fault(fault)) if fault.is_interrupt() => {
                    return Err(StackEnd::Fault(fault));
                }
                // A register that is lost does not keep the frame from being found.
                Err(_) => caller.forget(*id),
            }
        }
        caller.set(arch.pc(), target);
        Ok(Caller { registers: caller, read_at })
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one step, borrowed in parts")]
    fn value(
        &self,
        rule: &Rule,
        id: RegisterId,
        cfa: u64,
        registers: &RegisterSet,
        memory: &AddressSpace,
        stack: &mut StackMemory,
        read_at: &mut Option<u64>,
    ) -> Result<u64, ExpressionError> {
        let known =
            |id: RegisterId| registers.get(id).ok_or(ExpressionError::UnknownRegister(id.0));
        let mut read = |at| {
            *read_at = Some(at);
            stack.read_u64(memory, at).map_err(ExpressionError::Fault)
        };
        match rule {
            Rule::Undefined => Err(ExpressionError::UnknownRegister(id.0)),
            Rule::SameValue => known(id),
            Rule::Offset(n) => read(cfa.wrapping_add_signed(*n)),
            Rule::ValueOffset(n) => Ok(cfa.wrapping_add_signed(*n)),
            Rule::Register(other) => known(*other),
            Rule::Expression(e) => read(self.evaluate(e, Some(cfa), registers, memory)?),
            Rule::ValueExpression(e) => self.evaluate(e, Some(cfa), registers, memory),
            Rule::Constant(value) => Ok(*value),
        }
    }

    fn evaluate(
        &self,
        expression: &gimli::Expression<Slice>,
        initial: Option<u64>,
        registers: &RegisterSet,
        memory: &AddressSpace,
    ) -> Result<u64, ExpressionError> {
        evaluate(*expression, self.encoding, initial, registers, memory, self.bias)
    }
}

fn as_end(error: ExpressionError, pc: u64) -> StackEnd {
    match error {
        ExpressionError::UnknownRegister(register) => StackEnd::UnknownRegister { register },
        ExpressionError::Fault(fault) => StackEnd::Fault(fault),
        ExpressionError::Invalid(why) => StackEnd::DamagedUnwindInfo { pc, why },
    }
}
