//! What is not shown unless the user asks for it.

/// What is shown instead.
pub(crate) const MASK: &str = "********";

/// Parts of names whose values are secret.
const NAMES: [&str; 9] =
    ["KEY", "TOKEN", "SECRET", "PASS", "PWD_", "CREDENTIAL", "AUTH", "COOKIE", "PRIVATE"];
/// Names that have such a part and are no secret.
const HARMLESS: [&str; 4] = ["XAUTHORITY", "SSH_AUTH_SOCK", "SSH_ASKPASS", "KEYBOARD"];

/// Whether what has this name is secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.trim_start_matches('-').to_ascii_uppercase().replace('-', "_");
    !HARMLESS.iter().any(|harmless| name == *harmless)
        && NAMES.iter().any(|part| name.contains(part))
}

/// Words before the secret in a header of HTTP (RFC 7235: the schemes of authentication).
const SCHEMES: [&str; 4] = ["basic", "bearer", "digest", "token"];

fn is_scheme(word: &str) -> bool {
    SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// A text without the passwords in its URLs: `scheme://user:password@host`. Who stands alone before
/// the `@` may be a token, so is not shown either, except with `ssh`, which takes names only.
fn without_passwords(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find("://") {
        let scheme = rest.get(..at).unwrap_or("");
        let names_only = scheme.ends_with("ssh") || scheme.ends_with("sftp");
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        // Not at `#`: passwords have it, although they should spell it `%23`.
        let end = after.find(['/', '?', ' ', ',', '"', '\'']).unwrap_or(after.len());
        let authority = after.get(..end).unwrap_or(after);
        match authority.rsplit_once('@') {
            Some((user, host)) if !user.is_empty() => {
                let (name, password) = user.split_once(':').unwrap_or((user, ""));
                if !password.is_empty() {
                    found = true;
                    out.push_str(name);
                    out.push(':');
                    out.push_str(MASK);
                } else if names_only {
                    out.push_str(user);
                } else {
                    found = true;
                    out.push_str(MASK);
                }
                out.push('@');
                out.push_str(host);
            }
            _ => out.push_str(authority),
        }
        rest = after.get(end..).unwrap_or("");
    }
    out.push_str(rest);
    found.then_some(out)
}

/// A header of HTTP (`Authorization: Bearer ...`) without its secret, and what follows `Bearer`.
fn without_header(text: &str) -> Option<String> {
    let value = |start: usize| {
        let rest = text.get(start..)?;
        let blanks = rest.len() - rest.trim_start().len();
        let shown = text.get(..start + blanks)?;
        (!rest.trim_start().is_empty()).then(|| format!("{shown}{MASK}"))
    };
    for (colon, _) in text.match_indices(':') {
        let before = text.get(..colon).unwrap_or("");
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name = before.rsplit(|c| !is_part(c)).next().unwrap_or(before);
        let is_url = text.get(colon..).is_some_and(|rest| rest.starts_with("://"));
        if !is_url && is_header_name(name) {
            return value(colon + 1);
        }
    }
    // The same length as the text has: only letters of ASCII change.
    let lower = text.to_ascii_lowercase();
    let (at, word) = lower.match_indices("bearer ").next()?;
    value(at + word.len())
}

/// Whether a header of this name holds a secret. Narrower than [`is_secret_name`]: a colon stands
/// behind many words.
fn is_header_name(name: &str) -> bool {
    let name = name.trim_start_matches('-').to_ascii_lowercase();
    ["authorization", "cookie", "api-key", "apikey", "token", "auth-key", "secret"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// The value of a variable without what is secret of it; `None` where nothing is.
pub(crate) fn masked_value(name: &str, value: &str) -> Option<String> {
    if value.is_empty() {
        None
    } else if is_secret_name(name) || value.contains("PRIVATE KEY-----") {
        Some(MASK.to_owned())
    } else {
        without_passwords_and_headers(value)
    }
}

fn without_passwords_and_headers(text: &str) -> Option<String> {
    let url = without_passwords(text);
    let header = without_header(url.as_deref().unwrap_or(text));
    header.or(url)
}

/// The next argument without what is secret of it: `--token=...`, `--token ...`, URLs, headers.
/// `None`: nothing is. `follows` is kept from one argument to the next: the one before announces a
/// secret.
pub(crate) fn masked_argument(follows: &mut bool, argument: &str) -> Option<String> {
    let is_option = argument.starts_with('-');
    if std::mem::take(follows) && !is_option && !argument.is_empty() {
        // `Authorization: Bearer ...` in words.
        *follows = is_scheme(argument);
        return Some(MASK.to_owned());
    }
    let header = argument.strip_suffix(':').is_some_and(is_header_name);
    *follows = header
        || argument.eq_ignore_ascii_case("bearer")
        || (is_option && !argument.contains(['=', ':']) && is_secret_name(argument));
    if argument.contains("PRIVATE KEY-----") {
        return Some(MASK.to_owned());
    }
    // First what may itself have a `=` in it.
    let plain = without_passwords_and_headers(argument);
    let text = plain.as_deref().unwrap_or(argument);
    // `--env=API_KEY=...`: the name may be any of those before a `=`.
    let mut start = 0;
    for (end, _) in text.match_indices('=') {
        let name = text.get(start..end).unwrap_or("");
        let value = text.get(end + 1..).unwrap_or("");
        if is_secret_name(name) && !value.is_empty() {
            return Some(format!("{}{MASK}", text.get(..=end).unwrap_or("")));
        }
        start = end + 1;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{MASK, masked_argument, masked_value};

    #[test]
    fn secrets_are_masked_and_nothing_else() {
        for (name, value, shown) in [
            ("API_KEY", "abc", Some(MASK.to_owned())),
            ("npm_config__authToken", "abc", Some(MASK.to_owned())),
            ("DB_PASSWORD", "abc", Some(MASK.to_owned())),
            ("DB_PASSWORD", "", None),
            ("PWD", "/root", None),
            ("SSH_AUTH_SOCK", "/tmp/s", None),
            ("HOME", "/root", None),
            ("DATABASE_URL", "postgres://me:pw@db/x", Some(format!("postgres://me:{MASK}@db/x"))),
            ("PROXY", "http://host:80/a@b:c", None),
            (
                "TWO",
                "redis://:p@a:1,redis://:p:q@b:2",
                Some(format!("redis://:{MASK}@a:1,redis://:{MASK}@b:2")),
            ),
            ("PEM", "-----BEGIN RSA PRIVATE KEY-----", Some(MASK.to_owned())),
        ] {
            assert_eq!(masked_value(name, value), shown, "{name}={value}");
        }
    }

    #[test]
    fn arguments_are_masked() {
        for (words, shown) in [
            (vec!["app", "--token", "t1", "-v"], vec!["app", "--token", "§", "-v"]),
            (vec!["--api-key=t2", "--pass", "-x"], vec!["--api-key=§", "--pass", "-x"]),
            (vec!["https://u:p@h", "https://h/a@b"], vec!["https://u:§@h", "https://h/a@b"]),
            (
                vec!["postgresql://me:pw123@db/x?sslmode=require"],
                vec!["postgresql://me:§@db/x?sslmode=require"],
            ),
            (vec!["postgres://me:p=w@db/x?auth=a"], vec!["postgres://me:§@db/x?auth=§"]),
            (vec!["postgres://me:p#w@db/x"], vec!["postgres://me:§@db/x"]),
            (vec!["--url=https://u:p@h/?a=b"], vec!["--url=https://u:§@h/?a=b"]),
            (vec!["--env=API_KEY=abc", "-e", "A=b"], vec!["--env=API_KEY=§", "-e", "A=b"]),
            (vec!["https://ghp_token@github.com/x"], vec!["https://§@github.com/x"]),
            (vec!["https://ghp_token:@github.com/x"], vec!["https://§@github.com/x"]),
            (vec!["ssh://git@github.com/x"], vec!["ssh://git@github.com/x"]),
            (vec!["-H", "Authorization: Bearer tok=="], vec!["-H", "Authorization: §"]),
            (vec!["-HX-Api-Key:abc", "a: b"], vec!["-HX-Api-Key:§", "a: b"]),
            (vec!["--header=authorization: Basic a="], vec!["--header=authorization: §"]),
            (vec!["say bearer tok"], vec!["say bearer §"]),
            // The note has the words only.
            (
                vec!["-H", "Authorization:", "Bearer", "tok", "x"],
                vec!["-H", "Authorization:", "§", "§", "x"],
            ),
            (vec!["host:80", "a=b", "-p=", "x:y=z"], vec!["host:80", "a=b", "-p=", "x:y=z"]),
        ] {
            let mut follows = false;
            let masked =
                |word: &&str| masked_argument(&mut follows, word).unwrap_or((*word).to_owned());
            let got: Vec<String> = words.iter().map(masked).collect();
            let expected: Vec<String> = shown.iter().map(|word| word.replace('§', MASK)).collect();
            assert_eq!(got, expected, "{words:?}");
        }
    }
}
