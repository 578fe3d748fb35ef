//! Kinds of functions, from the bits of a ScopeInfo or SharedFunctionInfo.

/// V8's number of a kind. The first 25 are the same in 10.2 to 14.6 (`objects/function-kind.h`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FunctionKind(pub(crate) u32);

impl FunctionKind {
    /// kArrowFunction, kAsyncArrowFunction: `this` is that of the function around it.
    pub(crate) fn is_arrow(self) -> bool {
        matches!(self.0, 11 | 12)
    }

    /// kModule, kAsyncModule (kModuleWithTopLevelAwait).
    pub(crate) fn is_module(self) -> bool {
        matches!(self.0, 1 | 2)
    }

    /// kBaseConstructor to kDerivedConstructor.
    pub(crate) fn is_class_constructor(self) -> bool {
        matches!(self.0, 3..=6)
    }

    /// kDefaultDerivedConstructor, kDerivedConstructor.
    pub(crate) fn is_derived_constructor(self) -> bool {
        matches!(self.0, 5 | 6)
    }

    /// kDefaultBaseConstructor, kDefaultDerivedConstructor: not in the source.
    pub(crate) fn is_default_constructor(self) -> bool {
        matches!(self.0, 4 | 5)
    }

    /// kAsyncModule, kAsyncArrowFunction to kAsyncGeneratorFunction.
    pub(crate) fn is_async(self) -> bool {
        matches!(self.0, 2 | 12..=18)
    }

    /// kAsyncConciseGeneratorMethod to kStaticConciseGeneratorMethod.
    pub(crate) fn is_generator(self) -> bool {
        matches!(self.0, 16..=21)
    }

    /// kClassMembersInitializerFunction and what follows it: code of a class that is no function in the
    /// source.
    pub(crate) fn is_initializer(self) -> bool {
        self.0 >= 24
    }
}
