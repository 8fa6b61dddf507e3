//! Random draws while a world runs. Each depends on the world's seed, its purpose and its number alone, so that no draw
//! changes another.

/// Purpose of draws of latency jitter.
pub(crate) const JITTER: u64 = 1;
/// Purpose of draws of the first fault; a fault's position is added.
pub(crate) const FAULT: u64 = 1 << 32;

/// One draw: 64 uniform bits.
pub(crate) fn draw(seed: u64, purpose: u64, number: u64) -> u64 {
    scramble(scramble(scramble(seed) ^ purpose) ^ number)
}

/// A draw as a number from 0 to `last`.
pub(crate) fn up_to(last: u64, draw: u64) -> u64 {
    let product = u128::from(draw) * (u128::from(last) + 1);
    u64::try_from(product >> 64).unwrap_or(last)
}

/// Whether something of this probability happens in a draw.
pub(crate) fn happens(probability: f64, draw: u64) -> bool {
    let high = u32::try_from(draw >> 32).unwrap_or(0);
    f64::from(high) / (f64::from(u32::MAX) + 1.0) < probability
}

/// The step of `SplitMix64` (Steele, Lea and Flood, 2014).
fn scramble(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_is_the_share_of_draws_in_which_it_happens() {
        for (probability, least, most) in [
            (0.0, 0, 0),
            (0.05, 400, 600),
            (0.5, 4800, 5200),
            (1.0, 10_000, 10_000),
        ] {
            let happened = (0..10_000)
                .filter(|number| happens(probability, draw(7, FAULT, *number)))
                .count();
            assert!(
                (least..=most).contains(&happened),
                "{probability}: {happened}"
            );
        }
    }

    #[test]
    fn draws_depend_on_seed_and_purpose_and_reach_both_ends() {
        let row = |seed, purpose| -> Vec<u64> {
            (0..200)
                .map(|number| up_to(9, draw(seed, purpose, number)))
                .collect()
        };
        assert_eq!(row(7, JITTER), row(7, JITTER));
        assert_ne!(row(7, JITTER), row(8, JITTER));
        assert_ne!(row(7, JITTER), row(7, FAULT));
        assert!((0..=9).all(|face| row(7, JITTER).contains(&face)));
        assert_eq!(up_to(0, u64::MAX), 0);
        assert_eq!(up_to(u64::MAX, u64::MAX), u64::MAX);
    }
}
