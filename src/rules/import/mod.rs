//! Words from a spreadsheet into a pack: what would come of every row first, then the edit.
//!
//! Nothing here writes a file. Read [`Plan`] first.

mod append;
mod columns;
mod plan;
mod sheet;

pub use append::append;
pub use columns::Column;
pub use plan::{CellFault, Outcome, Plan, RowReport, plan};
pub use sheet::{Encoding, MAX_ROWS, Row, Sheet, SheetFault};
