//! Where to begin in a list that may be too long for one night.
//!
//! Begun at its head every night, the tail would never be reached. Each night
//! begins at another element, one golden section further around: after n nights no
//! stretch longer than 2.7 / n of the list was left without a beginning.

use jiff::Timestamp;

const GOLDEN_SECTION: f64 = 0.618_033_988_749_895;
const SECONDS_A_DAY: i64 = 86_400;

/// Turns a sorted list so that it begins where the night of `now` is to begin.
pub(crate) fn rotate<T>(list: &mut [T], now: Timestamp) {
    let night = now.as_second().div_euclid(SECONDS_A_DAY) as f64;
    let share = (night * GOLDEN_SECTION).fract();
    let start = (share * list.len() as f64) as usize;
    list.rotate_left(start.min(list.len()));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::{SignedDuration, Timestamp};

    use super::rotate;

    #[test]
    fn successive_nights_reach_everything_though_each_reaches_a_quarter() {
        let first: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        let mut reached: BTreeSet<u32> = BTreeSet::new();
        for night in 0..8 {
            let mut list: Vec<u32> = (0..1_000).collect();
            rotate(&mut list, first + SignedDuration::from_hours(24 * night));
            reached.extend(&list[..250]);
        }
        assert_eq!(reached.len(), 1_000);
    }

    #[test]
    fn an_empty_list_has_no_beginning() {
        rotate::<u32>(&mut [], Timestamp::UNIX_EPOCH);
    }
}
