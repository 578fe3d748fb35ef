//! Words to values as a [`DcmdSpec`] declares them, and the line that shows a command's use.

use crate::spec::{ArgumentSpec, DcmdSpec};
use mdb_lang::arguments::{Declared, Evaluate, UsageError, Values, Word, dashed, parse_arguments};
use std::fmt::Write as _;

/// Reads a command's words as its description says; see [`parse_arguments`].
pub fn parse_args(
    spec: &DcmdSpec,
    words: &[Word<'_>],
    evaluate: Evaluate<'_>,
) -> Result<(Values, Values), UsageError> {
    let declared =
        Declared { verb: &spec.verb(), options: &spec.options, arguments: &spec.arguments };
    parse_arguments(declared, words, evaluate)
}

/// The line that shows how a command is used: `[ADDRESS]::stacks [-av] [-c FUNCTION] [command]`.
pub fn usage(spec: &DcmdSpec) -> String {
    use crate::spec::AddressUse;
    let address = match spec.address {
        AddressUse::Optional => "[ADDRESS]",
        AddressUse::Required => "ADDRESS",
        AddressUse::None => "",
    };
    let mut line = format!("{address}{}", spec.verb());
    let shown = || spec.options.iter().filter(|o| !o.hidden);
    let flags: String = shown().filter(|o| !o.kind.takes_value()).filter_map(|o| o.short).collect();
    if !flags.is_empty() {
        let _ = write!(line, " [-{flags}]");
    }
    for option in shown().filter(|o| o.kind.takes_value() || o.short.is_none()) {
        let name = match option.short {
            Some(letter) => format!("-{letter}"),
            None => dashed(&option.long),
        };
        let value = match (option.kind.takes_value(), option.value_name.is_empty()) {
            (false, _) => String::new(),
            (true, true) => " VALUE".to_owned(),
            (true, false) => format!(" {}", option.value_name),
        };
        let more = if option.repeatable { " ..." } else { "" };
        let _ = write!(line, " [{name}{value}]{more}");
    }
    for ArgumentSpec { name, optional, rest, .. } in &spec.arguments {
        let more = if *rest { " ..." } else { "" };
        let _ =
            if *optional { write!(line, " [{name}{more}]") } else { write!(line, " {name}{more}") };
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{OptionSpec, ValueKind};

    fn spec() -> DcmdSpec {
        DcmdSpec::new("thing", "does a thing")
            .flag('a', "all")
            .flag('v', "more")
            .option(OptionSpec::new('d', ValueKind::Count, "", "debug"))
            .option(OptionSpec::new('n', ValueKind::Decimal, "COUNT", "how many").long("number"))
            .option(OptionSpec::new('c', ValueKind::Text, "FUNCTION", "with").repeatable())
            .option(OptionSpec::new('s', ValueKind::Size, "SIZE", "size"))
            .argument(ArgumentSpec::required("what", ValueKind::Address, "what"))
            .argument(ArgumentSpec::rest("more", ValueKind::Text, "more"))
    }

    #[test]
    fn the_usage_shows_everything() {
        assert_eq!(
            usage(&spec()),
            "[ADDRESS]::thing [-avd] [-n COUNT] [-c FUNCTION] ... [-s SIZE] what [more ...]"
        );
        assert_eq!(usage(&DcmdSpec::new("x", "y").needs_address()), "ADDRESS::x");
    }
}
