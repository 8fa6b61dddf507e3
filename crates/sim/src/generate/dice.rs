//! Seeded random numbers: the same on every machine and in every version.

use rand_pcg::{
    Pcg64Mcg,
    rand_core::{RngCore as _, SeedableRng as _},
};

/// A seeded random number generator.
#[derive(Debug)]
pub(super) struct Dice(Pcg64Mcg);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    /// A number from 0 to `end` - 1; 0 when `end` is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        // The high half of the product is uniform enough for every range a world needs.
        let product = u128::from(self.0.next_u64()) * u128::from(end);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// A number of days from `first` to `last`.
    pub(super) fn days(&mut self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last - first + 1).unwrap_or(1);
        first + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, cases: u64) -> bool {
        self.below(100) < cases
    }

    /// One of `choices`, which is not empty.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let at = usize::try_from(self.below(choices.len() as u64)).unwrap_or(0);
        choices[at]
    }

    /// A position, the likelier the greater its weight. `running` holds the running totals of the weights.
    pub(super) fn weighted(&mut self, running: &[u64]) -> usize {
        let total = running.last().copied().unwrap_or(0);
        let point = self.below(total);
        running.partition_point(|end| *end <= point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_falls_the_same_way_for_ever() {
        let mut dice = Dice::new(7);
        let thrown: Vec<_> = (0..8).map(|_| dice.below(100)).collect();
        assert_eq!(
            thrown, FIRST_EIGHT,
            "generated worlds would change under everyone's feet"
        );
    }

    #[test]
    fn weights_decide_how_often() {
        let mut dice = Dice::new(1);
        let mut seen = [0; 3];
        for _ in 0..10_000 {
            seen[dice.weighted(&[1, 1, 10])] += 1;
        }
        assert!((900..1100).contains(&seen[0]), "{seen:?}");
        assert_eq!(seen[1], 0);
    }

    const FIRST_EIGHT: [u64; 8] = [68, 47, 27, 93, 29, 21, 21, 39];
}
