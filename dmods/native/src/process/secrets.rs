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

/// A text without the passwords in its URLs: `scheme://user:password@host`.
fn without_passwords(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(['/', '?', '#', ' ', ',', '"', '\'']).unwrap_or(after.len());
        let authority = after.get(..end).unwrap_or(after);
        match authority.rsplit_once('@').and_then(|(user, host)| {
            user.split_once(':').map(|(user, password)| (user, password, host))
        }) {
            Some((user, password, host)) if !password.is_empty() => {
                found = true;
                out.push_str(user);
                out.push(':');
                out.push_str(MASK);
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

/// The value of a variable without what is secret of it; `None` where nothing is.
pub(crate) fn masked_value(name: &str, value: &str) -> Option<String> {
    if value.is_empty() {
        None
    } else if is_secret_name(name) || value.contains("PRIVATE KEY-----") {
        Some(MASK.to_owned())
    } else {
        without_passwords(value)
    }
}

/// Arguments without what is secret of them: `--token=...`, `--token ...`, URLs. `true`: something
/// was.
pub(crate) fn masked_arguments(arguments: &[String]) -> Vec<(String, bool)> {
    let mut follows = false;
    let mask = |argument: &String| {
        let is_option = argument.starts_with('-');
        if std::mem::take(&mut follows) && !is_option && !argument.is_empty() {
            return (MASK.to_owned(), true);
        }
        if let Some((name, value)) = argument.split_once('=') {
            return match masked_value(name, value) {
                Some(value) => (format!("{name}={value}"), true),
                None => (argument.clone(), false),
            };
        }
        follows = is_option && is_secret_name(argument);
        match without_passwords(argument) {
            Some(masked) => (masked, true),
            None => (argument.clone(), false),
        }
    };
    arguments.iter().map(mask).collect()
}

#[cfg(test)]
mod tests {
    use super::{MASK, masked_arguments, masked_value};

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
        let words = ["app", "--token", "t1", "--api-key=t2", "-v", "https://u:p@h", "--pass", "-x"];
        let shown = masked_arguments(&words.map(str::to_owned));
        let shown: Vec<&str> = shown.iter().map(|(text, _)| text.as_str()).collect();
        let url = format!("https://u:{MASK}@h");
        let key = format!("--api-key={MASK}");
        assert_eq!(shown, ["app", "--token", MASK, &key, "-v", &url, "--pass", "-x"]);
    }
}
