//! `/sidebar`: where a rep writes to a customer, beside the chat. The page is whole without its
//! script and without WeCom's client; both only add to it.

use super::access::{Access, MayCompose};
use super::error::WebError;
use super::frame::Frame;
use super::pages::{SignedIn, person, shut};
use super::site::Site;
use crate::wording::Wording;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

/// The sentences the script says.
const WORDS: &[Wording] = &[
    Wording::CheckPass,
    Wording::CheckPassTips,
    Wording::CheckBusy,
    Wording::BlockTitle,
    Wording::BlockRow,
    Wording::ConfirmTitle,
    Wording::ConfirmRow,
    Wording::ConfirmNote,
    Wording::ConfirmGo,
    Wording::ConfirmAsk,
    Wording::ConfirmReason,
    Wording::ConfirmBack,
    Wording::TipRow,
    Wording::MoreHits,
    Wording::Why,
    Wording::BasisLine,
    Wording::RuleLine,
    Wording::Fix,
    Wording::TrySaying,
    Wording::UseThis,
    Wording::Inserted,
    Wording::Undo,
    Wording::NoSuggestion,
    Wording::AppealOpen,
    Wording::AppealText,
    Wording::AppealSend,
    Wording::AppealOk,
    Wording::ReviewWaiting,
    Wording::FindingTitle,
    Wording::FindingValid,
    Wording::FindingFalseAlarm,
    Wording::FindingCoached,
    Wording::FindingEscalated,
    Wording::FindingNoAction,
    Wording::DecisionNote,
    Wording::SendNow,
    Wording::ApprovalNote,
    Wording::ApprovedButton,
    Wording::ApproveYes,
    Wording::ApproveNo,
    Wording::ApprovedText,
    Wording::RejectedText,
    Wording::SendConnecting,
    Wording::SendCheck,
    Wording::SendChecking,
    Wording::SendSending,
    Wording::SendEdit,
    Wording::SentOk,
    Wording::SentCancel,
    Wording::SentNoPermission,
    Wording::SentNoContext,
    Wording::SentUnknown,
    Wording::SentFailed,
    Wording::SentRecord,
    Wording::WaitApproval,
    Wording::ServerAway,
    Wording::RulesChanged,
    Wording::ConfirmExpired,
    Wording::OutsideWecom,
    Wording::NotConnected,
    Wording::SessionOver,
    Wording::SignInAgain,
    Wording::TooLong,
    Wording::Length,
    Wording::CustomerGroup,
    Wording::CustomerKf,
    Wording::CustomerNone,
    Wording::ContactNotYours,
    Wording::ContactAway,
    Wording::ContactTodo,
    Wording::ProfileNote,
    Wording::GoToChat,
    Wording::ListEmpty,
    Wording::ListTodoEmpty,
    Wording::TodoOverdue,
    Wording::TodoToday,
    Wording::TodoLater,
    Wording::ListFailed,
    Wording::Retry,
    Wording::TakeBack,
    Wording::GoOn,
    Wording::StatePassed,
    Wording::StateAwaitingConfirmation,
    Wording::StateAwaitingApproval,
    Wording::StateBlocked,
    Wording::StateConfirmed,
    Wording::StateWithdrawn,
    Wording::StateExpired,
    Wording::StateRejected,
    Wording::StateHandedBack,
    Wording::StateSent,
    Wording::StateSendFailed,
    Wording::StateSendUnknown,
];

/// A sentence for the script.
struct Word {
    key: String,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "sidebar.html")]
struct Sidebar {
    frame: Frame,
    user: String,
    corp: String,
    agent: String,
    unread: bool,
    words: Vec<Word>,
    /// Addresses of this page in the other language and in each look.
    choices: [(&'static str, String); 3],
}

/// `GET /sidebar`
pub async fn show(
    access: Result<Access<MayCompose>, WebError>,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let frame = Frame::new(&request, Wording::ComposeTitle);
    match access.and_then(|access| person(access.caller)) {
        Ok(who) => compose(&site, frame, who).await,
        Err(error) => shut(&request, frame, error),
    }
}

async fn compose(site: &Site, frame: Frame, who: SignedIn) -> Result<HttpResponse, WebError> {
    let app = site.app_of(&who.corp).ok_or_else(WebError::not_found)?;
    let other = if frame.lang == crate::wording::Lang::Zh { "?lang=en" } else { "?lang=zh" };
    let word = |wording: &Wording| Word { key: format!("{wording:?}"), text: wording.text(frame.lang) };
    let page = Sidebar {
        unread: !site.store().is_notified(&who.corp, &who.user).await?,
        user: who.user.to_string(),
        corp: who.corp.to_string(),
        agent: app.agent.to_string(),
        words: WORDS.iter().map(word).collect(),
        choices: [
            (other, frame.say(Wording::OtherLanguage)),
            ("?theme=light", frame.say(Wording::ThemeLight)),
            ("?theme=dark", frame.say(Wording::ThemeDark)),
        ],
        frame: frame.of_session(who.csrf),
    };
    page.frame.answer(StatusCode::OK, &page)
}
