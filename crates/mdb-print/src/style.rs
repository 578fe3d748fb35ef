//! What a piece of text is, and how the user wants to see it.

use anstyle::{AnsiColor, Style};

/// What a piece of text is. Text is styled by role, never by colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// An address of the target.
    Address,
    /// A symbol, with or without an offset.
    Symbol,
    /// A load object of the target or a dmod.
    Module,
    /// The name of a type.
    Type,
    /// A string of the target.
    String,
    /// A number.
    Number,
    /// The header of a table or of a dump.
    Header,
    /// What failed.
    Error,
    /// What may be wrong though the command went on.
    Warning,
    /// A value found by guessing, such as a frame of a stack scan; or one that is missing.
    Doubtful,
    /// The prompt.
    Prompt,
    /// A keyword or a command of the language.
    Keyword,
    /// A register.
    Register,
    /// The mnemonic of an instruction.
    Mnemonic,
    /// Less important text.
    Dim,
    /// More important text.
    Bold,
}

impl Role {
    /// All roles, in the order of their declaration.
    pub const ALL: [Self; 16] = [
        Self::Address,
        Self::Symbol,
        Self::Module,
        Self::Type,
        Self::String,
        Self::Number,
        Self::Header,
        Self::Error,
        Self::Warning,
        Self::Doubtful,
        Self::Prompt,
        Self::Keyword,
        Self::Register,
        Self::Mnemonic,
        Self::Dim,
        Self::Bold,
    ];

    /// The role's name as the user writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Symbol => "symbol",
            Self::Module => "module",
            Self::Type => "type",
            Self::String => "string",
            Self::Number => "number",
            Self::Header => "header",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Doubtful => "doubtful",
            Self::Prompt => "prompt",
            Self::Keyword => "keyword",
            Self::Register => "register",
            Self::Mnemonic => "mnemonic",
            Self::Dim => "dim",
            Self::Bold => "bold",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The style of each role, and whether styles are shown at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    enabled: bool,
    styles: [Style; Role::ALL.len()],
}

impl Palette {
    /// No styles: for files, pipes and `NO_COLOR`.
    pub const fn plain() -> Self {
        Self { enabled: false, styles: [Style::new(); Role::ALL.len()] }
    }

    /// The colours that mdb comes with: the terminal's own sixteen, so that they fit its theme.
    pub fn colour() -> Self {
        let mut palette = Self { enabled: true, ..Self::plain() };
        for role in Role::ALL {
            let style = Style::new();
            let style = match role {
                Role::Address => style.fg_color(Some(AnsiColor::Cyan.into())),
                Role::Symbol => style.fg_color(Some(AnsiColor::Yellow.into())),
                Role::Module => style.fg_color(Some(AnsiColor::Blue.into())),
                Role::Type => style.fg_color(Some(AnsiColor::Magenta.into())),
                Role::String => style.fg_color(Some(AnsiColor::Green.into())),
                Role::Number => style,
                Role::Header => style.bold(),
                Role::Error => style.fg_color(Some(AnsiColor::Red.into())).bold(),
                Role::Warning => style.fg_color(Some(AnsiColor::Yellow.into())).bold(),
                Role::Doubtful => style.fg_color(Some(AnsiColor::Red.into())),
                Role::Prompt => style.bold(),
                Role::Keyword => style.fg_color(Some(AnsiColor::Magenta.into())),
                Role::Register => style.fg_color(Some(AnsiColor::Green.into())),
                Role::Mnemonic => style.fg_color(Some(AnsiColor::Blue.into())).bold(),
                Role::Dim => style.dimmed(),
                Role::Bold => style.bold(),
            };
            palette.set(role, style);
        }
        palette
    }

    /// Whether styles are shown.
    pub const fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Shows styles or leaves them out.
    pub fn set_enabled(&mut self, enabled: bool) {
        self.enabled = enabled;
    }

    /// The style of a role: the plain one where styles are off.
    pub fn style(&self, role: Role) -> Style {
        if !self.enabled {
            return Style::new();
        }
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// Changes the style of a role.
    pub fn set(&mut self, role: Role, style: Style) {
        if let Some(slot) = self.styles.get_mut(role as usize) {
            *slot = style;
        }
    }
}

impl Default for Palette {
    fn default() -> Self {
        Self::plain()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_their_names() {
        for (index, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, index);
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_name("colour"), None);
    }

    #[test]
    fn a_palette_shows_styles_only_when_on() {
        let mut palette = Palette::colour();
        palette.set(Role::Bold, Style::new().italic());
        assert_eq!(palette.style(Role::Bold), Style::new().italic());
        palette.set_enabled(false);
        assert_eq!(palette.style(Role::Bold), Style::new());
        assert_eq!(Palette::default(), Palette::plain());
    }
}
