//! Enums that are fixed sets of words in tables, addresses and the API.

/// A word that is none of a fixed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", known.join(", "))]
pub struct UnknownWord {
    /// The words that are known.
    pub known: &'static [&'static str],
}

/// Makes an enum each of whose variants is one word, read by `FromStr` and written by `Display` and serde.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$says:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name { $($(#[$says])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every one of them, in the order they are shown in.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word for it in tables, addresses and the API.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::kernel::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err($crate::kernel::UnknownWord { known: &[$($word,)*] }),
                }
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
#[expect(unreachable_pub, reason = "the macro makes what rooms show")]
mod tests {
    words! {
        /// A light.
        Light {
            /// Go.
            Green = "green",
            /// Stop.
            Red = "red",
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let refused = "blue".parse::<Light>().expect_err("unknown");

        assert_eq!(refused.to_string(), "must be one of green, red");
        assert_eq!("red".parse(), Ok(Light::Red));
        assert_eq!(Light::ALL.len(), 2);
    }
}
