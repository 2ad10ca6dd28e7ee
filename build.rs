//! Tells cargo that the library holds the migrations.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
