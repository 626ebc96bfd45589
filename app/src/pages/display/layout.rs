//! Which numbers the wall shows now. What does not fit is on the next page, so that no order is ever left out; the page
//! follows the time, so that a television without JavaScript, which loads the board again and again, turns pages too.

use domain::{
    Timestamp,
    view::{BoardEntry, Column},
};

use super::Entries;

/// Ready tiles of a page: 3 x 4.
const READY_PAGE: usize = 12;
/// Up to so many, tiles are large: 2 x 3.
const READY_LARGE: usize = 6;
/// Numbers in preparation of a page: 2 x 8.
const PREPARING_PAGE: usize = 16;
/// Numbers in the row of those that nobody has fetched.
const NOT_COLLECTED_PAGE: usize = 6;
/// How long a page stays.
const PAGE_MILLIS: i64 = 8_000;
/// How long a number is called new.
const NEW_MILLIS: i64 = 6_000;
/// After so long on the counter a number moves to the quiet row.
const LEFT_BEHIND_MILLIS: i64 = 300_000;

/// What the wall shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Newest first.
    pub(super) ready: Entries,
    /// Which page of how many, from 0.
    pub(super) ready_page: (usize, usize),
    /// True when there are more than large tiles have room for.
    pub(super) compact: bool,
    /// Longest waiting first.
    pub(super) not_collected: Entries,
    /// Which page of how many, from 0.
    pub(super) not_collected_page: (usize, usize),
    /// Oldest first.
    pub(super) preparing: Entries,
    /// Which page of how many, from 0.
    pub(super) preparing_page: (usize, usize),
}

/// True for a number that has just come to the counter.
pub(super) fn is_new(entry: &BoardEntry, now: Timestamp) -> bool {
    (0..NEW_MILLIS).contains(&now.millis_since(entry.since))
}

/// Lays the board out as it is at `now`.
pub(super) fn lay_out(board: &[BoardEntry], now: Timestamp) -> Layout {
    let of = |column| board.iter().filter(move |entry| entry.column == column).copied();
    let (mut not_collected, mut ready): (Entries, Entries) =
        of(Column::Ready).partition(|entry| now.millis_since(entry.since) > LEFT_BEHIND_MILLIS);
    ready.sort_by_key(|entry| (std::cmp::Reverse(entry.since), entry.number));
    not_collected.sort_by_key(|entry| (entry.since, entry.number));
    let mut preparing: Entries = of(Column::Preparing).collect();
    preparing.sort_by_key(|entry| (entry.since, entry.number));

    // Whoever's number has just come up finds it at once: the first page, which has the newest, is shown again.
    let turn = if ready.iter().any(|entry| is_new(entry, now)) { 0 } else { now.0.div_euclid(PAGE_MILLIS) };
    let compact = ready.len() > READY_LARGE;
    let (ready, ready_page) = page(ready, READY_PAGE, turn);
    let (not_collected, not_collected_page) = page(not_collected, NOT_COLLECTED_PAGE, now.0.div_euclid(PAGE_MILLIS));
    let (preparing, preparing_page) = page(preparing, PREPARING_PAGE, now.0.div_euclid(PAGE_MILLIS));
    Layout { ready, ready_page, compact, not_collected, not_collected_page, preparing, preparing_page }
}

fn page(entries: Entries, size: usize, turn: i64) -> (Entries, (usize, usize)) {
    let pages = entries.len().div_ceil(size).max(1);
    let page = usize::try_from(turn.max(0)).unwrap_or(0) % pages;
    let shown = entries.into_iter().skip(page * size).take(size).collect();
    (shown, (page, pages))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::OrderNumber;

    use super::*;

    fn entry(number: u32, column: Column, since: i64) -> BoardEntry {
        BoardEntry { number: OrderNumber(number), column, since: Timestamp(since) }
    }

    fn numbers(entries: &[BoardEntry]) -> Vec<u32> {
        entries.iter().map(|entry| entry.number.0).collect()
    }

    #[test]
    fn in_a_rush_every_number_is_on_the_wall_within_its_turns() {
        let board: Vec<_> = (1..=20)
            .map(|number| entry(number, Column::Ready, 100_000 + i64::from(number)))
            .chain((21..=60).map(|number| entry(number, Column::Preparing, i64::from(number))))
            .chain((61..=75).map(|number| entry(number, Column::Ready, -500_000)))
            .collect();
        let mut seen = BTreeSet::new();
        for turn in 0..6 {
            let layout = lay_out(&board, Timestamp(200_000 + turn * PAGE_MILLIS));
            assert!(layout.ready.len() <= 12 && layout.preparing.len() <= 16 && layout.not_collected.len() <= 6);
            for entries in [&layout.ready, &layout.preparing, &layout.not_collected] {
                seen.extend(numbers(entries));
            }
        }
        assert_eq!(seen, (1..=75).collect());
    }

    #[test]
    fn a_number_that_has_just_come_up_is_on_the_page_that_is_shown() {
        let mut board: Vec<_> = (1..=30).map(|number| entry(number, Column::Ready, 0)).collect();
        for now in (10_000..60_000).step_by(1_000) {
            board.push(entry(99, Column::Ready, now));
            let layout = lay_out(&board, Timestamp(now + 500));
            assert_eq!(layout.ready.first().map(|entry| entry.number.0), Some(99), "at {now}");
            board.pop();
        }
    }

    #[test]
    fn a_drink_that_nobody_fetches_moves_to_the_quiet_row() {
        let board = [entry(1, Column::Ready, 0), entry(2, Column::Ready, 200_000)];
        let layout = lay_out(&board, Timestamp(300_001));
        assert_eq!((numbers(&layout.ready), numbers(&layout.not_collected)), (vec![2], vec![1]));
    }
}
