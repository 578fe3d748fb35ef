//! Frames of stacks that run JavaScript: which frame is what, and what it holds.

mod builtin_exit;
mod call_name;
mod chain;
pub(crate) mod classify;
pub(crate) mod frame_type;
pub(crate) mod javascript;
mod leaf;
mod optimised;
pub(crate) mod physical;
pub(crate) mod position;
pub(crate) mod provider;
pub(crate) mod shown;
mod translated;
pub(crate) mod walk;
pub(crate) mod wasm;

use crate::object::heap::Object;
use crate::object::value::Value;

/// Which of V8's compilers made the code that a frame runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Ignition, the interpreter.
    Interpreter,
    /// Sparkplug.
    Baseline,
    /// Maglev.
    Maglev,
    /// TurboFan.
    Turbofan,
    /// It is not known.
    Unknown,
    /// A function that is built into V8, with a frame as JavaScript has it.
    Builtin,
    /// A function of the embedder, in C++.
    Api,
}

impl Tier {
    /// For people.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Interpreter => "interpreter",
            Self::Baseline => "baseline",
            Self::Maglev => "maglev",
            Self::Turbofan => "turbofan",
            Self::Unknown => "unknown",
            Self::Builtin => "builtin",
            Self::Api => "api",
        }
    }
}

/// A value as a frame holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Held {
    /// A tagged value.
    Tagged(Value),
    /// A number that the compiler keeps unboxed.
    Number(f64),
    /// A BigInt that the compiler keeps unboxed.
    BigInt(i128),
    /// `undefined`, which the compiler keeps as a special number.
    Undefined,
    /// A boolean that the compiler keeps unboxed.
    Boolean(bool),
    /// The compiler found that it is not needed any more, and keeps it nowhere.
    OptimisedOut,
    /// An object that the compiler did not allocate; its map and fields.
    Unallocated(Vec<Held>),
    /// It cannot be read, and why.
    Unknown(String),
}

/// A JavaScript function in a frame, or inlined into one.
#[derive(Clone, Debug)]
pub(crate) struct JsFrame {
    /// The frame pointer of the frame that it is in.
    pub(crate) fp: u64,
    /// The program counter of that frame.
    pub(crate) pc: u64,
    /// The compiler.
    pub(crate) tier: Tier,
    /// It is inlined into the next frame outwards.
    pub(crate) is_inlined: bool,
    /// It was called by `new`.
    pub(crate) is_construct: bool,
    /// The closure, if the frame has it.
    pub(crate) function: Option<Object>,
    /// What is shared by all its closures.
    pub(crate) shared: Option<Object>,
    /// The bytecode that it runs.
    pub(crate) bytecode: Option<Object>,
    /// Which bytecode of it.
    pub(crate) bytecode_offset: Option<u32>,
    /// Where in the script that is, in UTF-16 units.
    pub(crate) position: Option<u32>,
    /// The position is that of the function, since that of the call is not known.
    pub(crate) position_is_start: bool,
    /// `this`.
    pub(crate) receiver: Held,
    /// The arguments that were passed, without the receiver.
    pub(crate) arguments: Vec<Held>,
    /// The context.
    pub(crate) context: Option<Object>,
    /// Registers r0, r1, ... of the interpreter, also where the compiler has them elsewhere.
    pub(crate) registers: Vec<Held>,
    /// Receiver, arguments and how it was called are known.
    pub(crate) is_read: bool,
    /// What could not be found out, and why.
    pub(crate) troubles: Vec<String>,
}

impl JsFrame {
    /// A frame of which nothing is known yet.
    pub(crate) fn empty(fp: u64, pc: u64, tier: Tier) -> Self {
        Self {
            fp,
            pc,
            tier,
            is_inlined: false,
            is_construct: false,
            function: None,
            shared: None,
            bytecode: None,
            bytecode_offset: None,
            position: None,
            position_is_start: false,
            receiver: Held::Unknown("not read".to_owned()),
            arguments: Vec::new(),
            context: None,
            registers: Vec::new(),
            is_read: false,
            troubles: Vec::new(),
        }
    }
}

/// What a frame is.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// JavaScript: the function of the frame is the last; before it stand those inlined into it,
    /// innermost first.
    JavaScript(Vec<JsFrame>),
    /// WebAssembly, in the same order.
    Wasm(Vec<wasm::WasmFrame>),
    /// A frame of V8's own, by the name of its type.
    Internal(frame_type::FrameType),
    /// Code of V8 without a frame of its own, or a frame that could not be told.
    Generated(String),
    /// C++ or C.
    Native,
}
