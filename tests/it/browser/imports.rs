//! A file of people, from the empty list to the queue.

use std::{fmt::Write, fs, path::PathBuf};

use super::{ANA, add_a_person, begin, chrome::Chrome, connect, create_the_owner, enable};

/// A file on the disk of whoever sits at the browser.
struct Disk(PathBuf);

impl Disk {
    fn new() -> Self {
        let folder =
            std::env::temp_dir().join(format!("countersign-{:016x}", rand::random::<u64>()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const STAFF: &str = "\
Login;E-Mail;First name;Surname;Job title;Department;Shoe size
ana.lima@northwind.example;ana.lima@northwind.example;Ana;Lima;Senior Analyst;Legal;38
ben.okafor@northwind.example;ben.okafor@northwind.example;Ben;Okafor;Clerk;Finance;44
maximiliane.wolfeschlegelsteinhausenbergerdorff@subsidiary.northwind-international.example;m.w@northwind.example;Maximiliane;Wolfeschlegelsteinhausenbergerdorff;Head of International Contract Management and Procurement;Mergers and Acquisitions;41
cy.young@northwind.example;cy.young;Cy;Young;Clerk;Finance;40
dan.moss@northwind.example;dan.moss@northwind.example;Dan;Moss;Clerk
";

async fn upload(chrome: &Chrome, file: &str) {
    chrome.open("/users").await;
    chrome.follow("Import CSV").await;
    chrome.attach("file", file).await;
    chrome.press("Compare with the directory").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_compared_corrected_and_applied() {
    let (_db, program, mut chrome) = begin().await;
    let disk = Disk::new();
    create_the_owner(&chrome, &program).await;
    connect(&chrome, &program).await;
    enable(&chrome).await;
    add_a_person(&chrome, ANA, "Ana", "Lima").await;
    add_a_person(&chrome, "old.hand@northwind.example", "Old", "Hand").await;

    chrome.open("/users/import").await;
    chrome.reads("No file was imported yet").await;
    chrome.look("import-empty").await;
    chrome.press("Compare with the directory").await;
    chrome.reads("Choose a CSV file.").await;
    chrome.look("import-no-file").await;

    upload(&chrome, &disk.file("staff.csv", STAFF)).await;
    chrome.reads("Apply 3 changes").await;
    chrome.reads("2 lines are bad and are left out.").await;
    chrome.look("import-create").await;
    chrome.follow("Update1").await;
    chrome.reads("Senior Analyst").await;
    chrome.look("import-update").await;
    chrome.follow("Bad lines2").await;
    chrome.reads("Has 5 cells where the header has 7").await;
    chrome.look("import-bad").await;

    // With the bad lines mended, whoever is missing can be suspended; their number is typed.
    let mended = STAFF
        .replace(";cy.young;", ";cy.young@northwind.example;")
        .replace("Moss;Clerk", "Moss;Clerk;IT;39");
    upload(&chrome, &disk.file("staff-mended.csv", &mended)).await;
    chrome.reads("Apply 5 changes").await;
    chrome.choose("missing", "everybody").await;
    chrome.press("Compare again").await;
    chrome.reads("1 person is suspended for not being in the file.").await;
    chrome.press("Apply 6 changes").await;
    chrome.reads("Type 1 to confirm").await;
    chrome.look("import-confirm").await;
    chrome.fill("confirm", "1").await;
    chrome.press("Apply 6 changes").await;
    chrome.reads("6 changes were made.").await;
    chrome.look("import-finished").await;
    chrome.open("/users/import").await;
    chrome.reads("6 of 6 done").await;
    chrome.look("import-list").await;
    chrome.open("/users/provisioning?q=source:csv").await;
    chrome.reads("Ben Okafor").await;
    chrome.is_silent("the import").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_shows_its_progress_by_itself_and_can_be_stopped() {
    let (_db, program, mut chrome) = begin().await;
    let disk = Disk::new();
    create_the_owner(&chrome, &program).await;
    let mut text = "userName,displayName\n".to_owned();
    for number in 1..=6_000 {
        writeln!(text, "person-{number}@northwind.example,Person {number}").unwrap();
    }

    upload(&chrome, &disk.file("everybody.csv", &text)).await;
    chrome.reads("Apply 6,000 changes").await;
    chrome.press("Apply 6,000 changes").await;
    chrome.reads("of 6,000").await;
    chrome.press("Stop").await;
    chrome.reads("Stopped. What was done stays done.").await;
    chrome.reads("Applies what was not yet done").await;
    chrome.look("import-stopped").await;
    chrome.is_silent("the long import").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_without_a_script_and_columns_are_chosen() {
    let (_db, program, mut chrome) = begin().await;
    let disk = Disk::new();
    create_the_owner(&chrome, &program).await;
    chrome.scripts(false).await;

    upload(&chrome, &disk.file("odd.csv", "Kennung,Title\nana@northwind.example,Clerk\n")).await;
    chrome.reads("Say which column is the user name").await;
    chrome.scripts(true).await;
    chrome.look("import-columns").await;
    chrome.scripts(false).await;
    chrome.choose("column-0", "userName+email").await;
    chrome.press("Compare with the directory").await;
    chrome.press("Apply 1 change").await;
    chrome.reads("You may leave this page").await;
    let mut tries = 0;
    while chrome.text().await.contains("Applying") && tries < 100 {
        chrome.open(&chrome.path().await).await;
        tries += 1;
    }
    chrome.reads("1 change was made.").await;
}
