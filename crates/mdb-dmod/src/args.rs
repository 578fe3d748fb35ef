//! What the command was called with.

use crate::Session;
use mdb_dmod_abi::{
    Array, CALL_ADDRESS, CALL_LOOP, CALL_LOOP_FIRST, CALL_PIPE_IN, CALL_PIPE_OUT, Item,
    VALUE_GIVEN, Value,
};

impl Session<'_> {
    fn call_flag(&self, flag: u32) -> bool {
        self.call.is_some_and(|call| call.flags & flag != 0)
    }

    /// The item that the command is about: the address with its type, or dot.
    pub fn item(&self) -> Item {
        self.call.map_or(Item::default(), |call| call.item)
    }

    /// The value of [`Session::item`].
    pub fn dot(&self) -> u64 {
        self.item().value
    }

    /// The address, if one was given by the user or a pipe.
    pub fn address(&self) -> Option<u64> {
        self.call_flag(CALL_ADDRESS).then(|| self.dot())
    }

    /// Whether this is one call of several, for several items.
    pub fn in_loop(&self) -> bool {
        self.call_flag(CALL_LOOP)
    }

    /// Whether this is the first or the only call.
    pub fn is_first(&self) -> bool {
        !self.in_loop() || self.call_flag(CALL_LOOP_FIRST)
    }

    /// Whether the item came through a pipe.
    pub fn from_pipe(&self) -> bool {
        self.call_flag(CALL_PIPE_IN)
    }

    /// Whether the output goes to another command.
    pub fn into_pipe(&self) -> bool {
        self.call_flag(CALL_PIPE_OUT)
    }

    /// The whole input, for a command that takes all of it.
    pub fn input(&self) -> Vec<Item> {
        // SAFETY: the host lends the array until the call returns.
        self.call.map_or(Vec::new(), |call| unsafe { call.input.iter().collect() })
    }

    fn value(
        &self,
        array: impl Fn(&mdb_dmod_abi::Call) -> Array<Value>,
        index: usize,
    ) -> Option<Value> {
        let call = self.call.as_ref()?;
        // SAFETY: the host lends the array until the call returns.
        unsafe { array(call).get(index) }.filter(|value| value.flags & VALUE_GIVEN != 0)
    }

    fn option(&self, letter: char) -> Option<Value> {
        let index = self.options.iter().position(|option| option.short == letter as u32)?;
        self.value(|call| call.options, index)
    }

    /// Whether the option with this letter was given.
    pub fn flag(&self, letter: char) -> bool {
        self.option(letter).is_some()
    }

    /// The number that an option was given; for a count, how often it was.
    pub fn number(&self, letter: char) -> Option<u64> {
        self.option(letter).map(|value| value.number)
    }

    /// The text that an option was given, as it was typed.
    pub fn text(&self, letter: char) -> Option<&str> {
        // SAFETY: the host lends the text until the call returns.
        self.option(letter).map(|value| unsafe { value.text.text() })
    }

    /// All texts that a repeatable option was given.
    pub fn texts(&self, letter: char) -> Vec<&str> {
        self.option(letter).map_or(Vec::new(), Self::all_texts)
    }

    fn all_texts<'t>(value: Value) -> Vec<&'t str> {
        // SAFETY: the host lends texts and array until the call returns, and so does the session.
        unsafe {
            let rest = value.rest.iter().map(|value| value.text.text());
            std::iter::once(value.text.text()).chain(rest).collect()
        }
    }

    /// A positional argument as it was typed.
    pub fn argument(&self, index: usize) -> Option<&str> {
        // SAFETY: the host lends the text until the call returns.
        self.value(|call| call.arguments, index).map(|value| unsafe { value.text.text() })
    }

    /// The number of a positional argument.
    pub fn argument_number(&self, index: usize) -> Option<u64> {
        self.value(|call| call.arguments, index).map(|value| value.number)
    }

    /// All words of an argument that takes the rest.
    pub fn argument_rest(&self, index: usize) -> Vec<&str> {
        self.value(|call| call.arguments, index).map_or(Vec::new(), Self::all_texts)
    }
}
