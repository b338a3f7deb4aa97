//! What a whole message can be instead of a draft.

use crate::model::ShortNo;

/// Commands name at most this many characters.
const MAX_NAME: usize = 20;

/// What a whole message can be instead of a draft.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command<'t> {
    Confirm(ShortNo, Option<&'t str>),
    Withdraw(ShortNo),
    Contact(&'t str),
    Todos,
    Draft,
}

impl<'t> Command<'t> {
    pub(super) fn parse(text: &'t str) -> Self {
        let (line, rest) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
        if line == "我的待办" && rest.trim().is_empty() {
            return Command::Todos;
        }
        let Some((word, what)) = line.split_once(char::is_whitespace) else { return Command::Draft };
        let (what, rest) = (what.trim(), rest.trim());
        match (word, ShortNo::parse(what)) {
            ("确认", Some(short)) => Command::Confirm(short, Some(rest).filter(|rest| !rest.is_empty())),
            ("取消", Some(short)) if rest.is_empty() => Command::Withdraw(short),
            ("客户", _) if rest.is_empty() && !what.is_empty() && what.chars().count() <= MAX_NAME => {
                Command::Contact(what)
            }
            _ => Command::Draft,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_message_is_a_command() {
        let short = ShortNo::new(4821).unwrap();
        assert_eq!(Command::parse("确认 4821"), Command::Confirm(short, None));
        assert_eq!(
            Command::parse(" 确认　4821 \n客户已签风险告知"),
            Command::Confirm(short, Some("客户已签风险告知"))
        );
        assert_eq!(Command::parse("取消 4821"), Command::Withdraw(short));
        assert_eq!(Command::parse("客户 王女士"), Command::Contact("王女士"));
        assert_eq!(Command::parse(" 我的待办\n"), Command::Todos);
        assert_eq!(Command::parse("我的待办是给您寄合同"), Command::Draft);
        assert_eq!(Command::parse("我的待办\n给您寄合同"), Command::Draft);
        assert_eq!(Command::parse("确认 482"), Command::Draft);
        assert_eq!(Command::parse("请确认 4821"), Command::Draft);
        assert_eq!(Command::parse("取消 4821\n算了还是发吧"), Command::Draft);
        assert_eq!(Command::parse("客户 您好,上次说的产品已经到货,方便的话我下午送过去"), Command::Draft);
    }
}
