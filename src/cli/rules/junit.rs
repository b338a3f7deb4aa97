//! JUnit's XML, which test dashboards read.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

/// How a case ended.
pub(super) enum Ended {
    Well,
    /// A known fault that fails nothing.
    Known(String),
    /// With a short reason and the whole story.
    Failed(String, String),
}

/// One case of a suite.
pub(super) struct Case {
    pub suite: String,
    pub name: String,
    pub ended: Ended,
}

/// Writes the cases, those of one suite together in the order given.
pub(super) fn write(name: &str, cases: Vec<Case>) -> Result<String, SerializeError> {
    let mut report = Report::new(name);
    for of_suite in cases.chunk_by(|a, b| a.suite == b.suite) {
        let Some(first) = of_suite.first() else { continue };
        let mut suite = TestSuite::new(&first.suite);
        suite.add_test_cases(of_suite.iter().map(case));
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn case(case: &Case) -> TestCase {
    let status = match &case.ended {
        Ended::Well => TestCaseStatus::success(),
        Ended::Known(why) => with_message(TestCaseStatus::skipped(), why),
        Ended::Failed(why, story) => {
            let mut status = with_message(TestCaseStatus::non_success(NonSuccessKind::Failure), why);
            status.set_description(story);
            status
        }
    };
    let mut case_of = TestCase::new(&case.name, status);
    case_of.set_classname(&case.suite);
    case_of
}

fn with_message(mut status: TestCaseStatus, message: &str) -> TestCaseStatus {
    status.set_message(message);
    status
}
