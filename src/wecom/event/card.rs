//! A click on a card: by what a draft is confirmed or taken back (page 90240).

use super::Element;

/// A click on a card, of an application or of an AI bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardClick {
    /// The button's key.
    pub key: String,
    /// The card's task id, ours.
    pub task_id: String,
    /// `button_interaction` and so on.
    pub card_type: String,
    /// What was chosen in the card's lists.
    pub selected: Vec<Selected>,
}

/// The choices in one list of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The list's key.
    pub question: String,
    /// The ids of the choices; one for a single choice.
    pub options: Vec<String>,
}

impl CardClick {
    pub(super) fn read(doc: &Element) -> Option<Self> {
        let items = doc.child("SelectedItems").into_iter().flat_map(|list| list.children("SelectedItem"));
        Some(Self {
            key: doc.word("EventKey")?,
            task_id: doc.word("TaskId")?,
            card_type: doc.word("CardType")?,
            selected: items.filter_map(Selected::read).collect(),
        })
    }
}

impl Selected {
    fn read(item: &Element) -> Option<Self> {
        let options = item.child("OptionIds").into_iter().flat_map(|list| list.children("OptionId"));
        Some(Self {
            question: item.word("QuestionKey")?,
            options: options.map(|option| option.text().trim().to_owned()).collect(),
        })
    }
}
