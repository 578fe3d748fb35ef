//! Words to values, by the declared options and arguments. The rule is getopt's: options come
//! first, letters may be joined (`-nv`), a value may be joined to its letter (`-n20`) or be the
//! next word, `--` ends the options.

use super::{ArgumentSpec, ArgumentValue, OptionSpec, Text, ValueKind};

/// Wrong use of a command: a sentence, and which word it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct UsageError {
    /// The sentence.
    pub message: String,
    /// The index of the word, if it is about one.
    pub word: Option<usize>,
}

/// Values of options and of arguments, in the order in which they are declared; empty: not given.
pub type Values = Vec<Vec<ArgumentValue>>;

/// Turns the value of an expression or number into a number, or says why it is none. The kind says
/// how plain digits are to be read.
pub type Evaluate<'a> = &'a mut dyn FnMut(ValueKind, &str) -> Result<u64, String>;

/// A word of a command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Word<'a> {
    /// Its text, quotes taken away.
    pub text: &'a str,
    /// It was quoted: it is no option, whatever it begins with.
    pub quoted: bool,
    /// It is the value of an expression (`$[...]`) that was evaluated already.
    pub number: Option<u64>,
}

impl<'a> From<&'a str> for Word<'a> {
    fn from(text: &'a str) -> Self {
        Self { text, ..Self::default() }
    }
}

impl Word<'_> {
    fn is_plain(&self) -> bool {
        !self.quoted && self.number.is_none()
    }
}

/// What a command declares.
#[derive(Clone, Copy, Debug, Default)]
pub struct Declared<'a> {
    /// Its name as it is typed: `::stacks`.
    pub verb: &'a str,
    /// Its options.
    pub options: &'a [OptionSpec],
    /// Its positional arguments.
    pub arguments: &'a [ArgumentSpec],
}

/// Reads a command's words: the values of its options and of its arguments.
///
/// A command that takes any words and declares no options (`::echo`) takes words with a dash as
/// they are; `-N` is `-n N` where that option counts something.
///
/// # Errors
/// The words are not what the command declares, or a number is none.
pub fn parse_arguments(
    spec: Declared<'_>,
    words: &[Word<'_>],
    evaluate: Evaluate<'_>,
) -> Result<(Values, Values), UsageError> {
    let mut options: Values = vec![Vec::new(); spec.options.len()];
    let mut next = 0;
    let literal = spec.options.is_empty() && spec.arguments.first().is_some_and(|a| a.rest);
    while let Some(word) = words.get(next).filter(|w| w.is_plain() && !literal) {
        let at = next;
        // `+t`, where the command declares it.
        if let Some(index) = spec.options.iter().position(|o| o.long == word.text)
            && word.text.starts_with('+')
        {
            next += 1;
            let (option, values) = (spec.options.get(index), options.get_mut(index));
            if let (Some(option), Some(values)) = (option, values) {
                give(option, word.text, None, at, words, &mut next, values, evaluate)?;
            }
            continue;
        }
        let dashed = word.text.strip_prefix('-').filter(|rest| !rest.is_empty());
        let Some(letters) = dashed else { break };
        let is_letter = |c| spec.options.iter().any(|o| o.short == Some(c));
        if letters.starts_with(|c: char| c.is_ascii_digit() && !is_letter(c)) {
            let count = spec.options.iter().zip(&mut options);
            let mut count =
                count.filter(|(o, _)| o.short == Some('n') && o.kind == ValueKind::Decimal);
            let Some((option, values)) = count.next() else { break }; // A negative number.
            next += 1;
            give(option, "-n", Some(letters), at, words, &mut next, values, evaluate)?;
            continue;
        }
        next += 1;
        if let Some(long) = letters.strip_prefix('-') {
            if long.is_empty() {
                break;
            }
            long_option(spec, long, at, words, &mut next, &mut options, evaluate)?;
            continue;
        }
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let found =
                spec.options.iter().zip(&mut options).find(|(o, _)| o.short == Some(letter));
            let Some((option, values)) = found else {
                return Err(unknown(spec, &format!("-{letter}"), at));
            };
            let joined = Some(rest.as_str()).filter(|_| option.kind.takes_value());
            let joined = joined.filter(|text| !text.is_empty());
            give(option, &format!("-{letter}"), joined, at, words, &mut next, values, evaluate)?;
            if joined.is_some() || option.kind.takes_value() {
                break;
            }
        }
    }
    let arguments = positional(spec, words, next, evaluate)?;
    Ok((options, arguments))
}

fn long_option(
    spec: Declared<'_>,
    long: &str,
    at: usize,
    words: &[Word<'_>],
    next: &mut usize,
    options: &mut Values,
    evaluate: Evaluate<'_>,
) -> Result<(), UsageError> {
    let (name, joined) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (long, None),
    };
    let found = spec.options.iter().zip(options).find(|(o, _)| o.long == name);
    let Some((option, values)) = found else {
        return Err(unknown(spec, &format!("--{name}"), at));
    };
    if joined.is_some() && !option.kind.takes_value() {
        return Err(UsageError {
            message: format!("option --{name} takes no value"),
            word: Some(at),
        });
    }
    give(option, &format!("--{name}"), joined, at, words, next, values, evaluate)
}

#[allow(clippy::too_many_arguments, reason = "the state of one loop, shared by two callers")]
fn give(
    option: &OptionSpec,
    name: &str,
    joined: Option<&str>,
    at: usize,
    words: &[Word<'_>],
    next: &mut usize,
    values: &mut Vec<ArgumentValue>,
    evaluate: Evaluate<'_>,
) -> Result<(), UsageError> {
    match option.kind {
        ValueKind::Flag => {
            *values = vec![ArgumentValue { number: 1, text: String::new() }];
            return Ok(());
        }
        ValueKind::Count => {
            let before = values.first().map_or(0, |v| v.number);
            *values = vec![ArgumentValue { number: before + 1, text: String::new() }];
            return Ok(());
        }
        _ => {}
    }
    let (value, word) = match joined {
        Some(text) => (Word::from(text), at),
        None => match words.get(*next) {
            Some(value) => {
                *next += 1;
                (*value, *next - 1)
            }
            None => {
                return Err(UsageError {
                    message: format!("option {name} needs {}", value_name(option)),
                    word: Some(at),
                });
            }
        },
    };
    if !values.is_empty() && !option.repeatable {
        return Err(UsageError {
            message: format!("option {name} is given twice"),
            word: Some(at),
        });
    }
    values.push(one_value(option.kind, &option.choices, name, value, word, evaluate)?);
    Ok(())
}

fn value_name(option: &OptionSpec) -> String {
    if option.value_name.is_empty() {
        "a value".to_owned()
    } else {
        option.value_name.clone().into_owned()
    }
}

fn positional(
    spec: Declared<'_>,
    words: &[Word<'_>],
    mut next: usize,
    evaluate: Evaluate<'_>,
) -> Result<Values, UsageError> {
    let mut arguments = Vec::new();
    for argument in spec.arguments {
        let mut values = Vec::new();
        while let Some(word) = words.get(next) {
            let (kind, choices) = (argument.kind, &argument.choices);
            values.push(one_value(kind, choices, &argument.name, *word, next, evaluate)?);
            next += 1;
            if !argument.rest {
                break;
            }
        }
        if values.is_empty() && !argument.optional {
            return Err(UsageError {
                message: format!("argument {} is missing", argument.name),
                word: None,
            });
        }
        arguments.push(values);
    }
    if let Some(Word { text: word, .. }) = words.get(next) {
        let message = match spec.arguments.len() {
            0 => format!("{} takes no argument {word:?}", spec.verb),
            _ => format!("argument {word:?} is one too many"),
        };
        return Err(UsageError { message, word: Some(next) });
    }
    Ok(arguments)
}

fn one_value(
    kind: ValueKind,
    choices: &[Text],
    name: &str,
    value: Word<'_>,
    word: usize,
    evaluate: Evaluate<'_>,
) -> Result<ArgumentValue, UsageError> {
    let text = value.text;
    if let Some(number) = value.number.filter(|_| kind != ValueKind::Choice) {
        return Ok(ArgumentValue { number, text: text.to_owned() });
    }
    let fail = |message: String| UsageError { message, word: Some(word) };
    let number = match kind {
        ValueKind::Choice => match choices.iter().position(|choice| choice == text) {
            Some(index) => index as u64,
            None => {
                return Err(fail(format!("{name}: {text:?} is none of {}", choices.join(", "))));
            }
        },
        ValueKind::Size => match decimal_size(text) {
            Some(size) => size,
            None => evaluate(kind, text).map_err(|why| fail(format!("{name}: {why}")))?,
        },
        kind if kind.is_number() => {
            evaluate(kind, text).map_err(|why| fail(format!("{name}: {why}")))?
        }
        _ => 0,
    };
    Ok(ArgumentValue { number, text: text.to_owned() })
}

/// Decimal digits with `K`, `M`, `G` behind.
fn decimal_size(text: &str) -> Option<u64> {
    let (digits, shift) = match text.as_bytes().split_last()? {
        (b'K' | b'k', digits) => (digits, 10),
        (b'M' | b'm', digits) => (digits, 20),
        (b'G' | b'g', digits) => (digits, 30),
        _ => return None,
    };
    let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    number.checked_mul(1 << shift)
}

fn unknown(spec: Declared<'_>, option: &str, word: usize) -> UsageError {
    let known: Vec<String> = spec
        .options
        .iter()
        .filter(|o| !o.hidden)
        .map(|o| match o.short {
            Some(letter) => format!("-{letter}"),
            None => dashed(&o.long),
        })
        .collect();
    let known = match known.len() {
        0 => "it has none".to_owned(),
        _ => format!("it has {}", known.join(" ")),
    };
    UsageError {
        message: format!("{} has no option {option}; {known}", spec.verb),
        word: Some(word),
    }
}

/// A long option as it is typed: with dashes, unless it is a word such as `+t`.
pub fn dashed(long: &str) -> String {
    if long.starts_with('+') { long.to_owned() } else { format!("--{long}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> (Vec<OptionSpec>, Vec<ArgumentSpec>) {
        let option = |letter, kind, name| OptionSpec::new(letter, kind, name, "");
        let options = vec![
            option('a', ValueKind::Flag, ""),
            option('v', ValueKind::Flag, ""),
            option('d', ValueKind::Count, ""),
            option('n', ValueKind::Decimal, "COUNT").long("number"),
            option('c', ValueKind::Text, "FUNCTION").repeatable(),
            option('s', ValueKind::Size, "SIZE"),
        ];
        let arguments = vec![
            ArgumentSpec::required("what", ValueKind::Address, "what"),
            ArgumentSpec::rest("more", ValueKind::Text, "more"),
        ];
        (options, arguments)
    }

    fn declared((options, arguments): &(Vec<OptionSpec>, Vec<ArgumentSpec>)) -> Declared<'_> {
        Declared { verb: "::thing", options, arguments }
    }

    fn parse(words: &[&str]) -> Result<(Values, Values), UsageError> {
        let words: Vec<Word<'_>> = words.iter().map(|w| Word::from(*w)).collect();
        parse_arguments(declared(&spec()), &words, &mut |kind, text| {
            let radix = if kind == ValueKind::Decimal { 10 } else { 16 };
            u64::from_str_radix(text, radix).map_err(|e| format!("{text}: {e}"))
        })
    }

    fn given(values: &Values, name: &str) -> Vec<(u64, String)> {
        let index = spec().0.iter().position(|option| option.is_called(name)).unwrap();
        values[index].iter().map(|v| (v.number, v.text.clone())).collect()
    }

    #[test]
    fn options_and_arguments_are_told_apart() {
        let (options, arguments) =
            parse(&["-avdd", "-n20", "-c", "f", "-c", "g", "10", "-x", "y"]).unwrap();
        assert_eq!(given(&options, "a"), [(1, String::new())]);
        assert_eq!(given(&options, "v"), [(1, String::new())]);
        assert_eq!(given(&options, "d"), [(2, String::new())]);
        assert_eq!(given(&options, "number"), [(20, "20".into())]);
        assert_eq!(given(&options, "c"), [(0, "f".into()), (0, "g".into())]);
        assert_eq!(arguments[0][0].number, 0x10);
        let rest: Vec<_> = arguments[1].iter().map(|v| v.text.as_str()).collect();
        assert_eq!(rest, ["-x", "y"]);
        let (options, _) = parse(&["--number=3", "-s", "4K", "--", "10"]).unwrap();
        assert_eq!(given(&options, "n")[0].0, 3);
        assert_eq!(given(&options, "s")[0].0, 4096);
    }

    #[test]
    fn counts_plus_words_and_words_that_are_no_options() {
        let mut spec = spec();
        spec.0.push(OptionSpec {
            kind: ValueKind::Flag,
            long: "+v".into(),
            ..OptionSpec::default()
        });
        let parse = |words: &[Word<'_>]| {
            parse_arguments(declared(&spec), words, &mut |_, _| Ok(7)).unwrap()
        };
        let (options, arguments) = parse(&["-20".into(), "+v".into(), "+x".into()]);
        assert_eq!((options[3][0].number, options[3][0].text.as_str()), (7, "20"));
        assert_eq!(options.last().unwrap().len(), 1);
        assert_eq!(arguments[0][0].text, "+x");
        let quoted = Word { text: "-a", quoted: true, number: None };
        let (options, arguments) = parse(&[quoted]);
        assert!(options[0].is_empty() && arguments[0][0].text == "-a");
        let number = Word { text: "9", quoted: false, number: Some(9) };
        assert_eq!(parse(&[number]).1[0][0].number, 9);
        let echo = (Vec::new(), vec![ArgumentSpec::rest("word", ValueKind::Text, "any")]);
        let (_, arguments) =
            parse_arguments(declared(&echo), &["-n".into()], &mut |_, _| Ok(0)).unwrap();
        assert_eq!(arguments[0][0].text, "-n");
    }

    #[test]
    fn wrong_use_is_explained() {
        let message = |words: &[&str]| parse(words).unwrap_err().to_string();
        assert_eq!(message(&["-z", "1"]), "::thing has no option -z; it has -a -v -d -n -c -s");
        assert_eq!(message(&["-n"]), "option -n needs COUNT");
        assert_eq!(message(&["-n", "1", "-n", "2", "3"]), "option -n is given twice");
        assert_eq!(message(&[]), "argument what is missing");
        assert_eq!(
            message(&["--all=1", "1"]),
            "::thing has no option --all; it has -a -v -d -n -c -s"
        );
        assert!(message(&["-n", "x", "1"]).starts_with("-n: x: "));
        let none = Declared { verb: "::none", ..Declared::default() };
        let error = parse_arguments(none, &["x".into()], &mut |_, _| Ok(0)).unwrap_err();
        assert_eq!(error.to_string(), "::none takes no argument \"x\"");
        assert_eq!(error.word, Some(0));
    }
}
