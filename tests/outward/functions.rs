//! Every function of the client, so that each can be tried against each trouble.

use crate::qyapi::{Qyapi, app};
use wecom_guard::wecom::fault::WecomError;
use wecom_guard::wecom::send::{Body, CardUpdate, Message};

/// One function of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Send,
    SendUnguarded,
    Update,
    Contact,
    ContactsOf,
    Groups,
    Group,
    Member,
    Departments,
    DepartmentIds,
    MemberTags,
    TagHolders,
    CallbackAddresses,
    Visitor,
}

use Function::*;

impl Function {
    pub const ALL: [Function; 14] = [
        Send,
        SendUnguarded,
        Update,
        Contact,
        ContactsOf,
        Groups,
        Group,
        Member,
        Departments,
        DepartmentIds,
        MemberTags,
        TagHolders,
        CallbackAddresses,
        Visitor,
    ];

    pub fn api(self) -> &'static str {
        match self {
            Send | SendUnguarded => "message/send",
            Update => "message/update_template_card",
            Contact => "externalcontact/get",
            ContactsOf => "externalcontact/batch/get_by_user",
            Groups => "externalcontact/groupchat/list",
            Group => "externalcontact/groupchat/get",
            Member => "user/get",
            Departments => "department/list",
            DepartmentIds => "department/simplelist",
            MemberTags => "tag/list",
            TagHolders => "tag/get",
            CallbackAddresses => "getcallbackip",
            Visitor => "auth/getuserinfo",
        }
    }

    /// It changes something.
    pub fn writes(self) -> bool {
        matches!(self, Send | SendUnguarded | Update)
    }

    /// It changes something, and WeCom would not recognise a repeat.
    pub fn once(self) -> bool {
        matches!(self, SendUnguarded | Update)
    }

    /// How many requests it makes when all is well.
    pub fn requests(self) -> usize {
        if matches!(self, Contact | Groups) { 2 } else { 1 }
    }

    pub async fn call(self, qyapi: &Qyapi) -> Result<(), WecomError> {
        let (client, app) = (&qyapi.client, app());
        let mut message = Message::to("lisi".into(), Body::Text("这条可以发送".into()));
        match self {
            Send => client.send(&app, &message).await.map(drop),
            SendUnguarded => {
                message.duplicate_window = std::time::Duration::ZERO;
                client.send(&app, &message).await.map(drop)
            }
            Update => {
                let grey = CardUpdate::Grey("已确认".into());
                client.update_template_card(&app, &["lisi".into()], "rc1", grey).await.map(drop)
            }
            Contact => client.contact(&app, &"wmGUARD0001".into()).await.map(drop),
            ContactsOf => client.contacts_of(&app, &"lisi".into(), None).await.map(drop),
            Groups => client.group_chats(&app, &["lisi".into()]).await.map(drop),
            Group => client.group_chat(&app, &"wr1".into()).await.map(drop),
            Member => client.member(&app, &"lisi".into()).await.map(drop),
            Departments => client.departments(&app).await.map(drop),
            DepartmentIds => client.department_ids(&app).await.map(drop),
            MemberTags => client.member_tags(&app).await.map(drop),
            TagHolders => client.tag_holders(&app, 7).await.map(drop),
            CallbackAddresses => client.callback_addresses(&app).await.map(drop),
            Visitor => client.visitor(&app, "CODE").await.map(drop),
        }
    }
}
