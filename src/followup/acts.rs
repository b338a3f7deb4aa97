//! What a rep, or their supervisor, writes on a customer's page.

use super::edit::{Edit, Written};
use super::error::{EditError, EditFault, MAX_LINE_CHARS, MAX_NEED_CHARS, MAX_NEEDS, MAX_NOTE_CHARS};
use super::service::{Followup, Viewer};
use crate::model::{
    ExternalUserId, FirstTouch, FollowMove, Following, Note, Passage, Stage, StoredFile, TagSlot, TouchWay,
};
use jiff::{SignedDuration, Timestamp};

/// The furthest time that can be set.
const FURTHEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What is filled in of the three required actions.
#[derive(Debug, Clone, Default)]
pub struct Actions {
    /// How the customer was first reached.
    pub first_touch: Option<TouchWay>,
    /// When that was; now, where it is not said.
    pub first_touch_at: Option<Timestamp>,
    /// What the customer wants.
    pub core_need: Option<Vec<String>>,
    /// When the rep gets in touch again.
    pub next_follow_up: Option<Timestamp>,
}

impl Followup {
    /// Fills in one, two or all of the required actions.
    ///
    /// # Errors
    /// See [`EditError`].
    pub async fn act(&self, edit: &Edit, actions: &Actions) -> Result<Written, EditError> {
        let needs = actions.core_need.as_ref().map(|needs| self.needs(needs)).transpose()?;
        if needs.is_none() && actions.first_touch.is_none() && actions.next_follow_up.is_none() {
            return Err(EditFault::Nothing.into());
        }
        self.write(edit, |following, now| {
            let touch = touch(following, actions, now)?;
            let next = actions.next_follow_up.map(|at| ahead("next_follow_up", at, now)).transpose()?;
            Ok(filled(following, now, touch, needs.clone(), next))
        })
        .await
    }

    /// The needs as they are kept: trimmed, each once, judged.
    fn needs(&self, needs: &[String]) -> Result<Vec<String>, EditError> {
        let mut kept: Vec<String> = Vec::new();
        for need in needs.iter().map(|need| need.trim()).filter(|need| !need.is_empty()) {
            let need = line("core_need", need, MAX_NEED_CHARS)?;
            if !kept.contains(&need) {
                kept.push(need);
            }
        }
        match kept.len() {
            0 => Err(EditFault::Empty("core_need").into()),
            1..=MAX_NEEDS => self.judge("core_need", &kept.join("\n")).map(|_| kept),
            many => Err(EditFault::TooManyNeeds(many).into()),
        }
    }

    /// Lets a rep off what is missing. The caller has made sure that it is their supervisor who does.
    ///
    /// # Errors
    /// See [`EditError`].
    pub async fn exempt(&self, edit: &Edit, reason: &str) -> Result<Written, EditError> {
        let reason = line("reason", reason, MAX_LINE_CHARS)?;
        self.judge("reason", &reason)?;
        self.write(edit, |following, _| {
            let is_new = following.exemption.as_ref().is_none_or(|kept| kept.reason != reason);
            Ok(is_new.then(|| FollowMove::Exempted { reason: reason.clone() }).into_iter().collect())
        })
        .await
    }

    /// Moves the customer to another stage.
    ///
    /// # Errors
    /// See [`EditError`].
    pub async fn move_stage(
        &self,
        edit: &Edit,
        to: Stage,
        reason: Option<&str>,
    ) -> Result<Written, EditError> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        let reason = reason.map(|reason| line("reason", reason, MAX_LINE_CHARS)).transpose()?;
        if let Some(reason) = &reason {
            self.judge("reason", reason)?;
        }
        self.write(edit, |following, now| moved(following, to, reason.clone(), now)).await
    }

    /// Replaces the rep's own tags.
    ///
    /// # Errors
    /// See [`EditError`].
    pub async fn retag(&self, edit: &Edit, slots: Vec<TagSlot>) -> Result<Written, EditError> {
        let slots = TagSlot::checked(slots).map_err(EditFault::from)?;
        let words: Vec<_> = slots.iter().flat_map(TagSlot::words).collect();
        self.judge("tags", &words.join("\n"))?;
        self.write(edit, |following, _| {
            let tags = FollowMove::Tags { before: following.tags.clone(), after: slots.clone() };
            Ok((following.tags != slots).then_some(tags).into_iter().collect())
        })
        .await
    }

    /// Writes a note. What the rules say about it stands beside it.
    ///
    /// # Errors
    /// See [`EditError`].
    pub async fn note(&self, edit: &Edit, text: &str, script: Option<String>) -> Result<Written, EditError> {
        let text = line("text", text, MAX_NOTE_CHARS)?;
        let script = script.map(|script| line("script", &script, MAX_LINE_CHARS)).transpose()?;
        let note = Note { hits: self.judge("note", &text)?, text, script };
        self.write(edit, |_, _| Ok(vec![FollowMove::Note(note.clone())])).await
    }
}

impl Followup {
    /// Puts a file on record. Its content must be on disk already.
    ///
    /// # Errors
    /// See [`EditError`].
    pub async fn put_file(&self, edit: &Edit, file: StoredFile) -> Result<Written, EditError> {
        self.judge("file", &file.name)?;
        self.write(edit, |_, _| Ok(vec![FollowMove::File(file.clone())])).await
    }

    /// Makes sure that the viewer may change this page now, before they are asked to send much.
    ///
    /// # Errors
    /// See [`EditError`].
    pub async fn may_edit(&self, viewer: &Viewer, contact: &ExternalUserId) -> Result<(), EditError> {
        match self.followed(viewer, contact).await? {
            (_, false) => Ok(()),
            (snapshot, true) => Err(EditError::ReadOnly { since: snapshot.fetched_at }),
        }
    }
}

/// Words of at most `limit` characters, without blanks around them.
pub(super) fn line(what: &'static str, text: &str, limit: usize) -> Result<String, EditFault> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(EditFault::Empty(what)),
        found if found > limit => Err(EditFault::TooLong { what, found, limit }),
        _ => Ok(text.to_owned()),
    }
}

/// A time that is still to come, and not more than a year away.
pub(super) fn ahead(what: &'static str, at: Timestamp, now: Timestamp) -> Result<Timestamp, EditFault> {
    match at.duration_since(now) {
        wait if wait <= SignedDuration::ZERO => Err(EditFault::Past(what)),
        wait if wait > FURTHEST => Err(EditFault::TooFar(what)),
        _ => Ok(at),
    }
}

/// The first touch as it is said now. Said again without a time, it is what it was.
fn touch(following: &Following, actions: &Actions, now: Timestamp) -> Result<Option<FirstTouch>, EditFault> {
    let Some(way) = actions.first_touch else { return Ok(None) };
    let kept = following.first_touch.as_ref().map(|kept| kept.value);
    match (actions.first_touch_at, kept) {
        (Some(at), _) if at > now => Err(EditFault::NotYet("first_touch_at")),
        (Some(at), _) => Ok(Some(FirstTouch { way, at })),
        (None, Some(kept)) if kept.way == way => Ok(Some(kept)),
        (None, _) => Ok(Some(FirstTouch { way, at: now })),
    }
}

/// The moves for what is new. Once late stays late: a later correction does not make it timely.
fn filled(
    following: &Following,
    now: Timestamp,
    touch: Option<FirstTouch>,
    needs: Option<Vec<String>>,
    next: Option<Timestamp>,
) -> Vec<FollowMove> {
    let late = |before: Option<bool>| before.unwrap_or_else(|| following.is_late(now));
    let (first, need, follow_up) = (&following.first_touch, &following.core_need, &following.next_follow_up);
    let touch = touch.filter(|new| first.as_ref().is_none_or(|kept| kept.value != *new)).map(|after| {
        let before = first.as_ref().map(|kept| kept.value);
        FollowMove::FirstTouch { before, after, late: late(first.as_ref().map(|kept| kept.late)) }
    });
    let needs = needs.filter(|new| need.as_ref().is_none_or(|kept| kept.value != *new)).map(|after| {
        let before = need.as_ref().map(|kept| kept.value.clone()).unwrap_or_default();
        FollowMove::CoreNeed { before, after, late: late(need.as_ref().map(|kept| kept.late)) }
    });
    let next = next.filter(|new| follow_up.as_ref().is_none_or(|kept| kept.value != *new)).map(|after| {
        let before = follow_up.as_ref().map(|kept| kept.value);
        FollowMove::NextFollowUp { before, after, late: late(follow_up.as_ref().map(|kept| kept.late)) }
    });
    touch.into_iter().chain(needs).chain(next).collect()
}

fn moved(
    following: &Following,
    to: Stage,
    reason: Option<String>,
    now: Timestamp,
) -> Result<Vec<FollowMove>, EditError> {
    let from = following.stage;
    if from == to {
        return Ok(Vec::new());
    }
    match from.passage(to) {
        None => Err(EditError::NoPassage { from, to }),
        Some(Passage::WithReason) if reason.is_none() => Err(EditError::ReasonRequired),
        Some(Passage::Free | Passage::WithReason) => {
            let stayed_s = now.duration_since(following.stage_since).as_secs();
            Ok(vec![FollowMove::Stage { from, to, stayed_s, reason }])
        }
    }
}
