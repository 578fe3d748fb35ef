#![allow(warnings)]
use mdb_engine::*;
use mdb_target::*;
use std::sync::Arc;
struct F;
impl Frontend for F {
    fn error(&self, t: &str) {
        eprint!("{t}");
    }
}
fn main() {
    let mut a = std::env::args().skip(1);
    let core = a.next().unwrap();
    let int = Interrupt::new();
    let target: Arc<dyn Target> = if core == "-" {
        Arc::new(NullTarget::new(int))
    } else {
        Arc::new(
            mdb_corefile::open_core(
                std::path::Path::new(&core),
                &mdb_corefile::OpenOptions { interrupt: int, ..Default::default() },
            )
            .unwrap_or_else(|e| {
                eprintln!("{e}");
                std::process::exit(1)
            }),
        )
    };
    let modules = mdb_debuginfo::Modules::discover(target.clone(), Default::default());
    let s = Session::new(target, modules, Box::new(F));
    let json = std::env::var("J").is_ok();
    let sink = WriterSink::new(Box::new(std::io::stdout()), json);
    for e in a {
        let _ = s.evaluate(&e, Source::Text, &sink);
    }
    std::process::exit(s.has_failed() as i32)
}
