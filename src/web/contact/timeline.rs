//! What happened, in words, by day.

use crate::channels::state_name;
use crate::followup::{action_name, stage_name, touch_name};
use crate::model::{
    Channel, Check, CheckState, CompanyZone, FollowMove, RequiredAction, TagSlot, TimelineKind,
};
use crate::store::{Happening, TimelineItem};
use crate::web::api::contacts::timeline::{Source, source_of};
use crate::wording::{Lang, Wording, say};

/// A day of a timeline.
pub struct Day {
    pub date: String,
    pub rows: Vec<Row>,
}

/// One thing that happened.
pub struct Row {
    pub time: String,
    pub icon: &'static str,
    pub kind: &'static str,
    pub title: String,
    pub source: String,
    pub text: String,
    /// The hash of a file that can be fetched.
    pub file: Option<String>,
}

/// A kind that the timeline can be narrowed to.
pub struct Filter {
    pub key: &'static str,
    pub title: String,
    pub address: String,
    pub chosen: bool,
}

/// The kinds, the chosen one marked; none is all. `address` gives the page's own with one kind.
pub fn filters(lang: Lang, chosen: Option<&str>, address: impl Fn(&str) -> String) -> Vec<Filter> {
    let filter = |key: &'static str, wording| Filter {
        key,
        title: say(lang, wording, &[]),
        address: address(key),
        chosen: chosen.unwrap_or_default() == key,
    };
    let kinds = TimelineKind::ALL.into_iter().map(|kind| filter(kind.as_str(), kind_word(kind)));
    std::iter::once(filter("", Wording::KindAll)).chain(kinds).collect()
}

fn kind_word(kind: TimelineKind) -> Wording {
    match kind {
        TimelineKind::Check => Wording::KindCheck,
        TimelineKind::Action => Wording::KindAction,
        TimelineKind::Exemption => Wording::KindExemption,
        TimelineKind::Stage => Wording::KindStage,
        TimelineKind::Tags => Wording::KindTags,
        TimelineKind::Note => Wording::KindNote,
        TimelineKind::Appointment => Wording::KindAppointment,
        TimelineKind::File => Wording::KindFile,
        TimelineKind::Opened => Wording::KindOpened,
    }
}

/// Newest first, under the day of the company's calendar.
pub fn days(lang: Lang, zone: &CompanyZone, items: Vec<TimelineItem>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for item in items {
        let date = zone.business_day(item.place.at).to_string();
        let row = row(lang, zone, item);
        match days.last_mut() {
            Some(day) if day.date == date => day.rows.push(row),
            _ => days.push(Day { date, rows: vec![row] }),
        }
    }
    days
}

fn row(lang: Lang, zone: &CompanyZone, item: TimelineItem) -> Row {
    let time = zone.minute(item.place.at).split(' ').nth(1).unwrap_or_default().to_owned();
    let (kind, title) = (item.place.kind.as_str(), say(lang, kind_word(item.place.kind), &[]));
    let file = match &item.what {
        Some(Happening::Step(step)) => match &step.what {
            FollowMove::File(file) => Some(file.sha256.to_string()),
            _ => None,
        },
        _ => None,
    };
    let source = item.what.as_ref().map(|what| say(lang, source_word(source_of(what)), &[]));
    let (icon, title, text) = match item.what {
        None => ("unchecked", title, say(lang, Wording::Erased, &[])),
        Some(Happening::Check(check)) => check_row(lang, &check),
        Some(Happening::Opened { entry }) => ("log", title, entry_name(lang, entry)),
        Some(Happening::Step(step)) if matches!(step.what, FollowMove::File(_)) => {
            ("unchecked", title, step_text(lang, zone, &step.what))
        }
        Some(Happening::Step(step)) => ("log", title, step_text(lang, zone, &step.what)),
    };
    Row { time, icon, kind, title, source: source.unwrap_or_default(), text, file }
}

/// From where a page was opened; a word we do not know is shown as it is.
fn entry_name(lang: Lang, entry: String) -> String {
    let wording = match entry.as_str() {
        "page" => Wording::EntryPage,
        "contact_profile" => Wording::EntryProfile,
        "single_chat_tools" | "normal" => Wording::EntryChat,
        "menu" | "menu_link" => Wording::EntryMenu,
        "card" | "added" => Wording::EntryCard,
        "typed" => Wording::EntryTyped,
        "supervisor" => Wording::EntrySupervisor,
        _ => return entry,
    };
    say(lang, wording, &[])
}

fn source_word(source: Source) -> Wording {
    match source {
        Source::Channel(Channel::Sidebar) => Wording::SourceSidebar,
        Source::Channel(Channel::Bot) => Wording::SourceBot,
        Source::Channel(Channel::Api) => Wording::SourceApi,
        Source::Channel(Channel::Kf) => Wording::SourceKf,
        Source::Channel(Channel::Template) => Wording::SourceTemplate,
        Source::Channel(Channel::Archive) => Wording::SourceArchive,
        Source::Manual => Wording::SourceManual,
        Source::Program => Wording::SourceProgram,
        Source::System => Wording::SourceSystem,
    }
}

fn check_row(lang: Lang, check: &Check) -> (&'static str, String, String) {
    let icon = match check.state {
        CheckState::Blocked | CheckState::Rejected => "block",
        CheckState::AwaitingConfirmation | CheckState::AwaitingApproval => "confirm",
        CheckState::Confirmed => "confirmed",
        CheckState::Passed | CheckState::HandedBack | CheckState::Sent => "pass",
        CheckState::Withdrawn | CheckState::Expired | CheckState::SendFailed | CheckState::SendUnknown => {
            "log"
        }
    };
    (icon, state_name(lang, check.state), check.text.as_str().to_owned())
}

fn step_text(lang: Lang, zone: &CompanyZone, what: &FollowMove) -> String {
    let filled = |action, before: Option<String>, after: String, late: bool| {
        let name = action_name(lang, action);
        let late = if late { say(lang, Wording::LateMark, &[]) } else { String::new() };
        changed(lang, &format!("{name}:"), before, after) + &late
    };
    match what {
        FollowMove::FirstTouch { before, after, late } => filled(
            RequiredAction::FirstTouch,
            before.map(|before| touch_name(lang, before.way)),
            touch_name(lang, after.way),
            *late,
        ),
        FollowMove::CoreNeed { before, after, late } => {
            let before = (!before.is_empty()).then(|| before.join("、"));
            filled(RequiredAction::CoreNeed, before, after.join("、"), *late)
        }
        FollowMove::NextFollowUp { before, after, late } => filled(
            RequiredAction::NextFollowUp,
            before.map(|before| zone.minute(before)),
            zone.minute(*after),
            *late,
        ),
        FollowMove::Exempted { reason } => reason.clone(),
        FollowMove::Stage { from, to, reason, .. } => {
            let moved = format!("{} → {}", stage_name(lang, *from), stage_name(lang, *to));
            reason.as_ref().map_or(moved.clone(), |reason| format!("{moved}\n{reason}"))
        }
        FollowMove::Tags { before, after } => {
            changed(lang, "", (!before.is_empty()).then(|| tags(before)), tags(after))
        }
        FollowMove::Note(note) => {
            let told = note
                .hits
                .iter()
                .map(|hit| say(lang, Wording::TipRow, &[("phrase", &hit.matched), ("why", &hit.why)]));
            std::iter::once(note.text.clone()).chain(told).collect::<Vec<_>>().join("\n")
        }
        FollowMove::Appointment(made) => format!("{} · {}", zone.minute(made.starts_at), made.title),
        FollowMove::AppointmentCancelled(off) => say(
            lang,
            Wording::AppointmentOff,
            &[("when", &zone.minute(off.starts_at)), ("title", &off.title)],
        ),
        FollowMove::File(file) => {
            say(lang, Wording::FileRow, &[("name", &file.name), ("size", &size(file.size_bytes))])
        }
    }
}

/// `1.5 MB`, as people read a size.
fn size(bytes: u64) -> String {
    match bytes {
        ..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

fn changed(lang: Lang, name: &str, before: Option<String>, after: String) -> String {
    let before = before.map(|before| say(lang, Wording::Before, &[("before", &before)]));
    format!("{name}{after}{}", before.unwrap_or_default())
}

fn tags(tags: &[TagSlot]) -> String {
    let shown = |tag: &TagSlot| match tag.shown() {
        value if value.is_empty() => tag.name.clone(),
        value => format!("{} {value}", tag.name),
    };
    tags.iter().map(shown).collect::<Vec<_>>().join("、")
}
