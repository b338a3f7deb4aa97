//! Each state of the page once in every setting it is not tested in elsewhere: dark, English, a wide
//! screen, a narrow one.

use crate::driver::{OTHERS, Page, browse};

const BOTH: &str = "这款产品保底收益5%,这门课100%通过";
const CONFIRM: &str = "这门课100%通过";

/// English pages have no Chinese left but what people, rules and customers said themselves.
async fn speaks_its_language(page: &Page, what: &str) {
    if !page.look.english {
        return;
    }
    let rest = page
        .eval("(() => { const copy = document.body.cloneNode(true); \
            copy.querySelectorAll('.mirror,textarea,.who b,[data-testid=reply],[data-testid=record] p,[data-testid=task] b,.offer p,.contact h1,.contact .list p,.actions span,.chip,svg').forEach(one => one.remove()); \
            return copy.innerText; })()")
        .await;
    let rest = rest.as_str().unwrap();
    let is_data = |line: &&str| {
        ["保底收益", "100%通过", "可能被理解为", "广告法", "说明"].iter().any(|data| line.contains(data))
    };
    let chinese = |line: &&str| line.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign));
    let left: Vec<_> = rest.lines().filter(chinese).filter(|line| !is_data(line)).collect();
    assert!(left.is_empty(), "{what}: {left:?}");
}

pub async fn look_at(page: &Page, name: &str, state: &str) {
    page.shot(&format!("{state}-{name}")).await;
    page.fits(&format!("{state}, {name}")).await;
    speaks_its_language(page, &format!("{state}, {name}")).await;
}

#[tokio::test]
async fn every_state_of_the_page_fits_and_speaks_its_language_in_every_setting() {
    for (name, look) in OTHERS {
        browse(look, &[], async |page| {
            page.goto("/sidebar").await;
            page.until("document.querySelector('[data-testid=customer]:not([aria-busy])')").await;
            look_at(page, name, "first").await;
            page.sidebar().await;
            page.types(BOTH).await;
            page.until("document.querySelectorAll('.mirror mark').length === 2").await;
            look_at(page, name, "writing").await;
            page.tap("send").await;
            page.tap("block-back").await;
            page.tap("send").await;
            page.until("document.querySelector('[data-testid=block-sheet]')").await;
            look_at(page, name, "blocked").await;
            page.tap("block-back").await;
            page.eval("document.querySelector('#draft').select()").await;
            page.types(CONFIRM).await;
            page.until("document.querySelector('.mirror mark.confirm')").await;
            page.tap("send").await;
            page.until("document.querySelector('[data-testid=confirm-go]:not([disabled])')").await;
            look_at(page, name, "confirm").await;
            page.tap("confirm-back").await;
            page.tap("tab-mine").await;
            page.until("document.querySelector('[data-testid=mine] [data-testid=record]')").await;
            look_at(page, name, "mine").await;
            page.tap("tab-todo").await;
            page.until("document.querySelector('[data-testid=todo] [data-testid=task]')").await;
            look_at(page, name, "todo").await;
        })
        .await;
    }
}
