//! What a member does in the application, and what happens to the application (page 90240).

use super::{CardClick, Element, Inactivity, Place, secret};
use crate::model::{Secret, UserId};

/// An event of the application.
#[derive(Debug, Clone, PartialEq)]
pub enum AppEvent {
    /// A member came into the application's visible range.
    Subscribed,
    /// A member left it.
    Unsubscribed,
    /// A member opened the application.
    Entered,
    /// The client reported where it is.
    LocationReported {
        /// Degrees north.
        latitude: f64,
        /// Degrees east.
        longitude: f64,
        /// In metres.
        precision: Option<f64>,
        /// `wxwork` in WeCom, absent in the WeChat plug-in.
        app_type: Option<String>,
    },
    /// A button of the menu.
    MenuClicked {
        /// The button's key.
        key: String,
    },
    /// A link of the menu.
    MenuLinkOpened {
        /// Where it leads.
        url: String,
    },
    /// A mini program of the menu.
    MenuMiniprogramOpened {
        /// The page's path.
        page: String,
    },
    /// A code was scanned from the menu.
    Scanned {
        /// The button's key.
        key: String,
        /// Whether the member waits for an answer.
        kind: ScanKind,
        /// `qrcode` or another sort of code.
        code_type: Option<String>,
        /// What the code says.
        result: String,
    },
    /// Pictures were chosen from the menu; they follow as messages.
    PicturesChosen {
        /// The button's key.
        key: String,
        /// Where they come from.
        source: PictureSource,
        /// How many.
        count: Option<u32>,
        /// Their MD5 sums.
        md5: Vec<String>,
    },
    /// A place was chosen from the menu.
    PlaceChosen {
        /// The button's key.
        key: String,
        /// The place.
        place: Place,
    },
    /// A button or the submit button of a card that we sent. Has no message id: whoever acts on
    /// it must let a second click change nothing.
    CardClicked {
        /// What was clicked.
        click: CardClick,
        /// Good for one update of the card within 72 hours.
        response_code: Option<Secret>,
    },
    /// The menu at a card's upper right.
    CardMenuClicked {
        /// What was clicked; never with choices.
        click: CardClick,
        /// Good for one update of the card within 72 hours.
        response_code: Option<Secret>,
    },
    /// A long import of ours is done.
    BatchJobDone(BatchJob),
    /// A self-built approval moved.
    ApprovalChanged {
        /// Our number for it.
        third_no: String,
        /// The template's name.
        template: Option<String>,
        /// 1 under way, 2 approved, 3 refused, 4 withdrawn.
        status: Option<i64>,
        /// Who asked for it.
        applicant: Option<UserId>,
    },
    /// The companies that share the application changed.
    SharedAppChanged,
    /// The companies of the supply chain that share the application changed.
    SharedChainChanged,
    /// The application is, or is about to be, switched off for want of use: an unguarded team.
    Inactivity(Inactivity),
}

/// How a code was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanKind {
    /// `scancode_push`: no answer is shown.
    Push,
    /// `scancode_waitmsg`: the member waits for one.
    WaitMessage,
}

/// Where pictures were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureSource {
    /// `pic_sysphoto`.
    Camera,
    /// `pic_photo_or_album`.
    CameraOrAlbum,
    /// `pic_weixin`.
    Album,
}

/// How a long import ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchJob {
    /// The job's id.
    pub id: String,
    /// `sync_user` and so on.
    pub kind: Option<String>,
    /// 0 when it went well.
    pub err_code: i64,
    /// WeCom's words for it.
    pub err_msg: Option<String>,
}

impl AppEvent {
    pub(super) fn read(event: &str, doc: &Element) -> Option<Self> {
        Some(match event {
            "subscribe" => AppEvent::Subscribed,
            "unsubscribe" => AppEvent::Unsubscribed,
            "enter_agent" => AppEvent::Entered,
            "LOCATION" => location_reported(doc)?,
            "click" => AppEvent::MenuClicked { key: doc.word("EventKey")? },
            "view" => AppEvent::MenuLinkOpened { url: doc.word("EventKey")? },
            "view_miniprogram" => AppEvent::MenuMiniprogramOpened { page: doc.word("EventKey")? },
            "scancode_push" => scanned(ScanKind::Push, doc)?,
            "scancode_waitmsg" => scanned(ScanKind::WaitMessage, doc)?,
            "pic_sysphoto" => pictures(PictureSource::Camera, doc)?,
            "pic_photo_or_album" => pictures(PictureSource::CameraOrAlbum, doc)?,
            "pic_weixin" => pictures(PictureSource::Album, doc)?,
            "location_select" => place_chosen(doc)?,
            "template_card_event" => AppEvent::CardClicked {
                click: CardClick::read(doc)?,
                response_code: secret(doc, "ResponseCode"),
            },
            "template_card_menu_event" => AppEvent::CardMenuClicked {
                click: CardClick::read(doc)?,
                response_code: secret(doc, "ResponseCode"),
            },
            "batch_job_result" => AppEvent::BatchJobDone(BatchJob::read(doc.child("BatchJob")?)?),
            "open_approval_change" => approval_changed(doc.child("ApprovalInfo")?)?,
            "share_agent_change" => AppEvent::SharedAppChanged,
            "share_chain_change" => AppEvent::SharedChainChanged,
            _ => AppEvent::Inactivity(Inactivity::read(event, doc)?),
        })
    }
}

fn location_reported(doc: &Element) -> Option<AppEvent> {
    Some(AppEvent::LocationReported {
        latitude: doc.number("Latitude")?,
        longitude: doc.number("Longitude")?,
        precision: doc.number("Precision"),
        app_type: doc.word("AppType"),
    })
}

fn scanned(kind: ScanKind, doc: &Element) -> Option<AppEvent> {
    let info = doc.child("ScanCodeInfo")?;
    Some(AppEvent::Scanned {
        key: doc.word("EventKey")?,
        kind,
        code_type: info.word("ScanType"),
        result: info.word("ScanResult")?,
    })
}

fn pictures(source: PictureSource, doc: &Element) -> Option<AppEvent> {
    let info = doc.child("SendPicsInfo")?;
    let items = info.child("PicList").into_iter().flat_map(|list| list.children("item"));
    Some(AppEvent::PicturesChosen {
        key: doc.word("EventKey")?,
        source,
        count: info.number("Count"),
        md5: items.filter_map(|item| item.word("PicMd5Sum")).collect(),
    })
}

fn place_chosen(doc: &Element) -> Option<AppEvent> {
    let place = Place::read(doc.child("SendLocationInfo")?, doc)?;
    Some(AppEvent::PlaceChosen { key: doc.word("EventKey")?, place })
}

fn approval_changed(info: &Element) -> Option<AppEvent> {
    Some(AppEvent::ApprovalChanged {
        third_no: info.word("ThirdNo")?,
        template: info.word("OpenSpName"),
        status: info.number("OpenSpStatus"),
        applicant: info.word("ApplyUserId"),
    })
}

impl BatchJob {
    fn read(job: &Element) -> Option<Self> {
        Some(Self {
            id: job.word("JobId")?,
            kind: job.word("JobType"),
            err_code: job.number("ErrCode")?,
            err_msg: job.word("ErrMsg"),
        })
    }
}
