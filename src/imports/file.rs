//! Reads a file of people: which letters, which separator, which lines. Knows nothing of what they mean.

/// The most lines that one file may have, its header apart.
pub const MOST_LINES: usize = 100_000;
/// The most bytes that one file may have: what 100,000 lines of some 330 letters need.
pub const MOST_BYTES: usize = 32 * 1024 * 1024;
/// The most columns.
const MOST_COLUMNS: usize = 100;
/// A cell of more lines than this was hardly meant: a quote was opened and not closed.
const MOST_LINES_IN_A_CELL: usize = 20;

/// Why a file could not be read, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// There is nothing in it.
    #[error("The file is empty. Choose a CSV file with a header and one line for each person.")]
    Empty,
    /// A header, and nobody under it.
    #[error("The file has a header and nobody under it. Add one line for each person.")]
    NoLines,
    /// A workbook.
    #[error(
        "This is a workbook, not a CSV file. In Excel, choose Save As and “CSV UTF-8 (Comma delimited)”."
    )]
    Workbook,
    /// Not Unicode. Guessing at Windows-1252 could put wrong letters into people's names.
    #[error(
        "Line {0} has a letter that is not UTF-8. In Excel, choose Save As and “CSV UTF-8 (Comma delimited)”; \
         elsewhere, choose UTF-8 as the encoding."
    )]
    NotUnicode(usize),
    /// No text at all.
    #[error("The file holds something else than text. Choose a CSV file in UTF-8.")]
    NotText,
    /// A quote swallows the lines after it.
    #[error(
        "Line {0} opens a quote (\") that is not closed. Close it, or write it twice to mean the sign itself."
    )]
    OpenQuote(usize),
    /// Too many lines.
    #[error("The file has more than 100,000 lines. Split it, and keep the header in each part.")]
    TooManyLines,
    /// Too many columns.
    #[error(
        "The header has {0} columns; at most 100 can be read. Leave away those that are not about people."
    )]
    TooManyColumns(usize),
    /// Too large.
    #[error("The file is larger than 32 MiB. Split it, and keep the header in each part.")]
    TooLarge,
}

/// A file whose header was read.
#[derive(Debug, Clone)]
pub struct File {
    text: String,
    begin: usize,
    delimiter: u8,
    header: Vec<String>,
}

/// One line under the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it begins, as an editor counts.
    pub line: usize,
    /// Its cells, trimmed. Not always as many as the header has.
    pub cells: Vec<String>,
}

impl File {
    /// Reads the header; the lines are read by [`File::rows`].
    ///
    /// # Errors
    /// What keeps it from being read at all.
    pub fn read(bytes: Vec<u8>) -> Result<Self, FileError> {
        if bytes.len() > MOST_BYTES {
            return Err(FileError::TooLarge);
        }
        let text = decode(bytes)?;
        if text.contains('\0') {
            return Err(FileError::NotText);
        }
        let (delimiter, begin) = separator(&text);
        let mut file = Self { text, begin, delimiter, header: Vec::new() };
        let header = file.records().next().ok_or(FileError::Empty)??;
        if header.cells.len() > MOST_COLUMNS {
            return Err(FileError::TooManyColumns(header.cells.len()));
        }
        file.header = header.cells;
        while file.header.last().is_some_and(String::is_empty) {
            file.header.pop();
        }
        Ok(file)
    }

    /// The names of the columns, as they stand there.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The lines under the header that hold anything.
    ///
    /// # Errors
    /// Each may be what ends the reading of the whole file.
    pub fn rows(&self) -> impl Iterator<Item = Result<Row, FileError>> + Send + '_ {
        let columns = self.header.len();
        let rows = self.records().skip(1).map(move |row| {
            row.map(|mut row| {
                // What a spreadsheet leaves behind the last column.
                while row.cells.len() > columns && row.cells.last().is_some_and(String::is_empty) {
                    row.cells.pop();
                }
                row
            })
        });
        rows.enumerate().map(
            |(count, row)| {
                if count >= MOST_LINES { Err(FileError::TooManyLines) } else { row }
            },
        )
    }

    /// Every record that holds anything, the header included.
    fn records(&self) -> impl Iterator<Item = Result<Row, FileError>> + Send + '_ {
        let text = self.text.get(self.begin..).unwrap_or_default();
        let skipped = self.text.len() - text.len();
        let before = self.text.get(..skipped).unwrap_or_default().matches('\n').count();
        let reader = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        reader.into_records().filter_map(move |record| {
            // The reader is given text and any number of cells: nothing is left that it could refuse.
            let record = record.ok()?;
            let (line, own) = place(text, record.position()?);
            let line = line + before;
            if record.iter().any(|cell| cell.matches('\n').count() > MOST_LINES_IN_A_CELL)
                || is_open(own)
            {
                return Some(Err(FileError::OpenQuote(line)));
            }
            let cells: Vec<_> = record.iter().map(|cell| cell.trim().to_owned()).collect();
            cells.iter().any(|cell| !cell.is_empty()).then_some(Ok(Row { line, cells }))
        })
    }
}

/// On which line a record begins, and the text from there on: the reader counts from the empty lines before it.
fn place<'a>(text: &'a str, position: &csv::Position) -> (usize, &'a str) {
    let at = usize::try_from(position.byte()).unwrap_or_default();
    let line = usize::try_from(position.line()).unwrap_or_default();
    let from = text.get(at..).unwrap_or_default();
    let own = from.trim_start_matches(['\r', '\n']);
    let skipped = from.len() - own.len();
    (line + from.get(..skipped).unwrap_or_default().matches('\n').count(), own)
}

/// Whether what is left of the file is one record with a quote that never ends. Only the end of a file
/// is short enough to be looked at for each record.
fn is_open(rest: &str) -> bool {
    const END: usize = 4_096;
    rest.len() <= END
        && rest.trim_end().contains('\n')
        && rest.lines().next().is_some_and(|line| line.matches('"').count() % 2 == 1)
        && rest.matches('"').count() % 2 == 1
}

fn decode(bytes: Vec<u8>) -> Result<String, FileError> {
    match bytes.as_slice() {
        [] => Err(FileError::Empty),
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => Err(FileError::Workbook),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, ..] => {
            utf8(bytes).map(|text| text.trim_start_matches('\u{feff}').to_owned())
        }
        _ => utf8(bytes),
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, FileError> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        FileError::NotUnicode(good.split(|byte| *byte == b'\n').count())
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, FileError> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).collect::<Result<_, _>>().map_err(|_| FileError::NotText)
}

/// What stands between cells, and where the header begins: Excel's own first line `sep=;` says it,
/// otherwise whichever of comma, semicolon and tab is most in the header.
fn separator(text: &str) -> (u8, usize) {
    let begin = text.len() - text.trim_start_matches(['\r', '\n']).len();
    let header = text.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    if let Some(&[separator]) = header.to_lowercase().strip_prefix("sep=").map(str::as_bytes) {
        return (separator, begin + header.len());
    }
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in header.bytes() {
        quoted ^= byte == b'"';
        for (separator, count) in &mut counts {
            *count += usize::from(byte == *separator && !quoted);
        }
    }
    // The first of those that are equally many: a comma.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    (most.map_or(b',', |(separator, _)| *separator), 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Told = (usize, Vec<String>);

    fn read(text: &str) -> Result<(Vec<String>, Vec<Told>), FileError> {
        read_bytes(text.as_bytes())
    }

    fn read_bytes(bytes: &[u8]) -> Result<(Vec<String>, Vec<Told>), FileError> {
        let file = File::read(bytes.to_vec())?;
        let rows = file.rows().map(|row| row.map(|row| (row.line, row.cells)));
        Ok((file.header().to_vec(), rows.collect::<Result<_, _>>()?))
    }

    fn row(line: usize, cells: &[&str]) -> Told {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn comma_semicolon_and_tab_are_told_apart() {
        for text in [
            "login,mail\nana,a@x.test\n",
            "login;mail\r\nana;a@x.test\r\n",
            "login\tmail\nana\ta@x.test",
            "sep=;\r\nlogin;mail\r\nana;a@x.test\r\n",
            "\"login\";mail\nana;a@x.test\n",
            "\"lo,g,in\";mail\nana;a@x.test\n",
        ] {
            let (header, rows) = read(text).expect(text);

            assert_eq!(header.len(), 2, "{text}");
            assert_eq!(rows[0].1, ["ana", "a@x.test"], "{text}");
        }
    }

    #[test]
    fn a_line_is_counted_as_an_editor_counts() {
        let text = "login,note\n\nana,\"two\nlines\"\n,\n\n\nben, x \ncy,y,,\n";

        let (_, rows) = read(text).expect("rows");

        assert_eq!(
            rows,
            [row(3, &["ana", "two\nlines"]), row(8, &["ben", "x"]), row(9, &["cy", "y"])]
        );
        let (_, rows) = read("sep=,\nlogin\nana\n").expect("rows");
        assert_eq!(rows, [row(3, &["ana"])]);
    }

    #[test]
    fn quotes_hold_separators_and_quotes() {
        let (_, rows) = read("login,name\r\nana,\"Lima, \"\"Ana\"\"\"\r\n").expect("rows");

        assert_eq!(rows, [row(2, &["ana", "Lima, \"Ana\""])]);
    }

    #[test]
    fn unicode_is_read_with_and_without_a_mark_and_in_both_widths() {
        let text = "login,name\nana,Åsa 李\n";
        let wide =
            |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
        for bytes in [
            text.as_bytes().to_vec(),
            [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            [&[0xff, 0xfe], &*wide(u16::to_le_bytes)].concat(),
            [&[0xfe, 0xff], &*wide(u16::to_be_bytes)].concat(),
        ] {
            let (header, rows) = read_bytes(&bytes).expect("rows");

            assert_eq!(
                (header, rows),
                (vec!["login".to_owned(), "name".to_owned()], vec![row(2, &["ana", "Åsa 李"])])
            );
        }
    }

    #[test]
    fn what_is_no_csv_file_is_refused_with_the_mend() {
        for (bytes, expected) in [
            (&b""[..], FileError::Empty),
            (b"\n\n", FileError::Empty),
            (b"PK\x03\x04xx", FileError::Workbook),
            (b"login,name\nana,M\xfcller\n", FileError::NotUnicode(2)),
            (b"login\0\nana\n", FileError::NotText),
            (b"login,name\nana,\"Lima\nben,Okafor\ncy,Young\n", FileError::OpenQuote(2)),
        ] {
            assert_eq!(read_bytes(bytes).err(), Some(expected), "{bytes:?}");
        }
    }

    #[test]
    fn an_open_quote_does_not_swallow_the_rest_of_the_file() {
        let text = format!("login,name\nana,\"Lima\n{}", "ben,Okafor\n".repeat(1_000));

        assert_eq!(read(&text).err(), Some(FileError::OpenQuote(2)));
    }

    #[test]
    fn a_file_of_too_many_lines_is_refused() {
        let text = format!("login\n{}", "ana\n".repeat(MOST_LINES + 1));

        assert_eq!(read(&text).err(), Some(FileError::TooManyLines));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_bytes(&bytes);
        }

        #[test]
        fn what_is_written_is_read(cells in proptest::collection::vec("[a-z\" ,;\t]{0,6}x", 2..5)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record((0..cells.len()).map(|n| format!("h{n}"))).expect("a header");
            writer.write_record(&cells).expect("a line");

            let (_, rows) = read_bytes(&writer.into_inner().expect("bytes")).expect("rows");

            let cells: Vec<_> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
            prop_assert_eq!(&rows, &[(2, cells)]);
        }
    }
}
