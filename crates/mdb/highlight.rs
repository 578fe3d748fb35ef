//! The line that is being typed, by the roles of its pieces.

use mdb_lang::TokenKind;
use mdb_print::{Palette, Role};

/// The line with the palette's styles; its text is unchanged.
pub(crate) fn highlight(line: &str, palette: &Palette) -> String {
    let mut styled = String::with_capacity(line.len() * 2);
    let mut done = 0;
    for (span, kind) in mdb_lang::highlight(line) {
        let (Some(before), Some(text)) = (line.get(done..span.start), line.get(span.range()))
        else {
            continue;
        };
        styled.push_str(before);
        match role(kind) {
            // What is not finished yet is no error.
            Some(Role::Error) if span.end == line.len() => styled.push_str(text),
            Some(role) => paint(&mut styled, text, role, palette),
            None => styled.push_str(text),
        }
        done = span.end;
    }
    styled.push_str(line.get(done..).unwrap_or_default());
    styled
}

/// Adds a text in the style of a role.
pub(crate) fn paint(to: &mut String, text: &str, role: Role, palette: &Palette) {
    let style = palette.style(role);
    to.push_str(&style.render().to_string());
    to.push_str(text);
    to.push_str(&style.render_reset().to_string());
}

fn role(kind: TokenKind) -> Option<Role> {
    Some(match kind {
        TokenKind::Number => Role::Number,
        TokenKind::Symbol => Role::Symbol,
        TokenKind::Variable => Role::Register,
        TokenKind::Verb | TokenKind::Dcmd | TokenKind::Legacy => Role::Keyword,
        TokenKind::Format | TokenKind::Option => Role::Type,
        TokenKind::String => Role::String,
        TokenKind::Pipe => Role::Bold,
        TokenKind::Shell | TokenKind::Comment => Role::Dim,
        TokenKind::Error => Role::Error,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without the escape sequences.
    fn plain(styled: &str) -> String {
        let mut parts = styled.split('\x1b');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once('m').unwrap().1)
    }

    #[test]
    fn only_styles_are_added() {
        let palette = Palette::colour();
        for line in [
            "",
            "main+0x10::dis -n 4 | ::map '.+1' ! grep x // end",
            "<rip/X \"ä\"",
            "1 + ) ? 日本 '",
            "#!x",
        ] {
            let styled = highlight(line, &palette);
            assert_eq!(plain(&styled), line);
            assert_eq!(highlight(line, &Palette::plain()), line);
        }
    }

    #[test]
    fn commands_stand_out() {
        let styled = highlight("main::dis", &Palette::colour());
        assert!(styled.contains('\x1b') && !styled.starts_with("main::"), "{styled:?}");
        assert_eq!(highlight("::", &Palette::colour()), "::");
    }
}
