//! WeCom's error codes: what a caller does about each, and what an admin is told.
//!
//! Meanings: page 90313 (全局错误码) and its twin 90455. What to do about them is ours.

/// What a caller does about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// It worked.
    Ok,
    /// The access token is dead: fetch another once and repeat once.
    Token,
    /// A passing trouble: repeat with a growing pause, three tries in all.
    Retry,
    /// A code we don't know, on a read: repeat once.
    RetryOnce,
    /// Too many calls: leave this API alone for a minute, then for an hour.
    Frequency,
    /// Too many calls at once: repeat after a second.
    Parallel,
    /// An admin must act; no repeating helps until then.
    Config,
    /// Permanent for this item: record it, go on with the next.
    Data,
    /// The person must start again, for example sign in.
    User,
    /// Our request was wrong.
    Bug,
}

/// What an admin is told about a code of [`Class::Config`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

/// Every code that needs no admin.
const CODES: &[(Class, &[i64])] = &[
    (Class::Ok, &[0]),
    (Class::Token, &[40014, 42001, 42009]),
    (Class::Retry, &[-1, 6000, 41063]),
    (Class::Frequency, &[41094, 45009]),
    (Class::Parallel, &[45033]),
    (
        Class::Data,
        &[
            40003, 40007, 40031, 40032, 40058, 40063, 40068, 40096, 40126, 40128, 40201, 41035, 41048, 41050,
            41051, 41068, 41069, 41070, 41071, 41076, 41077, 41083, 41084, 41093, 41096, 46004, 50002, 60011,
            60021, 60111, 81013, 82001, 82002, 82003, 84061, 84083, 84084, 85002, 90501, 92000, 92002,
            301021, 610004,
        ],
    ),
    (Class::User, &[40029, 42003, 42022, 60140]),
    (Class::Bug, &[40008, 40033, 40035, 41001, 41002, 44004, 45002, 45008, 81017]),
];

const SECRET: Advice = Advice {
    zh: "企业 ID 与 Secret 不匹配,或应用已停用:请在管理后台核对这一对值",
    en: "The corp id and the secret do not belong together, or the app is stopped: check the pair in the admin console",
};
const AGENT: Advice = Advice {
    zh: "AgentId 不属于这个 Secret 的应用:请在应用详情页核对 AgentId",
    en: "The agent id is not the app this secret belongs to: check it on the app's page",
};
const RIGHT: Advice = Advice {
    zh: "应用没有这个接口的权限:请在「客户联系 / 微信客服 → 可调用接口的应用」中加入本应用",
    en: "The app may not call this API: add it under 客户联系 / 微信客服 → 可调用接口的应用",
};
const DOMAIN: Advice = Advice {
    zh: "域名不是本应用的可信域名:请填写完整域名(含端口须一致,不可用上级域名、IP 或短链)",
    en: "The domain is not a trusted domain of this app: enter the exact host name, no parent domain, IP or short link",
};
const PROOF: Advice = Advice {
    zh: "域名归属未验证或备案不符:请放置 WW_verify 文件,并确认备案主体",
    en: "The domain's ownership or ICP filing is not proven: serve the WW_verify file and check the filing",
};
const SIGNATURE: Advice = Advice {
    zh: "JS-SDK 签名或票据种类不对:请核对页面网址、企业与应用票据",
    en: "The JS-SDK signature or the kind of ticket is wrong: check the page's address and which ticket signs it",
};

/// Every code that needs an admin, with what to tell them.
const CONFIG: &[(i64, Advice)] = &[
    (40001, SECRET),
    (40013, SECRET),
    (40091, SECRET),
    (40056, AGENT),
    (301002, AGENT),
    (45031, RIGHT),
    (48001, RIGHT),
    (48002, RIGHT),
    (84074, RIGHT),
    (50001, DOMAIN),
    (80001, DOMAIN),
    (85005, PROOF),
    (85008, PROOF),
    (85111, PROOF),
    (40093, SIGNATURE),
    (42012, SIGNATURE),
    (
        40137,
        Advice {
            zh: "应用的权限设置不完整:请在管理后台检查",
            en: "The app's rights are incomplete: check them",
        },
    ),
    (
        48007,
        Advice {
            zh: "该客服账号没有授权给本应用:请在「微信客服 → 通过 API 管理」中授权",
            en: "This service account is not granted to the app: grant it under 微信客服 → 通过API管理",
        },
    ),
    (
        48009,
        Advice {
            zh: "通讯录同步助手不能从新 IP 读取详情:请改用本应用自己的 Secret",
            en: "The contact-sync secret may not read details from new addresses: use the app's own secret",
        },
    ),
    (
        50003,
        Advice {
            zh: "应用已停用:请在管理后台启用",
            en: "The app is disabled: enable it in the admin console",
        },
    ),
    (
        60020,
        Advice {
            zh: "服务器出口 IP 不在「企业可信IP」中:请加入下面提示里的 IP,约一分钟后生效",
            en: "Our outbound IP is not in 企业可信IP: add the address in the message below, it works after a minute",
        },
    ),
    (
        301042,
        Advice {
            zh: "服务器出口 IP 不在会话内容存档的白名单中:请在「会话内容存档」中加入",
            en: "Our outbound IP is not allowed to read the archive: add it under 会话内容存档",
        },
    ),
    (
        301052,
        Advice {
            zh: "会话内容存档服务已过期:请续费", en: "The archive service has expired: renew it"
        },
    ),
    (
        701008,
        Advice {
            zh: "成员没有互通账号许可:请购买或激活",
            en: "The member has no 互通 licence: buy or activate one",
        },
    ),
];

/// What to do about `code`; `write` says whether the call changes something at WeCom.
///
/// A code that stands in no table is permanent for a write, and worth one repeat for a read.
///
/// ```
/// # use wecom_guard::wecom::errcode::{classify, Class};
/// assert_eq!(classify(42001, true), Class::Token);
/// assert_eq!(classify(999_999, true), Class::Data);
/// assert_eq!(classify(999_999, false), Class::RetryOnce);
/// ```
pub fn classify(code: i64, write: bool) -> Class {
    if let Some((class, _)) = CODES.iter().find(|(_, codes)| codes.contains(&code)) {
        return *class;
    }
    match (advice(code), write) {
        (Some(_), _) => Class::Config,
        (None, true) => Class::Data,
        (None, false) => Class::RetryOnce,
    }
}

/// What an admin is told about `code`; only for codes of [`Class::Config`].
pub fn advice(code: i64) -> Option<Advice> {
    CONFIG.iter().find(|(known, _)| *known == code).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_code_stands_in_two_classes() {
        let mut seen = HashSet::new();
        let plain = CODES.iter().flat_map(|(_, codes)| codes.iter());
        for code in plain.chain(CONFIG.iter().map(|(code, _)| code)) {
            assert!(seen.insert(code), "{code} stands twice");
        }
        assert!(seen.len() > 80, "{}", seen.len());
    }

    #[test]
    fn an_unknown_code_is_permanent_for_a_write_and_repeated_once_for_a_read() {
        assert_eq!(classify(123_456_789, true), Class::Data);
        assert_eq!(classify(123_456_789, false), Class::RetryOnce);
    }

    #[test]
    fn an_untrusted_address_tells_the_admin_where_to_add_it() {
        assert_eq!(classify(60020, false), Class::Config);
        assert!(advice(60020).unwrap().zh.contains("企业可信IP"));
        assert_eq!(advice(40003), None);
    }
}
