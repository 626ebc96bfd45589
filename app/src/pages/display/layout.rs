//! The layout of the board in its first paint. Numbers that do not fit are on further pages. The page follows from the
//! time, so a television without JavaScript, which reloads the board periodically, shows every page. With JavaScript,
//! `public/display/layout.js` turns the pages.

use domain::{
    Timestamp,
    view::{BoardEntry, Column},
};

use super::scale::{Grid, Grids};

/// How long a page is shown without JavaScript, in milliseconds.
const PAGE_MILLIS: i64 = 8_000;
/// How long a number is marked as new, in milliseconds.
const NEW_MILLIS: i64 = 6_000;
/// A drink that is on the counter for longer counts as not collected, in milliseconds.
const NOT_COLLECTED_MILLIS: i64 = 300_000;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListPage {
    pub(super) entries: Vec<BoardEntry>,
    /// The index of the page, and the number of pages.
    pub(super) page: (usize, usize),
}

/// The layout of the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Ready, newest first.
    pub(super) ready: ListPage,
    /// Whether there are too many for large tiles.
    pub(super) compact: bool,
    /// Not collected, longest waiting first.
    pub(super) left: ListPage,
    /// In preparation, oldest first.
    pub(super) preparing: ListPage,
    /// Whether there are few enough for larger numbers.
    pub(super) roomy: bool,
}

/// Whether the number has become ready a moment ago.
pub(super) fn is_new(entry: &BoardEntry, now: Timestamp) -> bool {
    (0..NEW_MILLIS).contains(&now.millis_since(entry.since))
}

/// The three lists: ready, not collected, in preparation.
pub(super) fn sort(board: &[BoardEntry], now: Timestamp) -> [Vec<BoardEntry>; 3] {
    let of = |column| board.iter().filter(move |entry| entry.column == column).copied();
    let (mut left, mut ready): (Vec<_>, Vec<_>) =
        of(Column::Ready).partition(|entry| now.millis_since(entry.since) > NOT_COLLECTED_MILLIS);
    ready.sort_by_key(|entry| (std::cmp::Reverse(entry.since), entry.number));
    left.sort_by_key(|entry| (entry.since, entry.number));
    let mut preparing: Vec<_> = of(Column::Preparing).collect();
    preparing.sort_by_key(|entry| (entry.since, entry.number));
    [ready, left, preparing]
}

/// Lays out the board at `now`.
pub(super) fn lay_out(board: &[BoardEntry], now: Timestamp, grids: Grids) -> Layout {
    let [ready, left, preparing] = sort(board, now);
    let turn = now.0.div_euclid(PAGE_MILLIS);
    // A new number must be seen at once, so the first page, which has the newest, is shown.
    let ready_turn = if ready.iter().any(|entry| is_new(entry, now)) { 0 } else { turn };
    let compact = ready.len() > grids.large.places();
    let roomy = preparing.len() <= grids.roomy.places();
    Layout {
        ready: page(ready, if compact { grids.compact } else { grids.large }, ready_turn),
        compact,
        left: page(left, grids.left, turn),
        preparing: page(preparing, if roomy { grids.roomy } else { grids.preparing }, turn),
        roomy,
    }
}

fn page(entries: Vec<BoardEntry>, grid: Grid, turn: i64) -> ListPage {
    let size = grid.places();
    let pages = entries.len().div_ceil(size).max(1);
    let page = usize::try_from(turn.max(0)).unwrap_or(0) % pages;
    ListPage { entries: entries.into_iter().skip(page * size).take(size).collect(), page: (page, pages) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::OrderNumber;

    use super::*;
    use crate::pages::display::scale::{Room, Scale, Shape};

    fn entry(number: u32, column: Column, since: i64) -> BoardEntry {
        BoardEntry { number: OrderNumber(number), column, since: Timestamp(since) }
    }

    fn numbers(shown: &ListPage) -> Vec<u32> {
        shown.entries.iter().map(|entry| entry.number.0).collect()
    }

    fn usual() -> Grids {
        Scale::of(Room::default(), 0).grids(Shape::Wide)
    }

    #[test]
    fn every_number_is_shown_on_one_of_the_pages() {
        let board: Vec<_> = (1..=20)
            .map(|number| entry(number, Column::Ready, 100_000 + i64::from(number)))
            .chain((21..=60).map(|number| entry(number, Column::Preparing, i64::from(number))))
            .chain((61..=75).map(|number| entry(number, Column::Ready, -500_000)))
            .collect();
        let mut seen = BTreeSet::new();
        for turn in 0..6 {
            let layout = lay_out(&board, Timestamp(200_000 + turn * PAGE_MILLIS), usual());
            for (shown, most) in [(&layout.ready, 12), (&layout.preparing, 16), (&layout.left, 4)] {
                assert!(shown.entries.len() <= most);
                seen.extend(numbers(shown));
            }
        }
        assert_eq!(seen, (1..=75).collect());
    }

    #[test]
    fn a_new_number_is_on_the_shown_page() {
        let mut board: Vec<_> = (1..=30).map(|number| entry(number, Column::Ready, 0)).collect();
        for now in (10_000..60_000).step_by(1_000) {
            board.push(entry(99, Column::Ready, now));
            let layout = lay_out(&board, Timestamp(now + 500), usual());
            assert_eq!(layout.ready.entries.first().map(|entry| entry.number.0), Some(99), "at {now}");
            board.pop();
        }
    }

    #[test]
    fn an_old_number_moves_to_not_collected() {
        let board = [entry(1, Column::Ready, 0), entry(2, Column::Ready, 200_000)];
        let layout = lay_out(&board, Timestamp(300_001), usual());
        assert_eq!((numbers(&layout.ready), numbers(&layout.left)), (vec![2], vec![1]));
    }
}
