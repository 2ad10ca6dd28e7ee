//! Files of people, through the pages.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use countersign::access::Actor;

use super::{Answer, Site, answer};

const BOUNDARY: &str = "a-line-that-no-file-has";

impl Site {
    /// Sends a file by the form.
    async fn uploads(&self, who: &Actor, name: &str, bytes: &[u8]) -> Answer {
        let mut body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n{name}\r\n--{BOUNDARY}\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"staff.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let request = Request::post("/users/import")
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .header(header::COOKIE, self.cookie(who).await);
        answer(&self.router, request.body(Body::from(body)).unwrap()).await
    }

    /// The page of a file that Oscar uploads.
    async fn a_file(&self, text: &str) -> String {
        let answer = self.uploads(&self.app.operator, "", text.as_bytes()).await;
        answer.header("location").unwrap().to_owned()
    }

    async fn reads(&self, path: &str) -> String {
        let answer = self.ask(Some(&self.app.operator), "GET", path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.text
    }

    async fn posts(&self, path: &str, form: &str) -> Answer {
        self.send(Some(&self.app.operator), "POST", path, &[], form).await
    }
}

#[tokio::test]
async fn a_file_is_uploaded_looked_at_and_applied() {
    let site = Site::new().await;
    site.app.a_person("ana@example.com").await;
    let text = "login,title\nana@example.com,Head\nben@example.com,Clerk\n";

    let uploaded = site.uploads(&site.app.operator, "Autumn <intake>", text.as_bytes()).await;
    let path = uploaded.header("location").unwrap().to_owned();
    let create = site.reads(&path).await;
    let update = site.reads(&format!("{path}?show=update")).await;
    let applied = site.posts(&format!("{path}/apply"), "round=1").await;
    let applying = site.reads(&path).await;
    site.app.run_jobs().await;
    let finished = site.reads(&path).await;

    assert_eq!(uploaded.status, StatusCode::SEE_OTHER);
    assert!(create.contains("Autumn &#60;intake&#62;") && create.contains("Apply 2 changes"));
    assert!(create.contains("ben@example.com") && !create.contains("name=\"confirm\""));
    assert!(update.contains("title: Analyst") && update.contains("<b>Head</b>"));
    assert_eq!(applied.status, StatusCode::SEE_OTHER);
    assert!(applying.contains("0 of 2") && applying.contains("<progress"));
    assert!(finished.contains("2 changes were made.") && !finished.contains("<progress"));
    assert!(site.reads("/users/import").await.contains("2 of 2 done"));
}

#[tokio::test]
async fn what_is_wrong_with_a_file_stands_beside_its_field() {
    let site = Site::new().await;
    let oscar = &site.app.operator;
    for (bytes, says) in [
        (&b""[..], "The file is empty."),
        (b"login\n\xff\n", "not UTF-8"),
        (b"PK\x03\x04", "This is a workbook"),
    ] {
        let answer = site.uploads(oscar, "Autumn", bytes).await;

        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("id=\"file-error\"") && answer.text.contains(says), "{says}");
        assert!(answer.text.contains("value=\"Autumn\""));
    }
    let none = site.posts("/users/import", "").await;
    assert!(none.text.contains("Choose a CSV file."));
}

#[tokio::test]
async fn a_file_may_be_larger_than_a_form_and_not_larger_than_it_may_be() {
    let site = Site::new().await;
    let note = "x".repeat(1_000);
    let lines: Vec<_> = (0..600).map(|n| format!("person-{n}@example.com,{note}\n")).collect();

    let large = site
        .uploads(&site.app.operator, "", format!("login,note\n{}", lines.concat()).as_bytes())
        .await;
    let too_large = site.uploads(&site.app.operator, "", &vec![b'x'; 33 * 1024 * 1024]).await;
    let form = site.posts("/users", &"x".repeat(300 * 1024)).await;

    assert_eq!(large.status, StatusCode::SEE_OTHER);
    assert_eq!(too_large.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(too_large.text.contains("larger than 32 MiB"));
    assert_eq!(form.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn columns_are_corrected_on_the_page_and_refused_beside_themselves() {
    let site = Site::new().await;
    let path = site.a_file("Kennung,Title\nana@example.com,Clerk\n").await;

    let before = site.reads(&path).await;
    let refused =
        site.posts(&format!("{path}/columns"), "column-0=title&column-1=title&missing=keep").await;
    let mended = site
        .posts(&format!("{path}/columns"), "column-0=userName&column-1=title&missing=keep")
        .await;

    assert!(before.contains("Say which column is the user name") && before.contains("Clerk"));
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("id=\"column-0-error\"")
            && refused.text.contains("id=\"column-1-error\"")
    );
    assert_eq!(mended.status, StatusCode::SEE_OTHER);
    assert!(site.reads(&path).await.contains("Apply 1 change<"));
}

#[tokio::test]
async fn suspending_needs_the_number_to_be_typed() {
    let site = Site::new().await;
    for user in ["ana@example.com", "ben@example.com"] {
        site.app.a_person(user).await;
    }
    let path = site.a_file("login,status\nana@example.com,suspended\n").await;
    site.posts(&format!("{path}/columns"), "column-0=userName&column-1=active&missing=everybody")
        .await;

    let shown = site.reads(&path).await;
    let refused = site.posts(&format!("{path}/apply"), "round=2&confirm=1").await;
    let applied = site.posts(&format!("{path}/apply"), "round=2&confirm=2").await;

    assert!(shown.contains("2 people are suspended, 1 for not being in the file."), "{shown}");
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Type 2 to confirm") && refused.text.contains("value=\"1\""));
    assert_eq!(applied.status, StatusCode::SEE_OTHER);
    site.app.run_jobs().await;
}

#[tokio::test]
async fn bad_lines_are_downloaded_as_they_were_with_their_reasons() {
    let site = Site::new().await;
    let text = "login;mail;note\n=ana;\"not; an address\";\"say \"\"hi\"\"\"\nben;ben@example.com;x\ntorn;line\n";
    let path = site.a_file(text).await;

    let shown = site.reads(&format!("{path}?show=bad")).await;
    let file = site.ask(Some(&site.app.operator), "GET", &format!("{path}/bad.csv")).await;

    assert!(
        shown.contains("2 lines are bad and are left out.")
            && shown.contains("e-mail “not; an address”")
    );
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
    let lines: Vec<_> = file.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "login,mail,note,Line,Reason");
    assert!(
        lines[1].starts_with("=ana,not; an address,\"say \"\"hi\"\"\",2,email: Must be"),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("torn,line,,4,Has 2 cells"), "{}", lines[2]);
}

#[tokio::test]
async fn who_reads_sees_it_all_and_can_change_nothing() {
    let site = Site::new().await;
    let path = site.a_file("login,title\nana@example.com,Clerk\n").await;

    let page = site.ask(Some(&site.app.approver), "GET", &path).await.text;
    let list = site.ask(Some(&site.app.approver), "GET", "/users/import").await.text;

    assert!(
        page.contains("ana@example.com") && !page.contains("/apply") && !page.contains("/columns")
    );
    assert!(list.contains("staff.csv") && !list.contains("multipart"));
}

#[tokio::test]
async fn the_template_is_a_file_that_can_be_imported() {
    let site = Site::new().await;

    let template = site.reads("/users/import/template.csv").await;
    let path = site
        .a_file(&format!(
            "{template}ana@example.com,ana@example.com,Ana,Lima,,Clerk,Legal,,active\r\n"
        ))
        .await;

    let page = site.reads(&path).await;
    assert!(page.contains("Ana Lima") && page.contains("Apply 1 change<"), "{page}");
    assert!(!page.contains("<option value=\"\" selected"));
}
