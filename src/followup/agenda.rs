//! A rep's appointments with customers: none in the past, no two at one time.

use super::acts::{ahead, line};
use super::edit::{Edit, Written};
use super::error::{EditError, EditFault, MAX_LINE_CHARS};
use super::service::Followup;
use crate::model::{Appointment, AppointmentId, FollowMove, chance};
use jiff::{SignedDuration, Timestamp};

/// The shortest appointment.
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
/// The longest.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// An appointment to be made.
#[derive(Debug, Clone)]
pub struct Appointing {
    /// What it is about.
    pub title: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl Followup {
    /// Makes an appointment. That the rep is free then is looked up, not locked: two made in the same
    /// instant with two customers may meet.
    ///
    /// # Errors
    /// [`EditError::Busy`] names the other appointment; see [`EditError`].
    pub async fn appoint(&self, edit: &Edit, wanted: &Appointing) -> Result<Written, EditError> {
        let title = line("title", &wanted.title, MAX_LINE_CHARS)?;
        self.judge("title", &title)?;
        let Appointing { starts_at, ends_at, .. } = *wanted;
        if !(SHORTEST..=LONGEST).contains(&ends_at.duration_since(starts_at)) {
            return Err(EditFault::Length.into());
        }
        let id = AppointmentId::fresh(self.parts.clock.now(), chance());
        let appointment = Appointment { id, title, starts_at, ends_at };
        // A repetition must not meet itself.
        if self.before(edit).await?.is_none() {
            self.is_free(edit, &appointment).await?;
        }
        self.write(edit, |_, now| {
            ahead("starts_at", appointment.starts_at, now)?;
            Ok(vec![FollowMove::Appointment(appointment.clone())])
        })
        .await
    }

    async fn is_free(&self, edit: &Edit, wanted: &Appointment) -> Result<(), EditError> {
        let viewer = &edit.viewer;
        let followings = self.parts.store.followings_of(&viewer.corp, &viewer.user).await?;
        let going_on = followings.into_iter().filter(|(_, following)| following.ended.is_none());
        let mut others = going_on.flat_map(|(_, following)| following.appointments);
        match others.find(|other| other.meets(wanted)) {
            Some(other) => Err(EditError::Busy(Box::new(other))),
            None => Ok(()),
        }
    }

    /// Calls an appointment off.
    ///
    /// # Errors
    /// [`EditError::NotFound`] when there is none, or it is over; see [`EditError`].
    pub async fn cancel(&self, edit: &Edit, id: &AppointmentId) -> Result<Written, EditError> {
        self.write(edit, |following, now| {
            let kept = following.appointments.iter().find(|kept| kept.id == *id && now < kept.ends_at);
            let kept = kept.ok_or(EditError::NotFound)?;
            Ok(vec![FollowMove::AppointmentCancelled(kept.clone())])
        })
        .await
    }
}
