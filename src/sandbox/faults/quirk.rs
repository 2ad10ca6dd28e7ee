//! What real services were seen to do wrong all the time.

use serde::{Deserialize, Serialize};

macro_rules! quirks {
    ($($about:literal { $($name:ident = $word:literal, $says:literal;)* })*) => {
        /// Something that a real service was seen to do wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Quirk {
            $($(#[doc = $says] #[serde(rename = $word)] $name,)*)*
        }

        impl Quirk {
            /// All of them.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// The same by what they are about.
            pub const GROUPS: &[(&str, &[Self])] = &[$(($about, &[$(Self::$name,)*]),)*];

            /// The word for it in JSON and forms.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $($(Self::$name => $word,)*)* }
            }

            /// What it does, for a person to read.
            #[must_use]
            pub const fn says(self) -> &'static str {
                match self { $($(Self::$name => $says,)*)* }
            }
        }
    };
}

quirks! {
    "Looking accounts up" {
        IgnoresFilters = "ignoresFilters", "Filters are ignored: every list is the whole list.";
        IgnoresExternalId = "ignoresExternalId", "A filter by externalId finds nothing.";
        IgnoresPaging = "ignoresPaging", "startIndex and count are ignored: every page is the first.";
        CountFails = "countFails", "A list with count is answered with 500.";
    }
    "Creating" {
        MindsCase = "mindsCase", "Case matters in user names: ana and Ana are two accounts, and a filter finds one.";
        AllowsDuplicates = "allowsDuplicates", "The same user name can be created twice.";
        ConflictWithoutWord = "conflictWithoutWord", "409 comes without scimType.";
        ConflictAsPage = "conflictAsPage", "A duplicate is answered with 500 and a web page labelled SCIM.";
        NeedsNameAndActive = "needsNameAndActive", "A new account without name.formatted or active is answered with 400.";
        RefusesTypes = "refusesTypes", "A type in emails or phoneNumbers is answered with 400.";
        RefusesUnknown = "refusesUnknown", "An attribute of no schema is answered with 400.";
        DropsUnknown = "dropsUnknown", "An attribute of no schema is passed over.";
    }
    "Changing and deleting" {
        RefusesPatch = "refusesPatch", "PATCH is answered with 501.";
        RefusesSeveralOperations = "refusesSeveralOperations", "Two operations in one PATCH are answered with 501.";
        RefusesValuePaths = "refusesValuePaths", "A PATCH path with a filter is answered with 501.";
        RefusesTextsForActive = "refusesTextsForActive", "A text for active, such as \"False\", is answered with 400.";
        PatchWithoutBody = "patchWithoutBody", "PATCH is answered with 204 and no body.";
        UnchangedWithoutBody = "unchangedWithoutBody", "A PATCH that changes nothing is answered with 204 and no body.";
        PutKeepsDisplayName = "putKeepsDisplayName", "PUT leaves displayName as it was.";
        IgnoresVersions = "ignoresVersions", "An outdated If-Match is ignored.";
        UnknownIdFails = "unknownIdFails", "A change of an unknown id is answered with 500, a second DELETE too.";
    }
    "Ids and answers" {
        IdIsUserName = "idIsUserName", "The id is the user name, with its @.";
        IdIsNumber = "idIsNumber", "The id is a number, not a text.";
        NoLocation = "noLocation", "201 comes without a Location header.";
        LocationByUserName = "locationByUserName", "Location ends in the user name and leads nowhere.";
        BareUnauthorized = "bareUnauthorized", "401 comes without a body.";
        OtherUnauthorized = "otherUnauthorized", "401 comes with JSON that is no SCIM.";
        ClosesConnections = "closesConnections", "Answers are HTTP/1.0, and the connection closes after each.";
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_quirk_has_the_word_it_is_sent_by() {
        for quirk in Quirk::ALL {
            assert_eq!(serde_json::from_value(json!(quirk.word())).ok(), Some(*quirk));
        }
    }

    #[test]
    fn every_quirk_is_in_one_group() {
        let grouped: Vec<_> = Quirk::GROUPS.iter().flat_map(|(_, quirks)| *quirks).collect();

        assert_eq!(grouped, Quirk::ALL.iter().collect::<Vec<_>>());
    }
}
