//! Properties of estimates, for any history and any queue.

use domain::{
    Timestamp,
    estimate::{Pace, QueueEstimate, WaitRange},
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(10_000_000);
const DRINKS: [&str; 3] = ["Latte", "Espresso", "Tea"];

fn drink() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&DRINKS[..])
}

fn past() -> impl Strategy<Value = Vec<(&'static str, i64)>> {
    prop::collection::vec((drink(), 0..1_200_000_i64), 0..60)
}

fn waiting() -> impl Strategy<Value = Vec<(&'static str, Option<i64>)>> {
    prop::collection::vec((drink(), prop::option::of(0..600_000_i64)), 0..20)
}

fn pace(past: &[(&str, i64)]) -> Pace {
    let mut pace = Pace::default();
    past.iter().for_each(|(drink, millis)| pace.record(drink, *millis));
    pace
}

/// The wait for `mine` behind orders that were claimed that long ago, or not yet.
fn wait(pace: &Pace, ahead: &[(&str, Option<i64>)], baristas: usize, mine: &str) -> Option<WaitRange> {
    let mut queue = QueueEstimate::new(pace, baristas, NOW);
    for (drink, claimed) in ahead {
        queue.join(Some(drink), claimed.map(|ago| NOW.plus_millis(-ago)));
    }
    queue.wait(Some(mine))
}

proptest! {
    #[test]
    fn a_wait_is_a_range_of_at_least_two_minutes(past in past(), ahead in waiting(), baristas in 0..5_usize) {
        let pace = pace(&past);
        let wait = wait(&pace, &ahead, baristas, "Latte");
        prop_assert_eq!(wait.is_some(), pace.has_enough(), "there is an estimate exactly if there is enough data");
        if let Some(wait) = wait {
            prop_assert!(wait.from >= 2 && wait.to > wait.from, "{:?}", wait);
        }
    }

    #[test]
    fn one_more_order_ahead_never_shortens_the_wait_and_one_more_barista_never_lengthens_it(
        past in past(), ahead in waiting(), one_more in drink(), baristas in 1..5_usize,
    ) {
        let pace = pace(&past);
        let Some(before) = wait(&pace, &ahead, baristas, "Latte") else { return Ok(()) };
        let mut longer = ahead.clone();
        longer.push((one_more, None));
        let after = wait(&pace, &longer, baristas, "Latte").unwrap();
        prop_assert!(after.from >= before.from && after.to >= before.to, "{:?} {:?}", before, after);
        let helped = wait(&pace, &ahead, baristas + 1, "Latte").unwrap();
        prop_assert!(helped.from <= before.from && helped.to <= before.to, "{:?} {:?}", before, helped);
    }

    #[test]
    fn a_drink_that_is_being_made_takes_no_longer_than_one_that_is_not(
        past in past(), ahead in waiting(), claimed in 0..600_000_i64,
    ) {
        let pace = pace(&past);
        let with = |claimed| {
            let mut ahead = ahead.clone();
            ahead.push(("Tea", claimed));
            wait(&pace, &ahead, 1, "Latte")
        };
        if let (Some(untouched), Some(begun)) = (with(None), with(Some(claimed))) {
            prop_assert!(begun.from <= untouched.from && begun.to <= untouched.to);
        }
    }

    #[test]
    fn if_all_drinks_take_equally_long_the_range_contains_the_wait(
        seconds in 60..600_i64, ahead in 0..12_usize, made in 3..40_usize,
    ) {
        let pace = pace(&vec![("Latte", seconds * 1_000); made]);
        let wait = wait(&pace, &vec![("Latte", None); ahead], 1, "Latte").unwrap();
        let truth = seconds * (i64::try_from(ahead).unwrap() + 1);
        let floor = truth.max(120);
        prop_assert!(i64::from(wait.from) * 60 <= floor && floor <= i64::from(wait.to) * 60, "{} {:?}", truth, wait);
    }

    #[test]
    fn only_the_last_twenty_drinks_of_a_kind_count(old in past(), recent in prop::collection::vec(10_000..900_000_i64, 20)) {
        let with = |past: &[(&str, i64)]| {
            let mut pace = pace(past);
            recent.iter().for_each(|millis| pace.record("Latte", *millis));
            wait(&pace, &[], 1, "Latte")
        };
        prop_assert_eq!(with(&old), with(&[]));
    }
}

#[test]
fn impossible_preparation_times_are_ignored() {
    let mut pace = pace(&[("Latte", 900), ("Latte", 1_500), ("Latte", 3_600_000), ("Latte", 9_000)]);
    assert!(!pace.has_enough());
    [180_000, 200_000, 240_000].into_iter().for_each(|millis| pace.record("Latte", millis));
    assert_eq!(wait(&pace, &[], 1, "Latte"), Some(WaitRange { from: 3, to: 4 }));
    assert_eq!(wait(&pace, &[("Latte", None), ("Latte", Some(100_000))], 1, "Tea"), Some(WaitRange { from: 8, to: 9 }));
}
