//! Numbers that look drawn and are the same every time (`SplitMix64`, which no release of a crate changes).

use uuid::Builder;

/// In which millisecond the first id of everything that is made up was minted.
const BEGAN: u64 = 1_650_000_000_000;

/// Dice of one thing: what they show depends on what they are thrown for, and on nothing else.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice of the `n`th of `topic`.
    pub(super) const fn of(topic: u64, n: usize) -> Self {
        Self((topic << 40) ^ (n as u64))
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        let sides = u64::try_from(sides).unwrap_or(u64::MAX).max(1);
        usize::try_from((u128::from(self.next()) * u128::from(sides)) >> 64).unwrap_or(0)
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }

    /// Which of several shares of a hundred it falls into.
    pub(super) fn share<T: Copy>(&mut self, shares: &[(usize, T)]) -> T {
        let mut left = self.roll(shares.iter().map(|(share, _)| share).sum());
        for (share, of) in shares {
            if left < *share {
                return *of;
            }
            left -= share;
        }
        shares[0].1
    }

    /// An id that sorts by `n`.
    pub(super) fn id<T: From<uuid::Uuid>>(topic: u64, n: usize) -> T {
        let mut dice = Self::of(topic, n);
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&dice.next().to_be_bytes());
        bytes[8..].copy_from_slice(&dice.next().to_be_bytes()[..2]);
        Builder::from_unix_timestamp_millis(BEGAN + n as u64, &bytes).into_uuid().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ActionId;

    #[test]
    fn they_show_the_same_for_the_same_thing_and_something_else_for_another() {
        let rolls = |topic, n| (0..8).map(|_| Dice::of(topic, n).roll(1_000)).collect::<Vec<_>>();

        assert_eq!(rolls(1, 7), rolls(1, 7));
        assert_ne!(rolls(1, 7), rolls(1, 8));
        assert_ne!(rolls(1, 7), rolls(2, 7));
    }

    #[test]
    fn ids_are_in_the_order_of_what_they_are_of() {
        let ids: Vec<ActionId> = (0..1_000).map(|n| Dice::id(3, n)).collect();

        assert!(ids.is_sorted());
    }

    #[test]
    fn shares_are_about_as_large_as_they_say() {
        let shares = [(90, 'a'), (10, 'b')];
        let few = (0..10_000).filter(|n| Dice::of(1, *n).share(&shares) == 'b').count();

        assert!((800..1_200).contains(&few), "{few}");
    }
}
