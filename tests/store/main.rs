//! One suite for every adapter of the store's port, and what only the one on disk must stand.
#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

mod damage;
mod followings;
mod helpers;
mod lists;
mod local;
mod units;

/// Runs each of these on a fresh store of every adapter.
macro_rules! on_every_adapter {
    ($($suite:ident { $($name:ident,)* })*) => {
        mod memory { $(mod $suite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::$suite::$name(crate::helpers::Shelf::memory()).await;
            }
        )* })* }
        mod on_disk { $(mod $suite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                crate::$suite::$name(crate::helpers::Shelf::local()).await;
            }
        )* })* }
    };
}

on_every_adapter! {
    units {
        what_is_committed_can_be_read_back_by_its_company_alone,
        a_step_moves_the_check_and_is_kept,
        a_check_may_be_opened_and_moved_in_one_unit,
        every_writer_of_many_at_once_reads_its_own_check_at_once,
        a_repeated_key_gives_the_first_answer_and_changes_nothing,
        of_two_at_once_under_one_key_one_happens_and_both_get_its_answer,
        a_unit_that_relies_on_an_old_version_is_refused_and_changes_nothing,
        a_number_in_use_is_refused_until_its_check_has_ended,
        a_deed_is_begun_once_for_each_attempt,
        of_eight_rivals_exactly_one_moves_each_check,
        of_eight_rivals_exactly_one_takes_each_number,
        answers_older_than_a_day_are_forgotten_and_younger_ones_kept,
        a_session_is_kept_until_it_is_ended,
    }
    followings {
        whoever_wecom_shows_as_a_follower_follows,
        a_following_goes_on_through_a_second_fetch_and_begins_again_after_an_end,
        steps_add_up_and_stand_in_the_timeline,
        of_eight_rivals_exactly_one_takes_each_step,
        a_timeline_is_paged_newest_first_without_gap_or_repeat,
        a_timeline_holds_what_is_between_this_rep_and_this_customer_alone,
        the_first_text_that_was_cleared_is_found,
    }
    lists {
        pages_follow_each_other_newest_first_without_gap_or_repeat,
        a_page_is_unmoved_by_what_comes_in_while_it_is_read,
        every_field_of_a_query_narrows_the_list,
        checks_come_due_by_time_and_leave_when_they_are_moved,
        a_released_check_comes_due_a_minute_after_its_release_ended,
        deeds_come_due_again_when_their_lease_has_run_out_and_leave_when_they_are_done,
        a_taken_card_is_found_by_its_check,
        a_rep_sees_their_own_open_checks_by_number,
        a_contact_is_listed_for_each_of_its_followers_and_marked_when_outdated,
        only_a_text_that_was_cleared_counts_as_contact,
        a_revision_that_goes_live_is_counted_once,
        revisions_are_listed_newest_first_with_the_files_they_were_made_of,
        a_record_of_old_without_files_is_still_a_revision,
    }
}
