//! The sentences themselves, both languages side by side.

use super::Lang;

macro_rules! wordings {
    ($($key:ident: $zh:literal, $en:literal;)*) => {
        /// The key of one sentence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each key is its own sentence, a few lines below")]
        pub enum Wording { $($key,)* }

        impl Wording {
            /// Every key.
            pub const ALL: &'static [Wording] = &[$(Wording::$key,)*];

            /// The sentence with its blanks.
            pub fn text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Wording::$key, Lang::Zh) => $zh, (Wording::$key, Lang::En) => $en,)*
                }
            }
        }
    };
}

wordings! {
    // A check, as a rep reads it.
    PassTitle: "可以发送:未发现问题。", "Nothing found: you can send it.";
    PassWithTips: "可以发送,发之前请看提示:", "You can send it; look at the notes first:";
    PassHandedBack: "机器人不能替你发给客户,请复制原文发送。", "The bot can't write to the customer: copy your text and send it.";
    TipRow: "提示:「{phrase}」{why}", "Note: \"{phrase}\" {why}";
    BlockTitle: "这条消息不能发送", "This message can't be sent";
    BlockRow: "不能发送:「{phrase}」", "Can't send: \"{phrase}\"";
    ConfirmTitle: "发送前请确认", "Confirm before sending";
    ConfirmRow: "需要确认:「{phrase}」", "Needs your confirmation: \"{phrase}\"";
    MoreHits: "还有 {count} 处", "{count} more";
    ApprovedOnly: "仅限已审话术", "Approved scripts only";
    ApprovedOnlyWhy: "你所在的部门或这个行业只能发送已审核的话术,这条不是", "Your department or this industry may send approved scripts only, and this is none";
    ApprovedOnlyFix: "选用下面的已审话术,只填写其中的空;或者请主管批准", "Use one of the approved scripts below and fill in its blanks only, or ask a supervisor";
    Why: "原因:{why}", "Why: {why}";
    BasisLine: "依据:{basis}", "Basis: {basis}";
    RuleLine: "规则 {rule} · 版本 {revision}", "Rule {rule} · revision {revision}";
    Fix: "怎么改:{fix}", "Instead: {fix}";
    TrySaying: "可以这样说:", "You could say:";
    NoSuggestion: "没有匹配的推荐话术", "No suggestion for this yet";
    ConfirmHow: "点卡片上的「确认可发」,或回复「确认 {short}」;不发了回复「取消 {short}」。{minutes} 分钟内有效,确认会留下记录备查。",
        "Tap the card's button, or answer \"确认 {short}\"; to drop it, \"取消 {short}\". Good for {minutes} minutes; your confirmation is recorded.";
    ConfirmNeedsReason: "这条规则要求写明原因:请回复「确认 {short}」,换行后写原因。",
        "This rule asks for a reason: answer \"确认 {short}\" and write the reason on the next line.";

    // What became of a confirmation.
    Confirmed: "已确认,{when} 留下记录。请复制原文发给客户,机器人不能替你发送。", "Confirmed and recorded at {when}. Copy your text and send it; the bot can't.";
    ConfirmedBefore: "已处理过:{when} 已确认,没有重复记录。", "Done before: confirmed at {when}, nothing was recorded twice.";
    SentToApproval: "已确认,等主管批准。", "Confirmed; waiting for your supervisor.";
    Withdrawn: "已取消,这条消息不会发送。", "Dropped: this message won't be sent.";
    ConfirmedButton: "已确认", "Confirmed";
    WithdrawnButton: "已返回修改", "Back to edit";
    ReasonButton: "请写明原因", "Reason needed";
    SettledButton: "已处理", "Done";
    NoSuchShort: "没有编号 {short} 的待确认消息。可能已处理或已过期,请重新发送原文检查。", "Nothing waits under {short}. It may be done or have run out; send the text again to check it.";
    NotYourCheck: "这条待确认消息属于别的同事,只能由本人处理。", "This belongs to a colleague; only they can decide it.";
    ConfirmExpired: "确认时间已过。请重新发送原文检查。", "The time to confirm has run out. Send the text again to check it.";
    VerdictChanged: "规则刚更新,这条消息现在按更严的规则处理:", "The rules have just changed and now judge this more strictly:";
    NoSuchCheck: "没有找到这条待确认消息。请重新发送原文检查。", "This is not waiting here. Send the text again to check it.";
    WrongState: "这条消息已经处理过,状态是:{state}。", "This has been decided already: {state}.";
    ReasonRequired: "这条规则要求写明原因。请回复「确认 {short}」,换行后写原因。", "This rule asks for a reason. Answer \"确认 {short}\" and the reason on the next line.";

    // The confirmation card.
    CardTitle: "发送前请确认", "Confirm before sending";
    CardDesc: "{count} 处需要确认", "{count} to confirm";
    CardDraft: "待发送内容", "Your text";
    CardHit: "命中", "Hit";
    CardBasis: "依据", "Basis";
    CardShort: "编号", "No.";
    CardConfirm: "确认可发", "Confirm";
    CardEdit: "返回修改", "Back to edit";
    CardSource: "合规助手", "Compliance";

    // A customer.
    ContactTitle: "{name} · {stage}", "{name} · {stage}";
    ContactOwner: "负责人:{owner}", "Owner: {owner}";
    ContactLast: "最近联系:{when}", "Last contact: {when}";
    ContactNever: "还没有联系记录", "no contact on record";
    ContactActions: "待办 {open} 项:{list}", "{open} open: {list}";
    ContactNoActions: "没有待办", "nothing open";
    ContactAge: "企业微信暂时没有回应,以下是 {when} 的资料。", "WeCom doesn't answer; this is from {when}.";
    ContactFresh: "资料时间:{when}", "As of {when}";
    ContactUnknown: "没有找到客户「{name}」。请发送「客户 」加客户的备注名或客户编号。", "No customer \"{name}\" found. Send \"客户\" and their name or id.";
    ContactNotYours: "你不是这位客户的跟进人,不能查看。", "You don't follow this customer, so you can't see them.";
    PartedByCustomer: "这位客户在 {when} 删除了你。跟进记录已保留。", "This customer deleted you at {when}. The record is kept.";
    PartedByRep: "你在 {when} 删除了这位客户。跟进记录已保留。", "You deleted this customer at {when}. The record is kept.";
    PartedByTransfer: "这位客户已在 {when} 转给同事。你的跟进记录已保留。", "This customer was handed to a colleague at {when}. Your record is kept.";
    ContactAway: "企业微信暂时没有回应,本地也还没有这位客户的资料。请稍后再试。", "WeCom doesn't answer and we have nothing on this customer yet. Try again later.";
    ContactMany: "有 {count} 位客户叫这个名字,请用客户编号:{list}", "{count} customers have this name, use the id: {list}";
    ContactPageTitle: "客户跟进", "Customer";
    ContactOpen: "打开跟进页", "Open the page";
    ContactSource: "来源:{source}", "Source: {source}";
    StageLead: "线索", "Lead";
    StageFirstTouch: "首触", "First touch";
    StageNeed: "需求确认", "Need confirmed";
    StageProposal: "方案", "Proposal";
    StageWon: "成交", "Won";
    StageLost: "流失", "Lost";
    RequiredOpen: "还缺:{missing}", "Missing: {missing}";
    RequiredComplete: "三动作已完成", "All three are done";
    RequiredExempt: "主管已豁免", "Exempted by the supervisor";
    RequiredDormant: "待激活:缺「{missing}」", "To be activated: {missing} missing";
    Required: "三动作", "Three actions";
    RequiredLeft: "剩 {left}(截止 {when})", "{left} left (until {when})";
    NotFilled: "未填写", "not filled in";
    LateMark: "(补填)", " (late)";
    SuggestedTouch: "已按添加方式和首条消息预选,确认后保存。", "Chosen by how they were added and your first message; save to confirm.";
    OtherNeed: "其他诉求,12 字以内", "Another need, up to 12 characters";
    TomorrowMorning: "明早9点", "Tomorrow 9:00";
    TomorrowAfternoon: "明天下午", "Tomorrow 14:00";
    NextMonday: "下周一", "Next Monday";
    Exempt: "豁免三动作", "Exempt";
    ExemptWhy: "豁免原因", "Why they are exempted";
    StageToday: "{stage} · 今天进入", "{stage} · since today";
    StageDays: "{stage} · 已停留 {days} 天", "{stage} · for {days} days";
    StageChange: "变更阶段", "Change the stage";
    StageTo: "变更为", "To";
    NeedsReason: "要写原因", "with a reason";
    Reason: "原因", "Reason";
    Save: "保存", "Save";
    PageReadOnly: "企业微信暂时没有回应,现在只能查看。最后更新 {when}", "WeCom doesn't answer, so this can only be read. Last updated {when}";
    OwnTags: "我的标签", "My tags";
    TagName: "名称", "Name";
    TagType: "类型", "Type";
    TagValue: "内容", "Value";
    TagText: "文字", "Text";
    TagNumber: "数字", "Number";
    TagDate: "日期", "Date";
    TagChoice: "选项", "Choice";
    TagOptions: "选项,用逗号分开", "Options, parted by commas";
    Timeline: "时间线", "Timeline";
    TimelineEmpty: "这里还没有记录。", "Nothing here yet.";
    Older: "更早的记录", "Earlier";
    Erased: "内容已按规定删除,只留下时间。", "The content was erased as required; only the time is left.";
    Before: "(原:{before})", " (before: {before})";
    KindAll: "全部", "All";
    KindCheck: "消息", "Messages";
    KindAction: "三动作", "Three actions";
    KindExemption: "豁免", "Exemptions";
    KindStage: "阶段", "Stage";
    KindTags: "标签", "Tags";
    KindNote: "备注", "Note";
    KindAppointment: "预约", "Appointments";
    KindFile: "文件", "Files";
    KindOpened: "打开", "Opened";
    SourceSidebar: "侧边栏", "sidebar";
    SourceBot: "机器人", "bot";
    SourceApi: "接口", "program";
    SourceKf: "微信客服", "customer service";
    SourceTemplate: "群发", "mass message";
    SourceArchive: "会话存档", "message archive";
    SourceManual: "手工", "by hand";
    SourceProgram: "导入", "imported";
    SourceSystem: "系统", "system";
    EntryPage: "跟进页", "this page";
    EntryProfile: "客户资料页", "the customer's profile";
    EntryChat: "聊天工具栏", "the chat's toolbar";
    EntryMenu: "应用菜单", "the app's menu";
    EntryCard: "消息卡片", "a card";
    EntryTyped: "发送「客户」命令", "a typed command";
    EntrySupervisor: "主管查看", "the supervisor";
    FileRow: "{name}({size},未检查)", "{name} ({size}, not checked)";
    FileUpload: "上传文件", "Upload a file";
    FileFetch: "下载", "Download";
    FileNote: "文件内容不检查,只留存。最大 20 MB。", "Files are kept and not checked. At most 20 MB.";
    NoAppointments: "没有预约", "No appointments";
    MakeAppointment: "新预约", "New appointment";
    CancelAppointment: "取消预约", "Call off";
    AppointmentTitle: "事项", "About";
    StartsAt: "开始", "Begins";
    EndsAt: "结束", "Ends";
    AppointmentOff: "取消:{when} · {title}", "Called off: {when} · {title}";
    ScriptNeeded: "填写需要打开浏览器的脚本功能;查看不需要。", "Filling in needs scripts; reading does not.";
    UseScript: "插入备注", "Put into the note";
    TodoFollowUp: "跟进", "Follow up";
    TodoOverdue: "已超时", "Overdue";
    TodoToday: "今天", "Today";
    TodoLater: "之后", "Later";
    TodoNothing: "没有待办。", "Nothing to do.";
    TodoMore: "还有 {count} 项,在侧边栏的待办里查看。", "{count} more: see your list in the sidebar.";
    TodoRow: "· {when} {name}:{title}", "· {when} {name}: {title}";
    TouchMessage: "企业微信消息", "Message in WeCom";
    TouchPhone: "电话", "Call";
    TouchVisit: "面访", "Visit";
    TouchQrCode: "扫码", "Scanned a code";
    TouchGroup: "群聊", "Group";
    TouchCard: "名片分享", "Shared card";
    TouchEmail: "邮件", "Mail";
    TouchLink: "获客链接", "Link";
    TouchReferral: "同事转介", "Colleague";
    TouchOther: "其他", "Other";
    ActionFirstTouch: "首次触达方式", "How first reached";
    ActionNeed: "核心诉求标签", "Core need";
    ActionNext: "下次跟进时间", "Next follow-up";
    Remark: "备注", "Remark";
    Note: "说明", "Note";
    Stage: "阶段", "Stage";
    Owner: "负责人", "Owner";
    LastContact: "最近联系", "Last contact";
    OpenActions: "待办", "Open";
    Tags: "标签", "Tags";
    Checks: "最近检查", "Latest checks";
    NoChecks: "还没有检查记录", "No checks yet";
    ZoneNote: "时间均为北京时间 UTC+8", "All times are Beijing time, UTC+8";

    // The bot in general.
    Help: "把要发给客户的话发给我,我先检查。也可以发:「客户 备注名」看客户,「我的待办」看要做的事,「确认 编号」「取消 编号」处理待确认的消息。",
        "Send me what you want to tell a customer and I check it. Also: \"客户 name\" shows a customer, \"我的待办\" what you have to do, \"确认 no.\" and \"取消 no.\" decide what waits.";
    TextOnly: "我只能检查文字。图片、语音、视频和文件没有检查。", "I can only check text. Images, voice, video and files are not checked.";
    TextTooLong: "这条消息有 {count} 个字,超过 {limit} 字,请分开发给我检查。", "This has {count} characters, more than {limit}; send it in parts.";
    NotRecorded: "检查服务暂时不能留存记录,所以现在不能放行。内容请先保留,稍后重新发送。", "The check can't be recorded right now, so nothing can be released. Keep your text and send it again later.";

    // States, as people read them.
    StatePassed: "已通过", "passed";
    StateAwaitingConfirmation: "待确认", "awaiting confirmation";
    StateAwaitingApproval: "待批准", "awaiting approval";
    StateBlocked: "已拦截", "blocked";
    StateConfirmed: "已确认", "confirmed";
    StateWithdrawn: "已取消", "withdrawn";
    StateExpired: "已过期", "expired";
    StateRejected: "已驳回", "rejected";
    StateHandedBack: "已交还", "handed back";
    StateSent: "已交给企业微信发送", "handed to WeCom";
    StateSendFailed: "发送失败", "not sent";
    StateSendUnknown: "发送结果未知", "unknown whether sent";

    // The page beside a chat.
    ComposeTitle: "写消息", "Write";
    ComposeLabel: "要发给客户的话", "Your message to the customer";
    ComposeHint: "写下要发给客户的话,边写边检查", "Write to your customer; it is checked as you type";
    TabWrite: "写消息", "Write";
    TabCustomer: "客户", "Customer";
    TabTodo: "待办", "To do";
    TabMine: "我的", "Mine";
    Replies: "推荐话术", "You could say";
    MoreReplies: "换一组", "Show others";
    RepliesHint: "写几个字,这里会给出合规的说法。", "Write a few words and compliant wordings appear here.";
    UseThis: "用这句替换", "Use this instead";
    Inserted: "已插入", "Inserted";
    Undo: "撤销", "Undo";
    NoticeTitle: "使用前请知悉", "Before you begin";
    NoticeText: "你在这里写的话会先经过合规检查。点「检查并发送」后,原文、命中的规则、你的确认和发送结果都会留下记录,供合规同事查看。没有发送的草稿只有你自己能看到,24 小时后删除。",
        "What you write here is checked first. Once you press \"Check and send\", your text, the rules it met, your confirmation and the outcome are recorded for your compliance team. Drafts are visible to you alone and deleted after 24 hours.";
    NoticeRead: "知道了", "Understood";
    CheckPass: "未发现问题", "Nothing found";
    CheckPassTips: "可以发送,发之前请看提示", "You can send it; look at the notes first";
    CheckBusy: "检查中…", "Checking…";
    SendConnecting: "连接企业微信…", "Connecting to WeCom…";
    SendCheck: "检查并发送", "Check and send";
    SendChecking: "检查中…", "Checking…";
    SendSending: "发送中…", "Sending…";
    SendEdit: "先改再发", "Edit first";
    ConfirmNote: "确认后消息会发出,并记录你的姓名、时间、原文和命中的规则。", "It will be sent; your name, the time, the text and the rules it met are recorded.";
    ApprovalNote: "主管批准后才能发送;你的姓名、时间、原文和命中的规则会留下记录。", "It can be sent once your supervisor approves; your name, the time, the text and the rules it met are recorded.";
    ConfirmGo: "确认发送", "Confirm and send";
    ConfirmAsk: "请主管批准", "Ask my supervisor";
    ConfirmReason: "请写明原因", "Give a reason";
    ConfirmBack: "返回修改", "Back to edit";
    AppealOpen: "我认为是误判,提交复核", "I think this is wrong; ask for a review";
    AppealText: "为什么可以这样说", "Why it may be said";
    AppealSend: "提交复核", "Ask for a review";
    AppealOk: "已提交复核,合规同事会在工作日内处理。", "Sent for review; your compliance team answers on a working day.";
    SentOk: "已交给企业微信发送", "Handed to WeCom";
    SentCancel: "你取消了发送,内容还在", "You cancelled; your text is still here";
    SentNoPermission: "没有发送权限:请管理员在「客户联系」里把你加入使用范围", "No permission: ask your admin to add you to Customer Contact";
    SentNoContext: "请从客户聊天的工具栏打开本页再发送", "Open this page from a customer chat's toolbar to send";
    SentUnknown: "不确定是否发出,请看一眼聊天窗口", "Not sure it went out; look at the chat";
    SentFailed: "没有发出,内容还在", "It was not sent; your text is still here";
    SentRecord: "查看记录", "See the record";
    WaitApproval: "已请主管批准。批准后在「待办」里发送。", "Your supervisor has been asked. Send it from \"To do\" once approved.";
    ServerAway: "检查服务连不上,暂时不能从这里发送。内容已保留。", "The checker can't be reached; sending is paused. Your text is kept.";
    RulesChanged: "规则刚更新,已按新规则重新检查", "Rules changed; checked again";
    OutsideWecom: "请在企业微信里打开,才能发送。现在可以先写、先检查。", "Open this inside WeCom to send. You can write and check here.";
    NotConnected: "企业微信没有回应,暂时不能发送。可以先写、先检查。", "WeCom does not answer, so sending has to wait. You can write and check.";
    SessionOver: "登录过期,重新登录后继续,内容会保留", "Signed out; sign in again to go on. Your text is kept";
    TooLong: "超出 {count} 字,请分两条发", "{count} characters too many; send it in two parts";
    Length: "{count}/{limit} 字", "{count}/{limit} characters";
    CustomerGroup: "客户群", "Customer group";
    CustomerKf: "微信客服客户", "WeChat service customer";
    CustomerNone: "没有选定客户", "No customer chosen";
    ContactTodo: "待办 {count}", "{count} open";
    ProfileNote: "这里不能直接发送。写好的话会保留,到和客户的聊天里发送。", "You can't send from here. What you write is kept for your chat with the customer.";
    GoToChat: "去聊天", "Go to the chat";
    TodoCustomer: "打开客户的跟进页", "Open the customer's page";
    ListEmpty: "还没有检查记录。在「写消息」里发送第一条,就会出现在这里。", "No checks yet. Send your first message and it appears here.";
    ListTodoEmpty: "没有等你处理的消息。", "Nothing waits for you.";
    ListFailed: "没能读到记录。", "The records can't be read.";
    Retry: "重试", "Try again";
    TakeBack: "返回修改", "Back to edit";
    SendNow: "发送", "Send";
    GoOn: "继续", "Go on";
    Leave: "退出登录", "Sign out";
    OtherLanguage: "English", "Chinese";
    ThemeLight: "浅色", "Light";
    ThemeDark: "深色", "Dark";

    // A second person, and what they said.
    CardRep: "销售", "Rep";
    CardCustomer: "客户", "Customer";
    CardReason: "说明", "Reason";
    ApproveTitle: "请批准发送", "May this be sent?";
    ApproveYes: "批准", "Approve";
    ApproveNo: "驳回", "Reject";
    ApprovedButton: "已批准", "Approved";
    RejectedButton: "已驳回", "Rejected";
    ApprovedText: "已批准,已通知 {rep} 发送。", "Approved; {rep} has been told.";
    RejectedText: "已驳回,已通知 {rep}。", "Rejected; {rep} has been told.";
    ApprovedTitle: "主管已批准,可以发送", "Approved: you can send it";
    ApprovedNext: "请在 10 分钟内打开侧边栏的「待办」发送。", "Open \"To do\" in the sidebar and send it within 10 minutes.";
    RejectedTitle: "主管驳回了这条消息", "Your supervisor rejected this";
    RejectedNext: "改一改再发,或者直接问问主管。", "Change it, or ask your supervisor.";
    DecisionNote: "说明:{note}", "Note: {note}";
    NoApprover: "没有找到可以批准的主管,这条消息发不出去。请管理员在通讯录里设置部门负责人或直属上级。", "No supervisor was found to approve this, so it can't be sent. Ask your admin to set a department leader or direct leader.";
    AppealTitle: "有一条复核申请", "A review was asked for";
    AppealDesc: "{rep} 认为可能是误判", "{rep} thinks the rule was wrong";
    FindingTitle: "复核结果:{finding}", "Review: {finding}";
    FindingValid: "维持拦截", "Block upheld";
    FindingFalseAlarm: "误报", "False alarm";
    FindingCoached: "已辅导", "Coached";
    FindingEscalated: "已升级", "Escalated";
    FindingNoAction: "无需处理", "No action";
    FoundText: "已记录:{finding},已通知 {rep}。", "Recorded: {finding}; {rep} has been told.";
    OpenSidebar: "打开侧边栏", "Open the sidebar";
    ReviewWaiting: "复核中", "Under review";

    // Pages.
    NoContactsYet: "还没有客户资料。在企业微信里给应用发「客户 备注名」,或打开客户的卡片,就会出现在这里。", "No customers yet. Send \"客户\" and a name to the app in WeCom, or open a customer's card, and they appear here.";
    NoPagesForRole: "已登录:{user}。这个角色现在还没有自己的页面,可以用接口。", "Signed in: {user}. This role has no pages yet; use the API.";
    SignInNeeded: "请在企业微信里打开,或用管理员给你的登录链接。", "Open this inside WeCom, or use the sign-in link your admin gave you.";
    SignInByScan: "用企业微信扫码登录", "Sign in by scanning with WeCom";
    SignInAgain: "重新登录", "Sign in again";
    SignInBroken: "登录没有完成:这次登录已失效或已用过。请重新登录。", "You are not signed in: this sign-in has run out or was used before. Sign in again.";
    SignInOutsider: "这个应用没有对你开放。请管理员把你加入应用的可见范围。", "This app is not open to you; ask your admin to add you to its visible range.";
    SignInAway: "企业微信暂时没有回应,现在无法登录。请稍后再试。", "WeCom does not answer, so nobody can sign in right now. Try again later.";
    LinkSpent: "这个登录链接已经用过或已过期,请向管理员再要一个。", "This sign-in link was used or has run out; ask your admin for another.";
    SignedIn: "已登录:{user}", "Signed in: {user}";
    SignInTitle: "登录", "Sign in";
    SignInGo: "登录为 {user}", "Sign in as {user}";
    NotFoundPage: "没有这个页面。", "There is no such page.";
    Forbidden: "你没有查看这里的权限。", "You are not allowed to see this.";
    ServerFault: "服务出了问题,请把编号告诉管理员:{id}", "Something went wrong; tell your admin this number: {id}";
}
