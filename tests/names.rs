//! Names for addresses and addresses for names, against what the programs printed.

mod session;

use mdb_fixtures::{available, fixture};
use session::Mdb;

#[test]
fn thread_local_variables_have_the_address_that_the_program_printed() {
    let Some(tls) = available("thread_local_variables", fixture("tls")).unwrap() else { return };
    let mdb = Mdb::on(&tls.core);
    for name in ["tls_number", "tls_bytes", "errno"] {
        let shown = mdb.run(&[&format!("{name}=J")]);
        let shown = u64::from_str_radix(shown.good().trim(), 16).unwrap();
        assert_eq!(Some(shown), tls.address(name), "{name}");
    }
    let of_thread = mdb.run(&["1::tls tls_number"]);
    let of_thread = u64::from_str_radix(of_thread.good().trim(), 16).unwrap();
    assert_eq!(Some(of_thread), tls.address("tls_number"));
    let value = mdb.run(&["tls_number/D"]);
    assert!(value.good().trim_end().ends_with("42"), "{value:?}");
}

#[test]
fn functions_of_cxx_answer_to_their_names_in_the_source() {
    let Some(cxx) = available("names_in_the_source", fixture("cxx")).unwrap() else { return };
    let mdb = Mdb::on(&cxx.core);
    let by_source = mdb.run(&["\"shop::price\"=J"]);
    let mangled = mdb.run(&["::nm ! grep price"]);
    let address = by_source.good().trim().to_owned();
    assert!(mangled.good().contains(&address), "{address} in {}", mangled.stdout);
    assert!(mdb.run(&["::stacks -c shop::price"]).good().contains("shop::price("));
    assert!(mdb.run(&["::stacks -c shop::nothing"]).bad().contains("'shop::nothing'"));
}

#[test]
fn a_signal_frame_has_the_name_of_its_trampoline() {
    let Some(signal) = available("signal_frame", fixture("sighandler")).unwrap() else { return };
    let stack = Mdb::on(&signal.core).run(&["$c"]);
    let frame = stack.good().lines().find(|l| l.ends_with("[signal frame]")).unwrap();
    assert!(frame.contains("__restore_rt"), "{frame}");
}

#[test]
fn the_base_of_a_library_has_no_symbol() {
    let Some(example) = available("base", fixture("example1")).unwrap() else { return };
    let mdb = Mdb::on(&example.core);
    let rows = mdb.clone().word("--json").run(&["::objects"]).rows();
    assert!(rows.len() >= 3, "{rows:?}");
    for row in rows {
        let base = row["base"].as_str().unwrap();
        let named = mdb.run(&[&format!("{base}=p")]);
        assert_eq!(named.good().trim(), base, "{row}");
    }
}

#[test]
fn filters_of_stacks_search_frames_that_are_not_shown() {
    let Some(deep) = available("deep_filters", fixture("deep")).unwrap() else { return };
    let mdb = Mdb::on(&deep.core);
    let found = mdb.run(&["::stacks -c main"]);
    assert!(found.good().contains("truncated after 254 frames"), "{}", found.stdout);
    assert_eq!(mdb.run(&["::stacks -C main"]).good(), "");
}

#[test]
fn the_thread_that_crashed_is_number_1_whichever_it_was() {
    let Some(worker) = available("worker", fixture("worker")).unwrap() else { return };
    let crasher = worker.tids().into_iter().find(|(_, what)| *what == "crasher").unwrap().0;
    let mdb = Mdb::on(&worker.core);
    let first = mdb.clone().word("--json").run(&["1::thread"]).rows();
    assert_eq!(first[0]["tid"].as_u64(), Some(u64::from(crasher)));
    assert!(mdb.run(&["$c"]).good().starts_with("fall+"));
    // The kernel's id, decimal, chooses a thread too.
    let main = worker.tids().into_iter().find(|(_, what)| *what == "join").unwrap().0;
    let chosen = mdb.run(&[&format!("::thread {main}"), "$c"]);
    assert!(chosen.good().contains(&format!("(tid {main})")), "{}", chosen.stdout);
    assert!(chosen.stdout.contains("main+") && !chosen.stdout.contains("fall+"));
}
