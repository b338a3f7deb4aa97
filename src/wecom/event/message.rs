//! What a member writes to the application (developer page 90239).

use super::Element;

/// One message of a member. Files can't be sent to an application, only to an AI bot.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// WeCom's number for it: 64 bits as text.
    pub id: String,
    /// What it says.
    pub content: Content,
}

/// What a message says, by `MsgType`.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Words, unchanged to the last blank.
    Text {
        /// The words.
        text: String,
    },
    /// A picture.
    Image {
        /// Where it can be seen.
        url: Option<String>,
        /// What `media/get` takes.
        media_id: String,
    },
    /// A voice message.
    Voice {
        /// What `media/get` takes.
        media_id: String,
        /// `amr`, `speex`.
        format: Option<String>,
    },
    /// A video.
    Video {
        /// What `media/get` takes.
        media_id: String,
        /// Its still picture, likewise.
        thumb_media_id: Option<String>,
    },
    /// A place.
    Location(Place),
    /// A link.
    Link {
        /// Its title.
        title: Option<String>,
        /// Its description.
        description: Option<String>,
        /// Where it leads.
        url: String,
        /// Its cover.
        picture_url: Option<String>,
    },
}

/// A place that a member chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// The map's zoom.
    pub scale: Option<u32>,
    /// Its address.
    pub label: Option<String>,
    /// The WeChat name of the point of interest.
    pub poi_name: Option<String>,
    /// `wxwork` in WeCom, absent in the WeChat plug-in.
    pub app_type: Option<String>,
}

impl Message {
    pub(super) fn read(kind: &str, doc: &Element) -> Option<Self> {
        Some(Self { id: doc.word("MsgId")?, content: Content::read(kind, doc)? })
    }
}

impl Content {
    fn read(kind: &str, doc: &Element) -> Option<Self> {
        Some(match kind {
            "text" => Content::Text { text: doc.child("Content")?.text().to_owned() },
            "image" => Content::Image { url: doc.word("PicUrl"), media_id: doc.word("MediaId")? },
            "voice" => Content::Voice { media_id: doc.word("MediaId")?, format: doc.word("Format") },
            "video" => {
                Content::Video { media_id: doc.word("MediaId")?, thumb_media_id: doc.word("ThumbMediaId") }
            }
            "location" => Content::Location(Place::read(doc, doc)?),
            "link" => Content::Link {
                title: doc.word("Title"),
                description: doc.word("Description"),
                url: doc.word("Url")?,
                picture_url: doc.word("PicUrl"),
            },
            _ => return None,
        })
    }
}

impl Place {
    /// `at` holds the coordinates, `doc` the kind of client.
    pub(super) fn read(at: &Element, doc: &Element) -> Option<Self> {
        Some(Self {
            latitude: at.number("Location_X")?,
            longitude: at.number("Location_Y")?,
            scale: at.number("Scale"),
            label: at.word("Label"),
            poi_name: at.word("Poiname"),
            app_type: doc.word("AppType"),
        })
    }
}
