//! Personal and contact data that needs no phrase: numbers, addresses, ids.

mod address;
mod number;

use super::rule::Detector;
use crate::text::{Class, Folded, Table};

/// Units `first..=last` of a text that are such data.
pub(super) type Place = (usize, usize);

/// Every place where `detector` finds something, from front to back.
pub(super) fn detect(detector: Detector, text: &Folded) -> Vec<Place> {
    match detector {
        Detector::Mobile => number::places(text, number::is_mobile),
        Detector::IdCard => number::places(text, number::is_id_card),
        Detector::BankCard => number::places(text, number::is_bank_card),
        Detector::Email => address::emails(text),
        Detector::Url => address::urls(text),
        Detector::WechatId => address::wechat_ids(text),
    }
}

/// Digits a number needs that is told apart by its digits alone.
const FEWEST_DIGITS: usize = 11;
/// The shortest address or id, as in `t.cn`.
const SHORTEST_ADDRESS: usize = 4;

/// There may be something: eleven digits, or four Latin characters without a blank. Allocates nothing.
pub(super) fn is_worth_a_look(text: &str) -> bool {
    let (table, mut digits, mut run, mut longest) = (Table::get(), 0, 0, 0);
    for ch in text.chars() {
        table.fold(ch, |piece| {
            let is_latin = piece.ch.is_ascii_graphic() && piece.class != Class::WeakStop;
            run = if is_latin { run + 1 } else { 0 };
            longest = longest.max(run);
            digits += usize::from(piece.ch.is_ascii_digit());
        });
    }
    digits >= FEWEST_DIGITS || longest >= SHORTEST_ADDRESS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(detector: Detector, text: &str) -> Vec<String> {
        let folded = Folded::of(text);
        let part =
            |(first, last): Place| folded.units()[first..=last].iter().map(|unit| unit.source).collect();
        let places = detect(detector, &folded);
        assert!(places.is_empty() || is_worth_a_look(text), "{text}");
        places.into_iter().map(part).collect()
    }

    #[test]
    fn a_mobile_number_is_found_however_it_is_parted() {
        for text in [
            "13800138000",
            "138 0013 8000",
            "138-0013-8000",
            "１３８００１３８０００",
            "1 3 8 0 0 1 3 8 0 0 0",
        ] {
            assert_eq!(found(Detector::Mobile, &format!("打我电话{text}哦")), [text]);
        }
        assert_eq!(found(Detector::Mobile, "+86 13800138000"), ["86 13800138000"]);
        assert_eq!(found(Detector::Mobile, "13800138000 13900139000"), ["13800138000", "13900139000"]);
    }

    #[test]
    fn an_order_number_is_no_mobile_number() {
        for text in ["订单号2026112313800138000", "12800138000", "1380013800", "价格138001、38000"] {
            assert_eq!(found(Detector::Mobile, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn an_id_card_needs_a_right_check_digit_and_birthday() {
        assert_eq!(found(Detector::IdCard, "身份证11010519491231002X"), ["11010519491231002X"]);
        assert_eq!(found(Detector::IdCard, "身份证110105194912310021"), [""; 0]);
        assert_eq!(found(Detector::IdCard, "身份证110105194913310029"), [""; 0]);
    }

    #[test]
    fn a_bank_card_passes_luhn() {
        assert_eq!(found(Detector::BankCard, "打到6217 0000 12345678907"), ["6217 0000 12345678907"]);
        assert_eq!(found(Detector::BankCard, "打到6217000012345678908"), [""; 0]);
        assert_eq!(found(Detector::BankCard, "卡号4111 1111 1111 1111"), ["4111 1111 1111 1111"]);
        assert_eq!(found(Detector::BankCard, "卡号4111111111111112"), [""; 0]);
    }

    #[test]
    fn addresses_are_found_in_a_sentence() {
        assert_eq!(found(Detector::Email, "发到zhang.san@example.com.cn吧"), ["zhang.san@example.com.cn"]);
        assert_eq!(found(Detector::Email, "价格@3.5折"), [""; 0]);
        assert_eq!(
            found(Detector::Url, "看这里https://a.example.com/x?y=1，快"),
            ["https://a.example.com/x?y=1"]
        );
        assert_eq!(found(Detector::Url, "打开 shop.example.cn/a 下单"), ["shop.example.cn/a"]);
        assert_eq!(found(Detector::Url, "版本3.5.cn2已发布，a@example.com"), [""; 0]);
    }

    #[test]
    fn a_wechat_id_stands_after_a_word_that_announces_it() {
        assert_eq!(found(Detector::WechatId, "加我微信：zhang_san88"), ["zhang_san88"]);
        assert_eq!(found(Detector::WechatId, "我的VX号 zs-2026x"), ["zs-2026x"]);
        assert_eq!(found(Detector::WechatId, "wxid_a1b2c3d4"), ["wxid_a1b2c3d4"]);
        assert_eq!(found(Detector::WechatId, "微信支付 paypal 都行，iphone17"), [""; 0]);
    }
}
