//! The icons: Lucide's, one sprite.

use std::{fmt, sync::LazyLock};

use crate::web::assets;

static SPRITE: LazyLock<&'static str> =
    LazyLock::new(|| assets::url("icons.svg").unwrap_or("/static/icons.svg"));

macro_rules! icons {
    ($($variant:ident = $name:literal,)*) => {
        /// A picture beside a word, never instead of one: a screen reader does not hear it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is called what it is called in the sprite")]
        pub enum Icon { $($variant,)* }

        impl Icon {
            const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$variant,)*];
        }
    };
}

icons! {
    ArrowLeft = "arrow-left",
    ArrowRight = "arrow-right",
    Ban = "ban",
    Bin = "trash",
    Bad = "circle-x",
    Chart = "chart-column",
    Check = "check",
    Clock = "clock",
    Copy = "copy",
    Cross = "x",
    Demo = "flask-conical",
    Down = "chevron-down",
    Error = "circle-alert",
    Good = "circle-check",
    Grid = "layout-grid",
    History = "history",
    Inbox = "inbox",
    Info = "info",
    Key = "key-round",
    Keyboard = "keyboard",
    Link = "link",
    Lock = "lock",
    Menu = "menu",
    Minus = "minus",
    Monitor = "monitor",
    Pause = "pause",
    Pencil = "pencil",
    Person = "user",
    PersonChecked = "user-check",
    PersonMore = "user-plus",
    People = "users",
    Play = "play",
    Plug = "plug",
    Plus = "plus",
    Reload = "refresh-cw",
    Retry = "rotate-ccw",
    Right = "chevron-right",
    Search = "search",
    Send = "send",
    Shield = "shield-check",
    SignOut = "log-out",
    Spinner = "loader-circle",
    Star = "star",
    Undo = "undo-2",
    Unplugged = "unplug",
    Up = "chevron-up",
    Warning = "triangle-alert",
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        write!(f, r#"<svg class="i" aria-hidden="true"><use href="{}#{name}"/></svg>"#, *SPRITE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sprite_has_every_icon_and_no_other() {
        let sprite = include_str!("../../../static/icons.svg");
        let mut drawn: Vec<_> = sprite
            .split("<symbol id=\"")
            .skip(1)
            .filter_map(|symbol| Some(symbol.split_once('"')?.0))
            .collect();
        let mut named: Vec<_> = Icon::ALL.iter().map(|icon| icon.name()).collect();
        drawn.sort_unstable();
        named.sort_unstable();

        assert_eq!(named, drawn);
    }
}
