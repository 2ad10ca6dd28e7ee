//! Files of people: what is shown, what is applied, and what becomes of it when something comes between.

mod applying;
mod command;
mod comparing;

use countersign::{
    access::Actor,
    directory::{self, User},
    imports::{
        Import, ImportError, Missing, Outcome, Verdict, Worker, apply,
        compare::compare_again,
        store::{self, Row},
        upload::{Upload, upload},
    },
    kernel::ImportId,
};

use crate::support::app::TestApp;

const PEOPLE: &str = "\
Login;E-Mail;First name;Surname;Job title;Shoe size
ana@example.com;ana@example.com;Ana;Lima;Analyst;38
ben@example.com;ben@example.com;Ben;Okafor;Clerk;44
";

impl TestApp {
    /// A file that was uploaded and waits to be applied.
    pub(crate) async fn an_import(&self) -> ImportId {
        self.uploads(PEOPLE).await.unwrap().id
    }

    async fn uploads(&self, text: &str) -> Result<Import, ImportError> {
        self.uploads_with(text, None).await
    }

    async fn uploads_with(
        &self,
        text: &str,
        missing: Option<Missing>,
    ) -> Result<Import, ImportError> {
        let file = Upload {
            file_name: "people.csv".to_owned(),
            bytes: text.as_bytes().to_vec(),
            missing,
            ..Upload::default()
        };
        upload(&self.pool, self.now(), &self.operator.operator().unwrap(), file).await
    }

    /// Oscar begins to apply what he was shown.
    async fn begins(&self, import: &Import) -> Result<Import, ImportError> {
        self.begins_as(&self.operator, import).await
    }

    async fn begins_as(&self, actor: &Actor, import: &Import) -> Result<Import, ImportError> {
        let left = store::left_to_suspend(&self.pool, import.id).await.unwrap();
        let by = actor.operator().unwrap();
        apply::begin(&self.pool, self.now(), &by, import.id, import.round, Some(left)).await
    }

    /// A file is uploaded, looked at and applied to the end.
    async fn imports(&self, text: &str) -> Import {
        let import = self.uploads(text).await.unwrap();
        self.begins(&import).await.unwrap();
        self.run_jobs().await;
        self.import(import.id).await
    }

    async fn import(&self, id: ImportId) -> Import {
        store::find(&self.pool, id).await.unwrap().unwrap()
    }

    async fn rows(&self, id: ImportId, verdict: Verdict) -> Vec<Row> {
        store::of_verdict(&self.pool, id, verdict, None, 100).await.unwrap().items
    }

    async fn people(&self) -> Vec<User> {
        directory::store::list(&self.pool, "", None, 1_000).await.unwrap().items
    }

    async fn person(&self, user_name: &str) -> User {
        let people = self.people().await;
        people.into_iter().find(|user| user.profile.user_name.as_str() == user_name).unwrap()
    }

    fn worker(&self) -> Worker {
        Worker::new(self.pool.clone(), self.clock.clone())
    }
}

fn outcomes(rows: &[Row]) -> Vec<Option<Outcome>> {
    rows.iter().map(|row| row.outcome).collect()
}

/// A file of so many people.
fn many(count: usize, title: &str) -> String {
    let lines = (1..=count).map(|n| format!("person-{n}@example.com,Person {n},{title}\n"));
    format!("userName,displayName,title\n{}", lines.collect::<String>())
}
