//! What the user should know about a core before trusting it.

/// Sentences, not more than a user would read: a hostile file could cause millions.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    list: Vec<String>,
    more: usize,
}

const MOST: usize = 20;

impl Warnings {
    /// Adds a sentence.
    pub(crate) fn push(&mut self, sentence: String) {
        if self.list.len() < MOST {
            self.list.push(sentence);
        } else {
            self.more += 1;
        }
    }

    /// Whether there is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The sentences, the last of which says how many more there were.
    pub(crate) fn finish(mut self) -> Vec<String> {
        if self.more > 0 {
            self.list.push(format!("and {} more like these", self.more));
        }
        self.list
    }
}
