//! What is listed in two places is the same in both: rooms, paths, settings, commands, the image.

use std::fs;
use std::path::{Path, PathBuf};
use wecom_guard::config::{Absent, Config, TABLES};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(root(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between backticks, code blocks left out.
fn quoted(markdown: &str) -> Vec<&str> {
    let prose = markdown.split("```").step_by(2);
    prose.flat_map(|text| text.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn the_map_names_every_room() {
    let map = read("ARCHITECTURE.md");
    let named = quoted(&map);
    for entry in fs::read_dir(root("src")).expect("src is readable") {
        let entry = entry.expect("entry is readable");
        let name = entry.file_name().into_string().expect("utf-8 name");
        let room = if entry.path().is_dir() { format!("src/{name}/") } else { format!("src/{name}") };
        assert!(named.contains(&room.as_str()), "ARCHITECTURE.md doesn't name `{room}`");
    }
}

#[test]
fn every_path_on_the_map_exists() {
    const FOLDERS: [&str; 7] = ["src/", "tests/", "rules/", "fixtures/", "benches/", "xtask/", ".ci/"];
    let map = read("ARCHITECTURE.md");
    let is_path = |word: &&str| {
        FOLDERS.iter().any(|folder| word.starts_with(folder))
            || word.ends_with(".toml")
            || word.ends_with(".md")
    };
    for path in quoted(&map).into_iter().filter(is_path) {
        assert!(root(path).exists(), "ARCHITECTURE.md names `{path}`, which doesn't exist");
    }
}

#[test]
fn the_image_is_built_from_paths_that_exist_and_reach_the_build() {
    let sent = read(".dockerignore");
    let sent: Vec<&str> = sent.lines().filter_map(|line| line.strip_prefix('!')).collect();
    for path in &sent {
        assert!(root(path).exists(), ".dockerignore lets `{path}` through, which doesn't exist");
    }
    let dockerfile = read("Dockerfile");
    let copied = dockerfile.split_whitespace().filter_map(|word| word.strip_prefix("/build/"));
    for path in copied.filter(|path| !path.starts_with("target/")) {
        let top = path.split('/').next().unwrap_or_default();
        assert!(sent.contains(&top), "Dockerfile copies `{path}`, which .dockerignore holds back");
    }
}

#[test]
fn other_peoples_files_are_as_they_published_them() {
    use sha2::{Digest, Sha256};
    let list: toml::Table = toml::from_str(&read("src/web/assets/vendor/VENDOR.toml")).expect("toml");
    let files = list["file"].as_array().expect("a list");
    for file in files {
        for key in ["path", "name", "version", "licence", "sha256", "source"] {
            assert!(file[key].as_str().is_some_and(|text| !text.is_empty()), "{file}: {key}");
        }
        let path = format!("src/web/assets/vendor/{}", file["path"].as_str().unwrap_or_default());
        let found = hex::encode(Sha256::digest(fs::read(root(&path)).expect("a readable file")));
        assert_eq!(file["sha256"].as_str(), Some(found.as_str()), "{path}");
    }
    let vendored = fs::read_dir(root("src/web/assets/vendor")).expect("a readable folder").count();
    assert_eq!(vendored, files.len() + 1, "every file beside VENDOR.toml is named in it");
}

/// All source under `folder`, in one text.
fn source(folder: &Path) -> String {
    let entries =
        fs::read_dir(folder).expect("a readable folder").map(|entry| entry.expect("readable").path());
    let text = |path: PathBuf| match path.is_dir() {
        true => source(&path),
        false if path.extension().is_some_and(|e| e == "rs") => fs::read_to_string(path).expect("utf-8"),
        false => String::new(),
    };
    entries.map(text).collect()
}

#[test]
fn every_test_that_a_document_names_exists() {
    let code = source(&root("src")) + &source(&root("tests"));
    let is_test = |word: &&str| {
        word.matches('_').count() >= 3 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    for document in ["ARCHITECTURE.md", "SECURITY.md", "CONTRIBUTING.md"] {
        for name in quoted(&read(document)).into_iter().filter(is_test) {
            assert!(code.contains(&format!("fn {name}(")), "{document} names `{name}`, which is no test");
        }
    }
}

/// `src/cli/` has one file or folder a command: `login_link.rs` is `login-link`.
fn commands() -> Vec<String> {
    let files = fs::read_dir(root("src/cli")).expect("src/cli is readable").flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    let stems = names.map(|name| name.strip_suffix(".rs").unwrap_or(&name).replace('_', "-"));
    stems.filter(|stem| stem != "mod").collect()
}

#[test]
fn both_readmes_name_every_command() {
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = read(readme);
        for command in commands() {
            let is_named = text.contains(&format!("`{command}")) || text.contains(&format!("-- {command} "));
            assert!(is_named, "{readme} doesn't name `{command}`");
        }
    }
}

/// The example with its settings in force: `#key = …` and `#[table]` are settings, `# …` is prose.
fn uncommented(example: &str) -> String {
    let lines = example.lines().map(|line| match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|c: char| c == '[' || c.is_ascii_lowercase()) => setting,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A value for each secret of the example.
fn secret(name: &str) -> Option<String> {
    Some(match name {
        _ if name.starts_with("WECOM_GUARD_") => return None,
        "GUARD_MASTER_KEY" => "0123456789abcdef".repeat(4),
        _ if name.ends_with("AES_KEY") => "a".repeat(43),
        _ => "letters4and2digits".to_owned(),
    })
}

#[test]
fn the_example_changes_nothing_until_its_settings_are_uncommented() {
    let config =
        Config::parse(&read("guard.example.toml"), Path::new("guard.toml"), &|_| None).expect("valid");
    let set = config.settings.iter().filter(|setting| setting.origin.to_string() != "default");
    assert_eq!(set.count(), 0);
}

#[test]
fn the_example_names_every_key_with_its_shape_and_default() {
    let example = read("guard.example.toml");
    let config = Config::parse(&uncommented(&example), Path::new("guard.toml"), &secret)
        .unwrap_or_else(|faults| panic!("{faults:#?}"));
    for table in TABLES {
        let header = if table.many { format!("#[[{}]]", table.name) } else { format!("#[{}]", table.name) };
        let (_, section) = example.split_once(&header).unwrap_or_else(|| panic!("{header} is missing"));
        let section = section.split("\n#[").next().unwrap_or_default();
        for key in table.keys {
            let full = format!("{}.{}", table.name, key.name);
            let (above, _) = section
                .split_once(&format!("\n#{} = ", key.name))
                .unwrap_or_else(|| panic!("{full} is missing"));
            let prose = above.rsplit("\n#").take_while(|line| line.starts_with(' ')).collect::<String>();
            assert!(prose.contains(key.shape), "{full} doesn't say `{}`", key.shape);
            if let (Absent::Default(default), false) = (key.absent, table.many) {
                let shown = config.settings.iter().find(|setting| setting.key == full);
                assert_eq!(shown.map(|setting| setting.value.as_str()), Some(default), "{full}");
            }
        }
    }
}
